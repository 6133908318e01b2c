//! Marks in what is recorded: every frame passes here between its queue and the recorder.
//!
//! A frame that cannot be marked is recorded without date and box, but never without a mask that is wanted. Each reason is told
//! when it begins. Must not know how marks are made.

use super::ledger::Loss;
use super::shared::Shared;
use crate::overlay::{Burner, Moment, NoMarks, StampText, Unmarked};
use crate::ring::{Frame, Meta};
use crate::settings::{self, Settings};
use crate::{clock, warning};
use vision::splice::Refusal;

/// What `status` tells of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Frames that could not be marked.
    pub failed: u64,
    /// Why the last of them could not.
    pub why: Option<NoMarks>,
}

/// See the head of this file.
pub struct Marking<'a> {
    shared: &'a Shared,
    burner: Burner,
    /// Which settings were taken up.
    generation: u32,
    /// What was told since the settings were taken up: a camera may go on like that for years.
    refused: Option<NoMarks>,
    /// What is to be told beside the frame, since it is not in it.
    caption: Option<StampText>,
}

impl<'a> Marking<'a> {
    /// Nothing is marked before settings are taken up.
    pub fn new(shared: &'a Shared) -> Self {
        Self { shared, burner: Burner::new(), generation: 0, refused: None, caption: None }
    }

    /// Takes up what the owner wants.
    pub fn adopt(&mut self, settings: Settings, generation: u32) {
        self.generation = generation;
        self.burner.adopt(settings);
        self.refused = None;
    }

    /// Marks a frame in its place; whether it may be recorded. If not, it is counted as lost.
    pub fn mark(&mut self, frame: &mut Frame) -> bool {
        self.caption = None;
        // Its marks were drawn before it was encoded; others than these are put in above them.
        if frame.meta.marks_of == self.generation {
            return true;
        }
        let before = frame.as_ref().len();
        let meta = frame.meta;
        match self.burner.burn(frame.as_ref(), &meta, moment_of(&meta)) {
            Ok(None) => true,
            Ok(Some(marked)) => {
                // The burner's buffer is as long as a slot.
                if !frame.replace(marked) {
                    let must_be_hidden = true;
                    let refusal = NoMarks::Splice(Refusal::OutputTooSmall);
                    return self.refuse(Unmarked { refusal, must_be_hidden });
                }
                self.shared.backlog.resize(before, frame.as_ref().len());
                true
            }
            Err(unmarked) => {
                self.caption = self.burner.caption(moment_of(&meta));
                self.refuse(unmarked)
            }
        }
    }

    /// Date and time of the frame that was marked last, if they could not be put into it.
    pub fn caption(&self) -> Option<&str> {
        self.caption.as_deref()
    }

    fn refuse(&mut self, Unmarked { refusal, must_be_hidden }: Unmarked) -> bool {
        if self.refused != Some(refusal) {
            self.refused = Some(refusal);
            let what = if must_be_hidden {
                "Frames that cannot be masked are not recorded."
            } else {
                "Date and time go into a text track of the clip."
            };
            warning!("picture: marks cannot be put into the camera's frames. {refusal} {what}");
        }
        let mut marked = self.shared.marked();
        marked.failed += 1;
        marked.why = Some(refusal);
        if must_be_hidden {
            self.shared.ledger.lost(Loss::Unmasked);
        }
        !must_be_hidden
    }
}

/// When a frame was captured, for its stamp.
pub fn moment_of(meta: &Meta) -> Moment {
    Moment { wall_us: clock::wall_us_at(meta.timestamp_us), is_trusted: clock::is_trusted() }
}

/// What is put into the pictures, in words; empty where nothing is.
pub fn words(settings: &Settings) -> String {
    let stamp = match settings.picture_stamp {
        settings::Stamp::Off => None,
        settings::Stamp::Time => Some("time".to_owned()),
        settings::Stamp::Name => Some("name and time".to_owned()),
    };
    let masks = match settings.masks().count() {
        0 => None,
        1 => Some("1 mask".to_owned()),
        masks => Some(format!("{masks} masks")),
    };
    let framed = settings.picture_box.then(|| "a box around what moves".to_owned());
    [stamp, framed, masks].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::settings::Settings;

    #[test]
    fn marks_are_told_in_words() {
        let mut settings = Settings::default();
        assert_eq!(words(&settings), "");
        for (name, value) in [
            ("picture.stamp", "name"),
            ("picture.box", "true"),
            ("picture.mask2", "0,0 1,0 1,1"),
            ("picture.mask4", "0,0 1,0 1,1"),
        ] {
            settings.set(name, value).expect("allowed");
        }
        assert_eq!(words(&settings), "name and time, a box around what moves, 2 masks");
    }
}

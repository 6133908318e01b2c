//! Marks in what is recorded: every frame passes here between its queue and the recorder.
//!
//! A frame that cannot be marked is recorded without date and box, but never without a mask that is wanted. Each reason is told
//! when it begins. Must not know how marks are made.

use super::ledger::Loss;
use super::shared::Shared;
use crate::overlay::{Burner, Burnt, Moment, NoMarks, StampText, Unmarked};
use crate::ring::{Frame, Meta};
use crate::settings::{self, Settings};
use crate::{clock, warning};
use vision::splice::Refusal;

/// What `status` tells of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Frames that were marked.
    pub done: u64,
    /// Of these, how many had an index of use: the motion thread's. Without one the cost is several times as much.
    pub by_index: u64,
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
        match self.burner.burn(frame.as_ref(), frame.index(), &meta, moment_of(&meta)) {
            Ok(None) => true,
            Ok(Some(Burnt { jpeg, is_by_index })) => {
                // The burner's buffer is as long as a slot.
                if !frame.replace(jpeg) {
                    let must_be_hidden = true;
                    let refusal = NoMarks::Splice(Refusal::OutputTooSmall);
                    return self.refuse(Unmarked { refusal, must_be_hidden });
                }
                self.shared.backlog.resize(before, frame.as_ref().len());
                let mut marked = self.shared.marked();
                marked.done += 1;
                marked.by_index += u64::from(is_by_index);
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
    use super::super::{ALARM_COMMANDS, alarm, flow, motion};
    use super::{Marked, Marking, NoMarks, Refusal, Shared, words};
    use crate::ring::{Frame, Meta, Pool, SLOTS, channel};
    use crate::settings::Settings;
    use vision::luma::Damage;

    const SIDE_PX: u16 = 320;

    fn settings(all: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        all.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        settings
    }

    fn jpeg(seed: usize) -> Vec<u8> {
        let (mut bytes, samples) = (Vec::new(), usize::from(SIDE_PX) * usize::from(SIDE_PX) * 3);
        let pixels: Vec<u8> = (0..samples).map(|at| (at / 3 * (seed + 7) % 251) as u8).collect();
        jpeg_encoder::Encoder::new(&mut bytes, 80)
            .encode(&pixels, SIDE_PX, SIDE_PX, jpeg_encoder::ColorType::Rgb)
            .expect("encodes");
        bytes
    }

    /// What motion hands on of so many frames that wait for it.
    fn through_motion(shared: &Shared, count: usize) -> Vec<Frame> {
        let (mut from_capture, frames) = channel().expect("a channel");
        let (to_gather, mut commands) = channel::<_, { flow::QUEUE }>().expect("a channel");
        let (to_alarm, _alarms) = channel::<alarm::Command, ALARM_COMMANDS>().expect("a channel");
        let (to_capture, back) = channel::<_, SLOTS>().expect("a channel");
        let [others, more] = [(); 2].map(|()| channel().expect("a channel").1);
        let mut pool = Pool::new(count, 1 << 24, [back, others, more]);
        for at in 0..count {
            let side_px = u32::from(SIDE_PX);
            let (sequence, timestamp_us) = (at as u64, 1 + at as u64 * 66_667);
            let meta = Meta { sequence, timestamp_us, width: side_px, height: side_px, ..Meta::default() };
            let frame = pool.take(&jpeg(at), meta).expect("room");
            assert!(from_capture.send(frame).is_ok());
        }
        // One round, with all that waits.
        shared.stop_stage(1);
        motion::run(shared, frames, to_gather, to_alarm, to_capture);
        std::iter::from_fn(|| commands.take())
            .filter_map(|command| match command {
                flow::Command::Frame(frame) => Some(frame),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn what_motion_looked_at_is_marked_by_its_index_and_the_rest_is_walked() {
        let shared = Shared::new();
        let wanted = settings(&[("record.mode", "always"), ("picture.stamp", "time")]);
        shared.set_settings(wanted.clone());
        let mut frames = through_motion(&shared, 12);
        // While more than eight waited behind a frame it was not looked at.
        let has_index: Vec<bool> = frames.iter().map(|frame| !frame.index().is_empty()).collect();
        assert_eq!(has_index, [[false; 3].as_slice(), &[true; 9]].concat());
        let (mut marking, mut walked) = (Marking::new(&shared), Vec::new());
        marking.adopt(wanted, 1);
        for frame in &mut frames {
            let before = frame.as_ref().to_vec();
            assert!(marking.mark(frame) && frame.as_ref() != before);
            assert!(frame.index().is_empty(), "that was of the frame without marks");
            walked.push(before);
        }
        let marked = *shared.marked();
        assert_eq!(marked, Marked { done: 12, by_index: 9, failed: 0, why: None });
        for (frame, before) in frames.iter_mut().zip(walked) {
            let with_index = frame.as_ref().to_vec();
            assert!(frame.replace(&before) && marking.mark(frame));
            assert!(frame.as_ref() == with_index, "the same without: frame {}", frame.meta.sequence);
        }
        assert_eq!(*shared.marked(), Marked { done: 24, ..marked });
    }

    #[test]
    fn a_progressive_frame_is_named_and_recorded_unless_something_was_to_be_hidden() {
        let shared = Shared::new();
        shared.set_settings(settings(&[("record.mode", "always")]));
        let mut frame = through_motion(&shared, 1).pop().expect("a frame");
        let mut progressive = frame.as_ref().to_vec();
        let header = progressive.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame header");
        progressive[header + 1] = 0xc2;
        assert!(frame.replace(&progressive));
        let mut marking = Marking::new(&shared);
        marking.adopt(settings(&[("picture.stamp", "time")]), 1);
        assert!(marking.mark(&mut frame), "recorded without");
        assert!(marking.caption().is_some_and(|text| text.contains(" UTC")), "told beside it");
        marking.adopt(settings(&[("picture.mask1", "0,0 1,0 1,1")]), 2);
        assert!(!marking.mark(&mut frame), "nobody may see it");
        assert!(frame.as_ref() == progressive);
        let why = Some(NoMarks::Splice(Refusal::Frame(Damage::Progressive)));
        assert_eq!(*shared.marked(), Marked { failed: 2, why, ..Marked::default() });
        assert_eq!(shared.ledger.read().losses(), [("not masked".to_owned(), 1)]);
    }

    #[test]
    fn without_marks_no_frame_is_given_an_index() {
        let shared = Shared::new();
        shared.set_settings(settings(&[("record.mode", "always")]));
        let frames = through_motion(&shared, 5);
        assert_eq!(frames.len(), 5);
        assert!(frames.iter().all(|frame| frame.index().is_empty()));
        let all = [("picture.stamp", "name"), ("picture.box", "true"), ("picture.mask4", "0,0 1,0 1,1")];
        for (name, value) in all {
            let one = settings(&[(name, value)]);
            assert!(crate::overlay::is_wanted(&one) && !words(&one).is_empty(), "{name}");
        }
        assert!(!crate::overlay::is_wanted(&Settings::default()));
    }

    #[test]
    fn marks_are_told_in_words() {
        assert_eq!(words(&Settings::default()), "");
        let all = settings(&[
            ("picture.stamp", "name"),
            ("picture.box", "true"),
            ("picture.mask2", "0,0 1,0 1,1"),
            ("picture.mask4", "0,0 1,0 1,1"),
        ]);
        assert_eq!(words(&all), "name and time, a box around what moves, 2 masks");
    }
}

//! Frames that are kept in memory: read or played once, shown to many.
use std::sync::Arc;

use super::error::Error;
use super::{Frame, Frames};
use crate::labels::Labels;

/// All frames of an input, and what is true of them.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    frames: Arc<Vec<Frame>>,
    truth: Option<Labels>,
    next: usize,
}

impl Kept {
    /// Reads an input to its end.
    ///
    /// # Errors
    /// It breaks off.
    pub fn read(input: &mut dyn Frames) -> Result<Kept, Error> {
        let (mut frames, mut frame) = (Vec::new(), Frame::default());
        while input.next(&mut frame)? {
            frames.push(frame.clone());
        }
        Ok(Kept { frames: Arc::new(frames), truth: input.truth(), next: 0 })
    }

    /// The same frames, from the first on.
    #[must_use]
    pub fn again(&self) -> Kept {
        Kept { next: 0, ..self.clone() }
    }
}

impl Frames for Kept {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, Error> {
        let Some(kept) = self.frames.get(self.next) else { return Ok(false) };
        frame.clone_from(kept);
        self.next += 1;
        Ok(true)
    }

    fn truth(&self) -> Option<Labels> {
        self.truth.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use crate::input::{Frame, Frames, Play, Request, Source, open};

    #[test]
    fn kept_frames_are_those_of_the_input_each_time() {
        let play = Play { name: "walker-near".into(), seconds: Some(1), size: (64, 48), ..Play::default() };
        let request = Request { source: Source::Scene(play), rate: None, crop: None };
        let all = |frames: &mut dyn Frames| {
            let (mut frame, mut all) = (Frame::default(), Vec::new());
            while frames.next(&mut frame).expect("a frame") {
                all.push(frame.clone());
            }
            all
        };
        let expected = all(&mut *open(&request).expect("the scene"));
        let mut kept = Kept::read(&mut *open(&request).expect("the scene")).expect("all frames");
        assert_eq!((all(&mut kept).len(), all(&mut kept.again())), (expected.len(), expected));
        assert!(kept.truth().is_some());
    }
}

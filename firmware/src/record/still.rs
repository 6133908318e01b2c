//! The still: of all frames of a clip, the one that shows most of what moved.
//!
//! One picture is kept in memory that is given once; a better one takes its place. Must not look into a picture.

use super::recorder::FRAME_BYTES_MAX;

/// The best frame so far.
#[derive(Debug)]
pub struct Still {
    picture: Vec<u8>,
    /// How much it shows; `None` before the first frame.
    subject_px: Option<u32>,
}

impl Still {
    /// No picture yet. The memory for the largest is reserved now, and taken as pictures need it.
    pub fn new() -> Self {
        Self { picture: Vec::with_capacity(FRAME_BYTES_MAX), subject_px: None }
    }

    /// A new clip begins.
    pub fn clear(&mut self) {
        self.subject_px = None;
    }

    /// A frame in which what moved covers that much of the detection plane. The first of equally good ones is kept.
    pub fn consider(&mut self, frame: &[u8], subject_px: u32) {
        if self.subject_px.is_none_or(|best| subject_px > best) {
            self.subject_px = Some(subject_px);
            self.picture.clear();
            self.picture.extend_from_slice(frame);
        }
    }

    /// The picture, if there was a frame.
    pub fn picture(&self) -> Option<&[u8]> {
        self.subject_px.map(|_| self.picture.as_slice())
    }
}

impl Default for Still {
    fn default() -> Self {
        Self::new()
    }
}

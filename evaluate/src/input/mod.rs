//! Where frames come from: each as a camera delivers it, a JPEG with a time.
//!
//! ```text
//! clip    ffmpeg -> pipe -> cutter        times from ffmpeg
//! joined  file -> cutter                  times from --fps
//! folder  files, in the order of names    times from --fps
//! scene   the crate `scenes` -> encoder   times from the scene
//! ```
//! One frame at a time: no input is held in memory whole, but where many watchers are to see it ([`Kept`]).
mod clip;
mod cutter;
mod error;
mod ffmpeg;
mod folder;
mod joined;
mod kept;
mod open;
mod rate;
mod scene;

pub use error::Error;
pub use kept::Kept;
pub use open::{Crop, Request, Source, open};
pub use rate::Rate;
pub use scene::{Play, VISIBLE_PPM_MIN};

use crate::labels::Labels;

/// A frame as a camera delivers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its number, from 0, damaged frames counted.
    pub index: usize,
    /// Microseconds since the first frame.
    pub timestamp_us: u64,
    /// The JPEG, as it is: it may be damaged.
    pub jpeg: Vec<u8>,
}

/// Frames in order. May be opened again with the same [`Request`] to see the same frames.
pub trait Frames {
    /// Puts the next frame into `frame`, whose memory is used again; `false` at the end.
    ///
    /// # Errors
    /// The input breaks off or turns out not to be one.
    fn next(&mut self, frame: &mut Frame) -> Result<bool, Error>;

    /// What is true of the frames so far, from who knows it: generated scenes.
    fn truth(&self) -> Option<Labels> {
        None
    }
}

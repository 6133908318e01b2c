//! The detectors behind one trait, and what one of them saw in a whole clip.
//!
//! `kerberos` is the only file that knows the crate `vision`.
mod kerberos;
mod rows;

pub(crate) use kerberos::frame_size;
pub use kerberos::{Kerberos, sensitivity};
pub use rows::{Row, Rows};

use crate::labels::{Area, Line, Zone};

/// One frame for a watcher.
#[derive(Clone, Copy, Debug)]
pub struct FrameIn<'a> {
    /// Its number, from 0.
    pub index: usize,
    /// Microseconds since the first frame.
    pub timestamp_us: u64,
    /// The JPEG as the camera delivered it.
    pub jpeg: &'a [u8],
    /// The picture's width and height in pixels, as its header says; 0 if that is damaged.
    pub size: (u32, u32),
}

/// Something that crossed a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossed {
    /// Which line, by its place among all.
    pub line: usize,
    /// Whether it went in.
    pub is_in: bool,
}

/// What a watcher saw in one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Whether this frame raises the alarm or keeps it up; nothing for a frame that could not be looked at.
    pub alarm: Option<bool>,
    /// How the camera is tampered with in this frame, if it is.
    pub tamper: Option<String>,
    /// Where something was seen, whether it raised the alarm or not.
    pub regions: Vec<Area>,
    /// Why, in the watcher's own words.
    pub why: String,
    /// Pixels of the watcher's picture that differ.
    pub changes: u32,
    /// Pixels of the largest blob among them.
    pub blob_px: u32,
    /// What crossed a line.
    pub crossings: Vec<Crossed>,
}

/// A detector.
pub trait Watcher {
    /// Name and version.
    fn name(&self) -> String;

    /// The zones to watch; the whole picture without any.
    fn set_zones(&mut self, zones: &[Zone]);

    /// The lines to count at.
    fn set_lines(&mut self, lines: &[Line]);

    /// Looks at the next frame.
    fn watch(&mut self, frame: &FrameIn<'_>) -> Seen;
}

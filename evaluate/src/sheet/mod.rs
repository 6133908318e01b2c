//! Contact sheets: what the detector saw, for a person's eyes.
//!
//! `incident` chooses the frames, `compose` draws them with zones, regions and words, `write` makes a PNG or a GIF of them.
mod canvas;
mod compose;
mod error;
mod font;
mod incident;
mod write;

pub use error::Error;
pub use write::write;

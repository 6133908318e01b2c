//! Luma plane from an uncompressed frame, by averaging squares of its pixels.
//!
//! ```text
//! frame -> formats (which bytes are luma) -> lanes (sums down the columns) -> plane
//! ```
//! Wiring only; the front door is [`RawFrame`].
mod colours;
mod formats;
mod frame;
mod lanes;

pub use colours::YcbcrRow;
pub use formats::{RAW_FORMATS, RawFormat};
pub use frame::RawFrame;

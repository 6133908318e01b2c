//! Marks burnt into a camera's JPEG frame without coding the picture anew: text plates, outlines, privacy masks.
//!
//! ```text
//! jpeg ─▶ picture (segments, tables) ─▶ index of rows ─▶ edit: walk ─▶ blocks under marks: paint (dct) ─▶ codes ─┐
//!                                                          └─────────▶ all other bits as they are ─────▶ writer ◀┘─▶ out
//! ```
//! A baseline scan is a chain: Huffman codes of any length, and each block's DC as the difference to the one before (ITU T.81, F.1.2). So a block is
//! replaced by writing other codes in its place, the DC difference of the next kept block of its component is coded anew, and all bits
//! up to the next mark are copied, shifted by however much the new codes are longer or shorter. A restart marker ends the shift.
//! Wiring only; the front door is [`Splicer`].
mod codes;
mod dct;
mod edit;
mod marks;
mod paint;
mod picture;
mod refusal;
mod splicer;
mod walk;
mod writer;

pub use marks::{Area, Mark};
pub use refusal::Refusal;
pub use splicer::{Spliced, Splicer};

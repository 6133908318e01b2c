//! Baseline JPEG pictures of raw frames (ITU T.81), at a fraction of a general encoder's cost.
//!
//! ```text
//! rows -> encoder (strips of MCUs) -> dct -> quantise -> bits
//! ```
//! For cameras that do not compress: 4:2:0, typical Huffman tables. No heap, no floating point, no state between pictures. Wiring only; the front door is [`Encoder`].
mod bits;
mod codes;
mod dct;
mod encoder;
mod header;
mod quantise;

pub use encoder::{Encoder, Rows, TooLong};

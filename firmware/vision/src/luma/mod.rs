//! Luma plane from a camera's frame: from a baseline JPEG by its DC coefficients, without decoding the picture, or
//! from uncompressed pixels by block averaging.
//!
//! ```text
//! jpeg -> segments -> tables (quant, huffman)            state kept between frames
//!                  -> frame, scan -> bits -> strip -> reduce -> plane
//! raw  -> lanes -> plane
//! ```
//! Wiring only; the front doors are [`LumaDecoder`] and [`RawFrame`].
mod annex_k;
mod bits;
mod canonical;
mod damage;
mod decoder;
mod frame;
mod huffman;
mod raw;
mod reduce;
mod scan;
mod segments;
mod size;
mod tables;

pub use damage::Damage;
pub use decoder::{LumaDecoder, header};
pub use raw::{RAW_FORMATS, RawFormat, RawFrame};
pub use size::{FRAME_SIDE_PX_MAX, FRAME_SIDE_PX_MIN, FrameSize};

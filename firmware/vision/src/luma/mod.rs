//! Luma plane from a baseline JPEG by its DC coefficients, without decoding the picture.
//!
//! ```text
//! jpeg -> segments -> tables (quant, huffman)            state kept between frames
//!                  -> frame, scan -> bits -> strip -> reduce -> plane
//! ```
//! Wiring only; the front door is [`LumaDecoder`].
mod annex_k;
mod bits;
mod canonical;
mod damage;
mod decoder;
mod frame;
mod huffman;
mod reduce;
mod scan;
mod segments;
mod tables;

pub use damage::Damage;
pub use decoder::{LumaDecoder, header};
pub use frame::{FRAME_SIDE_PX_MAX, FrameSize};

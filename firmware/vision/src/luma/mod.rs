//! Luma plane from a camera's frame: from a baseline JPEG by its coefficients, without decoding the picture, or from
//! uncompressed pixels by block averaging.
//!
//! ```text
//! jpeg -> segments -> tables (quant, dc, ac: strides, values)            state kept between frames
//!                  -> frame, scan -> blocks: bits -> (inverse) -> strip -> reduce -> plane
//! raw  -> lanes -> plane
//! ```
//! Wiring only; the front doors are [`LumaDecoder`] and [`RawFrame`].
mod ac;
mod annex_k;
mod bits;
mod blocks;
mod canonical;
mod damage;
mod dc;
mod decoder;
mod frame;
mod interval;
mod inverse;
mod raw;
mod reduce;
mod scan;
mod segments;
mod size;
mod strides;
mod tables;
mod values;

pub use damage::Damage;
pub use decoder::{LumaDecoder, header};
pub use raw::{RAW_FORMATS, RawFormat, RawFrame};
pub use size::{FRAME_SIDE_PX_MAX, FRAME_SIDE_PX_MIN, FrameSize};

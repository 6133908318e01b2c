//! Luma plane from a camera's frame: from a baseline JPEG by its coefficients, without decoding the picture, or from
//! uncompressed pixels by block averaging.
//!
//! ```text
//! jpeg -> segments -> tables (quant, dc, ac: strides, values)            state kept between frames
//!                  -> frame, scan -> blocks: bits -> (inverse) -> strip -> reduce -> plane
//! raw  -> lanes -> plane
//! ```
//! Wiring only; the front doors are [`LumaDecoder`] and [`RawFrame`].
pub(crate) mod ac;
pub(crate) mod annex_k;
pub(crate) mod bits;
pub(crate) mod blocks;
pub(crate) mod canonical;
mod damage;
pub(crate) mod dc;
pub(crate) mod decoder;
pub(crate) mod frame;
pub(crate) mod index;
pub(crate) mod interval;
pub(crate) mod inverse;
mod raw;
mod reduce;
pub(crate) mod scan;
pub(crate) mod segments;
pub(crate) mod size;
mod strides;
pub(crate) mod tables;
mod values;

pub use annex_k::SEGMENT as STANDARD_TABLES;
pub use damage::Damage;
pub use decoder::{LumaDecoder, header};
pub use index::INDEX_BYTES_MAX;
pub use raw::{RAW_FORMATS, RawFormat, RawFrame, YcbcrRow};
pub use size::{FRAME_SIDE_PX_MAX, FRAME_SIDE_PX_MIN, FrameSize};

//! JPEG pictures of raw frames, for cameras that do not compress.
//!
//! [`Developer`] is the way in: a frame's pixels become a picture with its marks, in the frame's own slot. What encodes stands
//! behind the trait [`Encode`]. Must not do I/O, read a clock or decide which frames are worth it.

mod developer;
mod encode;
mod picture;

#[cfg(test)]
mod tests;

pub use developer::{Developer, Undeveloped};
pub use encode::{Encode, Scalar};
pub use picture::Picture;

//! Frames made fit to be kept, in their own slots: JPEG pictures of raw ones, H.264 as MP4 holds it.
//!
//! [`Developer`] is the way in: a raw frame's pixels become a picture with its marks. What encodes stands behind the trait [`Encode`]. Must not do I/O, read a clock or decide which frames are worth it.

mod avc;
mod developer;
mod encode;
mod picture;

#[cfg(test)]
mod tests;

pub use avc::{NoPicture, Repacker};
pub use developer::{Developer, Undeveloped};
pub use encode::{Encode, Scalar};
pub use picture::Picture;

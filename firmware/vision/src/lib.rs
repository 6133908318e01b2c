//! Sees: luma from camera JPEG, motion in fixed point, marks put into the JPEG; makes pictures of raw frames.
//!
//! What a camera process needs to decide "something moves" and nothing else. It must not allocate, do I/O, read a
//! clock, use floating point or `unsafe`: the same bytes and timestamps give the same verdicts on every board.
#![no_std]
#![forbid(unsafe_code)]

pub mod bayer;
pub mod encode;
pub mod luma;
pub mod motion;
mod plane;
pub mod splice;
mod words;

pub use plane::{PLANE_PX_MAX, PLANE_SIDE_PX_MAX, PlaneSize};

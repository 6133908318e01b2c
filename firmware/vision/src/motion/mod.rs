//! Motion detection on the detection plane, in fixed point.
//!
//! ```text
//! plane -> light -> model (background, dispersion) -> opening -> largest blob -> persistence -> verdict
//! ```
//! Wiring only; the front door is [`Detector`].
mod blobs;
mod detector;
mod light;
mod model;
mod opening;
mod sensitivity;
mod verdict;

pub use detector::Detector;
pub use sensitivity::Sensitivity;
pub use verdict::{Decision, Region, Verdict};

//! Bayer mosaics of bare sensors: a picture for people of one, and what the next one needs to come out right.
//!
//! ```text
//! mosaic -> samples (12 bits) -> look: black, gains -> demosaic -> look: matrix, tone -> YCbCr rows     while recording
//!        -> measure (a thin grid) -> exposure: how long, how much gain                                  every frame
//!                                 -> balance: gains of red and blue -> the look of the next frame
//! ```
//! Wiring only; the front doors are [`Darkroom`], [`Grid`], [`Exposure`] and [`Balance`]. No state that is not handed out, no clock.
mod balance;
mod darkroom;
mod demosaic;
mod exposure;
mod look;
mod measure;
mod pattern;
pub(crate) mod samples;
mod tone;

pub use balance::Balance;
pub use darkroom::Darkroom;
pub use exposure::{Exposure, Limits, Setting};
pub use look::{Look, Matrix, NEUTRAL_MATRIX_Q8, UNITY_Q8};
pub use measure::{Grid, Measure};
pub use pattern::{Channel, Pattern};
pub use samples::SAMPLE_MAX;

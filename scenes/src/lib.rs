//! Generated scenes as a camera on a wall sees them, with the truth about every frame.
//!
//! A scene is a row of the catalogue. It plays as pictures of any size, with targets, nuisances or tampering whose place
//! and time are exactly known. Same seed, same bytes, on every machine: only exact arithmetic (`+ - * /` and square roots)
//! and integer hashes are used, and nothing is random but by seed. It must not know what a detector is, read a clock, or
//! touch a file.

mod actors;
mod backdrop;
mod camera;
mod canvas;
mod catalogue;
mod frame;
mod ground;
mod lattice;
mod light;
mod maths;
mod picture;
mod plane;
mod player;
mod random;
mod recipe;
mod schedule;
mod shapes;
mod tamper;
mod things;
mod truth;
mod wind;

pub use catalogue::{catalogue, find};
pub use picture::Picture;
pub use player::Player;
pub use recipe::{Kind, Scene};
pub use truth::{Bounds, TamperKind, Target, TargetKind, Truth};

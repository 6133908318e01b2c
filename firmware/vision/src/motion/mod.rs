//! Motion detection on the detection plane, in fixed point.
//!
//! ```text
//! plane -> light, relight -> model (what differs) -> opening -> blobs -> sighting (thing or light?) -> tracks -> judge, gate -> verdict
//!   |            ^----------------------- what is known to move is held still --------------------------'        |
//!   '-> tamper_watch (what is done to the camera)                      bodies, tripwire (what crosses lines), tally <-'
//! ```
//! Wiring only; the front door is [`Detector`].
mod blobs;
mod bodies;
mod detector;
mod flight;
mod gate;
mod inspect;
mod judge;
mod light;
mod model;
mod opening;
mod pace;
mod relight;
mod sensitivity;
mod sighting;
mod square;
mod surroundings;
mod tally;
mod tamper;
mod tamper_signs;
mod tamper_watch;
mod tiles;
mod tracks;
mod tripwire;
mod unrest;
mod upheaval;
mod verdict;
mod zones;

pub use detector::Detector;
pub use inspect::Measure;
pub use sensitivity::Sensitivity;
pub use surroundings::Sides;
pub use tally::{Occasion, Tally};
pub use tamper::Tamper;
pub use tamper_watch::Signs;
pub use tripwire::{Count, Crossing, Crossings, Direction, Lines, TRIPWIRES_MAX, Tripwire};
pub use verdict::{Decision, Region, Subject, Verdict};
pub use zones::{Config, Perspective, Point, Polygon, Use, ZONES_MAX, Zone};

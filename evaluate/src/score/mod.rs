//! Scores: raised alarms against what is true. Pure; the same for every detector.
//!
//! The definitions, which the README of this crate repeats for its readers:
//! - **Window** of an activity: its frames, and every frame up to the tolerance (time) before and after them.
//! - **Found**: a raised alarm has a frame in the window; of an activity in a zone, an alarm that touches the zone.
//! - **Delay**: from the first labelled frame to the first frame of the alarm in the window; 0 if that is earlier.
//! - **False alarm**: a raised alarm without a frame in any window, ignored frame or tampering; those with no more than the
//!   joining time between them count as one. Per hour of the whole clip.
//! - **Per frame**: right = alarm in a labelled frame; wrong = alarm outside of every window; missed = labelled without alarm;
//!   ignored frames and the rims of windows count nowhere. Precision = right / (right + wrong), recall = right / (right + missed).
mod interval;
mod judge;
mod median;

pub use interval::{Interval, joined, raised};
pub use judge::{Alarms, Found, FrameCounts, Rules, Score, judge};
pub use median::median;

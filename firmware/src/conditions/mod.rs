//! Whether motion counts now, and why: setting, pause, switches, schedule, inputs, and what a clock is worth.
//!
//! Pure: what is known comes in, a verdict goes out, and until when it holds. Must not look at a clock, a pin or a file.

mod judge;
mod words;

pub use judge::{Facts, Inputs, Now, Verdict, Why, judge};
pub use words::{news, sentence};

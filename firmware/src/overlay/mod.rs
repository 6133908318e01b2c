//! Marks in recorded pictures: privacy masks, date and time, a box around what moves.
//!
//! [`Burner`] is the way in; every way by which pictures leave the guard leads through it. The splicing itself, in the
//! coefficients of the camera's own JPEG, is `vision::splice`'s; here marks are made from settings and time. Must not do I/O,
//! and must not read a clock.

mod burner;
mod masks;
mod stamp;

pub use burner::{Burner, Burnt, Moment, Unmarked, is_wanted};

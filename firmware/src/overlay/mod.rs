//! Marks in recorded pictures: privacy masks, date and time, a box around what moves.
//!
//! Every way by which pictures leave the guard leads through here. [`Wanted`] says which marks a frame is to have; [`Burner`] puts them
//! into a camera's own JPEG (the splicing itself, in coefficients, is `vision::splice`'s), [`draw_row`] into rows of a raw picture
//! before it becomes a JPEG. Must not do I/O, and must not read a clock.

mod burner;
mod draw;
mod masks;
mod stamp;
mod wanted;

pub use burner::{Burner, Burnt, NoMarks, Unmarked};
pub use draw::draw_row;
pub use wanted::{Marks, Moment, StampText, Wanted, covered, is_wanted};

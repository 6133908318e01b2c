//! A line editor for the dumbest terminal there is: it asks the terminal nothing and moves the cursor with backspaces.
//!
//! Whatever arrives, including megabytes of line noise, ends in a prompt and changes nothing: the line is bounded, what is no
//! key is swallowed. It must not interpret a line, do I/O, or read a clock.
//!
//! Libraries were looked at: those for programs on a desktop own the terminal and wait for it, those for microcontrollers ask it
//! where its cursor is; we share the line with notices, and a script on the other end does not answer.

mod editor;
mod history;
mod keys;
mod screen;
#[cfg(test)]
mod tests;
mod text;

pub use editor::{Editor, Input};
pub use text::LINE_BYTES_MAX;

//! Sending files by ZMODEM over a line of bytes: what `rz`, minicom, picocom and Tera Term receive.
//!
//! Pure: bytes in, bytes out, the time as an argument; it must not touch a file, a line or a clock. Sources: Chuck Forsberg, "The ZMODEM
//! Inter Application File Transfer Protocol", 14 October 1988 (section numbers in this room are his), and what lrzsz 0.12.21 does.

mod ear;
mod sender;
mod wire;

#[cfg(test)]
mod tests;

pub use sender::{Ending, Offer, Sender, Step};

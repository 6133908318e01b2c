//! The board as a USB device: what a computer sees of it, and the serial line that the console has there.
//!
//! The kernel plays the serial line (CDC ACM), for which every computer has a driver; here stands what the device is, as data, and where it
//! is made. Must not know what is said on the line, nor wait for a computer.

mod listening;
mod port;
mod recipe;

pub use listening::{Listening, PROBE_MACHINE, PROBE_PERSON, PROBE_UNHEARD, PROBE_WRITES};
pub use port::{Port, PortError, TTY};

//! Randomness for the keys of sealed clips, from the kernel.
//!
//! The start fills the kernel's pool from the card's seed before anything is recorded. Must not make any of its own.

use std::fs::File;
use std::io::{self, Read};

/// Fills `bytes`.
///
/// # Errors
/// The kernel has none.
pub fn fill(bytes: &mut [u8]) -> io::Result<()> {
    File::open("/dev/urandom")?.read_exact(bytes)
}

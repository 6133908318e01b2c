//! The console's sign of life to init: the same code runs in the process of each line, and each is watched by itself.

use crate::progress;
use crate::services::Part;
use std::sync::OnceLock;

/// Which of them this process is.
static MINE: OnceLock<Part> = OnceLock::new();

/// Says so, once, before anything else.
pub fn adopt(part: Part) {
    // A process is one of them for as long as it lives.
    let _ = MINE.set(part);
}

/// The console's loop went round.
pub fn beat() {
    if let Some(part) = MINE.get() {
        progress::beat(*part);
    }
}

//! What asks one line after the other: setting up, importing, whether it is meant.
//!
//! The console runs at most one at a time.

use super::desk::Desk;
use super::live::Live;

/// How a dialogue goes on after a line.
pub enum Then {
    /// With the next line.
    Next,
    /// With the next line, once this was ended by a key.
    Watch(Box<dyn Live>),
    /// It is over.
    Over,
}

/// See the module. It must not wait for anything: between two lines the console shows notices and is watched.
pub trait Dialogue {
    /// What stands before the cursor.
    fn prompt(&self) -> String;

    /// Whether what is typed is a secret.
    fn is_secret(&self) -> bool {
        false
    }

    /// Takes a line and says what comes of it.
    fn answer(&mut self, line: &str, desk: &mut Desk, now_us: u64) -> (String, Then);

    /// Whether nobody may see or do anything before it is over.
    fn is_lock(&self) -> bool {
        false
    }

    /// Ctrl-C. What it says then, and whether it is over.
    fn interrupt(&mut self) -> (String, Then);
}

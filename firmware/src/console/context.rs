//! What a command works with. Plain data.

use super::desk::Desk;
use super::live::Live;

/// See the module.
pub struct Context<'a> {
    /// The settings.
    pub desk: &'a mut Desk,
    /// The words after the command.
    pub arguments: &'a [&'a str],
    /// Where a command that goes on until a key leaves itself.
    pub live: &'a mut Option<Box<dyn Live>>,
    /// Monotonic microseconds.
    pub now_us: u64,
}

//! What a command works with. Plain data.

use super::desk::Desk;

/// See the module.
pub struct Context<'a> {
    /// The settings.
    pub desk: &'a mut Desk,
    /// The words after the command.
    pub arguments: &'a [&'a str],
    /// Monotonic microseconds.
    pub now_us: u64,
    /// Whether a machine reads the answer.
    pub is_machine: &'a mut bool,
}

//! Windows for a board's display: which kind QEMU can open on this computer. Must not open one.

use std::process::Command;

use super::command;

/// QEMU's kinds of windows, the best first.
const KINDS: [&str; 3] = ["gtk", "sdl", "cocoa"];

/// The kind that this QEMU can open, if there is one.
#[must_use]
pub fn kind(program: &str) -> Option<&'static str> {
    best(&command::text(Command::new(program).args(["-display", "help"])).unwrap_or_default())
}

/// The best of those that QEMU lists, one a line.
fn best(listed: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| listed.lines().any(|line| line.trim() == *kind))
}

#[cfg(test)]
mod tests {
    use super::{best, kind};

    #[test]
    fn the_best_window_of_those_that_there_are_is_taken() {
        assert_eq!(
            best("Available display backend types:\nnone\nsdl\ngtk\ncurses\n\nSome gtk\n"),
            Some("gtk")
        );
        assert_eq!(best("none\nsdl\n"), Some("sdl"));
        assert_eq!(best("none\ncurses\n\nFor gtk see below.\n"), None);
        assert_eq!(kind("/no/such/program"), None);
    }
}

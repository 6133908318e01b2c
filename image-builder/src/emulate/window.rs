//! A window for the board's display: which kind of one QEMU can open on this computer. Must not open it.

use std::process::Command;

use super::Error;

/// QEMU's kinds of windows, the best first.
const KINDS: [&str; 3] = ["gtk", "sdl", "cocoa"];

/// The kind that this QEMU can open.
///
/// # Errors
/// QEMU cannot be asked, or can open none.
pub(super) fn kind(program: &str) -> Result<&'static str, Error> {
    let output = Command::new(program).args(["-display", "help"]).output();
    let output = output.map_err(|source| Error::Start { program: program.to_owned(), source })?;
    best(&String::from_utf8_lossy(&output.stdout)).ok_or(Error::NoWindow)
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
        let said = kind("/no/such/program").expect_err("no program").to_string();
        assert!(said.starts_with("cannot start /no/such/program: "), "{said}");
    }
}

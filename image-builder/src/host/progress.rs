//! Tells the person at the terminal what is being done; everything goes to standard error.
//!
//! On a terminal a running count rewrites its line; in a log it prints a line now and then.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A count on a terminal is redrawn this often: often enough to look alive, rare enough to cost nothing.
const REDRAW_TERMINAL: Duration = Duration::from_millis(200);
/// A count in a log gets a line this often, so that nobody takes a silent build for a dead one.
const REDRAW_LOG: Duration = Duration::from_secs(15);

/// Announces a step.
pub fn step(text: &str) {
    eprintln!("==> {text}");
}

/// Adds a detail to the current step.
pub fn detail(text: &str) {
    eprintln!("    {text}");
}

/// A running count.
#[derive(Debug)]
pub struct Count {
    terminal: bool,
    started: Instant,
    drawn: Option<Instant>,
}

impl Default for Count {
    fn default() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), started: Instant::now(), drawn: None }
    }
}

impl Count {
    /// Whether it is drawn on a terminal, where there is room for a picture.
    #[must_use]
    pub fn is_on_terminal(&self) -> bool {
        self.terminal
    }

    /// Shows the state, if it is time to.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        let every = if self.terminal { REDRAW_TERMINAL } else { REDRAW_LOG };
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < every) {
            return;
        }
        self.drawn = Some(Instant::now());
        self.draw(&text());
    }

    /// Shows the final state and ends the line.
    pub fn finish(mut self, text: &str) {
        self.draw(text);
        if self.terminal {
            eprintln!();
        }
        self.terminal = false;
    }

    fn draw(&self, text: &str) {
        let seconds = self.started.elapsed().as_secs();
        if self.terminal {
            // Back to the first column, and clear to the end of the line.
            eprint!("\r\x1b[K    {text} ({seconds} s)");
            // A progress line that cannot be written is no reason to stop.
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("    {text} ({seconds} s)");
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        // A count that ends early (an error) must not share its line with the message.
        if self.terminal && self.drawn.is_some() {
            eprintln!();
        }
    }
}

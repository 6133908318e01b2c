//! Commands that go on until a key: a picture, a status that renews itself.
//!
//! [`Running`] holds one of them between the rounds of the console's loop, which goes on: notices are shown, progress is counted. A screen
//! is drawn over the last one with two escape sequences that every terminal knows, and asks the terminal nothing. Must not wait.

use super::terminal::COLUMNS_MAX;

/// Up by so many rows.
const UP: &str = "A";
/// From the cursor to the end of the row is made empty, or to that of the screen.
const CLEAR_ROW: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
const ESCAPE: &str = "\x1b[";

/// What a command that goes on shows next.
pub enum Next {
    /// These rows, in the place of those before.
    Screen(Vec<String>),
    /// This text, under that before.
    Text(String),
    /// It has come to its end by itself.
    Over,
}

/// A command that goes on.
pub trait Live {
    /// How long it wants to wait from one `next` to the other.
    fn period_us(&self) -> u64;
    /// What to show now.
    fn next(&mut self, now_us: u64) -> Next;
    /// The last words, at its end.
    fn end(&mut self) -> String {
        String::new()
    }
}

/// One that is running.
pub struct Running {
    live: Box<dyn Live>,
    due_us: u64,
    /// The rows above the cursor, when nothing else was shown since.
    shown: Vec<String>,
}

impl Running {
    /// Begins at once.
    pub fn new(live: Box<dyn Live>) -> Running {
        Running { live, due_us: 0, shown: Vec::new() }
    }

    /// How long until [`Running::draw`] has something to do, at most `ms_max`.
    pub fn wait_ms(&self, now_us: u64, ms_max: u16) -> u16 {
        let wait_ms = self.due_us.saturating_sub(now_us).div_ceil(1000);
        u16::try_from(wait_ms).unwrap_or(u16::MAX).min(ms_max)
    }

    /// What to write now: nothing before it is due; no more at all once it is over.
    pub fn draw(&mut self, now_us: u64) -> Option<String> {
        if now_us < self.due_us {
            return Some(String::new());
        }
        let text = match self.live.next(now_us) {
            Next::Screen(rows) => self.redraw(rows),
            Next::Text(text) => text,
            Next::Over => return None,
        };
        self.due_us = now_us + self.live.period_us();
        Some(text)
    }

    /// Something else was written: the next screen goes below it.
    pub fn interrupt(&mut self) {
        self.shown.clear();
    }

    /// It is over; its last words.
    pub fn end(mut self) -> String {
        self.live.end()
    }

    /// Only rows that differ are sent: the line carries 11 characters a millisecond.
    fn redraw(&mut self, rows: Vec<String>) -> String {
        let mut out = match self.shown.len() {
            0 => String::new(),
            above => format!("{ESCAPE}{above}{UP}"),
        };
        for (number, row) in rows.iter().enumerate() {
            if self.shown.get(number) != Some(row) {
                out += row;
                if !self.shown.is_empty() {
                    out += CLEAR_ROW;
                }
            }
            out.push('\n');
        }
        if rows.len() < self.shown.len() {
            out += CLEAR_BELOW;
        }
        self.shown = rows;
        out
    }
}

/// A row as it fits the terminal.
pub fn cut(row: &str) -> String {
    row.chars().take(COLUMNS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{Live, Next, Running, cut};

    struct Script(Vec<Next>);

    impl Live for Script {
        fn period_us(&self) -> u64 {
            1000
        }
        fn next(&mut self, _: u64) -> Next {
            if self.0.is_empty() { Next::Over } else { self.0.remove(0) }
        }
        fn end(&mut self) -> String {
            "over\n".into()
        }
    }

    fn screen(rows: &[&str]) -> Next {
        Next::Screen(rows.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_screen_is_drawn_over_the_last_one_and_only_what_differs() {
        let all = vec![screen(&["a", "b"]), screen(&["a", "c"]), screen(&["d"]), screen(&["e"])];
        let mut running = Running::new(Box::new(Script(all)));
        assert_eq!(running.draw(0).as_deref(), Some("a\nb\n"), "no escapes in the first one");
        assert_eq!(running.draw(999).as_deref(), Some(""), "not due");
        assert_eq!((running.wait_ms(1, 500), running.wait_ms(1, 0)), (1, 0));
        assert_eq!(running.draw(1000).as_deref(), Some("\x1b[2A\nc\x1b[K\n"));
        assert_eq!(running.draw(2000).as_deref(), Some("\x1b[2Ad\x1b[K\n\x1b[J"));
        running.interrupt();
        assert_eq!(running.draw(3000).as_deref(), Some("e\n"), "below a notice");
        assert_eq!(running.draw(4000), None);
        assert_eq!(running.end(), "over\n");
    }

    #[test]
    fn rows_fit_the_smallest_terminal() {
        assert_eq!(cut(&"x".repeat(200)).len(), 79);
    }
}

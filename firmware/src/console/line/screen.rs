//! What of the line is on the screen, and the bytes that bring it there.
//!
//! They are characters, spaces and backspaces, nothing else.
//!
//! The prompt and the line share one row of 80 columns. A longer line is shown in part, moved sideways: a backspace does not lead
//! to the row above on every terminal, and no terminal is asked how wide it is. Must not know what keys are.

use crate::console::terminal::COLUMNS_MAX;

/// How far the line moves sideways at once, so that typing at the end does not draw the whole row for each character.
const JUMP: usize = 24;
/// Stands for what is to the left of the shown part.
const MORE: char = '<';

/// The row as it is on the screen, right of the prompt.
#[derive(Debug, Default)]
pub struct Screen {
    shown: String,
    column: usize,
    /// First character of the line that is shown.
    from: usize,
}

impl Screen {
    /// The row is empty and the cursor right behind the prompt.
    pub fn clear(&mut self) {
        *self = Screen::default();
    }

    /// Columns that are in use.
    pub fn width(&self) -> usize {
        self.shown.len()
    }

    /// Appends to `out` what makes the row show `line` with the cursor at `cursor`, behind a prompt of `prompt` columns.
    pub fn show(&mut self, line: &str, cursor: usize, prompt: usize, out: &mut String) {
        let width = COLUMNS_MAX.saturating_sub(prompt).max(JUMP + 2);
        self.from = moved(self.from, cursor, width);
        let mut target: String = line.get(self.from..).unwrap_or_default().chars().take(width).collect();
        if self.from > 0 {
            target.replace_range(..1.min(target.len()), MORE.encode_utf8(&mut [0; 4]));
        }
        self.draw(target, cursor - self.from, out);
    }

    /// The least that turns what is shown into `target`, with the cursor at `column` of it.
    fn draw(&mut self, target: String, column: usize, out: &mut String) {
        let same = self.shown.bytes().zip(target.bytes()).take_while(|(old, new)| old == new).count();
        if self.shown != target {
            self.go(same, out);
            out.push_str(target.get(same..).unwrap_or_default());
            let left = self.shown.len().saturating_sub(target.len());
            (0..left).for_each(|_| out.push(' '));
            (0..left).for_each(|_| out.push('\x08'));
            self.column = target.len();
            self.shown = target;
        }
        self.go(column, out);
    }

    /// Moves the cursor within what is shown.
    fn go(&mut self, to: usize, out: &mut String) {
        for _ in to..self.column {
            out.push('\x08');
        }
        out.push_str(self.shown.get(self.column..to).unwrap_or_default());
        self.column = to;
    }
}

/// The first character to show, so that the cursor is in sight, and the sign for what is left of it is not under it.
fn moved(from: usize, cursor: usize, width: usize) -> usize {
    let in_sight = cursor > from && cursor - from < width;
    match (in_sight || (cursor == 0 && from == 0), cursor < width) {
        (true, _) => from,
        (false, true) => 0,
        (false, false) => (cursor + JUMP).saturating_sub(width),
    }
}

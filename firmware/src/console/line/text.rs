//! The text of one line and the cursor in it. Pure; ASCII alone, so that a byte is a column.

/// Longest line: a zone with all its corners; other commands are well under 100 characters. A longer line is refused as a whole.
pub const LINE_BYTES_MAX: usize = 256;

/// See the module. `cursor <= line.len()`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    line: String,
    cursor: usize,
}

impl Text {
    /// A whole line, the cursor behind it; cut where it is too long.
    pub fn of(line: &str) -> Text {
        let line: String = line.chars().filter(|c| matches!(c, ' '..='~')).take(LINE_BYTES_MAX).collect();
        Text { cursor: line.len(), line }
    }

    /// The whole line.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// What is before the cursor.
    pub fn before(&self) -> &str {
        self.line.get(..self.cursor).unwrap_or_default()
    }

    /// Puts text at the cursor; whether there was room for it. Nothing has changed if not.
    pub fn insert(&mut self, text: &str) -> bool {
        let fits = self.line.len() + text.len() <= LINE_BYTES_MAX;
        if fits {
            self.line.insert_str(self.cursor, text);
            self.cursor += text.len();
        }
        fits
    }

    /// Moves the cursor to a column, or to the end.
    pub fn go(&mut self, to: usize) {
        self.cursor = to.min(self.line.len());
    }

    /// Removes what is between the cursor and `to`.
    pub fn remove_to(&mut self, to: usize) {
        let to = to.min(self.line.len());
        let (from, to) = (self.cursor.min(to), self.cursor.max(to));
        self.line.drain(from..to);
        self.cursor = from;
    }

    /// Takes the line; it is empty then.
    pub fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.line)
    }

    /// Where the word before the cursor begins.
    pub fn word_left(&self) -> usize {
        let trimmed = self.before().trim_end_matches(' ');
        trimmed.rfind(' ').map_or(0, |space| space + 1)
    }

    /// Where the word after the cursor ends.
    pub fn word_right(&self) -> usize {
        let after = self.line.get(self.cursor..).unwrap_or_default();
        let skipped = after.len() - after.trim_start_matches(' ').len();
        let word = after.get(skipped..).unwrap_or_default();
        self.cursor + skipped + word.find(' ').unwrap_or(word.len())
    }
}

//! The lines typed before, in memory alone: nothing that was typed is ever written to the card. Pure.

/// Lines remembered: more than anybody goes back, 8 KiB at the longest.
const LINES_MAX: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub struct History {
    /// Oldest first.
    lines: heapless::Deque<String, LINES_MAX>,
    /// How far back from the newest; 0 is the line that is being typed.
    back: usize,
    /// That line, while an older one is shown.
    typed: String,
}

impl History {
    /// Remembers a line that was given; one like the last only once.
    pub fn remember(&mut self, line: &str) {
        (self.back, self.typed) = (0, String::new());
        if line.trim().is_empty() || self.lines.back().is_some_and(|last| last == line) {
            return;
        }
        if self.lines.is_full() {
            self.lines.pop_front();
        }
        // There is room now.
        let _ = self.lines.push_back(line.to_owned());
    }

    /// The line before the one that is shown, which is `shown`.
    pub fn older(&mut self, shown: &str) -> Option<String> {
        if self.back == self.lines.len() {
            return None;
        }
        if self.back == 0 {
            shown.clone_into(&mut self.typed);
        }
        self.back += 1;
        self.at(self.back)
    }

    /// The line after it; at last the one that was being typed.
    pub fn newer(&mut self) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        if self.back == 0 { Some(std::mem::take(&mut self.typed)) } else { self.at(self.back) }
    }

    fn at(&self, back: usize) -> Option<String> {
        self.lines.iter().rev().nth(back.checked_sub(1)?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::{History, LINES_MAX};

    #[test]
    fn lines_come_back_and_the_one_being_typed_too() {
        let mut history = History::default();
        for line in ["one", "two", "two", "  ", "three"] {
            history.remember(line);
        }
        assert_eq!(history.newer(), None);
        assert_eq!(history.older("half").as_deref(), Some("three"));
        assert_eq!(history.older("three").as_deref(), Some("two"));
        assert_eq!(history.older("two").as_deref(), Some("one"));
        assert_eq!(history.older("one"), None);
        assert_eq!(history.newer().as_deref(), Some("two"));
        assert_eq!(history.newer().as_deref(), Some("three"));
        assert_eq!(history.newer().as_deref(), Some("half"));
        assert_eq!(history.newer(), None);
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut history = History::default();
        for number in 0..LINES_MAX + 5 {
            history.remember(&number.to_string());
        }
        let oldest = std::iter::from_fn(|| history.older("")).last();
        assert_eq!(oldest.as_deref(), Some("5"));
    }
}

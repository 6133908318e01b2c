//! Keys change the line; the screen follows.

use super::history::History;
use super::keys::{Key, Keys};
use super::screen::Screen;
use super::text::Text;

/// What one byte led to, for whoever understands lines. Nothing of it is on the screen yet: [`Editor::show`].
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing to do.
    Nothing,
    /// A line is complete (without its end).
    Line(String),
    /// A line is complete and was longer than a line may be: it is gone.
    TooLong,
    /// Ctrl-C: the line is gone.
    Interrupt,
    /// Tab: somebody wants what is before the cursor completed.
    Complete,
    /// `?`: somebody wants to know what can stand at the cursor.
    Explain,
    /// Ctrl-L: an empty screen.
    Redraw,
}

/// The line so far, and how it is shown.
#[derive(Default)]
pub struct Editor {
    keys: Keys,
    text: Text,
    history: History,
    screen: Screen,
    /// The line is too long and is thrown away up to its end.
    overflow: bool,
    /// What is typed is no command but an answer: it is not remembered.
    is_answer: bool,
    /// What is typed is a secret: it is neither shown, nor remembered, nor explained.
    is_hidden: bool,
}

impl Editor {
    /// What is before the cursor.
    pub fn before(&self) -> &str {
        self.text.before()
    }

    /// The line and the cursor in it.
    #[cfg(test)]
    pub(super) fn text(&self) -> (&str, usize) {
        (self.text.line(), self.text.cursor())
    }

    /// From now on what is typed is an answer to a question or is not, and a secret or not.
    pub fn discuss(&mut self, is_answer: bool, is_hidden: bool) {
        (self.is_answer, self.is_hidden) = (is_answer, is_hidden);
    }

    /// Forgets the line and all before it.
    pub fn forget(&mut self) {
        self.text.take();
        self.history = History::default();
    }

    /// Takes one byte of a key that is no matter of the line; whether more of it is to come.
    pub fn swallow(&mut self, byte: u8) -> bool {
        let _ = self.keys.feed(byte);
        self.keys.is_within()
    }

    /// Takes one byte from the terminal.
    pub fn feed(&mut self, byte: u8) -> Input {
        let Some(key) = self.keys.feed(byte) else { return Input::Nothing };
        match key {
            Key::Enter => return self.enter(),
            Key::Interrupt => {
                self.text.take();
                self.overflow = false;
                return Input::Interrupt;
            }
            Key::Tab if !self.is_hidden => return Input::Complete,
            Key::Character(b'?') if !self.is_hidden && !self.overflow => return Input::Explain,
            Key::Redraw => return Input::Redraw,
            Key::Character(character) => self.insert(char::from(character).encode_utf8(&mut [0; 4])),
            Key::Up if !self.is_answer => self.recall(History::older),
            Key::Down if !self.is_answer => self.recall(|history, _| history.newer()),
            key => edit(&mut self.text, key),
        }
        Input::Nothing
    }

    fn enter(&mut self) -> Input {
        let line = self.text.take();
        if std::mem::take(&mut self.overflow) {
            return Input::TooLong;
        }
        if !self.is_answer {
            self.history.remember(&line);
        }
        Input::Line(line)
    }

    /// Puts text at the cursor, as if it had been typed.
    pub fn insert(&mut self, text: &str) {
        if self.overflow || !self.text.insert(text) {
            self.overflow = true;
            self.text.take();
        }
    }

    fn recall(&mut self, next: fn(&mut History, &str) -> Option<String>) {
        if let Some(line) = next(&mut self.history, self.text.line()) {
            self.text = Text::of(&line);
        }
    }

    /// The cursor is at the start of an empty row: what brings prompt and line there.
    pub fn draw(&mut self, prompt: &str, out: &mut String) {
        self.screen.clear();
        out.push_str(prompt);
        self.show(prompt, out);
    }

    /// What brings the row up to date, on which prompt and line are.
    pub fn show(&mut self, prompt: &str, out: &mut String) {
        if !self.is_hidden {
            self.screen.show(self.text.line(), self.text.cursor(), prompt.len(), out);
        }
    }

    /// What brings the row up to date for the last time, with the line that was given.
    pub fn settle(&mut self, line: &str, prompt: &str, out: &mut String) {
        if !self.is_hidden {
            self.screen.show(line, line.len(), prompt.len(), out);
        }
    }

    /// What takes prompt and line off the screen, the cursor at the start of the row.
    pub fn erase(&mut self, prompt: &str, out: &mut String) {
        let width = prompt.len() + self.screen.width();
        out.push('\r');
        (0..width).for_each(|_| out.push(' '));
        out.push('\r');
        self.screen.clear();
    }
}

/// What a key does to the text.
fn edit(text: &mut Text, key: Key) {
    let (cursor, end) = (text.cursor(), text.line().len());
    match key {
        Key::Left => text.go(cursor.saturating_sub(1)),
        Key::Right => text.go(cursor + 1),
        Key::WordLeft => text.go(text.word_left()),
        Key::WordRight => text.go(text.word_right()),
        Key::Home => text.go(0),
        Key::End => text.go(end),
        Key::Backspace => text.remove_to(cursor.saturating_sub(1)),
        Key::Delete => text.remove_to(cursor + 1),
        Key::DeleteWordLeft => text.remove_to(text.word_left()),
        Key::DeleteWordRight => text.remove_to(text.word_right()),
        Key::DeleteToStart => text.remove_to(0),
        Key::DeleteToEnd => text.remove_to(end),
        // Not a matter of the text.
        Key::Character(_) | Key::Enter | Key::Tab | Key::Interrupt | Key::Redraw | Key::Up | Key::Down => {}
    }
}

//! Asks whether it is meant: a word has to be typed.

use super::desk::Desk;
use super::dialogue::{Dialogue, Then};

/// What is done once the word was typed. Anything else leaves everything as it is.
pub struct Confirm {
    /// The word.
    pub word: &'static str,
    /// What is done; a sentence, either way.
    pub act: fn(&mut Desk) -> Result<String, String>,
}

impl Dialogue for Confirm {
    fn prompt(&self) -> String {
        format!("type `{}` to do it: ", self.word)
    }

    fn answer(&mut self, line: &str, desk: &mut Desk, _: u64) -> (String, Then) {
        let said = if line.trim() == self.word {
            (self.act)(desk).unwrap_or_else(|why| why)
        } else {
            "Nothing was done.".into()
        };
        (format!("{said}\n"), Then::Over)
    }

    fn interrupt(&mut self) -> (String, Then) {
        ("Nothing was done.\n".into(), Then::Over)
    }
}

//! What may follow a command: its forms, word by word. Usage, completion and context help are made from them. Pure.

/// One way to give a command.
#[derive(Debug)]
pub struct Form {
    /// The words after the command's name.
    pub words: &'static [Word],
    /// What that does: a few words.
    pub help: &'static str,
}

/// One word of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// This word as it is.
    Is(&'static str),
    /// The name of a setting.
    Setting,
    /// How names of settings begin.
    Settings,
    /// The value of the setting before it: one word or more.
    Value,
    /// The beginning of a clip's name.
    Clip,
    /// The name of a command or a setting.
    Topic,
    /// Whatever this stands for, in capital letters.
    Any(&'static str),
    /// As [`Word::Any`], one word or more.
    Rest(&'static str),
}

impl Word {
    /// As usage shows it.
    pub fn shown(self) -> &'static str {
        match self {
            Word::Is(word) | Word::Any(word) | Word::Rest(word) => word,
            Word::Setting => "SETTING",
            Word::Settings => "BEGINNING",
            Word::Value => "VALUE",
            Word::Clip => "CLIP",
            Word::Topic => "COMMAND or SETTING",
        }
    }

    /// Whether a word that was typed can stand here.
    pub fn takes(self, typed: &str) -> bool {
        match self {
            Word::Is(word) => word == typed,
            _ => true,
        }
    }

    /// Whether it takes all the words that follow.
    pub fn is_last(self) -> bool {
        matches!(self, Word::Value | Word::Rest(_))
    }
}

impl Form {
    /// Whether all these words are one way to give the command.
    pub fn fits(&self, typed: &[&str]) -> bool {
        let open = self.words.last().is_some_and(|word| word.is_last());
        let count = if open { typed.len() >= self.words.len() } else { typed.len() == self.words.len() };
        count && self.begins(typed)
    }

    /// Whether these words can be its beginning.
    pub fn begins(&self, typed: &[&str]) -> bool {
        let open = self.words.last().is_some_and(|word| word.is_last());
        (open || typed.len() <= self.words.len())
            && self.words.iter().zip(typed).all(|(word, typed)| word.takes(typed))
    }

    /// The word that comes after `typed` words.
    pub fn word_at(&self, typed: usize) -> Option<Word> {
        let last = self.words.last().copied().filter(|word| word.is_last());
        self.words.get(typed).copied().or(last)
    }

    /// The words as usage shows them.
    pub fn usage(&self, command: &str) -> String {
        let words = self.words.iter().map(|word| word.shown());
        std::iter::once(command).chain(words).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Word};

    const SET: Form = Form { words: &[Word::Setting, Word::Value], help: "" };
    const SHOW: Form = Form { words: &[Word::Is("show"), Word::Clip], help: "" };

    #[test]
    fn words_fit_their_form() {
        assert!(SET.fits(&["a", "b"]) && SET.fits(&["a", "b", "c", "d"]));
        assert!(!SET.fits(&["a"]) && SET.begins(&["a"]) && SET.begins(&[]));
        assert!(SHOW.fits(&["show", "1"]) && !SHOW.fits(&["show", "1", "2"]) && !SHOW.fits(&["delete", "1"]));
        assert!(!SHOW.begins(&["delete"]) && !SHOW.begins(&["show", "1", "2"]));
        assert_eq!(
            (SET.word_at(5), SHOW.word_at(1), SHOW.word_at(2)),
            (Some(Word::Value), Some(Word::Clip), None)
        );
        assert_eq!(SHOW.usage("clips"), "clips show CLIP");
    }
}

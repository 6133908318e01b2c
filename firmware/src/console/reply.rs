//! What a command answers: words for a person and, for a machine, whether it was done and what was found. Plain data.

use super::dialogue::Dialogue;
use super::live::Live;
use super::send::Batch;
use serde_json::Value;

/// See the module.
#[derive(Default)]
pub struct Reply {
    /// For a person; each line is ended.
    pub text: String,
    /// Whether the text is for a machine even if a person asked for it: its lines stay whole.
    pub is_verbatim: bool,
    /// Whether it was done, or what was asked for was found.
    pub is_done: bool,
    /// What was found, for a machine; nothing where the words say it all.
    pub facts: Option<Value>,
    /// What the console goes on with, if it is more than this answer.
    pub then: Option<Box<dyn Dialogue>>,
    /// Files that are sent over the line now.
    pub batch: Option<Batch>,
    /// What goes on until a key, if it is that.
    pub live: Option<Box<dyn Live>>,
}

impl Reply {
    /// It was done.
    pub fn done(text: impl Into<String>) -> Reply {
        Reply { text: text.into(), is_done: true, ..Reply::default() }
    }

    /// It was not, and why: sentences.
    pub fn refused(text: impl Into<String>) -> Reply {
        Reply { text: text.into(), ..Reply::default() }
    }

    /// Each line stays whole.
    pub fn verbatim(self) -> Reply {
        Reply { is_verbatim: true, ..self }
    }

    /// With what was found. What cannot be JSON is left out.
    pub fn with(self, facts: &impl serde::Serialize) -> Reply {
        Reply { facts: serde_json::to_value(facts).ok(), ..self }
    }

    /// And this goes on until a key.
    pub fn live(self, live: impl Live + 'static) -> Reply {
        Reply { live: Some(Box::new(live)), ..self }
    }

    /// And then the console goes on with this.
    pub fn then(self, dialogue: impl Dialogue + 'static) -> Reply {
        Reply { then: Some(Box::new(dialogue)), ..self }
    }
}

impl<E: Into<String>> From<Result<String, E>> for Reply {
    fn from(result: Result<String, E>) -> Reply {
        match result {
            Ok(text) => Reply::done(text),
            Err(why) => Reply::refused(why),
        }
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Reply {
        Reply::done(text)
    }
}

//! What came of it, as a person reads it.

use std::fmt;

use super::Error;
use super::card::{Card, Content};
use super::copy::Outcome;
use crate::card_writer::human;
use crate::ext4;

/// The outcome of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Where the files are.
    pub folder: String,
    /// Files that were copied.
    pub files: usize,
    /// And the clips to which they belong.
    pub clips: usize,
    /// And their bytes.
    pub bytes: u64,
    /// Files that were there already.
    pub same: usize,
    /// Files that came under another name, and that name.
    pub beside: Vec<(String, String)>,
    /// Files that could not be read, and why.
    pub unread: Vec<(String, String)>,
    /// What of the folder could not be read.
    pub lost: Vec<String>,
    /// What stays on the card because of its name or kind.
    pub refused: Vec<String>,
    /// Files that were being written when the power went.
    pub drafts: usize,
}

impl Report {
    /// What is known before anything is copied.
    pub(super) fn of(content: &Content) -> Self {
        Self {
            lost: content.lost.iter().map(ToString::to_string).collect(),
            refused: content.refused.clone(),
            drafts: content.drafts,
            ..Self::default()
        }
    }

    pub(super) fn copied(&mut self, name: String, bytes: u64, outcome: Outcome) {
        self.files += 1;
        self.bytes += bytes;
        if let Outcome::Beside(other) = outcome {
            self.beside.push((name, other));
        }
    }

    /// Notes a file that could not be read.
    ///
    /// # Errors
    /// When it is not the file: the card is gone.
    pub(super) fn failed(&mut self, card: &mut Card, name: &str, error: &ext4::Error) -> Result<(), Error> {
        if error.is_of_the_card() && !card.is_there() {
            return Err(Error::Gone(card.path().to_owned()));
        }
        self.unread.push((name.to_owned(), error.to_string()));
        Ok(())
    }

    /// Whether all that was wanted is in the folder.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unread.is_empty() && self.lost.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, error) in &self.unread {
            writeln!(f, "NOT COPIED  {name}: {error}")?;
        }
        for error in &self.lost {
            writeln!(f, "LOST        part of the folder, with names that nobody knows: {error}")?;
        }
        for (name, other) in &self.beside {
            writeln!(f, "BESIDE      {name} is another file in the folder: the card's is {other}")?;
        }
        for name in &self.refused {
            writeln!(f, "LEFT        {name}: not a plain file with a name as Kerberos gives them")?;
        }
        if self.drafts > 0 {
            writeln!(f, "left out    {} unfinished files (*.new)", self.drafts)?;
        }
        writeln!(f, "copied      {} files of {} clips, {}", self.files, self.clips, human(self.bytes))?;
        if self.same > 0 {
            writeln!(f, "there       {} files were in the folder already", self.same)?;
        }
        writeln!(f, "folder      {}", self.folder)
    }
}

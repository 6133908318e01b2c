//! One line of the chain: JSON without line breaks, a newline after it.
//!
//! A line has one spelling: what parses prints the same again, so a line that was changed in any byte is no line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hash::Hash;

/// The longest line that is written or read, newline included: sixteen of the longest clip names, and room.
pub const LINE_BYTES_MAX: usize = 4096;

/// What the video of a clip ends with, behind the clip's name: as it is, or sealed.
pub const VIDEOS: [&str; 2] = [".mp4", ".mp4.age"];

/// Why clips were deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The oldest made room.
    Room,
    /// They were older than they were to be kept.
    Age,
    /// The owner deleted them at the console.
    Owner,
}

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum What {
    /// A chain begins: the card is new, or its chain was lost.
    Begins,
    /// A clip is complete, or as complete as it will ever be.
    Clip {
        /// Its name without extension.
        name: String,
        /// The hash of each of its files, by what follows the name: `.mp4`, `.json`, `.jpg`.
        files: BTreeMap<String, Hash>,
    },
    /// The links before this one are about to go: all the clips that they tell of are gone.
    LetGo {
        /// The number of the first link that is kept.
        first: u64,
    },
    /// Clips are about to be deleted.
    Removed {
        /// Why.
        why: Why,
        /// Their names without extension.
        names: Vec<String>,
    },
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Counts from 1.
    pub number: u64,
    /// The hash of the line before, without its newline; [`Hash::NONE`] before the first.
    pub previous: Hash,
    /// What it says.
    #[serde(flatten)]
    pub what: What,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Longer than any that is written.
    #[error("it is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// Not JSON, or a field is missing or wrong.
    #[error("it cannot be read ({0})")]
    NotALink(String),
    /// Not as we write it.
    #[error("it is not spelled as the chain spells its lines")]
    Spelling,
}

impl Link {
    /// The line, without its newline.
    pub fn to_line(&self) -> Vec<u8> {
        // Only a map with keys that are not text could fail, and there is none.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a line, without its newline.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub fn parse(line: &[u8]) -> Result<Self, LinkError> {
        if line.len() >= LINE_BYTES_MAX {
            return Err(LinkError::TooLong);
        }
        let link: Self =
            serde_json::from_slice(line).map_err(|error| LinkError::NotALink(error.to_string()))?;
        if link.to_line() == line { Ok(link) } else { Err(LinkError::Spelling) }
    }
}

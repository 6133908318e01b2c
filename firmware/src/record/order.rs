//! What the owner asks to be done with a clip, and why it may not be done.
//!
//! Must not touch a file: the shelf does.

use std::io;

use super::name::ClipName;
use super::retention::PROTECTED_MAX;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// It is never deleted to make room, nor because it is old.
    Protect(ClipName),
    /// It is a clip as others again.
    Release(ClipName),
    /// It goes now.
    Delete(ClipName),
}

impl Order {
    /// The clip.
    pub fn name(&self) -> &ClipName {
        match self {
            Self::Protect(name) | Self::Release(name) | Self::Delete(name) => name,
        }
    }
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such clip.
    #[error("there is no clip {0}")]
    Unknown(ClipName),
    /// It is being recorded.
    #[error("the clip {0} is being recorded; wait until it is complete")]
    BeingWritten(ClipName),
    /// It is protected.
    #[error("the clip {0} is protected; `clips release {0}` ends that")]
    Protected(ClipName),
    /// Too many are.
    #[error("{PROTECTED_MAX} clips are protected already; release one first")]
    TooMany,
    /// The card is out of use.
    #[error("the card cannot be used now")]
    NoCard,
    /// The card refused.
    #[error("the card reports '{0}'")]
    Card(#[from] io::Error),
}

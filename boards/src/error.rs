//! What can be wrong with a board's files, each with the file and the line to look at.

use std::path::PathBuf;

/// Why a profile could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No file of that name.
    #[error("there is no board `{id}`; the boards are: {known}")]
    UnknownBoard {
        /// As asked for.
        id: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// The file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The content is wrong, at a line.
    #[error("{}:{line}: {message}", path.display())]
    At {
        /// The file as written by a person, not the merged result.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Something is missing, and no line says so.
    #[error("{}: {message}", path.display())]
    In {
        /// The board's file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A resolved profile (in the initramfs) does not fit this program.
    #[error("the resolved board profile is not valid: {0}")]
    Resolved(String),
}

//! Why a command failed, and its exit code: 2 for a wrong command line, 1 for everything else.
use std::process::ExitCode;

use crate::{cost, input, labels, peers, sheet};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line.
    #[error("{0} (`evaluate --help` shows how it is used).")]
    Usage(String),
    /// The input.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// The labels.
    #[error(transparent)]
    Labels(#[from] labels::Error),
    /// A measurement.
    #[error(transparent)]
    Cost(#[from] cost::Error),
    /// A peer.
    #[error(transparent)]
    Peers(#[from] peers::Error),
    /// The contact sheet.
    #[error(transparent)]
    Sheet(#[from] sheet::Error),
    /// A file of alarms.
    #[error("{file}, {reason}.")]
    Alarms {
        /// Which.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that was to be written.
    #[error("{file} cannot be written: {source}.")]
    Write {
        /// Which.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl Error {
    /// The program's exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        use input::Error::{Crop, CropOfJpegs, NoRate, NoScene, Rate, Size};
        let usage = match self {
            Error::Usage(_) => true,
            Error::Input(error) => {
                matches!(error, Crop(_) | CropOfJpegs(_) | NoRate(_) | NoScene(_) | Rate(_) | Size(_))
            }
            _ => false,
        };
        ExitCode::from(if usage { 2 } else { 1 })
    }
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Error::Usage(error.to_string())
    }
}

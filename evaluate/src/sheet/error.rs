//! Why there is no contact sheet.
use crate::input;

/// Why a sheet could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The second look at the input failed.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// The file.
    #[error("{file} cannot be written: {reason}.")]
    Write {
        /// Which.
        file: String,
        /// Why.
        reason: String,
    },
}

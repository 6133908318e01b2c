//! Why a peer gives no alarms.
use crate::input;

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there.
    #[error("{0} is not installed: run evaluate/peers/install.sh.")]
    Missing(&'static str),
    /// It ended with a failure.
    #[error("{name} failed: {reason}.")]
    Failed {
        /// Which peer.
        name: String,
        /// Its last words.
        reason: String,
    },
    /// It does not take such pictures.
    #[error("Motion takes pictures whose sides are multiples of 8 from 64 on, and this is {0}x{1}.")]
    Size(u32, u32),
    /// The input.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// A pipe, a socket or a temporary file.
    #[error("a pipe, socket or temporary file failed: {0}.")]
    Io(#[from] std::io::Error),
}

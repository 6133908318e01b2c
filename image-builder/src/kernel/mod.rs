//! The kernel: from Debian's source package and the board's fragments to an image in the cache.

mod build;
mod fragments;
mod source;

pub use build::{Kernel, obtain};
pub use fragments::{Error as FragmentError, Fragments};
pub use source::{PACKAGE as SOURCE_PACKAGE, unpack_parts};

use crate::host::{apt, cache, command};

/// Why there is no kernel.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration.
    #[error(transparent)]
    Fragment(#[from] FragmentError),
    /// The source package.
    #[error(transparent)]
    Apt(#[from] apt::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// A step of the build failed.
    #[error("the kernel build failed while {doing}: {source}")]
    Step {
        /// The step.
        doing: &'static str,
        /// What happened.
        source: command::Error,
    },
    /// A file operation failed.
    #[error("the kernel build failed: {}: {source}", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

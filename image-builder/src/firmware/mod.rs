//! The firmware's binary: built, checked, and measured.

mod attributes;
mod binary;
mod build;
mod flags;
mod library;
mod sizes;

pub use binary::{Binary, Version, inspect};
pub use build::{Firmware, build, cargo, ensure_target, library_folder, load, unstripped};
pub use flags::read as flags;
pub use sizes::{Row, table};

use std::path::PathBuf;

use crate::host::{cache, command};

/// Why there is no firmware.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program failed.
    #[error("building the firmware failed: {0}")]
    Program(#[from] command::Error),
    /// rustc cannot build for the board's CPU.
    #[error(
        "Rust on this host lacks its library for {target}, and it could not be installed \
         (`rustup target add {target}` does it where Rust is from https://rustup.rs): {source}"
    )]
    Target {
        /// The target.
        target: String,
        /// What happened.
        source: command::Error,
    },
    /// Rust's library must be built, and its source is not there.
    #[error(
        "Rust's library must be built for this board, and its source could not be installed \
         (`rustup component add rust-src` does it where Rust is from https://rustup.rs): {0}"
    )]
    Source(#[source] command::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// cargo has said why on the terminal.
    #[error("building the firmware failed; cargo's message is above")]
    Cargo,
    /// A file operation failed.
    #[error("building the firmware failed: {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// cargo did not say where the binary is.
    #[error("cargo built no binary for the package `firmware`")]
    NoBinary,
    /// A line in a flag file is no flag.
    #[error("{0}:{1}: `{2}` is not a flag; a flag starts with `-`, a comment with `#`")]
    Flag(String, usize, String),
    /// Not an ELF file, or a damaged one.
    #[error("{0} is not a program that can be read: {1}")]
    Elf(PathBuf, String),
    /// The binary is not what may go on a card.
    #[error("{0} must not go on a card: {1}")]
    Refused(PathBuf, &'static str),
}

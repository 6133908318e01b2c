//! The card image: its parts, and how they are put together.

mod assemble;
mod build;
mod config;
mod cpio;
pub mod ext4;
mod files;
mod initramfs;
pub mod mbr;
mod siblings;
mod u_boot;

pub use build::{BuildOptions, Built, Part, TestKernel, build};
pub use config::read as read_config;
pub use files::BoardFile;
pub use siblings::Sibling;

use std::path::PathBuf;

use crate::host::{apt, cache, command, packages};
use crate::{device_tree, fat, firmware, kernel, manifest};

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The board's profile.
    #[error(transparent)]
    Board(#[from] boards::Error),
    /// The kernel.
    #[error(transparent)]
    Kernel(#[from] kernel::Error),
    /// The device tree.
    #[error(transparent)]
    DeviceTree(#[from] device_tree::Error),
    /// The firmware.
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] manifest::Error),
    /// A FAT partition.
    #[error(transparent)]
    Fat(#[from] fat::WriteError),
    /// The host's packages.
    #[error(transparent)]
    Packages(#[from] packages::Error),
    /// Third-party packages.
    #[error(transparent)]
    Apt(#[from] apt::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// Something that is not a plain file is where the image should go.
    #[error("{}: is not a plain file; an image is written to a file", .0.display())]
    NotAFile(std::path::PathBuf),
    /// Two boards that cannot have one image.
    #[error("the board {other} cannot share the image of {board}: {why}")]
    Sibling {
        /// Whose image it is.
        board: String,
        /// Who was to share it.
        other: String,
        /// Why not.
        why: String,
    },
    /// The ext4 tools.
    #[error("making the clips partition failed: {0}")]
    Ext4(command::Error),
    /// A file for `--config` that the board would not take over as it is.
    #[error("the board would not take over {}: {}", path.display(), complaints.join("\n    "))]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, each with its line.
        complaints: Vec<String>,
    },
    /// A file for `--config` that cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    ConfigUnreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The pristine clips partition.
    #[error(transparent)]
    Template(boards::template::TemplateError),
    /// A blob is larger than its place.
    #[error("the blob {path} has {bytes} bytes, but the profile has room for {bytes_max}")]
    Blob {
        /// File in its package.
        path: String,
        /// Its size.
        bytes: u64,
        /// The profile's limit.
        bytes_max: u64,
    },
    /// A file operation failed.
    #[error("the image cannot be made: {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

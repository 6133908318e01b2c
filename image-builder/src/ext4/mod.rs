//! Reads ext4: just what the clips of a card need, from bytes and not from a mount.
//!
//! `Volume` is a file system: folders and files, as they are once its journal is replayed (in memory). Every structure is held
//! against its checksum; what is damaged or cannot be read costs only what hangs on it. Must not write, and must not know
//! what a clip is.
//!
//! Ours and not a library's, because of what the kernel leaves behind after a power cut. The best there is, `ext4-view` 1.0.0,
//! refuses the journal of a file system without `64bit`, ends where the journal wraps around, takes blocks from it that were
//! revoked, shows what the card held before where a file's blocks were allocated and not yet written, and refuses every file
//! written after 2038.

mod bytes;
mod directory;
mod extents;
mod inode;
mod journal;
mod replay;
mod superblock;
mod volume;

pub use bytes::Bytes;
pub use directory::{Entry, Kind, Listing};
pub use extents::Run;
pub use inode::{Inode, ROOT};
pub use replay::Replay;
pub use volume::Volume;

use std::io;

/// Bytes of a block: the only size that we make.
pub const BLOCK_BYTES: usize = 4096;

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The card, or the image's end.
    #[error("byte {offset} of the clips partition cannot be read: {source}")]
    Read {
        /// From the partition's start.
        offset: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// No superblock.
    #[error("there is no ext4 file system on the clips partition, or all that is left of it is damaged")]
    NoFileSystem,
    /// A file system that is not one of ours.
    #[error("the file system on the clips partition is none that Kerberos makes ({0})")]
    Foreign(&'static str),
    /// Features that nobody knew when this was written.
    #[error(
        "the file system uses features (0x{0:x}) that this program does not know; try a newer version of it"
    )]
    Features(u32),
    /// A checksum or an impossible value.
    #[error("{what} {number} is damaged")]
    Damaged {
        /// What it is.
        what: &'static str,
        /// Which.
        number: u64,
    },
}

impl Error {
    fn damaged(what: &'static str, number: impl Into<u64>) -> Self {
        Self::Damaged { what, number: number.into() }
    }

    /// Whether it is the card that cannot be read, rather than what is on it.
    #[must_use]
    pub fn is_of_the_card(&self) -> bool {
        matches!(self, Self::Read { .. })
    }
}

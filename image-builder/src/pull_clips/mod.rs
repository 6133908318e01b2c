//! `pull-clips`: copies the clips off a card, or lists them, without mounting anything.
//!
//! `device` opens, `card` finds the clips, `names` and `select` decide which files, `copy` copies one of them, `fetch` all of
//! them; `list` and `report` tell. Must not write to a card: nothing here opens one for writing.

mod card;
mod copy;
mod date;
mod description;
mod device;
mod fetch;
mod list;
mod names;
mod report;
mod root;
mod select;
mod session;
mod table;

#[cfg(test)]
mod tests;

pub use card::{Card, OpenFile};
pub use report::Report;
pub use root::{COMMAND as HELPER_COMMAND, help};
pub use select::Wanted;
pub use session::{Order, open, run};

use std::io;
use std::path::PathBuf;

use crate::{card_writer, ext4};

/// Why clips were not pulled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image or device.
    #[error("{} cannot be read: {source}", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Neither a file nor a disk.
    #[error("{} is neither a card image nor a disk", .0.display())]
    Neither(PathBuf),
    /// The named device.
    #[error(transparent)]
    Device(#[from] card_writer::Error),
    /// Only root may, and nothing makes us root.
    #[error("{} can only be read by root, and there is no sudo: run this as root", .0.display())]
    NoSudo(PathBuf),
    /// The helper did not get the card.
    #[error("{} could not be opened as root (see above)", .0.display())]
    NotOpened(PathBuf),
    /// Not our card.
    #[error("{}: {source}", path.display())]
    Table {
        /// The card.
        path: PathBuf,
        /// What is wrong with it.
        source: table::Error,
    },
    /// The file system.
    #[error("{}: {source}", path.display())]
    FileSystem {
        /// The card.
        path: PathBuf,
        /// What is wrong with it.
        source: ext4::Error,
    },
    /// No folder for clips.
    #[error("{}: there is no folder `clips` on its clips partition, or it cannot be found any more", .0.display())]
    NoFolder(PathBuf),
    /// A date that is none.
    #[error("`{0}` is no date: it is written YYYY-MM-DD")]
    Date(String),
    /// The folder on this computer.
    #[error("{} cannot be written: {source}; what was copied before stays", path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// What was written is not what is read back.
    #[error("{} does not read back as it was written: this computer's disk or memory is at fault", .0.display())]
    ReadBack(PathBuf),
    /// The card was taken out.
    #[error("the card in {} is gone; what was copied before stays", .0.display())]
    Gone(PathBuf),
    /// The person.
    #[error("stopped; what was copied before stays, and the next run goes on from there")]
    Stopped,
    /// Something that always works did not.
    #[error("nothing was copied: {0}")]
    Program(io::Error),
    /// Something of the card is not there; what, was shown.
    #[error("not everything could be read (see above); all the rest is there")]
    Incomplete,
}

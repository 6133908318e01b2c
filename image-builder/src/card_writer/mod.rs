//! The card writer: puts an image on a real card, and refuses what would cost somebody their data.
//!
//! `disks` and `uses` see, `judge` and `choose` decide, `ask` asks, `writer` opens, `transfer` writes and reads back,
//! `release` ejects; `session` is the order of these steps. `reading` finds and opens a card that is only read (`pull_clips`).

mod ask;
mod block_card;
mod choose;
mod disks;
mod interrupt;
mod judge;
mod list;
mod meter;
pub(crate) mod reading;
mod release;
mod samples;
mod session;
mod size;
mod transfer;
mod uses;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use disks::Host;
pub(crate) use interrupt::Interrupt;
pub(crate) use meter::Meter;
pub use session::{Order, run};
pub use size::human;
pub use writer::{COMMAND as HELPER_COMMAND, help};

use std::path::PathBuf;

use crate::image;

/// Why a card was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The board.
    #[error(transparent)]
    Board(#[from] boards::Error),
    /// The image.
    #[error(transparent)]
    Image(#[from] Box<image::Error>),
    /// The named device.
    #[error(transparent)]
    Choice(#[from] choose::Error),
    /// The device cannot be had.
    #[error(transparent)]
    Card(#[from] block_card::Error),
    /// The person said no.
    #[error("nothing was written")]
    Declined,
    /// The person could not be asked.
    #[error("nothing was written: the question cannot be asked: {0}")]
    Terminal(std::io::Error),
    /// Only root may, and nothing makes us root.
    #[error("{} can only be written by root, and there is no sudo: run this as root", .0.display())]
    NoSudo(PathBuf),
    /// The helper did not get the card.
    #[error("{} could not be opened as root (see above); nothing was written", .0.display())]
    NotOpened(PathBuf),
    /// The helper did not write the card.
    #[error("{} was not written (see above)", .0.display())]
    NotWritten(PathBuf),
    /// Something that always works did not.
    #[error("nothing was written: {0}")]
    Program(std::io::Error),
    /// Writing or checking.
    #[error("{source}; the card in {} is not usable now", device.display())]
    Transfer {
        /// The device.
        device: PathBuf,
        /// What happened.
        source: transfer::Error,
    },
}

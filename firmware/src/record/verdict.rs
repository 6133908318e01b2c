//! What became of a frame, and what the recorder has to say.
//!
//! Every frame given to the recorder comes back exactly once with a [`Verdict`]; the ledger's balance rests on it. Must
//! not keep counts: the ledger does.

use std::io;

use evidence::Why;
use nix::errno::Errno;

use super::mend::Mended;
use super::name::{ClipName, Extension};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is on the card, synced.
    Recorded,
    /// No event was open: it was given without need.
    Skipped,
    /// It is lost.
    Dropped(DropReason),
}

/// Why a frame was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The card has no room, even after the oldest clips were deleted.
    CardFull,
    /// The card refused to write.
    CardError,
    /// There is no card, or it is not mounted.
    CardMissing,
    /// The frame is empty or beyond [`super::recorder::FRAME_BYTES_MAX`].
    BadFrame,
    /// No clip is open, and none can begin with it: it needs frames before it.
    NoKeyFrame,
}

impl DropReason {
    /// What an I/O error says about the card.
    pub fn of(error: &io::Error) -> Self {
        match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG) => Self::CardFull,
            Some(Errno::ENOENT | Errno::ENOTDIR | Errno::ENODEV | Errno::ENXIO | Errno::ENOMEDIUM) => {
                Self::CardMissing
            }
            _ => Self::CardError,
        }
    }
}

/// Something that happened, for the log and the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A clip was opened on the card.
    ClipStarted {
        /// Its name.
        name: ClipName,
        /// What kind of file it is.
        video: Extension,
    },
    /// A clip was closed and is whole.
    ClipFinished {
        /// Its name.
        name: ClipName,
        /// What kind of file it is.
        video: Extension,
        /// Frames in it.
        frames: u64,
        /// Its size.
        bytes: u64,
    },
    /// The oldest clips were deleted.
    OldestDeleted {
        /// How many.
        clips: u32,
        /// To make room, or because they were too old.
        why: Why,
    },
    /// A clip that was cut short was mended, or why it cannot be.
    Mended {
        /// Its name.
        name: ClipName,
        /// What was done, or why not.
        what: Result<Mended, String>,
    },
    /// A clip could not be added to the chain of hashes, because it cannot be read. The next start tries again.
    NotChained {
        /// One plain sentence.
        sentence: String,
    },
    /// Something went wrong; recording is tried again by itself.
    Failed {
        /// What frames are lost to, if any are.
        reason: DropReason,
        /// One plain sentence.
        sentence: String,
    },
}

/// Who takes back the frames and hears what happened.
pub trait Sink<F> {
    /// Takes a frame back. Called exactly once for each frame that was given.
    fn settle(&mut self, frame: F, verdict: Verdict);
    /// Hears of an outcome.
    fn report(&mut self, outcome: Outcome);
}

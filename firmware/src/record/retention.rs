//! Retention: the oldest clips make room for new ones. And the list of the newest.
//!
//! Only files whose name is one of a clip of ours are ever deleted, never those of the clip being written. Memory and
//! work of each call are bounded, whatever is on the card. Must not write.

use std::collections::BTreeSet;
use std::io;

use super::folder::{Folder, Free};
use super::name::{ClipName, Extension};
use super::shelf::remove_clip;

/// Free bytes below which a card counts as full whatever the percentage: two fragments at their limit.
pub const FREE_BYTES_MIN: u64 = 8 * 1024 * 1024;
/// Free inodes below which a card counts as full: video, sidecar, its draft, and one to spare.
pub const FREE_INODES_MIN: u64 = 4;
/// Most clips deleted, or tried in vain, in one call, so that a call ends before the next fragment is due: each takes some ms.
pub const TRIED_PER_CALL_MAX: usize = 16;
/// How many of the oldest names one scan of the directory remembers: a scan of 100,000 files serves many calls.
const OLDEST_KEPT_MAX: usize = 256;
/// Most clips that a list can hold.
pub const LISTED_MAX: usize = 1000;

/// Room could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// How much is free is not known.
    #[error("The free space of the card could not be read: {0}.")]
    Space(io::Error),
    /// Which clips there are is not known.
    #[error("The clips on the card could not be listed: {0}.")]
    List(io::Error),
    /// A clip could not be deleted.
    #[error("The clip {name} could not be deleted: {error}.")]
    Delete {
        /// Which.
        name: ClipName,
        /// Why.
        error: io::Error,
    },
}

impl RetentionError {
    /// The error underneath.
    pub fn io(&self) -> &io::Error {
        match self {
            Self::Space(error) | Self::List(error) | Self::Delete { error, .. } => error,
        }
    }
}

/// How much room there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Bytes about to be written.
    pub need_bytes: u64,
    /// Part of the file system to keep free on top, 1..=50 %.
    pub keep_free_percent: u32,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shortage {
    bytes: u64,
    inodes: u64,
}

impl Keep {
    /// What is missing, if anything. No more than half a card is ever asked for, so that a small one can be used.
    fn shortage(self, free: Free) -> Option<Shortage> {
        let percent = free.total_bytes / 100 * u64::from(self.keep_free_percent);
        let wanted_bytes =
            percent.max(FREE_BYTES_MIN).saturating_add(self.need_bytes).min(free.total_bytes / 2);
        let bytes = wanted_bytes.saturating_sub(free.free_bytes);
        let inodes = FREE_INODES_MIN.saturating_sub(free.free_inodes);
        (bytes > 0 || inodes > 0).then_some(Shortage { bytes, inodes })
    }
}

/// What a call gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Clips deleted.
    pub deleted: u32,
    /// Whether there is as much room as wanted now. If not: call again, or nothing of ours is left to delete.
    pub enough: bool,
}

/// Deletes the oldest clips.
#[derive(Debug, Default)]
pub struct Retention {
    /// The oldest names of the last scan, oldest last.
    oldest: Vec<ClipName>,
}

impl Retention {
    /// Deletes the oldest clips in `folder`, by the time in their names, until there is room, but at most
    /// [`TRIED_PER_CALL_MAX`]. Scans the directory at most once, and only when there is no room.
    ///
    /// `announce` is told which clips are about to go; where it fails (the card may be full), it is told again after they went.
    ///
    /// # Errors
    /// See [`RetentionError`]. A clip that cannot be deleted is passed over; it is an error when no other could be.
    pub fn make_room(
        &mut self,
        folder: &impl Folder,
        keep: Keep,
        writing: Option<&ClipName>,
        announce: &mut dyn FnMut(&[ClipName]) -> bool,
    ) -> Result<Room, RetentionError> {
        let mut room = Room { deleted: 0, enough: false };
        let mut stuck = None;
        let mut tries_left = TRIED_PER_CALL_MAX;
        loop {
            let Some(shortage) = keep.shortage(folder.free().map_err(RetentionError::Space)?) else {
                room.enough = true;
                break;
            };
            if self.oldest.is_empty() && tries_left == TRIED_PER_CALL_MAX {
                self.oldest = oldest(folder).map_err(RetentionError::List)?;
            }
            let batch = self.next_batch(folder, shortage, writing, tries_left);
            if batch.is_empty() {
                break;
            }
            tries_left -= batch.len();
            let is_announced = announce(&batch);
            for name in &batch {
                match remove_clip(folder, name) {
                    Ok(()) => room.deleted += 1,
                    Err(error) => stuck = Some(RetentionError::Delete { name: name.clone(), error }),
                }
            }
            if !is_announced {
                announce(&batch);
            }
        }
        match stuck {
            Some(error) if room.deleted == 0 && !room.enough => Err(error),
            _ => Ok(room),
        }
    }

    /// As many of the oldest clips as may make good what is missing.
    fn next_batch(
        &mut self,
        folder: &impl Folder,
        shortage: Shortage,
        writing: Option<&ClipName>,
        clips_max: usize,
    ) -> Vec<ClipName> {
        let mut batch = Vec::new();
        let mut gained = Shortage { bytes: 0, inodes: 0 };
        while batch.len() < clips_max && (gained.bytes < shortage.bytes || gained.inodes < shortage.inodes) {
            let Some(name) = self.oldest.pop() else { break };
            if Some(&name) == writing {
                continue;
            }
            gained.bytes += folder.bytes(&name.file_name(Extension::Video)).unwrap_or(0);
            // The video and its description.
            gained.inodes += 2;
            batch.push(name);
        }
        batch
    }
}

/// The oldest names in a directory, oldest last. A sidecar without its video counts too, so that it goes some day.
fn oldest(folder: &impl Folder) -> io::Result<Vec<ClipName>> {
    let mut kept = BTreeSet::new();
    for_each_file(folder, |name, _| {
        kept.insert(name);
        if kept.len() > OLDEST_KEPT_MAX {
            kept.pop_last();
        }
    })?;
    Ok(kept.into_iter().rev().collect())
}

/// One clip of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ClipName,
    /// Its size; 0 where it vanished meanwhile.
    pub bytes: u64,
}

/// The newest clips in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Newest first.
    pub newest: Vec<Listed>,
    /// How many clips there are in all.
    pub total: u64,
}

/// The `newest_max` (at most [`LISTED_MAX`]) newest clips in `folder`.
///
/// # Errors
/// The directory cannot be read: there is no card, or it is damaged.
pub fn list(folder: &impl Folder, newest_max: usize) -> io::Result<Listing> {
    let newest_max = newest_max.min(LISTED_MAX);
    let mut kept = BTreeSet::new();
    let mut total = 0;
    for_each_file(folder, |name, extension| {
        if extension == Extension::Video {
            total += 1;
            kept.insert(name);
            if kept.len() > newest_max {
                kept.pop_first();
            }
        }
    })?;
    let with_size = |name: ClipName| {
        let bytes = folder.bytes(&name.file_name(Extension::Video)).unwrap_or(0);
        Listed { name, bytes }
    };
    Ok(Listing { newest: kept.into_iter().rev().map(with_size).collect(), total })
}

fn for_each_file(folder: &impl Folder, mut visit: impl FnMut(ClipName, Extension)) -> io::Result<()> {
    folder.visit(&mut |file_name| {
        if let Some((name, extension)) = ClipName::parse_file(file_name) {
            visit(name, extension);
        }
    })
}

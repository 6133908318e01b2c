//! Retention: which clips go, to make room or because they are old. And the list of the newest.
//!
//! Continuous recordings go before clips of events, then the oldest go first. Only files whose name is one of a clip of ours are
//! ever deleted, never those of the clip being written or of one that the owner protects. Memory and work of each call are
//! bounded, whatever is on the card. Must not write a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::folder::{Folder, Free};
use super::name::{ClipName, Extension};
use super::shelf::{read_sidecar, remove_clip, video_of};
use super::sidecar::ClockState;

/// Free bytes below which a card counts as full whatever the percentage: two fragments at their limit.
pub const FREE_BYTES_MIN: u64 = 8 * 1024 * 1024;
/// Free inodes below which a card counts as full: video, sidecar, its draft, and one to spare.
pub const FREE_INODES_MIN: u64 = 4;
/// Most clips deleted, or tried in vain, in one call, so that a call ends before the next fragment is due: each takes some ms.
pub const TRIED_PER_CALL_MAX: usize = 16;
/// Most clips that the owner can protect: their names are held in memory during a scan.
pub const PROTECTED_MAX: usize = 1000;
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
    /// The most that may be in use of the file system.
    pub used_bytes_max: Option<u64>,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shortage {
    bytes: u64,
    inodes: u64,
}

impl Keep {
    /// How much may still be written before clips have to go.
    pub fn room_bytes(self, free_bytes: u64, total_bytes: u64) -> u64 {
        let reserve = self.reserve_bytes(total_bytes);
        let used_bytes = total_bytes.saturating_sub(free_bytes).saturating_add(self.need_bytes);
        let below_limit =
            self.used_bytes_max.map_or(u64::MAX, |max| max.max(FREE_BYTES_MIN).saturating_sub(used_bytes));
        free_bytes.saturating_sub(reserve).min(below_limit)
    }

    fn reserve_bytes(self, total_bytes: u64) -> u64 {
        let percent = total_bytes / 100 * u64::from(self.keep_free_percent);
        percent.max(FREE_BYTES_MIN).saturating_add(self.need_bytes).min(total_bytes / 2)
    }

    /// What is missing, if anything. No more than half a card is ever asked for, so that a small one can be used.
    fn shortage(self, free: Free) -> Option<Shortage> {
        let wanted_bytes = self.reserve_bytes(free.total_bytes);
        let used_bytes = free.total_bytes.saturating_sub(free.free_bytes).saturating_add(self.need_bytes);
        let surplus = self.used_bytes_max.map_or(0, |max| used_bytes.saturating_sub(max.max(FREE_BYTES_MIN)));
        let bytes = wanted_bytes.saturating_sub(free.free_bytes).max(surplus);
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
    /// Deletes clips in `folder`, continuous recordings first and of them the oldest by the time in their names, until there is room, but at most
    /// [`TRIED_PER_CALL_MAX`]. Scans the directory at most twice, and only when there is no room.
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
        // One for each kind of clip.
        let mut scans_left = 2;
        loop {
            let Some(shortage) = keep.shortage(folder.free().map_err(RetentionError::Space)?) else {
                room.enough = true;
                break;
            };
            if self.oldest.is_empty() && scans_left > 0 {
                scans_left -= 1;
                self.oldest = oldest(folder).map_err(RetentionError::List)?;
            }
            let batch = self.next_batch(folder, shortage, writing, tries_left);
            if batch.is_empty() {
                break;
            }
            tries_left -= batch.len();
            let (deleted, last_stuck) = delete(folder, &batch, announce);
            room.deleted += deleted;
            stuck = last_stuck.or(stuck);
        }
        match stuck {
            Some(error) if room.deleted == 0 && !room.enough => Err(error),
            _ => Ok(room),
        }
    }

    /// A clip was begun: a continuous recording goes before the clips of events that are remembered.
    pub fn note_begun(&mut self, name: &ClipName) {
        if name.is_continuous() && self.oldest.last().is_some_and(|oldest| !oldest.is_continuous()) {
            self.oldest.clear();
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
            // Somebody may have protected it since the scan.
            if Some(&name) == writing || is_protected(folder, &name) {
                continue;
            }
            gained.bytes += video_of(folder, &name).map_or(0, |(_, bytes)| bytes);
            // The video and its description.
            gained.inodes += 2;
            batch.push(name);
        }
        batch
    }
}

/// Deletes the clips in `folder` whose names are from before `before_us` (microseconds since 1970), at most
/// [`TRIED_PER_CALL_MAX`] of them, oldest first; how many. Scans the directory once. `announce` as for [`Retention::make_room`].
///
/// # Errors
/// As there.
pub fn expire(
    folder: &impl Folder,
    before_us: u64,
    writing: Option<&ClipName>,
    announce: &mut dyn FnMut(&[ClipName]) -> bool,
) -> Result<u32, RetentionError> {
    let is_old = |name: &ClipName| name.wall_us() < before_us && Some(name) != writing;
    let old = scan(folder, OLDEST_KEPT_MAX, is_old, ClipName::clone).map_err(RetentionError::List)?;
    // How old a clip is that was recorded before the clock was set nobody knows; it goes when there is no room.
    let old: Vec<_> =
        old.into_iter().filter(|name| has_time(folder, name)).take(TRIED_PER_CALL_MAX).collect();
    if old.is_empty() {
        return Ok(0);
    }
    match delete(folder, &old, announce) {
        (0, Some(error)) => Err(error),
        (deleted, _) => Ok(deleted),
    }
}

/// Deletes clips, and has it written down. How many went, and the last failure.
pub(super) fn delete(
    folder: &impl Folder,
    names: &[ClipName],
    announce: &mut dyn FnMut(&[ClipName]) -> bool,
) -> (u32, Option<RetentionError>) {
    let (mut deleted, mut stuck) = (0, None);
    let is_announced = announce(names);
    for name in names {
        match remove_clip(folder, name) {
            Ok(()) => deleted += 1,
            Err(error) => stuck = Some(RetentionError::Delete { name: name.clone(), error }),
        }
    }
    if !is_announced {
        announce(names);
    }
    (deleted, stuck)
}

/// Whether a clip's description says that the clock was set.
fn has_time(folder: &impl Folder, name: &ClipName) -> bool {
    let sidecar = read_sidecar(folder, name).ok().flatten();
    sidecar.is_some_and(|sidecar| sidecar.clock == ClockState::Trusted)
}

fn is_protected(folder: &impl Folder, name: &ClipName) -> bool {
    folder.bytes(&name.file_name(Extension::Protection)).is_ok()
}

/// The names of the clips that the owner protects, at most one more than may be.
///
/// # Errors
/// The directory cannot be read.
pub fn protected(folder: &impl Folder) -> io::Result<BTreeSet<ClipName>> {
    let mut names = BTreeSet::new();
    folder.visit(&mut |file_name| {
        // Few files are: most names need not be taken apart.
        let is_one = file_name.ends_with(Extension::Protection.as_str().as_bytes());
        if is_one && names.len() <= PROTECTED_MAX {
            names.extend(ClipName::parse_file(file_name).map(|(name, _)| name));
        }
    })?;
    Ok(names)
}

/// The names to delete first, that one last. A sidecar without its video counts too, so that it goes some day.
fn oldest(folder: &impl Folder) -> io::Result<Vec<ClipName>> {
    let mut names = scan(folder, OLDEST_KEPT_MAX, |_| true, |name| (!name.is_continuous(), name.clone()))?;
    // Of one kind only: when these are gone there may be newer continuous recordings, which go before clips of events.
    if names.first().is_some_and(ClipName::is_continuous) {
        names.retain(ClipName::is_continuous);
    }
    names.reverse();
    Ok(names)
}

/// The first names of clips that nobody protects and that are `wanted`, in the order of `key`.
fn scan<K: Ord>(
    folder: &impl Folder,
    names_max: usize,
    wanted: impl Fn(&ClipName) -> bool,
    key: impl Fn(&ClipName) -> K,
) -> io::Result<Vec<ClipName>> {
    let protected = protected(folder)?;
    let mut kept = BTreeMap::new();
    for_each_file(folder, |name, _| {
        if wanted(&name) && !protected.contains(&name) {
            kept.insert(key(&name), name);
            if kept.len() > names_max {
                kept.pop_last();
            }
        }
    })?;
    Ok(kept.into_values().collect())
}

/// One clip of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ClipName,
    /// Whether its video is sealed.
    pub video: Extension,
    /// Its size; 0 where it vanished meanwhile.
    pub bytes: u64,
    /// Whether the owner protects it.
    pub is_protected: bool,
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
        if Extension::VIDEOS.contains(&extension) {
            total += 1;
            kept.insert(name);
            if kept.len() > newest_max {
                kept.pop_first();
            }
        }
    })?;
    let with_size = |name: ClipName| {
        let (video, bytes) = video_of(folder, &name).unwrap_or((Extension::Video, 0));
        let is_protected = is_protected(folder, &name);
        Listed { name, video, bytes, is_protected }
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

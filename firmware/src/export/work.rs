//! All clips that are wanted, newest first, the chain last: what is copied, what is left out, and when it is over.
//!
//! Memory is bounded, whatever is on the card: names are taken from it some hundred at a time. It must not know how a file is copied.

use super::copy::{Copied, Copier, CopyError, Owner, PART, ReadBack, Same};
use super::order::Order;
use crate::record::chain::unlinked;
use crate::record::folder::Folder;
use crate::record::shelf::{read_sidecar, video_of};
use crate::record::{ClipName, Extension};
use evidence::segment::{file_name, parse_file_name};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};

/// Names taken from the card at once.
const BATCH_MAX: usize = 256;
/// Left-over pieces of earlier exports removed in one go; the others go the next time.
const PIECES_MAX: usize = 64;
/// How often everything is gone through until nothing was new any more. Clips come at most every few seconds, and the last round only
/// compares lengths.
const ROUNDS_MAX: u32 = 5;
/// A full folder is told from a full stick by more room than a clip's name needs.
const NAME_ROOM_BYTES: u64 = 1024 * 1024;

/// A clip's files, in the order in which they are copied: the description says last that the clip is there.
const FILES: [Extension; 5] =
    [Extension::Video, Extension::SealedVideo, Extension::Still, Extension::SealedStill, Extension::Sidecar];

/// Why it ended before it was done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// Somebody wanted that.
    #[error("stopped as asked")]
    Stopped,
    /// No room for the next clip.
    #[error("the stick is full: for {0} another {1} KiB are missing")]
    Full(String, u64),
    /// FAT has room for 65,536 entries in a folder, and a clip takes some fifteen.
    #[error(
        "the folder on the stick is full, though the stick is not; give the folder another name on a computer, or format the stick with exFAT"
    )]
    FolderFull,
    /// It is the first error that a file system met which makes it refuse everything.
    #[error("the stick's file system is damaged and takes nothing any more; let a computer check it")]
    Damaged,
    /// The stick failed.
    #[error("the stick failed at {0}: {1}")]
    Stick(String, io::Error),
    /// The stick lied.
    #[error("at {0}: {1}")]
    Lied(String, CopyError),
    /// The card cannot be listed.
    #[error("the clips on the card cannot be listed: {0}")]
    Card(io::Error),
    /// Pulled, or out of use after an error.
    #[error("the card is not in use any more; export again when it is")]
    NoCard,
}

/// What there is to do, as far as it can be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Clips that are not on the stick.
    pub clips: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is free on the stick.
    pub free_bytes: u64,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Clips of which something was copied, and all is there now.
    pub copied: u64,
    /// Bytes written, all files together.
    pub bytes: u64,
    /// Clips that were there.
    pub there: u64,
    /// Clips that are being written, or were never finished.
    pub unfinished: u64,
    /// Clips and other files that were left out for another reason.
    pub left_out: u64,
}

/// See the module.
pub struct Work<'a, C, S> {
    card: &'a C,
    stick: &'a S,
    order: &'a Order,
    copier: Copier<'a, C, S>,
    /// What was done so far.
    pub tally: Tally,
}

impl<'a, C: Folder, S: ReadBack> Work<'a, C, S> {
    /// From a card's folder to a stick's, which takes no longer files than these.
    pub fn new(card: &'a C, stick: &'a S, order: &'a Order, file_bytes_max: Option<u64>) -> Self {
        let copier = Copier::new(card, stick, file_bytes_max);
        Self { card, stick, order, copier, tally: Tally::default() }
    }

    /// Removes what interrupted exports left, and counts what is missing.
    ///
    /// # Errors
    /// The card cannot be listed, or the stick fails.
    pub fn plan(&mut self) -> Result<Plan, WorkError> {
        clear_pieces(self.stick).map_err(|error| stick_error("an unfinished file", error))?;
        let mut plan = Plan::default();
        let (card, stick, order) = (self.card, self.stick, self.order);
        each_clip(card, order, |name| {
            let missing = missing_bytes(card, stick, name).map_err(|e| stick_error("its folder", e))?;
            plan.clips += u64::from(missing.is_some());
            plan.bytes += missing.unwrap_or(0);
            Ok(true)
        })?;
        plan.free_bytes = self.stick.free().map_err(|error| stick_error("its free space", error))?.free_bytes;
        Ok(plan)
    }

    /// Copies. [`Work::tally`] says what was done, also after an error.
    ///
    /// # Errors
    /// See [`WorkError`].
    pub fn run(&mut self, owner: &mut dyn Owner) -> Result<(), WorkError> {
        let same = if *self.order == Order::New { Same::ByLength } else { Same::ByContent };
        let segments = self.segments()?;
        let mut copied = self.clips(same, true, owner)?;
        if !self.order.is_everything() {
            return Ok(());
        }
        // The chain shall tell of just those clips that are on the stick: its state is that from before a round in which there was
        // nothing to copy, and nothing was added to it.
        let mut before = segments;
        for round in 1..=ROUNDS_MAX {
            let now = self.segments()?;
            if round == ROUNDS_MAX || (copied == 0 && now == before) {
                break;
            }
            before = now;
            copied = self.clips(Same::ByLength, false, owner)?;
        }
        self.chain(&before, owner)
    }

    /// Goes through all clips that are wanted once; how many were copied. What is there or left out is counted in the first round.
    fn clips(&mut self, same: Same, is_first: bool, owner: &mut dyn Owner) -> Result<u64, WorkError> {
        let before = self.tally;
        let (card, order) = (self.card, self.order);
        each_clip(card, order, |name| self.clip(name, same, owner))?;
        let copied = self.tally.copied - before.copied;
        if !is_first {
            self.tally = Tally { copied: self.tally.copied, bytes: self.tally.bytes, ..before };
        }
        Ok(copied)
    }

    /// One clip; whether it counts as one of those that were asked for.
    fn clip(&mut self, name: &ClipName, same: Same, owner: &mut dyn Owner) -> Result<bool, WorkError> {
        let missing =
            missing_bytes(self.card, self.stick, name).map_err(|e| stick_error(&name.to_string(), e))?;
        if missing.is_none() && same == Same::ByLength {
            self.tally.there += 1;
            return Ok(true);
        }
        if !is_finished(self.card, name) {
            self.tally.unfinished += 1;
            return Ok(false);
        }
        if video_of(self.card, name).is_none() {
            return self.leave_out(&name.to_string(), &CopyError::Gone, owner);
        }
        let mut is_new = false;
        for extension in FILES {
            let file = name.file_name(extension);
            if self.card.bytes(&file).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
                continue;
            }
            match self.file(&file, None, same, owner)? {
                Ok(copied) => is_new |= copied != Copied::WasThere,
                Err(error) => return self.leave_out(&file, &error, owner),
            }
        }
        self.tally.copied += u64::from(is_new);
        self.tally.there += u64::from(!is_new);
        owner.has_clip();
        Ok(true)
    }

    /// One file. What is wrong with it alone is no error.
    fn file(
        &mut self,
        file: &str,
        bytes: Option<u64>,
        same: Same,
        owner: &mut dyn Owner,
    ) -> Result<Result<Copied, CopyError>, WorkError> {
        match self.copier.copy(file, bytes, same, owner) {
            Ok(copied) => {
                if let Copied::Written(bytes) = copied {
                    self.tally.bytes += bytes;
                }
                Ok(Ok(copied))
            }
            Err(error) if error.is_of_the_file() => Ok(Err(error)),
            Err(CopyError::Stopped) => Err(WorkError::Stopped),
            Err(CopyError::NoRoom(missing_bytes)) => {
                Err(WorkError::Full(file.to_owned(), missing_bytes.div_ceil(1024)))
            }
            Err(CopyError::Stick(error)) if error.kind() == ErrorKind::StorageFull => {
                let free_bytes = self.stick.free().map_or(0, |free| free.free_bytes);
                let needed_bytes = self.card.bytes(file).unwrap_or(0);
                match free_bytes > needed_bytes.saturating_add(NAME_ROOM_BYTES) {
                    true => Err(WorkError::FolderFull),
                    false => {
                        let missing_bytes = needed_bytes.saturating_sub(free_bytes).max(1);
                        Err(WorkError::Full(file.to_owned(), missing_bytes.div_ceil(1024)))
                    }
                }
            }
            Err(CopyError::Stick(error)) => Err(stick_error(file, error)),
            Err(error) => Err(WorkError::Lied(file.to_owned(), error)),
        }
    }

    fn leave_out(&mut self, what: &str, why: &CopyError, owner: &mut dyn Owner) -> Result<bool, WorkError> {
        if matches!(why, CopyError::Gone | CopyError::Card(_)) && !self.card.is_present() {
            return Err(WorkError::NoCard);
        }
        self.tally.left_out += 1;
        owner.left_out(what, &why.to_string());
        Ok(true)
    }

    /// The chain's files, each no further than it went then.
    fn chain(&mut self, segments: &[(u64, u64)], owner: &mut dyn Owner) -> Result<(), WorkError> {
        for (first, bytes) in segments {
            let file = file_name(*first);
            match self.file(&file, Some(*bytes), Same::ByContent, owner)? {
                // The card lets the beginning of its chain go; a link that comes later says so.
                Ok(_) | Err(CopyError::Gone) => {}
                Err(error) => drop(self.leave_out(&file, &error, owner)?),
            }
        }
        Ok(())
    }

    /// The chain's files and their lengths, in order.
    fn segments(&self) -> Result<Vec<(u64, u64)>, WorkError> {
        let mut numbers = Vec::new();
        self.card.visit(&mut |name| numbers.extend(parse_file_name(name))).map_err(WorkError::Card)?;
        numbers.sort_unstable();
        Ok(numbers.into_iter().filter_map(|n| Some((n, self.card.bytes(&file_name(n)).ok()?))).collect())
    }
}

/// Removes what interrupted exports left in the stick's folder.
///
/// # Errors
/// The stick cannot be read, or refuses.
pub fn clear_pieces(stick: &impl Folder) -> io::Result<()> {
    let mut pieces = Vec::new();
    stick.visit(&mut |name| {
        if name.ends_with(PART.as_bytes()) && pieces.len() < PIECES_MAX {
            pieces.push(String::from_utf8_lossy(name).into_owned());
        }
    })?;
    pieces.iter().try_for_each(|piece| stick.remove(piece))
}

/// What an error of the stick means.
fn stick_error(file: &str, error: io::Error) -> WorkError {
    match error.kind() {
        ErrorKind::ReadOnlyFilesystem => WorkError::Damaged,
        _ => WorkError::Stick(file.to_owned(), error),
    }
}

/// Shows the clips that are wanted, newest first, until `visit` has counted as many as are.
fn each_clip(
    card: &impl Folder,
    order: &Order,
    mut visit: impl FnMut(&ClipName) -> Result<bool, WorkError>,
) -> Result<(), WorkError> {
    let mut left = order.clips_max();
    let mut before = None;
    loop {
        let batch = batch(card, order, before.as_ref()).map_err(WorkError::Card)?;
        for name in batch.iter().rev() {
            if left == 0 {
                return Ok(());
            }
            left -= u64::from(visit(name)?);
        }
        match batch.into_iter().next() {
            Some(oldest) => before = Some(oldest),
            None => return Ok(()),
        }
    }
}

/// The newest names that are older than `before`.
fn batch(card: &impl Folder, order: &Order, before: Option<&ClipName>) -> io::Result<BTreeSet<ClipName>> {
    let mut names = BTreeSet::new();
    card.visit(&mut |file_name| {
        let Some((name, extension)) = ClipName::parse_file(file_name) else { return };
        let is_next = Extension::VIDEOS.contains(&extension) && before.is_none_or(|before| name < *before);
        if is_next && order.wants(&name) {
            names.insert(name);
            if names.len() > BATCH_MAX {
                names.pop_first();
            }
        }
    })?;
    Ok(names)
}

/// The bytes of a clip's files that the stick does not have in their length; nothing if it has all.
fn missing_bytes(card: &impl Folder, stick: &impl Folder, name: &ClipName) -> io::Result<Option<u64>> {
    let mut missing = None;
    for extension in FILES {
        let file = name.file_name(extension);
        // What is not on the card, or cannot be read there, is met again when it is copied.
        let Ok(bytes) = card.bytes(&file) else { continue };
        match stick.bytes(&file) {
            Ok(found) if found == bytes => {}
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => missing = Some(missing.unwrap_or(0) + bytes),
        }
    }
    Ok(missing)
}

/// Whether nobody will change a clip any more: its description says that it is complete, or it is in the chain, as one is that a power
/// cut cut short and that was mended.
pub fn is_finished(card: &impl Folder, name: &ClipName) -> bool {
    let is_complete =
        read_sidecar(card, name).is_ok_and(|sidecar| sidecar.is_some_and(|sidecar| sidecar.complete));
    is_complete || unlinked(card, vec![name.clone()]).is_ok_and(|unlinked| unlinked.is_empty())
}

//! Clips that are not in the chain yet: their videos are read and hashed while nothing is recorded, a piece at a time.
//!
//! A clip that is closed in order is hashed as it is written; these are the others: cut short by a power cut or a failing
//! card, or closed by a guard that died before it could add the link. Must not write.

use std::io;

use evidence::{Hash, Hasher};

use super::folder::{Folder, FolderFile, Open};
use super::mend::mend_clip;
use super::name::{ClipName, Extension};
use super::shelf::video_of;

/// Most clips that wait; the next start finds what does not fit.
pub const UNLINKED_MAX: usize = 16;
/// Read in one step: some tens of ms on a slow card, so that an event that begins does not wait.
pub const STEP_BYTES: u64 = 1024 * 1024;
/// Read in one call.
const BUFFER_BYTES: usize = 64 * 1024;

/// A video that is being read.
struct Reading<W> {
    name: ClipName,
    video: Extension,
    file: W,
    at: u64,
    hasher: Hasher,
}

/// A video that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("The clip {name} cannot be read, so it is not in the chain of hashes: {error}.")]
pub struct Unreadable {
    /// The clip.
    pub name: ClipName,
    /// Why.
    pub error: io::Error,
}

/// A video that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// The clip.
    pub name: ClipName,
    /// Whether its video is sealed.
    pub video: Extension,
    /// The video's hash.
    pub hash: Hash,
}

/// See the head of this file.
pub struct Unlinked<W> {
    waiting: Vec<ClipName>,
    reading: Option<Reading<W>>,
    /// What could not be read. A card with a bad sector is mounted anew each time that one is met: not for these again.
    given_up: Vec<ClipName>,
}

impl<W: FolderFile> Unlinked<W> {
    /// None.
    pub fn new() -> Self {
        Self { waiting: Vec::new(), reading: None, given_up: Vec::new() }
    }

    /// One more clip that nobody writes any more.
    pub fn push(&mut self, name: ClipName) {
        let is_known = self.waiting.contains(&name) || self.given_up.contains(&name);
        if self.waiting.len() < UNLINKED_MAX && !is_known {
            self.waiting.push(name);
        }
    }

    /// Lets go of all of them.
    pub fn forget(&mut self) {
        self.waiting.clear();
        self.reading = None;
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.reading.is_none()
    }

    /// Reads on; a clip whose video has been read to its end.
    ///
    /// # Errors
    /// A video cannot be read: it is given up until the next start. One that was deleted meanwhile is no error.
    pub fn step(&mut self, folder: &impl Folder<File = W>) -> Result<Option<Hashed>, Unreadable> {
        let read = self.read_on(folder);
        if let Err(Unreadable { name, .. }) = &read
            && self.given_up.len() < UNLINKED_MAX
        {
            self.given_up.push(name.clone());
        }
        read
    }

    fn read_on(&mut self, folder: &impl Folder<File = W>) -> Result<Option<Hashed>, Unreadable> {
        let mut reading = match self.reading.take() {
            Some(reading) => reading,
            None => {
                let Some(name) = self.waiting.pop() else { return Ok(None) };
                // A link is for good: nobody may find anything to mend about it later.
                if let Err(error) = mend_clip(folder, &name) {
                    return Err(Unreadable { name, error });
                }
                let Some((video, _)) = video_of(folder, &name) else { return Ok(None) };
                match folder.open(&name.file_name(video), Open::Existing) {
                    Ok(file) => Reading { name, video, file, at: 0, hasher: Hasher::default() },
                    Err(error) => return Err(Unreadable { name, error }),
                }
            }
        };
        match reading.step() {
            Ok(true) => {
                Ok(Some(Hashed { hash: reading.hasher.hash(), video: reading.video, name: reading.name }))
            }
            Ok(false) => {
                self.reading = Some(reading);
                Ok(None)
            }
            Err(error) => Err(Unreadable { name: reading.name, error }),
        }
    }
}

impl<W: FolderFile> Reading<W> {
    /// Reads on; whether its end is reached.
    fn step(&mut self) -> io::Result<bool> {
        let end = self.file.bytes()?;
        let goal = end.min(self.at + STEP_BYTES);
        let mut buffer = vec![0; BUFFER_BYTES];
        while self.at < goal {
            let piece = usize::try_from(goal - self.at).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
            let piece = buffer.get_mut(..piece).unwrap_or_default();
            self.file.read_exact_at(piece, self.at)?;
            self.hasher.update(piece);
            self.at += piece.len() as u64;
        }
        Ok(self.at >= end)
    }
}

impl<W: FolderFile> Default for Unlinked<W> {
    fn default() -> Self {
        Self::new()
    }
}

//! The shelf: clips in a folder, each a video with a description beside it.
//!
//! Which files belong to a clip, and in which order they come and go so that a cut between any two steps leaves nothing that
//! is wrong. Must not decide when.

use std::io::{self, IoSlice};

use evidence::{Hash, What, Why};

use super::chain::{ChainLog, Head};
use super::folder::{Folder, FolderFile, Open, append_all, read_all};
use super::name::{ClipName, Extension, TOKEN_END};
use super::order::{Order, OrderError};
use super::recorder::FRAME_BYTES_MAX;
use super::retention::{self, Keep, PROTECTED_MAX, Retention, RetentionError, Room};
use super::sidecar::{SIDECAR_BYTES_MAX, Sidecar};

/// Other tokens tried when a clip of the same name exists, which takes a clock that stands still.
const CREATE_TRIES: u16 = 8;

/// A picture is a frame; sealed, it has a header and tags beside.
const STILL_BYTES_MAX: u64 = FRAME_BYTES_MAX as u64 + 64 * 1024;

/// Which of its two forms a clip's video has, and its length; `None` where there is none.
pub fn video_of(folder: &impl Folder, name: &ClipName) -> Option<(Extension, u64)> {
    Extension::VIDEOS.into_iter().find_map(|video| Some((video, folder.bytes(&name.file_name(video)).ok()?)))
}

/// A clip could not be added to the chain.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is nothing wrong with the card as a whole.
    #[error("its description or its picture cannot be read: {0}")]
    Description(io::Error),
    /// The card refused.
    #[error("the card reports '{0}'")]
    Chain(io::Error),
}

/// A folder and what is remembered of it.
#[derive(Debug)]
pub struct Shelf<D> {
    folder: D,
    retention: Retention,
    chain: ChainLog,
}

impl<D: Folder> Shelf<D> {
    /// The clips in that folder.
    pub fn new(folder: D) -> Self {
        Self { folder, retention: Retention::default(), chain: ChainLog::default() }
    }

    /// The folder.
    pub fn folder(&self) -> &D {
        &self.folder
    }

    /// The newest link of the chain, if it is known.
    pub fn head(&self) -> Option<Head> {
        self.chain.head()
    }

    /// Finds the chain's end.
    ///
    /// # Errors
    /// The card cannot be read, or refused.
    pub fn open_chain(&mut self) -> io::Result<()> {
        self.chain.open(&self.folder)
    }

    /// Another card may be there: what is remembered of the old one is not true any more.
    pub fn forget(&mut self) {
        self.retention = Retention::default();
        self.chain.forget();
    }

    /// Creates a clip's video, with another token in the name as long as that name is taken.
    ///
    /// # Errors
    /// All names are taken, or the card refused.
    pub fn create(&mut self, name: &mut ClipName, video: Extension) -> io::Result<D::File> {
        let create = |name: &ClipName| self.folder.open(&name.file_name(video), Open::New);
        for _ in 1..CREATE_TRIES {
            match create(name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    name.token = (name.token + 1) % TOKEN_END;
                }
                result => {
                    self.retention.note_begun(name);
                    return result;
                }
            }
        }
        create(name)
    }

    /// Adds a clip to the chain. Its video and its description are on the card, and nobody will change them any more.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub fn link(&mut self, name: &ClipName, video: Extension, hash: Hash) -> Result<(), LinkError> {
        let description = read_all(&self.folder, &name.file_name(Extension::Sidecar), SIDECAR_BYTES_MAX);
        let description = Hash::of(&description.map_err(LinkError::Description)?);
        let mut files = vec![(video, hash), (Extension::Sidecar, description)];
        files.extend(self.still(name).map_err(LinkError::Description)?);
        let files = files.into_iter().map(|(file, hash)| (file.as_str().to_owned(), hash)).collect();
        self.chain
            .append(&self.folder, What::Clip { name: name.to_string(), files })
            .map_err(LinkError::Chain)
    }

    /// The hash of a clip's picture, where it has one.
    fn still(&self, name: &ClipName) -> io::Result<Option<(Extension, Hash)>> {
        for still in Extension::STILLS {
            match read_all(&self.folder, &name.file_name(still), STILL_BYTES_MAX) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other.map(|picture| Some((still, Hash::of(&picture)))),
            }
        }
        Ok(None)
    }

    /// Deletes the oldest clips until there is room; never `writing`. What went is in the chain; the failure to write that
    /// down, if there was one.
    ///
    /// # Errors
    /// See [`Retention::make_room`].
    pub fn make_room(
        &mut self,
        keep: Keep,
        writing: Option<&ClipName>,
    ) -> Result<(Room, Option<io::Error>), RetentionError> {
        let Self { folder, retention, chain } = self;
        let mut failed = None;
        let mut announce = announcer(folder, chain, Why::Room, &mut failed);
        let room = retention.make_room(folder, keep, writing, &mut announce)?;
        drop(announce);
        Ok((room, failed))
    }

    /// Deletes a clip as its owner wants it, on a full card too.
    fn delete(&mut self, name: &ClipName) -> io::Result<()> {
        let Self { folder, chain, .. } = self;
        let mut failed = None;
        let mut announce = announcer(folder, chain, Why::Owner, &mut failed);
        let (_, stuck) = retention::delete(folder, std::slice::from_ref(name), &mut announce);
        drop(announce);
        let stuck = stuck.map(|error| io::Error::new(error.io().kind(), error.to_string()));
        stuck.or(failed).map_or(Ok(()), Err)
    }

    /// Deletes clips from before `before_us`; never `writing`. How many went, and the failure to write that down, if there was
    /// one.
    ///
    /// # Errors
    /// See [`retention::expire`].
    pub fn expire(
        &mut self,
        before_us: u64,
        writing: Option<&ClipName>,
    ) -> Result<(u32, Option<io::Error>), RetentionError> {
        let Self { folder, chain, .. } = self;
        let mut failed = None;
        let mut announce = announcer(folder, chain, Why::Age, &mut failed);
        let deleted = retention::expire(folder, before_us, writing, &mut announce)?;
        drop(announce);
        Ok((deleted, failed))
    }

    /// Does what the owner asks for.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn obey(&mut self, order: &Order, writing: Option<&ClipName>) -> Result<(), OrderError> {
        let name = order.name();
        let protection = name.file_name(Extension::Protection);
        let is_protected = self.folder.bytes(&protection).is_ok();
        if video_of(&self.folder, name).is_none() && !is_protected {
            return Err(OrderError::Unknown(name.clone()));
        }
        match (order, is_protected) {
            (Order::Protect(_), true) | (Order::Release(_), false) => return Ok(()),
            (Order::Protect(_), false) => {
                if retention::protected(&self.folder)?.len() >= PROTECTED_MAX {
                    return Err(OrderError::TooMany);
                }
                self.folder.open(&protection, Open::New)?.sync()?;
            }
            (Order::Release(_), true) => self.folder.remove(&protection)?,
            (Order::Delete(_), _) if Some(name) == writing => {
                return Err(OrderError::BeingWritten(name.clone()));
            }
            (Order::Delete(_), true) => return Err(OrderError::Protected(name.clone())),
            (Order::Delete(_), false) => self.delete(name)?,
        }
        Ok(self.folder.sync()?)
    }
}

/// What adds to the chain that clips are about to go; its last failure is kept.
fn announcer<D: Folder>(
    folder: &D,
    chain: &mut ChainLog,
    why: Why,
    failed: &mut Option<io::Error>,
) -> impl FnMut(&[ClipName]) -> bool {
    move |clips| {
        let names = clips.iter().map(ClipName::to_string).collect();
        *failed = chain.append(folder, What::Removed { why, names }).err();
        failed.is_none()
    }
}

/// Writes the picture of a clip that shows most of it. Its name is durable with the description that is stored afterwards.
///
/// # Errors
/// The card refused; what is there of the picture is gone again, if the card lets it.
pub fn store_still(
    folder: &impl Folder,
    name: &ClipName,
    still: Extension,
    picture: &[u8],
) -> io::Result<()> {
    write_anew(folder, &name.file_name(still), picture, || Ok(()))
}

/// Writes a small file, synced, and does what comes `then`; of one that failed nothing is left, if the card lets it.
fn write_anew(
    folder: &impl Folder,
    file_name: &str,
    content: &[u8],
    then: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    let write = || {
        let mut file = folder.open(file_name, Open::Anew)?;
        append_all(&mut file, &mut [IoSlice::new(content)])?;
        file.sync()
    };
    let written = write().and_then(|()| then());
    if written.is_err() {
        // Best effort: what stays is deleted with its clip.
        let _ = folder.remove(file_name);
    }
    written
}

/// Replaces a clip's description by this text: afterwards the old one or this one is on the card, whole.
///
/// # Errors
/// The card refused; the old one is still there.
pub fn store_sidecar(folder: &impl Folder, name: &ClipName, json: &[u8]) -> io::Result<()> {
    let draft = name.file_name(Extension::SidecarDraft);
    write_anew(folder, &draft, json, || folder.rename(&draft, &name.file_name(Extension::Sidecar)))?;
    folder.sync()
}

/// A clip's description, if there is one; one that is no JSON of ours is none.
///
/// # Errors
/// A card in trouble: the clip may have one.
pub fn read_sidecar(folder: &impl Folder, name: &ClipName) -> io::Result<Option<Sidecar>> {
    match read_all(folder, &name.file_name(Extension::Sidecar), SIDECAR_BYTES_MAX) {
        Ok(json) => Ok(serde_json::from_slice(&json).ok()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::FileTooLarge) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Deletes all files of a clip; that one is missing is no error.
///
/// # Errors
/// The card refused; some of the files may be gone.
pub fn remove_clip(folder: &impl Folder, name: &ClipName) -> io::Result<()> {
    Extension::ALL.into_iter().try_for_each(|extension| remove_if_there(folder, name, extension))
}

/// Deletes what a cut left of a new description, if there is any.
///
/// # Errors
/// The card refused.
pub fn remove_draft(folder: &impl Folder, name: &ClipName) -> io::Result<()> {
    remove_if_there(folder, name, Extension::SidecarDraft)
}

/// Deletes a picture that no description names: nobody knows whether all of it is on the card.
///
/// # Errors
/// The card refused.
pub fn remove_still(folder: &impl Folder, name: &ClipName) -> io::Result<()> {
    Extension::STILLS.into_iter().try_for_each(|still| remove_if_there(folder, name, still))
}

fn remove_if_there(folder: &impl Folder, name: &ClipName, extension: Extension) -> io::Result<()> {
    match folder.remove(&name.file_name(extension)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

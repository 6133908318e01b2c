//! The shelf: clips in a folder, each a video with a description beside it.
//!
//! Which files belong to a clip, and in which order they come and go so that a cut between any two steps leaves nothing that
//! is wrong. Must not decide when.

use std::io::{self, IoSlice};

use super::folder::{Folder, Open, append_all};
use super::name::{ClipName, Extension};
use super::retention::{Keep, Retention, RetentionError, Room};

/// A folder and what is remembered of it.
#[derive(Debug)]
pub struct Shelf<D> {
    folder: D,
    retention: Retention,
}

impl<D: Folder> Shelf<D> {
    /// The clips in that folder.
    pub fn new(folder: D) -> Self {
        Self { folder, retention: Retention::default() }
    }

    /// The folder.
    pub fn folder(&self) -> &D {
        &self.folder
    }

    /// Creates a clip's video.
    ///
    /// # Errors
    /// It exists, or the card refused.
    pub fn create(&self, name: &ClipName) -> io::Result<D::File> {
        self.folder.open(&name.file_name(Extension::Video), Open::New)
    }

    /// Another card may be there: what is remembered of the old one is not true any more.
    pub fn forget(&mut self) {
        self.retention = Retention::default();
    }

    /// Deletes the oldest clips until there is room; never `writing`.
    ///
    /// # Errors
    /// See [`Retention::make_room`].
    pub fn make_room(&mut self, keep: Keep, writing: Option<&ClipName>) -> Result<Room, RetentionError> {
        self.retention.make_room(&self.folder, keep, writing)
    }
}

/// Replaces a clip's description by this text: afterwards the old one or this one is on the card, whole.
///
/// # Errors
/// The card refused; the old one is still there.
pub fn store_sidecar(folder: &impl Folder, name: &ClipName, json: &[u8]) -> io::Result<()> {
    let draft = name.file_name(Extension::SidecarDraft);
    let write = || {
        let mut file = folder.open(&draft, Open::Anew)?;
        append_all(&mut file, &mut [IoSlice::new(json)])?;
        super::folder::FolderFile::sync(&mut file)?;
        folder.rename(&draft, &name.file_name(Extension::Sidecar))
    };
    let renamed = write();
    if renamed.is_err() {
        // Best effort: a draft that stays is deleted with its clip.
        let _ = folder.remove(&draft);
    }
    renamed.and_then(|()| folder.sync())
}

/// Deletes all files of a clip; that one is missing is no error.
///
/// # Errors
/// The card refused; some of the files may be gone.
pub fn remove_clip(folder: &impl Folder, name: &ClipName) -> io::Result<()> {
    for extension in Extension::ALL {
        match folder.remove(&name.file_name(extension)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

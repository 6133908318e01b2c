//! Where clips go: what the recorder needs of a card, and the real one, a directory.
//!
//! The traits are the seam at which tests let operations fail. Must not decide anything about clips.

use std::fs::{self, File};
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::name::{ClipName, Extension};
use super::retention::{Keep, Retention, RetentionError, Room, Statvfs};

/// An open clip's file.
pub trait ClipFile {
    /// Appends some bytes of the slices; how many. As [`Write::write_vectored`].
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Returns once everything written is on the card.
    fn sync_data(&mut self) -> io::Result<()>;
    /// Cuts the file back; the next write appends there.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

impl ClipFile for File {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Write::write_vectored(self, slices)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.seek(SeekFrom::Start(bytes)).map(drop)
    }
}

/// A place for clips.
pub trait Storage {
    /// Its files.
    type File: ClipFile;
    /// Whether there is a card at all.
    fn is_present(&self) -> bool;
    /// Creates a clip's video file; fails where it exists.
    fn create(&mut self, name: &ClipName) -> io::Result<Self::File>;
    /// Replaces a clip's sidecar by this text: afterwards the old one or this one is on the card, whole.
    fn store_sidecar(&mut self, name: &ClipName, json: &[u8]) -> io::Result<()>;
    /// Deletes all files of a clip, as far as there are any.
    fn remove(&mut self, name: &ClipName) -> io::Result<()>;
    /// Another card may be there: what is remembered of the old one is not true any more.
    fn forget(&mut self);
    /// Deletes the oldest clips until there is room; never `writing`.
    fn make_room(&mut self, keep: Keep, writing: Option<&ClipName>) -> Result<Room, RetentionError>;
}

/// The directory of the clips on the mounted card.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    must_be_mounted: bool,
    retention: Retention,
}

impl Directory {
    /// Clips in `path`. With `must_be_mounted` the card counts as missing while the directory is on the same device as
    /// `/`: without a card that is memory, where clips must not go.
    pub fn new(path: impl Into<PathBuf>, must_be_mounted: bool) -> Self {
        Self { path: path.into(), must_be_mounted, retention: Retention::default() }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, name: &ClipName, extension: Extension) -> PathBuf {
        self.path.join(name.file_name(extension))
    }

    /// Makes new, renamed and deleted names durable.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

impl Storage for Directory {
    type File = File;

    fn is_present(&self) -> bool {
        let Ok(here) = fs::metadata(&self.path) else { return false };
        let mounted = || fs::metadata("/").is_ok_and(|root| root.dev() != here.dev());
        here.is_dir() && (!self.must_be_mounted || mounted())
    }

    fn create(&mut self, name: &ClipName) -> io::Result<File> {
        File::options().write(true).create_new(true).open(self.file(name, Extension::Video))
    }

    fn store_sidecar(&mut self, name: &ClipName, json: &[u8]) -> io::Result<()> {
        let draft = self.file(name, Extension::SidecarDraft);
        let mut file = File::create(&draft)?;
        let written = file.write_all(json).and_then(|()| file.sync_all());
        let renamed = written.and_then(|()| fs::rename(&draft, self.file(name, Extension::Sidecar)));
        if renamed.is_err() {
            // Best effort: a draft that stays is deleted with its clip.
            let _ = fs::remove_file(&draft);
        }
        renamed.and_then(|()| self.sync())
    }

    fn remove(&mut self, name: &ClipName) -> io::Result<()> {
        remove_files(&self.path, name)
    }

    fn forget(&mut self) {
        self.retention = Retention::default();
    }

    fn make_room(&mut self, keep: Keep, writing: Option<&ClipName>) -> Result<Room, RetentionError> {
        self.retention.make_room(&self.path, keep, writing, &Statvfs)
    }
}

/// Deletes all files of a clip in a directory; that one is missing is no error.
pub(super) fn remove_files(dir: &Path, name: &ClipName) -> io::Result<()> {
    for extension in Extension::ALL {
        match fs::remove_file(dir.join(name.file_name(extension))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

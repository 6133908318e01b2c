//! Copies one file of a card into a folder of this computer, so that under its name there is all of it or nothing.
//!
//! It is written under another name, flushed, read back and compared, and then renamed. A file that is there already is never
//! lost: one with the same content stays, one that is the beginning of the card's is replaced (the card's went on), and beside
//! any other the card's comes under a number.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::card::{Card, OpenFile};
use super::names::numbered;
use super::{Error, ext4};

/// Read and written at once: large enough for full speed, small enough that a stop is heard at once.
pub const CHUNK_BYTES: usize = 1 << 20;
/// How many different files of one name are kept.
const NUMBER_MAX: usize = 99;

/// Somebody who sees how far the work is, and may end it.
pub trait Watch {
    /// `done` of `total` bytes are behind us.
    fn progress(&mut self, done: u64, total: u64);
    /// Whether to stop now.
    fn stop(&mut self) -> bool;
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was copied.
    Copied,
    /// It was copied under this name, because another file has its own.
    Beside(String),
    /// It was there already, byte by byte.
    Same,
}

/// Why a file was not copied.
#[derive(Debug)]
pub enum Failure {
    /// The card; other files may still be read.
    Card(ext4::Error),
    /// Nothing more can be copied.
    Fatal(Error),
}

impl From<ext4::Error> for Failure {
    fn from(error: ext4::Error) -> Self {
        Self::Card(error)
    }
}

/// Copies from a card into a folder, which is there.
pub struct Copier<'a> {
    /// From where.
    pub card: &'a mut Card,
    /// To where.
    pub folder: &'a Path,
    /// For whom.
    pub watch: &'a mut dyn Watch,
    /// Bytes of the files before this one.
    pub done: u64,
    /// Bytes of all files.
    pub total: u64,
}

/// What is there already.
#[derive(PartialEq, Eq)]
enum There {
    Nothing,
    Same,
    /// The beginning of the card's file.
    Beginning,
    Another,
}

impl Copier<'_> {
    /// Copies a file.
    ///
    /// # Errors
    /// See [`Failure`]; under the file's name there is nothing new then.
    pub fn copy(&mut self, name: &str, inode: ext4::Inode) -> Result<Outcome, Failure> {
        let file = self.card.file(inode)?;
        for number in 1..=NUMBER_MAX {
            let named = if number == 1 { name.to_owned() } else { numbered(name, number) };
            let path = self.folder.join(&named);
            let there = self.compare(&file, &path)?;
            match there {
                There::Same => return Ok(Outcome::Same),
                There::Another => continue,
                There::Nothing | There::Beginning => self.write(&file, &path, there == There::Beginning)?,
            }
            return Ok(if number == 1 { Outcome::Copied } else { Outcome::Beside(named) });
        }
        let source = io::Error::other("too many other files have its name");
        Err(Failure::Fatal(Error::Write { path: self.folder.join(name), source }))
    }

    /// Shows the way through a file, and hears whether to stop.
    fn go_on(&mut self, bytes: u64) -> Result<(), Failure> {
        self.watch.progress(self.done + bytes, self.total);
        if self.watch.stop() { Err(Failure::Fatal(Error::Stopped)) } else { Ok(()) }
    }

    fn compare(&mut self, file: &OpenFile, path: &Path) -> Result<There, Failure> {
        let failed = |source| Failure::Fatal(Error::Open { path: path.to_owned(), source });
        let length = match fs::symlink_metadata(path) {
            Ok(meta) if !meta.is_file() || meta.len() > file.inode.bytes => return Ok(There::Another),
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
            Err(error) => return Err(failed(error)),
        };
        let mut here = File::open(path).map_err(failed)?;
        let (mut buffer, mut other) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
        let mut offset = 0;
        while offset < length {
            self.go_on(offset)?;
            let read = self.card.read(file, offset, &mut buffer)?;
            let common = usize::try_from(length - offset).unwrap_or(usize::MAX).min(read.len());
            let other = other.get_mut(..common).unwrap_or_default();
            here.read_exact(other).map_err(failed)?;
            if common == 0 || read.get(..common) != Some(&*other) {
                return Ok(There::Another);
            }
            offset += common as u64;
        }
        Ok(if length == file.inode.bytes { There::Same } else { There::Beginning })
    }

    fn write(&mut self, file: &OpenFile, path: &Path, replaces: bool) -> Result<(), Failure> {
        let failed = |source| Failure::Fatal(Error::Write { path: path.to_owned(), source });
        let mut draft = draft(self.folder).map_err(failed)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut offset = 0;
        while offset < file.inode.bytes {
            self.go_on(offset)?;
            let read = self.card.read(file, offset, &mut buffer)?;
            hasher.update(read);
            draft.write_all(read).map_err(failed)?;
            offset += read.len() as u64;
        }
        draft.as_file().sync_all().map_err(failed)?;
        if hash(draft.as_file_mut(), &mut buffer).map_err(failed)? != hasher.finalize().as_slice() {
            return Err(Failure::Fatal(Error::ReadBack(path.to_owned())));
        }
        if let Some(modified) = file.inode.modified() {
            // A time that this computer cannot keep costs nothing but the time.
            let _ = draft.as_file().set_modified(modified);
        }
        let kept = if replaces { draft.persist(path) } else { draft.persist_noclobber(path) };
        kept.map(drop).map_err(|error| failed(error.error))
    }
}

/// A file without a clip's name, gone when it is dropped; readable for whom any new file here is.
fn draft(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pull-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// SHA-256 of a file, read from its beginning.
fn hash(file: &mut File, buffer: &mut [u8]) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Sha256::new();
    loop {
        match file.read(buffer)? {
            0 => return Ok(hasher.finalize().to_vec()),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

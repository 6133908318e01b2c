//! A folder on a card: all that recording needs of a file system, and the real one.
//!
//! The traits are the seam at which tests let operations fail and cut the power. Everything that recording keeps lies in one
//! flat folder. Must not know what a clip is.

use std::fs::{self, File};
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How a file is opened; it can be read and appended to in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// It must not exist.
    New,
    /// It is made, or emptied.
    Anew,
    /// It must exist; writing goes on at its end.
    Existing,
}

/// What is free on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free {
    /// Size of the file system.
    pub total_bytes: u64,
    /// Bytes that files can still take.
    pub free_bytes: u64,
    /// Files that can still be made.
    pub free_inodes: u64,
}

/// An open file.
pub trait FolderFile {
    /// Appends some bytes of the slices; how many. As [`Write::write_vectored`].
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Fills `bytes` from that place of the file on.
    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()>;
    /// The file's length.
    fn bytes(&self) -> io::Result<u64>;
    /// Returns once everything written, and the file's length, are on the card.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file back; the next write appends there.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

/// A folder. What is done to names is durable after the next [`Folder::sync`], in order before that.
pub trait Folder {
    /// Its files.
    type File: FolderFile;
    /// Whether there is a card at all.
    fn is_present(&self) -> bool;
    /// Opens a file.
    fn open(&self, name: &str, how: Open) -> io::Result<Self::File>;
    /// The length of a file.
    fn bytes(&self, name: &str) -> io::Result<u64>;
    /// Gives a file another name, whose own file, if there is one, is replaced: at no moment is there none.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Deletes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Returns once all names are on the card.
    fn sync(&self) -> io::Result<()>;
    /// Shows every name, in no order.
    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()>;
    /// What is free on the card.
    fn free(&self) -> io::Result<Free>;
}

/// Appends all slices, however few bytes each call takes.
///
/// # Errors
/// The card refused; some of the bytes may be in the file.
pub fn append_all(file: &mut impl FolderFile, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    let mut left: usize = slices.iter().map(|slice| slice.len()).sum();
    while left > 0 {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                let written = written.min(left);
                left -= written;
                IoSlice::advance_slices(&mut slices, written);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The bytes of a file, if there are at most `bytes_max`.
///
/// # Errors
/// It cannot be read, or is longer.
pub fn read_all(folder: &impl Folder, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = folder.open(name, Open::Existing)?;
    let bytes = file.bytes()?;
    if bytes > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut content = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
    file.read_exact_at(&mut content, 0)?;
    Ok(content)
}

/// A directory on the mounted card.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
    must_be_mounted: bool,
    is_read_only: bool,
}

impl Directory {
    /// The directory `path`. With `must_be_mounted` the card counts as missing while the directory is on the same device as
    /// `/`: without a card that is memory, where clips must not go.
    pub fn new(path: impl Into<PathBuf>, must_be_mounted: bool) -> Self {
        Self { path: path.into(), must_be_mounted, is_read_only: false }
    }

    /// The directory `path`, for whoever must not change it: files are opened for reading alone, and none is made.
    pub fn read_only(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), must_be_mounted: false, is_read_only: true }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FolderFile for File {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Write::write_vectored(self, slices)
    }

    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, bytes, at)
    }

    fn bytes(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.seek(SeekFrom::Start(bytes)).map(drop)
    }
}

impl Folder for Directory {
    type File = File;

    fn is_present(&self) -> bool {
        let Ok(here) = fs::metadata(&self.path) else { return false };
        let mounted = || fs::metadata("/").is_ok_and(|root| root.dev() != here.dev());
        here.is_dir() && (!self.must_be_mounted || mounted())
    }

    fn open(&self, name: &str, how: Open) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(!self.is_read_only);
        match how {
            Open::New => options.create_new(true),
            Open::Anew => options.create(true).truncate(true),
            Open::Existing => &mut options,
        };
        let mut file = options.open(self.path.join(name))?;
        if how == Open::Existing {
            file.seek(SeekFrom::End(0))?;
        }
        Ok(file)
    }

    fn bytes(&self, name: &str) -> io::Result<u64> {
        fs::metadata(self.path.join(name)).map(|metadata| metadata.len())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            visit(entry?.file_name().as_bytes());
        }
        Ok(())
    }

    // The counts have 32 bits on some of our targets and 64 on others.
    #[allow(clippy::useless_conversion)]
    fn free(&self) -> io::Result<Free> {
        let stat = nix::sys::statvfs::statvfs(&self.path)?;
        let block_bytes = u64::from(stat.fragment_size());
        Ok(Free {
            total_bytes: u64::from(stat.blocks()).saturating_mul(block_bytes),
            free_bytes: u64::from(stat.blocks_available()).saturating_mul(block_bytes),
            free_inodes: u64::from(stat.files_available()),
        })
    }
}

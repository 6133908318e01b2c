//! A real card: a block device, opened so that nobody else can use it, read and written past the page cache.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use nix::fcntl::{OFlag, PosixFadviseAdvice, posix_fadvise};

use super::choose;
use super::disks::{Disk, Host};
use super::transfer::{ALIGN_BYTES, Card};

/// Why a card cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person may not.
    #[error("{} can only be written by root", .0.display())]
    NotRoot(PathBuf),
    /// Something uses it that /sys and /proc do not show us.
    #[error("{} is in use (mounted elsewhere, ZFS, a virtual machine?)", .0.display())]
    Busy(PathBuf),
    /// Anything else.
    #[error("{} cannot be opened: {source}", path.display())]
    Open {
        /// The device.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is not what it was.
    #[error(transparent)]
    Gone(#[from] choose::Error),
    /// Another card.
    #[error("{} is not the card any more that was there before; nothing was written", .0.display())]
    Another(PathBuf),
}

/// An open card. As long as it lives, the kernel lets nobody mount it.
#[derive(Debug)]
pub struct BlockCard {
    file: File,
    disk: Disk,
}

impl BlockCard {
    /// Opens the disk for us alone.
    ///
    /// # Errors
    /// When it is in use, may not be written, or is another one by now.
    pub fn open(host: &Host, disk: &Disk) -> Result<Self, Error> {
        let path = disk.device();
        // O_EXCL on a block device: refused while anything of it is mounted or held, and refuses that from now on.
        // O_DIRECT: progress is the card's and not the cache's, and what is read back comes from the card.
        let flags = OFlag::O_EXCL | OFlag::O_DIRECT;
        let opened = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(&path);
        let file = opened.map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied => Error::NotRoot(path.clone()),
            io::ErrorKind::ResourceBusy => Error::Busy(path.clone()),
            _ => Error::Open { path: path.clone(), source },
        })?;
        let card = Self { file, disk: disk.clone() };
        card.check(host)?;
        Ok(card)
    }

    /// Makes sure that the card is still the one that was agreed to: a card can be changed while it is open.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, host: &Host) -> Result<(), Error> {
        let path = self.disk.device();
        if choose::choose(host, &path)?.identity() == self.disk.identity() {
            return Ok(());
        }
        Err(Error::Another(path))
    }

    /// Its device file.
    #[must_use]
    pub fn device(&self) -> PathBuf {
        self.disk.device()
    }

    /// The disk as it was agreed to.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }
}

impl Card for BlockCard {
    fn bytes(&self) -> u64 {
        self.disk.bytes / ALIGN_BYTES as u64 * ALIGN_BYTES as u64
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(bytes, offset)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        // Direct reads do not look into the cache; what somebody else's look at the card has left there goes as well.
        Ok(posix_fadvise(&self.file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?)
    }
}

//! From the DEVICE that a person named to the disk that is meant, or a sentence why there is none.

use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use nix::sys::stat::{major, minor};

use super::disks::{Disk, Host, Number, Owner};
use super::judge::{Refusal, judge};

/// What decides whether something speaks against a disk.
type Judge = fn(&Disk) -> Result<(), Refusal>;

/// Why there is no disk to write to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing there.
    #[error("{}: {source}", path.display())]
    Missing {
        /// What was named.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A plain file.
    #[error("{} is a plain file; `./flash.sh image BOARD FILE` writes the image to a file", .0.display())]
    File(PathBuf),
    /// A folder, a terminal, ...
    #[error("{} is not a disk (a block device)", .0.display())]
    NotBlock(PathBuf),
    /// A partition.
    #[error("{} is a partition; the image needs the whole disk: {}", path.display(), whole.display())]
    Partition {
        /// What was named.
        path: PathBuf,
        /// What should have been.
        whole: PathBuf,
    },
    /// A device file without a device.
    #[error("the kernel knows no disk behind {}", .0.display())]
    Unknown(PathBuf),
    /// The kernel does not say.
    #[error("it cannot be told what is in use on this computer, so nothing is written: {0}")]
    Host(io::Error),
    /// Something speaks against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The disk behind the device file (which may be a link), once nothing speaks against it but its being built in.
///
/// # Errors
/// What speaks against it.
pub fn choose(host: &Host, path: &Path) -> Result<Disk, Error> {
    choose_for(host, path, judge)
}

/// As [`choose`], with another judge: not everything that forbids writing forbids reading.
///
/// # Errors
/// As there.
pub(super) fn choose_for(host: &Host, path: &Path, judge: Judge) -> Result<Disk, Error> {
    find_for(host, path, number(path)?, judge)
}

/// The block device's number.
fn number(path: &Path) -> Result<Number, Error> {
    let meta = std::fs::metadata(path).map_err(|source| Error::Missing { path: path.to_owned(), source })?;
    match meta.file_type() {
        kind if kind.is_block_device() => Ok(Number { major: major(meta.rdev()), minor: minor(meta.rdev()) }),
        kind if kind.is_file() => Err(Error::File(path.to_owned())),
        _ => Err(Error::NotBlock(path.to_owned())),
    }
}

#[cfg(test)]
pub(super) fn find(host: &Host, path: &Path, number: Number) -> Result<Disk, Error> {
    find_for(host, path, number, judge)
}

pub(super) fn find_for(host: &Host, path: &Path, number: Number, judge: Judge) -> Result<Disk, Error> {
    match host.owner(number).map_err(Error::Host)? {
        None => Err(Error::Unknown(path.to_owned())),
        Some(Owner::Parent(whole)) => Err(Error::Partition { path: path.to_owned(), whole }),
        Some(Owner::Disk(disk)) => judge(&disk).map(|()| disk).map_err(Error::from),
    }
}

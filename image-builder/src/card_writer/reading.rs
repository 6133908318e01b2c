//! A real card for reading: found and refused as for writing, but for what only speaks against writing.

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use nix::fcntl::OFlag;

use super::disks::{Disk, Host};
use super::judge::judge_reading;
use super::{Error, block_card, choose};

/// Whether something that was named is a disk or a part of one.
#[must_use]
pub fn is_device(kind: FileType) -> bool {
    kind.is_block_device()
}

/// The disk behind a device file, which may be one of its partitions.
///
/// # Errors
/// What speaks against reading it.
pub fn find(host: &Host, path: &Path) -> Result<Disk, Error> {
    match choose::choose_for(host, path, judge_reading) {
        Err(choose::Error::Partition { whole, .. }) => Ok(choose::choose_for(host, &whole, judge_reading)?),
        chosen => Ok(chosen?),
    }
}

/// Opens the disk; none: only root may.
///
/// # Errors
/// When it is in use, cannot be opened, or is another one by now.
pub fn open(host: &Host, disk: &Disk) -> Result<Option<File>, Error> {
    let path = disk.device();
    // O_EXCL: refused while anything of it is mounted, and nobody mounts it from now on: what is read stays as it is.
    let opened = OpenOptions::new().read(true).custom_flags(OFlag::O_EXCL.bits()).open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
            return Err(block_card::Error::Busy(path).into());
        }
        Err(source) => return Err(block_card::Error::Open { path, source }.into()),
    };
    if find(host, &path)?.identity() == disk.identity() {
        return Ok(Some(file));
    }
    Err(block_card::Error::Another(path).into())
}

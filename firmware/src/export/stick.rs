//! The stick's file system: mounted for this process alone, and read past the kernel's memory.
//!
//! The process has mounts of its own: whatever ends it, the kernel unmounts the stick with its last breath, nobody else can stumble over
//! it, and the card is not among them, so that it can be mounted anew meanwhile. It must not know what a clip is.

use super::copy::{BLOCK_BYTES, ReadBack};
use super::disk::Stick;
use super::format::Kind;
use crate::paths;
use crate::record::Directory;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

/// Why a stick cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// The kernel gives us no mounts of our own.
    #[error("the stick cannot be kept apart from the system: {0}")]
    Apart(Errno),
    /// Its switch.
    #[error("the stick is write-protected; move its switch, or take another")]
    WriteProtected,
    /// The kernel does not take it.
    #[error(
        "the stick's file system cannot be used ({0}); let a computer check it, or format it with exFAT or FAT32"
    )]
    Refused(Errno),
    /// Our folder.
    #[error("the folder {0} cannot be made on the stick: {1}")]
    Folder(String, io::Error),
    /// At the end.
    #[error("the stick could not be taken out of use in order ({0}); let a computer check it")]
    Unmount(io::Error),
}

/// What a driver does when it meets something wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It writes nothing any more.
    Stop,
    /// It goes on: for removing a piece whose clusters a pulled stick never noted, which is an error to a driver and no harm to anybody.
    GoOn,
}

/// What a driver is told: names in UTF-8, and what to do after an error. Not FAT's `flush`: every file is synced before it counts.
fn options(kind: Kind, on_error: OnError) -> (&'static str, String) {
    let (driver, names) = match kind {
        Kind::Fat => ("vfat", "utf8=1,tz=UTC"),
        Kind::ExFat => ("exfat", "iocharset=utf8"),
    };
    let then = if on_error == OnError::Stop { "remount-ro" } else { "continue" };
    (driver, format!("{names},errors={then}"))
}

/// Gives this process mounts of its own, without the card.
///
/// # Errors
/// The kernel refused.
pub fn keep_apart() -> Result<(), MountError> {
    unshare(CloneFlags::CLONE_NEWNS).map_err(MountError::Apart)?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).map_err(MountError::Apart)?;
    match umount2(paths::CLIPS_MOUNT, MntFlags::MNT_DETACH) {
        // There is no card now.
        Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => Ok(()),
        Err(error) => Err(MountError::Apart(error)),
    }
}

/// Mounts the stick and makes our folder on it.
///
/// # Errors
/// See [`MountError`].
pub fn open(stick: &Stick, folder: &str, on_error: OnError) -> Result<Directory, MountError> {
    std::fs::create_dir_all(paths::STICK_MOUNT).map_err(|e| MountError::Folder(folder.into(), e))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_NOATIME;
    let (driver, options) = options(stick.kind, on_error);
    match mount(Some(&stick.device), paths::STICK_MOUNT, Some(driver), flags, Some(&*options)) {
        Ok(()) => {}
        Err(Errno::EROFS | Errno::EACCES) => return Err(MountError::WriteProtected),
        Err(error) => return Err(MountError::Refused(error)),
    }
    let path = PathBuf::from(paths::STICK_MOUNT).join(folder);
    let made = match std::fs::create_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.and_then(|()| File::open(paths::STICK_MOUNT)?.sync_all()),
    };
    match made {
        Ok(()) => Ok(Directory::new(path, false)),
        Err(error) => {
            // What is reported is the first trouble.
            let _ = close(stick);
            Err(MountError::Folder(folder.into(), error))
        }
    }
}

/// Unmounts the stick and has it write down what it may hold in a memory of its own.
///
/// # Errors
/// It may not be whole.
pub fn close(stick: &Stick) -> Result<(), MountError> {
    let unmounted = umount2(paths::STICK_MOUNT, MntFlags::empty()).map_err(io::Error::from);
    unmounted.and_then(|()| File::open(&stick.device)?.sync_all()).map_err(MountError::Unmount)
}

impl ReadBack for Directory {
    // Direct: the driver writes what is still in memory, and then has the device fill our block, past every page of the file that the
    // kernel keeps (open(2), O_DIRECT). FAT and exFAT read so; a file system that could not would refuse to open.
    fn read_back(&self, name: &str, at: u64, bytes: &mut [u8; BLOCK_BYTES]) -> io::Result<usize> {
        let path = self.path().join(name);
        let file = File::options().read(true).custom_flags(OFlag::O_DIRECT.bits()).open(path)?;
        file.read_at(bytes, at)
    }
}

//! Descriptors that cross from init to a service by their number.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs::File;
use std::os::fd::{AsFd, FromRawFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// The number that was adopted, so that no number can be owned twice. -1: none yet.
static ADOPTED: AtomicI32 = AtomicI32::new(-1);

/// Takes ownership of the descriptor `number` that init left open for us across exec. Fails when the number is not open,
/// is one of the standard three, or was adopted before.
pub fn adopt(number: RawFd) -> std::io::Result<File> {
    let taken = ADOPTED.compare_exchange(-1, number, Ordering::SeqCst, Ordering::SeqCst);
    if number <= 2 || taken.is_err() {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput));
    }
    // SAFETY: the number came from init, which opened it before exec for this process only; nothing in this process has
    // opened or adopted it (checked above: once per process). If it is not open, the first use says EBADF below.
    let file = unsafe { File::from_raw_fd(number) };
    match set_inheritable(&file, false) {
        Ok(()) => Ok(file),
        Err(error) => {
            // Not open: do not let the drop close a number that somebody may get later.
            std::mem::forget(file);
            Err(error)
        }
    }
}

/// Whether a program that we start inherits the descriptor.
pub fn set_inheritable(file: impl AsFd, inheritable: bool) -> std::io::Result<()> {
    let flags = if inheritable { FdFlag::empty() } else { FdFlag::FD_CLOEXEC };
    fcntl(file.as_fd(), FcntlArg::F_SETFD(flags))?;
    Ok(())
}

//! Descriptors that cross from init to a service by their number.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs::File;
use std::os::fd::{AsFd, FromRawFd, RawFd};
use std::sync::{Mutex, PoisonError};

/// Descriptors that init hands over: the alarm line and the page of counters.
const HANDED_MAX: usize = 4;

/// The numbers that were adopted, so that none can be owned twice.
static ADOPTED: Mutex<heapless::Vec<RawFd, HANDED_MAX>> = Mutex::new(heapless::Vec::new());

/// Takes ownership of the descriptor `number` that init left open for us across exec. Fails when the number is not open,
/// is one of the standard three, or was adopted before.
pub fn adopt(number: RawFd) -> std::io::Result<File> {
    let mut adopted = ADOPTED.lock().unwrap_or_else(PoisonError::into_inner);
    if number <= 2 || adopted.contains(&number) || adopted.push(number).is_err() {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput));
    }
    // SAFETY: the number came from init, which opened it before exec for this process only; nothing in this process has
    // opened or adopted it (checked above: each number once). If it is not open, the first use says EBADF below.
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

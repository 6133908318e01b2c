//! What the kernel knows of a serial line.

use nix::libc;
use std::os::fd::{AsFd, AsRawFd};

mod requests {
    nix::ioctl_read_bad!(output_queue, nix::libc::TIOCOUTQ, nix::libc::c_int);
}

/// Bytes that were written and have not left the driver's queue.
pub fn unsent(line: impl AsFd) -> nix::Result<usize> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the request writes one int (TIOCOUTQ, drivers/tty/tty_ioctl.c), which lives until it returns.
    unsafe { requests::output_queue(line.as_fd().as_raw_fd(), &mut bytes) }?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}

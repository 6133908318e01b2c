//! What a process may say about itself to the scheduler.

use nix::libc;

/// Sets this process's niceness: smaller is served first. Threads started later inherit it.
pub fn set_niceness(nice: i32) -> std::io::Result<()> {
    // SAFETY: no memory is involved; 0 means this process.
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS as _, 0, nice) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

//! What a process may say about itself to the scheduler.

use nix::libc;

/// Sets this thread's niceness, the process's if it is the first: smaller is served first. Threads that it starts inherit it.
pub fn set_niceness(nice: i32) -> std::io::Result<()> {
    // SAFETY: no memory is involved; 0 means the thread that calls (Linux keeps niceness for each).
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS as _, 0, nice) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

//! What a process may say about itself to the scheduler.

use nix::libc;

/// Sets this thread's niceness, the process's if it is the first: smaller is served first. Threads that it starts inherit it.
pub fn set_niceness(nice: i32) -> std::io::Result<()> {
    // SAFETY: no memory is involved; 0 means the thread that calls (Linux keeps niceness for each).
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS as _, 0, nice) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// `IOPRIO_WHO_PROCESS` and the idle class in its place (linux/ioprio.h).
const IOPRIO_OF_PROCESS: libc::c_int = 1;
const IOPRIO_IDLE: libc::c_int = 3 << 13;

/// From now on this process's requests to disks are served when nobody else has any.
pub fn set_idle_io() -> std::io::Result<()> {
    // SAFETY: ioprio_set takes three integers and touches no memory; 0 means this process.
    let result = unsafe { libc::syscall(libc::SYS_ioprio_set, IOPRIO_OF_PROCESS, 0, IOPRIO_IDLE) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

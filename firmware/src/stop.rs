//! init's wish that a process ends, as something to wait for. Must not decide what is finished before.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// The signal as a descriptor; it ends nobody outright any more. Before the first thread starts, so that all inherit that.
///
/// # Errors
/// The system gives no more descriptors.
pub fn signal() -> nix::Result<SignalFd> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.thread_block()?;
    SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
}

//! Ctrl-C while a card is being written: heard between two chunks, so that the end can say what the card is worth.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// What ends a program from outside.
const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// As long as it lives, these signals do not end this thread's process but are noted here.
#[derive(Debug)]
pub struct Interrupt {
    signals: SigSet,
    noted: SignalFd,
    caught: bool,
}

impl Interrupt {
    /// Begins to note them.
    ///
    /// # Errors
    /// The system's.
    pub fn catch() -> nix::Result<Self> {
        let signals: SigSet = SIGNALS.into_iter().collect();
        let noted = SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        signals.thread_block()?;
        Ok(Self { signals, noted, caught: false })
    }

    /// Whether one came.
    pub fn caught(&mut self) -> bool {
        self.caught |= matches!(self.noted.read_signal(), Ok(Some(_)));
        self.caught
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // Fails for a wrong argument only.
        let _ = self.signals.thread_unblock();
    }
}

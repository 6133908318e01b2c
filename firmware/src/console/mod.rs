//! The serial console: a line editor, a table of commands, and notices as they happen.
//!
//! It asks the other processes over their control sockets and owns the settings that the user edits. It must not know what
//! a frame is, and nobody waits for it.

mod adjust;
mod answers;
mod cameras;
pub mod clips;
mod commands;
mod complete;
mod confirm;
mod context;
mod desk;
mod diag;
mod dialogue;
mod export;
mod gpio;
mod grammar;
mod help;
#[cfg(feature = "test-hooks")]
mod hooks;
mod import;
mod kernel_log;
mod line;
mod live;
mod machine;
mod notices;
mod orders;
mod overview;
mod password;
mod pause;
mod picture;
mod reply;
mod reset;
mod selftest;
mod send;
mod sensors;
mod session;
mod setup;
mod status;
mod terminal;
#[cfg(feature = "test-hooks")]
mod test_edges;
#[cfg(feature = "test-hooks")]
mod test_files;
mod trial;
mod usb;
mod view;
mod why;
mod wires;

use crate::services::Part;
use crate::{log, paths, progress, warning};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use notices::Notices;
use session::Session;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;
use std::time::Duration;
use terminal::Terminal;

/// Only a bound: input and notices wake us.
const IDLE_MS: u16 = 1000;

/// Runs until init asks us to stop.
pub fn run() -> ExitCode {
    log::install_epitaph("console");
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    let stop = signals
        .thread_block()
        .and_then(|()| SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC));
    let path = std::fs::read_to_string(paths::CONSOLE_TTY).unwrap_or_else(|_| "/dev/console".into());
    match (stop, Terminal::open(&path)) {
        (Ok(stop), Ok(terminal)) => {
            converse(terminal, &stop);
            ExitCode::SUCCESS
        }
        (stop, terminal) => {
            let why = stop.err().map(|e| e.to_string()).or(terminal.err().map(|e| e.to_string()));
            warning!("console: {path} cannot be used: {}", why.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn converse(terminal: Terminal, stop: &SignalFd) {
    let mut notices = Notices::open();
    let mut session = Session::new(terminal);
    loop {
        progress::beat(Part::Console);
        session.lock_if_idle();
        // What happens while nobody may see it stays in the log and is told afterwards.
        while !session.is_locked()
            && let Some(notice) = notices.next()
        {
            // A round each: a line that does not drain costs 2 s for each notice.
            progress::beat(Part::Console);
            session.tell(&notice);
        }
        session.reset_if_wanted();
        session.show();
        if matches!(stop.read_signal(), Ok(Some(_))) {
            // What is said meanwhile is still shown.
            while let Some(notice) = notices.next() {
                session.tell(&notice);
            }
            return session.part();
        }
        let wait_ms = session.wait_ms(IDLE_MS);
        let notices_fd = if session.is_locked() { None } else { notices.as_fd() };
        wait(session.terminal(), notices_fd, stop, wait_ms);
        let Some(bytes) = session.terminal().read() else {
            // The line is gone (USB serial unplugged): try again with a new process.
            return std::thread::sleep(Duration::from_millis(500));
        };
        session.take(&bytes, stop);
    }
}

fn wait(terminal: &Terminal, notices: Option<BorrowedFd<'_>>, stop: &SignalFd, ms_max: u16) {
    let mut fds: heapless::Vec<PollFd<'_>, 3> = [Some(terminal.as_fd()), notices, Some(stop.as_fd())]
        .into_iter()
        .flatten()
        .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
        .collect();
    // An interrupted or failed wait is a short one; the loop looks at everything again.
    let _ = poll(&mut fds, ms_max);
}

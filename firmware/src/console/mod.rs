//! The console: a line editor, a table of commands, and notices as they happen; on each line that a board has for it.
//!
//! That is the serial line, and on some boards the USB device port. Each line has a process of its own, in which one person or script is served at a time. It asks the other processes over their control
//! sockets and owns the settings that the user edits. It must not know what a frame is, and nobody waits for it.

mod adjust;
mod answers;
mod cameras;
pub mod clips;
mod colour;
mod commands;
mod complete;
mod confirm;
mod context;
mod desk;
mod device_line;
mod diag;
mod dialogue;
mod export;
mod fold;
mod gpio;
mod grammar;
mod help;
mod hold;
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
mod pulse;
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
mod test_button;
#[cfg(feature = "test-hooks")]
mod test_edges;
#[cfg(feature = "test-hooks")]
mod test_files;
#[cfg(feature = "test-hooks")]
mod test_host;
mod trial;
mod usb;
mod view;
mod why;
mod wires;

use crate::services::Part;
use crate::{board, log, paths, stop, warning};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signalfd::SignalFd;
use notices::Notices;
use session::Session;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;
use std::time::Duration;
use terminal::Terminal;

/// Only a bound: input and notices wake us.
const IDLE_MS: u16 = 1000;
/// Told once the line takes something again.
const LOST: &str = "Some text was lost: nothing took it from this line. `log` has the notices.";

/// Runs until init asks us to stop.
pub fn run() -> ExitCode {
    pulse::adopt(Part::Console);
    log::install_epitaph("console");
    let path = std::fs::read_to_string(paths::CONSOLE_TTY).unwrap_or_else(|_| "/dev/console".into());
    match (stop::signal(), Terminal::open(&path)) {
        (Ok(stop), Ok(terminal)) => {
            let mut session = Session::new(terminal);
            let reset = |session: &mut Session| {
                session.reset_if_wanted();
                true
            };
            if let End::Gone = converse(&mut session, &mut Notices::open(), &stop, reset) {
                // A new process tries again.
                std::thread::sleep(Duration::from_millis(500));
            }
            ExitCode::SUCCESS
        }
        (stop, terminal) => {
            let why = stop.err().map(|e| e.to_string()).or(terminal.err().map(|e| e.to_string()));
            warning!("console: {path} cannot be used: {}", why.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

/// The same on the board's USB device port.
pub fn run_usb() -> ExitCode {
    pulse::adopt(Part::ConsoleUsb);
    log::install_epitaph("console-usb");
    let port = board::profile().map(|profile| profile.device_port.map(|port| (port, profile.name)));
    match (stop::signal(), port) {
        (Ok(stop), Ok(Some((port, board)))) => {
            device_line::serve(&port.controller, &board, &stop);
            ExitCode::SUCCESS
        }
        (Err(error), _) => {
            warning!("console-usb: it cannot be stopped in order: {error}");
            ExitCode::FAILURE
        }
        // init starts it on boards with a device port only.
        _ => ExitCode::FAILURE,
    }
}

/// Why a conversation is over.
enum End {
    /// init wants it.
    Stopped,
    /// The line is gone, or whoever was on it.
    Gone,
}

/// Goes on until somebody ends it, or `attend`, which is asked each round, says that nobody is there any more.
fn converse(
    session: &mut Session,
    notices: &mut Notices,
    stop: &SignalFd,
    mut attend: impl FnMut(&mut Session) -> bool,
) -> End {
    loop {
        pulse::beat();
        session.lock_if_idle();
        // What happens while nobody may see it stays in the log and is told afterwards.
        while !session.is_locked()
            && let Some(notice) = notices.next()
        {
            // A round each: a line that drains slowly costs up to 2 s for each notice.
            pulse::beat();
            session.tell(&notice);
        }
        if !attend(session) {
            return End::Gone;
        }
        if session.terminal().take_lost() {
            session.tell(LOST);
        }
        session.show();
        if matches!(stop.read_signal(), Ok(Some(_))) {
            // What is said meanwhile is still shown.
            while let Some(notice) = notices.next() {
                session.tell(&notice);
            }
            session.part();
            return End::Stopped;
        }
        let wait_ms = session.wait_ms(IDLE_MS);
        let notices_fd = if session.is_locked() { None } else { notices.as_fd() };
        wait(&[Some(session.terminal().as_fd()), notices_fd, Some(stop.as_fd())], wait_ms);
        let Some(bytes) = session.terminal().read() else { return End::Gone };
        session.take(&bytes, stop);
    }
}

/// Waits until there is something to read on one of them.
fn wait(on: &[Option<BorrowedFd<'_>>], ms_max: u16) {
    let mut fds: heapless::Vec<PollFd<'_>, 3> =
        on.iter().flatten().take(3).map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    // An interrupted or failed wait is a short one; the loop looks at everything again.
    let _ = poll(&mut fds, ms_max);
}

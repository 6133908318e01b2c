//! The serial console: a line editor, a table of commands, and notices as they happen.
//!
//! It asks the other processes over their control sockets and owns the settings that the user edits. It must not know what
//! a frame is, and nobody waits for it.

mod answers;
pub mod clips;
mod commands;
mod context;
mod desk;
mod editor;
mod export;
mod gpio;
mod notices;
mod reset;
mod selftest;
mod status;
mod terminal;
#[cfg(feature = "test-hooks")]
mod test_edges;
#[cfg(feature = "test-hooks")]
mod test_files;
mod why;
mod wires;

use crate::services::Part;
use crate::{clock, log, paths, progress, warning};
use desk::Desk;
use editor::{Editor, Input};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use notices::Notices;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;
use terminal::Terminal;

/// What stands before the cursor.
pub const PROMPT: &str = "kerberos> ";
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

fn converse(mut terminal: Terminal, stop: &SignalFd) {
    let mut editor = Editor::default();
    let mut notices = Notices::open();
    let mut desk = Desk::open();
    terminal.write(&answers::welcome());
    let mut shown = false;
    loop {
        progress::beat(Part::Console);
        while let Some(notice) = notices.next() {
            // A round each: a line that does not drain costs 2 s for each notice.
            progress::beat(Part::Console);
            if shown {
                terminal.erase(PROMPT.len() + editor.line().len());
                shown = false;
            }
            terminal.write(&format!("{notice}\n"));
        }
        if reset::is_wanted() {
            reset::act(&mut desk);
        }
        if !shown {
            terminal.write(&format!("{PROMPT}{}", editor.line()));
            shown = true;
        }
        if matches!(stop.read_signal(), Ok(Some(_))) {
            // What is said meanwhile is still shown.
            while let Some(notice) = notices.next() {
                terminal.write(&format!("\n{notice}"));
            }
            return terminal.write("\n");
        }
        wait(&terminal, &notices, stop);
        let Some(bytes) = terminal.read() else {
            // The line is gone (USB serial unplugged): try again with a new process.
            return std::thread::sleep(Duration::from_millis(500));
        };
        for byte in bytes {
            match editor.feed(byte) {
                Input::Nothing => {}
                Input::Echo(text) => terminal.write(text),
                Input::Erase(characters) => terminal.erase_back(characters),
                Input::Interrupt => {
                    terminal.write("\n");
                    terminal.write(&export::interrupt());
                    terminal.write(PROMPT);
                }
                Input::Line(line) => {
                    terminal.write("\n");
                    let answer = commands::run(&line, &mut desk, clock::monotonic_us());
                    terminal.write(&answer);
                    terminal.write(PROMPT);
                }
            }
        }
    }
}

fn wait(terminal: &Terminal, notices: &Notices, stop: &SignalFd) {
    let mut fds: heapless::Vec<PollFd<'_>, 3> = [Some(terminal.as_fd()), notices.as_fd(), Some(stop.as_fd())]
        .into_iter()
        .flatten()
        .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
        .collect();
    // An interrupted or failed wait is a short one; the loop looks at everything again.
    let _ = poll(&mut fds, IDLE_MS);
}

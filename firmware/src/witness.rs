//! The witness: the process that writes down why the system goes down.
//!
//! PID 1 must not touch the card, and in its last seconds it should not have to start anything either. So this process is
//! already there: it writes what init tells it, and it watches init itself, for whose hang nobody else could write the
//! reason before the hardware resets the board. It must not touch anything but the restart record, and nobody waits for it
//! longer than [`TELL_LIMIT`].

use crate::card::report::CardReport;
use crate::control::{Answer, ControlError, Question, Server, ask_within};
use crate::restart::{self, Ending};
use crate::services::{Part, watched};
use crate::{clock, critical, log, notice, paths, progress, stop, warning};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signalfd::SignalFd;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

/// How long whoever goes down waits for its words to be on the card.
const TELL_LIMIT: Duration = Duration::from_secs(3);
/// How often to look at init.
const LOOK_MS: u16 = 500;

/// Tells the witness how the system is about to end. Waits until that is on the card, or until the bound.
pub fn tell(ending: &Ending) -> Result<(), String> {
    match ask_within(paths::WITNESS_SOCKET, &Question::LastWords(ending.clone()), TELL_LIMIT) {
        Ok(Answer::Done) => Ok(()),
        Ok(Answer::Refused(why)) => Err(why),
        Ok(_) => Err("an unexpected answer".into()),
        Err(ControlError::NotRunning(_)) => Err("the witness is not running".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs until init asks us to stop.
pub fn run() -> ExitCode {
    log::install_epitaph("witness");
    match (stop::signal(), Server::bind(paths::WITNESS_SOCKET)) {
        (Ok(stop), Ok(server)) => {
            watch(&stop, &server);
            ExitCode::SUCCESS
        }
        (stop, server) => {
            let why = stop.err().map(|e| e.to_string()).or(server.err().map(|e| e.to_string()));
            warning!("witness: it cannot listen: {}", why.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn watch(stop: &SignalFd, server: &Server) {
    let rounds = || progress::read().map(|counts| counts[Part::Init as usize]);
    let mut init = Stillness::new(rounds(), clock::monotonic_us());
    while !matches!(stop.read_signal(), Ok(Some(_))) {
        progress::beat(Part::Witness);
        let mut fds =
            [PollFd::new(stop.as_fd(), PollFlags::POLLIN), PollFd::new(server.as_fd(), PollFlags::POLLIN)];
        // An interrupted or failed wait is a short one; the loop looks at everything again.
        let _ = poll(&mut fds, LOOK_MS);
        server.serve(answer);
        match init.look(rounds(), clock::monotonic_us()) {
            Some(Change::Still) => {
                critical!("init makes no progress");
                put(Ending::Watchdog { part: watched(Part::Init).shown.into() });
            }
            Some(Change::Moves) => {
                notice!("init makes progress again");
                put(Ending::Running);
            }
            None => {}
        }
    }
}

fn answer(question: Question) -> Answer {
    match question {
        Question::LastWords(ending) => match write(ending) {
            Ok(()) => Answer::Done,
            Err(why) => Answer::Refused(why),
        },
        #[cfg(feature = "test-hooks")]
        Question::Hang(_) => loop {
            std::thread::park();
        },
        _ => Answer::Refused("that is not a question for the witness".into()),
    }
}

fn put(ending: Ending) {
    if let Err(why) = write(ending) {
        warning!("witness: {why}");
    }
}

fn write(ending: Ending) -> Result<(), String> {
    let disk = CardReport::read().disk.ok_or("there is no card to write to")?;
    restart::write(&disk, ending).map_err(|e| e.to_string())
}

/// Whether init's counter, if there is one, stands still. Pure.
struct Stillness {
    count: Option<u32>,
    since_us: u64,
    still: bool,
}

/// What became different.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    Still,
    Moves,
}

impl Stillness {
    fn new(count: Option<u32>, now_us: u64) -> Stillness {
        Stillness { count, since_us: now_us, still: false }
    }

    fn look(&mut self, count: Option<u32>, now_us: u64) -> Option<Change> {
        if count != self.count {
            self.count = count;
            self.since_us = now_us;
            return std::mem::replace(&mut self.still, false).then_some(Change::Moves);
        }
        let limit_us = watched(Part::Init).stall_ms_max * 1000;
        // Without a counter nothing is known of init.
        if count.is_none() || self.still || now_us.saturating_sub(self.since_us) < limit_us {
            return None;
        }
        self.still = true;
        Some(Change::Still)
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Stillness};

    #[test]
    fn init_that_stands_still_is_told_once_and_so_is_its_recovery() {
        let mut init = Stillness::new(Some(5), 0);
        assert_eq!(init.look(Some(5), 9_999_999), None);
        assert_eq!(init.look(Some(5), 10_000_000), Some(Change::Still));
        assert_eq!(init.look(Some(5), 11_000_000), None);
        assert_eq!(init.look(Some(6), 12_000_000), Some(Change::Moves));
        assert_eq!(init.look(Some(6), 21_999_999), None);
        assert_eq!(init.look(Some(6), 22_000_000), Some(Change::Still));
        assert_eq!(Stillness::new(None, 0).look(None, u64::MAX), None);
    }
}

//! A process that runs once when somebody asks: one at a time, and not for ever.
//!
//! init only starts it and ends it; what it does is its own business. It must not wait.

use super::kernel::{Asking, Ended, Kernel};
use crate::services::{Life, Role, Service, service};
use crate::{critical, info, warning};

/// How long the one-shot may take. Longer than at the start, because nobody waits for it: a card with a long journal to replay, or a
/// busy machine, comes to its end.
const LIMIT_US: u64 = 60_000_000;
/// How long one that was asked to stop may take. The export finishes a write of a few MiB, and unmounts; a sick stick may take the
/// kernel's 30 s for one request.
const STOP_LIMIT_US: u64 = 40_000_000;

/// See the module.
pub struct Errand {
    service: Option<&'static Service>,
    running: Option<Running>,
}

struct Running {
    pid: i32,
    /// When it is killed; nothing when it may go on for ever, or was killed.
    deadline_us: Option<u64>,
    state: State,
}

/// How it is with an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    Idle,
    /// It runs.
    Running,
    /// It was asked to stop.
    Stopping,
    /// It was killed, and did not go: it hangs in a driver.
    Hanging,
}

impl Errand {
    /// The process in that role.
    pub fn of(role: Role) -> Errand {
        Errand { service: service(role), running: None }
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.running.as_ref().map_or(State::Idle, |running| running.state)
    }

    /// Starts it, unless it runs: a process that hangs in a dead disk's driver cannot be killed, and a second one would only
    /// hang beside it.
    pub fn start(&mut self, kernel: &mut impl Kernel) {
        let Some(service) = self.service.filter(|_| self.running.is_none()) else { return };
        match kernel.start(service) {
            Ok(pid) => {
                let is_limited = matches!(service.life, Life::Once { .. });
                let deadline_us = is_limited.then(|| kernel.now_us() + LIMIT_US);
                self.running = Some(Running { pid, deadline_us, state: State::Running });
            }
            Err(error) => critical!("{} cannot be started: {error}", service.name),
        }
    }

    /// Asks it to stop in order, and gives it some time for that.
    pub fn finish(&mut self, kernel: &mut impl Kernel) {
        if let Some(running) = self.running.as_mut().filter(|running| running.state == State::Running) {
            running.state = State::Stopping;
            running.deadline_us = Some(kernel.now_us() + STOP_LIMIT_US);
            kernel.ask_to_end(running.pid, Asking::Finish);
        }
    }

    /// Its process, while there is one.
    pub fn pid(&self) -> Option<i32> {
        self.running.as_ref().map(|running| running.pid)
    }

    /// How long until it must be looked at again; nothing when it need not.
    pub fn due_us(&self, now_us: u64) -> Option<u64> {
        self.running.as_ref()?.deadline_us.map(|at_us| at_us.saturating_sub(now_us))
    }

    /// Ends what takes too long.
    pub fn pass_time(&mut self, kernel: &mut impl Kernel) {
        let now_us = kernel.now_us();
        if let Some(running) = &mut self.running
            && running.deadline_us.is_some_and(|at_us| at_us <= now_us)
        {
            (running.deadline_us, running.state) = (None, State::Hanging);
            warning!("{} takes too long; it is killed", self.service.map_or("", |service| service.name));
            kernel.ask_to_end(running.pid, Asking::Kill);
        }
    }

    /// Whether a process that has ended was it.
    pub fn ended(&mut self, ended: &Ended) -> bool {
        let is_ours = self.running.as_ref().is_some_and(|running| running.pid == ended.pid);
        if let Some(service) = self.service.filter(|_| is_ours) {
            self.running = None;
            match ended.crashed && service.life == Life::Asked {
                true => warning!("{}: it {} before it was done", service.name, ended.how),
                false => info!("{}: {}", service.name, ended.how),
            }
        }
        is_ours
    }
}

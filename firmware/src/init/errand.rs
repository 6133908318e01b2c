//! The one-shot, run again: one at a time, and not for ever.
//!
//! init only starts it and ends it; what it does with the card is its own business. It must not wait.

use super::kernel::{Asking, Ended, Kernel};
use crate::services::{Life, SERVICES, Service};
use crate::{critical, info, warning};

/// How long it may take. Longer than at the start, because nobody waits for it: a card with a long journal to replay, or a
/// busy machine, comes to its end.
const LIMIT_US: u64 = 60_000_000;

/// See the module.
#[derive(Default)]
pub struct Errand {
    running: Option<Running>,
}

struct Running {
    service: &'static Service,
    pid: i32,
    /// When it is killed; nothing once that was done.
    deadline_us: Option<u64>,
}

impl Errand {
    /// Starts the one-shot, unless it runs: a process that hangs in a dead card's driver cannot be killed, and a second one
    /// would only hang beside it.
    pub fn start(&mut self, kernel: &mut impl Kernel) {
        let once = |s: &&Service| matches!(s.life, Life::Once { .. });
        let Some(service) = SERVICES.iter().find(once) else { return };
        if self.running.is_some() {
            return;
        }
        match kernel.start(service) {
            Ok(pid) => {
                let deadline_us = Some(kernel.now_us() + LIMIT_US);
                self.running = Some(Running { service, pid, deadline_us });
            }
            Err(error) => critical!("{} cannot be started: {error}", service.name),
        }
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
            running.deadline_us = None;
            warning!("{} takes too long; it is killed", running.service.name);
            kernel.ask_to_end(running.pid, Asking::Kill);
        }
    }

    /// Whether a process that has ended was it.
    pub fn ended(&mut self, ended: &Ended) -> bool {
        let is_ours = self.running.as_ref().is_some_and(|running| running.pid == ended.pid);
        if is_ours && let Some(running) = self.running.take() {
            info!("{}: {}", running.service.name, ended.how);
        }
        is_ours
    }
}

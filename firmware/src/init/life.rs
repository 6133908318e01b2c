//! The life of the system from the first mount to the last sync: init's control flow, against the [`Kernel`] trait.
//!
//! It must not call Linux itself.

use super::kernel::{Asking, Ended, Kernel, Order};
use super::supervise::Supervisor;
use super::tables::{KERNEL_SETTINGS, MOUNTS};
use crate::control::{Answer, Question};
use crate::services::{Life, SERVICES, Service};
use crate::{critical, info, notice, warning};

/// How long services may take to finish. The guard closes its clip in that time.
const FINISH_LIMIT_US: u64 = 12_000_000;
/// How long killed processes may take to disappear: one that hangs in a driver never does.
const KILL_LIMIT_US: u64 = 1_000_000;
/// How long to sleep when nothing is due. Only a bound: everything that matters wakes us.
const IDLE_US: u64 = 5_000_000;

/// What must be there before anything else, logging included. Nothing here is fatal: a product without a part of it is
/// better than none.
pub fn prepare(kernel: &mut impl Kernel) {
    let mounts = MOUNTS.iter().map(|m| (m.target, kernel.mount(m))).collect::<Vec<_>>();
    for (target, result) in mounts {
        complain(&format!("mounting {target}"), result);
    }
    for setting in KERNEL_SETTINGS {
        let result = kernel.set(setting);
        complain(setting.path, result);
    }
    let result = kernel.make_run_dir();
    complain("the run-time folder", result);
    let result = kernel.listen();
    complain("the control socket", result);
    let result = kernel.take_alarm_line();
    complain("alarm", result);
}

/// Runs the services until somebody orders the end, and stops them. Returns the order.
pub fn run(kernel: &mut impl Kernel) -> Order {
    let mut supervisor =
        Supervisor::new(SERVICES.iter().filter(|s| s.life == Life::Forever), kernel.now_us());
    for service in SERVICES {
        if let Life::Once { limit_ms } = service.life {
            run_once(kernel, service, limit_ms * 1000);
        }
    }
    let order = supervise(kernel, &mut supervisor);
    stop(kernel, &mut supervisor);
    kernel.say(match order {
        Order::Reboot => "kerberos: stopped; restarting",
        Order::Poweroff => "kerberos: stopped; switching off",
    });
    order
}

fn run_once(kernel: &mut impl Kernel, service: &'static Service, limit_us: u64) {
    let pid = match kernel.start(service) {
        Ok(pid) => pid,
        Err(error) => return critical!("{} cannot be started: {error}", service.name),
    };
    let deadline_us = kernel.now_us() + limit_us;
    let mut not_yet = |_| Answer::Refused("the system is starting".into());
    loop {
        let now_us = kernel.now_us();
        if now_us >= deadline_us {
            warning!("{} takes too long; going on without it", service.name);
            return kernel.ask_to_end(pid, Asking::Kill);
        }
        // An order this early is dropped: whoever gave it will see that nothing happens and give it again.
        let _ = kernel.wait(deadline_us - now_us, &mut not_yet);
        while let Some(ended) = kernel.reap() {
            if ended.pid == pid {
                return info!("{}: {}", service.name, ended.how);
            }
        }
    }
}

fn supervise(kernel: &mut impl Kernel, supervisor: &mut Supervisor) -> Order {
    loop {
        while let Some(service) = supervisor.due(kernel.now_us()) {
            match kernel.start(service) {
                Ok(pid) => supervisor.started(service, pid, kernel.now_us()),
                Err(error) => {
                    critical!("{} cannot be started: {error}", service.name);
                    supervisor.failed(service, error, kernel.now_us());
                }
            }
        }
        let limit_us = supervisor.next_due_us(kernel.now_us()).unwrap_or(IDLE_US).min(IDLE_US);
        let mut asked = Asked::default();
        let signalled = kernel.wait(limit_us, &mut |question| asked.answer(supervisor, question));
        if let Some(pid) = asked.kill {
            kernel.ask_to_end(pid, Asking::Kill);
        }
        while let Some(ended) = kernel.reap() {
            bury(kernel, supervisor, &ended);
        }
        if let Some(order) = asked.order.or(signalled) {
            return order;
        }
    }
}

/// What a question led to.
#[derive(Default)]
struct Asked {
    order: Option<Order>,
    kill: Option<i32>,
}

impl Asked {
    fn answer(&mut self, supervisor: &Supervisor, question: Question) -> Answer {
        match question {
            Question::Services => return Answer::Services(supervisor.lines()),
            Question::Reboot => self.order = Some(Order::Reboot),
            Question::Poweroff => self.order = Some(Order::Poweroff),
            #[cfg(feature = "test-hooks")]
            Question::Kill(name) => {
                self.kill = supervisor.running().find(|(s, _)| s.name == name).map(|(_, pid)| pid);
            }
            _ => return Answer::Refused("that is not a question for init".into()),
        }
        Answer::Done
    }
}

/// A service has died: the alarm line first, then the words.
fn bury(kernel: &mut impl Kernel, supervisor: &mut Supervisor, ended: &Ended) {
    let Some(service) = supervisor.ended(ended.pid, &ended.how, kernel.now_us()) else { return };
    if service.holds_alarm {
        kernel.alarm_safe();
    }
    warning!("{} {}; it is started again", service.name, ended.how);
}

/// Everything down, in the order of the table: the guard closes its clip, the console shows what is said meanwhile.
fn stop(kernel: &mut impl Kernel, supervisor: &mut Supervisor) {
    notice!("stopping");
    let running: Vec<(&'static Service, i32)> = supervisor.running().collect();
    for (service, pid) in running {
        kernel.ask_to_end(pid, Asking::Finish);
        if !gone_within(kernel, supervisor, pid, FINISH_LIMIT_US) {
            warning!("{} does not finish; it is killed", service.name);
            kernel.ask_to_end(pid, Asking::Kill);
            gone_within(kernel, supervisor, pid, KILL_LIMIT_US);
        }
    }
    kernel.alarm_safe();
    if !kernel.sync() {
        kernel.say("kerberos: the card does not take the last data; going down without it");
    }
    if let Err(error) = kernel.unmount() {
        kernel.say(&format!("kerberos: the clips partition stays mounted: {error}"));
    }
}

fn gone_within(kernel: &mut impl Kernel, supervisor: &mut Supervisor, pid: i32, limit_us: u64) -> bool {
    let deadline_us = kernel.now_us() + limit_us;
    let mut refuse = |_| Answer::Refused("the system is going down".into());
    loop {
        while let Some(ended) = kernel.reap() {
            supervisor.ended(ended.pid, &ended.how, kernel.now_us());
            if ended.pid == pid {
                return true;
            }
        }
        let now_us = kernel.now_us();
        if now_us >= deadline_us {
            return false;
        }
        // A further order changes nothing: we are going down.
        let _ = kernel.wait(deadline_us - now_us, &mut refuse);
    }
}

fn complain(what: &str, result: Result<(), String>) {
    if let Err(error) = result {
        warning!("{what}: {error}");
    }
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;

//! The life of the system from the first mount to the last sync: init's control flow, against the [`Kernel`] trait.
//!
//! It must not call Linux itself.

use super::errand::{Errand, State};
use super::kernel::{Asking, Ended, Kernel, Order};
use super::progress::{Judge, Stall};
use super::supervise::Supervisor;
use super::tables::{KERNEL_SETTINGS, MOUNTS};
use crate::control::{Answer, Question};
use crate::restart::Ending;
use crate::services::{Life, Role, SERVICES, Service};
use crate::{critical, info, notice, warning};

/// How long services may take to finish. The guard closes its clip in that time.
const FINISH_LIMIT_US: u64 = 12_000_000;
/// How long killed processes may take to disappear: one that hangs in a driver never does.
const KILL_LIMIT_US: u64 = 1_000_000;
/// How long the export may take on top, when everybody else has finished: a write of a few MiB to a slow stick.
const EXPORT_LIMIT_US: u64 = 5_000_000;
/// What must be there before anything else, logging included. Nothing here is fatal: a product without a part of it is
/// better than none.
pub fn prepare(kernel: &mut impl Kernel) {
    // To mount the kernel's own views waits for nobody; everything after it may.
    let mounts = MOUNTS.iter().map(|m| (m.target, kernel.mount(m))).collect::<Vec<_>>();
    let watchdog = kernel.open_watchdog();
    for (target, result) in mounts {
        complain(&format!("mounting {target}"), result);
    }
    complain("watchdog", watchdog);
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
    let has_device_port = kernel.has_device_port();
    let lasting = |s: &&Service| s.life == Life::Forever && (has_device_port || !s.needs_device_port);
    let mut supervisor = Supervisor::new(SERVICES.iter().filter(lasting), kernel.now_us());
    for service in SERVICES {
        if let Life::Once { limit_ms } = service.life {
            run_once(kernel, service, limit_ms * 1000);
        }
    }
    let mut export = Errand::of(Role::Export);
    let (order, ending) = match supervise(kernel, &mut supervisor, &mut export) {
        End::Ordered(order) => (order, Ending::Command { order: order.word().into() }),
        End::Hopeless(part, epitaph) => (Order::Reboot, Ending::Panic { part, epitaph }),
        End::Stalled(stall) => return await_reset(kernel, &supervisor, &stall),
    };
    write_down(kernel, &ending);
    stop(kernel, &mut supervisor, &mut export);
    kernel.say(match order {
        Order::Reboot => "kerberos: stopped; restarting",
        Order::Poweroff => "kerberos: stopped; switching off",
    });
    order
}

/// Why supervision ends.
enum End {
    /// Somebody ordered it.
    Ordered(Order),
    /// A service dies again and again; its name and its last words.
    Hopeless(String, String),
    /// A part makes no progress.
    Stalled(Stall),
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
        // Fed without further proof: the one-shot has its own limit.
        kernel.feed();
        let limit_us = (deadline_us - now_us).min(kernel.feed_every_us());
        // An order this early is dropped: whoever gave it will see that nothing happens and give it again.
        let _ = kernel.wait(limit_us, &mut not_yet);
        while let Some(ended) = kernel.reap() {
            if ended.pid == pid {
                return info!("{}: {}", service.name, ended.how);
            }
        }
    }
}

fn supervise(kernel: &mut impl Kernel, supervisor: &mut Supervisor, export: &mut Errand) -> End {
    let mut judge = Judge::new(kernel.feed_every_us(), kernel.now_us());
    let mut card = Errand::of(Role::Card);
    loop {
        start_due(kernel, supervisor, &mut judge);
        if let Some(stall) = judge.look(kernel.counts().as_ref(), kernel.now_us()) {
            let Some((service, pid)) = supervisor.expendable(stall.part.of) else {
                return End::Stalled(stall);
            };
            warning!("{} made no progress for {} s; it is killed", service.name, stall.still_ms / 1000);
            // Should a driver hold it so that it cannot go, nobody waits for it.
            judge.ended(service.role);
            kernel.ask_to_end(pid, Asking::Kill);
        }
        kernel.feed();
        card.pass_time(kernel);
        export.pass_time(kernel);
        let now_us = kernel.now_us();
        let due_us = [supervisor.next_due_us(now_us), card.due_us(now_us), export.due_us(now_us)];
        let limit_us = due_us.into_iter().flatten().fold(kernel.feed_every_us(), u64::min);
        let mut asked = Asked::default();
        let exporting = export.state();
        let signalled =
            kernel.wait(limit_us, &mut |question| asked.answer(supervisor, &mut judge, exporting, question));
        if let Some(pid) = asked.kill {
            kernel.ask_to_end(pid, Asking::Kill);
        }
        #[cfg(feature = "test-hooks")]
        asked.obey();
        if asked.mount {
            card.start(kernel);
        }
        match asked.export {
            Some(true) => export.start(kernel),
            Some(false) => export.finish(kernel),
            None => {}
        }
        while let Some(ended) = kernel.reap() {
            if !card.ended(&ended) && !export.ended(&ended) {
                bury(kernel, supervisor, &mut judge, ended);
            }
        }
        if let Some(order) = asked.order.or(signalled) {
            return End::Ordered(order);
        }
        if let Some((part, epitaph)) = supervisor.hopeless(kernel.now_us()) {
            critical!("{part} dies again and again; the system is restarted");
            return End::Hopeless(part, epitaph);
        }
    }
}

fn start_due(kernel: &mut impl Kernel, supervisor: &mut Supervisor, judge: &mut Judge) {
    while let Some(service) = supervisor.due(kernel.now_us()) {
        // Before the start, so that a first round cannot be missed.
        let counts = kernel.counts();
        match kernel.start(service) {
            Ok(pid) => {
                supervisor.started(service, pid, kernel.now_us());
                judge.started(service.role, counts.as_ref());
            }
            Err(error) => {
                critical!("{} cannot be started: {error}", service.name);
                supervisor.failed(service, error, kernel.now_us());
            }
        }
    }
}

/// Has the reason written down, stops feeding, and lets the hardware restart the board. Nothing is started or stopped any
/// more, and nothing is synced: whatever hangs might hang that too. The alarm line stays as it is unless the guard dies: it
/// may be well and in the middle of an alarm, and the reset ends that within the watchdog's time.
fn await_reset(kernel: &mut impl Kernel, supervisor: &Supervisor, stall: &Stall) -> Order {
    critical!("{} made no progress for {} s; restarting the board", stall.part.shown, stall.still_ms / 1000);
    write_down(kernel, &Ending::Watchdog { part: stall.part.shown.into() });
    let mut refuse = |_| Answer::Refused("the system is going down".into());
    let deadline_us = kernel.now_us() + kernel.reset_limit_us();
    loop {
        let now_us = kernel.now_us();
        if now_us >= deadline_us {
            // There is no watchdog, or it does not bite: the kernel's own restart is what is left.
            return Order::Reboot;
        }
        // We are not hanging: the witness must not write that we are.
        kernel.beat();
        let _ = kernel.wait((deadline_us - now_us).min(kernel.feed_every_us()), &mut refuse);
        while let Some(ended) = kernel.reap() {
            if supervisor.owner(ended.pid).is_some_and(|service| service.holds_alarm) {
                kernel.alarm_safe();
            }
        }
    }
}

fn write_down(kernel: &mut impl Kernel, ending: &Ending) {
    if let Err(error) = kernel.last_words(ending) {
        warning!("the reason of the restart is not on the card: {error}");
    }
}

/// What a question led to.
#[derive(Default)]
struct Asked {
    order: Option<Order>,
    mount: bool,
    /// Whether the export shall begin, or end.
    export: Option<bool>,
    kill: Option<i32>,
    #[cfg(feature = "test-hooks")]
    fate: Option<Question>,
}

impl Asked {
    #[cfg_attr(not(feature = "test-hooks"), allow(unused_variables))]
    fn answer(
        &mut self,
        supervisor: &Supervisor,
        judge: &mut Judge,
        exporting: State,
        question: Question,
    ) -> Answer {
        match question {
            Question::Export if exporting != State::Idle => return Answer::Refused(busy(exporting).into()),
            Question::Export => self.export = Some(true),
            Question::ExportStop if exporting != State::Running => {
                return Answer::Refused(busy(exporting).into());
            }
            Question::ExportStop => self.export = Some(false),
            Question::Services => return Answer::Services(supervisor.lines()),
            Question::Reboot => self.order = Some(Order::Reboot),
            Question::Mount => self.mount = true,
            Question::Poweroff => self.order = Some(Order::Poweroff),
            #[cfg(feature = "test-hooks")]
            Question::Kill(name) => {
                self.kill = supervisor.running().find(|(s, _)| s.name == name).map(|(_, pid)| pid);
            }
            #[cfg(feature = "test-hooks")]
            Question::StallLimit(part, limit_ms) => {
                if !judge.shorten(&part, limit_ms) {
                    return Answer::Refused("there is no such part".into());
                }
            }
            // After the answer has gone out.
            #[cfg(feature = "test-hooks")]
            Question::Hang(_) | Question::Panic(_) => self.fate = Some(question),
            _ => return Answer::Refused("that is not a question for init".into()),
        }
        Answer::Done
    }

    /// Does to PID 1 what a test asked for.
    #[cfg(feature = "test-hooks")]
    fn obey(&self) {
        match &self.fate {
            Some(Question::Hang(_)) => loop {
                std::hint::spin_loop();
            },
            // PID 1 that ends without a word: the kernel panics.
            Some(Question::Panic(part)) if part == "kernel" => std::process::exit(3),
            Some(_) => panic!("as a test asked"),
            None => {}
        }
    }
}

/// Why the export cannot be started, or stopped.
fn busy(exporting: State) -> &'static str {
    match exporting {
        State::Idle => "no export is under way",
        State::Running => "an export is under way; `clips export stop` or Ctrl-C ends it",
        State::Stopping => "the export is being stopped; that may take the stick half a minute",
        State::Hanging => "the export hangs in the stick's driver; pull the stick out",
    }
}

/// A service has died: the alarm line first, then the words.
fn bury(kernel: &mut impl Kernel, supervisor: &mut Supervisor, judge: &mut Judge, ended: Ended) {
    let Some(service) = supervisor.owner(ended.pid) else { return };
    if service.holds_alarm {
        kernel.alarm_safe();
    }
    judge.ended(service.role);
    let how = match kernel.epitaph(service) {
        Some(epitaph) => format!("{} ({epitaph})", ended.how),
        None => ended.how,
    };
    supervisor.ended(ended.pid, &how, ended.crashed, kernel.now_us());
    warning!("{} {how}; it is started again", service.name);
}

/// Everything down, in the order of the table: the guard closes its clip, the console shows what is said meanwhile. The export
/// has as much time as all of them together; nobody waits for it before.
fn stop(kernel: &mut impl Kernel, supervisor: &mut Supervisor, export: &mut Errand) {
    notice!("stopping");
    export.finish(kernel);
    let running: Vec<(&'static Service, i32)> = supervisor.running().collect();
    for (service, pid) in running {
        kernel.ask_to_end(pid, Asking::Finish);
        if !gone_within(kernel, supervisor, export, pid, FINISH_LIMIT_US) {
            warning!("{} does not finish; it is killed", service.name);
            kernel.ask_to_end(pid, Asking::Kill);
            gone_within(kernel, supervisor, export, pid, KILL_LIMIT_US);
        }
    }
    if let Some(pid) = export.pid()
        && !gone_within(kernel, supervisor, export, pid, EXPORT_LIMIT_US)
    {
        kernel.ask_to_end(pid, Asking::Kill);
        gone_within(kernel, supervisor, export, pid, KILL_LIMIT_US);
    }
    kernel.alarm_safe();
    // The last feedings: from here on whatever hangs is ended by the hardware.
    if !kernel.sync() {
        kernel.say("kerberos: the card does not take the last data; going down without it");
    }
    if let Err(error) = kernel.unmount() {
        kernel.say(&format!("kerberos: the clips partition stays mounted: {error}"));
    }
}

fn gone_within(
    kernel: &mut impl Kernel,
    supervisor: &mut Supervisor,
    export: &mut Errand,
    pid: i32,
    limit_us: u64,
) -> bool {
    let deadline_us = kernel.now_us() + limit_us;
    let mut refuse = |_| Answer::Refused("the system is going down".into());
    loop {
        while let Some(ended) = kernel.reap() {
            if !export.ended(&ended) {
                supervisor.ended(ended.pid, &ended.how, ended.crashed, kernel.now_us());
            }
            if ended.pid == pid {
                return true;
            }
        }
        let now_us = kernel.now_us();
        if now_us >= deadline_us {
            return false;
        }
        // Fed while we go down: every step of it is bounded.
        kernel.feed();
        // A further order changes nothing: we are going down.
        let _ = kernel.wait((deadline_us - now_us).min(kernel.feed_every_us()), &mut refuse);
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

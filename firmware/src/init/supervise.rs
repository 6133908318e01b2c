//! When to start a service again. Pure: ends and time in, starts out.
//!
//! A service that ran for a while is started again almost at once; one that dies young waits longer each time, so that a
//! service that cannot run does not eat the CPU of those that can. It never gives up: a camera that works again after an
//! hour is worth more than a tidy failure.

use crate::control::ServiceLine;
use crate::services::{Role, Service};

/// First delay: at most ten starts a second, so that a crash loop cannot starve the others.
const DELAY_US_MIN: u64 = 100_000;
/// Longest delay: the owner who has mended the cause sees it work within half a minute.
const DELAY_US_MAX: u64 = 30_000_000;
/// Whoever ran for this long did not die young.
const HEALTHY_US: u64 = 10_000_000;

/// A service that crashes this often within [`HOPELESS_US`] is not helped by being started again: what is wrong lies beneath
/// it, in a driver or in memory that is gone. One that ends of its own will does not count: it waits for something that is
/// missing (a serial line, for instance), and a restart does not bring that.
const HOPELESS_CRASHES: usize = 10;
/// See [`HOPELESS_CRASHES`].
const HOPELESS_US: u64 = 600_000_000;
/// The system is only restarted for it after this long. A restart costs some twenty seconds of watching, so even if it never
/// helps, at most one percent is lost by trying; a system that cannot work is never a system that restarts all day.
const HOPELESS_UP_US_MIN: u64 = 1_800_000_000;

/// The supervisor of the services that live for ever.
pub struct Supervisor {
    entries: Vec<Entry>,
}

struct Entry {
    service: &'static Service,
    state: State,
    delay_us: u64,
    restarts: u32,
    last_end: String,
    crashes_us: heapless::Deque<u64, HOPELESS_CRASHES>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running { pid: i32, since_us: u64 },
    Due { at_us: u64 },
}

impl Supervisor {
    /// All are due now.
    pub fn new(services: impl Iterator<Item = &'static Service>, now_us: u64) -> Supervisor {
        let entry = |service| Entry {
            service,
            state: State::Due { at_us: now_us },
            delay_us: DELAY_US_MIN,
            restarts: 0,
            last_end: String::new(),
            crashes_us: heapless::Deque::new(),
        };
        Supervisor { entries: services.map(entry).collect() }
    }

    /// A service that is to be started now, if there is one.
    pub fn due(&self, now_us: u64) -> Option<&'static Service> {
        let due = |e: &&Entry| matches!(e.state, State::Due { at_us } if at_us <= now_us);
        self.entries.iter().find(due).map(|e| e.service)
    }

    /// How long until the next start; nothing when all run.
    pub fn next_due_us(&self, now_us: u64) -> Option<u64> {
        let at = |e: &Entry| match e.state {
            State::Due { at_us } => Some(at_us.saturating_sub(now_us)),
            State::Running { .. } => None,
        };
        self.entries.iter().filter_map(at).min()
    }

    /// A service was started.
    pub fn started(&mut self, service: &Service, pid: i32, now_us: u64) {
        if let Some(entry) = self.entries.iter_mut().find(|e| std::ptr::eq(e.service, service)) {
            entry.state = State::Running { pid, since_us: now_us };
        }
    }

    /// A service could not be started.
    pub fn failed(&mut self, service: &Service, why: String, now_us: u64) {
        if let Some(entry) = self.entries.iter_mut().find(|e| std::ptr::eq(e.service, service)) {
            entry.crash(now_us);
            entry.end(why, now_us);
        }
    }

    /// The service that this process is, if it is one of ours.
    pub fn owner(&self, pid: i32) -> Option<&'static Service> {
        self.running().find(|(_, p)| *p == pid).map(|(service, _)| service)
    }

    /// A service that dies again and again, with how it last did, if it is time to restart the system for it. `now_us` counts
    /// from the system's start.
    pub fn hopeless(&self, now_us: u64) -> Option<(String, String)> {
        if now_us < HOPELESS_UP_US_MIN {
            return None;
        }
        let hopeless = |e: &&Entry| {
            let oldest_us = e.crashes_us.front().copied().unwrap_or(0);
            e.crashes_us.is_full() && now_us.saturating_sub(oldest_us) < HOPELESS_US
        };
        self.entries
            .iter()
            .filter(|e| !e.service.is_expendable)
            .find(hopeless)
            .map(|e| (e.service.name.into(), e.last_end.clone()))
    }

    /// A process has ended; returns its service if it was one of ours.
    pub fn ended(&mut self, pid: i32, how: &str, crashed: bool, now_us: u64) -> Option<&'static Service> {
        let entry =
            self.entries.iter_mut().find(|e| matches!(e.state, State::Running { pid: p, .. } if p == pid))?;
        if matches!(entry.state, State::Running { since_us, .. } if now_us.saturating_sub(since_us) >= HEALTHY_US)
        {
            entry.delay_us = DELAY_US_MIN;
        }
        if crashed {
            entry.crash(now_us);
        }
        entry.end(how.into(), now_us);
        Some(entry.service)
    }

    /// The process of a service without which the product does its whole job, if this is one and it runs.
    pub fn expendable(&self, role: Role) -> Option<(&'static Service, i32)> {
        self.running().find(|(service, _)| service.role == role && service.is_expendable)
    }

    /// The processes that run, in the order of the table.
    pub fn running(&self) -> impl Iterator<Item = (&'static Service, i32)> {
        self.entries.iter().filter_map(|e| match e.state {
            State::Running { pid, .. } => Some((e.service, pid)),
            State::Due { .. } => None,
        })
    }

    /// For `status`.
    pub fn lines(&self) -> Vec<ServiceLine> {
        let line = |e: &Entry| ServiceLine {
            name: e.service.name.into(),
            pid: match e.state {
                State::Running { pid, .. } => Some(pid),
                State::Due { .. } => None,
            },
            restarts: e.restarts,
            last_end: e.last_end.clone(),
        };
        self.entries.iter().map(line).collect()
    }
}

impl Entry {
    fn crash(&mut self, now_us: u64) {
        if self.crashes_us.is_full() {
            self.crashes_us.pop_front();
        }
        // There is room now.
        let _ = self.crashes_us.push_back(now_us);
    }

    fn end(&mut self, how: String, now_us: u64) {
        self.state = State::Due { at_us: now_us.saturating_add(self.delay_us) };
        self.delay_us = (self.delay_us * 2).min(DELAY_US_MAX);
        self.restarts = self.restarts.saturating_add(1);
        self.last_end = how;
    }
}

#[cfg(test)]
mod tests {
    use super::{DELAY_US_MAX, DELAY_US_MIN, HEALTHY_US, HOPELESS_CRASHES, HOPELESS_UP_US_MIN, Supervisor};
    use crate::services::{Role, SERVICES, Service, service};

    fn guard() -> &'static Service {
        service(Role::Guard).expect("a row")
    }

    #[test]
    fn whoever_dies_young_waits_longer_each_time() {
        let mut supervisor = Supervisor::new(std::iter::once(guard()), 0);
        let mut now = 0;
        let mut delay = DELAY_US_MIN;
        for round in 0..20 {
            assert_eq!(supervisor.due(now).map(|s| s.name), Some("guard"));
            supervisor.started(guard(), round, now);
            assert!(supervisor.due(u64::MAX).is_none(), "it runs");
            assert_eq!(supervisor.ended(round, "killed", true, now).map(|s| s.name), Some("guard"));
            assert!(supervisor.due(now + delay - 1).is_none(), "round {round}");
            now += delay;
            delay = (delay * 2).min(DELAY_US_MAX);
        }
        assert_eq!(supervisor.lines()[0].restarts, 20);
    }

    #[test]
    fn whoever_ran_for_a_while_is_back_at_once() {
        let mut supervisor = Supervisor::new(std::iter::once(guard()), 0);
        for round in 0..5u32 {
            let now = u64::from(round) * 3 * HEALTHY_US;
            supervisor.started(guard(), 7, now);
            supervisor.ended(7, "panicked", true, now + HEALTHY_US);
            assert_eq!(supervisor.next_due_us(now + HEALTHY_US), Some(DELAY_US_MIN));
        }
    }

    /// Lets the guard end `deaths` times, `apart_us` apart, the last time at `end_us`.
    fn dying(crashed: bool, deaths: u64, apart_us: u64, end_us: u64) -> Supervisor {
        let mut supervisor = Supervisor::new(std::iter::once(guard()), 0);
        for death in (0..deaths).rev() {
            supervisor.started(guard(), 7, end_us - death * apart_us);
            supervisor.ended(7, "panicked (motion: no)", crashed, end_us - death * apart_us);
        }
        supervisor
    }

    #[test]
    fn a_service_that_dies_again_and_again_restarts_the_system_but_seldom() {
        let often = HOPELESS_CRASHES as u64;
        let late_us = HOPELESS_UP_US_MIN;
        let hopeless = Some(("guard".to_owned(), "panicked (motion: no)".to_owned()));
        assert_eq!(dying(true, often, 30_000_000, late_us).hopeless(late_us), hopeless);
        assert_eq!(dying(true, often - 1, 30_000_000, late_us).hopeless(late_us), None, "not often enough");
        assert_eq!(dying(true, often, 70_000_000, late_us).hopeless(late_us), None, "not fast enough");
        assert_eq!(dying(false, often, 30_000_000, late_us).hopeless(late_us), None, "of its own will");
        let early_us = late_us - 1;
        assert_eq!(
            dying(true, 3 * often, 30_000_000, early_us).hopeless(early_us),
            None,
            "not so soon after the start"
        );
    }

    #[test]
    fn a_screen_that_dies_again_and_again_never_restarts_the_board() {
        let screen = service(Role::Screen).expect("a row");
        let mut supervisor = Supervisor::new([screen].into_iter(), 0);
        let mut now_us = HOPELESS_UP_US_MIN;
        for pid in 1..100 {
            supervisor.started(screen, pid, now_us);
            assert!(
                supervisor.expendable(Role::Screen).is_some() && supervisor.expendable(Role::Guard).is_none()
            );
            now_us += 1_000_000;
            supervisor.ended(pid, "panicked", true, now_us);
            assert_eq!(supervisor.hopeless(now_us), None);
        }
    }

    #[test]
    fn others_are_not_affected_and_strangers_do_not_count() {
        let mut supervisor = Supervisor::new(SERVICES.iter(), 0);
        for (i, service) in (10..).zip(SERVICES) {
            supervisor.started(service, i, 0);
        }
        assert!(supervisor.ended(4711, "orphan", false, 5).is_none());
        supervisor.ended(11, "killed", true, 5);
        let left: Vec<i32> = (10..).zip(SERVICES).map(|(pid, _)| pid).filter(|&pid| pid != 11).collect();
        assert_eq!(supervisor.running().map(|(_, pid)| pid).collect::<Vec<i32>>(), left);
    }
}

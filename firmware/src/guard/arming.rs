//! Whether motion counts now: the one verdict of the guard, which its threads ask.
//!
//! Judged when something happens that it depends on, and by whoever comes first when its time is over; a thread that asks
//! meanwhile reads two numbers. What it means is `conditions`' business.

use super::shared::{Shared, lock};
use crate::conditions::{self, Facts, Inputs, Now, Verdict};
use crate::{clock, notice, paths, warning};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// When nothing has to be judged again.
const NEVER_US: u64 = u64::MAX;

/// The verdict, and what only the guard knows of its reasons.
#[derive(Debug)]
pub struct Arming {
    armed: AtomicBool,
    due_us: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    inputs: Inputs,
    paused_until_us: Option<u64>,
    verdict: Option<Verdict>,
}

impl Default for Arming {
    /// Nothing is judged yet, so whoever asks first does it. A pause outlives the guard, not the start.
    fn default() -> Arming {
        let paused = std::fs::read_to_string(paths::PAUSED_UNTIL).ok().and_then(|text| text.parse().ok());
        let state = State { paused_until_us: paused, ..State::default() };
        Arming { armed: AtomicBool::new(false), due_us: AtomicU64::new(0), state: Mutex::new(state) }
    }
}

impl Shared {
    /// Whether motion counts at this moment of the monotonic clock.
    pub fn is_armed(&self, now_us: u64) -> bool {
        if now_us >= self.arming.due_us.load(Ordering::Acquire) {
            self.judge(|_| ());
        }
        self.arming.armed.load(Ordering::Acquire)
    }

    /// For how many milliseconds the verdict holds by itself, rounded up.
    pub fn armed_for_ms(&self, now_us: u64) -> u64 {
        self.arming.due_us.load(Ordering::Acquire).saturating_sub(now_us).div_ceil(1000)
    }

    /// Something happened on which it depends: settings, clock.
    pub fn judge_anew(&self) {
        self.judge(|_| ());
    }

    /// Switches or sensors have changed, or an event is over.
    pub fn judge_inputs(&self) {
        let state = self.inputs.state();
        let event_now = self.event_now.load(Ordering::Relaxed);
        self.set_inputs(Inputs {
            arm_switches_on: state.arm_switches_on(),
            conditions_met: state.conditions_met(event_now),
        });
    }

    pub(super) fn set_inputs(&self, inputs: Inputs) {
        self.judge(|state| state.inputs = inputs);
    }

    /// The owner wants quiet until then (monotonic microseconds), or no longer. Whether there was a pause before.
    pub fn pause(&self, until_us: Option<u64>) -> bool {
        // Written down, so that a guard that dies meanwhile is not louder than it was.
        let kept = match until_us {
            Some(until_us) => std::fs::write(paths::PAUSED_UNTIL, until_us.to_string()),
            None => std::fs::remove_file(paths::PAUSED_UNTIL),
        };
        if let (Some(_), Err(error)) = (until_us, kept) {
            warning!(
                "pause: it ends early if the guard has to be started anew, because it cannot be written down: {error}"
            );
        }
        let now_us = clock::monotonic_us();
        let was_paused = lock(&self.arming.state).paused_until_us.is_some_and(|until_us| now_us < until_us);
        self.judge(|state| state.paused_until_us = until_us);
        was_paused
    }

    /// Whether motion counts, and why in words.
    pub fn armed_and_why(&self) -> (bool, String) {
        let now = now();
        self.is_armed(now.monotonic_us);
        let verdict = lock(&self.arming.state).verdict;
        verdict.map_or((false, String::new()), |verdict| {
            (verdict.armed, conditions::sentence(&verdict, &self.settings().time_zone, now))
        })
    }

    fn judge(&self, change: impl FnOnce(&mut State)) {
        // Held from the settings' reading to the verdict, so that an older reading cannot come later.
        let mut state = lock(&self.arming.state);
        change(&mut state);
        let (settings, now) = (self.settings(), now());
        let verdict = conditions::judge(&Facts {
            settings: &settings,
            inputs: state.inputs,
            paused_until_us: state.paused_until_us,
            now,
        });
        self.arming.armed.store(verdict.armed, Ordering::Release);
        self.arming.due_us.store(verdict.due_us.unwrap_or(NEVER_US), Ordering::Release);
        if let Some(news) = conditions::news(state.verdict.as_ref(), &verdict, &settings.time_zone, now) {
            notice!("{news}");
        }
        state.verdict = Some(verdict);
    }
}

fn now() -> Now {
    Now { monotonic_us: clock::monotonic_us(), wall_us: clock::wall_us(), is_trusted: clock::is_trusted() }
}

#[cfg(test)]
mod tests {
    use super::{Inputs, Shared};
    use crate::clock;
    use crate::settings::Settings;

    #[test]
    fn the_verdict_follows_settings_inputs_and_pauses_at_once() {
        let shared = Shared::new();
        let now_us = clock::monotonic_us();
        assert!(shared.is_armed(now_us), "nothing speaks against it");
        assert_eq!(shared.armed_for_ms(now_us), (u64::MAX - now_us).div_ceil(1000), "for ever");
        shared.set_settings(Settings { armed: false, ..Settings::default() });
        assert!(!shared.is_armed(now_us));
        shared.set_settings(Settings::default());
        assert!(shared.is_armed(now_us));
        shared.set_inputs(Inputs { arm_switches_on: false, ..Inputs::default() });
        assert_eq!(shared.armed_and_why(), (false, "an arm switch is off".into()));
        shared.set_inputs(Inputs::default());
        assert!(shared.is_armed(now_us));
        assert!(!shared.pause(Some(u64::MAX)));
        assert!(!shared.is_armed(now_us) && shared.pause(None));
        assert!(shared.is_armed(now_us));
    }

    /// Nobody has to tell it: whoever asks after its time is over has it judged.
    #[test]
    fn a_verdict_whose_time_is_over_is_judged_by_whoever_asks() {
        let shared = Shared::new();
        let until_us = clock::monotonic_us() + 50_000;
        shared.pause(Some(until_us));
        while clock::monotonic_us() < until_us {
            std::thread::yield_now();
        }
        assert!(shared.is_armed(clock::monotonic_us()));
        assert!(shared.armed_for_ms(0) > 1_000_000, "and nothing is due any more");
    }

    #[test]
    fn a_schedule_without_a_clock_is_armed_and_says_so() {
        let shared = Shared::new();
        let mut settings = Settings::default();
        settings.set("arm.schedule", "mo 00:00-00:01").expect("allowed");
        shared.set_settings(settings.clone());
        let (armed, why) = shared.armed_and_why();
        assert!(armed && why.starts_with("the clock is not set"), "{why}");
        settings.set("arm.clock_unknown", "disarmed").expect("allowed");
        shared.set_settings(settings);
        assert!(!shared.armed_and_why().0);
    }
}

//! From what is known to a verdict.

use crate::settings::{ClockUnknown, Settings};
use crate::wall::seconds;

const US: u64 = 1_000_000;

/// What the owner's switches and sensors say. Where there are none, nothing stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Every switch that arms is on.
    pub arm_switches_on: bool,
    /// Every input that is a condition is met.
    pub conditions_met: bool,
}

impl Default for Inputs {
    fn default() -> Inputs {
        Inputs { arm_switches_on: true, conditions_met: true }
    }
}

/// One reading of the clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Monotonic microseconds.
    pub monotonic_us: u64,
    /// Wall time, microseconds since 1970.
    pub wall_us: u64,
    /// Whether somebody who knows the time has set it.
    pub is_trusted: bool,
}

/// All that is known.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The settings in force.
    pub settings: &'a Settings,
    /// See [`Inputs`].
    pub inputs: Inputs,
    /// Until when the owner wants quiet, monotonic microseconds.
    pub paused_until_us: Option<u64>,
    /// When.
    pub now: Now,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing stands in the way, ever.
    Always,
    /// The setting `armed`.
    Setting,
    /// The owner wants quiet for a while.
    Pause,
    /// A switch that arms.
    Switch,
    /// The schedule.
    Schedule,
    /// There is a schedule, and nobody knows the time.
    ClockUnknown,
    /// An input that is a condition.
    Input,
}

/// Whether motion counts, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it does.
    pub armed: bool,
    /// What decided.
    pub why: Why,
    /// When what decided will decide otherwise by itself, microseconds since 1970; nothing where time does not matter to it.
    pub until_wall_us: Option<u64>,
    /// When to judge again though nothing else happens, monotonic microseconds.
    pub due_us: Option<u64>,
}

/// Judges. What somebody did on purpose comes before what goes by itself, so that the reason is the one to change first.
pub fn judge(facts: &Facts) -> Verdict {
    let Facts { settings, inputs, now, .. } = *facts;
    let paused_until_us = facts.paused_until_us.filter(|until_us| now.monotonic_us < *until_us);
    let (scheduled, schedule_why, change_wall_us) = schedule(settings, now);
    let due = [paused_until_us, change_wall_us.map(|at_us| monotonic_of(now, at_us))];
    let verdict = |armed, why, until_wall_us| {
        let due_us = due.into_iter().flatten().min();
        Verdict { armed, why, until_wall_us, due_us }
    };
    if !settings.armed {
        verdict(false, Why::Setting, None)
    } else if let Some(until_us) = paused_until_us {
        let left_us = until_us - now.monotonic_us;
        verdict(false, Why::Pause, Some(now.wall_us.saturating_add(left_us)))
    } else if !inputs.arm_switches_on {
        verdict(false, Why::Switch, None)
    } else if !scheduled {
        verdict(false, schedule_why, change_wall_us)
    } else if !inputs.conditions_met {
        verdict(false, Why::Input, None)
    } else {
        verdict(true, schedule_why, change_wall_us)
    }
}

/// What the schedule says, or what holds instead; and when that changes.
fn schedule(settings: &Settings, now: Now) -> (bool, Why, Option<u64>) {
    let schedule = &settings.arm_schedule;
    if schedule.is_always() {
        return (true, Why::Always, None);
    }
    if !now.is_trusted {
        return (settings.arm_clock_unknown == ClockUnknown::Armed, Why::ClockUnknown, None);
    }
    let now_s = seconds(now.wall_us);
    let next_s = schedule.next_change(&settings.time_zone, now_s);
    let next_us = next_s.and_then(|at_s| u64::try_from(at_s).ok()).map(|at_s| at_s.saturating_mul(US));
    (schedule.is_on(&settings.time_zone.at(now_s)), Why::Schedule, next_us)
}

/// A moment of the wall clock on the monotonic one.
fn monotonic_of(now: Now, wall_us: u64) -> u64 {
    now.monotonic_us.saturating_add(wall_us.saturating_sub(now.wall_us))
}

#[cfg(test)]
mod tests {
    use super::{Facts, Inputs, Now, US, Verdict, Why, judge};
    use crate::settings::Settings;

    /// Friday, 2026-11-27 17:59 in Berlin.
    const MINUTE_BEFORE_SIX_US: u64 = 1_795_798_740 * US;

    fn settings(all: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        all.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        settings
    }

    fn scheduled() -> Settings {
        settings(&[("time.zone", "Europe/Berlin"), ("arm.schedule", "mo-fr 18:00-07:00")])
    }

    fn at(after_us: u64) -> Now {
        Now { monotonic_us: 50 * US + after_us, wall_us: MINUTE_BEFORE_SIX_US + after_us, is_trusted: true }
    }

    fn said(settings: &Settings, now: Now) -> Verdict {
        judge(&Facts { settings, inputs: Inputs::default(), paused_until_us: None, now })
    }

    #[test]
    fn by_itself_it_is_always_armed_and_never_has_to_be_judged_again() {
        let always = Verdict { armed: true, why: Why::Always, until_wall_us: None, due_us: None };
        assert_eq!(said(&Settings::default(), at(0)), always);
        assert_eq!(said(&Settings::default(), Now::default()), always, "whatever the clock is worth");
    }

    #[test]
    fn the_schedule_holds_to_the_microsecond_and_says_when_to_look_again() {
        let settings = scheduled();
        let before = said(&settings, at(0));
        assert_eq!((before.armed, before.why), (false, Why::Schedule));
        assert_eq!(before.until_wall_us, Some(MINUTE_BEFORE_SIX_US + 60 * US));
        assert_eq!(before.due_us, Some(110 * US));
        let last = said(&settings, at(60 * US - 1));
        assert_eq!((last.armed, last.due_us), (false, Some(110 * US)));
        let on = said(&settings, at(60 * US));
        assert_eq!((on.armed, on.why), (true, Why::Schedule));
        assert_eq!(on.until_wall_us, Some(MINUTE_BEFORE_SIX_US + (60 + 13 * 3600) * US));
    }

    #[test]
    fn without_a_known_time_the_setting_decides_and_armed_is_the_default() {
        let unknown = Now { is_trusted: false, ..at(0) };
        let verdict = said(&scheduled(), unknown);
        assert_eq!(
            verdict,
            Verdict { armed: true, why: Why::ClockUnknown, until_wall_us: None, due_us: None }
        );
        let mut quiet = scheduled();
        quiet.set("arm.clock_unknown", "disarmed").expect("allowed");
        assert_eq!(said(&quiet, unknown), Verdict { armed: false, ..verdict });
    }

    #[test]
    fn a_pause_ends_by_itself_and_whatever_the_wall_clock_does() {
        let (settings, until_us) = (Settings::default(), 110 * US);
        let paused = |now| {
            judge(&Facts {
                settings: &settings,
                inputs: Inputs::default(),
                paused_until_us: Some(until_us),
                now,
            })
        };
        let unset = Now { monotonic_us: 50 * US, ..Now::default() };
        for now in [at(0), unset] {
            let verdict = paused(now);
            assert_eq!((verdict.armed, verdict.why, verdict.due_us), (false, Why::Pause, Some(until_us)));
            assert_eq!(verdict.until_wall_us, Some(now.wall_us + 60 * US));
        }
        assert!(!paused(at(60 * US - 1)).armed);
        assert_eq!(paused(at(60 * US)), said(&settings, at(60 * US)), "as if there had been none");
    }

    /// Every combination: armed if and only if nothing speaks against it, and the reason is one that holds.
    #[test]
    fn armed_is_what_nothing_speaks_against() {
        for case in 0..64u32 {
            let bit = |n: u32| case >> n & 1 == 1;
            let mut settings = scheduled();
            settings.armed = bit(0);
            let inputs = Inputs { arm_switches_on: bit(1), conditions_met: bit(2) };
            let now = Now { is_trusted: bit(4), ..at(if bit(3) { 60 * US } else { 0 }) };
            let paused_until_us = bit(5).then_some(now.monotonic_us + 1);
            let verdict = judge(&Facts { settings: &settings, inputs, paused_until_us, now });
            let against = [
                (Why::Setting, !settings.armed),
                (Why::Pause, bit(5)),
                (Why::Switch, !inputs.arm_switches_on),
                (Why::Schedule, bit(4) && !bit(3)),
                (Why::Input, !inputs.conditions_met),
            ];
            let holds = against.iter().find(|(_, holds)| *holds);
            assert_eq!(verdict.armed, holds.is_none(), "{case:06b}");
            match holds {
                Some((why, _)) => assert_eq!(verdict.why, *why, "{case:06b}"),
                None if bit(4) => assert_eq!(verdict.why, Why::Schedule),
                None => assert_eq!(verdict.why, Why::ClockUnknown),
            }
            // A pause that ends and a schedule that turns are not missed, whatever decides now.
            assert_eq!(verdict.due_us.is_some(), bit(4) || bit(5), "{case:06b}");
        }
    }
}

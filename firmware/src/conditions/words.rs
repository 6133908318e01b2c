//! A verdict in words, for `status`, `why` and the console's notices.

use super::judge::{Now, Verdict, Why};
use crate::wall;
use hours::Zone;

const MINUTE_US: u64 = 60_000_000;

/// Why it is so, to follow "yes" or "no"; empty where there is nothing to say.
pub fn sentence(verdict: &Verdict, zone: &Zone, now: Now) -> String {
    let until = verdict.until_wall_us.map_or_else(String::new, |at_us| {
        // Where nobody knows the time, a time of day would be a lie.
        if now.is_trusted {
            format!(" until {}", wall::shown_near(zone, at_us, now.wall_us))
        } else {
            format!(" for {} more minutes", at_us.saturating_sub(now.wall_us).div_ceil(MINUTE_US))
        }
    });
    match (verdict.why, verdict.armed) {
        (Why::Always, _) => String::new(),
        (Why::Setting, _) => "`arm` ends that".into(),
        (Why::Pause, _) => format!("paused{until}; `resume` ends that"),
        (Why::Switch, _) => "an arm switch is off".into(),
        (Why::Schedule, _) => format!("by the schedule{until}"),
        (Why::ClockUnknown, true) => {
            "the clock is not set, so the schedule does not count; `clock` sets it".into()
        }
        (Why::ClockUnknown, false) => {
            "the clock is not set, and arm.clock_unknown says so; `clock` sets it".into()
        }
        (Why::Input, _) => "an input that is a condition is not met".into(),
    }
}

/// What is told on the console when a verdict is no longer the one before; nothing where somebody just typed it.
pub fn news(before: Option<&Verdict>, after: &Verdict, zone: &Zone, now: Now) -> Option<String> {
    let is_known = before.is_some_and(|before| (before.armed, before.why) == (after.armed, after.why));
    let was_typed = match (before.map(|before| before.why), after.why) {
        // `disarm` and `arm` have answered; a start without conditions is no news.
        (_, Why::Setting) | (None | Some(Why::Setting), Why::Always) => true,
        _ => false,
    };
    if is_known || was_typed {
        return None;
    }
    let state = if after.armed { "armed" } else { "disarmed" };
    Some(match sentence(after, zone, now) {
        nothing if nothing.is_empty() => state.into(),
        sentence => format!("{state}: {sentence}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Now, Verdict, Why, news, sentence};
    use hours::Zone;

    /// 2026-11-27 18:00 in Berlin.
    const SIX: Now = Now { monotonic_us: 0, wall_us: 1_795_798_800_000_000, is_trusted: true };
    const HOUR_US: u64 = 3_600_000_000;

    fn verdict(armed: bool, why: Why, until_wall_us: Option<u64>) -> Verdict {
        Verdict { armed, why, until_wall_us, due_us: None }
    }

    #[test]
    fn the_reason_is_a_sentence_with_the_time_on_the_owners_wall() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        let said = |verdict: Verdict, now| sentence(&verdict, &zone, now);
        let night = verdict(true, Why::Schedule, Some(SIX.wall_us + 13 * HOUR_US));
        assert_eq!(said(night, SIX), "by the schedule until tomorrow 07:00");
        let pause = verdict(false, Why::Pause, Some(SIX.wall_us + HOUR_US / 2));
        assert_eq!(said(pause, SIX), "paused until 18:30; `resume` ends that");
        let unset = Now { is_trusted: false, ..SIX };
        assert_eq!(said(pause, unset), "paused for 30 more minutes; `resume` ends that");
        assert_eq!(said(verdict(true, Why::Always, None), unset), "");
        let safe = said(verdict(true, Why::ClockUnknown, None), unset);
        assert_eq!(safe, "the clock is not set, so the schedule does not count; `clock` sets it");
    }

    #[test]
    fn changes_are_told_once_and_not_to_whoever_typed_them() {
        let zone = Zone::parse("Europe/Berlin").expect("a zone");
        let told = |before: Option<Verdict>, after: Verdict| news(before.as_ref(), &after, &zone, SIX);
        let always = verdict(true, Why::Always, None);
        let off = verdict(false, Why::Setting, None);
        let day = verdict(false, Why::Schedule, Some(SIX.wall_us));
        let night = verdict(true, Why::Schedule, Some(SIX.wall_us + 13 * HOUR_US));
        let pause = verdict(false, Why::Pause, Some(SIX.wall_us + HOUR_US));
        assert_eq!(told(None, always), None);
        assert_eq!(told(Some(always), off), None);
        assert_eq!(told(Some(off), always), None);
        assert_eq!(told(Some(day), night).as_deref(), Some("armed: by the schedule until tomorrow 07:00"));
        assert_eq!(told(Some(night), Verdict { until_wall_us: None, ..night }), None, "the same state");
        assert_eq!(told(None, day).as_deref(), Some("disarmed: by the schedule until 18:00"));
        assert_eq!(told(Some(off), day).as_deref(), Some("disarmed: by the schedule until 18:00"));
        assert_eq!(told(Some(pause), always).as_deref(), Some("armed"));
        assert_eq!(
            told(Some(always), pause).as_deref(),
            Some("disarmed: paused until 19:00; `resume` ends that")
        );
    }
}

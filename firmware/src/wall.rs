//! Times as people read and write them: by the clock on their wall, in the owner's zone.
//!
//! Pure. What machines read (names of clips, descriptions, control messages) has nothing of this: that is UTC.

use crate::clock::Utc;
use hours::{Instants, Local, Zone};
use std::fmt;

const US: i64 = 1_000_000;

/// Why what somebody typed is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WallError {
    /// It is not written as a time is.
    #[error("A time is written YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS")]
    NotUnderstood,
    /// The clocks were put forward over it.
    #[error("There is no {time} in {zone}: the clocks are put forward then, to {jump}")]
    LeftOut {
        /// What was typed.
        time: Utc,
        /// Whose clocks.
        zone: String,
        /// What they show after the jump.
        jump: String,
    },
    /// The clocks were put back over it.
    #[error("{time} comes twice in {zone}: add {first} for the first time or {second} for the second")]
    Twice {
        /// What was typed.
        time: Utc,
        /// Whose clocks.
        zone: String,
        /// What the time is called before.
        first: String,
        /// And after.
        second: String,
    },
    /// The word behind it is not what the time is called then.
    #[error("{time} is not called {word} in {zone}; UTC is understood everywhere")]
    OtherWord {
        /// What was typed.
        time: Utc,
        /// Whose clocks.
        zone: String,
        /// The word behind it.
        word: String,
    },
}

/// A moment in the owner's zone, to be written: `2026-11-27 02:20:33 CET`.
pub fn shown(zone: &Zone, wall_us: u64) -> Shown {
    let local = zone.at(seconds(wall_us));
    Shown { date: date_of(&local), local }
}

/// See [`shown`].
pub struct Shown {
    date: Utc,
    local: Local,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date, self.local.abbreviation)
    }
}

/// A moment as somebody near it says it: `07:00`, with the day where it is not today's.
pub fn shown_near(zone: &Zone, wall_us: u64, now_us: u64) -> String {
    let (local, now) = (zone.at(seconds(wall_us)), zone.at(seconds(now_us)));
    let date = date_of(&local);
    let time = format!("{:02}:{:02}", date.hour, date.minute);
    match local.day() - now.day() {
        0 => time,
        1 => format!("tomorrow {time}"),
        2..=6 => format!("{} {time}", hours::WEEKDAYS.get(local.weekday()).unwrap_or(&"")),
        _ => format!("{:04}-{:02}-{:02} {time}", date.year, date.month, date.day),
    }
}

/// Reads `YYYY-MM-DD HH:MM[:SS]`, and behind it what the time is called where that matters.
///
/// # Errors
/// It is no time, or the clocks never show it, or twice.
pub fn parse(zone: &Zone, text: &str) -> Result<u64, WallError> {
    let text = text.trim();
    let (time, word) = match text.rsplit_once(' ') {
        Some((time, word)) if !word.contains(':') => (time, Some(word)),
        _ => (text, None),
    };
    let time = Utc::parse(time).ok_or(WallError::NotUnderstood)?;
    let local_s = seconds(time.to_us().ok_or(WallError::NotUnderstood)?);
    let called = |at_s: i64| zone.at(at_s).abbreviation.to_string();
    let is_called = |at_s: i64| word.is_none_or(|word| word.eq_ignore_ascii_case(&called(at_s)));
    let zone_name = || zone.to_string();
    let at_s = match zone.instants(local_s) {
        _ if word.is_some_and(|word| word.eq_ignore_ascii_case("UTC")) => local_s,
        Instants::Never(jump_s) => {
            let date = date_of(&zone.at(jump_s));
            let jump = format!("{:02}:{:02}", date.hour, date.minute);
            return Err(WallError::LeftOut { time, zone: zone_name(), jump });
        }
        Instants::Twice(first, second) if word.is_none() => {
            return Err(WallError::Twice {
                time,
                zone: zone_name(),
                first: called(first),
                second: called(second),
            });
        }
        Instants::Once(at_s) | Instants::Twice(at_s, _) if is_called(at_s) => at_s,
        Instants::Twice(_, at_s) if is_called(at_s) => at_s,
        Instants::Once(_) | Instants::Twice(..) => {
            let word = word.unwrap_or_default().escape_default().to_string();
            return Err(WallError::OtherWord { time, zone: zone_name(), word });
        }
    };
    // Before 1970 no clock of ours can be.
    u64::try_from(at_s).map(|at_s| at_s * US as u64).map_err(|_| WallError::NotUnderstood)
}

/// When a day begins, `YYYY-MM-DD`: at its midnight, or where the clocks leave that out, after it.
pub fn day_begins(zone: &Zone, day: &str) -> Option<u64> {
    let midnight = Utc::parse(&format!("{day} 00:00"))?.to_us()?;
    let at_s = match zone.instants(seconds(midnight)) {
        Instants::Once(at_s) | Instants::Twice(at_s, _) | Instants::Never(at_s) => at_s,
    };
    Some(u64::try_from(at_s).unwrap_or(0) * US as u64)
}

/// Whole seconds; a clock that is beyond all calendars stays there.
pub fn seconds(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX) / US
}

fn date_of(local: &Local) -> Utc {
    Utc::from_us(u64::try_from(local.seconds).unwrap_or(0).saturating_mul(US as u64))
}

#[cfg(test)]
mod tests {
    use super::{WallError, day_begins, parse, shown, shown_near};
    use crate::clock::Utc;
    use hours::Zone;

    fn berlin() -> Zone {
        Zone::parse("Europe/Berlin").expect("a zone")
    }

    fn utc(text: &str) -> u64 {
        Utc::parse(text).and_then(Utc::to_us).expect("a time")
    }

    #[test]
    fn a_moment_is_shown_by_the_owners_clock() {
        let us = utc("2026-11-27 23:20:33");
        for (zone, text) in [
            ("UTC", "2026-11-27 23:20:33 UTC"),
            ("Europe/Berlin", "2026-11-28 00:20:33 CET"),
            ("Asia/Kathmandu", "2026-11-28 05:05:33 +0545"),
            ("EST5", "2026-11-27 18:20:33 EST"),
        ] {
            assert_eq!(shown(&Zone::parse(zone).expect("a zone"), us).to_string(), text);
        }
        assert_eq!(shown(&berlin(), utc("2026-07-01 00:00")).to_string(), "2026-07-01 02:00:00 CEST");
        // Beyond every calendar, and before 1970 west of Greenwich: no panic.
        let _ = shown(&berlin(), u64::MAX).to_string();
        let _ = shown(&Zone::parse("America/New_York").expect("a zone"), 0).to_string();
    }

    #[test]
    fn what_is_near_is_said_shortly() {
        let now = utc("2026-11-27 10:00");
        let near = |text: &str| shown_near(&berlin(), utc(text), now);
        assert_eq!(near("2026-11-27 17:00"), "18:00");
        assert_eq!(near("2026-11-28 06:00"), "tomorrow 07:00");
        assert_eq!(near("2026-11-30 06:00"), "monday 07:00");
        assert_eq!(near("2026-12-24 06:00"), "2026-12-24 07:00");
    }

    #[test]
    fn what_is_typed_is_local_time() {
        let (zone, us) = (berlin(), utc("2026-11-27 13:00"));
        for text in
            ["2026-11-27 14:00", "2026-11-27 14:00:00 cet", " 2026-11-27T14:00 ", "2026-11-27 13:00 UTC"]
        {
            assert_eq!(parse(&zone, text), Ok(us), "{text}");
        }
        assert_eq!(parse(&Zone::default(), "2026-11-27 13:00"), Ok(us));
        for text in ["yesterday", "2026-02-30 12:00", "2026-11-27 CET", "", "1970-01-01 00:30"] {
            assert_eq!(parse(&zone, text), Err(WallError::NotUnderstood), "{text}");
        }
        let refused = |text: &str| parse(&zone, text).expect_err("refused").to_string();
        assert_eq!(
            refused("2026-11-27 14:00 CEST"),
            "2026-11-27 14:00:00 is not called CEST in Europe/Berlin; UTC is understood everywhere"
        );
        assert_eq!(
            refused("2026-03-29 02:30"),
            "There is no 2026-03-29 02:30:00 in Europe/Berlin: the clocks are put forward then, to 03:00"
        );
        assert_eq!(
            refused("2026-10-25 02:30"),
            "2026-10-25 02:30:00 comes twice in Europe/Berlin: add CEST for the first time or CET for the second"
        );
        assert_eq!(parse(&zone, "2026-10-25 02:30 CEST"), Ok(utc("2026-10-25 00:30")));
        assert_eq!(parse(&zone, "2026-10-25 02:30 CET"), Ok(utc("2026-10-25 01:30")));
        assert_eq!(parse(&zone, "2026-03-29 02:30 UTC"), Ok(utc("2026-03-29 02:30")));
    }

    #[test]
    fn a_day_begins_when_the_wall_shows_it() {
        assert_eq!(day_begins(&berlin(), "2026-11-27"), Some(utc("2026-11-26 23:00")));
        // Lebanon's clocks leave out the first hour of that day.
        let beirut = Zone::parse("Asia/Beirut").expect("a zone");
        assert_eq!(day_begins(&beirut, "2027-03-28"), Some(utc("2027-03-27 22:00")));
        assert_eq!(day_begins(&berlin(), "2026-02-30"), None);
    }
}

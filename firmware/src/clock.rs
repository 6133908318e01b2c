//! The only place that reads or sets a clock.
//!
//! Inside the product time is monotonic microseconds, an argument to every state machine. Wall time is the kernel's
//! real-time clock; boards have no battery clock, so whether it can be believed is kept apart, in a file that only the
//! act of setting the clock creates. Nothing else may call a time function.

use crate::sys::time::{self, Clock};

/// Exists while the wall clock was set by somebody who knows the time (the console now, the network later).
const TRUSTED_MARK: &str = "/run/kerberos/clock-trusted";

/// Microseconds since start-up, CLOCK_MONOTONIC: the clock that V4L2 stamps frames with.
pub fn monotonic_us() -> u64 {
    read_us(Clock::Monotonic)
}

/// Microseconds since 1970 by the kernel's real-time clock, right or wrong; see [`is_trusted`].
pub fn wall_us() -> u64 {
    read_us(Clock::Wall)
}

/// Wall time at a moment of the monotonic clock, by the wall clock as it is now.
pub fn wall_us_at(monotonic_us: u64) -> u64 {
    wall_us().saturating_sub(self::monotonic_us().saturating_sub(monotonic_us))
}

/// Sets the real-time clock. Fails with the system's reason.
pub fn set_wall_us(us: u64) -> Result<(), nix::Error> {
    time::set_wall_us(us)
}

/// Whether somebody who knows the time has set the clock since start-up.
pub fn is_trusted() -> bool {
    std::path::Path::new(TRUSTED_MARK).exists()
}

/// Records that the clock was set by somebody who knows the time.
pub fn mark_trusted() -> std::io::Result<()> {
    std::fs::write(TRUSTED_MARK, b"")
}

fn read_us(clock: Clock) -> u64 {
    // The call cannot fail for these two clocks; zero would only mean "just started".
    time::read_us(clock).unwrap_or(0)
}

/// A calendar date and time in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc {
    /// 1970..=9999
    pub year: u32,
    /// 1..=12
    pub month: u32,
    /// 1..=31
    pub day: u32,
    /// 0..=23
    pub hour: u32,
    /// 0..=59
    pub minute: u32,
    /// 0..=59
    pub second: u32,
}

impl Utc {
    /// The calendar date of `us` microseconds since 1970. Days to civil date after Howard Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms".
    pub fn from_us(us: u64) -> Utc {
        let seconds = us / 1_000_000;
        let days = seconds / 86_400 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let part = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
        Utc {
            year: part(year),
            month: part(month),
            day: part(day_of_year - (153 * month_from_march + 2) / 5 + 1),
            hour: part(seconds % 86_400 / 3600),
            minute: part(seconds % 3600 / 60),
            second: part(seconds % 60),
        }
    }

    /// Microseconds since 1970, or nothing when a field is out of its range (31 February included).
    pub fn to_us(self) -> Option<u64> {
        let in_range = (1970..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        if !in_range {
            return None;
        }
        let year = u64::from(self.year) - u64::from(self.month <= 2);
        let era = year / 400;
        let year_of_era = year % 400;
        let month_from_march = u64::from((self.month + 9) % 12);
        let day_of_year = (153 * month_from_march + 2) / 5 + u64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let seconds = days * 86_400
            + u64::from(self.hour) * 3600
            + u64::from(self.minute) * 60
            + u64::from(self.second);
        let us = seconds * 1_000_000;
        (Utc::from_us(us) == self).then_some(us)
    }

    /// Reads `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`; a `T` may stand for the space.
    pub fn parse(text: &str) -> Option<Utc> {
        let (date, time) = text.trim().split_once([' ', 'T'])?;
        let mut date = date.splitn(3, '-').map(str::parse::<u32>);
        let mut time = time.splitn(3, ':').map(str::parse::<u32>);
        let utc = Utc {
            year: date.next()?.ok()?,
            month: date.next()?.ok()?,
            day: date.next()?.ok()?,
            hour: time.next()?.ok()?,
            minute: time.next()?.ok()?,
            second: time.next().unwrap_or(Ok(0)).ok()?,
        };
        utc.to_us().map(|_| utc)
    }
}

impl std::fmt::Display for Utc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Utc;

    #[test]
    fn known_dates_convert_both_ways() {
        for (us, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400_000_000, "2000-02-29 00:00:00"),
            (1_795_392_000_000_000, "2026-11-23 00:00:00"),
            (4_294_967_295_000_000, "2106-02-07 06:28:15"),
        ] {
            assert_eq!(Utc::from_us(us).to_string(), text);
            assert_eq!(Utc::parse(text).and_then(Utc::to_us), Some(us));
        }
    }

    #[test]
    fn every_day_of_two_centuries_round_trips() {
        for day in 0..73_000u64 {
            let us = day * 86_400_000_000 + 43_199_000_000;
            assert_eq!(Utc::from_us(us).to_us(), Some(us));
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in
            ["2026-02-30 00:00", "2026-13-01 00:00", "1969-12-31 23:59", "yesterday", "2026-01-01", ""]
        {
            assert_eq!(Utc::parse(text), None, "{text}");
        }
    }
}

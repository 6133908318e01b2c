//! Dates as people write them, in UTC as everywhere in Kerberos. Must not read a clock.

const DAY_S: i64 = 86_400;
/// Days from March 1st of the year 0 to 1970.
const EPOCH_DAYS: i64 = 719_468;
const ERA_DAYS: i64 = 146_097;

/// Seconds since 1970 of a day's beginning; none for what is no date (`YYYY-MM-DD`) after 1969.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let mut fields = text.split('-');
    let mut field = |digits: usize| {
        let field = fields.next()?;
        let is_number = field.len() == digits && field.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| field.parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (field(4)?, field(2)?, field(2)?);
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let seconds = u64::try_from((era * ERA_DAYS + day_of_era - EPOCH_DAYS) * DAY_S).ok()?;
    // A day that is not in its month comes out as another one.
    let is_date = fields.next().is_none() && (1..=12).contains(&month) && show(seconds).starts_with(text);
    is_date.then_some(seconds)
}

/// `2026-11-23 00:37:29`, of seconds since 1970. Times after the year 9999 are shown as its end.
#[must_use]
pub fn show(seconds: u64) -> String {
    /// The last second of 9999.
    const LAST: i64 = 253_402_300_799;
    let seconds = i64::try_from(seconds).unwrap_or(LAST).min(LAST);
    // As above, civil_from_days.
    let days = seconds / DAY_S + EPOCH_DAYS;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let second = seconds % DAY_S;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::{parse, show};

    #[test]
    fn every_day_is_shown_as_it_is_read() {
        for day in 0..60_000 {
            let shown = show(day * 86_400);
            assert_eq!(parse(&shown[..10]), Some(day * 86_400), "{shown}");
        }
        assert_eq!(show(1_795_394_249), "2026-11-23 00:37:29");
        assert_eq!(show(u64::MAX), "9999-12-31 23:59:59");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "today",
            "2026-11",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "26-1-1",
            "1969-12-31",
            "2026-11-23-1",
            "+026-11-23",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("2028-02-29"), Some(1_835_395_200));
    }
}

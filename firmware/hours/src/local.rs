//! What the clock on the wall shows at one moment.

/// The days of the week, as schedules name them; a week begins on Monday.
pub const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The longest word for a time, as `CEST` is one. POSIX lets every system have six characters, and the stamp has room for them.
pub const ABBREVIATION_BYTES_MAX: usize = 6;

/// What people call a time.
pub type Abbreviation = heapless::String<ABBREVIATION_BYTES_MAX>;

/// Seconds of a day, as the wall has them.
pub(crate) const DAY_S: i64 = 86_400;
/// Days of a week.
const WEEK_DAYS: i64 = 7;
/// The first of January 1970 was a Thursday.
const WEEKDAY_OF_DAY_0: i64 = 3;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Seconds since 1970 as the wall counts them: the moment's own, and the zone's offset.
    pub seconds: i64,
    /// How far the wall is ahead of UTC.
    pub offset_s: i64,
    /// What people call the time here and now: `CET`, `CEST`, `+0330`.
    pub abbreviation: Abbreviation,
}

impl Local {
    /// Days since 1970.
    pub fn day(&self) -> i64 {
        self.seconds.div_euclid(DAY_S)
    }

    /// Seconds since midnight.
    pub fn second_of_day(&self) -> i64 {
        self.seconds.rem_euclid(DAY_S)
    }

    /// 0 is Monday.
    pub fn weekday(&self) -> usize {
        weekday_of(self.day())
    }
}

/// The weekday of a day since 1970; 0 is Monday.
pub(crate) fn weekday_of(day: i64) -> usize {
    // Never negative, never above six.
    usize::try_from((day + WEEKDAY_OF_DAY_0).rem_euclid(WEEK_DAYS)).unwrap_or_default()
}

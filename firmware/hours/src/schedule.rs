//! A weekly schedule: `mo-fr 18:00-07:00, sa-su 00:00-24:00`.
//!
//! It goes by the clock on the wall: it is on while the wall shows a time within a window, so an hour that the clocks repeat
//! counts twice and one that they leave out not at all. A window belongs to the day on which it begins.

use super::local::{DAY_S, Local, WEEKDAYS, weekday_of};
use super::zone::{Instants, Zone};
use std::fmt;

/// Two windows a day, each day its own. So many can also be typed on one line of the console.
pub const WINDOWS_MAX: usize = 14;
/// The word for a schedule that is always on.
const ALWAYS: &str = "always";
/// The word for all days.
const DAILY: &str = "daily";
/// What a day is called in print.
const DAY_LETTERS: usize = 2;
const DAY_MINUTES: u16 = 24 * 60;
const MINUTE_S: i64 = 60;
/// How far ahead the next change is looked for: what is on once a week, and left out by the clocks once, is on again within two.
const HORIZON_DAYS: i64 = 16;

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// There is nothing.
    #[error("it names no days and times")]
    Empty,
    /// A time comes before any day.
    #[error("{0} has no days before it, such as mo-fr or daily")]
    NoDays(String),
    /// A day has no times.
    #[error("{0} has no times after it, such as 18:00-07:00")]
    NoTimes(String),
    /// It is neither.
    #[error("{0} is no day such as mo or mo-fr, and no time such as 18:00-07:00")]
    NotUnderstood(String),
    /// An hour or minute that no clock shows.
    #[error("{0} is no time of day; they go from 00:00 to 24:00")]
    NoTimeOfDay(String),
    /// A window without length, or of a whole day.
    #[error("{0} begins and ends at the same time; a whole day is 00:00-24:00")]
    NoLength(String),
    /// More than can be kept.
    #[error("it has more than {WINDOWS_MAX} windows")]
    TooMany,
}

/// One window, on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    /// Bit 0 is Monday.
    days: u8,
    /// Minutes after midnight, 0..=1439.
    from_min: u16,
    /// Minutes after the same midnight; beyond 1440 on the next day. `from_min` + 1440 at most.
    to_min: u16,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// None: always on.
    windows: heapless::Vec<Window, WINDOWS_MAX>,
}

impl Schedule {
    /// Reads `always`, or days and times by turns. Commas are for people.
    ///
    /// # Errors
    /// What is wrong with it, to follow a colon.
    pub fn parse(text: &str) -> Result<Schedule, ScheduleError> {
        if text.trim() == ALWAYS {
            return Ok(Schedule::default());
        }
        let mut windows = heapless::Vec::new();
        let (mut days, mut open) = (0, None);
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            if let Some(more) = days_of(word) {
                // Days after times begin anew; days after days come to them.
                days = if open.is_some() { days | more } else { more };
                open = Some(word);
            } else if !word.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(ScheduleError::NotUnderstood(shown(word)));
            } else if days == 0 {
                return Err(ScheduleError::NoDays(shown(word)));
            } else {
                let (from_min, to_min) = times_of(word)?;
                windows.push(Window { days, from_min, to_min }).map_err(|_| ScheduleError::TooMany)?;
                open = None;
            }
        }
        match open {
            Some(day) => Err(ScheduleError::NoTimes(shown(day))),
            None if windows.is_empty() => Err(ScheduleError::Empty),
            None => Ok(Schedule { windows }),
        }
    }

    /// Whether it never goes off.
    pub fn is_always(&self) -> bool {
        self.windows.is_empty()
    }

    /// Whether it is on while the wall shows that.
    pub fn is_on(&self, wall: &Local) -> bool {
        let minute = wall.second_of_day() / MINUTE_S;
        let (today, yesterday) = (wall.weekday(), weekday_of(wall.day() - 1));
        self.is_always()
            || self.windows.iter().any(|window| {
                window.holds(today, minute) || window.holds(yesterday, minute + i64::from(DAY_MINUTES))
            })
    }

    /// The first moment after `now_s` from which on it is what it is not now; nothing if it stays so.
    pub fn next_change(&self, zone: &Zone, now_s: i64) -> Option<i64> {
        let is_on = |at_s| self.is_on(&zone.at(at_s));
        let now_on = is_on(now_s);
        // What it is changes at an edge of a window or of the clocks, or not at all: of the moments at which it is another, the
        // first is the one at which it changes.
        let first = |best: Option<i64>, at_s: i64| {
            let is_it = at_s > now_s && best.is_none_or(|best| at_s < best) && is_on(at_s) != now_on;
            if is_it { Some(at_s) } else { best }
        };
        let today = zone.at(now_s).day();
        let mut best = None;
        // What began yesterday may end today; the wall may be put back by a day at the most.
        for day in today - 2..today + HORIZON_DAYS {
            for edge_s in self.edges_of(day) {
                best = match zone.instants(edge_s) {
                    Instants::Once(at_s) | Instants::Never(at_s) => first(best, at_s),
                    Instants::Twice(at_s, again_s) => first(first(best, at_s), again_s),
                };
            }
        }
        let turns = std::iter::successors(zone.next_turn(now_s), |at_s| zone.next_turn(*at_s));
        turns.take_while(|at_s| *at_s < now_s + HORIZON_DAYS * DAY_S).fold(best, first)
    }

    /// Where windows of that day begin and end, in seconds of the wall.
    fn edges_of(&self, day: i64) -> impl Iterator<Item = i64> {
        let of_day = move |window: &&Window| window.is_of(weekday_of(day));
        let edge = move |minute: u16| day * DAY_S + i64::from(minute) * MINUTE_S;
        self.windows.iter().filter(of_day).flat_map(move |w| [edge(w.from_min), edge(w.to_min)])
    }
}

impl Window {
    fn is_of(&self, weekday: usize) -> bool {
        self.days >> weekday & 1 == 1
    }

    /// Whether a minute, counted from the beginning of that day, is within it.
    fn holds(&self, weekday: usize, minute: i64) -> bool {
        self.is_of(weekday) && (i64::from(self.from_min)..i64::from(self.to_min)).contains(&minute)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_always() {
            return f.write_str(ALWAYS);
        }
        let mut days = 0;
        for (index, window) in self.windows.iter().enumerate() {
            if window.days != days {
                days = window.days;
                f.write_str(if index == 0 { "" } else { ", " })?;
                write_days(f, days)?;
            }
            let end_min =
                if window.to_min > DAY_MINUTES { window.to_min - DAY_MINUTES } else { window.to_min };
            let (from, to) = (window.from_min, end_min);
            write!(f, " {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)?;
        }
        Ok(())
    }
}

fn write_days(f: &mut fmt::Formatter<'_>, days: u8) -> fmt::Result {
    let name = |day: usize| WEEKDAYS.get(day).and_then(|name| name.get(..DAY_LETTERS)).unwrap_or_default();
    let has = |day: usize| day < WEEKDAYS.len() && days >> day & 1 == 1;
    if (0..WEEKDAYS.len()).all(has) {
        return f.write_str(DAILY);
    }
    let mut space = "";
    for first in (0..WEEKDAYS.len()).filter(|&day| has(day) && !day.checked_sub(1).is_some_and(has)) {
        let last = (first..WEEKDAYS.len()).take_while(|&day| has(day)).last().unwrap_or(first);
        let dash = if last > first { "-" } else { "" };
        write!(f, "{space}{}{dash}{}", name(first), if last > first { name(last) } else { "" })?;
        space = " ";
    }
    Ok(())
}

/// The days that a word names, as bits; nothing if it is no word for days.
fn days_of(word: &str) -> Option<u8> {
    if word.eq_ignore_ascii_case(DAILY) {
        return Some((1 << WEEKDAYS.len()) - 1);
    }
    let (from, to) = word.split_once('-').unwrap_or((word, word));
    let (from, to) = (weekday(from)?, weekday(to)?);
    let length = (to + WEEKDAYS.len() - from) % WEEKDAYS.len();
    Some((0..=length).fold(0, |days, step| days | 1 << ((from + step) % WEEKDAYS.len())))
}

/// `mo`, `mon`, `Monday`.
fn weekday(word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    WEEKDAYS.iter().position(|name| word.len() >= DAY_LETTERS && name.starts_with(&word))
}

fn times_of(word: &str) -> Result<(u16, u16), ScheduleError> {
    let (from, to) = word.split_once('-').ok_or_else(|| ScheduleError::NotUnderstood(shown(word)))?;
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').ok_or_else(|| ScheduleError::NotUnderstood(shown(word)))?;
        let number = |text: &str| {
            let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| is_number)
        };
        let time = number(hour).zip(number(minute)).filter(|(_, minute)| *minute < 60);
        let minutes = time.map(|(hour, minute)| hour * 60 + minute).filter(|time| *time <= DAY_MINUTES);
        minutes.ok_or_else(|| ScheduleError::NoTimeOfDay(shown(text)))
    };
    let (from_min, to_min) = (minute(from)?, minute(to)?);
    if from_min == DAY_MINUTES {
        return Err(ScheduleError::NoTimeOfDay(format!("{} as a beginning", shown(from))));
    }
    if from_min == to_min {
        return Err(ScheduleError::NoLength(shown(word)));
    }
    Ok((from_min, if to_min > from_min { to_min } else { to_min + DAY_MINUTES }))
}

/// The beginning of what somebody typed, fit for a sentence.
fn shown(word: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 20;
    let text: String = word.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    format!("'{text}'")
}

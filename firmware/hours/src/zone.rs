//! A time zone: from moments to what the wall shows, and back.
//!
//! The rules are read and followed by `jiff`; a name's rule is in the table. Must not know what happens when.

use super::local::{ABBREVIATION_BYTES_MAX, Abbreviation, Local};
use super::zones;
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use std::fmt;

/// The longest rule: any that is in the table is less than half of it.
pub const TEXT_BYTES_MAX: usize = 64;

/// Why a text is no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// It looks like a name.
    #[error("there is no time zone of that name")]
    UnknownName,
    /// It looks like a rule.
    #[error("it is no rule that can be followed")]
    BadRule,
    /// One of its words is too long.
    #[error("a word for the time has {ABBREVIATION_BYTES_MAX} characters at most")]
    LongAbbreviation,
    /// It is too long for either.
    #[error("it is longer than {TEXT_BYTES_MAX} characters")]
    TooLong,
}

/// See the module.
#[derive(Clone, PartialEq)]
pub struct Zone {
    text: heapless::String<TEXT_BYTES_MAX>,
    rules: TimeZone,
}

/// The moments at which the wall shows a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instants {
    /// As on most days.
    Once(i64),
    /// The clock was put back: the first and the second time.
    Twice(i64, i64),
    /// The clock was put forward over it, at this moment.
    Never(i64),
}

impl Zone {
    /// Reads a name (`Europe/Berlin`) or a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`).
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Zone, ZoneError> {
        if let Some((name, rule)) = zones::find(text) {
            return Zone::of(name, rule);
        }
        let is_name = text.chars().all(|c| c.is_ascii_alphabetic() || "/_-".contains(c));
        if is_name {
            return Err(ZoneError::UnknownName);
        }
        Zone::of(text, text)
    }

    fn of(text: &str, rule: &str) -> Result<Zone, ZoneError> {
        let text = heapless::String::try_from(text).map_err(|_| ZoneError::TooLong)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "<>+-,./:_".contains(c);
        let rules = Some(rule).filter(|rule| rule.chars().all(is_plain));
        let rules = rules.and_then(|rule| TimeZone::posix(rule).ok()).ok_or(ZoneError::BadRule)?;
        // A rule has at most two words for the time, which its next two turns show.
        let turns = rules.following(Timestamp::UNIX_EPOCH).take(2);
        let mut moments = std::iter::once(Timestamp::UNIX_EPOCH).chain(turns.map(|turn| turn.timestamp()));
        if moments.any(|at| rules.to_offset_info(at).abbreviation().len() > ABBREVIATION_BYTES_MAX) {
            return Err(ZoneError::LongAbbreviation);
        }
        Ok(Zone { text, rules })
    }

    /// Whether its clocks are known to go another way now and then than its rule says.
    pub fn is_doubtful(&self) -> bool {
        zones::WITHOUT_ONE_RULE.contains(&self.as_str())
    }

    /// As it is typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the wall shows, seconds since 1970 in; moments that no calendar has are those at its ends.
    pub fn at(&self, utc_s: i64) -> Local {
        let info = self.rules.to_offset_info(timestamp(utc_s));
        let offset_s = i64::from(info.offset().seconds());
        // It fits, see `of`.
        let abbreviation = Abbreviation::try_from(info.abbreviation()).unwrap_or_default();
        Local { seconds: utc_s.saturating_add(offset_s), offset_s, abbreviation }
    }

    /// When the wall shows that many seconds since 1970.
    pub fn instants(&self, local_s: i64) -> Instants {
        let at = |offset: Offset| local_s.saturating_sub(i64::from(offset.seconds()));
        let wall = Offset::UTC.to_datetime(timestamp(local_s));
        match self.rules.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => Instants::Once(at(offset)),
            AmbiguousOffset::Fold { before, after } => Instants::Twice(at(before), at(after)),
            // Both lie across the jump, and a jump is shorter than a day.
            AmbiguousOffset::Gap { after, .. } => {
                let earlier = at(after);
                Instants::Never(self.next_turn(earlier.saturating_sub(1)).unwrap_or(earlier))
            }
        }
    }

    /// When the clocks are next put forward or back after a moment.
    pub fn next_turn(&self, utc_s: i64) -> Option<i64> {
        self.rules.following(timestamp(utc_s)).next().map(|turn| turn.timestamp().as_second())
    }
}

impl Default for Zone {
    fn default() -> Zone {
        // It is in the table: a test reads it.
        Zone::parse("UTC").unwrap_or(Zone { text: heapless::String::new(), rules: TimeZone::UTC })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Zone {
    /// The rules say no more than the text, and the library's words for them are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.text)
    }
}

fn timestamp(utc_s: i64) -> Timestamp {
    Timestamp::from_second(utc_s).unwrap_or(if utc_s < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

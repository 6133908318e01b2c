//! Alarms as rows `start_frame,end_frame`: frames from 0, both inside, ascending. Peers write the same.
use std::fmt::Write as _;

use crate::score::Interval;

const HEAD: &str = "start_frame,end_frame";

/// The file.
#[must_use]
pub fn alarm_csv(alarms: &[Interval]) -> String {
    let mut text = format!("{HEAD}\n");
    for alarm in alarms {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{},{}", alarm.first, alarm.last);
    }
    text
}

/// Reads such a file of a clip of this many frames. Alarms that lie behind its end are cut off.
///
/// # Errors
/// A sentence, without its full stop, with the line.
pub fn read_alarm_csv(text: &str, frames: usize) -> Result<Vec<Interval>, String> {
    let mut alarms: Vec<Interval> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || (number == 0 && line == HEAD) {
            continue;
        }
        let interval = line
            .split_once(',')
            .and_then(|(first, last)| {
                Some(Interval::new(first.trim().parse().ok()?, last.trim().parse().ok()?))
            })
            .filter(|interval| interval.first <= interval.last)
            .ok_or_else(|| format!("line {}: `{line}` is not `{HEAD}`", number + 1))?;
        if alarms.last().is_some_and(|last| interval.first <= last.last) {
            return Err(format!("line {}: alarms must be ascending and apart from each other", number + 1));
        }
        if interval.first < frames {
            alarms.push(Interval::new(interval.first, interval.last.min(frames - 1)));
        }
    }
    Ok(alarms)
}

#[cfg(test)]
mod tests {
    use super::{alarm_csv, read_alarm_csv};
    use crate::score::Interval;

    #[test]
    fn what_is_written_is_read() {
        let alarms = [Interval::new(0, 0), Interval::new(5, 9)];
        assert_eq!(alarm_csv(&alarms), "start_frame,end_frame\n0,0\n5,9\n");
        assert_eq!(alarm_csv(&[]), "start_frame,end_frame\n");
        assert_eq!(read_alarm_csv(&alarm_csv(&alarms), 10).unwrap(), alarms);
        assert_eq!(read_alarm_csv(&alarm_csv(&alarms), 6).unwrap(), [alarms[0], Interval::new(5, 5)]);
        assert_eq!(read_alarm_csv(&alarm_csv(&alarms), 0).unwrap(), []);
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, error) in [
            ("5,3", "line 1: `5,3` is not `start_frame,end_frame`"),
            ("start_frame,end_frame\n1", "line 2: `1` is not `start_frame,end_frame`"),
            ("1,5\n5,6", "line 2: alarms must be ascending and apart from each other"),
        ] {
            assert_eq!(read_alarm_csv(text, 99).unwrap_err(), error);
        }
    }
}

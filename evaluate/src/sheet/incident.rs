//! Which frames are worth a look: around each alarm and each miss. Pure.
use crate::report::Report;
use crate::score::Interval;

/// Incidents on one sheet; false alarms and misses come before what went well.
const INCIDENTS_MAX: usize = 12;
/// Frames before an alarm that show how it came about.
const BEFORE_FRAMES: usize = 4;
/// Pictures of an incident on a still sheet.
pub const STILLS: usize = 4;
/// Pictures of an incident in a moving one.
const MOVING: usize = 16;

/// What kind of incident, the most interesting first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An alarm that touches no label.
    False,
    /// A label that no alarm touches.
    Missed,
    /// Any other alarm.
    Alarm,
    /// Nothing happened: the clip from start to end.
    Nothing,
}

impl Kind {
    /// A word for it.
    pub fn word(self, has_labels: bool) -> &'static str {
        match self {
            Kind::False if has_labels => "FALSE ALARM",
            Kind::Missed => "MISSED",
            Kind::False | Kind::Alarm => "ALARM",
            Kind::Nothing => "",
        }
    }
}

/// Some frames and why they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// What kind.
    pub kind: Kind,
    /// The frames to show, ascending; at most four for a still sheet.
    pub frames: Vec<usize>,
}

/// The incidents of a report, in the order of time, as pictures that stand still or move.
pub fn incidents(report: &Report, is_moving: bool) -> Vec<Incident> {
    let alarms = report.alarms.iter().map(|alarm| {
        let kind = if alarm.is_false { Kind::False } else { Kind::Alarm };
        (kind, Interval::new(alarm.frames.first.saturating_sub(BEFORE_FRAMES), alarm.frames.last))
    });
    let labels = report.activities.iter().chain(&report.tampers);
    let missed = labels.filter(|label| label.found_frame.is_none()).map(|label| (Kind::Missed, label.frames));
    let mut chosen: Vec<(Kind, Interval)> = alarms.chain(missed).collect();
    chosen.sort_by_key(|(kind, frames)| (*kind, frames.first));
    chosen.truncate(INCIDENTS_MAX);
    if chosen.is_empty() && report.frames > 0 {
        chosen.push((Kind::Nothing, Interval::new(0, report.frames - 1)));
    }
    chosen.sort_by_key(|(_, frames)| frames.first);
    let spread = |kind: Kind, frames: Interval| match kind {
        _ if is_moving => evenly(frames, MOVING),
        // Before it, its first frame, its middle, its last.
        Kind::False | Kind::Alarm => {
            let first = (frames.first + BEFORE_FRAMES).min(frames.last);
            let mut shown = vec![frames.first, first, first.midpoint(frames.last), frames.last];
            shown.dedup();
            shown
        }
        Kind::Missed | Kind::Nothing => evenly(frames, STILLS),
    };
    chosen.into_iter().map(|(kind, frames)| Incident { kind, frames: spread(kind, frames) }).collect()
}

/// So many frames from first to last, as far apart as possible.
fn evenly(frames: Interval, count: usize) -> Vec<usize> {
    let length = frames.last - frames.first;
    let steps = count.min(length + 1).max(2) - 1;
    let mut chosen: Vec<usize> = (0..=steps).map(|step| frames.first + length * step / steps).collect();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::{Interval, evenly};

    #[test]
    fn frames_are_spread_evenly() {
        assert_eq!(evenly(Interval::new(10, 40), 4), [10, 20, 30, 40]);
        assert_eq!(evenly(Interval::new(10, 11), 4), [10, 11]);
        assert_eq!(evenly(Interval::new(7, 7), 4), [7]);
    }
}

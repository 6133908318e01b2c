//! Intervals of frames, and how alarms of single frames become alarms.

/// Frames from first to last, both inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Interval {
    /// The first frame, from 0.
    #[serde(rename = "first_frame")]
    pub first: usize,
    /// The last frame.
    #[serde(rename = "last_frame")]
    pub last: usize,
}

impl Interval {
    /// An interval; `first <= last`.
    #[must_use]
    pub fn new(first: usize, last: usize) -> Interval {
        Interval { first, last }
    }

    /// Whether a frame is inside.
    #[must_use]
    pub fn contains(&self, frame: usize) -> bool {
        self.first <= frame && frame <= self.last
    }
}

/// The raised alarm: runs of frames with motion, by the firmware's event rule without its post-roll. A frame that could
/// not be looked at (`None`) neither raises an alarm nor ends it.
#[must_use]
pub fn raised(frames: impl IntoIterator<Item = Option<bool>>) -> Vec<Interval> {
    let mut alarms: Vec<Interval> = Vec::new();
    let mut is_on = false;
    for (frame, motion) in frames.into_iter().enumerate() {
        match (motion, is_on, alarms.last_mut()) {
            (Some(true), true, Some(alarm)) => alarm.last = frame,
            (Some(true), ..) => {
                alarms.push(Interval::new(frame, frame));
                is_on = true;
            }
            (Some(false), ..) => is_on = false,
            (None, ..) => {}
        }
    }
    alarms
}

/// Joins intervals with less than `gap_us` from the end of one to the start of the next.
#[must_use]
pub fn joined(intervals: &[Interval], times_us: &[u64], gap_us: u64) -> Vec<Interval> {
    let time = |frame: usize| times_us.get(frame).copied().unwrap_or_default();
    let mut result: Vec<Interval> = Vec::new();
    for interval in intervals {
        match result.last_mut() {
            Some(last) if time(interval.first).saturating_sub(time(last.last)) <= gap_us => {
                last.last = last.last.max(interval.last);
            }
            _ => result.push(*interval),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Interval, joined, raised};

    fn of(text: &str) -> Vec<Option<bool>> {
        text.chars().map(|c| (c != '?').then_some(c == '#')).collect()
    }

    fn pairs(intervals: &[Interval]) -> Vec<(usize, usize)> {
        intervals.iter().map(|i| (i.first, i.last)).collect()
    }

    #[test]
    fn runs_of_motion_are_alarms_and_damaged_frames_do_not_end_them() {
        assert_eq!(pairs(&raised(of(""))), []);
        assert_eq!(pairs(&raised(of("...."))), []);
        assert_eq!(pairs(&raised(of("####"))), [(0, 3)]);
        assert_eq!(pairs(&raised(of(".##.#."))), [(1, 2), (4, 4)]);
        assert_eq!(pairs(&raised(of("#?#.?#?"))), [(0, 2), (5, 5)]);
    }

    #[test]
    fn near_intervals_are_joined_by_time() {
        let times: Vec<u64> = (0..10).map(|frame| frame * 100).collect();
        let alarms = [Interval::new(0, 1), Interval::new(3, 3), Interval::new(6, 7)];
        assert_eq!(pairs(&joined(&alarms, &times, 199)), [(0, 1), (3, 3), (6, 7)]);
        assert_eq!(pairs(&joined(&alarms, &times, 200)), [(0, 3), (6, 7)]);
        assert_eq!(pairs(&joined(&alarms, &times, 300)), [(0, 7)]);
        assert_eq!(pairs(&joined(&[], &times, 300)), []);
    }
}

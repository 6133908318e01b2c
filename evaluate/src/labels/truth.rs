//! Labels on the frames of one clip: times become frames, and what lies behind its end is told.
use super::Error;
use super::text::{Labels, Range, Span, What};
use crate::score::Interval;

/// Something that must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When.
    pub frames: Interval,
    /// Number of the zone that it is in; anywhere without one.
    pub zone: Option<usize>,
}

/// What is true of a clip, by frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// What must be found.
    pub activities: Vec<Activity>,
    /// Where an alarm is neither right nor wrong.
    pub ignored: Vec<Interval>,
    /// When somebody tampers with the camera, and how.
    pub tampers: Vec<(Interval, String)>,
}

impl Truth {
    /// Puts labels on frames with these times (microseconds, ascending).
    ///
    /// # Errors
    /// A label that has no frame.
    pub fn of(labels: &Labels, times_us: &[u64]) -> Result<Truth, Error> {
        let mut truth = Truth::default();
        for span in &labels.spans {
            let frames = frames(span, times_us).map_err(|reason| Error::Line {
                file: labels.file.clone(),
                line: span.line,
                reason,
            })?;
            match &span.what {
                What::Motion(zone) => truth.activities.push(Activity { frames, zone: *zone }),
                What::Ignore => truth.ignored.push(frames),
                What::Tamper(kind) => truth.tampers.push((frames, kind.clone())),
            }
        }
        truth.activities.sort_by_key(|activity| (activity.frames.first, activity.frames.last));
        Ok(truth)
    }
}

fn frames(span: &Span, times_us: &[u64]) -> Result<Interval, String> {
    match span.range {
        Range::Frames(first, _) if first >= times_us.len() => {
            Err(format!("frame {first} is behind the end: there are {} frames, from 0", times_us.len()))
        }
        // People count on to a round number; the end of the clip is the end.
        Range::Frames(first, last) => Ok(Interval::new(first, last.min(times_us.len() - 1))),
        Range::TimeUs(from, to) => {
            let first = times_us.partition_point(|&time| time < from);
            let behind = times_us.partition_point(|&time| time <= to);
            if first < behind {
                Ok(Interval::new(first, behind - 1))
            } else {
                Err("there is no frame in this range of time".into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;
    use crate::labels::Labels;

    const TIMES_US: [u64; 6] = [0, 100, 200, 1_000_000, 1_500_000, 1_500_100];

    fn truth(text: &str) -> Result<Truth, String> {
        Truth::of(&Labels::parse("l", text).unwrap(), &TIMES_US).map_err(|error| error.to_string())
    }

    #[test]
    fn times_become_frames_whatever_the_frame_rate() {
        let found = truth("motion 0.0001s-1s\nmotion 1-99\nmotion 0s-0s").unwrap();
        let frames: Vec<_> = found.activities.iter().map(|a| (a.frames.first, a.frames.last)).collect();
        assert_eq!(frames, [(0, 0), (1, 3), (1, 5)]);
    }

    #[test]
    fn a_label_without_a_frame_is_told() {
        assert_eq!(
            truth("\nmotion 6-7").unwrap_err(),
            "l, line 2: frame 6 is behind the end: there are 6 frames, from 0."
        );
        assert_eq!(
            truth("ignore 0.1s-0.9s").unwrap_err(),
            "l, line 1: there is no frame in this range of time."
        );
    }
}

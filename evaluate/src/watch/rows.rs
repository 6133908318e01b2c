//! A watcher let loose on an input: a row for each frame, and the alarms that come of them.
use super::kerberos::frame_size;
use super::{FrameIn, Seen, Watcher};
use crate::input::{Error, Frame, Frames};
use crate::labels::Zone;
use crate::score::{Alarms, Interval, raised};

/// What was seen in one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Microseconds since the first frame.
    pub timestamp_us: u64,
    /// What the watcher said.
    pub seen: Seen,
}

/// What a watcher saw in a whole input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// A row for each frame.
    pub rows: Vec<Row>,
    /// The picture's width and height in pixels, of the first frame that is whole.
    pub size: (u32, u32),
}

impl Rows {
    /// Shows every frame to the watcher.
    ///
    /// # Errors
    /// The input breaks off.
    pub fn watch(frames: &mut dyn Frames, watcher: &mut dyn Watcher) -> Result<Rows, Error> {
        let (mut frame, mut result) = (Frame::default(), Rows::default());
        while frames.next(&mut frame)? {
            let Frame { index, timestamp_us, ref jpeg } = frame;
            let size = frame_size(jpeg);
            if result.size == (0, 0) {
                result.size = size;
            }
            let seen = watcher.watch(&FrameIn { index, timestamp_us, jpeg, size });
            result.rows.push(Row { timestamp_us, seen });
        }
        Ok(result)
    }

    /// The time of each frame, in microseconds.
    #[must_use]
    pub fn times_us(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.timestamp_us).collect()
    }

    /// Frames that could not be looked at.
    #[must_use]
    pub fn damaged(&self) -> usize {
        self.rows.iter().filter(|row| row.seen.alarm.is_none()).count()
    }

    /// The alarms that were raised, in the whole picture and by zone.
    #[must_use]
    pub fn alarms(&self, zones: &[Zone]) -> Alarms {
        let alarm = |row: &Row| row.seen.alarm;
        let touching = |zone: &Zone| {
            raised(self.rows.iter().map(|row| {
                let regions = &row.seen.regions;
                let is_there = regions.is_empty() || regions.iter().any(|region| zone.touches(region));
                alarm(row).map(|alarm| alarm && is_there)
            }))
        };
        Alarms {
            all: raised(self.rows.iter().map(alarm)),
            in_zone: zones.iter().map(touching).collect(),
            tampers: self.tampers(),
        }
    }

    fn tampers(&self) -> Vec<(Interval, String)> {
        let mut found: Vec<(Interval, String)> = Vec::new();
        for (frame, row) in self.rows.iter().enumerate() {
            match (&row.seen.tamper, found.last_mut()) {
                (Some(kind), Some((interval, last))) if last == kind && interval.last + 1 == frame => {
                    interval.last = frame
                }
                (Some(kind), _) => found.push((Interval::new(frame, frame), kind.clone())),
                (None, _) => {}
            }
        }
        found
    }
}

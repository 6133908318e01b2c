//! The pre-roll: the newest frames, kept in case an event begins. Bounded in time, in frames and in bytes.

use crate::ring::{Frame, SLOTS};

/// Frames in the order of their capture.
#[derive(Default)]
pub struct PreRoll {
    frames: heapless::Deque<Frame, SLOTS>,
    bytes: usize,
}

impl PreRoll {
    /// Adds the newest frame. If it cannot be kept it comes back.
    pub fn push(&mut self, frame: Frame) -> Result<(), Frame> {
        let bytes = frame.as_ref().len();
        self.frames.push_back(frame)?;
        self.bytes += bytes;
        Ok(())
    }

    /// The oldest frame, if the pre-roll is longer than it may be: older than `length_us` before the newest, more than
    /// `frames_max` frames, or more than `bytes_max` bytes.
    pub fn pop_surplus(&mut self, length_us: u64, frames_max: usize, bytes_max: usize) -> Option<Frame> {
        let surplus =
            self.length_us() > length_us || self.frames.len() > frames_max || self.bytes > bytes_max;
        if surplus { self.pop() } else { None }
    }

    /// The oldest frame.
    pub fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.as_ref().len();
        Some(frame)
    }

    /// Time from the oldest to the newest frame.
    pub fn length_us(&self) -> u64 {
        match (self.frames.front(), self.frames.back()) {
            (Some(old), Some(new)) => new.meta.timestamp_us.saturating_sub(old.meta.timestamp_us),
            _ => 0,
        }
    }
}

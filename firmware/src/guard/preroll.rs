//! The pre-roll: the newest frames, kept in case an event begins. Bounded in time, in frames and in bytes.

use crate::ring::{Coding, Frame, SLOTS};

/// Whether a clip can begin with a frame.
fn is_key(frame: &Frame) -> bool {
    frame.meta.coding != Coding::Avc { is_key: false }
}

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
        let surplus = self.is_too_old(length_us) || self.frames.len() > frames_max || self.bytes > bytes_max;
        if surplus { self.pop() } else { None }
    }

    /// Whether the oldest frame is older than is asked for. Of H.264 it may be, while frames that are not too old need it.
    fn is_too_old(&self, length_us: u64) -> bool {
        let age_us = |frame: &Frame| {
            self.frames.back().map_or(0, |new| new.meta.timestamp_us.saturating_sub(frame.meta.timestamp_us))
        };
        match self.frames.front().map(|frame| frame.meta.coding) {
            Some(Coding::Avc { .. }) => {
                let mut keys = self.frames.iter().skip(1).filter(|frame| is_key(frame));
                keys.next().is_some_and(|key| age_us(key) >= length_us)
            }
            _ => self.length_us() > length_us,
        }
    }

    /// The oldest frame, if no clip can begin with it.
    pub fn pop_dependent(&mut self) -> Option<Frame> {
        if self.frames.front().is_some_and(is_key) { None } else { self.pop() }
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

//! How much waits for the card: counted by motion when it hands a frame over, and by record when it is done with it.
//!
//! The pre-roll and the backlog share the ring; this keeps their sum below it, so that capture always finds room.

use super::RING_BYTES;
use crate::ring::SLOTS;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that pre-roll and backlog may hold together: the rest is for the frames in capture's and motion's hands, and for
/// slots that are larger than the frame they hold.
const KEPT_BYTES_MAX: usize = RING_BYTES / 4 * 3;
/// The same for slots.
const KEPT_FRAMES_MAX: usize = SLOTS - 64;

/// The counters.
#[derive(Debug, Default)]
pub struct Backlog {
    frames: AtomicUsize,
    bytes: AtomicUsize,
}

impl Backlog {
    /// A frame of this many bytes goes to record.
    pub fn add(&self, bytes: usize) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Record is done with a frame of this many bytes.
    pub fn remove(&self, bytes: usize) {
        self.frames.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// A frame at record has another length now.
    pub fn resize(&self, before: usize, after: usize) {
        self.bytes.fetch_add(after, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    /// Frames and bytes that there is still room for beside the backlog.
    pub fn room(&self) -> (usize, usize) {
        (
            KEPT_FRAMES_MAX.saturating_sub(self.frames.load(Ordering::Relaxed)),
            KEPT_BYTES_MAX.saturating_sub(self.bytes.load(Ordering::Relaxed)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Backlog, KEPT_BYTES_MAX, KEPT_FRAMES_MAX};

    #[test]
    fn room_shrinks_and_comes_back_and_is_never_negative() {
        let backlog = Backlog::default();
        backlog.add(1000);
        backlog.add(KEPT_BYTES_MAX);
        assert_eq!(backlog.room(), (KEPT_FRAMES_MAX - 2, 0));
        backlog.remove(KEPT_BYTES_MAX);
        backlog.remove(1000);
        assert_eq!(backlog.room(), (KEPT_FRAMES_MAX, KEPT_BYTES_MAX));
    }
}

//! What the camera counts. Plain numbers; it must not decide anything.

use serde::Serialize;

use super::faults::Damage;
use super::modes::Mode;

/// Damaged frames that were delivered, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Damaged {
    /// Cut before their end.
    pub truncated: u64,
    /// With SOI and SOF overwritten.
    pub garbled: u64,
    /// Marked as bad by the camera.
    pub error_bit: u64,
    /// Without data.
    pub empty: u64,
}

impl Damaged {
    /// Counts one.
    pub(super) fn count(&mut self, kind: Damage) {
        *match kind {
            Damage::Truncated => &mut self.truncated,
            Damage::Garbled => &mut self.garbled,
            Damage::ErrorBit => &mut self.error_bit,
            Damage::Empty => &mut self.empty,
        } += 1;
    }

    /// All kinds together.
    pub fn total(&self) -> u64 {
        self.truncated + self.garbled + self.error_bit + self.empty
    }
}

/// The camera's account. At every moment
/// `offered = sent + damaged.total() + not_taken + cut_off + in_hand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Stats {
    /// The mode that is streamed now.
    pub mode: Option<Mode>,
    /// Whether the camera is plugged in.
    pub plugged: bool,
    /// Whether it is stalled on purpose.
    pub stalled: bool,
    /// Frames that the camera took: also the index of the next frame.
    pub offered: u64,
    /// Frames delivered whole and undamaged.
    pub sent: u64,
    /// Frames delivered with damage.
    pub damaged: Damaged,
    /// Frames lost because the guest had not asked for data in time.
    pub not_taken: u64,
    /// Frames of which only a part was delivered when the stream was stopped, or the camera unplugged or reset.
    pub cut_off: u64,
    /// Frames being delivered or waiting for a transfer now: 0 to 2.
    pub in_hand: u64,
    /// Frames that were never made: the host was too busy, or the footage not ready, when they were due.
    pub late: u64,
    /// Times that the host committed to a mode.
    pub starts: u64,
}

//! One slot of the ring, and a slot that holds a frame.
//!
//! A slot must never be cloned: owning it is what makes access to its bytes exclusive.

use crate::sys::memory;

/// A preallocated piece of memory for one frame.
#[derive(Debug)]
pub struct Slot {
    pub(super) bytes: &'static mut [u8],
    /// Bytes from the start that were ever written: memory that the kernel has really given us.
    pub(super) touched: usize,
}

impl Slot {
    /// Gives the memory back to the kernel; the slot stays usable.
    pub(super) fn release(&mut self) {
        memory::release(&mut self.bytes[..self.touched]);
        self.touched = 0;
    }
}

/// What is known of a frame besides its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Counts the frames captured since the process started; a loss leaves a gap.
    pub sequence: u64,
    /// The camera driver's time stamp, monotonic microseconds.
    pub timestamp_us: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How much of the detection plane is covered by what moves; 0 before the motion thread has looked.
    pub subject_px: u32,
}

/// A slot that holds the bytes of one frame as they came from the camera.
#[derive(Debug)]
pub struct Frame {
    slot: Slot,
    len: usize,
    /// What is known of it.
    pub meta: Meta,
}

impl Frame {
    /// Copies `bytes` into the slot: the one copy that a frame is ever given. The caller has made sure that they fit.
    pub(super) fn fill(mut slot: Slot, bytes: &[u8], meta: Meta) -> Frame {
        let len = bytes.len().min(slot.bytes.len());
        slot.bytes[..len].copy_from_slice(&bytes[..len]);
        slot.touched = slot.touched.max(len);
        Frame { slot, len, meta }
    }

    /// Gives up the frame and keeps the memory.
    pub fn into_slot(self) -> Slot {
        self.slot
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.slot.bytes[..self.len]
    }
}

//! One slot of the ring, and a slot that holds a frame.
//!
//! A slot must never be cloned: owning it is what makes access to its bytes exclusive.

use crate::sys::memory;

/// Granularity in which the kernel gives memory.
pub(super) const PAGE_BYTES: usize = 4096;

/// The pages that so many bytes take, in bytes.
pub(super) fn pages(bytes: usize) -> usize {
    bytes.div_ceil(PAGE_BYTES) * PAGE_BYTES
}

/// A preallocated piece of memory for one frame.
#[derive(Debug)]
pub struct Slot {
    pub(super) bytes: &'static mut [u8],
    /// Bytes from the start that were ever written: memory that the kernel has really given us.
    pub(super) touched: usize,
    /// Of these, what the pool has not counted yet: a frame that was replaced by a longer one.
    pub(super) uncounted: usize,
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
    /// What moves in it; nothing before the motion thread has looked.
    pub subject: Subject,
}

/// What moves in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// How much of the detection plane it covers; 0: nothing moves.
    pub plane_px: u32,
    /// Where: x1, y1, x2, y2 in pixels of the frame.
    pub region: [u16; 4],
}

/// A slot that holds the bytes of one frame as they came from the camera, and behind them its index, if somebody has made one.
#[derive(Debug)]
pub struct Frame {
    slot: Slot,
    len: usize,
    /// Bytes of the index; 0: there is none.
    index_len: usize,
    /// What is known of it.
    pub meta: Meta,
}

impl Frame {
    /// Copies `bytes` into the slot: the one copy that a frame is ever given. The caller has made sure that they fit.
    pub(super) fn fill(mut slot: Slot, bytes: &[u8], meta: Meta) -> Frame {
        let len = bytes.len().min(slot.bytes.len());
        slot.bytes[..len].copy_from_slice(&bytes[..len]);
        slot.touched = slot.touched.max(len);
        // What stood in the slot before is no index of this frame.
        Frame { slot, len, index_len: 0, meta }
    }

    /// Puts other bytes in the place of the frame's, which keeps its slot and loses its index; whether they fit. If not, nothing has changed.
    pub fn replace(&mut self, bytes: &[u8]) -> bool {
        let fits = self.write(0, bytes);
        if fits {
            (self.len, self.index_len) = (bytes.len(), 0);
        }
        fits
    }

    /// Keeps the index of this frame's bytes behind them, in the place of any that is there; whether there is room. If not, the frame has none.
    pub fn attach_index(&mut self, index: &[u8]) -> bool {
        let fits = self.write(self.len, index);
        self.index_len = if fits { index.len() } else { 0 };
        fits
    }

    /// The index that was attached; empty if there is none.
    pub fn index(&self) -> &[u8] {
        &self.slot.bytes[self.len..self.len + self.index_len]
    }

    /// Writes into the slot what fits as a whole. Pages that this touches are counted when the slot comes back.
    fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        let end = at + bytes.len();
        let Some(place) = self.slot.bytes.get_mut(at..end) else { return false };
        place.copy_from_slice(bytes);
        let before = pages(self.slot.touched);
        self.slot.touched = self.slot.touched.max(end);
        self.slot.uncounted += pages(self.slot.touched) - before;
        true
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

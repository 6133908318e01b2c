//! One slot of the ring, and a slot that holds a frame.
//!
//! A slot must never be cloned: owning it is what makes access to its bytes exclusive.

use crate::sys::memory;
use std::sync::atomic::{AtomicUsize, Ordering};
use vision::bayer::Look;
use vision::luma::FrameSize;

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
    /// What all slots of the pool hold together: kept true wherever a slot grows or shrinks.
    pub(super) held: &'static Held,
}

/// Bytes of memory that the kernel has given to all slots of a pool: whole pages.
#[derive(Debug, Default)]
pub(super) struct Held(AtomicUsize);

impl Held {
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// A slot holds `after` bytes now, no longer `before`. Only a sum: whoever reads it a moment too early is off by a frame.
    fn change(&self, before: usize, after: usize) {
        self.0.fetch_add(pages(after), Ordering::Relaxed);
        self.0.fetch_sub(pages(before), Ordering::Relaxed);
    }
}

impl Slot {
    /// Gives the memory back to the kernel; the slot stays usable.
    pub(super) fn release(&mut self) {
        memory::release(&mut self.bytes[..self.touched]);
        self.set_touched(0);
    }

    fn set_touched(&mut self, bytes: usize) {
        self.held.change(self.touched, bytes);
        self.touched = bytes;
    }

    /// Gives the memory behind the first `bytes` back.
    fn release_behind(&mut self, bytes: usize) {
        // Slots begin where pages do not; what the kernel keeps of the page at the cut is at most one page, counted or not.
        let kept = pages(bytes).min(self.touched);
        memory::release(&mut self.bytes[kept..self.touched]);
        self.set_touched(kept);
    }
}

/// How the bytes of a frame are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coding {
    /// A JPEG picture.
    #[default]
    Jpeg,
    /// A picture of H.264 as cameras send it: NAL units behind start codes (ISO/IEC 14496-10, annex B).
    AnnexB,
    /// The same as MP4 holds it: NAL units behind their lengths.
    Avc {
        /// It needs no other picture, and begins with the parameter sets.
        is_key: bool,
    },
    /// Uncompressed pixels.
    Raw {
        /// V4L2's name of the format.
        fourcc: [u8; 4],
        /// Bytes from row to row.
        stride_bytes: u32,
        /// Luma goes from 0 to 255, not from 16 to 235.
        is_full_range: bool,
    },
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
    /// How its bytes are to be read.
    pub coding: Coding,
    /// How a picture is made of it, if it is a mosaic.
    pub look: Look,
    /// What moves in it; nothing before the motion thread has looked.
    pub subject: Subject,
    /// Which settings' marks are in its picture: their generation; 0: none.
    pub marks_of: u32,
}

impl Meta {
    /// The frame's size; no camera has frames of more than 65535 pixels.
    pub fn size(&self) -> FrameSize {
        let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
        FrameSize { width: side(self.width), height: side(self.height) }
    }
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
    /// Copies `parts` into the slot, one behind the other: the one copy that a frame is ever given. The caller has made sure that they fit.
    pub(super) fn fill(mut slot: Slot, parts: &[&[u8]], meta: Meta) -> Frame {
        let mut len = 0;
        for part in parts {
            let end = (len + part.len()).min(slot.bytes.len());
            slot.bytes[len..end].copy_from_slice(&part[..end - len]);
            len = end;
        }
        slot.set_touched(slot.touched.max(len));
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

    /// Writes into the slot what fits as a whole.
    fn write(&mut self, at: usize, bytes: &[u8]) -> bool {
        let end = at + bytes.len();
        let Some(place) = self.slot.bytes.get_mut(at..end) else { return false };
        place.copy_from_slice(bytes);
        self.slot.set_touched(self.slot.touched.max(end));
        true
    }

    /// As [`Frame::replace`], and the memory that is not needed any longer goes back to the kernel: for a picture that has become much
    /// smaller and is kept.
    pub fn shrink_to(&mut self, bytes: &[u8]) -> bool {
        let is_replaced = self.replace(bytes);
        self.slot.release_behind(self.len);
        is_replaced
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

//! One open clip: frames are kept until a fragment is due, then written without a copy.
//!
//! A fragment is on the card and synced before its frames are given back as recorded. Where writing fails the file is
//! cut back to its last whole fragment, so that it stays playable, and the frames are kept: the caller tries again or
//! gives up. Must not decide when to open, close or retry, and must not know the card.

use std::io::{self, IoSlice};

use evidence::Hash;

use super::folder::FolderFile;
use super::fragment::{Fragment, Sample, fragment_header, fragment_header_bytes_max};
use super::mp4::{Film, INIT_BYTES_MAX, Layout, init_segment};
use super::random;
use super::shot::Shot;
use super::verdict::{DropReason, Sink, Verdict};
use super::writer::{Keys, Writer};

/// Frames are written when they span this much: with the time that a write takes, a power cut costs less than 2 s.
pub const FRAGMENT_SPAN_US: u64 = 1_000_000;
/// Most frames in a fragment: one second at the highest frame rate, 60 a second, and a little. They are ring slots.
pub const SAMPLES_MAX: usize = 64;
/// A fragment is closed before it grows beyond this, so that the ring has bytes left and a write ends soon.
pub const FRAGMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The longest text beside the pictures: a camera's name, date, time and what is said of the clock.
pub const CAPTION_BYTES_MAX: usize = 80;
/// A timestamp this far in the past is no jitter of the camera any more.
const JUMP_BACK_US: u64 = 1_000_000;
/// What a frame lasts when no other frame says so: the default rate of 15 a second.
const NOMINAL_FRAME_US: u64 = 66_667;

/// The clip could not be written; it ends with its last whole fragment.
#[derive(Debug, thiserror::Error)]
#[error("the card reports '{0}'")]
pub struct ClipError(#[from] pub io::Error);

impl ClipError {
    /// What the frames that could not be written are lost to.
    pub fn reason(&self) -> DropReason {
        DropReason::of(&self.0)
    }
}

/// What follows the kept frames; it decides how long the last of them lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follower {
    /// A frame with this timestamp.
    At(u64),
    /// Nothing: the clip ends. The last frame lasts as long as the one before.
    Nothing,
    /// A frame that has not come yet. The last frame gets half the usual duration, so that the next one need not be
    /// moved when it comes; a gap between fragments is allowed, an overlap is not (ISO/IEC 14496-12, 8.8.12).
    NotYetKnown,
}

struct Pending<F> {
    frame: F,
    timestamp_us: u64,
}

/// An open clip in a file.
pub struct Clip<F, W> {
    writer: Writer<W>,
    /// Header of the fragment being written; reused.
    scratch: Vec<u8>,
    pending: heapless::Vec<Pending<F>, SAMPLES_MAX>,
    pending_bytes: usize,
    layout: Layout,
    /// What the next fragment's text says, its length in two bytes before it (3GPP TS 26.245, 5.17).
    text: heapless::Vec<u8, { CAPTION_BYTES_MAX + 2 }>,
    start_us: u64,
    /// The earliest timestamp that the next frame may have: after the last one, or where that one's duration ends.
    floor_us: u64,
    /// The end of the last frame written.
    end_us: u64,
    last_duration_us: u64,
    sequence: u32,
    frames: u64,
}

impl<F: Shot, W: FolderFile> Clip<F, W> {
    /// Starts a clip in an empty file, sealed to `keys` if there are any: writes and syncs what comes before the first fragment.
    ///
    /// # Errors
    /// The card refused; the file is of no use.
    pub fn start(file: W, keys: &Keys, film: &Film<'_>, start_us: u64) -> Result<Self, ClipError> {
        let mut scratch = Vec::with_capacity(INIT_BYTES_MAX.max(fragment_header_bytes_max(SAMPLES_MAX)));
        init_segment(&mut scratch, film);
        Ok(Self {
            writer: Writer::begin(file, keys, &mut random::fill, &scratch)?,
            scratch,
            pending: heapless::Vec::new(),
            pending_bytes: 0,
            layout: film.layout(),
            text: heapless::Vec::new(),
            start_us,
            floor_us: start_us,
            end_us: start_us,
            last_duration_us: NOMINAL_FRAME_US,
            sequence: 0,
            frames: 0,
        })
    }

    /// Whether the kept frames must be written before a frame of this size and time is pushed.
    pub fn is_due(&self, frame_bytes: usize, timestamp_us: u64) -> bool {
        let Some(first) = self.pending.first() else { return false };
        self.pending.is_full()
            || self.pending_bytes.saturating_add(frame_bytes) > FRAGMENT_BYTES_MAX
            || timestamp_us.saturating_sub(first.timestamp_us) >= FRAGMENT_SPAN_US
    }

    /// Whether a timestamp lies so far before the last frame's that the clock must have been set back: moved frames
    /// would stand still for as long. Such a frame belongs into a new clip.
    pub fn is_jump_back(&self, timestamp_us: u64) -> bool {
        self.floor_us.saturating_sub(timestamp_us) > JUMP_BACK_US
    }

    /// Keeps a frame for the next fragment. A timestamp that does not follow the one before is moved to 1 us after it.
    ///
    /// # Errors
    /// Gives the frame back when [`SAMPLES_MAX`] are kept: [`Clip::is_due`] was not heeded.
    pub fn push(&mut self, frame: F, timestamp_us: u64) -> Result<(), F> {
        let timestamp_us = timestamp_us.max(self.floor_us);
        let frame_bytes = frame.as_ref().len();
        self.pending.push(Pending { frame, timestamp_us }).map_err(|pending| pending.frame)?;
        self.pending_bytes += frame_bytes;
        self.floor_us = timestamp_us.saturating_add(1);
        Ok(())
    }

    /// What is told beside the frames from now on: the fragment that begins with the next frame has it in its text track, if the clip has
    /// one. What is too long is cut.
    pub fn caption(&mut self, text: &str) {
        if self.pending.is_empty() && self.layout.has_text {
            let text = &text.as_bytes()[..text.len().min(CAPTION_BYTES_MAX)];
            self.text.clear();
            // There is room for both, see CAPTION_BYTES_MAX.
            let _ = self.text.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_be_bytes());
            let _ = self.text.extend_from_slice(text);
        }
    }

    /// Writes and syncs all kept frames as one fragment and gives them back as recorded.
    ///
    /// # Errors
    /// The file ends with the fragment before; all frames are still kept.
    pub fn write(&mut self, follower: Follower, sink: &mut impl Sink<F>) -> Result<(), ClipError> {
        let Some(first_us) = self.pending.first().map(|first| first.timestamp_us) else { return Ok(()) };
        let (samples, end_us) = self.samples(follower);
        self.scratch.clear();
        let fragment = Fragment {
            sequence: self.sequence + 1,
            base_us: first_us.saturating_sub(self.start_us),
            samples: &samples,
            text_bytes: u32::try_from(self.text.len()).unwrap_or(0),
        };
        fragment_header(&mut self.scratch, self.layout, &fragment).map_err(io::Error::other)?;
        self.write_fragment()?;
        self.frames += self.pending.len() as u64;
        self.sequence += 1;
        let known = samples.len() - usize::from(!matches!(follower, Follower::At(_)));
        if let Some(last_known) = samples.iter().take(known).next_back() {
            self.last_duration_us = last_known.duration_us.into();
        }
        self.end_us = end_us;
        self.floor_us = end_us;
        self.settle(Verdict::Recorded, sink);
        Ok(())
    }

    /// Ends the file, all of whose frames are written.
    ///
    /// # Errors
    /// The card refused: the clip ends with its last fragment. This may be tried again.
    pub fn finish(&mut self) -> Result<(), ClipError> {
        Ok(self.writer.finish()?)
    }

    /// Gives up all kept frames.
    pub fn give_up(&mut self, reason: DropReason, sink: &mut impl Sink<F>) {
        self.settle(Verdict::Dropped(reason), sink);
    }

    /// Sizes and durations of the kept frames, and where the last one ends.
    fn samples(&self, follower: Follower) -> (heapless::Vec<Sample, SAMPLES_MAX>, u64) {
        let mut samples = heapless::Vec::new();
        let mut end_us = self.end_us;
        let mut usual_us = self.last_duration_us;
        for (index, pending) in self.pending.iter().enumerate() {
            let at_us = pending.timestamp_us;
            let duration_us = match (self.pending.get(index + 1), follower) {
                (Some(next), _) => next.timestamp_us.saturating_sub(at_us),
                (None, Follower::At(next_us)) => next_us.max(self.floor_us).saturating_sub(at_us),
                (None, Follower::Nothing) => usual_us,
                (None, Follower::NotYetKnown) => usual_us.div_ceil(2),
            };
            usual_us = duration_us;
            // A gap of more than 71 minutes: the next fragment's base time still says when it is over.
            let duration_u32 = u32::try_from(duration_us).unwrap_or(u32::MAX);
            let size_bytes = u32::try_from(pending.frame.as_ref().len()).unwrap_or(u32::MAX);
            // Cannot be full: there are no more samples than pending frames.
            let is_key = pending.frame.is_key();
            let _ = samples.push(Sample { size_bytes, duration_us: duration_u32, is_key });
            end_us = at_us.saturating_add(duration_us);
        }
        (samples, end_us)
    }

    fn write_fragment(&mut self) -> io::Result<()> {
        let mut slices: heapless::Vec<IoSlice<'_>, { SAMPLES_MAX + 2 }> = heapless::Vec::new();
        let parts = self.pending.iter().map(|pending| pending.frame.as_ref());
        let text = self.layout.has_text.then_some(self.text.as_slice());
        slices.extend([self.scratch.as_slice()].into_iter().chain(parts).chain(text).map(IoSlice::new));
        self.writer.append(&mut slices)
    }

    fn settle(&mut self, verdict: Verdict, sink: &mut impl Sink<F>) {
        for pending in std::mem::take(&mut self.pending) {
            sink.settle(pending.frame, verdict);
        }
        self.pending_bytes = 0;
    }

    /// How long the first kept frame has been waiting.
    pub fn waiting_us(&self, now_us: u64) -> u64 {
        self.pending.first().map_or(0, |first| now_us.saturating_sub(first.timestamp_us))
    }

    /// Frames kept for the next fragment.
    pub fn frames_pending(&self) -> usize {
        self.pending.len()
    }

    /// Frames in the file.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The size of the file up to its last whole fragment.
    pub fn bytes(&self) -> u64 {
        self.writer.bytes()
    }

    /// The SHA-256 of the file up to its last whole fragment.
    pub fn hash(&self) -> Hash {
        self.writer.hash()
    }

    /// The first frame's timestamp.
    pub fn start_us(&self) -> u64 {
        self.start_us
    }

    /// Where the last written frame ends.
    pub fn end_us(&self) -> u64 {
        self.end_us
    }
}

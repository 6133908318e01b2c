//! Frames at the negotiated rate into the transfers that the guest has queued, and the account of both.
//!
//! Like a camera's own memory: one frame is being delivered, at most one more waits, a third replaces the waiting
//! one. Time comes as an argument, bytes leave through a callback; it must not know messages or sockets.

use std::collections::VecDeque;
use std::time::Duration;

use super::faults::Damage;
use super::modes::Mode;
use super::payload::{FrameHeader, Outgoing};
use super::stats::Stats;

/// Transfers that a guest may have queued. Linux queues 5 for video; the limit keeps a mad guest from filling memory.
pub const TRANSFERS_MAX: usize = 1024;

/// A frame as it leaves the source and the faults.
#[derive(Debug)]
pub struct Frame {
    pub image: Vec<u8>,
    pub damage: Option<Damage>,
    /// Microseconds, cut to 32 bits.
    pub pts: u32,
}

#[derive(Debug)]
struct InFlight {
    outgoing: Outgoing,
    damage: Option<Damage>,
    begun: bool,
}

#[derive(Debug, Clone, Copy)]
struct Transfer {
    id: u64,
    bytes: usize,
}

/// Part of the frame interval for which the wire is silent after a frame. A camera reads its sensor out at the rate of
/// the frames, so two never come back to back; guests rely on it (Linux' `uvcvideo` copies frames in a work queue, and
/// two that arrive at once may be handed out in the wrong order).
const SILENCE_PART: u32 = 4;

/// The streaming half of the camera.
#[derive(Debug, Default)]
pub struct Stream {
    transfers: VecDeque<Transfer>,
    /// When the next frame is due; `None` until the first transfer after a start or a stall.
    due: Option<Duration>,
    /// When the next frame may begin to be delivered.
    free: Duration,
    in_flight: Option<InFlight>,
    waiting: Option<Frame>,
    frame_id: bool,
    /// Not a byte comes through.
    is_starved: bool,
    stats: Stats,
}

impl Stream {
    /// The host committed to `mode`: frames are due from the first transfer on, unless nothing comes through.
    pub fn start(&mut self, mode: Mode, is_starved: bool) {
        self.stop();
        self.is_starved = is_starved;
        self.stats.mode = Some(mode);
        self.stats.starts += 1;
    }

    /// The host stopped, or the device is gone: what is in hand is lost.
    pub fn stop(&mut self) {
        match self.in_flight.take() {
            Some(frame) if frame.begun => self.stats.cut_off += 1,
            Some(_) => self.stats.not_taken += 1,
            None => {}
        }
        self.stats.not_taken += u64::from(self.waiting.take().is_some());
        self.stats.mode = None;
        self.due = None;
        self.free = Duration::ZERO;
    }

    /// Stalls or resumes; a frame in delivery waits and is finished later.
    pub fn set_stalled(&mut self, stalled: bool) {
        self.stats.stalled = stalled;
        self.due = None;
    }

    /// Notes whether the device is plugged in.
    pub fn set_plugged(&mut self, plugged: bool) {
        self.stats.plugged = plugged;
    }

    /// The account so far.
    pub fn stats(&self) -> Stats {
        let in_hand = u64::from(self.in_flight.is_some()) + u64::from(self.waiting.is_some());
        Stats { in_hand, ..self.stats }
    }

    /// Queues a transfer; `false` when there are too many.
    pub fn queue(&mut self, id: u64, bytes: usize) -> bool {
        let room = self.transfers.len() < TRANSFERS_MAX;
        if room {
            self.transfers.push_back(Transfer { id, bytes });
        }
        room
    }

    /// Forgets a transfer; `false` when it was answered already (or never was).
    pub fn cancel(&mut self, id: u64) -> bool {
        let before = self.transfers.len();
        self.transfers.retain(|transfer| transfer.id != id);
        self.transfers.len() < before
    }

    /// Forgets all transfers and gives their ids.
    pub fn cancel_all(&mut self) -> Vec<u64> {
        self.transfers.drain(..).map(|transfer| transfer.id).collect()
    }

    /// When something must be done next: a frame taken, or one that waits delivered. `None` while nothing streams.
    pub fn due(&self, now: Duration) -> Option<Duration> {
        let take = self.take_due(now)?;
        let held_back = self.in_flight.is_none() && self.waiting.is_some() && !self.transfers.is_empty();
        Some(if held_back { take.min(self.free) } else { take })
    }

    /// When the next frame must be taken.
    fn take_due(&self, now: Duration) -> Option<Duration> {
        let running = self.stats.mode.is_some() && !self.stats.stalled && !self.is_starved;
        self.due.or((!self.transfers.is_empty()).then_some(now)).filter(|_| running)
    }

    /// The mode of the frame that must be taken now, if one is due. Advances the frame clock: it has no drift, and
    /// ticks that were missed altogether are counted as late, not made up for.
    pub fn tick(&mut self, now: Duration) -> Option<Mode> {
        let due = self.take_due(now).filter(|due| *due <= now)?;
        let mode = self.stats.mode?;
        let interval_ns = u128::from(mode.interval_ns());
        let missed = (now - due).as_nanos() / interval_ns;
        self.stats.late += missed as u64;
        let advance = interval_ns * (missed + 1);
        self.due = Some(due + Duration::from_nanos(advance as u64));
        Some(mode)
    }

    /// Counts a frame that was due but that the source could not give.
    pub fn source_was_late(&mut self) {
        self.stats.late += 1;
    }

    /// Takes a frame; the index of the next one is `stats().offered`.
    pub fn offer(&mut self, frame: Frame) {
        self.stats.offered += 1;
        if self.waiting.replace(frame).is_some() {
            self.stats.not_taken += 1;
        }
    }

    /// Answers transfers with what there is to deliver; `answer` gets the transfer's id and its data.
    pub fn deliver(&mut self, now: Duration, mut answer: impl FnMut(u64, Vec<u8>)) {
        let Some(mode) = self.stats.mode.filter(|_| !self.stats.stalled) else { return };
        let silence = Duration::from_nanos(mode.interval_ns()) / SILENCE_PART;
        while let Some(Transfer { id, bytes }) = self.transfers.front().copied() {
            let Some(frame) = self.current(now) else { return };
            let Some(data) = frame.outgoing.next(bytes) else { return };
            frame.begun = true;
            self.transfers.pop_front();
            answer(id, data);
            if self.settle() {
                self.free = now + silence;
            }
        }
    }

    /// The frame in delivery; takes the waiting one if there is none.
    fn current(&mut self, now: Duration) -> Option<&mut InFlight> {
        if self.in_flight.is_none() && now >= self.free {
            let frame = self.waiting.take()?;
            self.frame_id = !self.frame_id;
            let error = frame.damage == Some(Damage::ErrorBit);
            let header = FrameHeader { frame_id: self.frame_id, error, pts: Some(frame.pts) };
            let outgoing = Outgoing::new(header, frame.image);
            self.in_flight = Some(InFlight { outgoing, damage: frame.damage, begun: false });
        }
        self.in_flight.as_mut()
    }

    /// Counts the frame in delivery once it is complete; says whether it was.
    fn settle(&mut self) -> bool {
        let Some(frame) = self.in_flight.take_if(|frame| frame.outgoing.is_complete()) else { return false };
        match frame.damage {
            Some(kind) => self.stats.damaged.count(kind),
            None => self.stats.sent += 1,
        }
        true
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;

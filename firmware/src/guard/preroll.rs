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

#[cfg(test)]
mod tests {
    use super::super::RING_BYTES;
    use super::super::backlog::Backlog;
    use super::PreRoll;
    use crate::ring::{Coding, Frame, Meta, Pool, SLOTS, Sender, Slot, channel};

    /// A ring, and the way back into it.
    fn ring() -> (Pool, Sender<Slot, SLOTS>) {
        let (back, came_back) = channel().expect("eventfd");
        let unused = [(); 2].map(|()| channel().expect("eventfd").1);
        let [one, two] = unused;
        (Pool::new(SLOTS, RING_BYTES, [came_back, one, two]), back)
    }

    fn frame(pool: &mut Pool, bytes: &[u8], timestamp_us: u64, coding: Coding) -> Option<Frame> {
        pool.take(bytes, Meta { timestamp_us, coding, ..Meta::default() }).ok()
    }

    /// As gather does it: pushed, and what is too much let go.
    fn keep(pre_roll: &mut PreRoll, frame: Frame, length_us: u64, back: &mut Sender<Slot, SLOTS>) {
        assert!(pre_roll.push(frame).is_ok());
        let (frames_max, bytes_max) = Backlog::default().room();
        while let Some(old) = pre_roll.pop_surplus(length_us, frames_max, bytes_max) {
            assert!(back.send(old.into_slot()).is_ok());
        }
    }

    /// What a pre-roll of so many seconds holds after a minute, and the memory behind the whole ring: milliseconds, bytes. No frame is refused.
    fn after_a_minute(frame_bytes: usize, fps: u64, length_s: u64) -> (u64, usize) {
        let (mut pool, mut back) = ring();
        let mut pre_roll = PreRoll::default();
        let bytes = vec![7; frame_bytes];
        for number in 0..60 * fps {
            let frame = frame(&mut pool, &bytes, number * 1_000_000 / fps, Coding::Jpeg);
            keep(&mut pre_roll, frame.expect("room for every frame"), length_s * 1_000_000, &mut back);
        }
        (pre_roll.length_us() / 1000, pool.touched_bytes())
    }

    #[test]
    fn ten_seconds_of_720p_fit_the_ring_and_what_does_not_is_shorter() {
        println!(
            "| KiB a frame | frames/s | asked for, s | kept, s | MiB of memory |\n|---|---|---|---|---|"
        );
        // 720p of webcams: a quiet scene, the generated one, grass and noise at high quality.
        for (frame_kib, fps) in [(40, 15), (84, 15), (160, 15), (40, 30), (84, 30), (160, 30)] {
            for asked_s in [1, 5, 10, 20] {
                let (kept_ms, memory) = after_a_minute(frame_kib * 1024, fps, asked_s);
                let kept_s = kept_ms as f64 / 1000.0;
                let memory_mib = memory as f64 / f64::from(1 << 20);
                println!("| {frame_kib} | {fps} | {asked_s} | {kept_s:.1} | {memory_mib:.1} |");
                assert!(memory <= RING_BYTES);
                let fits = frame_kib as u64 * 1024 * fps * asked_s < RING_BYTES as u64 / 4 * 3
                    && fps * asked_s < SLOTS as u64 - 64;
                assert!(!fits || kept_ms + 1000 / fps >= asked_s * 1000, "{kept_ms} of {asked_s} s");
            }
        }
        let (kept_ms, _) = after_a_minute(160 * 1024, 15, 10);
        assert!(kept_ms > 9_900, "{kept_ms} ms");
    }

    #[test]
    fn of_h264_it_begins_with_a_key_picture_and_reaches_back_as_far_as_is_asked_for() {
        let (mut pool, mut back) = ring();
        let mut pre_roll = PreRoll::default();
        for number in 0..200_u64 {
            // A key picture every two seconds.
            let coding = Coding::Avc { is_key: number % 30 == 0 };
            let frame = frame(&mut pool, &[1], number * 100_000, coding).expect("room");
            keep(&mut pre_roll, frame, 4_000_000, &mut back);
            let length_us = pre_roll.length_us();
            if number >= 70 {
                assert!((4_000_000..=7_000_000).contains(&length_us), "{number}: {length_us}");
            }
            assert!(pre_roll.pop_dependent().is_none(), "{number}: a clip can begin with its first frame");
        }
    }

    #[test]
    fn frames_that_need_others_are_let_go_when_those_are_gone() {
        let (mut pool, _back) = ring();
        let mut pre_roll = PreRoll::default();
        for is_key in [false, false, true, false] {
            let frame = frame(&mut pool, &[1], 5, Coding::Avc { is_key }).expect("room");
            assert!(pre_roll.push(frame).is_ok());
        }
        assert!(pre_roll.pop_dependent().is_some() && pre_roll.pop_dependent().is_some());
        assert!(pre_roll.pop_dependent().is_none() && pre_roll.pop().is_some_and(|key| super::is_key(&key)));
    }
}

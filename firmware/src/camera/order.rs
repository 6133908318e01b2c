//! Frames in the order of their numbers, though the driver may hand two of them out the wrong way round. Pure.
//!
//! Linux' `uvcvideo` copies what arrives in a work queue: a large frame may be finished after the small rest of the next one. One
//! that is a step ahead is held for an instant; what comes back from further behind is late, and of no use any more.

/// How long a frame that is ahead waits for the one before it. Less than a frame's time at 30 frames a second.
const HOLD_US: u64 = 20_000;
/// A number that goes back further than this is a driver that counts anew; no driver has so many buffers.
const BEHIND_MAX: u32 = 32;

/// What is to be done with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered<T> {
    /// The next in order.
    Next(T),
    /// Its place in the order has passed.
    Late(T),
}

/// See the head of this file. `T` is a frame; its number is given beside it.
#[derive(Debug)]
pub struct InOrder<T> {
    /// The number after the last one given.
    next: Option<u32>,
    /// A frame that is ahead, its number, and until when it waits.
    early: Option<(T, u32, u64)>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { next: None, early: None }
    }
}

impl<T> InOrder<T> {
    /// Takes a frame as the driver gives it; gives those whose turn it is.
    pub fn take(&mut self, frame: T, number: u32, now_us: u64) -> heapless::Vec<Ordered<T>, 3> {
        let mut out = heapless::Vec::new();
        let mut give = |frame| {
            // Two are given at the most: this one and the one that was early.
            let _ = out.push(frame);
        };
        let ahead = self.next.map_or(0, |next| number.wrapping_sub(next));
        let behind = self.next.map_or(0, |next| next.wrapping_sub(number));
        if ahead == 0 || (ahead > u32::MAX / 2 && behind > BEHIND_MAX) {
            give(Ordered::Next(frame));
            self.next = Some(number.wrapping_add(1));
            if let Some((early, number, _)) = self.early.take_if(|(_, early, _)| Some(*early) == self.next) {
                give(Ordered::Next(early));
                self.next = Some(number.wrapping_add(1));
            }
        } else if ahead > u32::MAX / 2 {
            give(Ordered::Late(frame));
        } else if let Some((early, early_number, _)) = self.early.take() {
            // Two are ahead: the one that they wait for is lost.
            let is_first = early_number.wrapping_sub(number) > u32::MAX / 2;
            let (first, second) = if is_first { (early, frame) } else { (frame, early) };
            give(Ordered::Next(first));
            give(Ordered::Next(second));
            let last = if is_first { number } else { early_number };
            self.next = Some(last.wrapping_add(1));
        } else {
            self.early = Some((frame, number, now_us + HOLD_US));
        }
        out
    }

    /// The frame that has waited long enough; with `u64::MAX`, whichever waits.
    pub fn overdue(&mut self, now_us: u64) -> Option<T> {
        let (frame, number, _) = self.early.take_if(|(_, _, until_us)| now_us >= *until_us)?;
        self.next = Some(number.wrapping_add(1));
        Some(frame)
    }

    /// When [`InOrder::overdue`] is to be asked.
    pub fn due_us(&self) -> Option<u64> {
        self.early.as_ref().map(|(_, _, until_us)| *until_us)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOLD_US, InOrder, Ordered};

    fn run(numbers: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let (mut order, mut next, mut late) = (InOrder::default(), Vec::new(), Vec::new());
        let mut sort = |what| match what {
            Ordered::Next(frame) => next.push(frame),
            Ordered::Late(frame) => late.push(frame),
        };
        for &number in numbers {
            order.take(number, number, 0).into_iter().for_each(&mut sort);
        }
        if let Some(rest) = order.overdue(u64::MAX) {
            next.push(rest);
        }
        (next, late)
    }

    #[test]
    fn frames_come_in_order_and_each_once() {
        let check = |given: &[u32], next: &[u32], late: &[u32]| {
            assert_eq!(run(given), (next.to_vec(), late.to_vec()), "{given:?}");
        };
        check(&[5, 6, 7], &[5, 6, 7], &[]);
        check(&[5, 7, 6, 8], &[5, 6, 7, 8], &[]);
        check(&[5, 7, 8, 9], &[5, 7, 8, 9], &[]);
        check(&[5, 8, 7, 9], &[5, 7, 8, 9], &[]);
        check(&[5, 7, 8, 6, 9], &[5, 7, 8, 9], &[6]);
        check(&[5, 8, 6, 7], &[5, 6, 7, 8], &[]);
        check(&[900, 0, 1], &[900, 0, 1], &[]);
        check(&[u32::MAX - 1, 0, u32::MAX, 1], &[u32::MAX - 1, u32::MAX, 0, 1], &[]);
    }

    #[test]
    fn any_order_gives_every_frame_once_and_those_in_order_rising() {
        let mut state = 1_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..2_000 {
            let mut numbers: Vec<u32> = (0..20).filter(|_| random(10) > 0).collect();
            for at in 1..numbers.len() {
                if random(4) == 0 {
                    numbers.swap(at - 1, at);
                }
            }
            let (next, late) = run(&numbers);
            assert!(next.windows(2).all(|w| w[0] < w[1]), "{numbers:?} {next:?}");
            let mut all = [next, late].concat();
            all.sort_unstable();
            numbers.sort_unstable();
            assert_eq!(all, numbers);
        }
    }

    #[test]
    fn a_frame_that_is_ahead_waits_for_an_instant_only() {
        let mut order = InOrder::default();
        assert_eq!(order.take('a', 1, 0)[..], [Ordered::Next('a')]);
        assert!(order.take('c', 3, 100).is_empty());
        assert_eq!((order.due_us(), order.overdue(HOLD_US)), (Some(HOLD_US + 100), None));
        assert_eq!((order.overdue(HOLD_US + 100), order.due_us()), (Some('c'), None));
        assert_eq!(order.take('b', 2, HOLD_US + 101)[..], [Ordered::Late('b')]);
        assert_eq!(order.take('d', 4, HOLD_US + 102)[..], [Ordered::Next('d')]);
    }
}

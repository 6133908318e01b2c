//! The pool of slots: owned by capture, filled from what comes back.
//!
//! All address space is reserved once, at start. The kernel gives pages when they are first written, so the pool hands
//! out the slot that came back last (it is already paged in). When a frame would push the pages in use over the budget, the
//! slots that have lain free for longest give theirs back; if that is not enough the frame is refused: memory is bounded
//! whatever the camera sends, and frames that grow (day after night, another size) find room. It must not block: an empty
//! pool is a refusal.

use super::frame::{Held, pages};
use super::{FRAME_BYTES_MAX, Frame, Meta, Receiver, SLOTS, Slot};

/// Threads that give slots back: each has a channel of its own.
pub const WAYS_BACK: usize = 3;

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Longer than [`FRAME_BYTES_MAX`].
    TooLarge,
    /// Every slot is in use: somebody downstream is behind.
    NoSlot,
    /// The memory budget is used up.
    OverBudget,
}

/// The free slots, and the ways by which slots come back.
pub struct Pool {
    free: heapless::Vec<Slot, SLOTS>,
    returns: [Receiver<Slot, SLOTS>; WAYS_BACK],
    held: &'static Held,
    budget_bytes: usize,
}

impl Pool {
    /// Reserves `slots` slots of [`FRAME_BYTES_MAX`] (never to be freed: the process lives with them) of which at most
    /// `budget_bytes` are ever backed by memory. `returns` are the channels by which the users give slots back.
    pub fn new(slots: usize, budget_bytes: usize, returns: [Receiver<Slot, SLOTS>; WAYS_BACK]) -> Pool {
        Pool::with_frame_bytes(slots, FRAME_BYTES_MAX, budget_bytes, returns)
    }

    /// As [`Pool::new`] with another slot size, for tests that cannot afford the real one.
    fn with_frame_bytes(
        slots: usize,
        frame_bytes: usize,
        budget_bytes: usize,
        returns: [Receiver<Slot, SLOTS>; WAYS_BACK],
    ) -> Pool {
        // One fewer than the channels have places, so that giving a slot back can never fail.
        let slots = slots.min(SLOTS - 1);
        // Zeroed memory of this size comes straight from mmap: reserved, not touched.
        let arena: &'static mut [u8] = vec![0; slots * frame_bytes].leak();
        let held: &'static Held = Box::leak(Box::default());
        let free =
            arena.chunks_exact_mut(frame_bytes).map(|bytes| Slot { bytes, touched: 0, held }).collect();
        Pool { free, returns, held, budget_bytes }
    }

    /// Takes a frame's bytes into a slot, or says why not. Constant time, no allocation.
    pub fn take(&mut self, bytes: &[u8], meta: Meta) -> Result<Frame, Refusal> {
        self.take_parts(&[bytes], meta)
    }

    /// The same of a frame that comes in several parts.
    pub fn take_parts(&mut self, parts: &[&[u8]], meta: Meta) -> Result<Frame, Refusal> {
        self.collect_returns();
        let slot = self.free.last().ok_or(Refusal::NoSlot)?;
        let length = parts.iter().map(|part| part.len()).sum();
        if length > slot.bytes.len() {
            return Err(Refusal::TooLarge);
        }
        let growth = pages(length).saturating_sub(pages(slot.touched));
        if !self.make_room(growth) {
            return Err(Refusal::OverBudget);
        }
        let slot = self.free.pop().ok_or(Refusal::NoSlot)?;
        Ok(Frame::fill(slot, parts, meta))
    }

    /// Gives back a slot that never left this thread.
    pub fn put(&mut self, slot: Slot) {
        // There are never more slots than places; a full vector cannot happen.
        let _ = self.free.push(slot);
    }

    /// Bytes of memory that the kernel has given to the slots so far.
    pub fn touched_bytes(&self) -> usize {
        self.held.bytes()
    }

    /// Slots that are free at this moment, as far as this side knows.
    pub fn free_slots(&mut self) -> usize {
        self.collect_returns();
        self.free.len()
    }

    /// Whether `growth` more bytes fit the budget, after the free slots below the top of the stack have given back what they
    /// hold, longest unused first, as far as it takes.
    fn make_room(&mut self, growth: usize) -> bool {
        let below_top = self.free.len().saturating_sub(1);
        for slot in &mut self.free[..below_top] {
            if self.held.bytes() + growth <= self.budget_bytes {
                break;
            }
            slot.release();
        }
        self.held.bytes() + growth <= self.budget_bytes
    }

    fn collect_returns(&mut self) {
        for way in &mut self.returns {
            while let Some(slot) = way.take() {
                let _ = self.free.push(slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pool, Refusal};
    use crate::ring::frame::{PAGE_BYTES, Subject};
    use crate::ring::{Meta, SLOTS, Sender, Slot, channel};

    fn pool(slots: usize, budget: usize) -> (Pool, Sender<Slot, SLOTS>, Sender<Slot, SLOTS>) {
        let (a, ra) = channel().expect("eventfd");
        let (b, rb) = channel().expect("eventfd");
        let (_, unused) = channel().expect("eventfd");
        (Pool::with_frame_bytes(slots, 3 * PAGE_BYTES, budget, [ra, unused, rb]), a, b)
    }

    #[test]
    fn frames_keep_their_bytes_and_slots_come_back_both_ways() {
        let (mut pool, mut a, mut b) = pool(3, 1 << 20);
        let meta = Meta {
            sequence: 7,
            timestamp_us: 9,
            width: 1,
            height: 2,
            subject: Subject { plane_px: 3, region: [4; 4] },
            ..Meta::default()
        };
        let one = pool.take(b"one", meta).expect("room");
        let two = pool.take(b"two!", meta).expect("room");
        assert_eq!((one.as_ref(), two.as_ref(), one.meta), (&b"one"[..], &b"two!"[..], meta));
        let _three = pool.take(b"", meta).expect("room");
        assert_eq!(pool.take(b"four", meta).map(|_| ()), Err(Refusal::NoSlot));
        assert!(a.send(one.into_slot()).is_ok());
        assert!(b.send(two.into_slot()).is_ok());
        assert_eq!(pool.free_slots(), 2);
        assert_eq!(pool.take_parts(&[b"fi", b"", b"ve"], meta).expect("room").as_ref(), b"five");
    }

    #[test]
    fn a_frame_larger_than_a_slot_is_refused() {
        let (mut pool, _a, _b) = pool(1, 1 << 20);
        let big = vec![1; 3 * PAGE_BYTES + 1];
        let halves = big.split_at(PAGE_BYTES);
        let refused = pool.take_parts(&[halves.0, halves.1], Meta::default()).map(|_| ());
        assert_eq!(refused, Err(Refusal::TooLarge));
        assert_eq!(pool.take(&big, Meta::default()).map(|_| ()), Err(Refusal::TooLarge));
        assert_eq!(pool.take(&big[1..], Meta::default()).map(|_| ()).err(), None);
    }

    #[test]
    fn a_frame_that_shrinks_gives_its_memory_back() {
        let (mut pool, mut a, _b) = pool(8, 4 * PAGE_BYTES);
        for round in 0..20 {
            let mut frame = pool.take(&[1; 3 * PAGE_BYTES], Meta::default()).expect("three pages");
            assert!(frame.shrink_to(&[7; 100]) && frame.as_ref() == [7; 100]);
            assert_eq!(pool.touched_bytes(), PAGE_BYTES, "at once, though the frame is kept");
            assert!(a.send(frame.into_slot()).is_ok());
            assert_eq!(pool.touched_bytes(), PAGE_BYTES, "round {round}");
        }
        let mut frame = pool.take(&[1; 10], Meta::default()).expect("a page");
        assert!(frame.shrink_to(&[8; 2 * PAGE_BYTES]), "it may as well become larger");
        assert_eq!(pool.touched_bytes(), 2 * PAGE_BYTES);
    }

    #[test]
    fn an_index_lies_behind_its_frame_until_that_is_replaced_or_given_up() {
        let (mut pool, mut a, _b) = pool(1, 1 << 20);
        let mut frame = pool.take(&[1; PAGE_BYTES], Meta::default()).expect("room");
        assert!(frame.index().is_empty());
        assert!(frame.attach_index(b"index"));
        assert_eq!((frame.as_ref(), frame.index()), (&[1; PAGE_BYTES][..], &b"index"[..]));
        assert!(frame.replace(b"marked"));
        assert_eq!((frame.as_ref(), frame.index()), (&b"marked"[..], &b""[..]), "not of these bytes");
        assert!(frame.attach_index(b"another"));
        assert!(!frame.replace(&[2; 3 * PAGE_BYTES + 1]), "too long: nothing changes");
        assert_eq!((frame.as_ref(), frame.index()), (&b"marked"[..], &b"another"[..]));
        assert!(a.send(frame.into_slot()).is_ok());
        let next = pool.take(b"next", Meta::default()).expect("room");
        assert_eq!((next.as_ref(), next.index()), (&b"next"[..], &b""[..]));
    }

    #[test]
    fn an_index_takes_no_more_than_its_slot_has_and_its_page_is_counted() {
        let (mut pool, mut a, _b) = pool(1, 1 << 20);
        let mut frame = pool.take(&[1; 2 * PAGE_BYTES], Meta::default()).expect("room");
        assert!(frame.attach_index(&[5; PAGE_BYTES]));
        assert!(!frame.attach_index(&[6; PAGE_BYTES + 1]), "beyond the slot");
        assert_eq!((frame.as_ref(), frame.index()), (&[1; 2 * PAGE_BYTES][..], &b""[..]), "then none");
        assert_eq!(pool.touched_bytes(), 3 * PAGE_BYTES, "at once");
        assert!(a.send(frame.into_slot()).is_ok());
        assert_eq!((pool.free_slots(), pool.touched_bytes()), (1, 3 * PAGE_BYTES));
    }

    #[test]
    fn frames_that_grow_find_the_room_of_slots_that_lie_free() {
        let (mut pool, mut a, _b) = pool(8, 4 * PAGE_BYTES);
        let small: Vec<_> =
            (0..4).map(|_| pool.take(&[1; PAGE_BYTES], Meta::default()).expect("a page")).collect();
        for frame in small {
            assert!(a.send(frame.into_slot()).is_ok());
        }
        for round in 0..20 {
            let large = pool.take(&[2; 3 * PAGE_BYTES], Meta::default()).expect("three pages");
            assert!(pool.touched_bytes() <= 4 * PAGE_BYTES, "round {round}");
            assert!(large.as_ref().iter().all(|&b| b == 2));
            assert!(a.send(large.into_slot()).is_ok());
        }
    }

    #[test]
    fn memory_stays_within_the_budget_and_paged_in_slots_are_reused_first() {
        let (mut pool, mut a, _b) = pool(8, 2 * PAGE_BYTES);
        let first = pool.take(&[1; PAGE_BYTES], Meta::default()).expect("first page");
        let _second = pool.take(&[2; 10], Meta::default()).expect("second page");
        assert_eq!(pool.take(&[3; 1], Meta::default()).map(|_| ()), Err(Refusal::OverBudget));
        assert!(a.send(first.into_slot()).is_ok());
        let again = pool.take(&[4; PAGE_BYTES], Meta::default()).expect("the page of the first");
        assert_eq!(again.as_ref()[0], 4);
        assert_eq!(pool.touched_bytes(), 2 * PAGE_BYTES);
    }
}

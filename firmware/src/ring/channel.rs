//! A bounded lock-free channel between exactly two threads, with a descriptor to wait on.
//!
//! `heapless::spsc` (Lamport's queue with acquire/release indices) carries the items; an eventfd tells the reader's
//! `poll` that there is something. Sending never blocks and never allocates: when the queue is full the item comes back to
//! the sender, who counts the loss. Cost: two atomic accesses, and one system call for the wake-up.

use heapless::spsc::{Consumer, Producer, Queue};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// The writing end. There is only one.
pub struct Sender<T: 'static, const N: usize> {
    queue: Producer<'static, T>,
    wake: Arc<EventFd>,
}

/// The reading end. There is only one.
pub struct Receiver<T: 'static, const N: usize> {
    queue: Consumer<'static, T>,
    wake: Arc<EventFd>,
}

/// A channel that holds up to `N - 1` items (one place tells full from empty). Its memory lives as long as the process.
/// Fails when the process is out of descriptors.
pub fn channel<T, const N: usize>() -> Result<(Sender<T, N>, Receiver<T, N>), nix::Error> {
    let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
    let queue: &'static mut Queue<T, N> = Box::leak(Box::new(Queue::new()));
    let (producer, consumer) = queue.split();
    Ok((Sender { queue: producer, wake: wake.clone() }, Receiver { queue: consumer, wake }))
}

impl<T, const N: usize> Sender<T, N> {
    /// Hands `item` over and wakes the reader, or gives it back when the channel is full.
    pub fn send(&mut self, item: T) -> Result<(), T> {
        self.queue.enqueue(item)?;
        // The counter of an eventfd cannot overflow by ones; a failed wake-up is made good by the reader's time limit.
        let _ = self.wake.write(1);
        Ok(())
    }
}

impl<T, const N: usize> Receiver<T, N> {
    /// The next item, if there is one.
    pub fn take(&mut self) -> Option<T> {
        self.queue.dequeue()
    }

    /// Items that wait to be read.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Forgets the wake-ups so far. Call it after `poll` reported the descriptor and before reading the items.
    pub fn clear_wakeups(&self) {
        // WouldBlock means that there was none.
        let _ = self.wake.read();
    }
}

impl<T, const N: usize> AsFd for Receiver<T, N> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::channel;

    /// Fewer under Miri, which runs a thousand times slower.
    const ITEMS: u64 = if cfg!(miri) { 200 } else { 200_000 };

    #[test]
    fn items_arrive_once_in_order_and_losses_come_back() {
        let (mut sender, mut receiver) = channel::<u64, 16>().expect("eventfd");
        let reader = std::thread::spawn(move || {
            let mut seen = Vec::new();
            while seen.last() != Some(&ITEMS) {
                match receiver.take() {
                    Some(item) => seen.push(item),
                    None => std::thread::yield_now(),
                }
            }
            seen
        });
        let mut lost = 0;
        for item in 1..ITEMS {
            lost += u64::from(sender.send(item).is_err());
        }
        while sender.send(ITEMS).is_err() {
            std::thread::yield_now();
        }
        let seen = reader.join().expect("reader");
        assert!(seen.windows(2).all(|w| w[0] < w[1]), "order");
        assert_eq!(seen.len() as u64 + lost, ITEMS, "every item is either read or given back");
    }

    #[test]
    fn a_full_channel_gives_the_item_back() {
        let (mut sender, mut receiver) = channel::<&str, 4>().expect("eventfd");
        assert!(["a", "b", "c"].into_iter().all(|i| sender.send(i).is_ok()));
        assert_eq!(sender.send("d"), Err("d"));
        assert_eq!((receiver.take(), receiver.waiting()), (Some("a"), 2));
        assert_eq!(sender.send("d"), Ok(()));
    }

    /// Ownership of memory crosses the channel: what one thread wrote, the other reads and writes without a race. This is
    /// what Miri and ThreadSanitizer look at.
    #[test]
    fn memory_behind_an_item_is_exclusively_owned() {
        let (mut there, mut take_there) = channel::<&'static mut [u64], 4>().expect("eventfd");
        let (mut back, mut take_back) = channel::<&'static mut [u64], 4>().expect("eventfd");
        let mut free: Vec<&'static mut [u64]> = vec![vec![0; 8].leak(), vec![0; 8].leak()];
        let rounds = ITEMS / 10;
        let other = std::thread::spawn(move || {
            let mut sum = 0;
            let mut count = 0;
            while count < rounds {
                let Some(slot) = take_there.take() else {
                    std::thread::yield_now();
                    continue;
                };
                sum += slot.iter().sum::<u64>();
                slot.fill(0);
                assert!(back.send(slot).is_ok());
                count += 1;
            }
            sum
        });
        let mut round = 0;
        while round < rounds {
            while let Some(slot) = take_back.take() {
                assert!(slot.iter().all(|&v| v == 0));
                free.push(slot);
            }
            let Some(slot) = free.pop() else {
                std::thread::yield_now();
                continue;
            };
            slot.fill(round);
            assert!(there.send(slot).is_ok());
            round += 1;
        }
        assert_eq!(other.join().expect("other"), 8 * (rounds - 1) * rounds / 2);
    }
}

//! The same work on several things at once. Must not know what work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Does `work` on each item, on so many at once, and gives back what came of it, in the order in which it came. All are done, whatever comes
/// of any.
pub fn each<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn each_item_is_worked_on_once_however_many_at_once() {
        for jobs in [0, 1, 3, 100] {
            let mut doubled = each(&[3, 1, 2], jobs, |item| item * 2);
            doubled.sort_unstable();
            assert_eq!(doubled, [2, 4, 6]);
        }
        assert!(each(&[0_u8; 0], 2, |item| *item).is_empty());
    }
}

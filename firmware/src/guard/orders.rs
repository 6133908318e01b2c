//! The owner's orders about clips, from the control thread to the record thread and back.
//!
//! One at a time. Only record may touch the card, and control must not wait for it for long: what takes longer is carried out
//! all the same. Must not decide anything.

use super::shared::lock;
use crate::record::Order;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long control waits: two rounds of a record thread that has nothing to do, and a slow card's second.
pub const WAIT: Duration = Duration::from_secs(2);

/// What lies on the desk between the two.
#[derive(Debug, Default)]
enum Place {
    #[default]
    Empty,
    /// Nobody has taken it yet.
    Ordered(Order),
    /// Record is at it.
    Taken,
    /// It was done, or why not: a sentence without its full stop.
    Answered(Result<(), String>),
}

/// See the head of this file.
#[derive(Debug, Default)]
pub struct Orders {
    place: Mutex<Place>,
    answered: Condvar,
}

impl Orders {
    /// For control: gives an order and waits for the answer.
    ///
    /// # Errors
    /// Why it was not carried out: a sentence without its full stop.
    pub fn give(&self, order: Order) -> Result<(), String> {
        let mut place = lock(&self.place);
        if matches!(*place, Place::Taken) {
            return Err("the card is still busy with the order before this one".into());
        }
        *place = Place::Ordered(order);
        let is_open = |place: &mut Place| !matches!(place, Place::Answered(_));
        let waited = self.answered.wait_timeout_while(place, WAIT, is_open);
        let (mut place, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut *place) {
            Place::Answered(answer) => answer,
            Place::Taken => {
                *place = Place::Taken;
                Err("it is under way, and the card is slow; `clips` will show it".into())
            }
            Place::Ordered(_) | Place::Empty => Err("the record thread is busy; try again".into()),
        }
    }

    /// For record: the order that waits, if one does. It must be answered.
    pub fn take(&self) -> Option<Order> {
        let mut place = lock(&self.place);
        match std::mem::take(&mut *place) {
            Place::Ordered(order) => {
                *place = Place::Taken;
                Some(order)
            }
            other => {
                *place = other;
                None
            }
        }
    }

    /// For record: what became of the order that it took.
    pub fn answer(&self, answer: Result<(), String>) {
        *lock(&self.place) = Place::Answered(answer);
        self.answered.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Orders};
    use crate::record::ClipName;

    fn order() -> Order {
        Order::Protect(ClipName::parse(b"1_1-0_c_1-2-3-4_5_6").expect("a clip's name"))
    }

    #[test]
    fn an_order_is_taken_once_and_its_answer_comes_back() {
        let orders = Orders::default();
        std::thread::scope(|scope| {
            let control = scope.spawn(|| orders.give(order()));
            let taken = loop {
                match orders.take() {
                    Some(order) => break order,
                    None => std::thread::yield_now(),
                }
            };
            assert_eq!((taken, orders.take()), (order(), None));
            orders.answer(Err("no".into()));
            assert_eq!(control.join().expect("no panic"), Err("no".into()));
        });
        assert_eq!(orders.take(), None);
    }

    #[test]
    fn an_order_that_nobody_takes_is_withdrawn() {
        let orders = Orders::default();
        assert!(orders.give(order()).is_err());
        assert_eq!(orders.take(), None, "it is not carried out later, when nobody expects it");
    }
}

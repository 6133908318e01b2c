//! What the owner's outputs and inputs are doing, for `gpio` and `status`.
//!
//! What is wrong with one is told once. It must not switch one.

use super::shared::lock;
use crate::alarm::place::Address;
use crate::control::WireStatus;
use crate::settings::wiring::PLACES;
use crate::warning;
use std::sync::Mutex;

/// A line that could not be had is asked for again after this long: somebody else may let go of it.
pub const RETRY_US: u64 = 10_000_000;

/// Outputs first, then inputs; each at its place.
#[derive(Debug, Default)]
pub struct Wires {
    list: Mutex<[Option<WireStatus>; 2 * PLACES]>,
}

impl Wires {
    /// An output is set, or not any more. Trouble with it is told when it is new.
    pub fn set_output(&self, index: usize, is_set: bool, address: Option<Address>, trouble: &str) {
        self.set(index, wire(format!("alarm.output{}", index + 1), address, trouble), is_set);
    }

    /// An input is set, or not any more. Trouble with it is told when it is new.
    pub fn set_input(&self, index: usize, is_set: bool, address: Option<Address>, trouble: &str) {
        self.set(PLACES + index, wire(format!("alarm.input{}", index + 1), address, trouble), is_set);
    }

    /// An output was switched.
    pub fn switch_output(&self, index: usize, on: bool) {
        if let Some(Some(wire)) = lock(&self.list).get_mut(index) {
            wire.on = on;
        }
    }

    /// An input changed.
    pub fn switch_input(&self, index: usize, on: bool, edges: u64, missed: u64) {
        if let Some(Some(wire)) = lock(&self.list).get_mut(PLACES + index) {
            (wire.on, wire.edges, wire.missed) = (on, edges, missed);
        }
    }

    /// Whether the output of this number is set.
    pub fn is_output(&self, number: u8) -> bool {
        let index = usize::from(number).checked_sub(1).filter(|index| *index < PLACES);
        index.is_some_and(|index| lock(&self.list).get(index).is_some_and(Option::is_some))
    }

    /// Those that are set.
    pub fn list(&self) -> Vec<WireStatus> {
        lock(&self.list).iter().flatten().cloned().collect()
    }

    fn set(&self, place: usize, wire: WireStatus, is_set: bool) {
        // Told after the lock is given back: the alarm thread takes it, too.
        let news = format!("{}: {}", wire.setting, wire.trouble);
        if self.put(place, wire, is_set) {
            warning!("{news}");
        }
    }

    /// Whether it has trouble that is new.
    fn put(&self, place: usize, mut wire: WireStatus, is_set: bool) -> bool {
        let mut list = lock(&self.list);
        let Some(before) = list.get_mut(place) else { return false };
        // An output that goes on while something else changes is still on.
        wire.on = before.as_ref().is_some_and(|before| before.on && before.address == wire.address);
        let is_news =
            !wire.trouble.is_empty() && before.as_ref().is_none_or(|before| before.trouble != wire.trouble);
        *before = is_set.then_some(wire);
        is_news
    }
}

fn wire(setting: String, address: Option<Address>, trouble: &str) -> WireStatus {
    WireStatus { setting, address, trouble: trouble.to_owned(), ..WireStatus::default() }
}

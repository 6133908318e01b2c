//! What the owner's outputs and inputs are doing, for `gpio` and `status`. Plain data; it must not decide anything.

use super::shared::lock;
use crate::alarm::place::Address;
use crate::control::WireStatus;
use crate::settings::wiring::PLACES;
use std::sync::Mutex;

/// Outputs first, then inputs; each at its place.
#[derive(Debug, Default)]
pub struct Wires {
    list: Mutex<[Option<WireStatus>; 2 * PLACES]>,
}

impl Wires {
    /// An output is set, or not any more.
    pub fn set_output(&self, index: usize, is_set: bool, address: Option<Address>, trouble: &str) {
        self.set(index, is_set.then(|| format!("alarm.output{}", index + 1)), address, trouble);
    }

    /// An input is set, or not any more.
    pub fn set_input(&self, index: usize, is_set: bool, address: Option<Address>, trouble: &str) {
        self.set(PLACES + index, is_set.then(|| format!("alarm.input{}", index + 1)), address, trouble);
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

    fn set(&self, place: usize, setting: Option<String>, address: Option<Address>, trouble: &str) {
        if let Some(wire) = lock(&self.list).get_mut(place) {
            // An output that goes on while something else changes is still on.
            let on = wire.as_ref().is_some_and(|wire| wire.on && wire.address == address);
            let trouble = trouble.to_owned();
            *wire =
                setting.map(|setting| WireStatus { setting, address, trouble, on, ..WireStatus::default() });
        }
    }
}

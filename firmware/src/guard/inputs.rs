//! The inputs thread: watches the owner's inputs, debounced and timestamped by the kernel.
//!
//! It publishes what they mean together, and tells the alarm and the motion thread of what just happened. Nobody waits for it, and it
//! waits for nobody. It must not decide on events.

use super::input_state::{InputState, bit};
use super::reset_button::ResetButton;
use super::shared::Shared;
use super::wires::RETRY_US;
use super::{ALARM_COMMANDS, NAP_MS, alarm, wait};
use crate::alarm::line::{self, EDGES_READ, Edge};
use crate::alarm::place::assign;
use crate::ring::Sender;
use crate::services::INPUTS;
use crate::settings::Settings;
use crate::settings::wiring::{Input, PLACES, Purpose};
use crate::{clock, info, notice, warning};
use std::fs::File;
use std::os::fd::AsFd;

/// It goes with the first: while the guard stops, no input begins anything.
const STAGE: usize = 0;

/// Runs until the guard stops.
pub fn run(shared: &Shared, alarm: Sender<alarm::Command, ALARM_COMMANDS>) {
    let mut inputs = Inputs {
        shared,
        alarm,
        seen: 0,
        settings: Settings::default(),
        watched: [const { None }; PLACES],
        retry_us: None,
    };
    while !shared.stopped(STAGE) {
        inputs.settle(clock::monotonic_us());
        let lines = inputs.watched.iter().flatten().map(|watched| &watched.line as &dyn AsFd);
        wait(&lines.collect::<heapless::Vec<_, PLACES>>(), NAP_MS);
        shared.turn(&INPUTS);
        inputs.read();
        inputs.publish();
        inputs.press(clock::monotonic_us());
    }
}

struct Inputs<'a> {
    shared: &'a Shared,
    alarm: Sender<alarm::Command, ALARM_COMMANDS>,
    seen: u32,
    settings: Settings,
    watched: [Option<Watched>; PLACES],
    retry_us: Option<u64>,
}

/// One input with its line.
struct Watched {
    input: Input,
    line: File,
    active: bool,
    /// Changes so far, and those that the kernel had no room to keep.
    edges: u64,
    missed: u64,
    last_number: u32,
    button: ResetButton,
}

impl Inputs<'_> {
    /// Watches what the settings name.
    fn settle(&mut self, now_us: u64) {
        let mut is_due = self.retry_us.is_some_and(|retry_us| now_us >= retry_us);
        if let Some(settings) = self.shared.settings_since(&mut self.seen) {
            is_due |= !settings.wires_are_as_in(&self.settings);
            self.settings = settings;
        }
        if is_due && !self.open_all() {
            self.retry_us = Some(now_us.saturating_add(RETRY_US));
        } else if is_due {
            self.retry_us = None;
        }
    }

    /// Opens what is set and not watched yet; whether all are watched then.
    fn open_all(&mut self) -> bool {
        let found = match self.settings.inputs() {
            [None, None, None, None] => Default::default(),
            _ => assign(&self.settings, &line::survey()).inputs,
        };
        let mut is_complete = true;
        for (index, (input, found)) in self.settings.inputs().into_iter().zip(&found).enumerate() {
            let place = &mut self.watched[index];
            if place.as_ref().is_some_and(|watched| Some(&watched.input) == input) {
                continue;
            }
            // Closed before it is opened again: it may be the same line.
            *place = None;
            let opened = match (input, found) {
                (Some(input), Some(Ok(address))) => Watched::open(input, address).map_err(|e| e.to_string()),
                (_, Some(Err(error))) => Err(error.to_string()),
                _ => Err(String::new()),
            };
            let address = found.as_ref().and_then(|found| found.as_ref().ok()).cloned();
            let trouble = opened.as_ref().err().cloned().unwrap_or_default();
            self.shared.wires.set_input(index, input.is_some(), address, &trouble);
            *place = opened.ok();
            if let Some(watched) = place {
                self.shared.wires.switch_input(index, watched.active, 0, 0);
            }
            is_complete &= input.is_none() || place.is_some();
        }
        is_complete
    }

    fn read(&mut self) {
        let mut edges = heapless::Vec::<Edge, EDGES_READ>::new();
        for index in 0..PLACES {
            while let Some(watched) = &mut self.watched[index]
                && line::has_edges(&watched.line)
            {
                edges.clear();
                if let Err(error) = line::read_edges(&watched.line, &mut edges) {
                    warning!("alarm.input{}: {error}", index + 1);
                    self.watched[index] = None;
                    self.retry_us = Some(clock::monotonic_us().saturating_add(RETRY_US));
                    break;
                }
                for edge in &edges {
                    self.edge(index, *edge);
                }
            }
        }
    }

    fn edge(&mut self, index: usize, edge: Edge) {
        let Some(watched) = &mut self.watched[index] else { return };
        watched.count(edge);
        let (active, edges, missed) = (watched.active, watched.edges, watched.missed);
        self.shared.wires.switch_input(index, active, edges, missed);
        let number = index + 1;
        for purpose in &watched.input.purposes {
            match (purpose, active) {
                (Purpose::Trigger, true) => self.shared.inputs.pull(index, edge.at_us),
                (Purpose::Doorbell, true) => notice!("input {number}: the doorbell"),
                (Purpose::ArmSwitch, true) => notice!("input {number}: the arm switch is on"),
                (Purpose::ArmSwitch, false) => notice!("input {number}: the arm switch is off"),
                _ => {}
            }
        }
        info!("input {number}: {} at {} us", if active { "active" } else { "not active" }, edge.at_us);
        if active {
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            // One that is full is being emptied: the alarm thread sees the level itself.
            let _ = self.alarm.send(alarm::Command::Input(number));
        }
    }

    /// What they mean together, for whoever asks.
    fn publish(&self) {
        let mut state = InputState::default();
        for (index, watched) in self.watched.iter().enumerate() {
            if let Some(watched) = watched {
                state.add(index, &watched.input, watched.active);
            }
        }
        if self.shared.inputs.set_state(state) != state {
            self.shared.judge_inputs();
        }
    }

    /// A reset button that is held down long enough.
    fn press(&mut self, now_us: u64) {
        for (index, watched) in self.watched.iter_mut().enumerate() {
            if let Some(watched) = watched
                && watched.input.is(Purpose::ResetButton)
                && watched.button.look(watched.active, now_us)
            {
                warning!(
                    "input {}: the reset button was held down; the settings become the factory's",
                    index + 1
                );
                super::reset_button::act();
            }
        }
    }
}

impl Watched {
    fn open(input: &Input, address: &crate::alarm::place::Address) -> Result<Watched, line::LineError> {
        let line = line::request_input(input, address)?;
        let active = line::get(&line)?;
        let input = input.clone();
        let button = ResetButton::default();
        Ok(Watched { input, line, active, edges: 0, missed: 0, last_number: 0, button })
    }

    /// The kernel numbers a line's changes: a gap is what it had no room to keep.
    fn count(&mut self, edge: Edge) {
        let skipped = edge.number.wrapping_sub(self.last_number).saturating_sub(1);
        self.missed = self.missed.saturating_add(skipped.into());
        self.edges = self.edges.saturating_add(1);
        self.last_number = edge.number;
        self.active = edge.active;
    }
}

/// What the motion and the alarm thread see of the inputs.
#[derive(Debug, Default)]
pub struct Published {
    state: std::sync::atomic::AtomicU32,
    /// The last pull of a trigger: its time in microseconds, shifted by [`NUMBER_BITS`], and its number.
    pulled: std::sync::atomic::AtomicU64,
}

/// Bits for the number of an input, from 1.
const NUMBER_BITS: u32 = 3;

/// An input that counts as motion became active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pull {
    /// The input's number, from 1.
    pub number: u8,
    /// When, on the monotonic clock.
    pub at_us: u64,
}

impl Published {
    /// What they mean together.
    pub fn state(&self) -> InputState {
        InputState::unpack(self.state.load(std::sync::atomic::Ordering::Acquire))
    }

    /// What they meant before.
    fn set_state(&self, state: InputState) -> InputState {
        InputState::unpack(self.state.swap(state.pack(), std::sync::atomic::Ordering::AcqRel))
    }

    fn pull(&self, index: usize, at_us: u64) {
        debug_assert!(bit(index) != 0);
        let number = u64::try_from(index + 1).unwrap_or(0);
        self.pulled.store(at_us << NUMBER_BITS | number, std::sync::atomic::Ordering::Release);
    }

    /// The last pull since this was asked before. One atomic read when there is none.
    pub fn take_pull(&self) -> Option<Pull> {
        use std::sync::atomic::Ordering;
        if self.pulled.load(Ordering::Acquire) == 0 {
            return None;
        }
        let packed = self.pulled.swap(0, Ordering::AcqRel);
        let number = u8::try_from(packed & ((1 << NUMBER_BITS) - 1)).unwrap_or(0);
        Some(Pull { number, at_us: packed >> NUMBER_BITS })
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Published, Pull, ResetButton, Watched};
    use crate::settings::Settings;

    #[test]
    fn what_the_kernel_had_no_room_for_is_counted() {
        let mut settings = Settings::default();
        settings.set("alarm.input1", "pin 1 as trigger").expect("allowed");
        let input = settings.alarm_input1.expect("an input");
        let line = tempfile::tempfile().expect("a file");
        let button = ResetButton::default();
        let mut watched = Watched { input, line, active: false, edges: 0, missed: 0, last_number: 0, button };
        for (number, active) in [(1, true), (2, false), (5, true), (6, false)] {
            watched.count(Edge { at_us: 0, active, number });
        }
        assert_eq!((watched.edges, watched.missed, watched.active), (4, 2, false));
    }

    #[test]
    fn a_pull_is_taken_once_with_its_time() {
        let published = Published::default();
        assert_eq!(published.take_pull(), None);
        published.pull(3, 123_456_789_012);
        assert_eq!(published.take_pull(), Some(Pull { number: 4, at_us: 123_456_789_012 }));
        assert_eq!(published.take_pull(), None);
    }
}

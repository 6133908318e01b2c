//! What the owner's inputs mean together: whether every arm switch is on and every condition is met. Pure.
//!
//! An input whose line cannot be had does not count: a wire that is set wrong must not disarm a camera in silence. It is told.

use crate::settings::wiring::{Input, Purpose};

/// Inputs as bits, input 1 in the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputState {
    /// That are active.
    pub active: u8,
    /// That are arm switches.
    pub arm_switches: u8,
    /// That are conditions.
    pub conditions: u8,
    /// That tell whether it is dark.
    pub dark_sensors: u8,
}

impl InputState {
    /// Notes an input (from 0) that is watched.
    pub fn add(&mut self, index: usize, input: &Input, active: bool) {
        let bit = bit(index);
        self.active |= if active { bit } else { 0 };
        self.arm_switches |= if input.is(Purpose::ArmSwitch) { bit } else { 0 };
        self.conditions |= if input.is(Purpose::Condition) { bit } else { 0 };
        self.dark_sensors |= if input.is(Purpose::DarkSensor) { bit } else { 0 };
    }

    /// Whether every arm switch is on.
    pub fn arm_switches_on(self) -> bool {
        self.active & self.arm_switches == self.arm_switches
    }

    /// Whether every condition is met. While an event goes on they are: a sensor that is quiet again does not end it.
    pub fn conditions_met(self, event_now: bool) -> bool {
        event_now || self.active & self.conditions == self.conditions
    }

    /// What the sensors for it say, if there are any: one that says that it is dark is enough.
    pub fn is_dark(self) -> Option<bool> {
        (self.dark_sensors != 0).then_some(self.active & self.dark_sensors != 0)
    }

    /// In one number, for an atomic.
    pub fn pack(self) -> u32 {
        u32::from_le_bytes([self.active, self.arm_switches, self.conditions, self.dark_sensors])
    }

    /// The other way.
    pub fn unpack(packed: u32) -> InputState {
        let [active, arm_switches, conditions, dark_sensors] = packed.to_le_bytes();
        InputState { active, arm_switches, conditions, dark_sensors }
    }
}

/// The bit of an input, counted from 0.
pub fn bit(index: usize) -> u8 {
    1_u8.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::InputState;
    use crate::settings::Settings;

    fn state(inputs: &[(&str, &str, bool)]) -> InputState {
        let mut settings = Settings::default();
        let mut state = InputState::default();
        for (name, text, _) in inputs {
            settings.set(name, text).expect("allowed");
        }
        for (index, input) in settings.inputs().into_iter().enumerate() {
            let name = format!("alarm.input{}", index + 1);
            if let (Some(input), Some((.., active))) = (input, inputs.iter().find(|(set, ..)| *set == name)) {
                state.add(index, input, *active);
            }
        }
        state
    }

    #[test]
    fn every_switch_must_be_on_and_every_condition_met() {
        let none = InputState::default();
        assert!(none.arm_switches_on() && none.conditions_met(false), "nothing stands in the way");
        let switch = |a, b| {
            state(&[("alarm.input1", "pin 1 as arm-switch", a), ("alarm.input4", "pin 2 as arm-switch", b)])
        };
        assert!(switch(true, true).arm_switches_on());
        assert!(!switch(true, false).arm_switches_on() && !switch(false, true).arm_switches_on());
        assert!(switch(false, false).conditions_met(false));
        let both = |active| state(&[("alarm.input2", "pin 1 as trigger condition", active)]);
        assert!(both(true).conditions_met(false) && both(false).arm_switches_on());
        assert!(!both(false).conditions_met(false) && both(false).conditions_met(true), "an event goes on");
        let sensor = |active| state(&[("alarm.input3", "pin 1 as dark-sensor", active)]);
        assert_eq!(
            [none, sensor(false), sensor(true)].map(InputState::is_dark),
            [None, Some(false), Some(true)]
        );
        for state in [both(true), sensor(true)] {
            assert_eq!(InputState::unpack(state.pack()), state);
        }
    }
}

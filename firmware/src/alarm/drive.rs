//! What one output of the owner's does at a time: when it is on, for how long, and whether it may be. Pure.
//!
//! What switches an output is either a state that lasts ("an event goes on", "the camera is lost"), or something that just
//! happens (a tripwire is crossed), which is told by [`Drive::kick`].

use super::pattern;
use crate::settings::wiring::{Output, Stay, Switch, Way};

/// What just happens switches an output with `hold` on for at least so long: shorter is not seen and no relay's business.
pub const MOMENT_US: u64 = 1_000_000;
/// An output that was on for as long as it may is off for so long at least, whatever happens.
pub const REST_US: u64 = 1_000_000;

/// The states that switch outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// An event goes on.
    pub event: bool,
    /// Zones in which there was motion in this event, zone 1 in the lowest bit.
    pub zones: u8,
    /// Somebody tampers with the camera.
    pub tamper: bool,
    /// No frames come.
    pub camera_lost: bool,
    /// Clips cannot be written.
    pub card: bool,
    /// Motion makes events.
    pub armed: bool,
    /// It is dark; it is light. Neither until that is known.
    pub dark: bool,
    /// See `dark`.
    pub light: bool,
    /// Inputs that are active, input 1 in the lowest bit.
    pub inputs: u8,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A tripwire was crossed.
    Crossed(u8, Way),
    /// An input became active.
    Input(u8),
}

/// Whether one of the states that an output follows holds.
pub fn is_wanted(output: &Output, states: &States) -> bool {
    let bit = |mask: u8, number: u8| number > 0 && mask >> (number - 1) & 1 == 1;
    output.switches.iter().any(|switch| match *switch {
        Switch::Motion => states.event,
        Switch::Tamper => states.tamper,
        Switch::Camera => states.camera_lost,
        Switch::Card => states.card,
        Switch::Armed => states.armed,
        Switch::Heartbeat => true,
        Switch::Dark => states.dark,
        Switch::Light => states.light,
        Switch::Zone(number) => states.event && bit(states.zones, number),
        Switch::Input(number) => bit(states.inputs, number),
        Switch::Line { .. } => false,
    })
}

/// Whether an output follows what just happens.
pub fn is_kicked(output: &Output, moment: Moment) -> bool {
    output.switches.iter().any(|switch| match (*switch, moment) {
        (Switch::Line { number, way }, Moment::Crossed(line, how)) => {
            number == line && way.is_none_or(|way| way == how)
        }
        (Switch::Input(number), Moment::Input(input)) => number == input,
        _ => false,
    })
}

/// The state of one output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drive {
    /// Whether a state wanted it on at the last look.
    was_wanted: bool,
    /// On until then, whatever the states say.
    until_us: u64,
    /// On since then.
    since_us: Option<u64>,
    /// It was on for as long as it may; off until then at least.
    rest_until_us: Option<u64>,
}

impl Drive {
    /// Something that it follows happens.
    pub fn kick(&mut self, stay: Stay, now_us: u64) {
        if self.rest_until_us.is_none_or(|rest_until_us| now_us >= rest_until_us) {
            let stay_us = match stay {
                Stay::Pulse { ms } => us(ms),
                Stay::Hold { ms } => us(ms).max(MOMENT_US),
            };
            self.until_us = self.until_us.max(now_us.saturating_add(stay_us));
        }
    }

    /// Whether it is active now, and when to look again at the latest (nothing: when something changes). `wanted`: whether a state
    /// wants it on.
    pub fn look(&mut self, output: &Output, wanted: bool, now_us: u64) -> (bool, Option<u64>) {
        let was_wanted = std::mem::replace(&mut self.was_wanted, wanted);
        let holds = matches!(output.stay, Stay::Hold { .. }) && wanted;
        if let Some(rest_until_us) = self.rest_until_us {
            if now_us < rest_until_us || holds {
                self.until_us = 0;
                return (false, (now_us < rest_until_us).then_some(rest_until_us));
            }
            self.rest_until_us = None;
        } else {
            match output.stay {
                Stay::Pulse { ms } if wanted && !was_wanted => self.until_us = now_us.saturating_add(us(ms)),
                Stay::Hold { ms } if !wanted && was_wanted => {
                    self.until_us = self.until_us.max(now_us.saturating_add(us(ms)));
                }
                _ => {}
            }
        }
        let longest_us = output.max_ms.map_or(u64::MAX, us);
        // Before anything else, so that whoever looks late does not take a cut for an end.
        if self.since_us.is_some_and(|since_us| now_us >= since_us.saturating_add(longest_us)) {
            let rest_until_us = now_us.saturating_add(REST_US);
            *self = Self { was_wanted: wanted, rest_until_us: Some(rest_until_us), ..Self::default() };
            return (false, Some(rest_until_us));
        }
        if !holds && now_us >= self.until_us {
            self.since_us = None;
            return (false, None);
        }
        let since_us = *self.since_us.get_or_insert(now_us);
        let ends_us = output.max_ms.map(|ms| since_us.saturating_add(us(ms)));
        let elapsed_us = now_us.saturating_sub(since_us);
        let (active, stays_us) = match output.has_two_tones() {
            true => (true, Some(pattern::other_tone(elapsed_us).1)),
            false => pattern::at(output.pattern, elapsed_us),
        };
        let step_us = stays_us.map(|us| now_us.saturating_add(us));
        let until_us = (!holds).then_some(self.until_us);
        (active, [step_us, until_us, ends_us].into_iter().flatten().min())
    }

    /// Whether the other one of its two tones sounds, if it has two.
    pub fn is_other_tone(&self, output: &Output, now_us: u64) -> bool {
        let elapsed_us = |since_us| now_us.saturating_sub(since_us);
        output.has_two_tones() && self.since_us.is_some_and(|us| pattern::other_tone(elapsed_us(us)).0)
    }

    /// Whether it is on, in whatever step of its pattern.
    pub fn is_on(&self) -> bool {
        self.since_us.is_some()
    }
}

fn us(ms: u32) -> u64 {
    u64::from(ms) * 1000
}

#[cfg(test)]
#[path = "drive_tests.rs"]
mod tests;

//! What the alarm output should be at a time. Pure.
//!
//! [`AlarmMode::Pulse`]: on for a pulse from the beginning of each event. [`AlarmMode::Hold`]: on for as long as an event
//! goes on, and for a pulse at least.

use crate::settings::AlarmMode;

/// The output of one alarm.
#[derive(Debug, Default)]
pub struct Output {
    event_now: bool,
    on_until_us: u64,
}

impl Output {
    /// An event begins: on at once, for a pulse at least.
    pub fn begin(&mut self, now_us: u64, pulse_us: u64) {
        self.event_now = true;
        self.on_until_us = now_us.saturating_add(pulse_us);
    }

    /// The event is over.
    pub fn end(&mut self) {
        self.event_now = false;
    }

    /// A pulse without an event, to try the wiring.
    pub fn test(&mut self, now_us: u64, pulse_us: u64) {
        self.on_until_us = self.on_until_us.max(now_us.saturating_add(pulse_us));
    }

    /// Whether it is on, and when to ask again at the latest (nothing: when something happens).
    pub fn level(&self, now_us: u64, mode: AlarmMode) -> (bool, Option<u64>) {
        let pulse = now_us < self.on_until_us;
        let hold = mode == AlarmMode::Hold && self.event_now;
        (pulse || hold, pulse.then_some(self.on_until_us))
    }
}

#[cfg(test)]
mod tests {
    use super::Output;
    use crate::settings::AlarmMode;

    #[test]
    fn a_pulse_ends_by_itself_while_the_event_goes_on() {
        let mut output = Output::default();
        assert_eq!(output.level(0, AlarmMode::Pulse), (false, None));
        output.begin(100, 50);
        assert_eq!(output.level(100, AlarmMode::Pulse), (true, Some(150)));
        assert_eq!(output.level(150, AlarmMode::Pulse), (false, None));
    }

    #[test]
    fn hold_lasts_as_long_as_the_event_and_a_pulse_at_least() {
        let mut output = Output::default();
        output.begin(100, 50);
        assert_eq!(output.level(500, AlarmMode::Hold), (true, None));
        output.end();
        assert_eq!(output.level(500, AlarmMode::Hold), (false, None));
        output.begin(600, 50);
        output.end();
        assert_eq!(output.level(620, AlarmMode::Hold), (true, Some(650)));
    }

    #[test]
    fn a_test_does_not_shorten_an_alarm() {
        let mut output = Output::default();
        output.begin(0, 100);
        output.test(10, 20);
        assert_eq!(output.level(90, AlarmMode::Pulse), (true, Some(100)));
    }
}

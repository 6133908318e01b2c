//! The alarm thread: the alarm output and the LEDs.
//!
//! It must not decide whether there is an alarm. Nobody waits for it.

use super::shared::Shared;
use super::{ALARM_COMMANDS, NAP_MS, wait};
use crate::alarm::led::{self, Code, Led};
use crate::alarm::line;
use crate::alarm::output::Output;
use crate::ring::Receiver;
use crate::services::ALARM;
use crate::{board, clock, info, warning};
use std::fs::File;
use std::sync::atomic::Ordering;

/// Our place in the flow.
const STAGE: usize = 4;

/// What the alarm thread is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// An event begins.
    Begin,
    /// The event is over.
    End,
    /// Try the output.
    Test,
}

/// Runs until the guard stops. `line` is the alarm line, if the board has one.
pub fn run(shared: &Shared, line: Option<File>, mut commands: [Receiver<Command, ALARM_COMMANDS>; 2]) {
    let leds = Leds::open();
    let mut alarm = Alarm { shared, line, leds, output: Output::default(), on: false };
    let mut seen = 0;
    let mut settings = shared.settings();
    let mut sleep_ms = 0;
    while !shared.stopped(STAGE) {
        let [motion, console] = &commands;
        wait(&[motion, console], sleep_ms);
        shared.turn(&ALARM);
        if let Some(new) = shared.settings_since(&mut seen) {
            settings = new;
        }
        let now_us = clock::monotonic_us();
        let pulse_us = u64::from(settings.alarm_pulse_ms) * 1000;
        for way in &mut commands {
            way.clear_wakeups();
            while let Some(command) = way.take() {
                match command {
                    Command::Begin => alarm.output.begin(now_us, pulse_us),
                    Command::End => alarm.output.end(),
                    Command::Test => alarm.output.test(now_us, pulse_us),
                }
            }
        }
        let (on, again_us) = alarm.output.level(now_us, settings.alarm_mode);
        alarm.drive(on);
        let armed = shared.is_armed(now_us);
        let led_ms = alarm.leds.show(code(shared, on, armed), on, now_us / 1000);
        let output_ms = again_us.map_or(u64::MAX, |us| us.saturating_sub(now_us).div_ceil(1000));
        sleep_ms = u16::try_from(led_ms.min(output_ms).min(shared.armed_for_ms(now_us)))
            .unwrap_or(NAP_MS)
            .min(NAP_MS);
    }
    alarm.drive(false);
    alarm.leds.dark();
}

struct Alarm<'a> {
    shared: &'a Shared,
    line: Option<File>,
    leds: Leds,
    output: Output,
    on: bool,
}

impl Alarm<'_> {
    /// Writes changes only: init has set the safe level before us.
    fn drive(&mut self, on: bool) {
        if self.on == on {
            return;
        }
        self.on = on;
        self.shared.alarm_on.store(on, Ordering::Relaxed);
        if let Some(line) = &self.line
            && let Err(error) = line::set(line, on)
        {
            warning!("alarm: {error}");
        }
        *self.shared.alarm_reads() = self.line.as_ref().and_then(|line| line::get(line).ok());
        info!("alarm: {}", if on { "on" } else { "off" });
    }
}

/// What the status LED should say: the most urgent first.
fn code(shared: &Shared, alarm: bool, armed: bool) -> Code {
    if alarm {
        Code::Alarm
    } else if !shared.camera().ok {
        Code::Camera
    } else if shared.tampered.load(Ordering::Relaxed) {
        Code::Tamper
    } else if shared.card.wants_attention() {
        Code::Card
    } else if armed {
        Code::Armed
    } else {
        Code::Disarmed
    }
}

/// The board's LEDs, as far as it has any.
struct Leds {
    status: Option<Led>,
    alarm: Option<Led>,
    /// What the status LED says, and since when: a new code begins at its beginning, so that it can be read at once.
    said: (Code, u64),
}

impl Leds {
    fn open() -> Leds {
        // init has complained already if there is no profile.
        let names = board::profile().map(|profile| profile.leds).unwrap_or_default();
        let open = |name: Option<String>| {
            let name = name?;
            Led::open(&name).map_err(|e| warning!("LED `{name}`: {e}; check the board's profile")).ok()
        };
        Leds { status: open(names.status), alarm: open(names.alarm), said: (Code::Disarmed, 0) }
    }

    /// Shows the code and the alarm; returns for how many milliseconds it stays right.
    fn show(&mut self, code: Code, alarm: bool, now_ms: u64) -> u64 {
        if self.said.0 != code {
            self.said = (code, now_ms);
        }
        let (lit, stays_ms) = led::lit(code, now_ms.saturating_sub(self.said.1));
        for (led, lit) in [(&mut self.status, lit), (&mut self.alarm, alarm)] {
            // An LED that fails once is let go: the alarm must not fill the log for a lamp.
            if led.as_mut().is_some_and(|led| led.show(lit).is_err()) {
                *led = None;
            }
        }
        stays_ms
    }

    fn dark(&mut self) {
        for led in [&mut self.status, &mut self.alarm].into_iter().flatten() {
            // We are going anyway.
            let _ = led.show(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Ordering, Shared, code};

    #[test]
    fn the_led_says_the_most_urgent_thing() {
        let shared = Shared::new();
        shared.tampered.store(true, Ordering::Relaxed);
        assert_eq!(code(&shared, false, true), Code::Camera, "without frames nobody knows about tampering");
        shared.camera().ok = true;
        assert_eq!(code(&shared, false, true), Code::Tamper);
        assert_eq!(code(&shared, true, true), Code::Alarm);
        shared.tampered.store(false, Ordering::Relaxed);
        assert_ne!(code(&shared, false, true), Code::Tamper);
    }
}

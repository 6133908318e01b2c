//! The alarm thread: the alarm output, the owner's outputs and the LEDs.
//!
//! It must not decide whether there is an alarm. Nobody waits for it.

use super::darkness::Ambient;
use super::input_state::bit;
use super::outputs::Outputs;
use super::shared::Shared;
use super::{ALARM_COMMANDS, NAP_MS, wait};
use crate::alarm::drive::{Moment, States};
use crate::alarm::led::{self, Code, Led};
use crate::alarm::line;
use crate::alarm::output::Output;
use crate::ring::Receiver;
use crate::services::ALARM;
use crate::settings::wiring::Way;
use crate::{board, clock, info, warning};
use std::fs::File;
use std::sync::atomic::Ordering;

/// Our place in the flow.
const STAGE: usize = 4;
/// A camera counts as lost for an output when no frames have come for so long: it may be looked for at the start, and one that is
/// plugged anew comes back within seconds.
const LOST_US: u64 = 10_000_000;

/// What the alarm thread is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// An event begins.
    Begin {
        /// With a frame (or an input) of that time, monotonic microseconds.
        frame_us: u64,
    },
    /// The event's motion is in the zone of this number.
    Zone(u8),
    /// Something crossed the tripwire of this number.
    Crossed(u8, Way),
    /// The input of this number became active.
    Input(u8),
    /// It became dark or light: that is read where it is kept, but shall be looked at now.
    Light,
    /// The event is over.
    End,
    /// Try the alarm output.
    Test,
    /// Try the owner's output of this number.
    TestOutput(u8),
}

/// Runs until the guard stops. `line` is the alarm line, if the board has one.
pub fn run(shared: &Shared, line: Option<File>, mut commands: [Receiver<Command, ALARM_COMMANDS>; 3]) {
    let leds = Leds::open();
    let (output, outputs) = (Output::default(), Outputs::default());
    let (states, frame_us, lost_since_us) = (States::default(), None, None);
    let mut alarm = Alarm { shared, line, leds, output, on: false, outputs, states, frame_us, lost_since_us };
    let mut seen = 0;
    let mut settings = shared.settings();
    let mut sleep_ms = 0;
    while !shared.stopped(STAGE) {
        let [motion, console, inputs] = &commands;
        wait(&[motion, console, inputs], sleep_ms);
        shared.turn(&ALARM);
        if let Some(new) = shared.settings_since(&mut seen) {
            settings = new;
        }
        let now_us = clock::monotonic_us();
        // Before what happens to them.
        alarm.outputs.adopt(shared);
        for way in &mut commands {
            way.clear_wakeups();
            while let Some(command) = way.take() {
                alarm.obey(command, now_us, settings.alarm_pulse_ms);
            }
        }
        let (on, again_us) = alarm.output.level(now_us, settings.alarm_mode);
        alarm.drive(on);
        let armed = shared.is_armed(now_us);
        let outputs_us = alarm.drive_outputs(armed, now_us);
        let led_ms = alarm.leds.show(code(shared, on, armed), on, now_us / 1000);
        let again_us = [again_us, outputs_us].into_iter().flatten().min();
        let output_ms = again_us.map_or(u64::MAX, |us| us.saturating_sub(now_us).div_ceil(1000));
        sleep_ms = u16::try_from(led_ms.min(output_ms).min(shared.armed_for_ms(now_us)))
            .unwrap_or(NAP_MS)
            .min(NAP_MS);
    }
    alarm.drive(false);
    alarm.outputs.make_safe();
    alarm.leds.dark();
}

struct Alarm<'a> {
    shared: &'a Shared,
    line: Option<File>,
    leds: Leds,
    output: Output,
    on: bool,
    outputs: Outputs,
    states: States,
    /// Of the frame for which the line has yet to be switched.
    frame_us: Option<u64>,
    lost_since_us: Option<u64>,
}

impl Alarm<'_> {
    fn obey(&mut self, command: Command, now_us: u64, pulse_ms: u32) {
        let pulse_us = u64::from(pulse_ms) * 1000;
        match command {
            Command::Begin { frame_us } => {
                self.output.begin(now_us, pulse_us);
                self.frame_us = Some(frame_us);
                (self.states.event, self.states.zones) = (true, 0);
            }
            Command::End => {
                self.output.end();
                self.states.event = false;
            }
            Command::Zone(number) => self.states.zones |= bit(usize::from(number.saturating_sub(1))),
            Command::Crossed(number, way) => self.outputs.kick(Moment::Crossed(number, way), now_us),
            Command::Input(number) => self.outputs.kick(Moment::Input(number), now_us),
            Command::Light => {}
            Command::Test => self.output.test(now_us, pulse_us),
            Command::TestOutput(number) => self.outputs.test(number, pulse_ms, now_us),
        }
    }

    /// The owner's outputs, by what holds now; returns when to look again at the latest.
    fn drive_outputs(&mut self, armed: bool, now_us: u64) -> Option<u64> {
        let shared = self.shared;
        let is_lost = !shared.camera().ok;
        self.lost_since_us = is_lost.then(|| self.lost_since_us.unwrap_or(now_us));
        let lost_us = self.lost_since_us.map_or(0, |since_us| now_us.saturating_sub(since_us));
        self.states = States {
            tamper: shared.tampered.load(Ordering::Relaxed),
            camera_lost: lost_us >= LOST_US,
            card: shared.card.wants_attention(),
            armed,
            dark: shared.light.is(Ambient::Dark),
            light: shared.light.is(Ambient::Light),
            inputs: shared.inputs.state().active,
            ..self.states
        };
        self.outputs.look(shared, &self.states, now_us)
    }

    /// Writes changes only: init has set the safe level before us.
    fn drive(&mut self, on: bool) {
        let frame_us = self.frame_us.take();
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
        if let Some(frame_us) = frame_us.filter(|_| on) {
            let latency_us = clock::monotonic_us().saturating_sub(frame_us);
            let [last, longest] = &self.shared.alarm_latency_us;
            last.store(latency_us, Ordering::Relaxed);
            longest.fetch_max(latency_us, Ordering::Relaxed);
            info!("alarm: the line was switched {latency_us} us after the frame's timestamp");
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

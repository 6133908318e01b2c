//! The owner's outputs: how their lines come from init to the alarm thread, and how that one drives them.
//!
//! The keeper asks init, which holds the lines, because whoever asks may wait; the alarm thread only takes what lies ready. A
//! failing output never delays or stops another.

use super::shared::{Shared, lock};
use super::wires::RETRY_US;
use crate::alarm::drive::{self, Drive, Moment, States};
use crate::alarm::line::{self, OutputLine};
use crate::alarm::place::{Address, Lines, PlaceError, assign};
use crate::alarm::pwm::Voice;
use crate::control::{Answer, Question, ask_for_files};
use crate::settings::Settings;
use crate::settings::wiring::{Output, PLACES, Stay};
use crate::{info, paths, warning};
use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// An output with its line.
#[derive(Debug)]
pub struct Wired {
    /// As it was set.
    pub output: Output,
    /// What drives it, if it could be had.
    pub line: Option<Driver>,
}

/// What drives an output.
#[derive(Debug)]
pub enum Driver {
    /// A line of a GPIO chip.
    Line(File),
    /// A channel of a PWM.
    Voice(Voice),
}

impl Driver {
    /// Of a line that init holds, by the file that it handed over.
    fn of(line: &OutputLine, file: File) -> Result<Self, String> {
        match &line.wave {
            None => Ok(Self::Line(file)),
            Some(wave) => Voice::open(wave.clone(), file).map(Self::Voice).map_err(|error| error.to_string()),
        }
    }

    fn drive(&mut self, level: Level) -> Result<(), String> {
        match self {
            Self::Line(line) => line::set(line, level.active).map_err(|error| error.to_string()),
            Self::Voice(voice) if level.active => {
                voice.sound(level.is_other_tone).map_err(|error| error.to_string())
            }
            Self::Voice(voice) => voice.hush().map_err(|error| error.to_string()),
        }
    }
}

/// What an output does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Level {
    active: bool,
    is_other_tone: bool,
}

const OFF: Level = Level { active: false, is_other_tone: false };

/// What lies ready for the alarm thread.
#[derive(Debug, Default)]
pub struct Ready {
    outputs: Mutex<Option<[Option<Wired>; PLACES]>>,
    generation: AtomicU32,
}

impl Ready {
    fn put(&self, outputs: [Option<Wired>; PLACES]) {
        *lock(&self.outputs) = Some(outputs);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// What is new since `seen`. One atomic read when nothing is.
    fn take(&self, seen: &mut u32) -> Option<[Option<Wired>; PLACES]> {
        let now = self.generation.load(Ordering::Acquire);
        if now == *seen {
            return None;
        }
        *seen = now;
        lock(&self.outputs).take()
    }
}

/// The keeper's part: has init hold what the settings name.
#[derive(Default)]
pub struct Asker {
    seen: u32,
    settings: Settings,
    /// Whether init was asked in this life of the guard: it may still hold what was set before.
    was_asked: bool,
    retry_us: Option<u64>,
}

impl Asker {
    /// One look; asks init if there is a reason.
    pub fn turn(&mut self, shared: &Shared, now_us: u64) {
        let mut is_due = !self.was_asked || self.retry_us.is_some_and(|retry_us| now_us >= retry_us);
        if let Some(settings) = shared.settings_since(&mut self.seen) {
            is_due |= !settings.wires_are_as_in(&self.settings);
            self.settings = settings;
        }
        if is_due {
            self.retry_us = self.ask(shared).err().map(|Incomplete| now_us.saturating_add(RETRY_US));
        }
    }

    fn ask(&mut self, shared: &Shared) -> Result<(), Incomplete> {
        let lines = match self.settings.outputs() {
            [None, None, None, None] => Lines::default(),
            _ => line::survey(),
        };
        let found = assign(&self.settings, &lines).outputs;
        let wanted = wanted(&self.settings, &found, &lines);
        let lines: Vec<OutputLine> = wanted.iter().flatten().cloned().collect();
        let (troubles, files) = match ask_for_files(paths::INIT_SOCKET, &Question::Outputs(lines)) {
            Ok((Answer::Outputs(troubles), files)) => (troubles, files),
            Ok(_) => return Err(Incomplete),
            Err(error) => {
                warning!("outputs: init: {error}");
                return Err(Incomplete);
            }
        };
        self.was_asked = true;
        let (mut troubles, mut files) = (troubles.into_iter(), files.into_iter());
        let mut ready = [const { None }; PLACES];
        let mut is_complete = true;
        for (index, output) in self.settings.outputs().into_iter().enumerate() {
            let trouble = match (&found[index], &wanted[index]) {
                (Some(Err(error)), _) => error.to_string(),
                (_, Some(_)) => troubles.next().flatten().unwrap_or_default(),
                _ => String::new(),
            };
            let line = wanted[index].as_ref().filter(|_| trouble.is_empty());
            let driver = line.and_then(|line| Some(Driver::of(line, files.next()?)));
            let (line, trouble) = match driver {
                Some(Ok(driver)) => (Some(driver), trouble),
                Some(Err(error)) => (None, error),
                None => (None, trouble),
            };
            is_complete &= output.is_none() || line.is_some();
            ready[index] = output.map(|output| Wired { output: output.clone(), line });
            let address = wanted[index].as_ref().map(|line| line.address.clone());
            // Before it is handed on: the alarm thread notes there what it switches.
            shared.wires.set_output(index, output.is_some(), address, &trouble);
        }
        shared.outputs.put(ready);
        if is_complete { Ok(()) } else { Err(Incomplete) }
    }
}

/// Not every output has its line.
struct Incomplete;

/// The lines to ask for.
fn wanted(
    settings: &Settings,
    found: &[Option<Result<Address, PlaceError>>; PLACES],
    board: &Lines,
) -> [Option<OutputLine>; PLACES] {
    let mut lines = settings.outputs().into_iter().zip(found);
    std::array::from_fn(|_| {
        let (output, found) = lines.next()?;
        let address = found.as_ref()?.as_ref().ok()?;
        Some(OutputLine::of(output?, address.clone(), board.pwm_of(address)))
    })
}

/// The alarm thread's part.
#[derive(Default)]
pub struct Outputs {
    seen: u32,
    places: [Option<Place>; PLACES],
}

struct Place {
    wired: Wired,
    drive: Drive,
    /// What it was driven to; nothing yet: init has it at its initial level.
    level: Option<Level>,
}

impl Outputs {
    /// Takes what lies ready. An output that is as it was goes on where it was; one that is gone is inactive first.
    pub fn adopt(&mut self, shared: &Shared) {
        let Some(ready) = shared.outputs.take(&mut self.seen) else { return };
        for (index, (place, wired)) in self.places.iter_mut().zip(ready).enumerate() {
            let old = place.take();
            *place = match (old, wired) {
                (Some(old), Some(wired)) if old.wired.output == wired.output => {
                    // A line that was lost and found is at its initial level.
                    let goes_on = old.wired.line.is_some() && wired.line.is_some();
                    Some(Place { wired, level: old.level.filter(|_| goes_on), ..old })
                }
                (old, wired) => {
                    if let Some(mut old) = old {
                        old.drive_line(index, OFF);
                    }
                    wired.map(|wired| Place { wired, drive: Drive::default(), level: None })
                }
            };
        }
    }

    /// Something happens.
    pub fn kick(&mut self, moment: Moment, now_us: u64) {
        for place in self.places.iter_mut().flatten() {
            if drive::is_kicked(&place.wired.output, moment) {
                place.drive.kick(place.wired.output.stay, now_us);
            }
        }
    }

    /// Switches the output of this number on for a pulse, to try the wiring.
    pub fn test(&mut self, number: u8, pulse_ms: u32, now_us: u64) {
        let place = usize::from(number).checked_sub(1).and_then(|index| self.places.get_mut(index));
        if let Some(place) = place.and_then(Option::as_mut) {
            place.drive.kick(Stay::Pulse { ms: pulse_ms }, now_us);
        }
    }

    /// Drives every output by what holds now; returns when to look again at the latest.
    pub fn look(&mut self, shared: &Shared, states: &States, now_us: u64) -> Option<u64> {
        let mut again_us = None;
        for (index, place) in self.places.iter_mut().enumerate() {
            let Some(place) = place else { continue };
            let wanted = drive::is_wanted(&place.wired.output, states);
            let was_on = place.drive.is_on();
            let (active, next_us) = place.drive.look(&place.wired.output, wanted, now_us);
            let is_other_tone = active && place.drive.is_other_tone(&place.wired.output, now_us);
            place.drive_line(index, Level { active, is_other_tone });
            if place.drive.is_on() != was_on {
                shared.wires.switch_output(index, !was_on);
                info!("alarm.output{}: {}", index + 1, if was_on { "off" } else { "on" });
            }
            again_us = [again_us, next_us].into_iter().flatten().min();
        }
        again_us
    }

    /// Everything inactive.
    pub fn make_safe(&mut self) {
        for (index, place) in self.places.iter_mut().enumerate() {
            if let Some(place) = place {
                place.drive_line(index, OFF);
            }
        }
    }
}

impl Place {
    /// Writes changes only. A line that fails is told and let go: it must not fill the log, and the others go on.
    fn drive_line(&mut self, index: usize, level: Level) {
        if self.level == Some(level) {
            return;
        }
        self.level = Some(level);
        if let Some(driver) = &mut self.wired.line
            && let Err(error) = driver.drive(level)
        {
            warning!("alarm.output{}: {error}", index + 1);
            self.wired.line = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Drive, Driver, OFF, Outputs, Place, Shared, States, Wired};
    use crate::settings::Settings;

    fn place(text: &str, line: Option<std::fs::File>) -> Option<Place> {
        let mut settings = Settings::default();
        settings.set("alarm.output1", text).expect("allowed");
        let output = settings.alarm_output1.expect("an output");
        let line = line.map(Driver::Line);
        Some(Place { wired: Wired { output, line }, drive: Drive::default(), level: None })
    }

    /// A file that is no GPIO line fails like a chip that is gone.
    #[test]
    fn a_failing_output_neither_stops_nor_delays_another() {
        let broken = tempfile::tempfile().expect("a file");
        let mut outputs = Outputs { seen: 0, places: [const { None }; 4] };
        outputs.places[0] = place("pin 1 on motion", Some(broken));
        outputs.places[2] = place("pin 2 on motion pulse 1s", None);
        let shared = Shared::new();
        let states = States { event: true, ..States::default() };
        assert_eq!(outputs.look(&shared, &states, 5), Some(1_000_005), "the other one's pulse");
        let places = &outputs.places;
        assert!(places[0].as_ref().is_some_and(|place| place.wired.line.is_none()), "it is let go");
        assert!(places[2].as_ref().is_some_and(|place| place.level.is_some_and(|level| level.active)));
        outputs.make_safe();
        assert!(outputs.places.iter().flatten().all(|place| place.level == Some(OFF)));
    }

    #[test]
    fn an_output_that_is_as_it_was_goes_on_and_a_changed_one_begins_anew() {
        let shared = Shared::new();
        let mut outputs = Outputs { seen: 0, places: [const { None }; 4] };
        outputs.places[0] = place("pin 1 on motion pulse 5s", None);
        outputs.places[1] = place("pin 2 on motion pulse 5s", None);
        let states = States { event: true, ..States::default() };
        outputs.look(&shared, &states, 0);
        let ready =
            [place("pin 1 on motion pulse 5s", None), place("pin 2 on motion pulse 6s", None), None, None];
        shared.outputs.put(ready.map(|place| place.map(|place| place.wired)));
        outputs.adopt(&shared);
        let is_on = |index: usize| outputs.places[index].as_ref().map(|place| place.drive.is_on());
        assert_eq!((is_on(0), is_on(1), is_on(2)), (Some(true), Some(false), None));
    }
}

//! From what an owner calls a line to the line itself, or to a sentence why not. Pure.
//!
//! `pin 13`, `line PG8`, `9030000.pl061:2`: as the settings have it. It must not ask the kernel.

use crate::settings::Settings;
use crate::settings::wiring::{Output, PLACES, Where};
use boards::Header;
use serde::{Deserialize, Serialize};

/// A line of this board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The chip's label.
    pub chip: String,
    /// The line on it.
    pub offset: u32,
}

impl Address {
    /// The line that a pin of the header is; nothing for a supply.
    pub fn of(header: &Header, pin: &boards::Pin) -> Option<Address> {
        header.line_of(pin).map(|(chip, offset)| Address { chip: chip.to_owned(), offset })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.chip, self.offset)
    }
}

/// A GPIO chip as the kernel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// Its label.
    pub label: String,
    /// The name of each of its lines; empty where there is none.
    pub names: Vec<String>,
}

/// What there is on this board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The chips.
    pub chips: Vec<Chip>,
    /// The pin header, if the profile knows it.
    pub header: Option<Header>,
    /// The board's own alarm line, if it has one.
    pub alarm: Option<Address>,
}

/// Why a line cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// The profile has no header.
    #[error("this board has no header that we know; say `line NAME` or `CHIP:OFFSET`, as `gpio` shows them")]
    NoHeader,
    /// The header is shorter.
    #[error("there is no pin {number}; the header has {pins} pins")]
    NoPin {
        /// As typed.
        number: u16,
        /// The header's pins.
        pins: usize,
    },
    /// The pin is a supply.
    #[error("pin {number} is {is} and cannot be switched; `gpio` shows the pins that can")]
    Supply {
        /// As typed.
        number: u16,
        /// What it is.
        is: String,
    },
    /// The board needs it.
    #[error("{place} is in use ({by}); take another one, `gpio` shows which are free")]
    Taken {
        /// As typed.
        place: String,
        /// By whom.
        by: String,
    },
    /// It has no PWM.
    #[error("{place} makes no tones and dims nothing; {}", with_pwm(.pins))]
    NoPwm {
        /// As typed.
        place: String,
        /// The pins that do.
        pins: Vec<u32>,
    },
    /// It has a PWM, which drives both ways.
    #[error("{0} is driven by a PWM, which cannot be open-drain; take another pin")]
    NotOpen(String),
    /// It is the board's alarm line.
    #[error("{0} is the board's own alarm line, which follows alarm.mode; take another one")]
    IsAlarm(String),
    /// Another setting has it.
    #[error("{place} is the line of {other} already; take another one")]
    Twice {
        /// As typed.
        place: String,
        /// The other setting.
        other: String,
    },
    /// No line of that name.
    #[error("this board has no line called {0}; `gpio` shows the names")]
    NoName(String),
    /// No chip of that label.
    #[error("this board has no GPIO chip {0}; `gpio` shows the chips")]
    NoChip(String),
    /// The chip has fewer lines.
    #[error("the chip {chip} has {lines} lines, from 0, and no line {offset}")]
    NoOffset {
        /// The chip.
        chip: String,
        /// Its lines.
        lines: usize,
        /// As typed.
        offset: u16,
    },
}

fn with_pwm(pins: &[u32]) -> String {
    let pins: Vec<String> = pins.iter().map(|pin| format!("pin {pin}")).collect();
    match pins.is_empty() {
        true => "this board has no pin that does".into(),
        false => format!("what does: {}", pins.join(", ")),
    }
}

/// The line of each output and input: nothing where none is set, an error where it cannot be.
#[derive(Debug, Default)]
pub struct Assigned {
    /// Of `alarm.output1` and so on.
    pub outputs: [Option<Result<Address, PlaceError>>; PLACES],
    /// Of `alarm.input1` and so on.
    pub inputs: [Option<Result<Address, PlaceError>>; PLACES],
}

/// Finds every line that the settings name. A line that is named twice belongs to who comes first.
pub fn assign(settings: &Settings, lines: &Lines) -> Assigned {
    let mut assigned = Assigned::default();
    let mut given: Vec<(Address, String)> = Vec::new();
    let mut find = |place: &Where, output: Option<&Output>, name: String| {
        let address = match output {
            Some(output) => lines.resolve_output(output)?,
            None => lines.resolve(place)?,
        };
        if let Some((_, other)) = given.iter().find(|(taken, _)| *taken == address) {
            return Err(PlaceError::Twice { place: place.to_string(), other: other.clone() });
        }
        given.push((address.clone(), name));
        Ok(address)
    };
    for (number, (found, output)) in (1..).zip(assigned.outputs.iter_mut().zip(settings.outputs())) {
        *found = output.map(|output| find(&output.place, Some(output), format!("alarm.output{number}")));
    }
    for (number, (found, input)) in (1..).zip(assigned.inputs.iter_mut().zip(settings.inputs())) {
        *found = input.map(|input| find(&input.place, None, format!("alarm.input{number}")));
    }
    assigned
}

impl Lines {
    /// The line that an owner means.
    pub fn resolve(&self, place: &Where) -> Result<Address, PlaceError> {
        let address = self.find(place)?;
        if self.alarm.as_ref() == Some(&address) {
            return Err(PlaceError::IsAlarm(place.to_string()));
        }
        match self.taken(&address) {
            Some(by) => Err(PlaceError::Taken { place: place.to_string(), by }),
            None => Ok(address),
        }
    }

    /// The line of an output: a pin that its PWM has is the output's, who has it driven by that.
    pub fn resolve_output(&self, output: &Output) -> Result<Address, PlaceError> {
        let address = self.find(&output.place)?;
        let place = output.place.to_string();
        match self.pwm_of(&address) {
            Some(_) if output.open_drain => Err(PlaceError::NotOpen(place)),
            Some(_) => Ok(address),
            None if output.tone_hz.is_some() || output.level_percent.is_some() => {
                let pins = self.header.iter().flat_map(|header| (1..).zip(&header.pins));
                let pins = pins.filter(|(_, pin)| pin.pwm.is_some()).map(|(number, _)| number).collect();
                Err(PlaceError::NoPwm { place, pins })
            }
            None => self.resolve(&output.place),
        }
    }

    /// What makes waves on a line, if anything does.
    pub fn pwm_of(&self, address: &Address) -> Option<&boards::Pwm> {
        self.pin_of(address)?.1.pwm.as_ref()
    }

    /// Who has a line already, by the profile and the device tree.
    pub fn taken(&self, address: &Address) -> Option<String> {
        if let Some(by) = self.pin_of(address).and_then(|(_, pin)| pin.taken.clone()) {
            return Some(by);
        }
        let header = self.header.as_ref()?;
        header.is_claimed(&address.chip, address.offset).then(|| "the board itself".into())
    }

    /// The pin that a line is on, with its number.
    pub fn pin_of(&self, address: &Address) -> Option<(u32, &boards::Pin)> {
        self.header.as_ref()?.pin_of(&address.chip, address.offset)
    }

    fn find(&self, place: &Where) -> Result<Address, PlaceError> {
        match place {
            Where::Pin(number) => {
                let header = self.header.as_ref().ok_or(PlaceError::NoHeader)?;
                let pins = header.pins.len();
                let pin = header.pin((*number).into()).ok_or(PlaceError::NoPin { number: *number, pins })?;
                let supply = || PlaceError::Supply { number: *number, is: pin.is.clone() };
                Address::of(header, pin).ok_or_else(supply)
            }
            Where::Line(name) => self.named(name).ok_or_else(|| PlaceError::NoName(name.as_str().into())),
            Where::Chip { label, offset } => {
                let chip = self.chips.iter().find(|chip| chip.label == label.as_str());
                let chip = chip.ok_or_else(|| PlaceError::NoChip(label.as_str().into()))?;
                if usize::from(*offset) >= chip.names.len() {
                    let (label, lines) = (chip.label.clone(), chip.names.len());
                    return Err(PlaceError::NoOffset { chip: label, lines, offset: *offset });
                }
                Ok(Address { chip: chip.label.clone(), offset: (*offset).into() })
            }
        }
    }

    /// By the kernel's name, or by what the header calls it: not every device tree names its lines.
    fn named(&self, name: &str) -> Option<Address> {
        let in_chip = |chip: &Chip| {
            let offset = chip.names.iter().position(|line| line == name)?;
            Some(Address { chip: chip.label.clone(), offset: u32::try_from(offset).ok()? })
        };
        self.chips.iter().find_map(in_chip).or_else(|| {
            let header = self.header.as_ref()?;
            Address::of(header, header.pins.iter().find(|pin| pin.is == name)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Chip, Lines, PlaceError, assign};
    use crate::settings::Settings;
    use boards::{Header, Pin};

    fn board() -> Lines {
        let pin = |is: &str, line, taken: Option<&str>| Pin {
            is: is.into(),
            line,
            taken: taken.map(Into::into),
            ..Pin::default()
        };
        let second = boards::Chip { chip: "gpio2".into(), node: "/g2".into(), lines: 4, claimed: vec![3] };
        let header = Header {
            name: "h".into(),
            source: "s".into(),
            chip: "gpio".into(),
            node: "/gpio".into(),
            lines: 5,
            claimed: vec![1, 4],
            chips: [("second".to_owned(), second)].into(),
            pins: vec![
                pin("3V3", None, None),
                pin("A0", Some(0), None),
                pin("A1", Some(1), Some("console")),
                pin("A2", Some(2), None),
                pin("A3", Some(3), None),
                Pin { on: Some("second".into()), ..pin("B2", Some(2), None) },
            ],
            ..Header::default()
        };
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Lines {
            chips: vec![
                Chip { label: "gpio".into(), names: names(&["", "TX", "", "", "CARD"]) },
                Chip { label: "gpio2".into(), names: names(&["", "", "", ""]) },
                Chip { label: "pmic".into(), names: names(&["", "EN"]) },
            ],
            header: Some(header),
            alarm: Some(Address { chip: "gpio".into(), offset: 2 }),
        }
    }

    #[test]
    fn a_pin_with_pwm_is_for_outputs_and_tones_are_for_such_pins() {
        let mut lines = board();
        let pins = &mut lines.header.as_mut().expect("a header").pins;
        pins[2].pwm = Some(boards::Pwm { device: "pwm".into(), channel: 0 });
        let said = |setting: &str, text: &str| {
            let mut settings = Settings::default();
            settings.set(setting, text).unwrap_or_else(|error| panic!("{error}"));
            let assigned = assign(&settings, &lines);
            let [found, ..] = if setting == "alarm.output1" { assigned.outputs } else { assigned.inputs };
            found.expect("one").map(|at| at.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(said("alarm.output1", "pin 3 on motion tone 2500Hz"), Ok("gpio:1".into()));
        assert_eq!(said("alarm.output1", "gpio:1 on motion"), Ok("gpio:1".into()));
        let refusals = [
            (
                "alarm.output1",
                "pin 2 on motion level 20%",
                "pin 2 makes no tones and dims nothing; what does: pin 3",
            ),
            (
                "alarm.output1",
                "pin 3 on motion open-drain",
                "pin 3 is driven by a PWM, which cannot be open-drain",
            ),
            ("alarm.input1", "pin 3 as trigger", "pin 3 is in use (console)"),
        ];
        for (setting, text, reason) in refusals {
            let error = said(setting, text).expect_err(text);
            assert!(error.starts_with(reason), "{error}");
        }
    }

    fn found(place: &str) -> Result<String, String> {
        let mut settings = Settings::default();
        settings
            .set("alarm.output1", &format!("{place} on motion"))
            .unwrap_or_else(|error| panic!("{error}"));
        let assigned = assign(&settings, &board());
        let [Some(result), None, None, None] = assigned.outputs else { panic!("one output") };
        result.map(|at| format!("{}:{}", at.chip, at.offset)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_is_found_by_pin_by_name_and_by_chip() {
        for (place, line) in [
            ("pin 2", "gpio:0"),
            ("line EN", "pmic:1"),
            ("line A3", "gpio:3"),
            ("gpio:3", "gpio:3"),
            ("pin 6", "gpio2:2"),
            ("line B2", "gpio2:2"),
            ("gpio2:1", "gpio2:1"),
            ("pmic:0", "pmic:0"),
        ] {
            assert_eq!(found(place), Ok(line.into()), "{place}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_is_refused_in_a_sentence() {
        for (place, reason) in [
            ("pin 1", "pin 1 is 3V3 and cannot be switched"),
            ("pin 9", "there is no pin 9; the header has 6 pins"),
            ("pin 3", "pin 3 is in use (console)"),
            ("line TX", "line TX is in use (console)"),
            ("gpio:1", "gpio:1 is in use (console)"),
            ("line CARD", "line CARD is in use (the board itself)"),
            ("gpio2:3", "gpio2:3 is in use (the board itself)"),
            ("gpio:2", "gpio:2 is the board's own alarm line"),
            ("line X", "this board has no line called X"),
            ("spi:0", "this board has no GPIO chip spi"),
            ("pmic:2", "the chip pmic has 2 lines, from 0, and no line 2"),
        ] {
            let error = found(place).expect_err(place);
            assert!(error.starts_with(reason), "{error}");
        }
        let bare = Lines { header: None, ..board() };
        let mut settings = Settings::default();
        settings.set("alarm.input1", "pin 2 as trigger").expect("allowed");
        assert_eq!(assign(&settings, &bare).inputs[0], Some(Err(PlaceError::NoHeader)));
    }

    #[test]
    fn a_line_named_twice_belongs_to_the_first_and_the_others_work() {
        let mut settings = Settings::default();
        for (name, value) in [
            ("alarm.output1", "pin 2 on motion"),
            ("alarm.output3", "gpio:0 on tamper"),
            ("alarm.input2", "line A0 as trigger"),
            ("alarm.input3", "pin 5 as trigger"),
        ] {
            settings.set(name, value).expect("allowed");
        }
        let assigned = assign(&settings, &board());
        assert!(matches!(assigned.outputs[0], Some(Ok(_))) && matches!(assigned.inputs[2], Some(Ok(_))));
        for refused in [&assigned.outputs[2], &assigned.inputs[1]] {
            let Some(Err(error)) = refused else { panic!("refused") };
            assert!(error.to_string().contains("is the line of alarm.output1 already"), "{error}");
        }
    }
}

//! The pin header of a board: what stands on each pin, and which lines a person may use by the pin's number.
//!
//! Holds the table against itself; whether the board's device tree agrees is the image builder's to check. No I/O.

use serde::{Deserialize, Serialize};

use crate::Alarm;

/// The header that people put wires on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Header {
    /// Name for people.
    pub name: String,
    /// Where the table was taken from.
    pub source: String,
    /// The label, as the kernel shows it, of the GPIO chip that all lines of the header are on.
    pub chip: String,
    /// That chip's node in the device tree.
    pub node: String,
    /// How many lines that chip has.
    pub lines: u32,
    /// Lines of the chip that enabled nodes of the device tree claim, on the header or not. Never written in the file: the image builder
    /// finds them. Some drivers would let a program pull such a line from under the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<u32>,
    /// The pins in the order of their numbers, from 1.
    pub pins: Vec<Pin>,
}

/// One pin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pin {
    /// What it is called: the SoC's name of its line as the device tree's pin groups spell it, or a supply such as `GND`.
    pub is: String,
    /// Its line on the header's chip; none for supplies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Who uses it already, in words: an enabled node of the device tree claims it. Nobody may use it for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// What makes waves on it. The device tree gives the pin to that device, so it is `taken` as well; outputs may have it all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pwm: Option<Pwm>,
}

/// A channel of a hardware PWM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pwm {
    /// The device, as the kernel names it, such as `3f20c000.pwm`; numbers of chips change.
    pub device: String,
    /// Its channel, from 0.
    pub channel: u32,
}

/// What is wrong with a header's pin.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its place in the list.
    pub index: usize,
    /// What is wrong.
    pub message: String,
}

impl Header {
    /// The pin of that number, counted from 1.
    #[must_use]
    pub fn pin(&self, number: u32) -> Option<&Pin> {
        self.pins.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The number of the pin that a line of a chip is on, and the pin.
    #[must_use]
    pub fn pin_of(&self, chip: &str, line: u32) -> Option<(u32, &Pin)> {
        let index = self.pins.iter().position(|pin| chip == self.chip && pin.line == Some(line))?;
        Some((u32::try_from(index).ok()? + 1, self.pins.get(index)?))
    }
}

/// Checks a header against itself, as it is written, and against the alarm line.
///
/// # Errors
/// The first pin that is not right.
pub fn check(header: &Header, alarm: Option<&Alarm>) -> Result<(), Problem> {
    if !header.claimed.is_empty() {
        return Err(Problem {
            index: 0,
            message: "`claimed` is found by the image builder and must not be written".into(),
        });
    }
    for (index, pin) in header.pins.iter().enumerate() {
        let refuse = |message: String| Err(Problem { index, message });
        let number = index + 1;
        if pin.is.is_empty() {
            return refuse(format!("pin {number} must say what it is"));
        }
        let Some(line) = pin.line else {
            if pin.taken.is_some() {
                return refuse(format!("pin {number} has no line, so nobody can have taken it"));
            }
            continue;
        };
        if pin.pwm.is_some() && pin.taken.is_none() {
            return refuse(format!("pin {number} has a PWM, so it is `taken` by it"));
        }
        if line >= header.lines {
            return refuse(format!("pin {number} has line {line}, but the chip has {} lines", header.lines));
        }
        if header.pins.iter().take(index).any(|other| other.line == Some(line)) {
            return refuse(format!("pin {number} has line {line}, which another pin has already"));
        }
        let is_alarm = alarm.is_some_and(|alarm| {
            alarm.chip.as_deref() == Some(header.chip.as_str()) && alarm.offset == Some(line)
        });
        if let (true, Some(by)) = (is_alarm, &pin.taken) {
            return refuse(format!("pin {number} is the alarm line, and taken ({by})"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Header, Pin, Pwm, check};
    use crate::Alarm;

    fn pin(is: &str, line: Option<u32>, taken: Option<&str>) -> Pin {
        Pin { is: is.into(), line, taken: taken.map(Into::into), pwm: None }
    }

    fn header(pins: Vec<Pin>) -> Header {
        let text = |text: &str| text.to_owned();
        let (name, source, chip, node) = (text("h"), text("s"), text("c"), text("/c"));
        Header { name, source, chip, node, lines: 8, pins, claimed: Vec::new() }
    }

    #[test]
    fn pins_are_found_by_number_and_by_line() {
        let header = header(vec![pin("3V3", None, None), pin("A7", Some(7), None)]);
        assert_eq!(header.pin(2).map(|pin| pin.is.as_str()), Some("A7"));
        assert_eq!((header.pin(0), header.pin(3)), (None, None));
        assert_eq!(header.pin_of("c", 7).map(|(number, _)| number), Some(2));
        assert_eq!((header.pin_of("d", 7), header.pin_of("c", 6)), (None, None));
    }

    #[test]
    fn a_table_that_contradicts_itself_names_the_pin() {
        let alarm = Alarm { line: None, chip: Some("c".into()), offset: Some(1), active_low: false };
        for (pins, expected) in [
            (vec![pin("", None, None)], "pin 1 must say what it is"),
            (vec![pin("GND", None, Some("x"))], "pin 1 has no line, so nobody can have taken it"),
            (vec![pin("A8", Some(8), None)], "pin 1 has line 8, but the chip has 8 lines"),
            (
                vec![pin("A2", Some(2), None), pin("B", Some(2), None)],
                "pin 2 has line 2, which another pin has already",
            ),
            (
                vec![Pin { pwm: Some(Pwm { device: "p".into(), channel: 0 }), ..pin("A2", Some(2), None) }],
                "pin 1 has a PWM, so it is `taken` by it",
            ),
            (vec![pin("A1", Some(1), Some("x"))], "pin 1 is the alarm line, and taken (x)"),
        ] {
            let problem = check(&header(pins), Some(&alarm)).expect_err(expected);
            assert_eq!(problem.message, expected);
        }
        assert_eq!(check(&header(vec![pin("A1", Some(1), None)]), Some(&alarm)), Ok(()));
    }
}

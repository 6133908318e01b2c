//! The pin header of a board: what stands on each pin, and which lines a person may use by the pin's number.
//!
//! Holds the table against itself; whether the board's device tree agrees is the image builder's to check. No I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Alarm;

/// The header that people put wires on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Header {
    /// Name for people.
    pub name: String,
    /// Where the table was taken from.
    pub source: String,
    /// The label, as the kernel shows it, of the GPIO chip that the header's lines are on, where a pin does not say another.
    pub chip: String,
    /// That chip's node in the device tree.
    pub node: String,
    /// How many lines that chip has.
    pub lines: u32,
    /// Lines of that chip that enabled nodes of the device tree claim, on the header or not. Never written in the file: the image
    /// builder finds them. Some drivers would let a program pull such a line from under the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<u32>,
    /// Further chips that pins are on, by the name that those pins say in `on`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub chips: BTreeMap<String, Chip>,
    /// The pins in the order of their numbers, from 1.
    pub pins: Vec<Pin>,
    /// Further pins that are `taken`, by number: what a board adds to the table that it shares with others. Reading a board's files moves
    /// it to the pins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken: BTreeMap<String, String>,
    /// Further pins that have a PWM, by number, and moved to the pins like the others: what a SoC's family adds to a table that boards with other
    /// SoCs share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pwm: BTreeMap<String, Pwm>,
}

/// A further GPIO chip; its fields are as those of the header's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Chip {
    /// Its label, as the kernel shows it.
    pub chip: String,
    /// Its node in the device tree.
    pub node: String,
    /// How many lines it has.
    pub lines: u32,
    /// Which of them the device tree claims; never written in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<u32>,
}

/// One pin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pin {
    /// What it is called: the SoC's name of its line as the device tree's pin groups spell it, or a supply such as `GND`.
    pub is: String,
    /// Its line on its chip; none for supplies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Which of the header's further chips the line is on; left out: the header's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
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

/// A chip of the header, its own or a further one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChipView<'a> {
    /// What its pins say in `on`; nothing for the header's own.
    pub name: Option<&'a str>,
    /// Its label, as the kernel shows it.
    pub label: &'a str,
    /// Its node in the device tree.
    pub node: &'a str,
    /// How many lines it has.
    pub lines: u32,
    /// Which of them the device tree claims.
    pub claimed: &'a [u32],
}

/// What is wrong with a header.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: keys and decimal indices below the header.
    pub at: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl Header {
    /// The pin of that number, counted from 1.
    #[must_use]
    pub fn pin(&self, number: u32) -> Option<&Pin> {
        self.pins.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Its chips, its own first.
    pub fn chips(&self) -> impl Iterator<Item = ChipView<'_>> {
        let Header { chip: label, node, lines, claimed, .. } = self;
        let own = ChipView { name: None, label, node, lines: *lines, claimed };
        std::iter::once(own).chain(self.chips.iter().map(|(name, chip)| {
            let Chip { chip: label, node, lines, claimed } = chip;
            ChipView { name: Some(name), label, node, lines: *lines, claimed }
        }))
    }

    /// The chip that a pin's line is on; nothing for a supply.
    #[must_use]
    pub fn chip_of(&self, pin: &Pin) -> Option<ChipView<'_>> {
        pin.line?;
        self.chips().find(|chip| chip.name == pin.on.as_deref())
    }

    /// The label of the chip that a pin is on, and the line on it; nothing for a supply.
    #[must_use]
    pub fn line_of(&self, pin: &Pin) -> Option<(&str, u32)> {
        Some((self.chip_of(pin)?.label, pin.line?))
    }

    /// The number of the pin that a line of a chip is on, and the pin.
    #[must_use]
    pub fn pin_of(&self, chip: &str, line: u32) -> Option<(u32, &Pin)> {
        let index = self.pins.iter().position(|pin| self.line_of(pin) == Some((chip, line)))?;
        Some((u32::try_from(index).ok()? + 1, self.pins.get(index)?))
    }

    /// Whether an enabled node of the device tree claims a line.
    #[must_use]
    pub fn is_claimed(&self, chip: &str, line: u32) -> bool {
        self.chips().any(|one| one.label == chip && one.claimed.contains(&line))
    }

    /// Where the image builder writes down what the device tree claims of a chip.
    pub fn claimed_mut(&mut self, name: Option<&str>) -> Option<&mut Vec<u32>> {
        match name {
            None => Some(&mut self.claimed),
            Some(name) => self.chips.get_mut(name).map(|chip| &mut chip.claimed),
        }
    }
}

/// Moves what a header's own `taken` and `pwm` say to its pins.
///
/// # Errors
/// A number that is none of a pin's, or whose pin has it already.
pub(crate) fn settle(header: &mut Header) -> Result<(), Problem> {
    for (number, by) in std::mem::take(&mut header.taken) {
        let refuse = |message: String| Problem { at: vec!["taken".into(), number.clone()], message };
        let pin = pin_mut(&mut header.pins, &number).map_err(refuse)?;
        if let Some(earlier) = pin.taken.replace(by) {
            return Err(refuse(format!("pin {number} is taken already ({earlier})")));
        }
    }
    for (number, pwm) in std::mem::take(&mut header.pwm) {
        let refuse = |message: String| Problem { at: vec!["pwm".into(), number.clone()], message };
        let pin = pin_mut(&mut header.pins, &number).map_err(refuse)?;
        if pin.pwm.replace(pwm).is_some() {
            return Err(refuse(format!("pin {number} has a PWM already")));
        }
    }
    Ok(())
}

/// The pin of a number as it is written.
fn pin_mut<'pins>(pins: &'pins mut [Pin], number: &str) -> Result<&'pins mut Pin, String> {
    let count = pins.len();
    let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    index
        .and_then(|index| pins.get_mut(index))
        .ok_or_else(|| format!("there is no pin {number}; the header has {count} pins"))
}

/// Checks a header against itself, as it is written, and against the alarm line.
///
/// # Errors
/// The first chip or pin that is not right.
pub fn check(header: &Header, alarm: Option<&Alarm>) -> Result<(), Problem> {
    check_chips(header)?;
    for (index, pin) in header.pins.iter().enumerate() {
        check_pin(header, index, pin, alarm)
            .map_err(|message| Problem { at: vec!["pins".into(), index.to_string()], message })?;
    }
    Ok(())
}

fn check_chips(header: &Header) -> Result<(), Problem> {
    let chips: Vec<ChipView<'_>> = header.chips().collect();
    for (index, chip) in chips.iter().enumerate() {
        let refuse = |key: &str, message: String| {
            let name = chip.name.map(|name| ["chips".to_owned(), name.to_owned()]);
            Err(Problem { at: name.into_iter().flatten().chain([key.to_owned()]).collect(), message })
        };
        if !chip.claimed.is_empty() {
            return refuse(
                "claimed",
                "`claimed` is found by the image builder and must not be written".into(),
            );
        }
        let earlier = chips.iter().take(index);
        if earlier.clone().any(|other| other.label == chip.label) {
            return refuse("chip", format!("the header has the chip {} already", chip.label));
        }
        if earlier.clone().any(|other| other.node == chip.node) {
            return refuse("node", format!("the header has a chip at {} already", chip.node));
        }
    }
    Ok(())
}

fn check_pin(header: &Header, index: usize, pin: &Pin, alarm: Option<&Alarm>) -> Result<(), String> {
    let number = index + 1;
    if pin.is.is_empty() {
        return Err(format!("pin {number} must say what it is"));
    }
    let Some(line) = pin.line else {
        return match pin {
            Pin { taken: Some(_), .. } => {
                Err(format!("pin {number} has no line, so nobody can have taken it"))
            }
            Pin { on: Some(_), .. } => Err(format!("pin {number} has no line, so it is on no chip")),
            _ => Ok(()),
        };
    };
    if pin.pwm.is_some() && pin.taken.is_none() {
        return Err(format!("pin {number} has a PWM, so it is `taken` by it"));
    }
    let Some(chip) = header.chip_of(pin) else {
        let name = pin.on.as_deref().unwrap_or_default();
        return Err(format!("pin {number} is on {name}, which is none of the header's chips"));
    };
    if line >= chip.lines {
        return Err(format!("pin {number} has line {line}, but the chip has {} lines", chip.lines));
    }
    if header.pins.iter().take(index).any(|other| (other.line, &other.on) == (Some(line), &pin.on)) {
        return Err(format!("pin {number} has line {line}, which another pin has already"));
    }
    let is_alarm =
        alarm.is_some_and(|alarm| alarm.chip.as_deref() == Some(chip.label) && alarm.offset == Some(line));
    match &pin.taken {
        Some(by) if is_alarm => Err(format!("pin {number} is the alarm line, and taken ({by})")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chip, Header, Pin, Pwm, check, settle};
    use crate::Alarm;

    fn pin(is: &str, line: Option<u32>, taken: Option<&str>) -> Pin {
        Pin { is: is.into(), line, taken: taken.map(Into::into), ..Pin::default() }
    }

    fn header(pins: Vec<Pin>) -> Header {
        let text = |text: &str| text.to_owned();
        let (name, source, chip, node) = (text("h"), text("s"), text("c"), text("/c"));
        Header { name, source, chip, node, lines: 8, pins, ..Header::default() }
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

    /// A header with a second chip, `d`, and pin 2 on it.
    fn two_chips() -> Header {
        let second = Chip { chip: "d".into(), node: "/d".into(), lines: 4, claimed: Vec::new() };
        let on_second = Pin { on: Some("second".into()), ..pin("D1", Some(1), None) };
        let chips = [("second".into(), second)].into();
        Header { chips, ..header(vec![pin("C1", Some(1), None), on_second, pin("GND", None, None)]) }
    }

    #[test]
    fn a_pin_is_on_the_chip_that_it_says() {
        let mut header = two_chips();
        assert_eq!(check(&header, None), Ok(()), "the same line on another chip is another line");
        let lines: Vec<_> = header.pins.iter().map(|pin| header.line_of(pin)).collect();
        assert_eq!(lines, [Some(("c", 1)), Some(("d", 1)), None]);
        assert_eq!(header.pin_of("d", 1).map(|(number, _)| number), Some(2));
        header.claimed_mut(Some("second")).expect("there").push(3);
        header.claimed_mut(None).expect("there").push(2);
        let claimed = |chip, line| header.is_claimed(chip, line);
        assert!(claimed("d", 3) && claimed("c", 2) && !claimed("d", 2) && !claimed("c", 3));
        assert_eq!(header.claimed_mut(Some("third")), None);
    }

    #[test]
    fn chips_that_contradict_each_other_are_named() {
        let problem = |change: &dyn Fn(&mut Header)| {
            let mut header = two_chips();
            change(&mut header);
            let alarm = Alarm { line: None, chip: Some("d".into()), offset: Some(1), active_low: false };
            let problem = check(&header, Some(&alarm)).expect_err("wrong");
            (problem.at.join("."), problem.message)
        };
        fn second(header: &mut Header) -> &mut Chip {
            header.chips.get_mut("second").expect("there")
        }
        type Case<'a> = (&'a dyn Fn(&mut Header), &'a str, &'a str);
        let cases: [Case<'_>; 7] = [
            (
                &|h| h.pins[1].on = Some("third".into()),
                "pins.1",
                "pin 2 is on third, which is none of the header's chips",
            ),
            (&|h| h.pins[1].line = Some(4), "pins.1", "pin 2 has line 4, but the chip has 4 lines"),
            (&|h| h.pins[0] = h.pins[1].clone(), "pins.1", "pin 2 has line 1, which another pin has already"),
            (&|h| h.pins[2].on = Some("second".into()), "pins.2", "pin 3 has no line, so it is on no chip"),
            (&|h| h.pins[1].taken = Some("x".into()), "pins.1", "pin 2 is the alarm line, and taken (x)"),
            (&|h| second(h).chip = "c".into(), "chips.second.chip", "the header has the chip c already"),
            (&|h| second(h).node = "/c".into(), "chips.second.node", "the header has a chip at /c already"),
        ];
        for (change, at, message) in cases {
            assert_eq!(problem(change), (at.to_owned(), message.to_owned()));
        }
        let (at, message) = problem(&|h| second(h).claimed.push(1));
        assert_eq!(at, "chips.second.claimed");
        assert!(message.contains("must not be written"));
    }

    #[test]
    fn a_board_adds_what_is_taken_to_a_table_that_it_shares() {
        let with = |number: &str| {
            let mut header = header(vec![pin("A1", Some(1), None), pin("A2", Some(2), Some("x"))]);
            header.taken.insert(number.into(), "SPI".into());
            settle(&mut header).map(|()| header).map_err(|problem| (problem.at.join("."), problem.message))
        };
        let settled = with("1").expect("free");
        assert_eq!((settled.pins[0].taken.as_deref(), settled.taken.len()), (Some("SPI"), 0));
        for (number, message) in [
            ("0", "there is no pin 0; the header has 2 pins"),
            ("3", "there is no pin 3; the header has 2 pins"),
            ("A1", "there is no pin A1; the header has 2 pins"),
            ("2", "pin 2 is taken already (x)"),
        ] {
            assert_eq!(with(number), Err((format!("taken.{number}"), message.to_owned())));
        }
    }

    #[test]
    fn a_family_adds_the_pwm_of_its_soc_to_a_table_that_several_share() {
        let with = |number: &str| {
            let pwm = Pwm { device: "p".into(), channel: 1 };
            let has_one = Pin { pwm: Some(pwm.clone()), ..pin("A2", Some(2), Some("PWM")) };
            let mut header = header(vec![pin("A1", Some(1), Some("PWM")), has_one]);
            header.pwm.insert(number.into(), pwm);
            settle(&mut header).map(|()| header).map_err(|problem| (problem.at.join("."), problem.message))
        };
        let settled = with("1").expect("free");
        assert_eq!((settled.pins[0].pwm.as_ref().map(|pwm| pwm.channel), settled.pwm.len()), (Some(1), 0));
        for (number, message) in
            [("3", "there is no pin 3; the header has 2 pins"), ("2", "pin 2 has a PWM already")]
        {
            assert_eq!(with(number), Err((format!("pwm.{number}"), message.to_owned())));
        }
    }
}

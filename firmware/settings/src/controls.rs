//! What an owner wants of the camera's own controls, on one line of text: `brightness 10 auto_exposure 1`.
//!
//! Which controls there are, and what they take, only the camera knows. Must not know one.

use std::fmt;

/// More than anybody sets; with all of them `set camera.controls ...` is still a line of the console.
pub const CONTROLS_MAX: usize = 10;
/// The kernel's names of controls have at most 31 characters (`struct v4l2_queryctrl`).
pub const CONTROL_NAME_CHARS_MAX: usize = 31;

/// One control and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The control's name as `cameras` shows it: `a-z`, `0-9` and `_`.
    pub name: heapless::String<CONTROL_NAME_CHARS_MAX>,
    /// Its value.
    pub value: i32,
}

/// All of them, in the order in which they are set: a mode before what it gives free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// No name twice.
    pub wanted: heapless::Vec<Wanted, CONTROLS_MAX>,
}

impl Controls {
    /// Reads `NAME VALUE NAME VALUE ...`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let mut controls = Self::default();
        while let Some(word) = words.next() {
            let name =
                name(word).ok_or_else(|| format!("'{}' is no name of a control", word.escape_debug()))?;
            let value = words.next().ok_or_else(|| format!("{name} wants a number after it"))?;
            let value = number(value).ok_or_else(|| format!("'{}' is no number", value.escape_debug()))?;
            if controls.wanted.iter().any(|other| other.name == name) {
                return Err(format!("{name} is there twice"));
            }
            let full = |_| format!("there are {CONTROLS_MAX} at most");
            controls.wanted.push(Wanted { name, value }).map_err(full)?;
        }
        if controls.wanted.is_empty() { Err("there is none".into()) } else { Ok(controls) }
    }

    /// The value wanted of a control, if one is.
    pub fn value_of(&self, name: &str) -> Option<i32> {
        self.wanted.iter().find(|wanted| wanted.name == name).map(|wanted| wanted.value)
    }
}

fn name(word: &str) -> Option<heapless::String<CONTROL_NAME_CHARS_MAX>> {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let begins = word.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    (begins && word.bytes().all(is_plain)).then(|| word.try_into().ok()).flatten()
}

/// Each number has one spelling.
fn number(word: &str) -> Option<i32> {
    word.parse::<i32>().ok().filter(|number| number.to_string() == word)
}

impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wanted.iter().enumerate().try_for_each(|(index, Wanted { name, value })| {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{name} {value}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROLS_MAX, Controls};

    #[test]
    fn controls_are_read_and_printed_in_their_order() {
        let text = "auto_exposure 1 exposure_time_absolute 300 brightness -10";
        let read = Controls::parse(text).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!((read.value_of("brightness"), read.value_of("gamma")), (Some(-10), None));
        let full: Vec<String> = (0..CONTROLS_MAX).map(|n| format!("c{n} {n}")).collect();
        assert_eq!(Controls::parse(&full.join("  ")).unwrap().wanted.len(), CONTROLS_MAX);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let say = |text: &str| Controls::parse(text).unwrap_err();
        assert_eq!(say(""), "there is none");
        assert_eq!(say("brightness"), "brightness wants a number after it");
        assert_eq!(say("brightness ten"), "'ten' is no number");
        assert_eq!(say("brightness 010"), "'010' is no number");
        assert_eq!(say("brightness 9999999999"), "'9999999999' is no number");
        assert_eq!(say("Brightness 1"), "'Brightness' is no name of a control");
        assert_eq!(say("\u{1b}[2J 1"), "'\\u{1b}[2J' is no name of a control");
        assert_eq!(say("gain 1 gain 2"), "gain is there twice");
        let many: Vec<String> = (0..=CONTROLS_MAX).map(|n| format!("c{n} {n}")).collect();
        assert_eq!(say(&many.join(" ")), "there are 10 at most");
        assert_eq!(
            say(&format!("{} 1", "x".repeat(32))),
            format!("'{}' is no name of a control", "x".repeat(32))
        );
    }
}

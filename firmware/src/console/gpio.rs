//! `gpio`: the lines of this board with their pins, who uses them, and their levels; `gpio test N` tries an output.
//!
//! It asks the kernel and the guard, and puts it together. It must not touch a line that somebody uses, nor one that the board's
//! profile calls taken.

use super::context::Context;
use super::grammar::{Form, Word};
use super::orders::done;
use super::reply::Reply;
use crate::alarm::line;
use crate::alarm::place::{Address, Lines};
use crate::control::{Answer, Question, WireStatus, ask};
use crate::paths;

/// What may follow `gpio`.
pub const FORMS: &[Form] = &[
    Form { words: &[], help: "the pins of the header" },
    Form { words: &[Word::Is("all")], help: "every line of every chip" },
    Form { words: &[Word::Is("test"), Word::Any("N")], help: "switch output N on for one pulse" },
];

/// See the module.
pub fn gpio(context: &mut Context<'_>) -> Reply {
    match context.arguments {
        ["test", number] => match number.parse() {
            Ok(number) => done(
                ask(paths::GUARD_SOCKET, &Question::OutputTest(number)),
                &format!("alarm.output{number} is on for one pulse (alarm.pulse_ms)."),
            ),
            Err(_) => Reply::refused("N is the number of an output: 1 for alarm.output1.\n"),
        },
        words => Reply::done(list(!words.is_empty())),
    }
}

fn list(all: bool) -> String {
    let lines = line::survey();
    let (wires, end) = match ask(paths::GUARD_SOCKET, &Question::Wires) {
        Ok(Answer::Wires { list, latency_us }) => (list, latency(latency_us)),
        Ok(_) => (Vec::new(), "The guard gave an unexpected answer.\n".into()),
        Err(error) => (Vec::new(), format!("Outputs and inputs are not known: {error}.\n")),
    };
    // To ask for a line's level is to use it for a moment: only what stands free on the header is asked.
    let kernel = |address: &Address, is_free: bool| Found {
        user: line::user(address),
        level: if is_free { line::level(address) } else { None },
    };
    text(&lines, &wires, all, kernel) + &end
}

/// How fast the alarm line follows.
fn latency([last_us, longest_us]: [u64; 2]) -> String {
    let ms = |us: u64| format!("{}.{} ms", us / 1000, us % 1000 / 100);
    match last_us {
        0 => String::new(),
        us => format!(
            "The alarm line followed the last event's frame by {}; by {} at most.\n",
            ms(us),
            ms(longest_us)
        ),
    }
}

/// What the kernel knows of a line.
struct Found {
    user: Option<String>,
    level: Option<bool>,
}

/// One row for each pin of the header that is a line (with `all`: for each line of every chip), then what is wrong.
fn text(lines: &Lines, wires: &[WireStatus], all: bool, kernel: impl Fn(&Address, bool) -> Found) -> String {
    let mut rows: Vec<(String, Address)> = Vec::new();
    let mut out = String::new();
    if let Some(header) = &lines.header {
        let chips: Vec<&str> = header.chips().map(|chip| chip.label).collect();
        out += &format!("{} ({})\n", header.name, chips.join(", "));
        for (number, pin) in (1_u32..).zip(&header.pins) {
            // A supply has no chip.
            let none = || Address { chip: String::new(), offset: 0 };
            let address = Address::of(header, pin).unwrap_or_else(none);
            rows.push((format!("pin {number:<3} {:<8}", pin.is), address));
        }
    }
    if all || lines.header.is_none() {
        for chip in &lines.chips {
            for (offset, name) in (0_u32..).zip(&chip.names) {
                let address = Address { chip: chip.label.clone(), offset };
                if lines.pin_of(&address).is_none() {
                    rows.push((format!("{}:{offset} {name}", chip.label), address));
                }
            }
        }
    }
    for (name, address) in &rows {
        out += &format!("  {}\n", row(lines, wires, name, address, &kernel));
    }
    for wire in wires.iter().filter(|wire| !wire.trouble.is_empty()) {
        out += &format!("{} does not work: {}\n", wire.setting, wire.trouble);
    }
    out
}

fn row(
    lines: &Lines,
    wires: &[WireStatus],
    name: &str,
    address: &Address,
    kernel: impl Fn(&Address, bool) -> Found,
) -> String {
    if address.chip.is_empty() {
        return name.trim_end().to_owned();
    }
    let wire = wires.iter().find(|wire| wire.address.as_ref() == Some(address) && wire.trouble.is_empty());
    let taken = lines.taken(address);
    let found = kernel(address, taken.is_none() && lines.pin_of(address).is_some());
    let level = match found.level {
        Some(true) => "high",
        Some(false) => "low",
        None => "",
    };
    let use_words = match (wire, taken) {
        (Some(wire), _) if wire.setting.contains("input") => {
            let missed = if wire.missed == 0 { String::new() } else { format!(", {} missed", wire.missed) };
            let state = if wire.on { "active" } else { "not active" };
            format!("{}: {state}, {} changes{missed}", wire.setting, wire.edges)
        }
        (Some(wire), _) => format!("{}: {}", wire.setting, if wire.on { "on" } else { "off" }),
        (None, Some(by)) if lines.pwm_of(address).is_some() => format!("free for an output: {by}"),
        (None, Some(by)) => format!("in use: {by}"),
        (None, None) if lines.alarm.as_ref() == Some(address) => "the board's alarm line".into(),
        (None, None) => match &found.user {
            Some(user) => format!("in use by `{user}`"),
            None => format!("free {level}"),
        },
    };
    format!("{name} {use_words}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Found, text};
    use crate::alarm::place::{Address, Chip, Lines};
    use crate::control::WireStatus;
    use boards::{Header, Pin};

    fn board() -> Lines {
        let pin = |is: &str, line, taken: Option<&str>| Pin {
            is: is.into(),
            line,
            taken: taken.map(Into::into),
            ..Pin::default()
        };
        let pins = vec![
            pin("3V3", None, None),
            pin("A0", Some(0), None),
            pin("A1", Some(1), Some("console")),
            pin("A2", Some(2), None),
            pin("A3", Some(3), None),
        ];
        let (name, chip, source, node) = ("header".into(), "g".into(), "s".into(), "/g".into());
        let header = Some(Header { name, source, chip, node, lines: 5, pins, ..Header::default() });
        let names = vec![String::new(); 5];
        let alarm = Some(Address { chip: "g".into(), offset: 2 });
        Lines { chips: vec![Chip { label: "g".into(), names }], header, alarm }
    }

    #[test]
    fn every_pin_says_what_it_is_who_uses_it_and_its_level() {
        let wire = |setting: &str, offset, on, trouble: &str| WireStatus {
            setting: setting.into(),
            address: Some(Address { chip: "g".into(), offset }),
            trouble: trouble.into(),
            on,
            edges: 7,
            missed: 0,
        };
        let wires = [wire("alarm.output1", 0, true, ""), wire("alarm.input2", 9, false, "there is no pin 9")];
        let kernel = |address: &Address, is_free: bool| {
            assert_eq!(is_free, address.offset != 1, "a taken line is not touched");
            Found { user: None, level: (address.offset == 3).then_some(true) }
        };
        let out = text(&board(), &wires, false, kernel);
        assert_eq!(
            out,
            "header (g)\n  pin 1   3V3\n  pin 2   A0       alarm.output1: on\n  pin 3   A1       in use: console\n  \
             pin 4   A2       the board's alarm line\n  pin 5   A3       free high\nalarm.input2 does not work: there is no pin 9\n"
        );
        let all = text(&board(), &[wire("alarm.input1", 4, false, "")], true, |address, is_free| {
            assert!(!is_free || address.offset < 4, "beside the header nothing is touched");
            Found { user: Some("x".into()), level: None }
        });
        assert!(all.contains("  g:4  alarm.input1: not active, 7 changes\n"), "{all}");
        assert!(all.contains("pin 5   A3       in use by `x`\n"), "{all}");
    }

    #[test]
    fn a_pin_on_another_chip_is_asked_there() {
        let mut lines = board();
        let header = lines.header.as_mut().expect("a header");
        let second = boards::Chip { chip: "h".into(), node: "/h".into(), lines: 4, claimed: Vec::new() };
        header.chips.insert("second".into(), second);
        header.pins[4].on = Some("second".into());
        let kernel = |address: &Address, _| Found { user: None, level: Some(address.chip == "h") };
        let out = text(&lines, &[], false, kernel);
        assert!(out.starts_with("header (g, h)\n"), "{out}");
        assert!(
            out.contains("pin 2   A0       free low\n") && out.contains("pin 5   A3       free high\n"),
            "{out}"
        );
    }
}

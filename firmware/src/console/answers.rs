//! Answers in words: pure formatting of what was found.

use crate::control::EventLine;
use crate::sys::version;
use crate::{clock, wall};
use hours::Zone;

/// What a fresh console says.
pub fn welcome(is_new: bool) -> String {
    let (version, build) = (version::VERSION, version::BUILD_ID);
    format!(
        "\nKerberos {version} (build {build}). `help` lists the commands, `status` tells how things are.\n{}",
        if is_new { "Nothing is set up yet: `setup` leads through it.\n" } else { "" }
    )
}

/// The events, oldest first, by the clocks of that zone.
pub fn events(events: &[EventLine], zone: &Zone) -> String {
    if events.is_empty() {
        return "No events since the guard started.\n".into();
    }
    events.iter().map(|line| event(line, zone)).collect()
}

fn event(event: &EventLine, zone: &Zone) -> String {
    let [x1, y1, x2, y2] = event.region;
    let length = match event.length_ms {
        Some(ms) => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        None => "going on".into(),
    };
    let time = wall::shown(zone, event.wall_us);
    let doubt = if event.clock_trusted { "" } else { " (clock not set)" };
    let what = match &event.tamper {
        Some(sentence) => format!("tampering. {sentence}"),
        None => format!("at {x1},{y1}-{x2},{y2}, {} changes", event.changes),
    };
    format!("{:>4}  {time}{doubt}  {length:>8}  {what}\n", event.number)
}

/// The time, and whether to believe it.
pub fn clock(zone: &Zone) -> String {
    let time = wall::shown(zone, clock::wall_us());
    let doubt = match clock::is_trusted() {
        true => "",
        false => " at the earliest: the clock was not set since the start. `help clock` says how.",
    };
    let zones = match zone.is_doubtful() {
        true => format!(
            "The clocks of {zone} follow no one rule: where this is an hour off, set time.zone to a rule, such as EST5.\n"
        ),
        false => String::new(),
    };
    format!("{time}{doubt}\n{zones}")
}

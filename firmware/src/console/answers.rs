//! Answers in words: pure formatting of what was found.

use crate::clock;
use crate::control::EventLine;
use crate::sys::version;

/// What a fresh console says.
pub fn welcome(is_new: bool) -> String {
    let (version, build) = (version::VERSION, version::BUILD_ID);
    format!(
        "\nKerberos {version} (build {build}). `help` lists the commands, `status` tells how things are.\n{}",
        if is_new { "Nothing is set up yet: `setup` leads through it.\n" } else { "" }
    )
}

/// The events, oldest first.
pub fn events(events: &[EventLine]) -> String {
    if events.is_empty() {
        return "No events since the guard started.\n".into();
    }
    events.iter().map(event).collect()
}

fn event(event: &EventLine) -> String {
    let [x1, y1, x2, y2] = event.region;
    let length = match event.length_ms {
        Some(ms) => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        None => "going on".into(),
    };
    let time = clock::Utc::from_us(event.wall_us);
    let doubt = if event.clock_trusted { "" } else { " (clock not set)" };
    let what = match &event.tamper {
        Some(sentence) => format!("tampering. {sentence}"),
        None => format!("at {x1},{y1}-{x2},{y2}, {} changes", event.changes),
    };
    format!("{:>4}  {time}{doubt}  {length:>8}  {what}\n", event.number)
}

/// The time, and whether to believe it.
pub fn clock() -> String {
    let time = clock::Utc::from_us(clock::wall_us());
    match clock::is_trusted() {
        true => format!("{time} UTC\n"),
        false => format!(
            "{time} UTC at the earliest: the clock was not set since the start. `help clock` says how.\n"
        ),
    }
}

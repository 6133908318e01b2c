//! The table of commands. `help` is made from it.

use super::answers;
use super::clips;
use super::context::Context;
use super::desk::Desk;
use super::gpio;
use super::selftest;
use super::status;
#[cfg(feature = "test-hooks")]
use super::test_edges;
#[cfg(feature = "test-hooks")]
use super::test_files;
use super::why;
use crate::control::{Answer, ControlError, Question, ask};
use crate::settings::{SETTINGS, table};
use crate::{clock, paths};

/// One command.
struct Command {
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    run: fn(&mut Context<'_>) -> String,
}

/// Most words that any command takes; more are one word too many. `set` and an output with all that it can have, or a zone.
const WORDS_MAX: usize = 32;

#[rustfmt::skip]
static COMMANDS: &[Command] = &[
    Command { name: "status", arguments: "", help: "how everything is, on one screen", run: status::status },
    Command { name: "why", arguments: "", help: "why there was an event, and why what moved was none", run: why::why },
    Command { name: "events", arguments: "", help: "the last events", run: events },
    Command { name: "clips", arguments: clips::ARGUMENTS, help: clips::HELP, run: clips::clips },
    Command { name: "show", arguments: "[SETTING]", help: "settings in force; `*` marks those not saved", run: show },
    Command { name: "set", arguments: "SETTING VALUE", help: "change a setting now; `save` keeps it", run: set },
    Command { name: "save", arguments: "", help: "keep the settings across restarts", run: save },
    Command { name: "arm", arguments: "", help: "motion makes clips and alarms; kept across restarts", run: arm },
    Command { name: "disarm", arguments: "", help: "no events and alarms; record.mode always goes on", run: disarm },
    Command { name: "alarm", arguments: "test", help: "switch the alarm output on for one pulse", run: alarm },
    Command { name: "gpio", arguments: gpio::ARGUMENTS, help: gpio::HELP, run: gpio::gpio },
    Command { name: "card", arguments: "seen", help: "you know that the clips partition was made anew: no more of it", run: card },
    Command { name: "clock", arguments: "[YYYY-MM-DD HH:MM[:SS]]", help: "show or set the time (UTC)", run: set_clock },
    Command { name: "selftest", arguments: "", help: "a short report on the hardware; pulses the alarm output once", run: selftest::selftest },
    Command { name: "reboot", arguments: "", help: "finish the clip and start again", run: reboot },
    Command { name: "poweroff", arguments: "", help: "finish the clip and switch off", run: poweroff },
    Command { name: "help", arguments: "[COMMAND or SETTING]", help: "this list, or one of its lines in full", run: help },
    #[cfg(feature = "test-hooks")]
    Command { name: "test-kill", arguments: "SERVICE", help: "(test image) kill a service", run: test_kill },
    #[cfg(feature = "test-hooks")]
    Command { name: "test-panic", arguments: "THREAD|init|kernel", help: "(test image) let a thread of the guard panic, or PID 1", run: test_panic },
    #[cfg(feature = "test-hooks")]
    Command { name: "test-file", arguments: test_files::ARGUMENTS, help: "(test image) one operation on a file beside the clips", run: test_files::test_file },
    #[cfg(feature = "test-hooks")]
    Command { name: "test-edges", arguments: test_edges::ARGUMENTS, help: "(test image) drive a simulated line", run: test_edges::test_edges },
    #[cfg(feature = "test-hooks")]
    Command { name: "test-hang", arguments: "PART [LIMIT_MS]", help: "(test image) let a part hang; its limit shortened", run: test_hang },
];

/// Runs one line; returns what to show, each line ended.
pub fn run(line: &str, desk: &mut Desk, now_us: u64) -> String {
    let words: Vec<&str> = line.split_whitespace().take(WORDS_MAX + 1).collect();
    let Some((name, arguments)) = words.split_first() else { return String::new() };
    let Some(command) = COMMANDS.iter().find(|c| c.name == *name) else {
        return format!("There is no command `{}`. `help` lists them.\n", name.escape_default());
    };
    desk.refresh();
    (command.run)(&mut Context { desk, arguments, now_us })
}

fn usage(name: &str) -> String {
    let command = COMMANDS.iter().find(|c| c.name == name);
    command.map_or_else(String::new, |c| format!("Usage: {} {}\n", c.name, c.arguments))
}

/// Refuses words that a command does not take, so that a typo is not taken for something else.
fn without_arguments(context: &Context<'_>, name: &str) -> Option<String> {
    (!context.arguments.is_empty()).then(|| usage(name))
}

fn said(result: Result<(), String>, done: &str) -> String {
    match result {
        Ok(()) => format!("{done}\n"),
        Err(why) => format!("{why}\n"),
    }
}

/// Words for an answer that carries nothing.
pub(super) fn done(answer: Result<Answer, ControlError>, text: &str) -> String {
    match answer {
        Ok(Answer::Done) => format!("{text}\n"),
        Ok(Answer::Refused(why)) => format!("Not done: {why}.\n"),
        Ok(_) => "Not done: an unexpected answer.\n".into(),
        Err(error) => format!("Not done: {error}.\n"),
    }
}

fn events(context: &mut Context<'_>) -> String {
    without_arguments(context, "events").unwrap_or_else(|| {
        match ask(paths::GUARD_SOCKET, &Question::Events) {
            Ok(Answer::Events(events)) => answers::events(&events),
            Ok(_) => "Not known: an unexpected answer.\n".into(),
            Err(error) => format!("Not known: {error}.\n"),
        }
    })
}

fn show(context: &mut Context<'_>) -> String {
    let prefix = match context.arguments {
        [] => "",
        [prefix] => prefix,
        _ => return usage("show"),
    };
    let rows: Vec<_> = table::starting_with(prefix).collect();
    if rows.is_empty() {
        return format!("There is no setting `{}`. `show` lists them.\n", prefix.escape_default());
    }
    let line = |row: &&crate::settings::Setting| {
        let value = context.desk.in_force().get(row.name).unwrap_or_default();
        let mark = if context.desk.saved().get(row.name).as_ref() == Some(&value) { ' ' } else { '*' };
        let default =
            if value == row.default { String::new() } else { format!("   (default {})", row.default) };
        let unit = if value == "auto" { "" } else { row.unit };
        format!("{mark} {:<26}{value} {unit}{default}\n", row.name)
    };
    rows.iter().map(line).collect()
}

fn set(context: &mut Context<'_>) -> String {
    match context.arguments {
        // A zone is many words; those of any other value are refused by its setting.
        [name, value @ ..] if !value.is_empty() => {
            let result = context.desk.set(name, &value.join(" "));
            said(result, "In force. `save` keeps it across restarts.")
        }
        _ => usage("set"),
    }
}

fn save(context: &mut Context<'_>) -> String {
    without_arguments(context, "save").unwrap_or_else(|| said(context.desk.save(), "Saved."))
}

fn arm(context: &mut Context<'_>) -> String {
    without_arguments(context, "arm").unwrap_or_else(|| said(context.desk.arm(true), "Armed."))
}

fn disarm(context: &mut Context<'_>) -> String {
    without_arguments(context, "disarm").unwrap_or_else(|| said(context.desk.arm(false), "Disarmed."))
}

fn alarm(context: &mut Context<'_>) -> String {
    match context.arguments {
        ["test"] => {
            done(ask(paths::GUARD_SOCKET, &Question::AlarmTest), "The alarm output is on for one pulse.")
        }
        _ => usage("alarm"),
    }
}

fn card(context: &mut Context<'_>) -> String {
    match context.arguments {
        ["seen"] => done(ask(paths::GUARD_SOCKET, &Question::CardSeen), "Noted."),
        _ => usage("card"),
    }
}

fn set_clock(context: &mut Context<'_>) -> String {
    if !context.arguments.is_empty() {
        let Some(us) = clock::Utc::parse(&context.arguments.join(" ")).and_then(clock::Utc::to_us) else {
            return usage("clock");
        };
        if let Err(error) = clock::set_wall_us(us) {
            return format!("The clock cannot be set: {}.\n", error.desc());
        }
        let kept =
            clock::mark_trusted().map_err(|e| e.to_string()).and_then(|()| match context.desk.disk() {
                Some(disk) => crate::card::clock_record::save(disk, us).map_err(|e| e.to_string()),
                None => Ok(()),
            });
        if let Err(error) = kept {
            return format!("The clock is set, but that could not be written down: {error}.\n");
        }
    }
    answers::clock()
}

fn reboot(context: &mut Context<'_>) -> String {
    without_arguments(context, "reboot")
        .unwrap_or_else(|| done(ask(paths::INIT_SOCKET, &Question::Reboot), "Restarting."))
}

fn poweroff(context: &mut Context<'_>) -> String {
    without_arguments(context, "poweroff")
        .unwrap_or_else(|| done(ask(paths::INIT_SOCKET, &Question::Poweroff), "Switching off."))
}

fn help(context: &mut Context<'_>) -> String {
    match context.arguments {
        [] => {
            let line = |c: &Command| format!("  {:<34}{}\n", format!("{} {}", c.name, c.arguments), c.help);
            let settings = SETTINGS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
            let commands: String = COMMANDS.iter().map(line).collect();
            format!("{commands}Settings: {settings}.\n`help SETTING` explains one.\n")
        }
        [name] => {
            let command = COMMANDS.iter().find(|c| c.name == *name);
            let command = command.map(|c| format!("{} {}\n  {}\n", c.name, c.arguments, c.help));
            let settings: String =
                table::starting_with(name).map(crate::settings::Setting::help_text).collect();
            match command {
                None if settings.is_empty() => {
                    format!("There is nothing called `{}`.\n", name.escape_default())
                }
                command => command.unwrap_or_default() + &settings,
            }
        }
        _ => usage("help"),
    }
}

#[cfg(feature = "test-hooks")]
fn test_kill(context: &mut Context<'_>) -> String {
    let name = context.arguments.join(" ");
    done(ask(paths::INIT_SOCKET, &Question::Kill(name)), "Killed.")
}

#[cfg(feature = "test-hooks")]
fn test_panic(context: &mut Context<'_>) -> String {
    let name = context.arguments.join(" ");
    let path =
        if ["init", "kernel"].contains(&name.as_str()) { paths::INIT_SOCKET } else { paths::GUARD_SOCKET };
    done(ask(path, &Question::Panic(name)), "Asked to panic.")
}

#[cfg(feature = "test-hooks")]
fn test_hang(context: &mut Context<'_>) -> String {
    let Some((part, limit)) = context.arguments.split_first() else { return usage("test-hang") };
    if let Some(limit_ms) = limit.first().and_then(|text| text.parse().ok())
        && !matches!(
            ask(paths::INIT_SOCKET, &Question::StallLimit((*part).to_owned(), limit_ms)),
            Ok(Answer::Done)
        )
    {
        return "The limit cannot be shortened.\n".into();
    }
    let path = match *part {
        "console" => loop {
            std::thread::park();
        },
        "init" => paths::INIT_SOCKET,
        "witness" => paths::WITNESS_SOCKET,
        _ => paths::GUARD_SOCKET,
    };
    done(ask(path, &Question::Hang((*part).to_owned())), "Asked to hang.")
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, WORDS_MAX};
    use crate::console::editor::LINE_BYTES_MAX;
    use crate::settings::Settings;

    #[test]
    fn the_longest_zone_can_be_typed() {
        let value = format!("include{} sensitivity 100 smallest 99.99", " 99.99,99.99".repeat(16));
        Settings::default().set("motion.zone8", &value).expect("allowed");
        let line = format!("set motion.zone8 {value}");
        assert!(
            line.len() <= LINE_BYTES_MAX && line.split_whitespace().count() <= WORDS_MAX,
            "{}",
            line.len()
        );
    }

    #[test]
    fn names_are_unique_and_the_help_fits_a_line() {
        for (i, command) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..i].iter().all(|c| c.name != command.name), "{}", command.name);
            assert!(command.name.len() + command.arguments.len() < 34, "{}", command.name);
            assert!(36 + command.help.len() <= 100, "{}", command.name);
        }
    }
}

//! The table of commands. Usage, `help`, completion and context help are made from it.

use super::context::Context;
use super::grammar::{Form, Word};
#[cfg(feature = "test-hooks")]
use super::hooks;
use super::reply::Reply;
#[cfg(feature = "test-hooks")]
use super::test_button;
#[cfg(feature = "test-hooks")]
use super::test_edges;
#[cfg(feature = "test-hooks")]
use super::test_files;
#[cfg(feature = "test-hooks")]
use super::test_host;
use super::{
    adjust, cameras, clips, diag, gpio, help, kernel_log, orders, password, pause, selftest, setup, status,
    trial, view, why,
};
use Word::{Any, Is, Setting, Settings, Topic, Value};

/// One command.
pub struct Command {
    /// As it is typed.
    pub name: &'static str,
    /// What may follow it; at least one.
    pub forms: &'static [Form],
    /// What it does, in a few words.
    pub help: &'static str,
    /// What does it. The arguments fit one of the forms.
    pub run: fn(&mut Context<'_>) -> Reply,
}

/// Most words that any command takes; more are one word too many. `set` and an output with all that it can have, or a zone.
const WORDS_MAX: usize = 32;

/// A command alone.
const ALONE: &[Form] = &[Form { words: &[], help: "" }];

const fn form(words: &'static [Word], help: &'static str) -> Form {
    Form { words, help }
}

const fn command(
    name: &'static str,
    forms: &'static [Form],
    help: &'static str,
    run: fn(&mut Context<'_>) -> Reply,
) -> Command {
    Command { name, forms, help, run }
}

#[rustfmt::skip]
pub static COMMANDS: &[Command] = &[
    command("setup", ALONE, "set this camera up, one question after the other", setup::setup),
    command("status", ALONE, "how everything is, on one screen", status::status),
    command("watch", ALONE, "status again and again, until a key", status::watch),
    command("view", view::FORMS, "what the camera sees, in letters", view::view),
    command("motion", trial::FORMS, "walk and watch what the detector says; no alarm meanwhile", trial::motion),
    command("cameras", cameras::FORMS, "formats and controls of the camera", cameras::cameras),
    command("diag", ALONE, "why there is no picture, and what to do", |_| diag::diag().into()),
    command("log", kernel_log::FORMS, "the log, with times", kernel_log::log),
    command("why", ALONE, "why there was an event, and why what moved was none", |_| why::why()),
    command("events", ALONE, "the last events", orders::events),
    command("clips", clips::FORMS, "the newest clips; show, protect, delete, export them", clips::clips),
    command("show", &[form(&[], "all settings"), form(&[Settings], "settings that begin so")],
        "settings in force; `*` marks those not saved", adjust::show),
    command("set", &[form(&[Setting, Value], "")], "change a setting now; `save` keeps it", adjust::set),
    command("save", ALONE, "keep the settings across restarts", adjust::save),
    command("revert", ALONE, "back to the settings that are saved", adjust::revert),
    command("export", ALONE, "what differs from the defaults, as text for `import`", adjust::export),
    command("import", ALONE, "settings from such text, line by line", adjust::import),
    command("factory-reset", ALONE, "all settings back to their defaults; clips stay", adjust::factory_reset),
    command("arm", ALONE, "motion makes clips and alarms; kept across restarts", orders::arm),
    command("disarm", ALONE, "no events and alarms; record.mode always goes on", orders::disarm),
    command("pause", pause::FORMS, "no events and alarms for a while, at most until the next start", pause::pause),
    command("resume", ALONE, "end a pause", pause::resume),
    command("alarm", &[form(&[Is("test")], "")], "switch the alarm output on for one pulse", orders::alarm),
    command("gpio", gpio::FORMS, "pins and lines, who uses them, their levels; try an output", gpio::gpio),
    command("card", &[form(&[Is("seen")], "")], "you know that the clips partition was made anew: no more of it", orders::card),
    command("clock", &[form(&[], "the time, and whether it is known"), form(&[Any("YYYY-MM-DD"), Any("HH:MM[:SS]")], "set the time"),
        form(&[Any("YYYY-MM-DD"), Any("HH:MM[:SS]"), Any("ZONE")], "of a zone, as UTC, or CET where it comes twice")],
        "show or set the time, as the clocks of time.zone show it", orders::clock),
    command("selftest", ALONE, "a short report on the hardware; pulses the alarm output once", |_| selftest::selftest().into()),
    command("password", ALONE, "a password for this console, or none", password::password),
    command("lock", ALONE, "ask for the password", password::lock),
    command("machine", &[form(&[Is("on")], "each answer as one JSON object, no echo"), form(&[Is("off")], "as people read")],
        "answers for scripts, or for people", orders::machine),
    command("erase", &[form(&[Is("all")], "")], "every clip, setting and key; it asks first", orders::erase),
    command("reboot", ALONE, "finish the clip and start again", orders::reboot),
    command("poweroff", ALONE, "finish the clip and switch off", orders::poweroff),
    command("help", &[form(&[], "this list"), form(&[Topic], "one command or setting in full")], "this list, or one of its lines in full", help::help),
    #[cfg(feature = "test-hooks")]
    command("test-kill", &[form(&[Any("SERVICE")], "")], "(test image) kill a service", hooks::kill),
    #[cfg(feature = "test-hooks")]
    command("test-panic", &[form(&[Any("THREAD|init|kernel")], "")], "(test image) let a thread panic, or PID 1", hooks::panic),
    #[cfg(feature = "test-hooks")]
    command("test-file", &[form(&[Any("OPERATION"), Word::Rest("NAME [NUMBERS or NAME]")], ""), form(&[Is("syncdir")], "")],
        "(test image) one operation on a file beside the clips", |c| test_files::test_file(c).into()),
    #[cfg(feature = "test-hooks")]
    command("test-edges", &[form(&[Any("LINE"), Any("COUNT")], ""), form(&[Any("LINE"), Any("COUNT"), Any("INPUT")], "")],
        "(test image) drive a simulated line", |c| test_edges::test_edges(c).into()),
    #[cfg(feature = "test-hooks")]
    command("test-button", &[form(&[Word::Rest("NAME")], "")], "(test image) press a button of the camera's", |c| test_button::test_button(c).into()),
    #[cfg(feature = "test-hooks")]
    command("test-host", &[form(&[Any("open|close|stall|go|pull|plug")], "")], "(test image) the computer on the USB device port", |c| test_host::test_host(c).into()),
    #[cfg(feature = "test-hooks")]
    command("test-hang", &[form(&[Any("PART")], ""), form(&[Any("PART"), Any("LIMIT_MS")], "")], "(test image) let a part hang; its limit shortened", hooks::hang),
];

/// Runs one line.
pub fn run(line: &str, context: Context<'_>) -> Reply {
    let words: Vec<&str> = line.split_whitespace().take(WORDS_MAX + 1).collect();
    let Some((name, arguments)) = words.split_first() else { return Reply::done("") };
    let Some(command) = find(name) else {
        let meant = settings::nearest(name, COMMANDS.iter().map(|command| command.name));
        let meant =
            meant.map_or_else(|| "`help` lists them.".into(), |meant| format!("Did you mean `{meant}`?"));
        return Reply::refused(format!("There is no command `{}`. {meant}\n", name.escape_default()));
    };
    if !command.forms.iter().any(|form| form.fits(arguments)) {
        return Reply::refused(usage(command));
    }
    context.desk.refresh();
    (command.run)(&mut Context { arguments, ..context })
}

/// The command of that name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// How a command is given: a line for each form.
pub fn usage(command: &Command) -> String {
    let lines: Vec<String> = command.forms.iter().map(|form| form.usage(command.name)).collect();
    format!("Usage: {}\n", lines.join("\n       "))
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, WORDS_MAX};
    use crate::console::line::LINE_BYTES_MAX;
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
            assert!(16 + command.help.len() < 80, "{}", command.name);
            assert!(!command.forms.is_empty(), "{}", command.name);
            for form in command.forms {
                let (last, rest) = form.words.split_last().map_or((None, &[][..]), |(l, r)| (Some(l), r));
                assert!(rest.iter().all(|word| !word.is_last()), "{}", command.name);
                assert!(
                    command.forms.len() == 1 || !form.help.is_empty() || last.is_some(),
                    "{}",
                    command.name
                );
            }
        }
    }
}

//! `setup`: from the first start to a working alarm, one question after the other.
//!
//! The questions are a table. Each can be skipped, gone back to, and asked again another day; every answer is in force at once and kept by
//! the last one. It asks only what commands can do as well, and does it through them: it must not know a setting's rules.

use super::commands;
use super::context::Context;
use super::desk::Desk;
use super::dialogue::{Dialogue, Then};
use super::reply::Reply;

/// One question.
struct Step {
    /// Its name, shown before the answer.
    name: &'static str,
    /// What it is about: rows, each ended.
    text: &'static str,
    /// What an answer does, as the beginning of the command that it is given to. Nothing: there is nothing to answer but Enter.
    sets: &'static str,
    /// A command that shows how things are; empty: none.
    looks: &'static str,
    /// A command that `.` gives, to look longer; empty: `looks` again.
    dot: &'static str,
    /// A command that Enter gives, where it means "do it"; empty: it leaves everything as it is.
    enter: &'static str,
}

#[rustfmt::skip]
static STEPS: &[Step] = &[
    Step { name: "name", sets: "set name", looks: "show name", dot: "", enter: "",
        text: "A name for this camera: letters, digits and `-`. It is in every clip's name.\n" },
    Step { name: "zone", sets: "set time.zone", looks: "show time.zone", dot: "", enter: "",
        text: "Where it hangs: a time zone, as Europe/Berlin.\n" },
    Step { name: "time", sets: "clock", looks: "clock", dot: "", enter: "",
        text: "The time now, as 2026-12-31 23:59. No board's clock runs without power.\n" },
    Step { name: "camera", sets: "", looks: "diag", dot: "", enter: "",
        text: "Is the camera there, and does it send? `.` looks again, once it is plugged in.\n" },
    Step { name: "aim", sets: "", looks: "view once", dot: "view", enter: "",
        text: "What the camera sees. `.` shows it moving, until a key: aim the camera.\n\
               Along the edges are percent, in which zones are drawn (`help motion.zone1`).\n" },
    Step { name: "sensitivity", sets: "set motion.sensitivity", looks: "show motion.sensitivity", dot: "", enter: "",
        text: "How little motion is enough: 1 is deaf, 100 is nervous. 50 suits most places.\n" },
    Step { name: "walk", sets: "", looks: "", dot: "motion test", enter: "",
        text: "`.` and then walk through the picture: it says what is seen, and whether that\n\
               is enough for an alarm, until a key. There is no alarm meanwhile.\n" },
    Step { name: "pulse", sets: "set alarm.pulse_ms", looks: "show alarm.pulse_ms", dot: "", enter: "",
        text: "How long the alarm output is on for each motion, in milliseconds.\n" },
    Step { name: "wiring", sets: "", looks: "", dot: "alarm test", enter: "alarm test",
        text: "Enter switches the alarm output on once: watch siren or lamp. `skip` leaves it.\n" },
    Step { name: "save", sets: "", looks: "", dot: "", enter: "save",
        text: "Enter keeps all this across restarts. `skip` keeps it until the next start.\n" },
];

/// What can be said instead of an answer.
const WORDS: &str = "Enter goes on; `skip`, `back`, `.` to look again, `quit`.\n";

/// Which question is asked.
#[derive(Debug, Default)]
pub struct Setup {
    at: usize,
}

/// `setup`.
pub fn setup(context: &mut Context<'_>) -> Reply {
    let first = asked(0, context.desk, context.now_us);
    Reply::done(format!("{} questions. {WORDS}{first}", STEPS.len())).then(Setup::default())
}

/// A question, and how things are.
fn asked(at: usize, desk: &mut Desk, now_us: u64) -> String {
    let Some(step) = STEPS.get(at) else { return String::new() };
    let shown = given(step.looks, desk, now_us).0;
    format!("\n{} of {}: {}\n{}{shown}", at + 1, STEPS.len(), step.name, step.text)
}

/// A command's words, and whether it was done.
fn given(command: &str, desk: &mut Desk, now_us: u64) -> (String, bool) {
    if command.is_empty() {
        return (String::new(), true);
    }
    let reply = run(command, desk, now_us);
    (reply.text, reply.is_done)
}

fn run(command: &str, desk: &mut Desk, now_us: u64) -> Reply {
    commands::run(command, Context { desk, arguments: &[], now_us, is_machine: &mut false })
}

impl Dialogue for Setup {
    fn prompt(&self) -> String {
        format!("{}> ", STEPS.get(self.at).map_or("setup", |step| step.name))
    }

    fn answer(&mut self, line: &str, desk: &mut Desk, now_us: u64) -> (String, Then) {
        let Some(step) = STEPS.get(self.at) else { return (String::new(), Then::Over) };
        let typed = line.trim();
        let (said, goes_on) = match typed {
            "." => {
                let again = if step.dot.is_empty() { step.looks } else { step.dot };
                let reply = run(again, desk, now_us);
                return (reply.text, reply.live.map_or(Then::Next, Then::Watch));
            }
            "?" | "help" => return (format!("{}{WORDS}", step.text), Then::Next),
            "quit" => return self.interrupt(),
            "back" => {
                self.at = self.at.saturating_sub(1);
                return (asked(self.at, desk, now_us), Then::Next);
            }
            "skip" => (String::new(), true),
            "" => given(step.enter, desk, now_us),
            _ if step.sets.is_empty() => (WORDS.into(), false),
            answer => given(&format!("{} {answer}", step.sets), desk, now_us),
        };
        if !goes_on {
            return (said, Then::Next);
        }
        self.at += 1;
        match self.at == STEPS.len() {
            true => (
                format!("{said}That is all. `status` tells how things are, `help` what else there is.\n"),
                Then::Over,
            ),
            false => (said + &asked(self.at, desk, now_us), Then::Next),
        }
    }

    fn interrupt(&mut self) -> (String, Then) {
        ("What was answered is in force; `save` keeps it. `setup` asks again.\n".into(), Then::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, Setup};
    use crate::console::commands;
    use crate::console::dialogue::Dialogue;

    #[test]
    fn every_question_rests_on_commands_that_there_are() {
        for step in STEPS {
            for command in [step.sets, step.looks, step.dot, step.enter]
                .into_iter()
                .filter(|command| !command.is_empty())
            {
                let mut words = command.split(' ');
                let found = words.next().and_then(commands::find).expect(command);
                let typed: Vec<&str> = words.collect();
                assert!(found.forms.iter().any(|form| form.begins(&typed)), "{command}");
                if command != step.sets {
                    assert!(found.forms.iter().any(|form| form.fits(&typed)), "{command}");
                }
            }
            assert!(
                step.text.lines().all(|line| line.len() < 80) && step.text.ends_with('\n'),
                "{}",
                step.name
            );
        }
    }

    #[test]
    fn the_prompt_names_the_question() {
        assert_eq!(Setup::default().prompt(), "name> ");
    }
}

//! Commands of one step: what is asked of the guard or of init, and the clock.

use super::answers;
use super::confirm::Confirm;
use super::context::Context;
use super::desk::Desk;
use super::reply::Reply;
use crate::control::{Answer, ControlError, Question, ask, tell};
use crate::wall::{self, WallError};
use crate::{clock, clock_module, paths};

/// Words for an answer that carries nothing.
pub fn done(answer: Result<Answer, ControlError>, text: &str) -> Reply {
    match answer {
        Ok(Answer::Done) => Reply::done(format!("{text}\n")),
        Ok(Answer::Refused(why)) => Reply::refused(format!("Not done: {why}.\n")),
        Ok(_) => Reply::refused("Not done: an unexpected answer.\n"),
        Err(error) => Reply::refused(format!("Not done: {error}.\n")),
    }
}

/// Words for what the desk did.
pub fn said(result: Result<(), String>, done: &str) -> Reply {
    match result {
        Ok(()) => Reply::done(format!("{done}\n")),
        Err(why) => Reply::refused(format!("{why}\n")),
    }
}

/// `events`.
pub fn events(context: &mut Context<'_>) -> Reply {
    match ask(paths::GUARD_SOCKET, &Question::Events) {
        Ok(Answer::Events(events)) => {
            Reply::done(answers::events(&events, &context.desk.in_force().time_zone)).with(&events)
        }
        Ok(_) => Reply::refused("Not known: an unexpected answer.\n"),
        Err(error) => Reply::refused(format!("Not known: {error}.\n")),
    }
}

/// `arm`.
pub fn arm(context: &mut Context<'_>) -> Reply {
    said(context.desk.arm(true), "Armed.")
}

/// `disarm`.
pub fn disarm(context: &mut Context<'_>) -> Reply {
    said(context.desk.arm(false), "Disarmed.")
}

/// `alarm test`.
pub fn alarm(_: &mut Context<'_>) -> Reply {
    done(ask(paths::GUARD_SOCKET, &Question::AlarmTest), "The alarm output is on for one pulse.")
}

/// `card seen`.
pub fn card(_: &mut Context<'_>) -> Reply {
    done(ask(paths::GUARD_SOCKET, &Question::CardSeen), "Noted.")
}

/// `clock`, with a time or without.
pub fn clock(context: &mut Context<'_>) -> Reply {
    if context.arguments.is_empty() {
        return Reply::done(answers::clock(&context.desk.in_force().time_zone));
    }
    match set_clock(context) {
        Ok(()) => Reply::done(answers::clock(&context.desk.in_force().time_zone)),
        Err(why) => Reply::refused(format!("{why}\n")),
    }
}

/// Sets the clock to what was typed, and writes that down.
pub fn set_clock(context: &Context<'_>) -> Result<(), String> {
    let typed = context.arguments.join(" ");
    let us = wall::parse(&context.desk.in_force().time_zone, &typed).map_err(|error| match error {
        WallError::NotUnderstood => format!(
            "`{}` is no time; it is given as YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS.",
            typed.escape_default()
        ),
        error => format!("{error}."),
    })?;
    clock::set_wall_us(us).map_err(|error| format!("The clock cannot be set: {}.", error.desc()))?;
    let kept = clock::mark_trusted().map_err(|e| e.to_string()).and_then(|()| match context.desk.disk() {
        Some(disk) => crate::card::clock_record::save(disk, us).map_err(|e| e.to_string()),
        None => Ok(()),
    });
    let module = clock_module::set(context.desk.in_force().time_rtc, us);
    // A guard that does not run now looks at the clock when it starts.
    tell(paths::GUARD_SOCKET, &Question::ClockSet);
    kept.map_err(|error| format!("The clock is set, but that could not be written down: {error}."))?;
    module.map_err(|error| format!("The clock is set, but its module is not: {error}."))
}

/// `machine on` and `off`. The console itself does what follows.
pub fn machine(context: &mut Context<'_>) -> Reply {
    *context.is_machine = context.arguments == ["on"];
    Reply::done("")
}

/// `erase all`.
pub fn erase(_: &mut Context<'_>) -> Reply {
    Reply::done(
        "Every clip, also those protected, every setting, the password and the keys are\n\
         erased, and the board starts again. Nothing of it can be brought back.\n",
    )
    .then(Confirm { word: "erase", act: erase_all })
}

fn erase_all(desk: &mut Desk) -> Result<String, String> {
    let disk = desk.disk().ok_or("There is no card to erase.")?;
    crate::card::erase::order(disk)
        .map_err(|error| format!("Not done: the card cannot be written: {error}."))?;
    let reply = done(ask(paths::INIT_SOCKET, &Question::Reboot), "Starting again, to erase everything.");
    Ok(reply.text.trim_end().to_owned())
}

/// `reboot`.
pub fn reboot(_: &mut Context<'_>) -> Reply {
    done(ask(paths::INIT_SOCKET, &Question::Reboot), "Restarting.")
}

/// `poweroff`.
pub fn poweroff(_: &mut Context<'_>) -> Reply {
    done(ask(paths::INIT_SOCKET, &Question::Poweroff), "Switching off.")
}

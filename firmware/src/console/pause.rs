//! `pause` and `resume`.

use super::context::Context;
use super::grammar::{Form, Word};
use super::orders::done;
use super::reply::Reply;
use crate::control::{Question, ask};
use crate::paths;

/// A week: whoever wants quiet for longer means `disarm`.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// What may follow `pause`.
pub const FORMS: &[Form] = &[Form { words: &[Word::Any("MINUTES")], help: "" }];

/// No events for a while.
pub fn pause(context: &mut Context<'_>) -> Reply {
    let minutes = context.arguments.first().and_then(|minutes| minutes.parse().ok());
    match minutes.filter(|minutes| (1..=MINUTES_MAX).contains(minutes)) {
        Some(minutes) => {
            let text = format!("Paused for {minutes} min. `resume` ends that.");
            done(ask(paths::GUARD_SOCKET, &Question::Pause(minutes)), &text)
        }
        None => Reply::refused(format!("MINUTES is a whole number from 1 to {MINUTES_MAX}.\n")),
    }
}

/// Events again.
pub fn resume(_: &mut Context<'_>) -> Reply {
    done(ask(paths::GUARD_SOCKET, &Question::Resume), "The pause is over.")
}

//! `pause` and `resume`, and what `status` says of being armed.

use super::commands::done;
use super::context::Context;
use crate::control::{Question, Status, ask};
use crate::paths;

/// A week: whoever wants quiet for longer means `disarm`.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// No events for a while.
pub fn pause(context: &mut Context<'_>) -> String {
    let minutes = match context.arguments {
        [minutes] => minutes.parse().ok().filter(|minutes| (1..=MINUTES_MAX).contains(minutes)),
        _ => None,
    };
    match minutes {
        Some(minutes) => {
            let text = format!("Paused for {minutes} min. `resume` ends that.");
            done(ask(paths::GUARD_SOCKET, &Question::Pause(minutes)), &text)
        }
        None => format!("Usage: pause MINUTES, a whole number from 1 to {MINUTES_MAX}\n"),
    }
}

/// Events again.
pub fn resume(context: &mut Context<'_>) -> String {
    if !context.arguments.is_empty() {
        return "Usage: resume\n".into();
    }
    done(ask(paths::GUARD_SOCKET, &Question::Resume), "The pause is over.")
}

/// Whether motion counts, and why.
pub fn armed(status: &Status) -> String {
    let yes = if status.armed { "yes" } else { "no" };
    if status.armed_why.is_empty() { yes.into() } else { format!("{yes}: {}", status.armed_why) }
}

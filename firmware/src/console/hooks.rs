//! Commands of test images alone: what kills, panics or hangs a part on purpose.

use super::context::Context;
use super::orders::done;
use super::reply::Reply;
use crate::control::{Answer, Question, ask};
use crate::paths;

/// `test-kill`.
pub fn kill(context: &mut Context<'_>) -> Reply {
    done(ask(paths::INIT_SOCKET, &Question::Kill(context.arguments.join(" "))), "Killed.")
}

/// `test-panic`.
pub fn panic(context: &mut Context<'_>) -> Reply {
    let name = context.arguments.join(" ");
    let path =
        if ["init", "kernel"].contains(&name.as_str()) { paths::INIT_SOCKET } else { paths::GUARD_SOCKET };
    done(ask(path, &Question::Panic(name)), "Asked to panic.")
}

/// `test-hang`.
pub fn hang(context: &mut Context<'_>) -> Reply {
    let part = context.arguments.first().copied().unwrap_or_default();
    if let Some(limit_ms) = context.arguments.get(1).and_then(|text| text.parse().ok())
        && !matches!(
            ask(paths::INIT_SOCKET, &Question::StallLimit(part.to_owned(), limit_ms)),
            Ok(Answer::Done)
        )
    {
        return Reply::refused("The limit cannot be shortened.\n");
    }
    let path = match part {
        "console" => loop {
            std::thread::park();
        },
        "init" => paths::INIT_SOCKET,
        "witness" => paths::WITNESS_SOCKET,
        _ => paths::GUARD_SOCKET,
    };
    done(ask(path, &Question::Hang(part.to_owned())), "Asked to hang.")
}

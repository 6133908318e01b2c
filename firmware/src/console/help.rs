//! `help`: the table of commands, or one command or setting in full.

use super::commands::{self, COMMANDS, Command};
use super::complete;
use super::context::Context;
use super::grammar::Form;
use super::reply::Reply;
use crate::settings::{Setting, table};

/// What the keys do.
const KEYS: &str = "Tab completes, `?` tells what can come next, the arrow keys bring back and change lines, Ctrl-C drops one.\n\
                    `help COMMAND` and `help SETTING` tell more; `show` lists the settings.\n";

/// See the head of this file.
pub fn help(context: &mut Context<'_>) -> Reply {
    let Some(name) = context.arguments.first() else {
        let row = |command: &Command| format!("  {:<14}{}\n", command.name, command.help);
        return Reply::done(COMMANDS.iter().map(row).collect::<String>() + KEYS);
    };
    let value = |row: &'static Setting| {
        complete::in_full(row, &context.desk.in_force().get(row.name).unwrap_or_default())
    };
    let command = commands::find(name).map(in_full).unwrap_or_default();
    // The very one, or all that begin so.
    let settings: String = match table::find(name) {
        Some(row) => value(row),
        None => table::starting_with(name).map(value).collect(),
    };
    match command + &settings {
        nothing if nothing.is_empty() => {
            Reply::refused(format!("There is nothing called `{}`.\n", name.escape_default()))
        }
        found => Reply::done(found),
    }
}

/// Every form of a command with what it does.
fn in_full(command: &Command) -> String {
    let form = |form: &Form| {
        let usage = form.usage(command.name);
        format!("  {usage:<34}{}\n", complete::help(form, command))
    };
    let forms: String = command.forms.iter().map(form).collect();
    if command.forms.len() == 1 { forms } else { format!("{}: {}\n{forms}", command.name, command.help) }
}

//! Commands that show and change settings. What a setting is stands in the table alone.

use super::confirm::Confirm;
use super::context::Context;
use super::desk::Desk;
use super::import::Import;
use super::orders::said;
use super::reply::Reply;
use crate::settings::{self, Setting, table};
use serde_json::{Map, Value, json};

/// `show`, with the beginning of names or without.
pub fn show(context: &mut Context<'_>) -> Reply {
    let prefix = context.arguments.first().copied().unwrap_or_default();
    let rows: Vec<_> = table::starting_with(prefix).collect();
    if rows.is_empty() {
        return Reply::refused(format!(
            "There is no setting `{}`. `show` lists them.\n",
            prefix.escape_default()
        ));
    }
    let line = |row: &&Setting| {
        let value = context.desk.in_force().get(row.name).unwrap_or_default();
        let mark = if context.desk.saved().get(row.name).as_ref() == Some(&value) { ' ' } else { '*' };
        let default =
            if value == row.default { String::new() } else { format!("   (default {})", row.default) };
        let unit =
            if value == "auto" || row.unit.is_empty() { String::new() } else { format!(" {}", row.unit) };
        format!("{mark} {:<26}{value}{unit}{default}\n", row.name)
    };
    Reply::done(rows.iter().map(line).collect::<String>()).with(&facts(&rows, context.desk))
}

/// The same for a machine: of every setting value, whether it is saved, default, unit.
fn facts(rows: &[&Setting], desk: &Desk) -> Map<String, Value> {
    let fact = |row: &&Setting| {
        let value = desk.in_force().get(row.name);
        let is_saved = desk.saved().get(row.name) == value;
        let fact = json!({ "value": value, "saved": is_saved, "default": row.default, "unit": row.unit });
        (row.name.to_owned(), fact)
    };
    rows.iter().map(fact).collect()
}

/// `set`.
pub fn set(context: &mut Context<'_>) -> Reply {
    let Some((name, value)) = context.arguments.split_first() else { return Reply::refused("") };
    // A zone is many words; those of any other value are refused by its setting.
    let result = context.desk.set(name, &value.join(" "));
    said(result, "In force. `save` keeps it across restarts.")
}

/// `save`.
pub fn save(context: &mut Context<'_>) -> Reply {
    said(context.desk.save(), "Saved.")
}

/// `revert`.
pub fn revert(context: &mut Context<'_>) -> Reply {
    said(context.desk.revert(), "The saved settings are in force again.")
}

/// `export`: the text that `import` and `kerberos.toml` take.
pub fn export(context: &mut Context<'_>) -> Reply {
    let text = settings::to_toml(context.desk.in_force());
    if text.is_empty() {
        Reply::done("# Every setting is at its default.\n")
    } else {
        Reply::done(text).verbatim()
    }
}

/// `import`.
pub fn import(_: &mut Context<'_>) -> Reply {
    Reply::done(
        "Lines such as `motion.sensitivity = 60`, as `export` gives them; a line with a dot alone ends it.\n",
    )
    .then(Import::default())
}

/// `factory-reset`.
pub fn factory_reset(_: &mut Context<'_>) -> Reply {
    Reply::done("Every setting goes back to its default, now and after a restart. Clips stay.\n").then(
        Confirm {
            word: "reset",
            act: |desk| desk.reset().map(|()| "Every setting is at its default, and that is saved.".into()),
        },
    )
}

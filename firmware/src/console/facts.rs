//! What machine mode gives beside the words: the answers as the processes gave them, the settings and clips as JSON.

use super::context::Context;
use crate::control::{Answer, Question, ask};
use crate::paths;
use crate::record::folder::Directory;
use crate::record::retention::{self, LISTED_MAX};
use serde_json::{Map, Value, json};

/// Finds it; nothing where the words said already why not.
pub type Facts = fn(&mut Context<'_>) -> Option<Value>;

/// The guard's state, and the services'.
pub fn status(_: &mut Context<'_>) -> Option<Value> {
    let guard = match ask(paths::GUARD_SOCKET, &Question::Status) {
        Ok(Answer::Status(status)) => serde_json::to_value(status).ok(),
        _ => None,
    };
    let services = match ask(paths::INIT_SOCKET, &Question::Services) {
        Ok(Answer::Services(services)) => serde_json::to_value(services).ok(),
        _ => None,
    };
    Some(json!({ "guard": guard, "services": services }))
}

/// The reasons.
pub fn why(_: &mut Context<'_>) -> Option<Value> {
    match ask(paths::GUARD_SOCKET, &Question::Why) {
        Ok(Answer::Why(why)) => serde_json::to_value(why).ok(),
        _ => None,
    }
}

/// The events, newest last.
pub fn events(_: &mut Context<'_>) -> Option<Value> {
    match ask(paths::GUARD_SOCKET, &Question::Events) {
        Ok(Answer::Events(events)) => serde_json::to_value(events).ok(),
        _ => None,
    }
}

/// Every setting that the command shows: value, whether it is saved, default.
pub fn settings(context: &mut Context<'_>) -> Option<Value> {
    let prefix = context.arguments.first().copied().unwrap_or_default();
    let (in_force, saved) = (context.desk.in_force(), context.desk.saved());
    let rows = in_force.all().filter(|(row, _)| row.name.starts_with(prefix));
    let fields: Map<String, Value> = rows
        .map(|(row, value)| {
            let is_saved = saved.get(row.name).as_ref() == Some(&value);
            let facts =
                json!({ "value": value, "saved": is_saved, "default": row.default, "unit": row.unit });
            (row.name.to_owned(), facts)
        })
        .collect();
    Some(Value::Object(fields))
}

/// The newest clips, newest first; only where they were listed.
pub fn clips(context: &mut Context<'_>) -> Option<Value> {
    if !context.arguments.is_empty() {
        return None;
    }
    let listing = retention::list(&Directory::new(paths::CLIPS_DIR, false), LISTED_MAX).ok()?;
    let clip = |clip: &retention::Listed| {
        let file = clip.name.file_name(clip.video);
        json!({ "file": file.as_str(), "bytes": clip.bytes, "protected": clip.is_protected })
    };
    let clips: Vec<Value> = listing.newest.iter().map(clip).collect();
    Some(json!({ "total": listing.total, "newest": clips }))
}

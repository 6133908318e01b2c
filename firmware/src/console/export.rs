//! `clips export`: hands what the owner wants to the export, and ends it when he wants that.
//!
//! It returns at once: what the export has to say comes as notices, and other commands can be given meanwhile. Must not touch a stick.

use super::clips;
use super::orders;
use super::reply::Reply;
use crate::control::{Answer, Question, ask};
use crate::export::order::Order;
use crate::paths;
use crate::record::retention::Listing;
use hours::Zone;

/// What follows `clips export`.
const USAGE: &str = "Usage: clips export [all | newest N | since YYYY-MM-DD | CLIP | stop]\n  \
                     copies clips to a USB stick (FAT or exFAT): those that it does not have yet, or all, comparing every byte\n";

/// See the head of this file. Days are those of `zone`; `list` lists the clips, for one that is named.
pub fn export(words: &[&str], zone: &Zone, list: impl FnOnce() -> Result<Listing, String>) -> Reply {
    if words == ["stop"] {
        return orders::done(ask(paths::INIT_SOCKET, &Question::ExportStop), "It stops after this piece.");
    }
    let order = match Order::parse(words, zone) {
        Some(Order::Clip(typed)) => match clips::named(&typed, list) {
            Ok(name) => Order::Clip(name.to_string()),
            Err(why) => return Reply::refused(why),
        },
        Some(order) => order,
        None => return Reply::refused(USAGE),
    };
    start(&order)
}

/// Ctrl-C: stops an export, if there is one. What else it does to a line is the editor's business.
pub fn interrupt() -> String {
    // Looked at first: a line full of noise must not keep init busy.
    if !std::fs::exists(paths::EXPORT_ORDER).unwrap_or(false) {
        return String::new();
    }
    match ask(paths::INIT_SOCKET, &Question::ExportStop) {
        Ok(Answer::Done) => "The export stops after this piece.\n".into(),
        _ => String::new(),
    }
}

fn start(order: &Order) -> Reply {
    if let Err(error) = order.leave() {
        return Reply::refused(format!("Not done: the order cannot be handed on: {error}.\n"));
    }
    let said = ask(paths::INIT_SOCKET, &Question::Export);
    orders::done(said, "The export begins; it goes on while you type. Ctrl-C stops it.")
}

//! `status`: how everything is, on one screen; `watch`: the same, until a key.
//!
//! Asks everybody; the guard's rows are made in [`super::overview`].

use super::context::Context;
use super::fold::fold;
use super::live::{Live, Next};
use super::overview::{guard, row};
use super::reply::Reply;
use super::sensors;
use super::terminal::ROWS_MAX;
use super::wires;
use crate::card::report::CardReport;
use crate::control::{Answer, Question, ServiceLine, Status, ask};
use crate::restart::WatchdogReport;
use crate::sys::version;
use crate::told::duration;
use crate::{clock, paths, wall};
use hours::Zone;
use serde_json::json;
use std::path::Path;

/// How often `watch` looks again.
const WATCH_US: u64 = 2_000_000;

/// See the head of this file.
pub fn status(context: &mut Context<'_>) -> Reply {
    let asked = Asked::now();
    Reply::done(page(&asked, context.now_us, is_unsaved(context), &context.desk.in_force().time_zone))
        .with(&json!({ "guard": asked.guard.ok(), "services": asked.services.ok() }))
}

/// What was answered; or why not, in words.
struct Asked {
    guard: Result<Box<Status>, String>,
    services: Result<Vec<ServiceLine>, String>,
}

impl Asked {
    fn now() -> Asked {
        let guard = match ask(paths::GUARD_SOCKET, &Question::Status) {
            Ok(Answer::Status(status)) => Ok(status),
            Ok(_) => Err("gave an unexpected answer".into()),
            Err(error) => Err(error.to_string()),
        };
        let services = match ask(paths::INIT_SOCKET, &Question::Services) {
            Ok(Answer::Services(services)) => Ok(services),
            Ok(_) => Err("init gave an unexpected answer".into()),
            Err(error) => Err(error.to_string()),
        };
        Asked { guard, services }
    }
}

/// The same, again and again.
pub fn watch(context: &mut Context<'_>) -> Reply {
    Reply::done("")
        .live(Watch { is_unsaved: is_unsaved(context), zone: context.desk.in_force().time_zone.clone() })
}

fn is_unsaved(context: &Context<'_>) -> bool {
    context.desk.in_force() != context.desk.saved()
}

/// Settings do not change while nobody can type a command.
struct Watch {
    is_unsaved: bool,
    zone: Zone,
}

impl Live for Watch {
    fn period_us(&self) -> u64 {
        WATCH_US
    }

    fn next(&mut self, now_us: u64) -> Next {
        let page = fold(&page(&Asked::now(), now_us, self.is_unsaved, &self.zone));
        let mut rows: Vec<String> = page.lines().map(str::to_owned).collect();
        // The end of a page that is too long for the smallest terminal is what changes least.
        rows.truncate(ROWS_MAX);
        Next::Screen(rows)
    }
}

/// Puts it together. Parts that do not answer are said to.
fn page(asked: &Asked, now_us: u64, is_unsaved: bool, zone: &Zone) -> String {
    let mut out = head(now_us, zone);
    out += &match &asked.guard {
        Ok(status) => guard(status, zone),
        Err(why) => row("guard", why),
    };
    if let Some(words) = wires::words() {
        out += &row("wires", &words);
    }
    out += &row("memory", &memory(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default()));
    out += &row("board", &sensors::words(Path::new("/sys")));
    out += &match &asked.services {
        Ok(services) => row("services", &services_line(services)),
        Err(why) => row("services", why),
    };
    out += &row("restart", &restart(zone));
    out += &row("watchdog", &watchdog(&WatchdogReport::read()));
    out += &row("settings", if is_unsaved { "changed and not saved; `save` keeps them" } else { "saved" });
    out
}

/// Why the system last went down.
fn restart(zone: &Zone) -> String {
    CardReport::read()
        .restart
        .map_or("not known: the card could not be read".into(), |restart| restart.told(zone))
}

fn watchdog(report: &WatchdogReport) -> String {
    match (report.timeout_s, report.trouble.as_str()) {
        (0, trouble) => format!("none: {trouble}"),
        (seconds, "") => format!("ok: {}, {seconds} s", report.identity),
        (seconds, trouble) => format!("trouble: {}, {seconds} s; {trouble}", report.identity),
    }
}

fn head(now_us: u64, zone: &Zone) -> String {
    let trust = if clock::is_trusted() { "" } else { " at the earliest (clock not set)" };
    let time = wall::shown(zone, clock::wall_us());
    row("kerberos", &format!("{}, build {}", version::VERSION, version::BUILD_ID))
        + &row("up", &format!("{}; {time}{trust}", duration(now_us / 1_000_000)))
}

fn services_line(services: &[ServiceLine]) -> String {
    let line = |s: &ServiceLine| {
        let state = if s.pid.is_some() { "running" } else { "waiting to be started" };
        match s.restarts {
            0 => format!("{} {state}", s.name),
            n => format!("{} {state} (restarts: {n}; last time it {})", s.name, s.last_end),
        }
    };
    services.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// Memory used and present, from `/proc/meminfo`.
fn memory(meminfo: &str) -> String {
    let kib = |key: &str| {
        let line = meminfo.lines().find_map(|l| l.strip_prefix(key))?;
        line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok()
    };
    match (kib("MemTotal"), kib("MemAvailable")) {
        (Some(total), Some(available)) => {
            format!("{} of {} MiB used", total.saturating_sub(available) >> 10, total >> 10)
        }
        _ => "not known".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::memory;

    #[test]
    fn memory_reads_well() {
        assert_eq!(
            memory("MemTotal: 250000 kB\nMemFree: 1 kB\nMemAvailable:  200000 kB\n"),
            "48 of 244 MiB used"
        );
        assert_eq!(memory(""), "not known");
    }
}

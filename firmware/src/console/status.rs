//! `status`: how everything is, on one screen.

use super::context::Context;
use super::wires;
use crate::card::report::CardReport;
use crate::control::{Answer, CardStatus, Question, ServiceLine, Status, TamperStatus, ask};
use crate::restart::WatchdogReport;
use crate::sys::version;
use crate::{clock, paths};

/// Asks everybody and puts it together. Parts that do not answer are said to.
pub fn status(context: &mut Context<'_>) -> String {
    if !context.arguments.is_empty() {
        return "Usage: status\n".into();
    }
    let mut out = head(context.now_us);
    match ask(paths::GUARD_SOCKET, &Question::Status) {
        Ok(Answer::Status(status)) => out += &guard(&status),
        Ok(_) => out += "guard     gave an unexpected answer\n",
        Err(error) => out += &format!("guard     {error}\n"),
    }
    if let Some(words) = wires::words() {
        out += &row("wires", &words);
    }
    out += &row("memory", &memory(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default()));
    match ask(paths::INIT_SOCKET, &Question::Services) {
        Ok(Answer::Services(services)) => out += &row("services", &services_line(&services)),
        Ok(_) => out += &row("services", "init gave an unexpected answer"),
        Err(error) => out += &row("services", &error.to_string()),
    }
    out += &row("restart", &restart());
    out += &row("watchdog", &watchdog(&WatchdogReport::read()));
    let unsaved = context.desk.in_force() != context.desk.saved();
    out += &row("settings", if unsaved { "changed and not saved; `save` keeps them" } else { "saved" });
    out
}

/// Why the system last went down.
fn restart() -> String {
    CardReport::read()
        .restart
        .map_or("not known: the card could not be read".into(), |restart| restart.to_string())
}

fn watchdog(report: &WatchdogReport) -> String {
    match (report.timeout_s, report.trouble.as_str()) {
        (0, trouble) => format!("none: {trouble}"),
        (seconds, "") => format!("ok: {}, {seconds} s", report.identity),
        (seconds, trouble) => format!("trouble: {}, {seconds} s; {trouble}", report.identity),
    }
}

fn row(name: &str, text: &str) -> String {
    format!("{name:<10}{text}\n")
}

fn head(now_us: u64) -> String {
    let trust = if clock::is_trusted() { "" } else { " at the earliest (clock not set)" };
    let time = clock::Utc::from_us(clock::wall_us());
    row("kerberos", &format!("{}, build {}", version::VERSION, version::BUILD_ID))
        + &row("up", &format!("{}; {time} UTC{trust}", duration(now_us / 1_000_000)))
}

/// The guard's part. The line `frames` is the ledger: its sum is exact.
fn guard(status: &Status) -> String {
    let Status { camera, card, .. } = status;
    let tenths = |v: u32| format!("{}.{}", v / 10, v % 10);
    let camera_text = if camera.ok {
        format!(
            "ok: {}, {}x{} {}, {} of {} frames/s",
            camera.text,
            camera.width,
            camera.height,
            camera.format,
            tenths(camera.fps_tenths),
            tenths(camera.fps_wanted_tenths)
        )
    } else {
        format!("trouble: {}", camera.text)
    };
    let ago =
        status.last_event_ago_ms.map_or("none yet".into(), |ms| format!("last {} ago", duration(ms / 1000)));
    let now = if status.event_now { "; one goes on now" } else { "" };
    let card_text = match (card.ok, card.total_bytes) {
        (false, _) => format!("trouble: {}", card.text),
        (true, 0) => "ok: how much is free is not known yet".into(),
        (true, total_bytes) => format!("ok: {} of {} MiB free", card.free_bytes >> 20, total_bytes >> 20),
    };
    let card_text = card_text + &card.made_anew_s.map_or_else(String::new, made_anew);
    let mut out = row("armed", if status.armed { "yes" } else { "no" });
    out += &row("camera", &camera_text);
    out += &row("motion", &format!("{} ({})", status.motion, drawn(status)));
    for line in &status.lines {
        out += &row(&format!("line {}", line.number), &format!("{} in, {} out", line.inward, line.outward));
    }
    out += &row("tamper", &tamper(&status.tamper));
    out += &row("events", &format!("{}, {ago}{now}", status.events));
    out += &row("alarm", if status.alarm_on { "ON" } else { "off" });
    out += &row("card", &card_text);
    let sealed = match status.seal_keys {
        0 => "",
        1 => ", sealed to 1 key",
        _ => ", sealed to 2 keys",
    };
    let clips = format!("{} written since the guard started{sealed}{}", card.clips_written, wear(card));
    out += &row("clips", &clips);
    if !status.marks.is_empty() {
        out += &row("picture", &marks(status));
    }
    out += &row("evidence", &evidence(card));
    out += &row("frames", &ledger(status));
    out += &row(
        "ring",
        &format!(
            "{} KiB in use, pre-roll {} ms, {} frames not looked at, {} missed by the camera",
            status.ring_bytes >> 10,
            status.pre_roll_ms,
            status.unanalysed,
            status.missed
        ),
    );
    out
}

/// How much more than the clips' own bytes the card had to write for them: what wears it.
fn wear(card: &CardStatus) -> String {
    let Some(percent) = (card.written_bytes * 100).checked_div(card.clip_bytes) else { return String::new() };
    format!("; the card wrote {}.{:02} bytes for each of theirs", percent / 100, percent % 100)
}

/// What is put into recorded pictures, and whether it could not be.
fn marks(status: &Status) -> String {
    match status.unmarked {
        0 => status.marks.clone(),
        1 => format!("{}; 1 frame could not be marked: {}", status.marks, status.unmarked_why),
        frames => format!("{}; {frames} frames could not be marked: {}", status.marks, status.unmarked_why),
    }
}

/// Hexadecimal digits of the chain's head that are shown: half of it, 128 bits, which fits the screen and is enough to hold a
/// chain against.
const HEAD_DIGITS: usize = 32;

/// Where the chain of hashes over the clips ends: what somebody may write down to prove later that none is missing or altered.
fn evidence(card: &CardStatus) -> String {
    match card.head.get(..HEAD_DIGITS) {
        None => "no clip is chained yet".into(),
        Some(head) => format!("{} links, head {head}", card.links),
    }
}

/// How motion is judged: sensitivity, and zones if there are any.
fn drawn(status: &Status) -> String {
    let zones = |count: u32, name: &str| match count {
        0 => String::new(),
        1 => format!(", 1 zone {name}"),
        count => format!(", {count} zones {name}"),
    };
    let (included, excluded) = status.zones;
    format!(
        "sensitivity {}{}{}",
        status.sensitivity,
        zones(included, "included"),
        zones(excluded, "excluded")
    )
}

fn tamper(status: &TamperStatus) -> String {
    let now = status.now.as_ref();
    let now = now.map_or("none".into(), |now| format!("{now} For {} now.", duration(status.for_ms / 1000)));
    let counts: Vec<String> = status.counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    if counts.is_empty() { now } else { format!("{now} (since the guard started: {})", counts.join(", ")) }
}

/// What is told until somebody acknowledges it.
fn made_anew(made_s: u64) -> String {
    let time = clock::Utc::from_us(made_s.saturating_mul(1_000_000));
    format!(
        "; the clips partition was made anew on {time} UTC, all earlier clips are lost (`card seen` ends this)"
    )
}

fn ledger(status: &Status) -> String {
    let dropped: u64 = status.dropped.iter().map(|(_, n)| n).sum();
    let reasons: Vec<String> = status.dropped.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!(
        "captured {} = recorded {} + skipped {} + dropped {dropped} + held {}{reasons}",
        status.captured, status.recorded, status.skipped, status.held
    )
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

/// Hours, minutes and seconds; days when there are any.
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60);
    let clock = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    if days > 0 { format!("{days} d {clock}") } else { clock }
}

#[cfg(test)]
mod tests {
    use super::{duration, guard, ledger, memory, tamper};
    use crate::control::{LineCount, Status, TamperStatus};
    use vision::luma::Damage;
    use vision::splice::Refusal;

    #[test]
    fn times_and_memory_read_well() {
        assert_eq!(duration(59), "00:00:59");
        assert_eq!(duration(90_061), "1 d 01:01:01");
        assert_eq!(
            memory("MemTotal: 250000 kB\nMemFree: 1 kB\nMemAvailable:  200000 kB\n"),
            "48 of 244 MiB used"
        );
        assert_eq!(memory(""), "not known");
    }

    #[test]
    fn zones_tripwires_and_tampering_are_told_where_there_are_any() {
        let plain = guard(&Status { sensitivity: 50, motion: "Quiet.".into(), ..Status::default() });
        assert!(plain.contains("motion    Quiet. (sensitivity 50)\n"), "{plain}");
        assert!(plain.contains("tamper    none\n") && !plain.contains("line "), "{plain}");
        let lines = vec![LineCount { number: 3, inward: 2, outward: 1 }];
        let full = guard(&Status { zones: (2, 1), lines, ..Status::default() });
        assert!(
            full.contains("(sensitivity 0, 2 zones included, 1 zone excluded)\nline 3    2 in, 1 out\n"),
            "{full}"
        );
        let counts = vec![("covered".into(), 2)];
        let now = TamperStatus {
            now: Some("The camera is covered.".into()),
            for_ms: 61_000,
            counts: counts.clone(),
        };
        assert_eq!(
            tamper(&now),
            "The camera is covered. For 00:01:01 now. (since the guard started: covered 2)"
        );
        assert_eq!(
            tamper(&TamperStatus { counts, ..TamperStatus::default() }),
            "none (since the guard started: covered 2)"
        );
    }

    #[test]
    fn a_camera_whose_frames_cannot_be_marked_is_told_with_what_to_do() {
        let told = |unmarked: u64, why: Refusal| {
            let marks = "time, 1 mask".into();
            let out = guard(&Status { marks, unmarked, unmarked_why: why.to_string(), ..Status::default() });
            out.lines().find(|line| line.starts_with("picture ")).expect("a row").to_owned()
        };
        assert_eq!(
            told(240, Refusal::Frame(Damage::Progressive)),
            "picture   time, 1 mask; 240 frames could not be marked: The frame is a progressive JPEG; choose baseline \
             JPEG in the camera."
        );
        assert_eq!(
            told(1, Refusal::SeveralScans),
            "picture   time, 1 mask; 1 frame could not be marked: The frame carries its components in several scans."
        );
        assert_eq!(told(0, Refusal::NoCode), "picture   time, 1 mask");
        assert!(!guard(&Status::default()).contains("picture "), "nothing is put into pictures");
    }

    #[test]
    fn the_ledger_names_the_losses() {
        let status = Status {
            captured: 10,
            recorded: 3,
            skipped: 4,
            held: 1,
            dropped: vec![("damaged".into(), 2)],
            ..Status::default()
        };
        assert_eq!(ledger(&status), "captured 10 = recorded 3 + skipped 4 + dropped 2 + held 1 (damaged 2)");
    }
}

//! `selftest`: a short report on the hardware, for people to send in.
//!
//! Each check looks at one thing the product needs of the board and says what it found. It asks the process that owns the
//! thing, and changes nothing for good: one pulse of the alarm output, one scratch file on the card.

use super::pulse;
use crate::card::{proof, report::CardReport};
use crate::control::{Answer, Question, Status, ask};
use crate::restart::WatchdogReport;
use crate::services::Part;
use crate::sys::version;
use crate::{board, clock, paths, progress};
use std::path::Path;
use std::time::Duration;

/// The camera's frames are counted over this time.
const CAMERA_TIME: Duration = Duration::from_secs(2);
/// How long something that happens by itself may take to be seen. Emulation is slow.
const SEEN_US: u64 = 10_000_000;
/// How often to look meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What is written to the card and read back.
const SCRATCH_BYTES: usize = 1 << 20;
/// Where. A power cut in between leaves it there until the next self-test.
const SCRATCH: &str = "/clips/selftest.tmp";

/// What a check found.
enum Finding {
    Passed(String),
    Failed(String),
    /// The board has no such thing: not counted.
    Absent(String),
}
use Finding::{Absent, Failed, Passed};

struct Check {
    name: &'static str,
    run: fn() -> Finding,
}

static CHECKS: &[Check] = &[
    Check { name: "console", run: console },
    Check { name: "card", run: card },
    Check { name: "watchdog", run: watchdog },
    Check { name: "camera", run: camera },
    Check { name: "alarm", run: alarm },
    Check { name: "LEDs", run: leds },
];

/// Runs all checks, one after the other.
pub fn selftest() -> String {
    let mut out = head();
    let (mut passed, mut counted) = (0, 0);
    for check in CHECKS {
        let finding = (check.run)();
        // A check is a round of the console's: each of them is bounded by itself.
        pulse::beat();
        passed += u32::from(matches!(finding, Passed(_)));
        counted += u32::from(!matches!(finding, Absent(_)));
        let (word, text) = match finding {
            Passed(text) => ("ok", text),
            Failed(text) => ("FAILED", text),
            Absent(text) => ("-", text),
        };
        out += &format!("{:<10}{word:<8}{text}\n", check.name);
    }
    out + &format!("selftest: {passed} of {counted} passed\n")
}

fn head() -> String {
    let board = board::profile().map_or_else(|error| error, |profile| profile.id);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (version, build) = (version::VERSION, version::BUILD_ID);
    format!("board {board}, kerberos {version} build {build}, kernel {}\n", kernel.trim())
}

fn console() -> Finding {
    let tty = std::fs::read_to_string(paths::CONSOLE_TTY).unwrap_or_default();
    Passed(format!("{tty}: you typed this command and read its answer"))
}

fn card() -> Finding {
    let report = CardReport::read();
    let Some(disk) = report.disk else { return Failed(report.trouble) };
    let name = disk.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let read = |file: &str| std::fs::read_to_string(format!("/sys/block/{name}/{file}")).unwrap_or_default();
    // In units of 512 bytes, whatever the card's own are (Documentation/ABI/stable/sysfs-block).
    let mib = read("size").trim().parse::<u64>().unwrap_or(0) >> 11;
    let model = read("device/name");
    let model = if model.trim().is_empty() { "unnamed" } else { model.trim() };
    let found = format!("{name}, {model}, {mib} MiB");
    match proof::prove(Path::new(SCRATCH), &scratch()) {
        Ok(()) => Passed(format!("{found}; {} KiB written and read back", SCRATCH_BYTES >> 10)),
        Err(error) => Failed(format!("{found}; {error}")),
    }
}

/// Different in every block, so that a card that mixes them up is found.
fn scratch() -> Vec<u8> {
    (0..SCRATCH_BYTES / 4)
        .flat_map(|i| u32::try_from(i).unwrap_or(0).wrapping_mul(2_654_435_761).to_le_bytes())
        .collect()
}

fn watchdog() -> Finding {
    let report = WatchdogReport::read();
    if report.timeout_s == 0 {
        return match board::profile() {
            Ok(profile) if profile.watchdog.is_none() => Absent(report.trouble),
            _ => Failed(report.trouble),
        };
    }
    let found = format!("{}, {} s", report.identity, report.timeout_s);
    if !report.trouble.is_empty() {
        return Failed(format!("{found}; {}", report.trouble));
    }
    let rounds = || progress::read().map(|counts| counts[Part::Init as usize]);
    let (before, from_us) = (rounds(), clock::monotonic_us());
    match within(SEEN_US, || rounds() != before) {
        true => {
            let ms = (clock::monotonic_us() - from_us) / 1000;
            Passed(format!("{found}; fed within {}.{} s", ms / 1000, ms % 1000 / 100))
        }
        false => Failed(format!("{found}; not fed for {} s", SEEN_US / 1_000_000)),
    }
}

fn camera() -> Finding {
    let before = match guard() {
        Ok(status) => status,
        Err(error) => return Failed(error),
    };
    std::thread::sleep(CAMERA_TIME);
    let after = match guard() {
        Ok(status) => status,
        Err(error) => return Failed(error),
    };
    let frames = after.captured.saturating_sub(before.captured);
    let camera = after.camera;
    if !camera.ok || frames == 0 {
        return Failed(camera.text);
    }
    Passed(format!(
        "{}, {}x{} {}, {frames} frames in {} s",
        camera.text,
        camera.width,
        camera.height,
        camera.format,
        CAMERA_TIME.as_secs()
    ))
}

/// One pulse; the line's level is read back from the chip by the guard, which holds the line.
fn alarm() -> Finding {
    let Some(line) = board::profile().ok().and_then(|profile| profile.alarm) else {
        return Absent("this board's profile has no alarm line".into());
    };
    let shown = crate::alarm::line::describe(&line);
    match ask(paths::GUARD_SOCKET, &Question::AlarmTest) {
        Ok(Answer::Done) => {}
        Ok(_) => return Failed(format!("{shown}; the guard refused")),
        Err(error) => return Failed(format!("{shown}; {error}")),
    }
    let active = || guard().is_ok_and(|status| status.alarm_reads == Some(true));
    match within(SEEN_US, active) {
        true => Passed(format!("{shown}; on for one pulse, and reads as on")),
        false => Failed(format!("{shown}; it was switched on, but does not read as on")),
    }
}

fn leds() -> Finding {
    let names = board::profile().map(|profile| profile.leds).unwrap_or_default();
    let names: Vec<String> = [names.status, names.alarm].into_iter().flatten().collect();
    if names.is_empty() {
        return Absent("this board's profile has no LEDs".into());
    }
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !Path::new("/sys/class/leds").join(name).exists())
        .map(String::as_str)
        .collect();
    match missing.as_slice() {
        [] => Passed(names.join(", ")),
        missing => Failed(format!("missing: {}", missing.join(", "))),
    }
}

fn guard() -> Result<Box<Status>, String> {
    match ask(paths::GUARD_SOCKET, &Question::Status) {
        Ok(Answer::Status(status)) => Ok(status),
        Ok(_) => Err("the guard gave an unexpected answer".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn within(limit_us: u64, mut happened: impl FnMut() -> bool) -> bool {
    let deadline_us = clock::monotonic_us() + limit_us;
    while !happened() {
        if clock::monotonic_us() >= deadline_us {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    true
}

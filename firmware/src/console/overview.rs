//! The rows of `status` that tell of the guard: camera, motion, clips, card, frames. Pure.

use crate::control::{CardStatus, LineCount, Status, TamperStatus};
use crate::told::{armed, days_left, duration, rate, tenths};
use crate::wall;
use hours::Zone;

/// Width of a row's name.
const NAME: usize = 10;
/// Hexadecimal digits of the chain's head that are shown: half of it, 128 bits, which fits the screen and is enough to hold a
/// chain against.
const HEAD_DIGITS: usize = 32;

/// A row: its name and a text.
pub fn row(name: &str, text: &str) -> String {
    format!("{name:<NAME$}{text}\n")
}

/// The guard's part. The line `frames` is the ledger: its sum is exact.
pub fn guard(status: &Status, zone: &Zone) -> String {
    let Status { card, .. } = status;
    let ago =
        status.last_event_ago_ms.map_or("none yet".into(), |ms| format!("last {} ago", duration(ms / 1000)));
    let now = if status.event_now { "; one goes on now" } else { "" };
    let mut out = row("armed", &armed(status));
    out += &row("camera", &camera(status));
    out += &row("motion", &format!("{} ({})", status.motion, drawn(status)));
    if !status.lines.is_empty() {
        out += &row("lines", &lines(&status.lines));
    }
    out += &row("tamper", &tamper(&status.tamper));
    if let Some(light) = &status.light {
        out += &row("light", light);
    }
    out += &row("events", &format!("{}, {ago}{now}", status.events));
    out += &row("alarm", if status.alarm_on { "ON" } else { "off" });
    out += &row("card", &card_text(status, zone));
    let sealed = match status.seal_keys {
        0 => "",
        1 => ", sealed to 1 key",
        _ => ", sealed to 2 keys",
    };
    out += &row("clips", &format!("{} written{sealed}{}", card.clips_written, wear(card)));
    if !status.marks.is_empty() {
        out += &row("picture", &marks(status));
    }
    out += &row("evidence", &evidence(card));
    out += &row("frames", &ledger(status));
    let ring = format!(
        "{} KiB, pre-roll {} ms, {} not looked at, {} missed by the camera",
        status.ring_bytes >> 10,
        status.pre_roll_ms,
        status.unanalysed,
        status.missed
    );
    out + &row("ring", &ring)
}

fn camera(status: &Status) -> String {
    let camera = &status.camera;
    if !camera.ok {
        return format!("trouble: {}", camera.text);
    }
    let wanted = tenths(camera.fps_wanted_tenths);
    let rate = match camera.fps_tenths {
        0 => format!("{}, {wanted} wanted", rate(0)),
        is => format!("{} of {wanted} frames/s", tenths(is)),
    };
    let refused = match camera.refused.as_str() {
        "" => String::new(),
        refused => format!("; it does not give {refused}"),
    };
    format!("ok: {}, {}x{} {}, {rate}{refused}", camera.text, camera.width, camera.height, camera.format)
}

fn lines(lines: &[LineCount]) -> String {
    let count = |line: &LineCount| format!("{}: {} in {} out", line.number, line.inward, line.outward);
    lines.iter().map(count).collect::<Vec<_>>().join("; ")
}

fn card_text(status: &Status, zone: &Zone) -> String {
    let card = &status.card;
    let text = match (card.ok, card.total_bytes) {
        (false, _) => format!("trouble: {}", card.text),
        (true, 0) => "ok: how much is free is not known yet".into(),
        (true, total) => {
            format!("ok: {} of {} MiB free; {}", card.free_bytes >> 20, total >> 20, days_left(status))
        }
    };
    text + &card.made_anew_s.map_or_else(String::new, |made_s| made_anew(made_s, zone))
}

/// How much more than the clips' own bytes the card had to write for them: what wears it.
fn wear(card: &CardStatus) -> String {
    let Some(percent) = (card.written_bytes * 100).checked_div(card.clip_bytes) else { return String::new() };
    format!("; the card wrote {}.{:02} bytes for each", percent / 100, percent % 100)
}

/// What is put into recorded pictures, and whether it could not be.
fn marks(status: &Status) -> String {
    match status.unmarked {
        0 => status.marks.clone(),
        1 => format!("{}; 1 frame could not be marked: {}", status.marks, status.unmarked_why),
        frames => format!("{}; {frames} frames could not be marked: {}", status.marks, status.unmarked_why),
    }
}

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
fn made_anew(made_s: u64, zone: &Zone) -> String {
    let time = wall::shown(zone, made_s.saturating_mul(1_000_000));
    format!(
        "; the clips partition was made anew on {time}, all earlier clips are lost (`card seen` ends this)"
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

#[cfg(test)]
mod tests {
    use super::{guard, ledger, tamper};
    use crate::console::fold::fold;
    use crate::console::terminal::COLUMNS_MAX;
    use crate::control::{CameraStatus, CardStatus, LineCount, Status, TamperStatus};
    use hours::Zone;
    use vision::luma::Damage;
    use vision::splice::Refusal;

    #[test]
    fn zones_tripwires_and_tampering_are_told_where_there_are_any() {
        let plain = guard(
            &Status { sensitivity: 50, motion: "Quiet.".into(), ..Status::default() },
            &Zone::default(),
        );
        assert!(plain.contains("motion    Quiet. (sensitivity 50)\n"), "{plain}");
        assert!(plain.contains("tamper    none\n") && !plain.contains("lines "), "{plain}");
        assert!(!plain.contains("light "), "nothing depends on it: {plain}");
        let lines = vec![LineCount { number: 3, inward: 2, outward: 1 }];
        let full = guard(&Status { zones: (2, 1), lines, ..Status::default() }, &Zone::default());
        assert!(
            full.contains("(sensitivity 0, 2 zones included, 1 zone excluded)\nlines     3: 2 in 1 out\n"),
            "{full}"
        );
        let light = Some("dark (by sensor)".into());
        let lit = guard(&Status { light, ..Status::default() }, &Zone::default());
        assert!(lit.contains("\nlight     dark (by sensor)\n"), "{lit}");
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
            let out = guard(
                &Status { marks, unmarked, unmarked_why: why.to_string(), ..Status::default() },
                &Zone::default(),
            );
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
        assert!(
            !guard(&Status::default(), &Zone::default()).contains("picture "),
            "nothing is put into pictures"
        );
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

    #[test]
    fn days_left_follow_from_what_was_recorded_and_are_not_guessed_too_early() {
        let told = |running_ms: u64, clip_bytes: u64, room_bytes: u64| {
            let card = CardStatus {
                ok: true,
                total_bytes: 32 << 30,
                free_bytes: 16 << 30,
                clip_bytes,
                room_bytes,
                ..CardStatus::default()
            };
            let text = guard(&Status { card, running_ms, ..Status::default() }, &Zone::default());
            text.lines().find(|line| line.starts_with("card ")).expect("a row").to_owned()
        };
        let (hour, gib) = (3_600_000, 1 << 30);
        assert_eq!(
            told(hour - 1, gib, gib),
            "card      ok: 16384 of 32768 MiB free; days left not known yet"
        );
        assert!(told(24 * hour, gib, 12 * gib).ends_with("; 12 days left at this rate"));
        assert!(told(24 * hour, 10 * gib, 5 * gib).ends_with("; 12 h left at this rate"));
        assert!(told(24 * hour, 0, gib).ends_with("; nothing was recorded yet"));
        assert!(told(24 * hour, gib, 0).ends_with("; full: the oldest clips make room"));
        assert!(told(u64::MAX, 1, u64::MAX).ends_with("; more than 10 years left at this rate"));
    }

    #[test]
    fn what_is_usual_fits_the_screen() {
        let camera = CameraStatus {
            ok: true,
            text: "HD Pro Webcam C920".into(),
            format: "MJPEG".into(),
            width: 1280,
            height: 720,
            fps_wanted_tenths: 150,
            fps_tenths: 149,
            refused: String::new(),
            mended: String::new(),
        };
        let card = CardStatus {
            ok: true,
            total_bytes: 32 << 30,
            free_bytes: 16 << 30,
            clips_written: 1234,
            clip_bytes: 1 << 30,
            written_bytes: 1_150_000_000,
            links: 1234,
            head: "0123456789abcdef".repeat(4),
            room_bytes: 8 << 30,
            ..CardStatus::default()
        };
        let status = Status {
            armed: true,
            camera,
            card,
            motion: "Nothing differs from the background.".into(),
            sensitivity: 50,
            lines: (1..=4).map(|number| LineCount { number, inward: 17, outward: 12 }).collect(),
            marks: "name and time, a box around what moves, 1 mask".into(),
            seal_keys: 1,
            captured: 1_234_567,
            skipped: 1_200_000,
            recorded: 34_400,
            held: 167,
            running_ms: u64::MAX / 2,
            ..Status::default()
        };
        let text = fold(&guard(&status, &Zone::default()));
        // Around them are nine rows of others, and below them the prompt.
        assert!(text.lines().count() + 9 < 24, "{text}");
        assert!(text.lines().all(|line| line.len() <= COLUMNS_MAX), "{text}");
    }
}

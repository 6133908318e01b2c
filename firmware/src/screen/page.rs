//! What the screen says: the state in a word or two, and what one wants to know beside it. Pure.
//!
//! The words that the console uses as well are in `told`. Must not know where they go.

use super::colour::Ink;
use crate::control::Status;
use crate::plain::plain;
use crate::told::{days_left, duration, rate};
use crate::wall;
use hours::Zone;

/// A full page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The camera's name.
    pub name: String,
    /// Date and time.
    pub clock: String,
    /// Whether they are to be believed.
    pub is_clock_trusted: bool,
    /// The state in a word or two.
    pub state: String,
    /// The ground behind it.
    pub tone: Ink,
    /// What one wants to know beside it, the most important first.
    pub words: Vec<Words>,
}

/// Something worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it is about.
    pub about: &'static str,
    /// What is said.
    pub text: String,
    /// Whether it is something to be mended.
    pub is_trouble: bool,
}

/// What a page is made from, beside the guard's answer.
pub struct Moment<'a> {
    /// The camera's name.
    pub name: &'a str,
    /// The owner's time zone.
    pub zone: &'a Zone,
    /// Wall time, microseconds since 1970.
    pub wall_us: u64,
    /// Whether somebody who knows the time has set the clock.
    pub is_trusted: bool,
}

impl Moment<'_> {
    fn page(&self, state: impl Into<String>, tone: Ink, words: Vec<Words>) -> Page {
        let trust = if self.is_trusted { "" } else { " (not set)" };
        Page {
            name: self.name.into(),
            clock: format!("{}{trust}", wall::shown(self.zone, self.wall_us)),
            is_clock_trusted: self.is_trusted,
            state: state.into(),
            tone,
            words,
        }
    }

    /// While the guard does not answer: why its process last ended, if that is known.
    pub fn without_guard(&self, why: Option<&str>) -> Page {
        let why = why.filter(|why| !why.is_empty()).unwrap_or("it is starting, or has much to do");
        self.page("CAMERA PROCESS RESTARTING", Ink::AMBER, vec![trouble("WHY", why)])
    }

    /// When everything has stopped.
    pub fn stopped(&self) -> Page {
        self.page("STOPPED", Ink::SLATE, vec![fine("WHY", "It restarts, or is switched off.")])
    }

    /// What the guard tells.
    pub fn page_of(&self, status: &Status) -> Page {
        let (state, tone) = state(status);
        let mut words = vec![self.last_event(status), card(status), camera(status)];
        if let Some(tamper) = &status.tamper.now {
            words.push(trouble("TAMPERING", tamper));
        }
        if !status.armed_why.is_empty() {
            words.push(fine("ARMING", &status.armed_why));
        }
        if status.alarm_on {
            words.push(trouble("ALARM", "on"));
        }
        // Stable: what is to be mended comes first, the rest stays in its order.
        words.sort_by_key(|words| !words.is_trouble);
        self.page(state, tone, words)
    }

    fn last_event(&self, status: &Status) -> Words {
        let text = match status.last_event_ago_ms {
            None => "none yet".into(),
            Some(_) if status.event_now => format!("{} goes on", status.events),
            Some(ms) => {
                let began_us = self.wall_us.saturating_sub(ms.saturating_mul(1000));
                let at = wall::shown_near(self.zone, began_us, self.wall_us);
                format!("{} at {at}, {} ago", status.events, duration(ms / 1000))
            }
        };
        fine("LAST EVENT", &text)
    }
}

/// The most important of what is the case.
fn state(status: &Status) -> (String, Ink) {
    if status.event_now {
        let kept = if status.card.ok { "" } else { ", NOT RECORDED" };
        (format!("EVENT {}{kept}", status.events), Ink::RED)
    } else if status.tamper.now.is_some() {
        ("TAMPERING".into(), Ink::RED)
    } else if !status.camera.ok {
        ("NO PICTURE".into(), Ink::AMBER)
    } else if !status.card.ok {
        ("CARD TROUBLE".into(), Ink::AMBER)
    } else if status.armed {
        ("ARMED".into(), Ink::GREEN)
    } else {
        ("NOT ARMED".into(), Ink::SLATE)
    }
}

fn camera(status: &Status) -> Words {
    let camera = &status.camera;
    match camera.ok {
        true => fine(
            "CAMERA",
            &format!(
                "{}, {}x{} {}, {}",
                camera.text,
                camera.width,
                camera.height,
                camera.format,
                rate(camera.fps_tenths)
            ),
        ),
        false => trouble("CAMERA", &camera.text),
    }
}

fn card(status: &Status) -> Words {
    let card = &status.card;
    match (card.ok, card.total_bytes) {
        (false, _) => trouble("CARD", &card.text),
        (true, 0) => fine("CARD", "ok"),
        (true, total) => {
            let text =
                format!("ok, {} of {} MiB free, {}", card.free_bytes >> 20, total >> 20, days_left(status));
            match card.made_anew_s {
                None => fine("CARD", &text),
                Some(_) => trouble("CARD", &format!("made anew, earlier clips are lost; {text}")),
            }
        }
    }
}

fn fine(about: &'static str, text: &str) -> Words {
    Words { about, text: plain(text), is_trouble: false }
}

fn trouble(about: &'static str, text: &str) -> Words {
    Words { is_trouble: true, ..fine(about, text) }
}

/// A text in lines of so many letters; a word that is longer is cut in two.
pub fn lines(text: &str, letters: usize) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() || letters == 0 {
            return None;
        }
        let end = rest.char_indices().nth(letters).map_or(rest.len(), |(at, _)| at);
        let cut = match rest[end..].chars().next() {
            None | Some(' ') => end,
            Some(_) => rest[..end].rfind(' ').unwrap_or(end),
        };
        let (line, after) = rest.split_at(cut);
        rest = after.trim_start();
        Some(line.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::{Ink, Moment, Page, lines};
    use crate::control::{CameraStatus, CardStatus, Status, TamperStatus};
    use hours::Zone;

    fn well() -> Status {
        let camera = CameraStatus {
            ok: true,
            text: "Emulated camera".into(),
            format: "MJPEG".into(),
            width: 1280,
            height: 720,
            fps_tenths: 149,
            ..CameraStatus::default()
        };
        let card =
            CardStatus { ok: true, total_bytes: 32 << 30, free_bytes: 16 << 30, ..CardStatus::default() };
        Status { armed: true, camera, card, ..Status::default() }
    }

    fn page(status: &Status) -> Page {
        let zone = Zone::default();
        moment(&zone).page_of(status)
    }

    fn moment(zone: &Zone) -> Moment<'_> {
        Moment { name: "gate", zone, wall_us: 1_795_742_433_000_000, is_trusted: true }
    }

    fn said<'a>(page: &'a Page, about: &str) -> &'a str {
        page.words.iter().find(|words| words.about == about).map_or("", |words| &words.text)
    }

    #[test]
    fn the_state_is_the_most_important_of_what_is_the_case() {
        let mut status = well();
        let mut is = |change: fn(&mut Status), state: &str, tone: Ink| {
            change(&mut status);
            let page = page(&status);
            assert_eq!((page.state.as_str(), page.tone), (state, tone));
        };
        is(|_| (), "ARMED", Ink::GREEN);
        is(|s| s.armed = false, "NOT ARMED", Ink::SLATE);
        is(|s| s.card.ok = false, "CARD TROUBLE", Ink::AMBER);
        is(|s| s.camera.ok = false, "NO PICTURE", Ink::AMBER);
        is(|s| s.tamper.now = Some("The camera is covered.".into()), "TAMPERING", Ink::RED);
        is(|s| (s.event_now, s.events) = (true, 3), "EVENT 3, NOT RECORDED", Ink::RED);
        is(|s| s.card.ok = true, "EVENT 3", Ink::RED);
    }

    #[test]
    fn what_is_worth_knowing_is_said_and_trouble_comes_first() {
        let mut status = well();
        let calm = page(&status);
        assert_eq!(calm.clock, "2026-11-27 01:20:33 UTC");
        assert_eq!(said(&calm, "LAST EVENT"), "none yet");
        assert_eq!(said(&calm, "CAMERA"), "Emulated camera, 1280x720 MJPEG, 14.9 frames/s");
        assert_eq!(said(&calm, "CARD"), "ok, 16384 of 32768 MiB free, days left not known yet");
        assert!(calm.words.iter().all(|words| !words.is_trouble));

        (status.events, status.last_event_ago_ms) = (2, Some(61_000));
        status.armed_why = "paused until 02:00".into();
        status.tamper =
            TamperStatus { now: Some("The camera is covered.".into()), ..TamperStatus::default() };
        (status.camera.ok, status.camera.text) = (false, "no camera is\u{1b}[31m connected".into());
        let busy = page(&status);
        assert_eq!(said(&busy, "LAST EVENT"), "2 at 01:19, 00:01:01 ago");
        assert_eq!(said(&busy, "ARMING"), "paused until 02:00");
        assert_eq!(said(&busy, "CAMERA"), "no camera is[31m connected", "of what others chose only letters");
        let about: Vec<&str> = busy.words.iter().map(|words| words.about).collect();
        assert_eq!(about, ["CAMERA", "TAMPERING", "LAST EVENT", "CARD", "ARMING"]);
    }

    #[test]
    fn a_clock_that_nobody_set_and_a_guard_that_does_not_answer_are_said() {
        let zone = Zone::default();
        let unset = Moment { is_trusted: false, ..moment(&zone) };
        let page = unset.without_guard(Some("was killed by SIGKILL"));
        assert_eq!(page.clock, "2026-11-27 01:20:33 UTC (not set)");
        assert_eq!(
            (page.state.as_str(), said(&page, "WHY")),
            ("CAMERA PROCESS RESTARTING", "was killed by SIGKILL")
        );
        assert!(!said(&unset.without_guard(None), "WHY").is_empty());
    }

    #[test]
    fn lines_are_cut_between_words_and_nothing_is_lost() {
        let cut = |text, letters| lines(text, letters).collect::<Vec<_>>();
        assert_eq!(cut("one two three", 7), ["one two", "three"]);
        assert_eq!(cut("one two three", 8), ["one two", "three"]);
        assert_eq!(cut("  incomprehensible  ", 6), ["incomp", "rehens", "ible"]);
        assert_eq!(cut("\u{e9}\u{e9}\u{e9} \u{e9}\u{e9}", 3), ["\u{e9}\u{e9}\u{e9}", "\u{e9}\u{e9}"]);
        assert_eq!(cut("", 5), [""; 0]);
        assert_eq!(cut("x", 0), [""; 0]);
    }
}

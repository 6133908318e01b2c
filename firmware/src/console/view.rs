//! `view`: what the camera sees, in the terminal, a few times a second; or once, without escape sequences.

use super::colour;
use super::context::Context;
use super::grammar::{Form, Word};
use super::live::{Live, Next, cut};
use super::picture::{self, MARGIN};
use super::pulse;
use super::reply::Reply;
use super::terminal::{COLUMNS_MAX, ROWS_MAX};
use crate::control::{Answer, Look, Looking, Question, View, ask};
use crate::settings::Settings;
use crate::told::rate;
use crate::{clock, paths};
use std::time::Duration;

/// What may follow `view`.
pub const FORMS: &[Form] = &[
    Form { words: &[], help: "again and again, until a key" },
    Form { words: &[Word::Is("colour")], help: "the same, with zones, tripwires and what moves in colour" },
    Form { words: &[Word::Is("once")], help: "one picture, without escape sequences" },
];

/// A screen is 1.8 KB, and 115200 baud carry 2.9 KB in this time.
const PERIOD_US: u64 = 250_000;
/// A picture that is older than that is not what the camera sees.
const FRESH_MS_MAX: u64 = 2000;
/// How long to wait for the first picture, and how often to look.
const FIRST_US_MAX: u64 = 5_000_000;
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The picture, its upper ruler above and what is said of it below fill the screen.
const SCREEN: Looking =
    Looking { columns_max: (COLUMNS_MAX - MARGIN) as u16, rows_max: ROWS_MAX as u16 - 2, is_test: false };

/// See the head of this file.
pub fn view(context: &mut Context<'_>) -> Reply {
    let settings = context.desk.in_force().clone();
    match context.arguments {
        [] => Reply::done("").live(Watching { settings, is_coloured: false }),
        ["colour"] => Reply::done("").live(Watching { settings, is_coloured: true }),
        _ => once(&settings).into(),
    }
}

/// One picture, as text.
pub fn once(settings: &Settings) -> Result<String, String> {
    let until_us = clock::monotonic_us() + FIRST_US_MAX;
    loop {
        pulse::beat();
        match look(SCREEN) {
            Ok(view) if is_fresh(&view) => {
                return Ok(page(&view, settings, "", false).into_iter().map(|row| row + "\n").collect());
            }
            Ok(_) if clock::monotonic_us() < until_us => std::thread::sleep(LOOK_EVERY),
            Ok(_) => return Err(format!("No picture comes. {}\n", trouble())),
            Err(why) => return Err(format!("No picture: {why}\n")),
        }
    }
}

/// What is seen now.
pub fn look(looking: Looking) -> Result<View, String> {
    match ask(paths::GUARD_SOCKET, &Question::View(looking)) {
        Ok(Answer::View(view)) => Ok(*view),
        Ok(_) => Err("the guard gave an unexpected answer.".into()),
        Err(error) => Err(format!("{error}.")),
    }
}

/// Whether it is a picture of what the camera sees now.
pub fn is_fresh(view: &View) -> bool {
    view.frames > 0 && view.age_ms <= FRESH_MS_MAX
}

/// Why there is no picture.
pub fn trouble() -> String {
    match ask(paths::GUARD_SOCKET, &Question::Status) {
        Ok(Answer::Status(status)) if !status.camera.ok => {
            format!("Camera: {}. `diag` says more.", status.camera.text)
        }
        Ok(Answer::Status(status)) => status.motion,
        _ => "The guard does not answer.".into(),
    }
}

struct Watching {
    settings: Settings,
    is_coloured: bool,
}

impl Live for Watching {
    fn period_us(&self) -> u64 {
        PERIOD_US
    }

    fn next(&mut self, _now_us: u64) -> Next {
        Next::Screen(match look(SCREEN) {
            Ok(view) if is_fresh(&view) => page(&view, &self.settings, "; a key ends", self.is_coloured),
            Ok(view) if view.frames == 0 => vec!["Waiting for a picture; a key ends.".into()],
            Ok(_) => vec![cut(&format!("No picture comes; a key ends. {}", trouble()))],
            Err(why) => vec![cut(&format!("No picture: {why}"))],
        })
    }
}

/// The picture and what is said of it.
fn page(view: &View, settings: &Settings, end: &str, is_coloured: bool) -> Vec<String> {
    let mut rows = picture::rows(view, settings);
    if is_coloured {
        rows = colour::paint(rows);
    }
    let rate = rate(view.fps_tenths);
    let armed = if view.armed { "" } else { "; not armed" };
    rows.push(cut(&format!("{rate}; {}{armed}{end}", verdict(&view.now))));
    rows
}

/// A verdict with the size that it is about and what was asked: `too small: 0.12 of 0.15 %`.
pub fn verdict(look: &Look) -> String {
    let Some(about) = &look.about else { return look.word.clone() };
    let size = percent(about.blob_px, look.plane_px);
    let place = about.zone.map_or_else(String::new, |zone| format!(" in zone {zone}"));
    match about.is_judged {
        true => format!("{}: {size} of {} %{place}", look.word, percent(about.blob_px_min, look.plane_px)),
        false => format!("{}: {size} %", look.word),
    }
}

/// A part of the picture in percent, with two decimals.
pub fn percent(px: u32, plane_px: u32) -> String {
    let hundredths = u64::from(px) * 10_000 / u64::from(plane_px.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::{SCREEN, is_fresh, page, verdict};
    use crate::console::terminal::{COLUMNS_MAX, ROWS_MAX};
    use crate::control::{Explained, Look, View, fit};
    use crate::settings::Settings;

    fn look() -> Look {
        let about = Explained {
            is_judged: true,
            zone: Some(2),
            blob_px: 22,
            blob_px_min: 14,
            ..Explained::default()
        };
        Look { word: "too short".into(), about: Some(about), plane_px: 14_400, ..Look::default() }
    }

    #[test]
    fn the_page_fits_the_smallest_terminal_and_says_what_is_seen() {
        for (width, height) in [(1280, 720), (640, 480), (720, 1280)] {
            let (columns, rows) = fit(width, height, SCREEN);
            let grey = vec![9; usize::from(columns) * usize::from(rows)];
            let view = View { columns, rows, grey, now: look(), fps_tenths: 149, ..View::default() };
            let page = page(&view, &Settings::default(), "; a key ends", false);
            assert!(page.len() <= ROWS_MAX && page.iter().all(|row| row.len() <= COLUMNS_MAX), "{page:?}");
            let said = "14.9 frames/s; too short: 0.15 of 0.09 % in zone 2; not armed; a key ends";
            assert_eq!(page.last().map(String::as_str), Some(said));
        }
    }

    #[test]
    fn a_verdict_is_short() {
        let quiet = Look { word: "quiet".into(), ..Look::default() };
        assert_eq!(verdict(&quiet), "quiet");
        let outside = Look { about: Some(Explained { blob_px: 1440, ..Explained::default() }), ..look() };
        assert_eq!(verdict(&outside), "too short: 10.00 %");
        assert!(!is_fresh(&View::default()));
        assert!(is_fresh(&View { frames: 1, ..View::default() }));
    }
}

//! The status screen: the process that shows on a display, if there is one, how everything is and what the camera sees.
//!
//! It asks guard and init as the console does, and nobody waits for it. Without a display it asks nobody anything. Must not decide, nor keep
//! anything.

mod canvas;
mod colour;
mod display;
mod face;
mod layout;
mod page;
mod picture;

use crate::control::{ANSWER_LIMIT, Answer, Picture, Question, ask_for_files, ask_within};
use crate::services::{Part, Role, service};
use crate::settings::{ScreenShow, Settings};
use crate::{clock, in_force, info, log, paths, progress, stop, warning};
use display::{Display, DisplayError};
use face::Face;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signalfd::SignalFd;
use page::{Moment, Page};
use picture::Sight;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::ExitCode;

/// How often to look whether a display is there.
const LOOK_US: u64 = 2_000_000;
/// How often everything but the picture is asked for: clocks go by seconds.
const TELL_US: u64 = 1_000_000;
/// How often the picture is: as the console's `view`.
const PICTURE_US: u64 = 250_000;

/// Runs until init asks us to stop.
pub fn run() -> ExitCode {
    log::install_epitaph("screen");
    match stop::signal() {
        Ok(stop) => {
            watch(&stop, &mut Screen::default());
            ExitCode::SUCCESS
        }
        Err(error) => {
            warning!("screen: the system gives no more descriptors: {}", error.desc());
            ExitCode::FAILURE
        }
    }
}

fn watch(stop: &SignalFd, screen: &mut Screen) {
    while !matches!(stop.read_signal(), Ok(Some(_))) {
        progress::beat(Part::Screen);
        screen.turn(clock::monotonic_us());
        let wait_us = screen.due_us().saturating_sub(clock::monotonic_us());
        let mut fds = [PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
        // Rounded up. An interrupted or failed wait is a short one; the loop looks at everything again.
        let _ = poll(&mut fds, u16::try_from(wait_us.div_ceil(1000)).unwrap_or(u16::MAX));
    }
    screen.part();
}

/// See the module.
#[derive(Default)]
struct Screen {
    panel: Option<Panel>,
    owner: Owner,
    look_us: u64,
    /// What is wrong with the display, told once.
    trouble: String,
}

impl Screen {
    fn turn(&mut self, now_us: u64) {
        if now_us >= self.look_us {
            self.look_us = now_us + LOOK_US;
            self.look();
        }
        let Some(panel) = &mut self.panel else { return };
        if panel.tell_us <= now_us && self.owner.refresh() {
            panel.face.see_anew();
        }
        if let Err(error) = panel.turn(&self.owner.settings, now_us) {
            self.lose(&error);
        }
    }

    /// When there is something to do again.
    fn due_us(&self) -> u64 {
        let panel = self.panel.as_ref().map_or(u64::MAX, |panel| panel.tell_us.min(panel.picture_us));
        self.look_us.min(panel)
    }

    fn look(&mut self) {
        let root = Path::new("/");
        match (display::is_there(root), &self.panel) {
            (true, None) => match Display::open(root) {
                Ok(display) => {
                    info!("screen: {}", display.words());
                    self.trouble.clear();
                    self.panel = Some(Panel::new(display));
                }
                Err(error) => self.lose(&error),
            },
            (false, Some(_)) => {
                info!("screen: the display is gone");
                self.panel = None;
            }
            _ => {}
        }
    }

    fn lose(&mut self, error: &DisplayError) {
        self.panel = None;
        let trouble = error.to_string();
        if trouble != self.trouble {
            warning!("screen: {trouble}");
            self.trouble = trouble;
        }
    }

    /// Nothing that is shown from here on is true any more, so it is taken away.
    fn part(&mut self) {
        let Some(panel) = &mut self.panel else { return };
        if self.owner.settings.screen_show != ScreenShow::Off {
            panel.face.arrange(false, 0);
            panel.face.say(moment(&self.owner.settings).stopped());
            // If it is gone, nobody sees it.
            let _ = panel.display.show(&mut panel.face.canvas);
        }
    }
}

/// The settings in force, read again when they change.
#[derive(Default)]
struct Owner {
    settings: Settings,
    edition: Option<in_force::Edition>,
}

impl Owner {
    /// Whether they have changed.
    fn refresh(&mut self) -> bool {
        let edition = in_force::edition();
        let is_new = edition.is_none() || edition != self.edition;
        if is_new {
            // Before reading: what changes meanwhile is read again.
            self.edition = edition;
            self.settings = in_force::read().settings;
        }
        is_new
    }
}

/// A display with what is on it.
struct Panel {
    display: Display,
    face: Face,
    sight: Sight,
    tell_us: u64,
    picture_us: u64,
}

impl Panel {
    fn new(display: Display) -> Panel {
        let face = Face::new(display.size());
        Panel { display, face, sight: Sight::default(), tell_us: 0, picture_us: 0 }
    }

    fn turn(&mut self, settings: &Settings, now_us: u64) -> Result<(), DisplayError> {
        let show = settings.screen_show;
        self.display.darken(show == ScreenShow::Off);
        if show == ScreenShow::Off {
            (self.tell_us, self.picture_us) = (now_us + TELL_US, u64::MAX);
            self.face.wipe();
            return self.display.show(&mut self.face.canvas);
        }
        self.face.arrange(show == ScreenShow::Picture, layout::wandered(now_us));
        if now_us >= self.tell_us {
            self.tell_us = now_us + TELL_US;
            self.face.say(page(settings));
            // If there was none until now, from here on.
            self.picture_us = self.picture_us.min(self.tell_us);
        }
        if show != ScreenShow::Picture {
            self.picture_us = u64::MAX;
        } else if now_us >= self.picture_us {
            self.picture_us = now_us + PICTURE_US;
            let is_seen = look(&mut self.sight).is_some();
            self.face.see(is_seen.then_some(&self.sight), settings);
        }
        self.display.show(&mut self.face.canvas)
    }
}

fn moment(settings: &Settings) -> Moment<'_> {
    Moment {
        name: settings.name.as_str(),
        zone: &settings.time_zone,
        wall_us: clock::wall_us(),
        is_trusted: clock::is_trusted(),
    }
}

/// What there is to say now.
fn page(settings: &Settings) -> Page {
    let answer = ask_within(paths::GUARD_SOCKET, &Question::Status, ANSWER_LIMIT);
    let moment = moment(settings);
    match answer {
        Ok(Answer::Status(status)) => moment.page_of(&status),
        _ => moment.without_guard(last_end_of_guard().as_deref()),
    }
}

/// Why the guard's process last ended, as init knows it.
fn last_end_of_guard() -> Option<String> {
    let name = service(Role::Guard)?.name;
    match ask_within(paths::INIT_SOCKET, &Question::Services, ANSWER_LIMIT) {
        Ok(Answer::Services(lines)) => {
            lines.into_iter().find(|line| line.name == name).map(|line| line.last_end)
        }
        _ => None,
    }
}

/// The picture as it is now, into memory that is there.
fn look(sight: &mut Sight) -> Option<()> {
    let (answer, files) = ask_for_files(paths::GUARD_SOCKET, &Question::Picture).ok()?;
    let Answer::Picture(picture) = answer else { return None };
    let Picture { width, height, .. } = *picture;
    let pixels = usize::from(width) * usize::from(height);
    sight.picture = *picture;
    for (plane, at) in [(&mut sight.greys, 0), (&mut sight.shades, pixels)] {
        plane.resize(pixels, 0);
        files.first()?.read_exact_at(plane, at as u64).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{Display, PICTURE_US, Panel, ScreenShow, Settings, TELL_US};

    #[test]
    fn whatever_is_shown_nobody_turns_without_a_pause() {
        let mut panel = Panel::new(Display::in_memory());
        let mut now_us = 1;
        for show in [ScreenShow::Picture, ScreenShow::Status, ScreenShow::Off, ScreenShow::Picture] {
            let settings = Settings { screen_show: show, ..Settings::default() };
            let (from_us, mut turns) = (now_us, 0);
            while now_us < from_us + 10 * TELL_US {
                // Nobody answers here.
                panel.turn(&settings, now_us).expect("memory takes it");
                let due_us = panel.tell_us.min(panel.picture_us);
                assert!(due_us > now_us && due_us <= now_us + TELL_US, "{show:?}");
                now_us = due_us;
                turns += 1;
            }
            let most = if show == ScreenShow::Picture { 14 * TELL_US / PICTURE_US } else { 12 };
            assert!((10..=most).contains(&turns), "{show:?}: {turns} turns in 10 s");
        }
    }
}

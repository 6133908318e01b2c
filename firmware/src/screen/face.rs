//! The whole screen in memory: page and picture drawn into their places. Pure.
//!
//! What does not change is not drawn again. Must not ask anybody, nor know a device.

use super::canvas::{Canvas, LETTER};
use super::colour::Ink;
use super::layout::{BAND_SCALE, Layout, layout};
use super::page::{Page, lines};
use super::picture::{Painter, Sight};
use crate::settings::Settings;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::primitives::Rectangle;

/// A picture that is older than that is not what the camera sees.
const FRESH_MS_MAX: u64 = 2000;

/// See the module.
pub struct Face {
    /// What is drawn so far.
    pub canvas: Canvas,
    layout: Layout,
    painter: Painter,
    page: Option<Page>,
    /// What the place of the picture shows, so that it is not drawn twice.
    pane: Pane,
}

/// What the place of the picture shows.
#[derive(Debug, PartialEq, Eq)]
enum Pane {
    /// Anything.
    Unknown,
    /// The frame of that number.
    Frame(u64),
    /// That there is none.
    Empty,
}

impl Face {
    /// All black.
    pub fn new(size: Size) -> Face {
        Face {
            canvas: Canvas::new(size),
            layout: layout(size, true, 0),
            painter: Painter::default(),
            page: None,
            pane: Pane::Unknown,
        }
    }

    /// Whether there is a place for the picture, and by how much everything has wandered. All is wiped when that changes.
    pub fn arrange(&mut self, has_picture: bool, wandered: u32) {
        let layout = layout(self.canvas.size(), has_picture, wandered);
        if layout != self.layout {
            self.layout = layout;
            self.wipe();
        }
    }

    /// All black; whatever comes is drawn anew.
    pub fn wipe(&mut self) {
        self.canvas.fill(&Rectangle::new(Point::zero(), self.canvas.size()), Ink::BLACK);
        (self.page, self.pane) = (None, Pane::Unknown);
    }

    /// Says this.
    pub fn say(&mut self, page: Page) {
        let before = self.page.take();
        let differs = |part: fn(&Page) -> (&str, &str)| before.as_ref().map(part) != Some(part(&page));
        if differs(|page| (&page.name, &page.clock)) {
            self.bar(&page);
        }
        if before.as_ref().map(|page| (&page.state, page.tone)) != Some((&page.state, page.tone)) {
            self.band(&page);
        }
        if before.as_ref().map(|page| &page.words) != Some(&page.words) {
            self.words(&page);
        }
        self.page = Some(page);
    }

    /// Shows the picture, or that there is none.
    pub fn see(&mut self, sight: Option<&Sight>, settings: &Settings) {
        let within = self.layout.picture;
        let sight = sight.filter(|sight| sight.picture.frames > 0 && sight.picture.age_ms <= FRESH_MS_MAX);
        let pane = sight.map_or(Pane::Empty, |sight| Pane::Frame(sight.picture.frames));
        if pane == self.pane || within.is_zero_sized() {
            return;
        }
        let scale = self.layout.scale;
        match sight {
            Some(sight) => {
                if !matches!(self.pane, Pane::Frame(_)) {
                    self.canvas.fill(&within, Ink::BLACK);
                }
                self.painter.paint(&mut self.canvas, &within, sight, settings, scale);
            }
            None => {
                self.canvas.fill(&within, Ink::BLACK);
                let text = "No picture";
                let size = Size::new(LETTER.0 * scale * text.len() as u32, LETTER.1 * scale);
                let half = within.size.saturating_sub(size) / 2;
                self.canvas.write(text, within.top_left + half, scale, Ink::DIM);
            }
        }
        self.pane = pane;
    }

    /// The picture has to be drawn anew even if it is the same: what is drawn into it has changed.
    pub fn see_anew(&mut self) {
        self.pane = Pane::Unknown;
    }

    fn bar(&mut self, page: &Page) {
        let Layout { bar, scale, .. } = self.layout;
        self.canvas.fill(&bar, Ink::BLACK);
        let letters = (bar.size.width / (LETTER.0 * scale)) as usize;
        let clock = page.clock.chars().count().min(letters);
        let x = i32::try_from(bar.size.width - clock as u32 * LETTER.0 * scale).unwrap_or(0);
        let ink = if page.is_clock_trusted { Ink::WHITE } else { Ink::DIM };
        self.canvas.write(&page.clock, bar.top_left + Point::new(x, 0), scale, ink);
        // The name has what is left, with a letter between.
        let name: String = page.name.chars().take(letters.saturating_sub(clock + 1)).collect();
        self.canvas.write(&name, bar.top_left, scale, Ink::WHITE);
    }

    fn band(&mut self, page: &Page) {
        let Layout { band, scale, .. } = self.layout;
        self.canvas.fill(&band, page.tone);
        let letters = page.state.chars().count() as u32;
        let wide = letters * LETTER.0 * scale * BAND_SCALE + LETTER.0 * scale;
        let scale = if wide <= band.size.width { scale * BAND_SCALE } else { scale };
        let above = band.size.height.saturating_sub(LETTER.1 * scale) / 2;
        let at = Point::new((LETTER.0 * scale / 2) as i32, above as i32);
        self.canvas.write(&page.state, band.top_left + at, scale, Ink::WHITE);
    }

    fn words(&mut self, page: &Page) {
        let Layout { words: area, scale, .. } = self.layout;
        self.canvas.fill(&area, Ink::BLACK);
        let (letters, height) = ((area.size.width / (LETTER.0 * scale)) as usize, LETTER.1 * scale);
        let mut y = 0;
        for words in &page.words {
            let ink = if words.is_trouble { Ink::ALERT } else { Ink::WHITE };
            let about = std::iter::once((words.about, Ink::DIM));
            for (line, ink) in about.chain(lines(&words.text, letters).map(|line| (line, ink))) {
                // A line is there or not: half of one tells nothing.
                if y + height > area.size.height {
                    return;
                }
                self.canvas.write(line, area.top_left + Point::new(0, y as i32), scale, ink);
                y += height;
            }
            y += height / 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Face, Ink, Page, Point, Rectangle, Sight, Size};
    use crate::control::{Picture, shade};
    use crate::screen::page::Words;
    use crate::settings::Settings;
    use embedded_graphics::prelude::PointsIter;

    const SIZE: Size = Size::new(1280, 720);

    fn page(state: &str, tone: Ink) -> Page {
        Page {
            name: "gate".into(),
            clock: "2026-11-27 01:20:33 UTC".into(),
            is_clock_trusted: true,
            state: state.into(),
            tone,
            words: vec![Words {
                about: "CARD",
                text: "ok, 16384 of 32768 MiB free".into(),
                is_trouble: false,
            }],
        }
    }

    fn sight(frames: u64, age_ms: u64) -> Sight {
        let picture =
            Picture { frames, age_ms, width: 16, height: 9, frame_px: (1280, 720), ..Picture::default() };
        Sight { picture, greys: vec![180; 144], shades: vec![shade::PLAIN; 144] }
    }

    /// How many pixels of an area have this ink.
    fn count(face: &Face, area: &Rectangle, ink: Ink) -> usize {
        area.points().filter(|at| face.canvas.at(at.x as u32, at.y as u32) == ink).count()
    }

    /// The rows that are given to the display.
    fn shown(face: &mut Face) -> Vec<usize> {
        let mut rows = Vec::new();
        let shown: Result<(), ()> = face.canvas.show(|y, pixels| {
            rows.extend(y..y + pixels.len() / SIZE.width as usize);
            Ok(())
        });
        shown.expect("it is taken");
        rows
    }

    #[test]
    fn state_words_and_picture_are_in_their_places() {
        let mut face = Face::new(SIZE);
        face.say(page("ARMED", Ink::GREEN));
        face.see(Some(&sight(1, 0)), &Settings::default());
        let layout = face.layout;
        let band = layout.band.size.width as usize * layout.band.size.height as usize;
        let (ground, letters) =
            (count(&face, &layout.band, Ink::GREEN), count(&face, &layout.band, Ink::WHITE));
        assert!(
            ground + letters == band && letters > 1000 && letters < band / 5,
            "{ground} + {letters} of {band}"
        );
        assert!(
            count(&face, &layout.bar, Ink::WHITE) > 1000 && count(&face, &layout.words, Ink::WHITE) > 1000
        );
        assert!(count(&face, &layout.words, Ink::DIM) > 200, "what it is about");
        let grey = count(&face, &layout.picture, Ink::grey(180));
        assert!(grey > 300_000, "{grey} pixels of the picture");
    }

    #[test]
    fn only_what_changes_is_drawn_and_goes_to_the_display() {
        let mut face = Face::new(SIZE);
        face.say(page("ARMED", Ink::GREEN));
        face.see(Some(&sight(1, 0)), &Settings::default());
        shown(&mut face);
        face.say(page("ARMED", Ink::GREEN));
        face.see(Some(&sight(1, 40)), &Settings::default());
        assert_eq!(shown(&mut face), [0; 0], "the same again");
        face.say(Page { clock: "2026-11-27 01:20:34 UTC".into(), ..page("ARMED", Ink::GREEN) });
        let bar = face.layout.bar;
        let rows = shown(&mut face);
        assert!(!rows.is_empty() && rows.iter().all(|y| bar.rows().contains(&(*y as i32))), "{rows:?}");
        face.say(page("EVENT 1", Ink::RED));
        assert!(count(&face, &face.layout.band, Ink::RED) > 10_000 && shown(&mut face).len() > 50);
    }

    #[test]
    fn a_picture_that_is_old_or_missing_is_not_shown() {
        let (mut face, settings) = (Face::new(SIZE), Settings::default());
        face.see(Some(&sight(1, 0)), &settings);
        assert!(count(&face, &face.layout.picture, Ink::grey(180)) > 0);
        for none in [Some(sight(2, 2001)), None, Some(sight(0, 0))] {
            face.see(none.as_ref(), &settings);
            assert_eq!(count(&face, &face.layout.picture, Ink::grey(180)), 0);
            assert!(count(&face, &face.layout.picture, Ink::DIM) > 200, "it is said");
        }
    }

    #[test]
    fn without_a_place_for_it_the_picture_is_not_drawn() {
        let mut face = Face::new(SIZE);
        face.arrange(false, 0);
        face.see(Some(&sight(1, 0)), &Settings::default());
        let all = Rectangle::new(Point::zero(), SIZE);
        assert_eq!(count(&face, &all, Ink::BLACK), 1280 * 720);
        face.say(page("ARMED", Ink::GREEN));
        face.arrange(true, 1);
        assert_eq!(count(&face, &all, Ink::BLACK), 1280 * 720, "all is wiped when places change");
        face.say(page("ARMED", Ink::GREEN));
        assert!(count(&face, &all, Ink::GREEN) > 10_000, "and said anew");
    }

    #[test]
    fn a_long_name_or_state_stays_in_its_place() {
        for size in [Size::new(640, 480), SIZE, Size::new(1920, 1080)] {
            let mut face = Face::new(size);
            let mut long = page("CAMERA PROCESS RESTARTING AGAIN AND AGAIN", Ink::AMBER);
            long.name = "n".repeat(32);
            long.clock = "2026-11-27 01:20:33 -12345 (not set)".into();
            long.words[0].text = "word ".repeat(500);
            face.say(long);
            let Rectangle { top_left, size: words } = face.layout.words;
            let right = Rectangle::new(
                top_left + Point::new(words.width as i32, 0),
                Size::new(size.width - top_left.x as u32 - words.width, words.height),
            );
            assert_eq!(count(&face, &right, Ink::WHITE), 0, "{size}");
            assert!(count(&face, &face.layout.band, Ink::WHITE) > 500);
        }
    }
}

//! Which marks a frame is to have, from settings, time and what moves in it.
//!
//! Must not know how they get into a picture.

use super::masks::{AREAS_MAX, add_areas};
use super::stamp::{Stamp, TEXT_BYTES_MAX};
use crate::ring::Subject;
use crate::settings::{self, Settings};
use crate::wall;
use std::fmt::Write;
use vision::splice::{Area, Mark};

/// The grey of masks: as far from day as from night, so that it is seen as what it is.
pub const MASK_GREY: u8 = 96;
/// The box around what moves.
const BOX_GREY: u8 = 235;
const BOX_LINE_PX: u16 = 2;
/// Marks of a frame: all masks, the stamp, the box.
const MARKS_MAX: usize = AREAS_MAX + 8 + 2;

/// What a stamp says.
pub type StampText = heapless::String<TEXT_BYTES_MAX>;

/// The marks of one frame.
pub type Marks<'a> = heapless::Vec<Mark<'a>, MARKS_MAX>;

/// When a frame was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Wall time, microseconds since 1970.
    pub wall_us: u64,
    /// Whether somebody who knows the time has set the clock.
    pub is_trusted: bool,
}

/// Whether there is anything to put into pictures: then an index of each frame pays.
pub fn is_wanted(settings: &Settings) -> bool {
    settings.picture_stamp != settings::Stamp::Off || settings.picture_box || settings.masks().count() > 0
}

/// What the owner wants in the picture.
#[derive(Default)]
pub struct Wanted {
    stamp: Stamp,
    settings: Settings,
    /// What the masks cover of pictures of `size`.
    areas: Vec<Area>,
    size: (u16, u16),
}

impl Wanted {
    /// Takes up what the owner wants.
    pub fn adopt(&mut self, settings: Settings) {
        self.settings = settings;
        self.size = (0, 0);
    }

    /// The marks of a frame of that size: the masks, then what lies above them.
    pub fn marks(&mut self, size: (u16, u16), subject: &Subject, moment: Moment) -> Marks<'_> {
        self.meet_size(size);
        let mut marks = Marks::new();
        marks.extend(self.areas.iter().take(MARKS_MAX - 2).map(|&area| Mark::Mask { area, grey: MASK_GREY }));
        let mut add = |mark| {
            // There is room for both, see MARKS_MAX.
            let _ = marks.push(mark);
        };
        if self.settings.picture_stamp != settings::Stamp::Off {
            self.stamp.show(&text(&self.settings, moment), size.1);
            add(self.stamp.mark(self.settings.picture_stamp_place, size.0, size.1));
        }
        if self.settings.picture_box && subject.plane_px > 0 {
            add(outline(subject.region));
        }
        marks
    }

    /// What the stamp says, if one is wanted.
    pub fn caption(&self, moment: Moment) -> Option<StampText> {
        (self.settings.picture_stamp != settings::Stamp::Off).then(|| text(&self.settings, moment))
    }

    /// Masks are in percent of the picture: their places change with its size.
    fn meet_size(&mut self, size: (u16, u16)) {
        if self.size != size {
            self.size = size;
            self.areas = covered(&self.settings, size.0, size.1);
        }
    }
}

/// What the masks cover of pictures of that size.
pub fn covered(settings: &Settings, width_px: u16, height_px: u16) -> Vec<Area> {
    let mut areas = Vec::new();
    for mask in settings.masks() {
        add_areas(&mut areas, &mask.corners, width_px, height_px);
    }
    areas
}

fn outline([x1, y1, x2, y2]: [u16; 4]) -> Mark<'static> {
    let area = Area { left: x1, top: y1, width: x2.saturating_sub(x1), height: y2.saturating_sub(y1) };
    Mark::Outline { area, line_px: BOX_LINE_PX, grey: BOX_GREY }
}

/// What the stamp says.
fn text(settings: &Settings, moment: Moment) -> StampText {
    let mut text = heapless::String::new();
    // It fits, see TEXT_BYTES_MAX.
    if settings.picture_stamp == settings::Stamp::Name {
        let _ = write!(text, "{}  ", settings.name);
    }
    let _ = write!(text, "{}", wall::shown(&settings.time_zone, moment.wall_us));
    if !moment.is_trusted {
        let _ = text.push_str(" (clock not set)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Moment, TEXT_BYTES_MAX, text};
    use crate::settings::Settings;

    const MOMENT: Moment = Moment { wall_us: 1_795_742_433_000_000, is_trusted: true };

    fn settings(all: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        all.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        settings
    }

    #[test]
    fn the_stamp_says_name_time_and_whether_to_believe_it() {
        let name = "n".repeat(32);
        let longest = settings(&[("name", &name), ("picture.stamp", "name")]);
        let unset = Moment { is_trusted: false, ..MOMENT };
        let said = text(&longest, unset);
        assert_eq!(said.as_str(), format!("{name}  2026-11-27 01:20:33 UTC (clock not set)"));
        assert!(said.len() <= TEXT_BYTES_MAX);
        assert_eq!(text(&settings(&[("picture.stamp", "time")]), MOMENT), "2026-11-27 01:20:33 UTC");
        let local = settings(&[("picture.stamp", "time"), ("time.zone", "Asia/Kathmandu")]);
        assert_eq!(text(&local, MOMENT), "2026-11-27 07:05:33 +0545");
        let widest = settings(&[("name", &name), ("picture.stamp", "name"), ("time.zone", "<-12345>0")]);
        assert!(text(&widest, unset).ends_with("01:20:33 -12345 (clock not set)"), "it fits");
    }
}

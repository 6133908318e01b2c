//! When the picture as a whole changes: a switch, after which the scene is another one, or a sweep, which passes.
//!
//! A lamp that is switched changes nearly everything within one frame: the new picture is the scene. Headlights, a torch or the
//! sun behind a gap in the clouds come over the picture in many frames and leave as they came: then the old scene must still be
//! known, and what seems to move meanwhile is light. Must not look at pixels or at single things.

/// After a switch the background follows at once for so long: exposure and white balance settle.
const SETTLING_US: u64 = 500_000;
/// After a switch that was announced, it does so for longer: the lamp or filter has yet to move, and no other sign says when it has.
const ANNOUNCED_US: u64 = 2_000_000;
/// Share of the plane that differs after a switch, in percent, …
const SWITCHED_PERCENT: u64 = 60;
/// … or share of its tiles that light changed, …
const RELIT_PERCENT: u64 = 90;
/// … if in the frame before fewer of them did not look as usual.
const BEFORE_PERCENT: u64 = 30;
/// A sweep has begun when so much of the plane differs beside what is known to move, in percent, …
const SWEEP_PERCENT: u64 = 20;
/// … while so many of its tiles look like light: a large thing alone does not make them.
const SWEEP_LIGHT_PERCENT: u64 = 25;
/// It goes on while more than this differs, …
const SWEEPING_PERCENT: u64 = 8;
/// … and what it lit fades for so long afterwards.
const FADING_US: u64 = 1_500_000;
/// What lasts longer is no sweep: the scene is another one.
const SWEEP_US_MAX: u64 = 10_000_000;

/// How many tiles of the plane look how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tiles {
    /// All of them.
    pub all: usize,
    /// Those that do not look as usual.
    pub unusual: usize,
    /// Of these, those whose change fits light.
    pub like_light: usize,
}

impl Tiles {
    /// Of no frame.
    pub const NONE: Self = Self { all: 0, unusual: 0, like_light: 0 };
}

/// What is asked of a frame as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whole {
    /// Pixels of the plane.
    pub px: usize,
    /// Those that differ from the background.
    pub changed_px: u32,
    /// Those of things that are known to move, as they were in the last frame.
    pub known_px: u32,
    /// How the plane's tiles look.
    pub tiles: Tiles,
    /// The light of the whole picture was switched.
    pub is_switched: bool,
}

/// What a frame is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Things may move.
    Usual,
    /// Light passes over the picture: nothing new is believed, and the background waits.
    Sweep,
    /// The picture is another one: it is the background.
    Switch,
}

/// Follows it from frame to frame.
pub struct Upheaval {
    /// Most of the last frame's tiles looked as usual.
    was_usual: bool,
    settling_until_us: u64,
    sweep_since_us: Option<u64>,
    fading_until_us: u64,
}

impl Upheaval {
    /// Nothing has changed.
    pub const fn new() -> Self {
        Self { was_usual: true, settling_until_us: 0, sweep_since_us: None, fading_until_us: 0 }
    }

    /// The light is about to be switched.
    pub fn announce(&mut self, now_us: u64) {
        self.sweep_since_us = None;
        self.settling_until_us = self.settling_until_us.max(now_us.saturating_add(ANNOUNCED_US));
    }

    /// Another frame.
    pub fn follow(&mut self, whole: Whole, now_us: u64) -> Course {
        let is_switch = self.is_switch(whole);
        self.was_usual = !is_more(whole.tiles.unusual, whole.tiles.all, BEFORE_PERCENT);
        if is_switch {
            return self.switch(now_us);
        }
        if now_us < self.settling_until_us {
            return Course::Switch;
        }
        self.sweep(whole, now_us)
    }

    /// Whether the picture changed within this frame.
    fn is_switch(&self, whole: Whole) -> bool {
        let is_other =
            self.sweep_since_us.is_none() && is_more(whole.changed_px as usize, whole.px, SWITCHED_PERCENT);
        let is_relit = is_more(whole.tiles.unusual, whole.tiles.all, RELIT_PERCENT);
        whole.is_switched || (self.was_usual && (is_other || is_relit))
    }

    /// The scene is another one, and settles.
    fn switch(&mut self, now_us: u64) -> Course {
        self.sweep_since_us = None;
        self.settling_until_us = self.settling_until_us.max(now_us.saturating_add(SETTLING_US));
        Course::Switch
    }

    fn sweep(&mut self, whole: Whole, now_us: u64) -> Course {
        let changed_px = whole.changed_px.saturating_sub(whole.known_px) as usize;
        let goes_on = match self.sweep_since_us {
            Some(_) => is_more(changed_px, whole.px, SWEEPING_PERCENT),
            None => {
                is_more(changed_px, whole.px, SWEEP_PERCENT)
                    && is_more(whole.tiles.like_light, whole.tiles.all, SWEEP_LIGHT_PERCENT)
            }
        };
        if !goes_on {
            self.sweep_since_us = None;
            return if now_us < self.fading_until_us { Course::Sweep } else { Course::Usual };
        }
        let since_us = *self.sweep_since_us.get_or_insert(now_us);
        if now_us.saturating_sub(since_us) > SWEEP_US_MAX {
            return self.switch(now_us);
        }
        self.fading_until_us = now_us.saturating_add(FADING_US);
        Course::Sweep
    }
}

/// Whether a part is more than so many percent of all.
fn is_more(part: usize, all: usize, percent: u64) -> bool {
    part as u64 * 100 > all as u64 * percent
}

#[cfg(test)]
mod tests {
    use super::*;

    const PX: usize = 14_400;
    const TILES: usize = 240;
    const FRAME_US: u64 = 40_000;

    /// A frame of which so many percent differ, and so many percent of its tiles look unusual and like light.
    fn whole(changed: usize, unusual: usize, like_light: usize) -> Whole {
        let tiles =
            Tiles { all: TILES, unusual: TILES * unusual / 100, like_light: TILES * like_light / 100 };
        Whole { px: PX, changed_px: (PX * changed / 100) as u32, tiles, ..Whole::default() }
    }

    #[test]
    fn a_switch_is_followed_at_once_and_settles() {
        for switched in [whole(70, 50, 10), whole(4, 98, 85), Whole { is_switched: true, ..whole(0, 0, 0) }] {
            let mut upheaval = Upheaval::new();
            assert_eq!(upheaval.follow(whole(0, 0, 0), 0), Course::Usual);
            assert_eq!(upheaval.follow(switched, FRAME_US), Course::Switch);
            assert_eq!(upheaval.follow(whole(0, 0, 0), FRAME_US + SETTLING_US - 1), Course::Switch);
            assert_eq!(upheaval.follow(whole(0, 0, 0), FRAME_US + SETTLING_US), Course::Usual);
        }
    }

    #[test]
    fn what_was_announced_is_waited_for_however_slowly_it_comes() {
        let mut upheaval = Upheaval::new();
        upheaval.announce(FRAME_US);
        for percent in 0..40 {
            let now_us = FRAME_US + percent * FRAME_US;
            assert_eq!(upheaval.follow(whole(percent as usize, 0, 0), now_us), Course::Switch);
        }
        // The filter moves late: what it does settles as any switch.
        assert_eq!(upheaval.follow(whole(70, 90, 0), FRAME_US * 41), Course::Switch);
        assert_eq!(upheaval.follow(whole(0, 0, 0), FRAME_US + ANNOUNCED_US), Course::Switch);
        assert_eq!(upheaval.follow(whole(0, 0, 0), FRAME_US * 41 + SETTLING_US), Course::Usual);
    }

    #[test]
    fn light_that_sweeps_over_the_picture_is_waited_for_and_fades() {
        let mut upheaval = Upheaval::new();
        let mut now_us = 0;
        for percent in (0..=90).step_by(3) {
            let course = upheaval.follow(whole(percent, percent, percent), now_us);
            let expected = if percent > 25 { Course::Sweep } else { Course::Usual };
            assert_eq!(course, expected, "{percent} %");
            now_us += FRAME_US;
        }
        assert_eq!(upheaval.follow(whole(9, 0, 0), now_us), Course::Sweep);
        assert_eq!(upheaval.follow(whole(2, 0, 0), now_us + FRAME_US), Course::Sweep);
        assert_eq!(upheaval.follow(whole(2, 0, 0), now_us + FADING_US), Course::Usual);
    }

    #[test]
    fn light_that_stays_is_the_scene() {
        let mut upheaval = Upheaval::new();
        let courses = (0..300).map(|frame| upheaval.follow(whole(40, 28, 28), frame * FRAME_US));
        let switched = courses.take_while(|&course| course == Course::Sweep).count();
        assert_eq!(switched as u64, SWEEP_US_MAX / FRAME_US + 1);
    }

    #[test]
    fn what_is_known_to_move_and_what_is_no_light_are_no_sweep() {
        let mut upheaval = Upheaval::new();
        let known = Whole { known_px: PX as u32 * 35 / 100, ..whole(50, 29, 29) };
        assert_eq!(upheaval.follow(known, 0), Course::Usual);
        assert_eq!(upheaval.follow(whole(50, 60, 20), FRAME_US), Course::Usual);
    }
}

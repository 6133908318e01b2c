//! Whether it is dark where the camera looks, for lamps and filters that follow it. Pure.
//!
//! By the picture's mean brightness, or by a sensor where there is one. A lamp that follows the picture lights the picture: it must not
//! take its own light for the day's, and a camera that always exposes for the same brightness tells it no difference between the
//! two. So what the lamp alone makes is learnt, and where that says nothing, the day is tried now and then, ever more rarely.

/// What holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambient {
    /// It is dark.
    Dark,
    /// It is not.
    Light,
}

/// When it counts as what, in grey levels of the picture's mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Dark below this.
    pub dark: u8,
    /// Light again so far above it, and above what the lamp alone makes.
    pub margin: u8,
}

/// The picture's mean is looked at so often at the most: five times a second.
pub const LOOK_US: u64 = 200_000;
/// At the start nothing is known, and a lamp is missed: what the picture says for so long is believed.
const FIRST_US: u64 = 2_000_000;
/// Darkness must last: a hand or a truck in front of the lens is none.
const DARK_US: u64 = 10_000_000;
/// Brightness must last longer: headlights and torches pass.
const LIGHT_US: u64 = 20_000_000;
/// A sensor knows better, but clouds and cats pass over it too.
const SENSOR_US: u64 = 2_000_000;
/// After the lamp is switched on, cameras set their exposure for so long; the most that they show then is the lamp's.
const SETTLING_US: u64 = 5_000_000;
/// What turns dark again this soon after it became light never was: the lamp was taken for the day, ...
const TRIAL_US: u64 = 60_000_000;
/// ... and is missed at once.
const TRIAL_DARK_US: u64 = 2_000_000;
/// Where the lamp's picture is as bright as the day's, the day is tried after this long ...
const TRY_US: u64 = 900_000_000;
/// ... and after each mistake twice as long again, up to this. So no lamp blinks more than once an hour, and no morning is missed by more.
const TRY_US_MAX: u64 = 3_600_000_000;

/// Follows it over time.
#[derive(Debug, Default)]
pub struct Darkness {
    now: Option<Ambient>,
    changed_us: u64,
    /// Whether it was dark before.
    was_dark: bool,
    /// Since when the signs have spoken for something else, and for what.
    against: Option<(Ambient, u64)>,
    /// Since when it has been bright enough for a day, if the lamp is left out of account.
    promising_us: Option<u64>,
    /// The most that the lamp alone has shown.
    lamp: u8,
    /// Times that the day was tried too early, one after the other.
    mistakes: u32,
}

impl Darkness {
    /// What holds now, if that is known yet.
    pub fn now(&self) -> Option<Ambient> {
        self.now
    }

    /// What a sensor says; gives what holds from now on, if that is new.
    pub fn sense(&mut self, is_dark: bool, now_us: u64) -> Option<Ambient> {
        let said = if is_dark { Ambient::Dark } else { Ambient::Light };
        (self.mistakes, self.lamp) = (0, 0);
        let patience_us = if self.now.is_some() { SENSOR_US } else { 0 };
        self.lasts(Some(said), patience_us, now_us).then(|| self.change(said, now_us))
    }

    /// The mean of a picture; gives what holds from now on, if that is new.
    pub fn look(&mut self, mean: u8, levels: Levels, now_us: u64) -> Option<Ambient> {
        match self.now {
            None => {
                let seen = if mean < levels.dark { Ambient::Dark } else { Ambient::Light };
                self.lasts(Some(seen), FIRST_US, now_us).then(|| self.change(seen, now_us))
            }
            Some(Ambient::Light) => self.look_by_day(mean < levels.dark, now_us),
            Some(Ambient::Dark) => self.look_by_night(mean, levels, now_us),
        }
    }

    fn look_by_day(&mut self, is_dark: bool, now_us: u64) -> Option<Ambient> {
        let is_trial = self.was_dark && now_us.saturating_sub(self.changed_us) < TRIAL_US;
        if !is_trial {
            self.mistakes = 0;
        }
        let patience_us = if is_trial { TRIAL_DARK_US } else { DARK_US };
        let ended = self.lasts(is_dark.then_some(Ambient::Dark), patience_us, now_us);
        ended.then(|| {
            self.mistakes = self.mistakes.saturating_add(u32::from(is_trial));
            self.change(Ambient::Dark, now_us)
        })
    }

    fn look_by_night(&mut self, mean: u8, levels: Levels, now_us: u64) -> Option<Ambient> {
        if now_us.saturating_sub(self.changed_us) < SETTLING_US {
            self.lamp = self.lamp.max(mean);
            return None;
        }
        let enough = levels.dark.saturating_add(levels.margin);
        let certain = enough.max(self.lamp.saturating_add(levels.margin));
        let is_promising = mean >= enough;
        let promising_us = is_promising.then(|| self.promising_us.unwrap_or(now_us));
        self.promising_us = promising_us;
        let try_us = TRY_US.saturating_mul(1 << self.mistakes.min(8)).min(TRY_US_MAX);
        let is_tried = promising_us.is_some_and(|since_us| now_us.saturating_sub(since_us) >= try_us);
        let is_certain = self.lasts((mean >= certain).then_some(Ambient::Light), LIGHT_US, now_us);
        (is_certain || is_tried).then(|| self.change(Ambient::Light, now_us))
    }

    /// Whether the signs have spoken for that, and it is not what holds, for so long without a break.
    fn lasts(&mut self, said: Option<Ambient>, patience_us: u64, now_us: u64) -> bool {
        let Some(said) = said.filter(|said| self.now != Some(*said)) else {
            self.against = None;
            return false;
        };
        let since_us = match self.against {
            Some((before, since_us)) if before == said => since_us,
            _ => now_us,
        };
        self.against = Some((said, since_us));
        now_us.saturating_sub(since_us) >= patience_us
    }

    fn change(&mut self, to: Ambient, now_us: u64) -> Ambient {
        let (mistakes, lamp) = (self.mistakes, if self.mistakes > 0 { self.lamp } else { 0 });
        let was_dark = self.now == Some(Ambient::Dark);
        *self = Self { now: Some(to), changed_us: now_us, was_dark, mistakes, lamp, ..Self::default() };
        to
    }
}

/// The mean of a plane.
pub fn mean(plane: &[u8]) -> u8 {
    let sum: u32 = plane.iter().map(|&px| u32::from(px)).sum();
    u32::try_from(plane.len()).ok().and_then(|px| sum.checked_div(px)).map_or(0, |mean| mean as u8)
}

#[cfg(test)]
mod tests {
    use super::{Ambient, Darkness, LOOK_US, Levels, TRY_US_MAX, mean};

    const S: u64 = 1_000_000;
    const H: u64 = 3600 * S;
    const LEVELS: Levels = Levels { dark: 26, margin: 38 };

    /// Lives through a time; `world` gives the picture's mean from the time and whether the lamp is on. Returns every change.
    fn live(end_us: u64, world: impl Fn(u64, bool) -> u8) -> Vec<(u64, Ambient)> {
        let mut darkness = Darkness::default();
        let mut changes = Vec::new();
        for now_us in (0..end_us).step_by(LOOK_US as usize) {
            let lamp = darkness.now() == Some(Ambient::Dark);
            changes.extend(darkness.look(world(now_us, lamp), LEVELS, now_us).map(|to| (now_us, to)));
        }
        changes
    }

    #[test]
    fn dusk_and_dawn_are_followed_and_what_passes_is_not() {
        let found = live(300 * S, |now_us, _| match now_us / S {
            // A hand for 9 s, dusk from 60 s on, headlights for 19 s, dawn at 200 s.
            20..29 | 60..100 | 119..200 => 5,
            _ => 120,
        });
        let seconds: Vec<_> = found.iter().map(|(at, to)| (at / S, *to)).collect();
        assert_eq!(seconds, [(2, Ambient::Light), (70, Ambient::Dark), (220, Ambient::Light)]);
    }

    #[test]
    fn a_night_at_the_start_is_known_within_seconds() {
        assert_eq!(live(30 * S, |_, _| 3), [(2 * S, Ambient::Dark)]);
    }

    /// A camera without automatic exposure: the lamp makes 90 of 4, the day 180.
    #[test]
    fn a_lamp_is_not_taken_for_the_day_that_follows_it() {
        let night = 100 * S..10 * H;
        let found = live(20 * H, |now_us, lamp| match (night.contains(&now_us), lamp) {
            (true, true) => 90,
            (true, false) => 4,
            (false, _) => 180,
        });
        let days: Vec<_> = found.iter().filter(|(at, _)| *at >= 10 * H).collect();
        assert_eq!(days, [&(10 * H + 20 * S, Ambient::Light)], "the morning is seen at once");
        // The night is tried a few times, ever more rarely.
        assert!(found.len() < 30, "{found:?}");
    }

    /// A camera that always shows the same brightness, unless there is no light at all: only trying tells lamp and day apart.
    #[test]
    fn where_the_lamp_is_as_bright_as_the_day_the_day_is_tried_for_ever_more_rarely() {
        let night = 100 * S..10 * H;
        let world = |now_us: u64, lamp: bool| if night.contains(&now_us) && !lamp { 4 } else { 110 };
        let found = live(20 * H, world);
        let tries: Vec<u64> = found
            .iter()
            .filter(|(at, to)| night.contains(at) && *to == Ambient::Light)
            .map(|(at, _)| *at)
            .collect();
        assert!((8..=12).contains(&tries.len()), "{tries:?}");
        assert!(tries.windows(2).all(|pair| pair[1] - pair[0] >= 900 * S), "{tries:?}");
        for at in &tries {
            let back =
                found.iter().find(|(other, to)| other > at && *to == Ambient::Dark).expect("dark again");
            assert!(back.0 - at <= 3 * S, "the lamp is missed for seconds: {back:?}");
        }
        let last = found.last().expect("a change");
        assert_eq!(last.1, Ambient::Light);
        assert!(last.0 >= 10 * H && last.0 <= 10 * H + TRY_US_MAX + S, "{last:?}");
    }

    #[test]
    fn a_sensor_is_believed_once_it_lasts() {
        let mut darkness = Darkness::default();
        assert_eq!(darkness.sense(false, 0), Some(Ambient::Light));
        assert_eq!(darkness.sense(true, S), None);
        assert_eq!(darkness.sense(false, 2 * S), None);
        assert_eq!(darkness.sense(true, 3 * S), None);
        assert_eq!(darkness.sense(true, 5 * S), Some(Ambient::Dark));
        assert_eq!(darkness.sense(true, 50 * S), None);
        assert_eq!(darkness.now(), Some(Ambient::Dark));
    }

    #[test]
    fn a_mean_is_one() {
        assert_eq!((mean(&[0, 255, 3, 2]), mean(&[]), mean(&[255; 76_800])), (65, 0, 255));
    }
}

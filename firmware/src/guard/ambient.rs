//! When the light is looked at, by what, and how that is told. What it means says [`super::darkness`]; pure.

use super::darkness::{Ambient, Darkness, LOOK_US, Levels, mean};
use crate::settings::Settings;
use std::sync::atomic::{AtomicU8, Ordering};

/// The light as it was last seen, for `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightSeen {
    /// What holds, if that is known yet.
    pub ambient: Option<Ambient>,
    /// The picture's mean brightness; none: a sensor says what holds.
    pub percent: Option<u8>,
}

/// What holds, as one thread tells it another.
#[derive(Debug, Default)]
pub struct Light(AtomicU8);

impl Light {
    /// That holds now.
    pub fn set(&self, ambient: Option<Ambient>) {
        let number = match ambient {
            None => 0,
            Some(Ambient::Dark) => 1,
            Some(Ambient::Light) => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }

    /// Whether it is this now.
    pub fn is(&self, ambient: Ambient) -> bool {
        self.0.load(Ordering::Relaxed) == if ambient == Ambient::Dark { 1 } else { 2 }
    }
}

/// Looks at the light for whoever depends on it; for nobody it does nothing.
#[derive(Debug, Default)]
pub struct LightWatch {
    darkness: Darkness,
    levels: Option<Levels>,
    looked_us: Option<u64>,
    seen: Option<LightSeen>,
}

impl LightWatch {
    /// The settings are these now.
    pub fn adopt(&mut self, settings: &Settings) {
        let level = |percent: u32| u8::try_from(percent * 255 / 100).unwrap_or(u8::MAX);
        let (dark, margin) = (level(settings.light_dark_percent), level(settings.light_margin_percent));
        self.levels = settings.heeds_darkness().then_some(Levels { dark, margin });
        if self.levels.is_none() {
            *self = Self::default();
        }
    }

    /// A look at the plane of a frame, if there is one, or at what the sensors say, which counts for more; gives what holds from now
    /// on, if that is new.
    pub fn look(&mut self, plane: Option<&[u8]>, sensed: Option<bool>, now_us: u64) -> Option<Ambient> {
        let levels = self.levels?;
        if self.looked_us.is_some_and(|looked_us| now_us < looked_us.saturating_add(LOOK_US)) {
            return None;
        }
        let (changed, percent) = match (sensed, plane) {
            (Some(is_dark), _) => (self.darkness.sense(is_dark, now_us), None),
            (None, Some(plane)) => {
                let mean = mean(plane);
                let percent = u8::try_from(u32::from(mean) * 100 / 255).ok();
                (self.darkness.look(mean, levels, now_us), percent)
            }
            // Without frames nothing is known; what held goes on.
            (None, None) => return None,
        };
        self.looked_us = Some(now_us);
        self.seen = Some(LightSeen { ambient: self.darkness.now(), percent });
        changed
    }

    /// How it was last seen; nothing if nobody depends on it.
    pub fn seen(&self) -> Option<LightSeen> {
        self.seen
    }
}

impl std::fmt::Display for LightSeen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.ambient {
            Some(Ambient::Dark) => "dark",
            Some(Ambient::Light) => "light",
            None => "not known yet",
        })?;
        match self.percent {
            Some(percent) => write!(f, " (the picture is {percent} % bright)"),
            None => f.write_str(" (by sensor)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ambient, LightWatch};
    use crate::settings::Settings;

    const S: u64 = 1_000_000;

    fn watch(settings: &[(&str, &str)]) -> LightWatch {
        let mut all = Settings::default();
        for (name, value) in settings {
            all.set(name, value).expect("allowed");
        }
        let mut watch = LightWatch::default();
        watch.adopt(&all);
        watch
    }

    #[test]
    fn where_nothing_depends_on_it_nothing_is_looked_at() {
        let mut watch = watch(&[("alarm.output1", "pin 1 on motion")]);
        assert_eq!((watch.look(Some(&[0; 100]), None, 0), watch.seen()), (None, None));
    }

    #[test]
    fn the_picture_says_it_by_the_levels_that_are_set_and_a_sensor_says_it_first() {
        let lamp = ("alarm.output1", "pin 1 on dark");
        let mut by_picture = watch(&[lamp, ("light.dark_percent", "40")]);
        let plane = [100; 100];
        let found: Vec<_> =
            (0..30).filter_map(|second| by_picture.look(Some(&plane), None, second * S)).collect();
        assert_eq!(found, [Ambient::Dark]);
        assert_eq!(
            by_picture.seen().map(|seen| seen.to_string()),
            Some("dark (the picture is 39 % bright)".into())
        );
        assert_eq!(watch(&[lamp]).look(None, None, 0), None, "no frames, no sensor");
        let mut by_sensor = watch(&[("alarm.input2", "pin 3 as dark-sensor")]);
        assert_eq!(by_sensor.look(Some(&plane), Some(true), 0), Some(Ambient::Dark));
        assert_eq!(by_sensor.seen().map(|seen| seen.to_string()), Some("dark (by sensor)".into()));
    }
}

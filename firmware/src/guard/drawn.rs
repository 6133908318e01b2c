//! What the owner has drawn, as the detector takes it.
//!
//! The only place where settings become the detector's configuration. Pure.

use crate::settings::{Place, Purpose, Settings};
use vision::motion::{
    Config, Lines, Perspective, Point, Polygon, Sensitivity, TRIPWIRES_MAX, Tripwire, Use, ZONES_MAX, Zone,
};

/// The detector's configuration, and what its zones are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// For the detector.
    pub config: Config,
    /// Of each of its zones, the number of the setting; 0 for the whole picture.
    numbers: [u8; ZONES_MAX],
    /// Zones in which motion counts, and those in which it does not.
    pub zones: (u32, u32),
}

impl Drawn {
    /// The settings' drawing.
    pub fn of(settings: &Settings) -> Drawn {
        let sensitivity = u8::try_from(settings.motion_sensitivity).ok().and_then(Sensitivity::new);
        let sensitivity = sensitivity.unwrap_or_default();
        let (mut zones, mut drawn) = (Vec::new(), Drawn::default());
        for (number, zone) in (1..).zip(settings.zones()) {
            let Some(zone) = zone else { continue };
            let corners: Vec<Point> = zone.corners.iter().copied().map(point).collect();
            let Some(polygon) = Polygon::new(&corners) else { continue };
            let kind = match zone.purpose {
                Purpose::Include { sensitivity: own, smallest } => Use::Include {
                    sensitivity: own.and_then(Sensitivity::new).unwrap_or(sensitivity),
                    // Hundredths of a percent in millionths.
                    blob_ppm_min: smallest.map(|size| u32::from(size) * 100),
                },
                Purpose::Exclude => Use::Exclude,
            };
            *(if kind == Use::Exclude { &mut drawn.zones.1 } else { &mut drawn.zones.0 }) += 1;
            drawn.numbers[zones.len()] = number;
            zones.push(Zone { polygon, kind });
        }
        let mut lines: Lines = [None; TRIPWIRES_MAX];
        for (place, line) in lines.iter_mut().zip(settings.lines()) {
            *place = line.and_then(|line| Tripwire::new(point(line.from), point(line.to)));
        }
        let mut config = Config::at(sensitivity);
        if let Some(perspective) = settings.motion_perspective {
            config.perspective = Perspective {
                top_percent: perspective.top_percent,
                bottom_percent: perspective.bottom_percent,
            };
        }
        drawn.config = config.with_zones(&zones).unwrap_or(config).with_tripwires(lines);
        drawn
    }

    /// The number of the setting that drew one of the detector's zones; none for the whole picture.
    pub fn zone_number(&self, zone: u8) -> Option<u8> {
        let number = self.numbers.get(usize::from(zone)).copied();
        // Without an include zone the detector's zone 0 is the whole picture, whatever is excluded.
        number.filter(|&number| number > 0 && self.zones.0 > 0)
    }
}

fn point(place: Place) -> Point {
    Point { x: place.x, y: place.y }
}

#[cfg(test)]
mod tests {
    use super::{Config, Drawn, Point, Polygon, Sensitivity, Tripwire, Use, Zone};
    use crate::settings::Settings;

    fn drawn(values: &[(&str, &str)]) -> Drawn {
        let mut settings = Settings::default();
        values.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        Drawn::of(&settings)
    }

    #[test]
    fn what_is_drawn_reaches_the_detector_under_its_number() {
        assert_eq!(drawn(&[]).config, Config::DEFAULT);
        let found = drawn(&[
            ("motion.sensitivity", "60"),
            ("motion.perspective", "30% 150%"),
            ("motion.zone3", "include 0,0 50,0 50,100 smallest 0.25"),
            ("motion.zone5", "exclude 0,0 100,0 100,12.5"),
            ("motion.zone8", "include 0,0 50,0 50,100 sensitivity 80"),
            ("motion.line2", "50,100 50,0"),
        ]);
        let points = |places: &[(u16, u16)]| {
            let corners: Vec<Point> = places.iter().map(|&(x, y)| Point { x, y }).collect();
            Polygon::new(&corners).expect("a polygon")
        };
        let left = points(&[(0, 0), (5000, 0), (5000, 10_000)]);
        let include = |value, blob_ppm_min| Use::Include {
            sensitivity: Sensitivity::new(value).expect("a sensitivity"),
            blob_ppm_min,
        };
        let zones = [
            Zone { polygon: left, kind: include(60, Some(2500)) },
            Zone { polygon: points(&[(0, 0), (10_000, 0), (10_000, 1250)]), kind: Use::Exclude },
            Zone { polygon: left, kind: include(80, None) },
        ];
        let mut expected = Config::at(Sensitivity::new(60).expect("a sensitivity"));
        (expected.perspective.top_percent, expected.perspective.bottom_percent) = (30, 150);
        let line = Tripwire::new(Point { x: 5000, y: 10_000 }, Point { x: 5000, y: 0 });
        let expected = expected.with_zones(&zones).expect("three").with_tripwires([None, line, None, None]);
        assert_eq!((found.config, found.zones), (expected, (2, 1)));
        assert_eq!([0, 1, 2, 3].map(|zone| found.zone_number(zone)), [Some(3), Some(5), Some(8), None]);
    }

    #[test]
    fn with_nothing_but_excluded_zones_the_whole_picture_has_no_number() {
        let found = drawn(&[("motion.zone1", "exclude 0,0 1,0 1,1")]);
        assert_eq!((found.zone_number(0), found.zones), (None, (0, 1)));
    }
}

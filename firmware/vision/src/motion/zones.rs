//! Where motion counts: polygons over the picture, and how each of them is judged.
//!
//! Coordinates are relative to the picture, so that zones stay where they are when the camera's resolution changes. Several
//! include zones may overlap; what an exclude zone covers counts nowhere. Without an include zone the whole picture is one.
//! Must not know of blobs.

use super::sensitivity::Sensitivity;
use super::tripwire::{Lines, TRIPWIRES_MAX};
use crate::plane::{PLANE_PX_MAX, PlaneSize};

/// Zones of one camera: a bit each in a byte per pixel.
pub const ZONES_MAX: usize = 8;
/// Corners of a polygon: more than anybody draws by hand on a console.
pub const POINTS_MAX: usize = 16;
/// Relative coordinates go from 0 to this.
pub const FULL: u16 = 10_000;

/// A place in the picture, in ten-thousandths of its width and height from the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// To the right, 0..=10000.
    pub x: u16,
    /// Downwards, 0..=10000.
    pub y: u16,
}

/// A closed polygon. Where it crosses itself the even-odd rule says what is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polygon {
    points: [Point; POINTS_MAX],
    count: u8,
}

impl Polygon {
    /// A polygon of 3 to 16 points within the picture; none of others.
    #[must_use]
    pub fn new(corners: &[Point]) -> Option<Self> {
        let within = corners.iter().all(|point| point.x <= FULL && point.y <= FULL);
        if corners.len() < 3 || corners.len() > POINTS_MAX || !within {
            return None;
        }
        let mut points = [Point::default(); POINTS_MAX];
        points[..corners.len()].copy_from_slice(corners);
        Some(Self { points, count: corners.len() as u8 })
    }

    /// Its corners.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points[..usize::from(self.count)]
    }

    /// Calls `paint` with the first and the last pixel (exclusive) of each run of pixels whose centres are inside, row by row.
    fn runs(&self, size: PlaneSize, mut paint: impl FnMut(usize, usize, usize)) {
        let (width, height) = (i64::from(size.width), i64::from(size.height));
        let full = i64::from(FULL);
        for row in 0..height {
            // Twice the height's worth of full scale: a centre then has a whole number.
            let middle = (2 * row + 1) * full;
            let mut crossings = [0i64; POINTS_MAX];
            let mut count = 0;
            let corners = self.points();
            for (at, a) in corners.iter().enumerate() {
                let b = corners[(at + 1) % corners.len()];
                let (ya, yb) = (2 * height * i64::from(a.y), 2 * height * i64::from(b.y));
                if (ya <= middle) == (yb <= middle) {
                    continue;
                }
                let (xa, xb) = (2 * width * i64::from(a.x), 2 * width * i64::from(b.x));
                let x = xa + (xb - xa) * (middle - ya) / (yb - ya);
                // The first pixel whose centre (2 x + 1) · full lies right of it.
                crossings[count] = (x - full).div_euclid(2 * full) + 1;
                count += 1;
            }
            let crossings = &mut crossings[..count];
            crossings.sort_unstable();
            for pair in crossings.chunks_exact(2) {
                let clip = |x: i64| x.clamp(0, width) as usize;
                paint(row as usize, clip(pair[0]), clip(pair[1]));
            }
        }
    }
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Motion counts here.
    Include {
        /// How easily.
        sensitivity: Sensitivity,
        /// The smallest blob that counts, in millionths of the picture, if not the sensitivity's.
        blob_ppm_min: Option<u32>,
    },
    /// What moves here counts nowhere.
    Exclude,
}

/// A part of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Where.
    pub polygon: Polygon,
    /// What for.
    pub kind: Use,
}

/// How sizes shrink with distance: the smallest size at the upper and lower edge of the picture, in percent of the configured
/// one; linear between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perspective {
    /// At the upper edge, 1..=1000.
    pub top_percent: u16,
    /// At the lower edge, 1..=1000.
    pub bottom_percent: u16,
}

impl Perspective {
    /// The same size everywhere.
    pub const FLAT: Self = Self { top_percent: 100, bottom_percent: 100 };

    /// The smallest size, in pixels, of a thing that stands at row `y` of `height`.
    pub(super) fn scale(self, px: u32, y: u16, height: u16) -> u32 {
        let (top, bottom) = (i64::from(self.top_percent), i64::from(self.bottom_percent));
        let percent = top + (bottom - top) * i64::from(y) / i64::from(height.max(1));
        // Of more than the plane has nothing is that large anyway, and what is counted with it stays within 32 bits.
        (i64::from(px) * percent / 100).clamp(1, PLANE_PX_MAX as i64 + 1) as u32
    }
}

/// Everything that the owner may say about motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// For the whole picture, and for zones that say nothing else.
    pub sensitivity: Sensitivity,
    /// How sizes shrink with distance.
    pub perspective: Perspective,
    zones: [Option<Zone>; ZONES_MAX],
    pub(super) tripwires: Lines,
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Config {
    /// The whole picture at the default sensitivity.
    pub const DEFAULT: Self = Self {
        sensitivity: Sensitivity::DEFAULT,
        perspective: Perspective::FLAT,
        zones: [None; ZONES_MAX],
        tripwires: [None; TRIPWIRES_MAX],
    };

    /// The whole picture at this sensitivity.
    #[must_use]
    pub const fn at(sensitivity: Sensitivity) -> Self {
        Self { sensitivity, ..Self::DEFAULT }
    }

    /// With these zones; none if there are more than 8.
    #[must_use]
    pub fn with_zones(mut self, zones: &[Zone]) -> Option<Self> {
        self.zones = [None; ZONES_MAX];
        for (place, zone) in self.zones.get_mut(..zones.len())?.iter_mut().zip(zones) {
            *place = Some(*zone);
        }
        Some(self)
    }

    /// With these tripwires; each is known by its place.
    #[must_use]
    pub const fn with_tripwires(self, tripwires: Lines) -> Self {
        Self { tripwires, ..self }
    }

    /// What counts in zone `number`: sensitivity and smallest blob in millionths; nothing where motion does not count.
    pub(super) fn gate(&self, number: usize) -> Option<(Sensitivity, Option<u32>)> {
        match self.zones.get(number).copied().flatten().map(|zone| zone.kind) {
            Some(Use::Include { sensitivity, blob_ppm_min }) => Some((sensitivity, blob_ppm_min)),
            _ if number == 0 && self.whole_picture() => Some((self.sensitivity, None)),
            _ => None,
        }
    }

    /// Whether no zone includes anything: then zone 0 is the whole picture.
    fn whole_picture(&self) -> bool {
        !self.zones.iter().flatten().any(|zone| matches!(zone.kind, Use::Include { .. }))
    }

    /// Sets the bit of each zone in the pixels that it covers. `bits` holds `size.pixels()` bytes.
    pub(super) fn paint(&self, size: PlaneSize, bits: &mut [u8]) {
        let width = usize::from(size.width);
        bits.fill(u8::from(self.whole_picture()));
        for (number, zone) in self.zones.iter().enumerate() {
            if let Some(Zone { polygon, kind: Use::Include { .. } }) = zone {
                polygon.runs(size, |y, from, to| {
                    bits[y * width..][from..to].iter_mut().for_each(|byte| *byte |= 1 << number);
                });
            }
        }
        for zone in self.zones.iter().flatten().filter(|zone| zone.kind == Use::Exclude) {
            zone.polygon.runs(size, |y, from, to| bits[y * width..][from..to].fill(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PlaneSize = PlaneSize { width: 40, height: 20 };

    fn polygon(points: &[(u16, u16)]) -> Polygon {
        let mut corners = [Point::default(); POINTS_MAX];
        for (corner, &(x, y)) in corners.iter_mut().zip(points) {
            *corner = Point { x, y };
        }
        Polygon::new(&corners[..points.len()]).expect("a polygon")
    }

    fn include(points: &[(u16, u16)]) -> Zone {
        let kind = Use::Include { sensitivity: Sensitivity::DEFAULT, blob_ppm_min: None };
        Zone { polygon: polygon(points), kind }
    }

    #[test]
    fn pixels_belong_to_the_zones_that_cover_their_centres() {
        let left = include(&[(0, 0), (5000, 0), (5000, 10_000), (0, 10_000)]);
        let middle = include(&[(2500, 0), (7500, 0), (7500, 10_000), (2500, 10_000)]);
        let hole =
            Zone { polygon: polygon(&[(0, 0), (10_000, 0), (10_000, 2500), (0, 2500)]), kind: Use::Exclude };
        let config = Config::DEFAULT.with_zones(&[left, hole, middle]).expect("three zones");
        let mut bits = [0xFF; 800];
        config.paint(SIZE, &mut bits);
        for (at, &byte) in bits.iter().enumerate() {
            let (x, y) = (at % 40, at / 40);
            let expected = if y < 5 { 0 } else { u8::from(x < 20) | u8::from((10..30).contains(&x)) << 2 };
            assert_eq!(byte, expected, "{x},{y}");
        }
        assert!(config.gate(0).is_some() && config.gate(1).is_none() && config.gate(2).is_some());
    }

    #[test]
    fn without_an_include_zone_everything_counts_but_what_is_excluded() {
        let hole = Zone { polygon: polygon(&[(0, 0), (10_000, 0), (0, 10_000)]), kind: Use::Exclude };
        let config = Config::DEFAULT.with_zones(&[hole]).expect("one zone");
        let mut bits = [0; 800];
        config.paint(SIZE, &mut bits);
        let counted = bits.iter().filter(|&&byte| byte == 1).count();
        assert!((380..=420).contains(&counted), "half of 800: {counted}");
        assert!(config.gate(0).is_some());
    }

    #[test]
    fn impossible_polygons_are_refused() {
        let (a, b, c) = (Point { x: 0, y: 0 }, Point { x: 9, y: 9 }, Point { x: FULL + 1, y: 0 });
        assert_eq!(Polygon::new(&[a, b]), None);
        assert_eq!(Polygon::new(&[a, b, c]), None);
        assert_eq!(Polygon::new(&[a; POINTS_MAX + 1]), None);
        assert_eq!(Config::DEFAULT.with_zones(&[include(&[(0, 0), (1, 0), (0, 1)]); ZONES_MAX + 1]), None);
    }

    #[test]
    fn sizes_shrink_with_distance() {
        let scale = Perspective { top_percent: 20, bottom_percent: 200 };
        assert_eq!(
            (scale.scale(100, 0, 90), scale.scale(100, 45, 90), scale.scale(100, 90, 90)),
            (20, 110, 200)
        );
        assert_eq!(Perspective::FLAT.scale(77, 3, 90), 77);
    }
}

//! The camera's picture on the screen: enlarged smoothly, warm where something moves, with what the owner drew. Pure.
//!
//! Memory is taken when sizes change, not for each picture. Must not ask anybody.

use super::canvas::{Canvas, rows};
use super::colour::Ink;
use super::layout;
use crate::control::{Picture, shade};
use crate::settings::{Place, Purpose, Settings};
use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTargetExt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::{Line, Primitive, PrimitiveStyle, Rectangle};

/// A hundred percent, in the hundredths that places are in.
const FULL: i64 = 10_000;
/// Fractions of a pixel of the plane.
const ONE: u32 = 256;

/// A picture with its pixels.
#[derive(Debug, Default)]
pub struct Sight {
    /// What is said of them.
    pub picture: Picture,
    /// Greys, row by row.
    pub greys: Vec<u8>,
    /// What each of them is.
    pub shades: Vec<u8>,
}

/// Where the pixels of a row or column lie in the plane: the one before, and the part of the next.
#[derive(Default)]
struct Axis {
    places: Vec<(u16, u16)>,
    plane: u16,
}

impl Axis {
    fn meet(&mut self, plane: u16, pixels: u32) {
        if self.plane == plane && self.places.len() == pixels as usize {
            return;
        }
        self.plane = plane;
        self.places.clear();
        let last = u64::from(plane.max(1) - 1) * u64::from(ONE);
        // From middle to middle.
        let place = |at: u64| {
            let middle = (2 * at + 1) * u64::from(plane) * u64::from(ONE) / (2 * u64::from(pixels));
            let place = middle.saturating_sub(u64::from(ONE / 2)).min(last);
            ((place / u64::from(ONE)) as u16, (place % u64::from(ONE)) as u16)
        };
        self.places.extend((0..u64::from(pixels)).map(place));
    }
}

/// Draws pictures.
pub struct Painter {
    columns: Axis,
    rows: Axis,
    /// Between two rows of the plane, in fractions of a grey.
    between: Vec<u16>,
    plain: [Ink; 256],
    warm: [Ink; 256],
}

impl Default for Painter {
    fn default() -> Painter {
        Painter {
            columns: Axis::default(),
            rows: Axis::default(),
            between: Vec::new(),
            plain: std::array::from_fn(|luma| Ink::grey(luma as u8)),
            warm: std::array::from_fn(|luma| Ink::warm(luma as u8)),
        }
    }
}

impl Painter {
    /// Draws it as large as it fits, in the middle of `within`.
    pub fn paint(
        &mut self,
        canvas: &mut Canvas,
        within: &Rectangle,
        sight: &Sight,
        settings: &Settings,
        scale: u32,
    ) {
        let area = layout::fit(within, sight.picture.frame_px);
        let pixels = usize::from(sight.picture.width) * usize::from(sight.picture.height);
        if area.is_zero_sized() || pixels == 0 || sight.greys.len() < pixels || sight.shades.len() < pixels {
            return;
        }
        self.enlarge(canvas, &area, sight);
        drawings(canvas, &area, settings, scale);
        if let Some(region) = sight.picture.now.region {
            outline(canvas, &area, region, scale);
        }
    }

    fn enlarge(&mut self, canvas: &mut Canvas, area: &Rectangle, sight: &Sight) {
        let (width, height) = (sight.picture.width, sight.picture.height);
        self.columns.meet(width, area.size.width);
        self.rows.meet(height, area.size.height);
        let plane_row = |y: u16| {
            let from = usize::from(y.min(height - 1)) * usize::from(width);
            from..from + usize::from(width)
        };
        for (y, &(above, part)) in rows(area).zip(&self.rows.places) {
            let (upper, lower) = (&sight.greys[plane_row(above)], &sight.greys[plane_row(above + 1)]);
            self.between.clear();
            let mix = |(upper, lower): (&u8, &u8)| {
                u16::from(*upper) * (ONE as u16 - part) + u16::from(*lower) * part
            };
            self.between.extend(upper.iter().zip(lower).map(mix));
            let nearest = if u32::from(part) * 2 >= ONE { above + 1 } else { above };
            let shades = &sight.shades[plane_row(nearest)];
            let line = canvas.row(area, y);
            for (pixel, &(left, part)) in line.iter_mut().zip(&self.columns.places) {
                let (left, part) = (usize::from(left), u32::from(part));
                let right = (left + 1).min(self.between.len() - 1);
                let grey =
                    u32::from(self.between[left]) * (ONE - part) + u32::from(self.between[right]) * part;
                let grey = (grey / (ONE * ONE)) as u8;
                let nearest = if part * 2 >= ONE { right } else { left };
                let ink = match shades[nearest] {
                    shade::MASKED => Ink::MASK,
                    shade::MOVING => self.warm[usize::from(grey)],
                    _ => self.plain[usize::from(grey)],
                };
                *pixel = ink.0;
            }
        }
    }
}

/// Zones and tripwires, with their numbers.
fn drawings(canvas: &mut Canvas, area: &Rectangle, settings: &Settings, scale: u32) {
    for (number, zone) in ('1'..).zip(settings.zones()) {
        let Some(zone) = zone else { continue };
        let ink = if zone.purpose == Purpose::Exclude { Ink::EXCLUDED } else { Ink::ZONE };
        let next = zone.corners.iter().cycle().skip(1);
        zone.corners.iter().zip(next).for_each(|(&from, &to)| line(canvas, area, [from, to], ink, scale));
        if let Some(&corner) = zone.corners.first() {
            label(canvas, area, corner, number, ink, scale);
        }
    }
    for (number, wire) in ('1'..).zip(settings.lines()) {
        let Some(wire) = wire else { continue };
        line(canvas, area, [wire.from, wire.to], Ink::WIRE, scale);
        label(canvas, area, wire.from, number, Ink::WIRE, scale);
    }
}

fn line(canvas: &mut Canvas, area: &Rectangle, ends: [Place; 2], ink: Ink, scale: u32) {
    let [from, to] = ends.map(|end| point(area, i64::from(end.x), i64::from(end.y)));
    let style = PrimitiveStyle::with_stroke(ink, scale);
    // Drawing on memory cannot fail; so below.
    let _ = Line::new(from, to).into_styled(style).draw(&mut canvas.clipped(area));
}

/// A number beside a corner, within the picture.
fn label(canvas: &mut Canvas, area: &Rectangle, place: Place, number: char, ink: Ink, scale: u32) {
    let letter = Size::new(super::canvas::LETTER.0 * scale, super::canvas::LETTER.1 * scale);
    let at = point(area, i64::from(place.x), i64::from(place.y));
    let most = area.top_left + area.size.saturating_sub(letter);
    let at = Point::new(at.x.min(most.x), at.y.min(most.y));
    canvas.write(number.encode_utf8(&mut [0; 4]), at, scale, ink);
}

/// The box around what the verdict is about.
fn outline(canvas: &mut Canvas, area: &Rectangle, [x1, y1, x2, y2]: [u16; 4], scale: u32) {
    let (from, to) = (point(area, x1.into(), y1.into()), point(area, x2.into(), y2.into()));
    let style = PrimitiveStyle::with_stroke(Ink::BOX, scale);
    let _ = Rectangle::with_corners(from, to).into_styled(style).draw(&mut canvas.clipped(area));
}

/// Hundredths of a percent as a point of the area.
fn point(area: &Rectangle, x: i64, y: i64) -> Point {
    let along = |from: i32, place: i64, side: u32| {
        let px = place.clamp(0, FULL) * (i64::from(side) - 1).max(0) / FULL;
        from.saturating_add(i32::try_from(px).unwrap_or(0))
    };
    Point::new(along(area.top_left.x, x, area.size.width), along(area.top_left.y, y, area.size.height))
}

#[cfg(test)]
mod tests {
    use super::{Canvas, Ink, Painter, Picture, Point, Rectangle, Settings, Sight, Size, shade};
    use crate::control::Look;

    /// A plane that gets brighter to the right.
    fn sight() -> Sight {
        let picture =
            Picture { frames: 1, width: 16, height: 9, frame_px: (1280, 720), ..Picture::default() };
        let greys = (0..9).flat_map(|_| (0..16).map(|x| x * 16)).collect();
        Sight { picture, greys, shades: vec![shade::PLAIN; 144] }
    }

    const AREA: Rectangle = Rectangle::new(Point::new(20, 10), Size::new(320, 200));

    fn painted(sight: &Sight, settings: &[(&str, &str)]) -> Canvas {
        let mut set = Settings::default();
        settings.iter().for_each(|(name, value)| set.set(name, value).expect("allowed"));
        let mut canvas = Canvas::new(Size::new(400, 240));
        canvas.fill(&Rectangle::new(Point::zero(), Size::new(400, 240)), Ink::SLATE);
        Painter::default().paint(&mut canvas, &AREA, sight, &set, 1);
        canvas
    }

    #[test]
    fn the_picture_is_smooth_in_its_shape_and_nowhere_else() {
        let canvas = painted(&sight(), &[]);
        // 320x180 in the middle of 320x200.
        for (x, y) in [(19, 100), (340, 100), (100, 19), (100, 200)] {
            assert_eq!(canvas.at(x, y), Ink::SLATE, "{x},{y}");
        }
        for y in [20, 110, 199] {
            let row: Vec<u8> = (20..340).map(|x| canvas.at(x, y).rgb()[0]).collect();
            assert!(row.windows(2).all(|pair| pair[1] >= pair[0] && pair[1] - pair[0] < 8), "{row:?}");
            assert!(row[0] < 4 && row[319] > 230 && row[160].abs_diff(120) < 8, "{row:?}");
        }
    }

    #[test]
    fn what_moves_is_warm_and_a_mask_hides_all() {
        let mut sight = sight();
        // One pixel of the plane is 20 of the screen.
        (sight.shades[3 * 16 + 8], sight.shades[7 * 16 + 2]) = (shade::MOVING, shade::MASKED);
        let canvas = painted(&sight, &[]);
        let (moving, masked) = (canvas.at(20 + 170, 20 + 70), canvas.at(20 + 50, 20 + 150));
        assert!(moving.rgb()[0] > moving.rgb()[2] + 64, "{moving:?}");
        for (x, y) in [(41, 141), (59, 159), (50, 150)] {
            assert_eq!(canvas.at(20 + x, 20 + y), Ink::MASK);
        }
        assert_eq!((masked, canvas.at(20 + 30, 20 + 150).rgb()[0] < 40), (Ink::MASK, true));
    }

    #[test]
    fn zones_tripwires_and_the_box_are_where_they_were_drawn() {
        let mut sight = sight();
        sight.picture.now = Look { region: Some([5000, 5000, 7500, 7500]), ..Look::default() };
        let drawn = [
            ("motion.zone1", "include 10,10 40,10 40,90 10,90"),
            ("motion.zone2", "exclude 90,0 100,0 100,10"),
            ("motion.line1", "80,50 100,50"),
        ];
        let canvas = painted(&sight, &drawn);
        let at = |x: u32, y: u32| canvas.at(20 + 319 * x / 100, 20 + 179 * y / 100);
        for (place, ink) in [
            ((25, 10), Ink::ZONE),
            ((40, 50), Ink::ZONE),
            ((10, 80), Ink::ZONE),
            ((100, 5), Ink::EXCLUDED),
            ((90, 50), Ink::WIRE),
            ((60, 50), Ink::BOX),
            ((75, 60), Ink::BOX),
        ] {
            assert_eq!(at(place.0, place.1), ink, "{place:?}");
        }
        assert_ne!(at(25, 50), Ink::ZONE, "it is not filled");
    }

    #[test]
    fn a_picture_that_is_none_changes_nothing() {
        let mut short = sight();
        short.greys.truncate(100);
        for sight in [Sight::default(), short] {
            let canvas = painted(&sight, &[]);
            assert!((20..340).all(|x| canvas.at(x, 100) == Ink::SLATE));
        }
    }
}

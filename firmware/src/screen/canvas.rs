//! What the screen shows, in memory: drawn on as one likes, then given to the display where it differs. Pure.
//!
//! Two bytes a pixel in all, taken once. Must not know what is drawn, nor a device.

use super::colour::Ink;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoTextStyle, ascii};
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::text::{Baseline, Text};
use embedded_graphics::{Drawable, Pixel};
use std::convert::Infallible;

/// Width and height of a letter, before it is scaled.
pub const LETTER: (u32, u32) = (10, 20);

/// See the module.
pub struct Canvas {
    size: Size,
    drawn: Vec<u8>,
    shown: Vec<u8>,
    /// Whether nobody knows what the display shows.
    is_unknown: bool,
}

impl Canvas {
    /// All black, for a display of which nobody knows what it shows.
    pub fn new(size: Size) -> Canvas {
        let pixels = size.width as usize * size.height as usize;
        Canvas {
            size,
            drawn: vec![Ink::BLACK.0; pixels],
            shown: vec![Ink::BLACK.0; pixels],
            is_unknown: true,
        }
    }

    /// Gives `put` what differs from what the display shows: column, row and pixels, once a row. After an error nothing is known.
    ///
    /// # Errors
    /// What `put` has to say.
    pub fn show<E>(&mut self, mut put: impl FnMut(usize, usize, &[u8]) -> Result<(), E>) -> Result<(), E> {
        let width = (self.size.width as usize).max(1);
        let all = std::mem::replace(&mut self.is_unknown, true);
        let rows = self.drawn.chunks_exact(width).zip(self.shown.chunks_exact_mut(width));
        for (y, (drawn, shown)) in rows.enumerate() {
            let span = if all { Some(0..width) } else { difference(drawn, shown) };
            if let Some(span) = span {
                put(span.start, y, &drawn[span.clone()])?;
                shown[span.clone()].copy_from_slice(&drawn[span]);
            }
        }
        self.is_unknown = false;
        Ok(())
    }

    /// Fills a part.
    pub fn fill(&mut self, area: &Rectangle, ink: Ink) {
        for y in rows(area) {
            self.row(area, y).fill(ink.0);
        }
    }

    /// The pixels of a row within an area, without what is outside of the canvas.
    pub fn row(&mut self, area: &Rectangle, y: i32) -> &mut [u8] {
        let Size { width, height } = self.size;
        let clamp = |x: i64| usize::try_from(x.clamp(0, i64::from(width))).unwrap_or(0);
        let left = i64::from(area.top_left.x);
        let (from, to) = (clamp(left), clamp(left + i64::from(area.size.width)));
        match usize::try_from(y) {
            Ok(row) if row < height as usize => {
                let row = row * width as usize;
                &mut self.drawn[row + from..row + to]
            }
            _ => &mut [],
        }
    }

    /// Writes one line of text, each letter `scale` times its size.
    pub fn write(&mut self, text: &str, at: Point, scale: u32, ink: Ink) {
        let mut scaled = Scaled { canvas: self, at, scale: scale.max(1) };
        let style = MonoTextStyle::new(&ascii::FONT_10X20, ink);
        // Drawing on memory cannot fail.
        let _ = Text::with_baseline(text, Point::zero(), style, Baseline::Top).draw(&mut scaled);
    }

    /// What was drawn there.
    #[cfg(test)]
    pub fn at(&self, x: u32, y: u32) -> Ink {
        Ink(self.drawn[y as usize * self.size.width as usize + x as usize])
    }
}

/// The rows of an area.
pub fn rows(area: &Rectangle) -> std::ops::Range<i32> {
    let height = i32::try_from(area.size.height).unwrap_or(i32::MAX);
    area.top_left.y..area.top_left.y.saturating_add(height)
}

/// From the first pixel that differs to the last.
fn difference(a: &[u8], b: &[u8]) -> Option<std::ops::Range<usize>> {
    if a == b {
        return None;
    }
    let differ = |(a, b): (&u8, &u8)| a != b;
    let first = a.iter().zip(b).position(differ)?;
    let last = a.iter().zip(b).rposition(differ)?;
    Some(first..last + 1)
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Canvas {
    type Color = Ink;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Ink>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, ink) in pixels {
            self.fill(&Rectangle::new(at, Size::new(1, 1)), ink);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, ink: Ink) -> Result<(), Infallible> {
        self.fill(area, ink);
        Ok(())
    }
}

/// A canvas on which each pixel is a square.
struct Scaled<'a> {
    canvas: &'a mut Canvas,
    at: Point,
    scale: u32,
}

impl OriginDimensions for Scaled<'_> {
    fn size(&self) -> Size {
        self.canvas.size / self.scale
    }
}

impl DrawTarget for Scaled<'_> {
    type Color = Ink;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Ink>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let scale = i32::try_from(self.scale).unwrap_or(1);
        for Pixel(at, ink) in pixels {
            self.canvas.fill(&Rectangle::new(self.at + at * scale, Size::new_equal(self.scale)), ink);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Canvas, Ink, Point, Rectangle, Size};

    /// What is put, and a display that keeps it.
    fn shown(canvas: &mut Canvas, display: &mut [u8]) -> Vec<(usize, usize, usize)> {
        let (mut puts, width) = (Vec::new(), canvas.size.width as usize);
        let shown: Result<(), ()> = canvas.show(|x, y, pixels| {
            puts.push((x, y, pixels.len()));
            display[y * width + x..][..pixels.len()].copy_from_slice(pixels);
            Ok(())
        });
        shown.expect("the display takes it");
        assert_eq!(display, canvas.drawn, "the display shows what was drawn");
        puts
    }

    #[test]
    fn only_what_differs_goes_to_the_display() {
        let (mut canvas, mut display) = (Canvas::new(Size::new(40, 30)), vec![7; 1200]);
        assert_eq!(shown(&mut canvas, &mut display).len(), 30, "nobody knew what it showed");
        assert_eq!(shown(&mut canvas, &mut display), []);
        canvas.fill(&Rectangle::new(Point::new(3, 4), Size::new(5, 2)), Ink::RED);
        assert_eq!(shown(&mut canvas, &mut display), [(3, 4, 5), (3, 5, 5)]);
        // Wiped and drawn again as it was.
        canvas.fill(&Rectangle::new(Point::zero(), Size::new(40, 30)), Ink::BLACK);
        canvas.fill(&Rectangle::new(Point::new(3, 4), Size::new(5, 2)), Ink::RED);
        assert_eq!(shown(&mut canvas, &mut display), []);
        canvas.fill(&Rectangle::new(Point::zero(), Size::new(40, 30)), Ink::GREEN);
        assert_eq!(canvas.show(|_, y, _| if y == 7 { Err(y) } else { Ok(()) }), Err(7));
        assert_eq!(shown(&mut canvas, &mut display).len(), 30, "after an error nothing is known");
    }

    #[test]
    fn what_is_outside_is_cut_off() {
        let mut canvas = Canvas::new(Size::new(40, 30));
        for corner in
            [Point::new(-5, -5), Point::new(35, 25), Point::new(900, 900), Point::new(i32::MIN, i32::MAX)]
        {
            canvas.fill(&Rectangle::new(corner, Size::new(10, 10)), Ink::AMBER);
            canvas.write("W", corner, 3, Ink::WHITE);
        }
        assert_eq!(
            (canvas.at(4, 4), canvas.at(5, 5), canvas.at(35, 25)),
            (Ink::AMBER, Ink::BLACK, Ink::AMBER)
        );
    }

    #[test]
    fn letters_are_scaled_to_squares() {
        let letter = |scale: u32| {
            let mut canvas = Canvas::new(Size::new(10 * scale, 20 * scale));
            canvas.write("K", Point::zero(), scale, Ink::WHITE);
            canvas
        };
        let (plain, scaled) = (letter(1), letter(3));
        assert!(plain.drawn.contains(&Ink::WHITE.0));
        for (x, y) in (0..60).flat_map(|y| (0..30).map(move |x| (x, y))) {
            assert_eq!(scaled.at(x, y), plain.at(x / 3, y / 3), "{x},{y}");
        }
    }
}

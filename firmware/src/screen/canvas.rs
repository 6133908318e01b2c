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

/// Rows that are given to the display at once: few enough that their pixels on the way take little memory.
const ROWS_AT_ONCE: usize = 16;

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

    /// Gives `put` what differs from what the display shows: the first row, and the pixels of that and those below. Whole rows, and never one
    /// alone: of a single row, written to its end, the kernel's framebuffer shows nothing (`drm_fb_helper_memory_range_to_clip` of
    /// Linux 6.12 takes that end for the row's beginning). After an error nothing is known.
    ///
    /// # Errors
    /// What `put` has to say.
    pub fn show<E>(&mut self, mut put: impl FnMut(usize, &[u8]) -> Result<(), E>) -> Result<(), E> {
        let (width, height) = ((self.size.width as usize).max(1), self.size.height as usize);
        let all = std::mem::replace(&mut self.is_unknown, true);
        for from in (0..height).step_by(ROWS_AT_ONCE) {
            let differs = |y: &usize| {
                let row = y * width..(y + 1) * width;
                all || self.drawn[row.clone()] != self.shown[row]
            };
            let mut rows = from..(from + ROWS_AT_ONCE).min(height);
            let Some(first) = rows.find(differs) else { continue };
            let last = rows.rfind(differs).unwrap_or(first);
            let (first, last) = match (first, last) {
                (0, 0) => (0, 1.min(height - 1)),
                (first, last) if first == last => (first - 1, last),
                more => more,
            };
            let pixels = first * width..(last + 1) * width;
            put(first, &self.drawn[pixels.clone()])?;
            self.shown[pixels.clone()].copy_from_slice(&self.drawn[pixels]);
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

    /// What is put, by first row and number of rows, and a display that keeps it.
    fn shown(canvas: &mut Canvas, display: &mut [u8]) -> Vec<(usize, usize)> {
        let (mut puts, width) = (Vec::new(), canvas.size.width as usize);
        let shown: Result<(), ()> = canvas.show(|y, pixels| {
            puts.push((y, pixels.len() / width));
            display[y * width..][..pixels.len()].copy_from_slice(pixels);
            Ok(())
        });
        shown.expect("the display takes it");
        assert_eq!(display, canvas.drawn, "the display shows what was drawn");
        puts
    }

    #[test]
    fn only_what_differs_goes_to_the_display() {
        let (mut canvas, mut display) = (Canvas::new(Size::new(40, 40)), vec![7; 1600]);
        let everything = [(0, 16), (16, 16), (32, 8)];
        assert_eq!(shown(&mut canvas, &mut display), everything, "nobody knew what it showed");
        assert_eq!(shown(&mut canvas, &mut display), []);
        canvas.fill(&Rectangle::new(Point::new(3, 14), Size::new(5, 4)), Ink::RED);
        assert_eq!(shown(&mut canvas, &mut display), [(14, 2), (16, 2)]);
        // Wiped and drawn again as it was.
        canvas.fill(&Rectangle::new(Point::zero(), Size::new(40, 40)), Ink::BLACK);
        canvas.fill(&Rectangle::new(Point::new(3, 14), Size::new(5, 4)), Ink::RED);
        assert_eq!(shown(&mut canvas, &mut display), []);
        canvas.fill(&Rectangle::new(Point::zero(), Size::new(40, 40)), Ink::GREEN);
        assert_eq!(canvas.show(|y, _| if y == 16 { Err(y) } else { Ok(()) }), Err(16));
        assert_eq!(shown(&mut canvas, &mut display), everything, "after an error nothing is known");
    }

    #[test]
    fn no_row_goes_alone() {
        for height in [2, 16, 17, 33, 40] {
            let (mut canvas, mut display) = (Canvas::new(Size::new(8, height)), vec![7; 8 * height as usize]);
            assert!(shown(&mut canvas, &mut display).iter().all(|put| put.1 > 1), "all {height}");
            for y in 0..height as i32 {
                canvas.fill(&Rectangle::new(Point::new(7, y), Size::new(1, 1)), Ink::RED);
                let puts = shown(&mut canvas, &mut display);
                assert!(puts.len() == 1 && puts[0].1 == 2, "row {y} of {height}: {puts:?}");
            }
        }
    }

    #[test]
    fn what_is_outside_is_cut_off() {
        let mut canvas = Canvas::new(Size::new(40, 30));
        for corner in
            [Point::new(-5, -5), Point::new(35, 25), Point::new(900, 900), Point::new(-90_000, 90_000)]
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

//! The stamp: a line of text as a plate of grey pixels, white on black.
//!
//! The plate begins and ends at edges of macroblocks, which look best and cost least. Drawn anew only when the text changes. Must
//! not know a clock or a JPEG.

use crate::settings::StampPlace;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, ascii};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::text::{Baseline, Text};
use embedded_graphics::{Drawable, Pixel};
use std::convert::Infallible;
use vision::splice::Mark;

/// The longest text: a camera's name of 32 characters, date, time with the longest word for it, and what is said of the clock.
pub const TEXT_BYTES_MAX: usize = 80;
/// The size of a macroblock of all usual cameras: two blocks of chroma either way.
const MCU_PX: usize = 16;
/// Black around the text, left and right.
const MARGIN_PX: usize = 6;
/// Pictures lower than this get the small letters.
const SMALL_BELOW_PX: u16 = 300;
/// Letters are doubled at twice this height, tripled at three times.
const SCALE_EVERY_PX: u16 = 1080;

const PAPER: u8 = 16;
const INK: u8 = 235;

/// A text, drawn.
#[derive(Debug, Default)]
pub struct Stamp {
    text: heapless::String<TEXT_BYTES_MAX>,
    height_px: u16,
    canvas: Canvas,
}

impl Stamp {
    /// Draws the text for pictures of that height, unless that is what it shows already.
    pub fn show(&mut self, text: &heapless::String<TEXT_BYTES_MAX>, height_px: u16) {
        if *text == self.text && height_px == self.height_px {
            return;
        }
        self.text.clone_from(text);
        self.height_px = height_px;
        let font: &MonoFont<'_> =
            if height_px < SMALL_BELOW_PX { &ascii::FONT_6X10 } else { &ascii::FONT_10X20 };
        let scale = usize::from((height_px / SCALE_EVERY_PX).clamp(1, 4));
        let (glyph_width, glyph_height) =
            (font.character_size.width as usize, font.character_size.height as usize);
        self.canvas.clear(
            (text.len() * glyph_width * scale + 2 * MARGIN_PX).next_multiple_of(MCU_PX),
            (glyph_height * scale).next_multiple_of(MCU_PX),
            scale,
        );
        let above = (self.canvas.height - glyph_height * scale) / 2 / scale;
        let place = Point::new((MARGIN_PX / scale) as i32, above as i32);
        let style = MonoTextStyle::new(font, BinaryColor::On);
        // Drawing on memory cannot fail.
        let _ = Text::with_baseline(text, place, style, Baseline::Top).draw(&mut self.canvas);
    }

    /// The plate in its corner of a picture of that size.
    pub fn mark(&self, place: StampPlace, width_px: u16, height_px: u16) -> Mark<'_> {
        let Canvas { width, height, .. } = self.canvas;
        let far = |side_px: u16, length: usize| usize::from(side_px).saturating_sub(length) / MCU_PX * MCU_PX;
        let (right, bottom) = (far(width_px, width), far(height_px, height));
        let (left, top) = match place {
            StampPlace::TopLeft => (0, 0),
            StampPlace::TopRight => (right, 0),
            StampPlace::BottomLeft => (0, bottom),
            StampPlace::BottomRight => (right, bottom),
        };
        let px = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        Mark::Plate { left: px(left), top: px(top), width: px(width), pixels: &self.canvas.pixels }
    }
}

/// Grey pixels, drawn on in squares of `scale` pixels.
#[derive(Debug, Default)]
struct Canvas {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    scale: usize,
}

impl Canvas {
    fn clear(&mut self, width: usize, height: usize, scale: usize) {
        (self.width, self.height, self.scale) = (width, height, scale);
        self.pixels.clear();
        self.pixels.resize(width * height, PAPER);
    }

    fn ink(&mut self, point: Point) {
        let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) else { return };
        let (left, top) = (x * self.scale, y * self.scale);
        for row in self.pixels.chunks_exact_mut(self.width).skip(top).take(self.scale) {
            row.iter_mut().skip(left).take(self.scale).for_each(|pixel| *pixel = INK);
        }
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        let side = |length: usize| u32::try_from(length / self.scale.max(1)).unwrap_or(0);
        Size::new(side(self.width), side(self.height))
    }
}

impl DrawTarget for Canvas {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        pixels
            .into_iter()
            .filter(|Pixel(_, color)| color.is_on())
            .for_each(|Pixel(point, _)| self.ink(point));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{INK, MCU_PX, Mark, Stamp};
    use crate::settings::StampPlace;

    fn stamp(text: &str, height_px: u16) -> Stamp {
        let mut stamp = Stamp::default();
        stamp.show(&text.try_into().expect("short"), height_px);
        stamp
    }

    #[test]
    fn the_plate_is_of_whole_macroblocks_in_its_corner() {
        for (width_px, height_px) in [(160, 120), (640, 480), (1280, 720), (1920, 1080), (3840, 2160)] {
            let stamp = stamp("2026-11-27 01:20:33 UTC", height_px);
            for (place, is_right, is_bottom) in [
                (StampPlace::TopLeft, false, false),
                (StampPlace::TopRight, true, false),
                (StampPlace::BottomLeft, false, true),
                (StampPlace::BottomRight, true, true),
            ] {
                let Mark::Plate { left, top, width, pixels } = stamp.mark(place, width_px, height_px) else {
                    panic!("a plate")
                };
                let height = pixels.len() / usize::from(width);
                for edge in [usize::from(left), usize::from(top), usize::from(width), height] {
                    assert_eq!(edge % MCU_PX, 0, "{width_px}x{height_px} {place:?}");
                }
                assert_eq!((left > 0, top > 0), (is_right && width < width_px, is_bottom));
                assert!(pixels.iter().filter(|pixel| **pixel == INK).count() > 150, "there is text");
            }
        }
    }

    #[test]
    fn letters_are_what_the_font_has() {
        let pixels = |text| stamp(text, 720).canvas.pixels.clone();
        assert_ne!(pixels("2026"), pixels("2027"));
        let stamp = stamp("I", 720);
        let rows: Vec<String> = (stamp.canvas.pixels.chunks_exact(stamp.canvas.width))
            .map(|row| row.iter().map(|pixel| if *pixel == INK { '#' } else { ' ' }).collect::<String>())
            .collect();
        assert!(rows.iter().any(|row| row.trim().starts_with("###")), "serifs of the I: {rows:#?}");
    }
}

//! A picture that can be drawn on: rectangles, lines, text, scaled JPEGs. What lies outside of it is left out.
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::font::{ADVANCE_PX, LINE_PX, glyph};

/// Red, green, blue.
pub type Colour = [u8; 3];

/// A picture, three bytes a pixel, rows tightly packed.
#[derive(Clone, Debug)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Canvas {
    /// A picture of one colour.
    pub fn new(width: usize, height: usize, colour: Colour) -> Canvas {
        Canvas { width, height, pixels: colour.repeat(width * height) }
    }

    /// A decoded JPEG; nothing for a damaged one.
    pub fn decode(jpeg: &[u8]) -> Option<Canvas> {
        let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
        let pixels = decoder.decode().ok()?;
        let (width, height) = decoder.dimensions()?;
        (pixels.len() == width * height * 3).then_some(Canvas { width, height, pixels })
    }

    /// The picture at another size: each pixel is the average of those that it covers.
    pub fn scaled(&self, width: usize, height: usize) -> Canvas {
        let mut result = Canvas::new(width, height, [0; 3]);
        let span = |at: usize, of: usize, from: usize| {
            let start = at * from / of;
            start..((at + 1) * from).div_ceil(of).max(start + 1)
        };
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = ([0_u32; 3], 0);
                for source_y in span(y, height, self.height) {
                    for source_x in span(x, width, self.width) {
                        let at = (source_y * self.width + source_x) * 3;
                        let pixel = self.pixels.get(at..at + 3).unwrap_or_default();
                        sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                        count += 1;
                    }
                }
                result.set(x, y, sum.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX)));
            }
        }
        result
    }

    /// Sets one pixel.
    pub fn set(&mut self, x: usize, y: usize, colour: Colour) {
        if x < self.width && y < self.height {
            let at = (y * self.width + x) * 3;
            self.pixels[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, (x, y): (usize, usize), (width, height): (usize, usize), colour: Colour) {
        for row in y..(y + height).min(self.height) {
            for column in x..(x + width).min(self.width) {
                self.set(column, row, colour);
            }
        }
    }

    /// Puts another picture there.
    pub fn put(&mut self, (x, y): (usize, usize), other: &Canvas) {
        let width = other.width.min(self.width.saturating_sub(x));
        for (row, source) in other.pixels.chunks_exact((other.width * 3).max(1)).enumerate() {
            let at = ((y + row) * self.width + x) * 3;
            if let Some(target) = self.pixels.get_mut(at..at + width * 3) {
                target.copy_from_slice(&source[..width * 3]);
            }
        }
    }

    /// A line from point to point (Bresenham's), two pixels thick.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64), colour: Colour) {
        let (dx, dy) = ((to.0 - from.0).abs(), -(to.1 - from.1).abs());
        let (step_x, step_y) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let ((mut x, mut y), mut error) = (from, dx + dy);
        loop {
            for (x, y) in [(x, y), (x + 1, y), (x, y + 1)] {
                if let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) {
                    self.set(x, y, colour);
                }
            }
            if (x, y) == to {
                return;
            }
            let twice = 2 * error;
            if twice >= dy {
                error += dy;
                x += step_x;
            }
            if twice <= dx {
                error += dx;
                y += step_y;
            }
        }
    }

    /// Writes a text, broken at spaces into at most `lines` lines of `width` pixels.
    pub fn text(
        &mut self,
        (x, y): (usize, usize),
        (width, lines): (usize, usize),
        text: &str,
        colour: Colour,
    ) {
        for (number, line) in broken(text, (width / ADVANCE_PX).max(1)).iter().take(lines).enumerate() {
            for (place, character) in line.chars().enumerate() {
                for (column, bits) in glyph(character).into_iter().enumerate() {
                    for row in (0..8).filter(|row| bits >> row & 1 == 1) {
                        self.set(x + place * ADVANCE_PX + column, y + number * LINE_PX + row, colour);
                    }
                }
            }
        }
    }
}

/// Lines of at most `width` characters; a longer word is cut.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word: String = word.chars().take(width).collect();
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Canvas, broken};

    #[test]
    fn words_are_broken_at_spaces() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("incomprehensible", 5), ["incom"]);
        assert_eq!(broken("", 5), [""]);
    }

    #[test]
    fn scaling_keeps_the_average_and_nothing_is_drawn_outside() {
        let mut canvas = Canvas::new(4, 4, [0; 3]);
        canvas.fill((2, 0), (9, 9), [200; 3]);
        assert_eq!(canvas.scaled(1, 1).pixels, [100; 3]);
        assert_eq!(canvas.scaled(2, 1).pixels, [0, 0, 0, 200, 200, 200]);
        assert_eq!(canvas.scaled(8, 8).pixels.len(), 192);
        canvas.line((-5, -5), (9, 9), [1; 3]);
        canvas.text((2, 2), (100, 1), "W", [9; 3]);
        canvas.put((3, 3), &Canvas::new(5, 5, [7; 3]));
        assert_eq!(canvas.pixels.len(), 48);
    }

    #[test]
    fn a_damaged_jpeg_is_no_picture() {
        assert!(Canvas::decode(&[0xff, 0xd8, 0xff, 0xd9]).is_none());
        assert!(Canvas::decode(b"").is_none());
    }
}

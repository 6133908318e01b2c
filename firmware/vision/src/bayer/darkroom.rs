//! The front door of the picture: rows of a mosaic as luma and colour differences, as JFIF has them (ITU-T T.871, 7).
//!
//! Keeps the five rows that are worked on, since the encoder asks for one row after the other. Must not know an encoder.

use super::demosaic::{MARGIN, PART_PX, PART_SAMPLES, Part};
use super::{Channel, Look, Pattern, SAMPLE_MAX};
use crate::luma::{FRAME_SIDE_PX_MAX, RawFrame, YcbcrRow};

/// Rows that one row of pixels is made of.
const ROWS: usize = 5;
/// Room for a whole last part, whatever the width.
const ROW_SAMPLES: usize = FRAME_SIDE_PX_MAX as usize + PART_SAMPLES;

/// Working memory, some 80 KiB: to be kept, not made for each picture.
pub struct Darkroom {
    rows: [[u16; ROW_SAMPLES]; ROWS],
    /// Which row of the frame each of them is.
    held: [Option<u16>; ROWS],
}

impl Default for Darkroom {
    fn default() -> Self {
        Self::new()
    }
}

impl Darkroom {
    /// With nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self { rows: [[0; ROW_SAMPLES]; ROWS], held: [None; ROWS] }
    }

    /// Forgets the rows of the frame before. To be called once for each frame.
    pub fn begin(&mut self) {
        self.held = [None; ROWS];
    }

    /// Row `y` of the picture; `row` has a place for each pixel. Nothing is done for frames that are no mosaic, and for rows that the frame
    /// does not have. Cheapest in rising order.
    pub fn row(&mut self, frame: &RawFrame<'_>, look: &Look, y: u16, row: &mut YcbcrRow<'_>) {
        let Some(pattern) = frame.pattern() else { return };
        let (width, height) = (frame.size().width, frame.size().height);
        if y >= height || row.luma.len() != usize::from(width) {
            return;
        }
        let near = [-2, -1, 0, 1, 2].map(|step| mirrored(i32::from(y) + step, height));
        for y in near {
            self.hold(frame, pattern, look, y);
        }
        let rows = &self.rows;
        let (red_x, red_y) = pattern.red_at();
        let is_blue_row = usize::from(y) % 2 != red_y;
        let own_x = if is_blue_row { 1 - red_x } else { red_x };
        let mut part = Part::new();
        let parts =
            row.luma.chunks_mut(PART_PX).zip(row.cb.chunks_mut(PART_PX)).zip(row.cr.chunks_mut(PART_PX));
        for (left, ((luma, cb), cr)) in (0..).step_by(PART_PX).zip(parts) {
            let samples = |y: u16| rows[usize::from(y) % ROWS].get(left..)?.first_chunk::<PART_SAMPLES>();
            let [Some(far_above), Some(above), Some(this), Some(below), Some(far_below)] = near.map(samples)
            else {
                return;
            };
            part.make([far_above, above, this, below, far_below], own_x, is_blue_row);
            let [red, green, blue] = look.screen(&part.red, &part.green, &part.blue);
            ycbcr(&red, &green, &blue, luma, cb, cr);
        }
    }

    /// Reads row `y`, if it is not there: black level taken off, gains on, and what lies beyond its ends.
    fn hold(&mut self, frame: &RawFrame<'_>, pattern: Pattern, look: &Look, y: u16) {
        let slot = usize::from(y) % ROWS;
        if self.held[slot] == Some(y) {
            return;
        }
        let width = usize::from(frame.size().width);
        let row = &mut self.rows[slot][..width + 2 * MARGIN];
        frame.sample_row(y, &mut row[MARGIN..MARGIN + width]);
        let gains_q12 = look.gains_q12();
        let [even_q12, odd_q12] = [0, 1].map(|x| match pattern.channel(x, y.into()) {
            Channel::Red => gains_q12[0],
            Channel::Green => gains_q12[1],
            Channel::Blue => gains_q12[2],
        });
        let light = |sample: u16, gain_q12: u32| {
            let above_black = u32::from(sample.saturating_sub(look.black));
            // Cut at white, before colours are mixed: what is too bright for one colour would else get a hue.
            ((above_black * gain_q12) >> 12).min(SAMPLE_MAX.into()) as u16
        };
        for pair in row[MARGIN..MARGIN + width].chunks_mut(2) {
            for (sample, gain_q12) in pair.iter_mut().zip([even_q12, odd_q12]) {
                *sample = light(*sample, gain_q12);
            }
        }
        // Mirrored at the outermost samples, so that the colours keep their order.
        for beyond in 1..=MARGIN {
            row[MARGIN - beyond] = row[MARGIN + beyond];
            row[MARGIN + width - 1 + beyond] = row[MARGIN + width - 1 - beyond];
        }
        self.held[slot] = Some(y);
    }
}

/// A row beyond an edge is the one as far inside: the same colours. Frames are at least eight rows high.
fn mirrored(y: i32, height: u16) -> u16 {
    let last = i32::from(height) - 1;
    let inside = if y > last { 2 * last - y } else { y.abs() };
    inside.clamp(0, last) as u16
}

/// Weights in 1/256 (T.871, 7), which add up to 256 and to nothing.
#[inline(always)]
fn ycbcr(
    red: &[u8; PART_PX],
    green: &[u8; PART_PX],
    blue: &[u8; PART_PX],
    luma: &mut [u8],
    cb: &mut [u8],
    cr: &mut [u8],
) {
    for (((((luma, cb), cr), r), g), b) in luma.iter_mut().zip(cb).zip(cr).zip(red).zip(green).zip(blue) {
        let (r, g, b) = (i32::from(*r), i32::from(*g), i32::from(*b));
        // None of them leaves 0..=255.
        *luma = ((77 * r + 150 * g + 29 * b + 128) >> 8) as u8;
        *cb = (((-43 * r - 85 * g + 128 * b + 127) >> 8) + 128) as u8;
        *cr = (((128 * r - 107 * g - 21 * b + 127) >> 8) + 128) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::{PART_PX, mirrored};

    /// Of one pixel.
    fn ycbcr([r, g, b]: [u8; 3]) -> [u8; 3] {
        let (mut luma, mut cb, mut cr) = ([0], [0], [0]);
        super::ycbcr(&[r; PART_PX], &[g; PART_PX], &[b; PART_PX], &mut luma, &mut cb, &mut cr);
        [luma[0], cb[0], cr[0]]
    }

    #[test]
    fn rows_beyond_the_edges_are_rows_of_the_same_colours() {
        for (y, expected) in [(-2, 2), (-1, 1), (0, 0), (7, 7), (8, 6), (9, 5)] {
            assert_eq!(mirrored(y, 8), expected, "{y}");
        }
    }

    #[test]
    fn colours_are_those_of_jfif() {
        for (rgb, expected) in [
            ([0, 0, 0], [0, 128, 128]),
            ([255, 255, 255], [255, 128, 128]),
            ([255, 0, 0], [76, 85, 255]),
            ([0, 255, 0], [150, 44, 21]),
            ([0, 0, 255], [29, 255, 107]),
            ([255, 255, 0], [226, 1, 149]),
            ([0, 255, 255], [179, 171, 1]),
        ] {
            let close = ycbcr(rgb).iter().zip(expected).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 1);
            assert!(close, "{rgb:?}: {:?}, not {expected:?}", ycbcr(rgb));
        }
    }
}

//! Pixels of the generated scene: a textured backdrop that sways, sensor noise, a walking figure.
//!
//! The backdrop is made once per size; a line of a frame is then a shifted copy plus noise from a table, which the
//! compiler turns into vector code. Everything follows from the seed. It must not know JPEG markers or time.

use std::ops::Range;

use jpeg_encoder::{ImageBuffer, JpegColorType};
use serde::Serialize;

use super::random::Random;

/// A rectangle in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rect {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// Some lines of a frame as three planes, all of full size.
#[derive(Debug)]
pub struct Picture {
    pub width: u16,
    pub height: u16,
    pub luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
}

impl Picture {
    /// Luma, blue and red difference.
    pub fn planes(&self) -> (&[u8], &[u8], &[u8]) {
        (&self.luma, &self.blue, &self.red)
    }
}

impl ImageBuffer for Picture {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let from = usize::from(y) * usize::from(self.width);
        let line = from..from + usize::from(self.width);
        for (buffer, plane) in buffers.iter_mut().zip([&self.luma, &self.blue, &self.red]) {
            buffer.extend_from_slice(plane.get(line.clone()).unwrap_or_default());
        }
    }
}

/// What differs from frame to frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Selects the noise; frames with different numbers have different noise.
    pub noise: u64,
    /// Where in its swing the foliage is: -1 to 1.
    pub swing_q8: i32,
    /// The figure's place; it may reach over the edges of the frame.
    pub figure: Option<Figure>,
    /// Something lies on the lens: the picture is dark and without texture.
    pub is_covered: bool,
    /// How much light there is, in percent of the day's.
    pub light_percent: u8,
}

/// The moving object's box before it is cut at the frame's edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Figure {
    /// The part inside a frame; `None` when nothing is.
    pub fn visible(&self, width: u16, height: u16) -> Option<Rect> {
        let cut = |from: i32, length: i32, limit: u16| {
            let (from, to) = (from.clamp(0, i32::from(limit)), (from + length).clamp(0, i32::from(limit)));
            (to > from).then_some((from as u16, (to - from) as u16))
        };
        let (x, width) = cut(self.x, self.width, width)?;
        let (y, height) = cut(self.y, self.height, height)?;
        Some(Rect { x, y, width, height })
    }

    /// Luma of the figure at a point of the frame, `None` outside its outline: a light head, a dark striped body.
    fn luma(&self, x: i32, y: i32) -> Option<u8> {
        let (u, v) = (x - self.x, y - self.y);
        if u < 0 || v < 0 || u >= self.width || v >= self.height {
            return None;
        }
        let head = self.height / 4;
        if v >= head {
            return Some(if (v >> 3) & 1 == 0 { 40 } else { 62 });
        }
        // Inside the circle of the head: doubled coordinates keep the middle an integer.
        let (dx, dy) = (2 * u - self.width, 2 * v - head);
        (dx * dx + dy * dy <= head * head).then_some(205)
    }
}

/// Pixels beside the frame that a shifted line may show.
const MARGIN: usize = 4;
/// Most that the foliage moves at 1280 pixels of width, in 1/16 pixel; smaller frames move less in proportion.
const SWAY_Q4_AT_1280: i32 = 24;
/// Luma of a covered lens: some light shines through a hand.
const COVERED_LUMA: i16 = 18;
/// No colour.
const GREY: u8 = 128;
/// Length of the noise table: a power of two, far longer than a line.
const NOISE_LEN: usize = 1 << 16;

/// What all frames of one size share.
#[derive(Debug)]
pub struct Backdrop {
    width: u16,
    height: u16,
    stride: usize,
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
    noise: Vec<i8>,
    seed: u64,
}

impl Backdrop {
    /// Paints the backdrop of a size.
    pub fn new(width: u16, height: u16, seed: u64) -> Backdrop {
        let stride = usize::from(width) + 2 * MARGIN;
        let lines = usize::from(height);
        // Leaves, bushes, light and shadow: each octave has half the size and less weight.
        let octaves = [(96, 60), (40, 44), (14, 36), (5, 22)];
        let luma = octave_sum(stride, lines, seed, &octaves, 126);
        let blue = octave_sum(stride, lines, seed ^ 0xb1, &[(160, 26)], 120);
        let red = octave_sum(stride, lines, seed ^ 0x3d, &[(200, 22)], 130);
        Backdrop { width, height, stride, luma, blue, red, noise: noise_table(seed), seed }
    }

    /// Paints some lines of a frame.
    pub fn paint(&self, lines: Range<u16>, view: &View) -> Picture {
        let width = usize::from(self.width);
        let height = lines.end.min(self.height).saturating_sub(lines.start);
        let pixels = width * usize::from(height);
        let mut luma = Vec::with_capacity(pixels);
        let (mut blue, mut red) = (Vec::with_capacity(pixels), Vec::with_capacity(pixels));
        for y in lines.start..lines.start + height {
            let at = usize::from(y) * self.stride + MARGIN;
            self.paint_line(y, view, &mut luma);
            for (plane, source) in [(&mut blue, &self.blue), (&mut red, &self.red)] {
                match view.is_covered {
                    true => plane.resize(plane.len() + width, GREY),
                    false => plane.extend_from_slice(&source[at..at + width]),
                }
            }
        }
        Picture { width: self.width, height, luma, blue, red }
    }

    fn paint_line(&self, y: u16, view: &View, luma: &mut Vec<u8>) {
        let width = usize::from(self.width);
        let shift_q4 = self.sway_q4(y, view.swing_q8);
        let fraction = (shift_q4 & 15) as u16;
        let from = (usize::from(y) * self.stride + MARGIN).saturating_add_signed((shift_q4 >> 4) as isize);
        let source = &self.luma[from..from + width + 1];
        let random =
            Random::new(self.seed ^ view.noise, u64::from(y)).below((NOISE_LEN - width) as u32) as usize;
        let noise = &self.noise[random..random + width];
        if view.is_covered {
            return luma.extend(noise.iter().map(|noise| (COVERED_LUMA + i16::from(*noise)).max(0) as u8));
        }
        let begin = luma.len();
        let light = u16::from(view.light_percent);
        luma.extend(source[..width].iter().zip(&source[1..]).zip(noise).map(|((left, right), noise)| {
            let mixed = (u16::from(*left) * (16 - fraction) + u16::from(*right) * fraction + 8) >> 4;
            ((mixed * light / 100) as i16 + i16::from(*noise)).clamp(0, 255) as u8
        }));
        if let Some(figure) = view.figure {
            let line = &mut luma[begin..];
            let span = figure.x.clamp(0, width as i32)..(figure.x + figure.width).clamp(0, width as i32);
            for x in span {
                if let Some(value) = figure.luma(x, i32::from(y)) {
                    let noise = i16::from(noise[x as usize]);
                    line[x as usize] = (i16::from(value) + noise).clamp(0, 255) as u8;
                }
            }
        }
    }

    /// Shift of a line in 1/16 pixel: tree tops sway most, the lower half of the frame is the ground and stands.
    fn sway_q4(&self, y: u16, swing_q8: i32) -> i32 {
        let half = i32::from(self.height) / 2;
        let rise = (half - i32::from(y)).max(0);
        let most = SWAY_Q4_AT_1280 * i32::from(self.width) / 1280;
        most * swing_q8 * rise / (256 * half.max(1))
    }
}

/// Value noise: a lattice of random numbers per octave, mixed bilinearly with smooth steps, around `middle`.
fn octave_sum(stride: usize, lines: usize, seed: u64, octaves: &[(usize, i32)], middle: i32) -> Vec<u8> {
    let mut sum = vec![middle << 8; stride * lines];
    for (octave, (cell, weight)) in octaves.iter().enumerate() {
        let columns = stride / cell + 2;
        let mut random = Random::new(seed, octave as u64);
        let lattice: Vec<i32> =
            (0..columns * (lines / cell + 2)).map(|_| (random.draw() & 0xff) as i32 - 128).collect();
        let smooth: Vec<i32> = (0..*cell).map(|at| smooth_q8(at, *cell)).collect();
        for (y, line) in sum.chunks_exact_mut(stride).enumerate() {
            let upper = (y / cell) * columns;
            let down = smooth[y % cell];
            for (column, block) in line.chunks_mut(*cell).enumerate() {
                let mix = |at: usize| (lattice[at] * (256 - down) + lattice[at + columns] * down) >> 8;
                let (left, right) = (mix(upper + column), mix(upper + column + 1));
                for (value, across) in block.iter_mut().zip(&smooth) {
                    *value += ((left * (256 - across) + right * across) * weight) >> 7;
                }
            }
        }
    }
    // 30 to 225: noise and figure keep room on both sides.
    sum.into_iter().map(|value| (value >> 8).clamp(30, 225) as u8).collect()
}

/// Smooth step 3t² - 2t³ in 1/256.
fn smooth_q8(at: usize, cell: usize) -> i32 {
    let t = (at * 256 / cell) as i32;
    (t * t * (768 - 2 * t)) >> 16
}

/// Gaussian-like sensor noise of about 2.5 grey levels: the sum of twelve small uniform numbers.
fn noise_table(seed: u64) -> Vec<i8> {
    let mut random = Random::new(seed, 0x6e01);
    let one = |_| {
        let bits = random.draw();
        let sum: i32 = (0..12).map(|at| ((bits >> (5 * at)) & 31) as i32).sum();
        // Twelve numbers of 0 to 31: mean 186, deviation 32.
        ((sum - 186) * 5 / 64) as i8
    };
    (0..NOISE_LEN).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Backdrop, COVERED_LUMA, Figure, GREY, Rect, View};

    const STILL: View = View { noise: 1, swing_q8: 0, figure: None, is_covered: false, light_percent: 100 };

    fn difference(a: &[u8], b: &[u8]) -> f64 {
        let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        (sum as f64 / a.len() as f64).sqrt()
    }

    #[test]
    fn same_seed_same_pixels_and_noise_has_its_strength() {
        let backdrop = Backdrop::new(320, 240, 7);
        let first = backdrop.paint(0..240, &STILL);
        assert_eq!(first.luma, Backdrop::new(320, 240, 7).paint(0..240, &STILL).luma);
        let other = backdrop.paint(0..240, &View { noise: 2, ..STILL });
        // Two independent noises of deviation 2.5 differ by 2.5 times the root of 2.
        let noise = difference(&first.luma, &other.luma) / 2_f64.sqrt();
        assert!((2.0..3.0).contains(&noise), "{noise}");
        let (low, high) = (first.luma.iter().min().unwrap(), first.luma.iter().max().unwrap());
        assert!(high - low > 90, "texture from {low} to {high}");
    }

    #[test]
    fn the_top_sways_and_the_ground_stands() {
        let backdrop = Backdrop::new(640, 480, 7);
        let (left, right) = (View { swing_q8: -256, ..STILL }, View { swing_q8: 256, ..STILL });
        let top = difference(&backdrop.paint(0..40, &left).luma, &backdrop.paint(0..40, &right).luma);
        let ground =
            difference(&backdrop.paint(300..340, &left).luma, &backdrop.paint(300..340, &right).luma);
        assert!(top > 1.0, "{top}");
        assert_eq!(ground, 0.0);
    }

    #[test]
    fn a_covered_lens_shows_nothing_but_noise() {
        let covered = Backdrop::new(320, 240, 7).paint(0..240, &View { is_covered: true, ..STILL });
        let noise = difference(&covered.luma, &vec![COVERED_LUMA as u8; 320 * 240]);
        assert!((2.0..3.0).contains(&noise) && covered.blue.iter().all(|&blue| blue == GREY), "{noise}");
    }

    #[test]
    fn with_less_light_the_same_is_seen_darker() {
        let mean = |light_percent: u8| {
            let picture = Backdrop::new(320, 240, 7).paint(0..240, &View { light_percent, ..STILL });
            picture.luma.iter().map(|&luma| f64::from(luma)).sum::<f64>() / picture.luma.len() as f64
        };
        let day = mean(100);
        for percent in [50, 6] {
            let expected = day * f64::from(percent) / 100.0;
            assert!((mean(percent) - expected).abs() < 2.0, "{percent} %: {} of {day}", mean(percent));
        }
    }

    #[test]
    fn some_lines_equal_the_same_lines_of_the_whole() {
        let backdrop = Backdrop::new(320, 240, 7);
        let view = View { figure: Some(Figure { x: 10, y: 4, width: 40, height: 80 }), ..STILL };
        let whole = backdrop.paint(0..240, &view);
        assert_eq!(backdrop.paint(0..16, &view).luma, whole.luma[..16 * 320]);
        assert_eq!(backdrop.paint(230..999, &view).height, 10);
    }

    #[test]
    fn the_figure_fills_its_box_and_nothing_else() {
        let backdrop = Backdrop::new(320, 240, 7);
        let figure = Figure { x: -10, y: 100, width: 40, height: 80 };
        assert_eq!(figure.visible(320, 240), Some(Rect { x: 0, y: 100, width: 30, height: 80 }));
        assert_eq!(Figure { x: 320, ..figure }.visible(320, 240), None);
        assert_eq!(Figure { x: -40, ..figure }.visible(320, 240), None);
        let with = backdrop.paint(0..240, &View { figure: Some(figure), ..STILL }).luma;
        let without = backdrop.paint(0..240, &STILL).luma;
        let changed: Vec<usize> = (0..with.len()).filter(|at| with[*at] != without[*at]).collect();
        let inside = |at: &usize| at % 320 < 30 && (100..180).contains(&(at / 320));
        assert!(changed.iter().all(inside) && changed.len() > 30 * 60 * 3 / 4, "{}", changed.len());
    }
}

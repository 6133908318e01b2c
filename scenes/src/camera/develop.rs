//! From radiance to bytes: lens, gain, noise, hot pixels, gamma, YUV 4:2:0.
//!
//! Works row by row without allocating. It must not decide on exposure or white balance.

use super::noise::Noise;
use super::optics::{soften_between, soften_row};
use super::{Exposing, Settings};
use crate::maths::{gamma, sin_turns};
use crate::picture::Picture;
use crate::plane::Rgb;
use crate::random::{Dice, branch, hash, unit_of};

/// Light lost in the corners.
const VIGNETTE: f32 = 0.28;
/// Luma of a black picture, so that noise has somewhere to go.
const PEDESTAL: f32 = 0.003;
/// Mains light pulses a hundred times a second, and a little more, as the mains and the camera's clock never agree.
const BANDS_HZ: f64 = 100.31;
/// Time from the first row's reading to the last one's, as part of a frame's time.
const READOUT_PART: f64 = 0.8;
/// How often a hot pixel that blinks decides anew, in hertz.
const BLINK_HZ: f64 = 3.0;

/// What the loops have decided for a frame.
#[derive(Debug, Clone, Copy)]
pub struct Shot {
    pub exposure: f32,
    pub balance: [f32; 3],
    pub exposing: Exposing,
}

#[derive(Debug, Clone, Copy)]
struct HotPixel {
    index: usize,
    glow: f32,
    does_blink: bool,
}

/// Buffers and numbers of the development.
#[derive(Debug)]
pub struct Development {
    settings: Settings,
    seed: u64,
    softened: Rgb,
    /// 1 + vignette's share of each column; rows add theirs.
    columns: Vec<f32>,
    noise: [Noise; 3],
    noise_line: Vec<f32>,
    lines: [Vec<f32>; 3],
    /// Sums of the colour differences of the row pair.
    blue_sums: Vec<f32>,
    red_sums: Vec<f32>,
    hot: Vec<HotPixel>,
}

impl Development {
    pub fn new(settings: &Settings, width: usize, height: usize, seed: u64) -> Development {
        let noise = || Noise::new(width);
        let line = vec![0.0; width];
        let sums = vec![0.0; width.div_ceil(2)];
        let from_middle = |x: usize| (x as f32 + 0.5) / width as f32 * 2.0 - 1.0;
        let mut dice = Dice::new(seed);
        let count = (settings.hot_per_million * (width * height) as f32 / 1e6).ceil() as usize;
        let hot = (0..count).map(|_| HotPixel {
            index: (dice.unit() * (width * height) as f32) as usize,
            glow: dice.range(0.05, 0.5),
            does_blink: dice.unit() < 0.3,
        });
        Development {
            settings: *settings,
            seed,
            hot: hot.collect(),
            softened: Rgb::new(width, height),
            columns: (0..width).map(|x| from_middle(x) * from_middle(x) * 0.5).collect(),
            noise: [noise(), noise(), noise()],
            noise_line: line.clone(),
            lines: [line.clone(), line.clone(), line],
            blue_sums: sums.clone(),
            red_sums: sums,
        }
    }

    /// A buffer of the picture's size, free between developments.
    pub fn scratch(&mut self) -> &mut Rgb {
        &mut self.softened
    }

    /// Develops a frame.
    pub fn develop(&mut self, radiance: &Rgb, shot: &Shot, picture: &mut Picture) {
        let (width, height) = (radiance.width, radiance.height);
        for channel in 0..3 {
            let from = radiance.planes[channel].chunks_exact(width);
            for (line, to) in from.zip(self.softened.planes[channel].chunks_exact_mut(width)) {
                soften_row(line, to);
            }
            self.noise[channel].begin(branch(self.seed ^ channel as u64, shot.exposing.index));
        }
        for row in 0..height {
            self.sense_row(row, shot);
            self.code_row(row, shot.exposing.is_infrared, picture);
        }
    }

    /// Lens, gain and noise of a row, left in `lines` as coded values 0 to 1.
    fn sense_row(&mut self, row: usize, shot: &Shot) {
        let (width, height) = (self.softened.width, self.softened.height);
        for channel in 0..3 {
            let at = |row: usize| &self.softened.planes[channel][row * width..(row + 1) * width];
            soften_between(
                at(row.saturating_sub(1)),
                at(row),
                at((row + 1).min(height - 1)),
                &mut self.lines[channel],
            );
        }
        if shot.exposing.is_infrared {
            self.mix_infrared();
        }
        let y = (row as f32 + 0.5) / height as f32 * 2.0 - 1.0;
        let band = self.band(row, height, shot.exposing.t);
        for channel in 0..3 {
            let balance = if shot.exposing.is_infrared { 1.0 } else { shot.balance[channel] };
            let line = &mut self.lines[channel];
            for (value, column) in line.iter_mut().zip(&self.columns) {
                let lost = 1.0 + VIGNETTE * (column + y * y * 0.5);
                *value = *value * shot.exposure * band / lost;
            }
            if channel == 1 {
                add_hot(&self.hot, row, shot, &self.settings, self.seed, line);
            }
            if !self.settings.is_ideal {
                self.noise[channel].next_row(row, &mut self.noise_line);
                let (shot_var, read_var) = variances(&self.settings, shot.exposure);
                for (value, noise) in line.iter_mut().zip(&self.noise_line) {
                    *value += noise * (*value * shot_var + read_var).sqrt();
                }
            }
            for value in line.iter_mut() {
                *value = gamma((*value * balance + PEDESTAL).clamp(0.0, 1.0));
            }
        }
    }

    fn band(&self, row: usize, height: usize, t: f64) -> f32 {
        if self.settings.bands == 0.0 {
            return 1.0;
        }
        let readout_s = self.settings.frame_us as f64 * 1e-6 * READOUT_PART;
        let turns = BANDS_HZ * (t + readout_s * row as f64 / height as f64);
        1.0 + self.settings.bands * sin_turns((turns - turns.floor()) as f32)
    }

    fn mix_infrared(&mut self) {
        let [red, green, blue] = &mut self.lines;
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            let grey = seen_colour([*red, *green, *blue], true)[1];
            (*red, *green, *blue) = (grey, grey, grey);
        }
    }

    fn code_row(&mut self, row: usize, is_infrared: bool, picture: &mut Picture) {
        let width = picture.width;
        let (chroma_width, _) = picture.chroma_size();
        if row.is_multiple_of(2) {
            self.blue_sums.fill(0.0);
            self.red_sums.fill(0.0);
        }
        let [red, green, blue] = &self.lines;
        let out = &mut picture.luma[row * width..(row + 1) * width];
        for x in 0..width {
            let luma = 0.299 * red[x] + 0.587 * green[x] + 0.114 * blue[x];
            out[x] = (luma * 255.0 + 0.5) as u8;
            self.blue_sums[x / 2] += (blue[x] - luma) * 0.564;
            self.red_sums[x / 2] += (red[x] - luma) * 0.713;
        }
        let is_last = row + 1 == picture.height;
        if row.is_multiple_of(2) && !is_last {
            return;
        }
        let rows = if row.is_multiple_of(2) { 1.0 } else { 2.0 };
        let place = row / 2 * chroma_width;
        for x in 0..chroma_width {
            let columns = if 2 * x + 1 < width { 2.0 } else { 1.0 };
            let code = |sum: f32| {
                if is_infrared {
                    128
                } else {
                    (sum / (rows * columns) * 255.0 + 128.5).clamp(0.0, 255.0) as u8
                }
            };
            picture.blue[place + x] = code(self.blue_sums[x]);
            picture.red[place + x] = code(self.red_sums[x]);
        }
    }
}

/// What the sensor sees of a colour: with the infrared filter away, grey, and plants bright.
pub fn seen_colour(colour: [f32; 3], is_infrared: bool) -> [f32; 3] {
    if !is_infrared {
        return colour;
    }
    let grey = (0.35 * colour[0] + 0.85 * colour[1] - 0.15 * colour[2]).max(0.0);
    [grey, grey, grey]
}

/// Variance of the signal (white is 1) for each part of signal, and of the reading, at an exposure.
pub fn variances(settings: &Settings, exposure: f32) -> (f32, f32) {
    let gain = (exposure / settings.shutter_max).max(1.0);
    let each = gain / settings.full_well_e;
    (each, (settings.read_e * each) * (settings.read_e * each))
}

fn add_hot(hot: &[HotPixel], row: usize, shot: &Shot, settings: &Settings, seed: u64, line: &mut [f32]) {
    let gain = (shot.exposure / settings.shutter_max / settings.gain_max).min(1.0);
    let places = row * line.len()..(row + 1) * line.len();
    for (number, pixel) in hot.iter().enumerate().filter(|(_, pixel)| places.contains(&pixel.index)) {
        let tick = (shot.exposing.t * BLINK_HZ) as u64;
        let is_off = pixel.does_blink && unit_of(hash(seed ^ number as u64, tick)) < 0.5;
        if !is_off {
            line[pixel.index - places.start] += pixel.glow * gain;
        }
    }
}

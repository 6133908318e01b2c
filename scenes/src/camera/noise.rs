//! Sensor noise: bell-shaped, new in every frame, slightly shared by neighbours as demosaicing leaves it.
//!
//! It must not know the signal: it gives noise of variance 1.

use crate::random::{hash, mix};

/// Share of a pixel's own noise and of its left and upper neighbours'; the squares add up to 1.
const OWN: f32 = 0.860_232_5;
const NEIGHBOUR: f32 = 0.36;
/// Of the sum of eight bytes: mean, and one over the standard deviation (eight times (256^2 - 1) / 12).
const BYTES_MEAN: f32 = 1_020.0;
const BYTES_SCALE: f32 = 1.0 / 209.022_6;

/// One colour's noise, row after row.
#[derive(Debug)]
pub struct Noise {
    above: Vec<f32>,
    own: Vec<f32>,
    seed: u64,
}

impl Noise {
    pub fn new(width: usize) -> Noise {
        Noise { above: vec![0.0; width + 1], own: vec![0.0; width + 1], seed: 0 }
    }

    /// Starts a frame.
    pub fn begin(&mut self, seed: u64) {
        self.seed = hash(seed, 0);
        self.raw_row(u64::MAX);
    }

    fn raw_row(&mut self, row: u64) {
        std::mem::swap(&mut self.above, &mut self.own);
        let first = self.seed.wrapping_add(row.wrapping_mul(0xd134_2543_de82_ef95));
        for (column, value) in self.own.iter_mut().enumerate() {
            *value = bell(mix(first.wrapping_add((column as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))));
        }
    }

    /// The noise of the next row.
    pub fn next_row(&mut self, row: usize, line: &mut [f32]) {
        self.raw_row(row as u64);
        for (column, value) in line.iter_mut().enumerate() {
            *value = OWN * self.own[column + 1] + NEIGHBOUR * (self.own[column] + self.above[column + 1]);
        }
    }
}

/// The sum of eight independent bytes is close to a bell out to almost five deviations (Irwin and Hall).
fn bell(bits: u64) -> f32 {
    let pairs = (bits & 0x00ff_00ff_00ff_00ff) + ((bits >> 8) & 0x00ff_00ff_00ff_00ff);
    let sum = pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48;
    (sum as u32 as f32 - BYTES_MEAN) * BYTES_SCALE
}

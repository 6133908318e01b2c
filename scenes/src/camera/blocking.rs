//! Compression as a camera's own encoder does it, with pulses: blocks of 8, coarse between, fine at each key picture.
//!
//! A real cosine transform with quantisation of luma; colour is averaged. It must not know the scene.

use crate::picture::Picture;
use crate::random::{hash, unit_of};

const SIDE: usize = 8;
/// Seconds between key pictures.
const KEY_S: f64 = 2.0;
/// cos(k * pi / 16) for k = 0..8, and half of the square root of a half for the mean's row.
const COSINES: [f32; 9] =
    [1.0, 0.980_785_3, 0.923_879_5, 0.831_469_6, 0.707_106_77, 0.555_570_24, 0.382_683_43, 0.195_090_32, 0.0];

/// The encoder's state: its table and strength.
#[derive(Debug)]
pub struct Blocking {
    strength: f32,
    seed: u64,
    basis: [[f32; SIDE]; SIDE],
}

impl Blocking {
    pub fn new(strength: f32, seed: u64) -> Blocking {
        let mut basis = [[0.0; SIDE]; SIDE];
        for (frequency, row) in basis.iter_mut().enumerate() {
            for (place, value) in row.iter_mut().enumerate() {
                let scale = if frequency == 0 { 0.353_553_4 } else { 0.5 };
                *value = scale * cosine(frequency * (2 * place + 1));
            }
        }
        Blocking { strength, seed, basis }
    }

    /// Codes the luma of a picture anew.
    pub fn compress(&mut self, picture: &mut Picture, t: f64) {
        let key = (t / KEY_S).floor();
        let since = (t / KEY_S - key) as f32;
        // Fine at the key picture, coarser and coarser after it; each group of pictures has a budget of its own.
        let budget = 0.6 + 0.8 * unit_of(hash(self.seed, key as u64));
        let step = 255.0 * 0.006 + self.strength * budget * (6.0 + 26.0 * since.min(0.5));
        let (width, height) = (picture.width, picture.height);
        for top in (0..height - height % SIDE).step_by(SIDE) {
            for left in (0..width - width % SIDE).step_by(SIDE) {
                self.block(&mut picture.luma, top * width + left, width, step);
            }
        }
    }

    fn block(&self, luma: &mut [u8], first: usize, width: usize, step: f32) {
        let mut values = [[0.0; SIDE]; SIDE];
        for (row, line) in values.iter_mut().enumerate() {
            for (column, value) in line.iter_mut().enumerate() {
                *value = f32::from(luma[first + row * width + column]);
            }
        }
        let mut coded = transform(&self.basis, &transform(&self.basis, &values));
        for (row, line) in coded.iter_mut().enumerate() {
            for (column, value) in line.iter_mut().enumerate() {
                let own = step * (1.0 + 0.35 * (row + column) as f32);
                let steps = *value / own;
                *value = own * if steps < 0.0 { (steps - 0.5).ceil() } else { (steps + 0.5).floor() };
            }
        }
        let back = inverse(&self.basis, &inverse(&self.basis, &coded));
        for (row, line) in back.iter().enumerate() {
            for (column, value) in line.iter().enumerate() {
                luma[first + row * width + column] = (*value + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// cos(k * pi / 16) for any k.
fn cosine(k: usize) -> f32 {
    let k = k % 32;
    let k = if k > 16 { 32 - k } else { k };
    if k > 8 { -COSINES[16 - k] } else { COSINES[k] }
}

/// Transforms the rows and turns the block on its side; twice is the whole transform.
fn transform(basis: &[[f32; SIDE]; SIDE], block: &[[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut out = [[0.0; SIDE]; SIDE];
    for (row, line) in block.iter().enumerate() {
        for (frequency, wave) in basis.iter().enumerate() {
            out[frequency][row] = line.iter().zip(wave).map(|(a, b)| a * b).sum();
        }
    }
    out
}

fn inverse(basis: &[[f32; SIDE]; SIDE], block: &[[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut out = [[0.0; SIDE]; SIDE];
    for (row, line) in block.iter().enumerate() {
        for place in 0..SIDE {
            out[place][row] = line.iter().zip(basis).map(|(a, wave)| a * wave[place]).sum();
        }
    }
    out
}

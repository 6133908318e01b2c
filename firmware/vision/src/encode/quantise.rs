//! Quantisers, and coefficients divided by them.
//!
//! The tables of T.81, Annex K.1, scaled as libjpeg does, so that a quality means what people know. Must not write bits.
use super::dct::{TILE_LANES, Tile};

/// Coefficients of a block.
pub const COEFFICIENTS: usize = 64;

/// What the DCT leaves to be divided by, besides eight: for the frequencies 0..=7, 2^14 times 1, then `cos(k π / 16) √2`.
pub const SCALES_Q14: [u16; 8] = [16_384, 22_725, 21_407, 19_266, 16_384, 12_873, 8_867, 4_520];

/// Tables K.1 and K.2, row by row.
#[rustfmt::skip]
const BASE: [[u8; COEFFICIENTS]; 2] = [
    [
        16, 11, 10, 16, 24, 40, 51, 61,     12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,     14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,   24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ],
];

/// Where in zigzag order the coefficient of a row and column is (T.81, figure A.6).
const ZIGZAG: [u8; COEFFICIENTS] = {
    let (mut order, mut diagonal, mut next) = ([0; COEFFICIENTS], 0, 0);
    while diagonal < 15 {
        let mut step = 0;
        while step <= diagonal {
            // Up to the right on even diagonals, down to the left on odd ones.
            let (row, column) =
                if diagonal % 2 == 0 { (diagonal - step, step) } else { (step, diagonal - step) };
            if row < 8 && column < 8 {
                order[row * 8 + column] = next;
                next += 1;
            }
            step += 1;
        }
        diagonal += 1;
    }
    order
};

/// The same for what the DCT gives, which is transposed.
const ZIGZAG_TRANSPOSED: [u8; COEFFICIENTS] = {
    let (mut order, mut at) = ([0; COEFFICIENTS], 0);
    while at < COEFFICIENTS {
        order[at] = ZIGZAG[at % 8 * 8 + at / 8];
        at += 1;
    }
    order
};

/// The least quantiser: below it a reciprocal does not fit its bits. Only qualities above 97 would have less.
const QUANTISER_MIN: u32 = 2;
/// Fraction bits of a reciprocal.
const RECIPROCAL_BITS: u32 = 18;

/// The quantisers of one table.
pub struct Quantiser {
    /// In zigzag order, as DQT holds them.
    pub zigzag: [u8; COEFFICIENTS],
    /// One over each, with the DCT's scale, in the DCT's order, the same for each block of a tile.
    reciprocals: [[u32; TILE_LANES]; 8],
}

/// What is left of a block.
pub struct Levels {
    /// By place in zigzag order; only where `mask` says so.
    pub values: [i16; COEFFICIENTS],
    /// Bit n: the value at place n is not zero.
    pub mask: u64,
}

impl Quantiser {
    /// Of luma (0) or chroma (1), for a quality of 1..=100.
    pub fn new(chroma: usize, quality: u8) -> Self {
        let quality = u32::from(quality.clamp(1, 100));
        let percent = if quality < 50 { 5_000 / quality } else { 200 - 2 * quality };
        let mut made = Self { zigzag: [0; COEFFICIENTS], reciprocals: [[0; TILE_LANES]; 8] };
        for (at, &base) in BASE[chroma & 1].iter().enumerate() {
            let quantiser = ((u32::from(base) * percent + 50) / 100).clamp(QUANTISER_MIN, 255);
            made.zigzag[usize::from(ZIGZAG[at])] = quantiser as u8;
            let (v, u) = (at / 8, at % 8);
            let scale_q28 = u64::from(SCALES_Q14[u]) * u64::from(SCALES_Q14[v]);
            let divisor_q28 = 8 * u64::from(quantiser) * scale_q28;
            let reciprocal = ((1_u64 << (RECIPROCAL_BITS + 28)) + divisor_q28 / 2) / divisor_q28;
            made.reciprocals[u].iter_mut().skip(v).step_by(8).for_each(|lane| *lane = reciprocal as u32);
        }
        made
    }

    /// Divides, and rounds to nearest.
    pub fn divide(&self, tile: &mut Tile) {
        for (row, reciprocals) in tile.iter_mut().zip(&self.reciprocals) {
            for (value, reciprocal) in row.iter_mut().zip(reciprocals) {
                let magnitude = u32::from(value.unsigned_abs()) * reciprocal + (1 << (RECIPROCAL_BITS - 1));
                let magnitude = (magnitude >> RECIPROCAL_BITS) as i16;
                let sign = *value >> 15;
                *value = (magnitude ^ sign).wrapping_sub(sign);
            }
        }
    }
}

impl Levels {
    /// What is left of a block of a divided tile.
    pub fn read(&mut self, tile: &Tile, block: usize) {
        self.mask = 0;
        for (row, order) in tile.iter().zip(ZIGZAG_TRANSPOSED.as_chunks::<8>().0) {
            let lanes: [i16; 8] = row[block * 8..].first_chunk().copied().unwrap_or_default();
            if lanes.iter().fold(0, |any, &level| any | level) == 0 {
                continue;
            }
            for (&level, &place) in lanes.iter().zip(order) {
                self.values[usize::from(place & 63)] = level;
                self.mask |= u64::from(level != 0) << place;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{COEFFICIENTS, Levels, Quantiser, SCALES_Q14, TILE_LANES, ZIGZAG};

    #[test]
    fn zigzag_is_the_one_of_the_standard() {
        // T.81, figure A.6.
        assert_eq!(ZIGZAG[..16], [0, 1, 5, 6, 14, 15, 27, 28, 2, 4, 7, 13, 16, 26, 29, 42]);
        assert_eq!(ZIGZAG[56..], [35, 36, 48, 49, 57, 58, 62, 63]);
    }

    #[test]
    fn qualities_are_libjpeg_s() {
        assert_eq!(Quantiser::new(0, 50).zigzag[..6], [16, 11, 12, 14, 12, 10]);
        assert_eq!(Quantiser::new(0, 80).zigzag[..6], [6, 4, 5, 6, 5, 4]);
        assert_eq!(Quantiser::new(1, 25).zigzag[..3], [34, 36, 36]);
        assert_eq!((Quantiser::new(0, 1).zigzag[0], Quantiser::new(0, 100).zigzag[0]), (255, 2));
    }

    #[test]
    fn levels_are_the_nearest() {
        for quality in [1, 40, 80, 100] {
            let quantiser = Quantiser::new(0, quality);
            for coefficient in -1023_i32..=1023 {
                let mut tile = [[0; TILE_LANES]; 8];
                let scaled = |u: usize, v: usize| {
                    let scale = i64::from(SCALES_Q14[u]) * i64::from(SCALES_Q14[v]);
                    ((i64::from(coefficient) * 8 * scale) >> 28) as i16
                };
                // The sixth block.
                (tile[0][40], tile[3][42], tile[7][47]) = (scaled(0, 0), scaled(3, 2), scaled(7, 7));
                let mut levels = Levels { values: [0; COEFFICIENTS], mask: 0 };
                quantiser.divide(&mut tile);
                levels.read(&tile, 5);
                for place in [0, usize::from(ZIGZAG[2 * 8 + 3]), 63] {
                    let step = f64::from(quantiser.zigzag[place]);
                    let exact = f64::from(coefficient) / step;
                    let level = f64::from(levels.values[place]);
                    // What is rounded away of a scaled value is a fifth of a coefficient at the most.
                    assert!(
                        (level - exact).abs() <= 0.51 + 2.0 / step,
                        "{quality}: {coefficient} at {place}: {level}"
                    );
                    assert_eq!(levels.mask >> place & 1 == 1, level != 0.0);
                }
            }
        }
    }
}

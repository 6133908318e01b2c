//! The scaled inverse DCT: from a block's coefficients to the means of its 2 x 2 or 4 x 4 squares.
//!
//! # Derivation
//! The inverse DCT (ITU T.81, A.3.3) is linear, so the mean of a square is a sum of coefficients too, and it separates: along one axis,
//! the mean over the pixels of a part takes coefficient `u` by `C(u) / 2` times the mean of `cos((2x + 1) u π / 16)` over them.
//!
//! *Four parts of two pixels.* For part `k` that mean is `cos(u π / 16) cos((2k + 1) u π / 8)`: a DCT of four points. Its coefficient 4 is
//! 0 everywhere, and 5, 6 and 7 are minus 3, 2 and 1. *Two parts of four pixels.* Even coefficients but 0 vanish; odd ones have
//! the same shape, plus and minus. So each of the 64 coefficients is added to one of 4 x 4 (or 2 x 2) terms, by a weight that holds
//! quantiser, cosines and sign, and the terms go through a small inverse DCT. Nothing is left out: the means are those of the decoded
//! picture but for rounding.
//!
//! Leaving out the high coefficients would be wrong and hardly cheaper. Measured on real clips: with the lowest 4 x 4, which take 25 in zigzag
//! order, the means were off by 3 (a road) to 8 grey values (leaves), root mean square, and up to 50, for 95 to 110 % of the instructions
//! (passing over the rest needs one more table); with the lowest 2 x 2, by 1.6 and up to 28, for 90 %.
use super::ac::COEFFICIENTS;
use core::array::from_fn;
use core::num::Wrapping;

/// Fraction bits of terms. Rounding the weights to them costs 0.1 grey values at most.
const FRACTION_BITS: u32 = 13;
/// Fraction bits of the constants below.
const AXIS_BITS: u32 = 16;

/// `C(u) / 2` times the mean cosine of coefficient `u` along one axis in 2^-16, for two parts: half of 0.6407, -0.2250, 0.1503 and -0.1274.
const AXIS_2: [i64; 8] = [23170, 20995, 0, -7373, 0, 4926, 0, -4176];
/// The same for four parts, times what [`split`] leaves to it: `cos(π / 8)` for the odd, `cos(π / 4)` for the even ones.
const AXIS_4: [i64; 8] = [23170, 29692, 21407, 25172, 0, -16819, -8867, -5906];
/// `tan(π / 8)` in 2^-7.
const TANGENT: Wrapping<i32> = Wrapping(53);
const TANGENT_BITS: usize = 7;

/// Place in the block, row * 8 + column, of each coefficient in zigzag order (ITU T.81, figure A.6).
#[rustfmt::skip]
pub const ZIGZAG: [u8; COEFFICIENTS] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Blocks side by side whose terms are kept and transformed together: as many steps of one kind are vector instructions.
pub const TILE_BLOCKS: usize = 8;

/// What the coefficients of each block of a tile add up to: (row * 4 + column) * 8 + block, and room for what the hot loop cannot
/// rule out without a test. Wraps: only nonsense gets so large.
pub type Terms = [Wrapping<i32>; (16 + 1) * TILE_BLOCKS];
/// No coefficient added yet.
pub const NO_TERMS: Terms = [Wrapping(0); (16 + 1) * TILE_BLOCKS];

/// What each coefficient counts, and for which term.
pub struct Weights {
    /// In zigzag order. A run, which is held in a byte, can lead beyond the end of the block: what stands there counts nothing, and the
    /// hot loop needs no test for it.
    of: [Weight; COEFFICIENTS + u8::MAX as usize],
}

#[derive(Clone, Copy)]
struct Weight {
    factor: Wrapping<i32>,
    term: u8,
}

impl Weights {
    /// For 2 or 4 `parts` along each side of a block; quantisers in zigzag order.
    pub fn new(parts: usize, quantisers: &[u16; COEFFICIENTS]) -> Self {
        let (axis, term): (_, [usize; 8]) = match parts {
            2 => (&AXIS_2, [0, 1, 0, 1, 0, 1, 0, 1]),
            _ => (&AXIS_4, [0, 1, 2, 3, 0, 3, 2, 1]),
        };
        const ROUND: i64 = 1 << (2 * AXIS_BITS - FRACTION_BITS - 1);
        let mut of = [Weight { factor: Wrapping(0), term: 0 }; COEFFICIENTS + u8::MAX as usize];
        for ((weight, place), &quantiser) in of.iter_mut().zip(ZIGZAG).zip(quantisers) {
            let (row, column) = (usize::from(place >> 3), usize::from(place & 7));
            let factor = i64::from(quantiser) * axis[row] * axis[column];
            // A quarter of a 16-bit quantiser with 13 fraction bits: it fits.
            weight.factor = Wrapping(((factor + ROUND) >> (2 * AXIS_BITS - FRACTION_BITS)) as i32);
            weight.term = ((term[row] * 4 + term[column]) * TILE_BLOCKS) as u8;
        }
        Self { of }
    }

    /// Adds a coefficient of `block`, which stands at `at` in zigzag order, to its term.
    #[inline(always)]
    pub fn add(&self, terms: &mut Terms, block: usize, at: usize, coefficient: i32) {
        if let Some(weight) = self.of.get(at) {
            let term = usize::from(weight.term) % (16 * TILE_BLOCKS) + block % TILE_BLOCKS;
            terms[term] += weight.factor * Wrapping(coefficient);
        }
    }
}

/// A row of means of each block of a tile: its 2 or 4 means in the lowest bytes, the leftmost in the lowest.
pub type Row = [u32; TILE_BLOCKS];

/// The means of `PARTS` x `PARTS` (2 x 2 or 4 x 4) squares of the blocks of a tile.
// Not inlined: a loop over the blocks of its own is what the compiler makes vector instructions of.
#[inline(never)]
pub fn means<const PARTS: usize>(terms: &Terms, rows: &mut [Row; PARTS]) {
    let term = |row: usize, column: usize, block: usize| terms[(row * 4 + column) * TILE_BLOCKS + block];
    for block in 0..TILE_BLOCKS {
        let lines: [[_; PARTS]; PARTS] = from_fn(|row| split(from_fn(|column| term(row, column, block))));
        let columns: [[_; PARTS]; PARTS] = from_fn(|x| split(from_fn(|row| lines[row][x])));
        for (y, row) in rows.iter_mut().enumerate() {
            row[block] = (0..PARTS).map(|x| byte(columns[x][y]) << (8 * x)).sum();
        }
    }
}

/// The grey value that a sum of terms stands for, level-shifted (ITU T.81, A.3.1).
#[inline(always)]
fn byte(mean: Wrapping<i32>) -> u32 {
    const ROUND_AND_SHIFT: i32 = (128 << FRACTION_BITS) + (1 << (FRACTION_BITS - 1));
    ((mean + Wrapping(ROUND_AND_SHIFT)).0 >> FRACTION_BITS).clamp(0, 255) as u32
}

/// The inverse DCT of two or four points along one axis, without the factors that the weights hold already.
#[inline(always)]
fn split<const PARTS: usize>(terms: [Wrapping<i32>; PARTS]) -> [Wrapping<i32>; PARTS] {
    let mut parts = terms;
    match terms[..] {
        [t0, t1] => parts.copy_from_slice(&[t0 + t1, t0 - t1]),
        [t0, t1, t2, t3] => {
            let (even, odd) = ([t0 + t2, t0 - t2], [t1 + by_tangent(t3), by_tangent(t1) - t3]);
            parts.copy_from_slice(&[even[0] + odd[0], even[1] + odd[1], even[1] - odd[1], even[0] - odd[0]]);
        }
        _ => {}
    }
    parts
}

#[inline(always)]
fn by_tangent(term: Wrapping<i32>) -> Wrapping<i32> {
    (term * TANGENT) >> TANGENT_BITS
}

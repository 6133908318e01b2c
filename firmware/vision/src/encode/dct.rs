//! The forward DCT of sixteen blocks side by side.
//!
//! Arai, Agui and Nakajima's ("A fast DCT-SQ scheme for images", 1988), whose last factors are left to the quantiser. It takes five products for
//! eight values, fewer than any other, and is accurate enough for what a camera's noise leaves: the error is below a
//! quantiser's step. Loops go along the 16-bit lanes of a tile, which the compiler makes vector instructions of.

/// Blocks of a tile.
pub const TILE_BLOCKS: usize = 16;
/// Values in a row of a tile.
pub const TILE_LANES: usize = 8 * TILE_BLOCKS;

/// Blocks side by side, row by row.
pub type Tile = [[i16; TILE_LANES]; 8];

/// Transforms samples (-128..=127). In what comes out each block is transposed: row u holds the horizontal frequency u. A value is eight times the
/// coefficient of T.81, A.3.3, times [`super::quantise`]'s scale of its row and column.
pub fn forward(tile: &mut Tile) {
    pass(tile);
    transpose(tile);
    pass(tile);
}

/// The product with `factor / 65536`, rounded down.
#[inline(always)]
fn part(value: i16, factor: i16) -> i16 {
    ((i32::from(value) * i32::from(factor)) >> 16) as i16
}

/// In 1/65536, some of them less one: sines and cosines of multiples of π/16.
const C_0_382683: i16 = 25_080;
const C_0_541196_LESS_1: i16 = -30_068;
const C_0_707107_LESS_1: i16 = -19_195;
const C_1_306563_LESS_1: i16 = 20_091;

/// One dimension, of each column.
fn pass(tile: &mut Tile) {
    let [row0, row1, row2, row3, row4, row5, row6, row7] = tile;
    for lane in 0..TILE_LANES {
        let (t0, t7) = butterfly(row0[lane], row7[lane]);
        let (t1, t6) = butterfly(row1[lane], row6[lane]);
        let (t2, t5) = butterfly(row2[lane], row5[lane]);
        let (t3, t4) = butterfly(row3[lane], row4[lane]);

        let (e0, e3) = butterfly(t0, t3);
        let (e1, e2) = butterfly(t1, t2);
        let sum = e2.wrapping_add(e3);
        let z1 = sum.wrapping_add(part(sum, C_0_707107_LESS_1));
        (row0[lane], row4[lane]) = butterfly(e0, e1);
        (row2[lane], row6[lane]) = butterfly(e3, z1);

        let (o0, o1, o2) = (t4.wrapping_add(t5), t5.wrapping_add(t6), t6.wrapping_add(t7));
        let z5 = part(o0.wrapping_sub(o2), C_0_382683);
        let z2 = o0.wrapping_add(part(o0, C_0_541196_LESS_1)).wrapping_add(z5);
        let z4 = o2.wrapping_add(part(o2, C_1_306563_LESS_1)).wrapping_add(z5);
        let z3 = o1.wrapping_add(part(o1, C_0_707107_LESS_1));
        let (z11, z13) = butterfly(t7, z3);
        (row5[lane], row3[lane]) = butterfly(z13, z2);
        (row1[lane], row7[lane]) = butterfly(z11, z4);
    }
}

/// Sum and difference.
#[inline(always)]
fn butterfly(a: i16, b: i16) -> (i16, i16) {
    (a.wrapping_add(b), a.wrapping_sub(b))
}

/// Each block.
fn transpose(tile: &mut Tile) {
    for left in (0..TILE_LANES).step_by(8) {
        let mut block = [[0; 8]; 8];
        for (from, row) in tile.iter().zip(&mut block) {
            row.copy_from_slice(&from[left..left + 8]);
        }
        for (x, to) in tile.iter_mut().enumerate() {
            let column: [i16; 8] = core::array::from_fn(|y| block[y][x]);
            to[left..left + 8].copy_from_slice(&column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TILE_BLOCKS, TILE_LANES, forward};
    use crate::encode::quantise::SCALES_Q14;
    use crate::splice::dct_reference;

    #[test]
    fn it_is_the_dct_but_for_its_scale() {
        let mut state = 1_u32;
        for round in 0..if cfg!(miri) { 1 } else { 200 } {
            let mut sample = |at: usize| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                match (round + at / 64) % 4 {
                    0 => (state >> 24) as u8,
                    1 if (at / 8 + at % 8).is_multiple_of(2) => 255,
                    2 => (at * 4) as u8,
                    3 if state >> 31 == 0 => 255,
                    _ => 0,
                }
            };
            let blocks: [[u8; 64]; TILE_BLOCKS] =
                core::array::from_fn(|block| core::array::from_fn(|at| sample(block * 64 + at)));
            let mut tile = [[0; TILE_LANES]; 8];
            for (at, value) in tile.as_flattened_mut().iter_mut().enumerate() {
                let (y, lane) = (at / TILE_LANES, at % TILE_LANES);
                *value = i16::from(blocks[lane / 8][y * 8 + lane % 8]) - 128;
            }
            forward(&mut tile);
            for (block, samples) in blocks.iter().enumerate() {
                for (at, expected) in dct_reference(samples).into_iter().enumerate() {
                    let (v, u) = (at / 8, at % 8);
                    let scale = (i64::from(SCALES_Q14[u]) * i64::from(SCALES_Q14[v])) >> 14;
                    // Both in 1/256 of a coefficient.
                    let got = (i64::from(tile[u][block * 8 + v]) << (8 + 14 - 3)) / scale;
                    // A coefficient, and what is rounded away in two dozen steps of a value as it is scaled.
                    let allowed = 256 + 24 * (1 << (8 + 14 - 3)) / scale;
                    let off = (got - i64::from(expected)).abs();
                    assert!(off < allowed, "round {round}, block {block}, {u},{v}: {got} {expected}");
                }
            }
        }
    }
}

//! What a picture is like as a whole: its coarse structure, its fine texture, how much of it is clipped, a digest.
//!
//! Pure measures of one plane, made for `tamper_watch`. Must not remember or judge.

use super::tiles::{TILE_PX, TILES_MAX, sums};

/// Differences between neighbours that are noise, grey levels.
const NOISE: u8 = 3;
/// A mean grey level below this is taken for it: in the dark nothing is fine.
const DARK: u64 = 4;
/// A grey level from here on is clipped.
const CLIPPED: u8 = 250;

/// The mean grey level of each tile, Q8; gives the number of tiles.
pub fn shrink(luma: &[u8], width: usize, coarse: &mut [u16; TILES_MAX]) -> usize {
    let mut tiles = 0;
    for band in luma.chunks(width * TILE_PX) {
        for (sum, px) in sums(band, width, u32::from) {
            coarse[tiles] = ((sum << 8) / px) as u16;
            tiles += 1;
        }
    }
    tiles
}

/// Mean difference between neighbours beyond the noise's, beside the mean grey level, Q16: what a gain does not change.
pub fn fineness_q16(luma: &[u8], width: usize) -> u64 {
    let (mut sum, mut grey) = (0u64, 0u64);
    for row in luma.chunks(width) {
        let beyond = |(&a, &b): (&u8, &u8)| u32::from(a.abs_diff(b).saturating_sub(NOISE));
        sum += u64::from(row.iter().zip(&row[1..]).map(beyond).sum::<u32>());
        grey += u64::from(row.iter().map(|&grey| u32::from(grey)).sum::<u32>());
    }
    (sum << 16) / grey.max(luma.len() as u64 * DARK)
}

/// Clipped pixels, in parts of a thousand.
pub fn clipped_per_mille(luma: &[u8]) -> u32 {
    let clipped = luma.iter().map(|&grey| u32::from(grey >= CLIPPED)).sum::<u32>();
    clipped * 1000 / luma.len() as u32
}

/// Correlation of two coarse pictures by the differences between neighbouring squares, Q8: neither brightness nor contrast counts, nor
/// that every view is brighter above than below.
pub fn correlation_q8(a: &[u16], b: &[u16], columns: usize) -> i32 {
    let (mut product, mut of_a, mut of_b) = (0i64, 0i64, 0i64);
    let mut add = |da: i64, db: i64| {
        product += da * db;
        of_a += da * da;
        of_b += db * db;
    };
    let apart = |picture: &[u16], at: usize, other: usize| i64::from(picture[at]) - i64::from(picture[other]);
    for row in (0..a.len()).step_by(columns) {
        for at in row + 1..row + columns {
            add(apart(a, at, at - 1), apart(b, at, at - 1));
        }
        if row == 0 {
            continue;
        }
        let mean = |picture: &[u16]| {
            (row..row + columns).map(|at| apart(picture, at, at - columns)).sum::<i64>() / columns as i64
        };
        let (mean_a, mean_b) = (mean(a), mean(b));
        for at in row..row + columns {
            add(apart(a, at, at - columns) - mean_a, apart(b, at, at - columns) - mean_b);
        }
    }
    // At most 3 200 pairs of 17 bits: every sum stays below 2^46, and the products below 2^92.
    let scale = i128::from(of_a) * i128::from(of_b);
    if scale == 0 {
        return 0;
    }
    let squared_q16 = ((i128::from(product) * i128::from(product)) << 16) / scale;
    (squared_q16 as u64).isqrt() as i32 * product.signum() as i32
}

/// A number that changes when any pixel does.
pub fn digest(luma: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325u64;
    for word in luma.chunks(8) {
        let mut bytes = [0; 8];
        bytes[..word.len()].copy_from_slice(word);
        sum = (sum ^ u64::from_le_bytes(bytes)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    }
    sum
}

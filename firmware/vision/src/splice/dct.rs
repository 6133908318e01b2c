//! The DCT of single blocks, both ways, in fixed point: separable, straight from its definition (ITU T.81, A.3.3).
//!
//! Accuracy before speed, since only blocks under marks are transformed. Must not know of zigzag order.
use crate::luma::ac::COEFFICIENTS;

/// Fraction bits of the constants.
const COSINE_BITS: u32 = 20;
/// Fraction bits between the two passes.
const MIDDLE_BITS: u32 = 12;
/// Fraction bits of what [`forward`] gives.
pub const FRACTION_BITS: u32 = 8;
/// Largest magnitude of a coefficient that counts: 8-bit samples give less than 11 bits (A.3.1). Beyond is damage.
const COEFFICIENT_MAX: i32 = 2047;

/// `cos(k π / 16) / 2` in 2^-20 for k = 0..=7; 0 as k = 4, since `C(0)` is `cos(π / 4)`.
const HALF_COSINES: [i32; 8] = [370_728, 514_214, 484_379, 435_930, 370_728, 291_279, 200_636, 102_284];

/// `C(u) / 2 cos((2x + 1) u π / 16)`: row u, column x. The columns from 4 on are these mirrored, with the sign changed where u is odd.
const COSINES: [[i32; 4]; 8] = basis();

const fn basis() -> [[i32; 4]; 8] {
    let mut basis = [[0; 4]; 8];
    let mut at = 0;
    while at < 32 {
        let (u, x) = (at / 4, at % 4);
        let sixteenths = (2 * x + 1) * u % 32;
        let folded = if sixteenths > 16 { 32 - sixteenths } else { sixteenths };
        basis[u][x] = if folded > 8 { -HALF_COSINES[16 - folded] } else { HALF_COSINES[folded] };
        at += 1;
    }
    basis
}

/// One pass along the rows, which become columns: `transform` is that of a row. Drops `shift` fraction bits, rounded.
#[inline(always)]
fn pass(
    values: &[i32; COEFFICIENTS],
    transform: fn(&[i64; 8]) -> [i64; 8],
    shift: u32,
) -> [i32; COEFFICIENTS] {
    let mut out = [0; COEFFICIENTS];
    for (row, line) in values.as_chunks().0.iter().enumerate() {
        let line: &[i32; 8] = line;
        let sums = transform(&line.map(i64::from));
        for (sum, column) in sums.into_iter().zip(out.chunks_exact_mut(8)) {
            column[row] = ((sum + (1 << (shift - 1))) >> shift) as i32;
        }
    }
    out
}

/// Coefficients of eight samples. Those opposite each other share a factor, so each half takes a quarter of the products, and the sums are exactly the same.
#[inline(always)]
fn forward_row(samples: &[i64; 8]) -> [i64; 8] {
    let pairs: [(i64, i64); 4] =
        core::array::from_fn(|x| (samples[x] + samples[7 - x], samples[x] - samples[7 - x]));
    core::array::from_fn(|u| {
        let terms = pairs.iter().zip(&COSINES[u]);
        terms.map(|(pair, &factor)| i64::from(factor) * if u % 2 == 0 { pair.0 } else { pair.1 }).sum()
    })
}

/// Samples of eight coefficients: the same the other way.
#[inline(always)]
fn inverse_row(coefficients: &[i64; 8]) -> [i64; 8] {
    let halves: [(i64, i64); 4] = core::array::from_fn(|x| {
        let sum = |first: usize| -> i64 {
            (first..8).step_by(2).map(|u| i64::from(COSINES[u][x]) * coefficients[u]).sum()
        };
        (sum(0), sum(1))
    });
    core::array::from_fn(
        |x| if x < 4 { halves[x].0 + halves[x].1 } else { halves[7 - x].0 - halves[7 - x].1 },
    )
}

/// DC of a flat block in 2^-8: eight times the level-shifted grey. Its other coefficients are 0.
pub const fn flat(sample: u8) -> i32 {
    (sample as i32 - 128) << (3 + FRACTION_BITS)
}

/// Coefficients of 8 x 8 samples, row by row, in 2^-8.
pub fn forward(samples: &[u8; COEFFICIENTS]) -> [i32; COEFFICIENTS] {
    let shifted = samples.map(|sample| i32::from(sample) - 128);
    let middle = pass(&shifted, forward_row, COSINE_BITS - MIDDLE_BITS);
    pass(&middle, forward_row, COSINE_BITS + MIDDLE_BITS - FRACTION_BITS)
}

/// Samples of 64 coefficients, row by row, as a decoder shows them.
pub fn inverse(coefficients: &[i32; COEFFICIENTS]) -> [u8; COEFFICIENTS] {
    let sane = coefficients.map(|coefficient| coefficient.clamp(-COEFFICIENT_MAX, COEFFICIENT_MAX));
    let middle = pass(&sane, inverse_row, COSINE_BITS - MIDDLE_BITS);
    pass(&middle, inverse_row, COSINE_BITS + MIDDLE_BITS).map(|sample| (sample + 128).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    /// The definition in floating point.
    fn exact(samples: &[u8; 64]) -> [f64; 64] {
        let c = |u: usize| if u == 0 { FRAC_1_SQRT_2 } else { 1.0 };
        let cosine = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos();
        core::array::from_fn(|at| {
            let (v, u) = (at / 8, at % 8);
            let terms =
                (0..64).map(|p| (f64::from(samples[p]) - 128.0) * cosine(p % 8, u) * cosine(p / 8, v));
            terms.sum::<f64>() * c(u) * c(v) / 4.0
        })
    }

    fn blocks() -> impl Iterator<Item = [u8; 64]> {
        let mut state = 1u32;
        (0..2000).map(move |round| {
            core::array::from_fn(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 24) as u8;
                match round % 4 {
                    0 => noise,
                    1 => 255 * (noise & 1),
                    2 => (100 + at as u8).wrapping_add(noise & 7),
                    _ => 255 * u8::from(at % 8 / (1 + round % 7) % 2 == 0),
                }
            })
        })
    }

    #[test]
    fn coefficients_are_those_of_the_definition() {
        for samples in blocks() {
            for (ours, exact) in forward(&samples).into_iter().zip(exact(&samples)) {
                let ours = f64::from(ours) / f64::from(1 << FRACTION_BITS);
                assert!((ours - exact).abs() < 0.01, "{ours} for {exact}");
            }
        }
    }

    #[test]
    fn there_and_back_again_changes_no_sample_by_more_than_one() {
        for samples in blocks() {
            let coefficients = forward(&samples).map(|c| (c + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS);
            for (a, b) in inverse(&coefficients).into_iter().zip(samples) {
                assert!(a.abs_diff(b) <= 1, "{a} for {b}");
            }
        }
    }

    #[test]
    fn a_flat_block_stays_exactly_flat() {
        for grey in 0..=255 {
            let mut coefficients = forward(&[grey; 64]);
            assert!((coefficients[0] - flat(grey)).abs() <= 1);
            assert!(coefficients[1..].iter().all(|&c| c == 0));
            coefficients[0] = (i32::from(grey) - 128) * 8;
            assert_eq!(coefficients[0] << FRACTION_BITS, flat(grey));
            assert_eq!(inverse(&coefficients), [grey; 64]);
        }
    }

    #[test]
    fn nonsense_overflows_nothing() {
        for extreme in [i32::MIN, i32::MAX] {
            inverse(&[extreme; 64]);
            inverse(&core::array::from_fn(|at| if at % 2 == 0 { extreme } else { !extreme }));
        }
    }
}

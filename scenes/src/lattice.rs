//! Smooth chance over time and over an area: value noise on a hashed lattice, one octave or many.
//!
//! It never repeats within any scene's length and needs no memory of the past.

use crate::random::{hash, unit_of};

/// Largest number of octaves of a texture: finer than a pixel at any size we play.
const OCTAVES_MAX: u32 = 9;

fn ease(part: f32) -> f32 {
    part * part * part * (part * (part * 6.0 - 15.0) + 10.0)
}

/// -1 to 1, smooth in `t` with about one turn for each unit.
pub fn wander(seed: u64, t: f64) -> f32 {
    let cell = t.floor();
    let part = ease((t - cell) as f32);
    let at = |offset: i64| unit_of(hash(seed, (cell as i64 + offset) as u64)) * 2.0 - 1.0;
    let (a, b) = (at(0), at(1));
    a + (b - a) * part
}

/// [`wander`] with each octave twice as fast and about half as strong (a spectrum as wind and flames have it).
pub fn wander_fractal(seed: u64, t: f64, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut total, mut rate) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves.min(OCTAVES_MAX) {
        sum += weight * wander(seed ^ u64::from(octave) << 48, t * rate);
        total += weight;
        weight *= 0.55;
        rate *= 2.03;
    }
    sum / total
}

fn corner(seed: u32, x: i32, y: i32) -> f32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    h ^= h >> 15;
    (h >> 8) as f32 * (2.0 / 16_777_216.0) - 1.0
}

/// -1 to 1 over a plane, smooth, about one hill for each unit.
pub fn field(seed: u32, x: f32, y: f32) -> f32 {
    let (floor_x, floor_y) = (x.floor(), y.floor());
    let (ix, iy) = (floor_x as i32, floor_y as i32);
    let (px, py) = (ease(x - floor_x), ease(y - floor_y));
    let (jx, jy) = (ix.wrapping_add(1), iy.wrapping_add(1));
    let upper = corner(seed, ix, iy) * (1.0 - px) + corner(seed, jx, iy) * px;
    let lower = corner(seed, ix, jy) * (1.0 - px) + corner(seed, jx, jy) * px;
    upper + (lower - upper) * py
}

/// [`field`] with finer and weaker octaves; `roughness` is an octave's strength next to the one before it.
pub fn fractal(seed: u32, x: f32, y: f32, octaves: u32, roughness: f32) -> f32 {
    let (mut sum, mut weight, mut total, mut scale) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves.min(OCTAVES_MAX) {
        sum += weight * field(seed.wrapping_add(octave.wrapping_mul(0x1234_5677)), x * scale, y * scale);
        total += weight;
        weight *= roughness;
        scale *= 2.0;
    }
    sum / total
}

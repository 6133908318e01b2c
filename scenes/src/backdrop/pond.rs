//! A pond in a park: near bank, water (which moves: `things::water`), far bank with bushes, trees, sky.

use super::textures::{grass, leaves, sky};
use super::{Spot, Surface};
use crate::ground::Ground;
use crate::lattice::fractal;
use crate::maths::{length, smooth, unit};

/// Foot of the trees on the far side.
const TREES_Y: f32 = 0.375;

/// How much of a point is water: `x` in picture heights from the middle, `y` from the top; `height` of the picture in
/// pixels, for an edge one pixel wide.
pub fn shores(x: f32, y: f32, height: f32) -> f32 {
    let rough = 0.02 * fractal(401, x * 6.0, y * 9.0, 3, 0.6);
    let inside = 1.0 + rough * 2.0 - length((x - 0.08) / 0.82, (y - 0.575) / 0.185);
    unit(inside * 0.18 * height + 0.5)
}

pub fn surface(spot: Spot, ground: Ground) -> Surface {
    let seed = spot.seed;
    let crowns = TREES_Y - 0.17 - 0.13 * fractal(seed ^ 402, spot.x * 2.5, 0.0, 6, 0.55);
    if spot.y < crowns {
        return Surface { albedo: sky(seed, spot.x, spot.y), sun: 0.0, lamp: 0.0, depth_m: f32::INFINITY };
    }
    if spot.y < TREES_Y {
        let foot = 0.6 + 0.4 * smooth(TREES_Y, TREES_Y - 0.05, spot.y);
        let albedo = leaves(seed, spot.x * 11.0, spot.y * 11.0).map(|c| c * foot);
        return Surface { albedo, sun: 0.7, lamp: 0.0, depth_m: 30.0 };
    }
    let x = spot.x - 0.5 * spot.aspect;
    let depth_m = ground.depth_m(spot.y);
    // Mud and reeds along the water.
    let wet = 1.0 - 0.5 * smooth(1.12, 1.0, length((x - 0.08) / 0.82, (spot.y - 0.575) / 0.185));
    let albedo = grass(seed, ground.aside_m(x, spot.y), depth_m).map(|c| c * wet);
    Surface { albedo, sun: 0.9, lamp: 0.0, depth_m }
}

//! A garden behind a house, as a camera under the eaves sees it.
//!
//! From back to front: sky, far trees, a board fence, the lawn with a slab path; at the right the house's brick wall.

use super::textures::{boards, bricks, grass, leaves, sky, slabs, window};
use super::{Spot, Surface};
use crate::ground::Ground;
use crate::lattice::fractal;
use crate::maths::{bell, smooth};

/// Foot of the fence in the picture, and its height in metres.
const FENCE_Y: f32 = 0.385;
const FENCE_M: f32 = 1.7;
/// Where the house begins, in parts of the width.
const HOUSE_X: f32 = 0.80;
/// Where it ends: a camera that turns away sees lawn, fence and trees beyond.
const HOUSE_END_X: f32 = 1.02;

pub fn surface(spot: Spot, ground: Ground) -> Surface {
    let (seed, inside) = (spot.seed, spot.part_x);
    if inside > HOUSE_X && inside < HOUSE_END_X {
        return house(spot, inside, seed);
    }
    let fence_scale = ground.scale(FENCE_Y);
    let fence_top = FENCE_Y - FENCE_M * fence_scale;
    let trees_top = fence_top - 0.10 - 0.09 * fractal(seed ^ 71, spot.x * 3.0, 0.0, 6, 0.6);
    if spot.y > FENCE_Y {
        return lawn(spot, inside, seed, ground);
    }
    if spot.y > fence_top {
        let up = (FENCE_Y - spot.y) / fence_scale;
        let shade = 0.55 + 0.45 * smooth(0.0, 0.25, up);
        let albedo = boards(seed, spot.x / fence_scale, up).map(|c| c * shade);
        return Surface { albedo, sun: 0.75, lamp: 0.25, depth_m: ground.depth_m(FENCE_Y) };
    }
    if spot.y > trees_top {
        let albedo = leaves(seed, spot.x * 14.0, spot.y * 14.0);
        return Surface { albedo, sun: 0.7, lamp: 0.02, depth_m: 25.0 };
    }
    Surface { albedo: sky(seed, spot.x, spot.y), sun: 0.0, lamp: 0.0, depth_m: f32::INFINITY }
}

fn lawn(spot: Spot, inside: f32, seed: u32, ground: Ground) -> Surface {
    let depth_m = ground.depth_m(spot.y);
    let x_m = ground.aside_m(spot.x - 0.5 * spot.aspect, spot.y);
    // The path runs from the lower left to the house's door.
    let path_x = 0.16 + 0.62 * smooth(1.05, 0.42, spot.y) + 0.01 * fractal(seed, depth_m * 2.0, 0.0, 3, 0.5);
    let half = 0.55 * ground.scale(spot.y) / spot.aspect;
    let from_path = (inside - path_x).abs() / half;
    let edge = from_path + 0.12 * fractal(seed ^ 81, x_m * 5.0, depth_m * 5.0, 3, 0.6);
    let from_wall = inside + 0.05 * (spot.y - 0.6);
    let beyond = smooth(HOUSE_END_X, HOUSE_END_X + 0.03, from_wall);
    let shade_of_house = smooth(HOUSE_X - 0.02, HOUSE_X - 0.10, from_wall).max(beyond);
    let lamp = 0.9 * bell((inside - 0.72) / 0.3) * bell((spot.y - 0.6) / 0.35);
    let albedo =
        if edge < 1.0 && inside < HOUSE_X { slabs(seed, x_m, depth_m) } else { grass(seed, x_m, depth_m) };
    Surface { albedo, sun: 0.9 * (0.12 + 0.88 * shade_of_house), lamp, depth_m }
}

fn house(spot: Spot, inside: f32, seed: u32) -> Surface {
    // Seen at a slant: further along the wall is further away.
    let along = (inside - HOUSE_X) / (HOUSE_END_X - HOUSE_X);
    // In perspective it is the inverse of the distance that grows evenly.
    let depth_m = 1.0 / (1.0 / 7.0 + (1.0 / 2.6 - 1.0 / 7.0) * along);
    let scale = 1.25 / depth_m;
    let foot = 0.2 + 2.8 * scale;
    let up = (foot - spot.y) / scale;
    let across = (7.0 - depth_m) * 1.1;
    if spot.y > foot {
        let albedo = slabs(seed ^ 2, across * 2.0, spot.y * 6.0);
        return Surface { albedo, sun: 0.1, lamp: 0.8, depth_m };
    }
    let (wx, wy) = ((along - 0.32) / 0.34, (2.15 - up) / 1.15);
    let in_window = (0.0..1.0).contains(&wx) && (0.0..1.0).contains(&wy);
    let albedo = if in_window { window(seed, wx, wy) } else { bricks(seed, across, up) };
    let lamp = 1.6 * bell((up - 2.1) / 1.2) * bell((along - 0.15) / 0.35);
    Surface { albedo, sun: 0.30, lamp, depth_m }
}

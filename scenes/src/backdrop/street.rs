//! A street: near pavement, two lanes, far pavement, houses with windows and doors, sky.
//!
//! Everything runs from left to right, so it goes on for ever when the camera turns away.

use super::textures::{asphalt, bricks, leaves, plaster, sky, slabs, window};
use super::{Spot, Surface};
use crate::ground::Ground;
use crate::lattice::field;
use crate::maths::{bell, smooth};

/// Picture heights at which the kerbs run: far and near.
const FAR_KERB_Y: f32 = 0.475;
const NEAR_KERB_Y: f32 = 0.83;
/// Foot of the houses.
const HOUSES_Y: f32 = 0.425;
/// Width of one house in metres.
const HOUSE_M: f32 = 7.5;

const WALLS: [[f32; 3]; 4] = [[0.52, 0.47, 0.38], [0.42, 0.44, 0.45], [0.55, 0.53, 0.50], [0.48, 0.36, 0.29]];

pub fn surface(spot: Spot, ground: Ground) -> Surface {
    if spot.y < HOUSES_Y {
        return houses(spot, ground);
    }
    let depth_m = ground.depth_m(spot.y);
    let x_m = ground.aside_m(spot.x - 0.5 * spot.aspect, spot.y);
    let lamp = bell((spot.part_x - 0.35) / 0.32) * bell((spot.y - 0.6) / 0.3);
    // Houses throw their shadow on the far pavement.
    let sun = 0.95 * smooth(HOUSES_Y + 0.02, HOUSES_Y + 0.035, spot.y);
    let kerb = |at: f32| (spot.y - at).abs() < 0.012 * (spot.y - ground.horizon) * 2.0;
    let albedo = if kerb(FAR_KERB_Y) || kerb(NEAR_KERB_Y) {
        [0.33, 0.32, 0.31]
    } else if spot.y > FAR_KERB_Y && spot.y < NEAR_KERB_Y {
        road(spot, x_m, depth_m)
    } else {
        slabs(spot.seed, x_m, depth_m)
    };
    Surface { albedo, sun, lamp, depth_m }
}

fn road(spot: Spot, x_m: f32, depth_m: f32) -> [f32; 3] {
    let base = asphalt(spot.seed, x_m, depth_m);
    let dash = (x_m / 4.0 - (x_m / 4.0).floor()) < 0.5;
    let middle = (spot.y - 0.605).abs() < 0.0055;
    let worn = field(spot.seed ^ 91, x_m * 5.0, depth_m * 5.0);
    if middle && dash && worn > -0.45 { [0.5, 0.5, 0.48] } else { base }
}

fn houses(spot: Spot, ground: Ground) -> Surface {
    let scale = ground.scale(HOUSES_Y);
    let depth_m = ground.depth_m(HOUSES_Y);
    let up = (HOUSES_Y - spot.y) / scale;
    let x_m = spot.x / scale;
    let number = (x_m / HOUSE_M).floor();
    let in_m = x_m - number * HOUSE_M;
    let each = field(spot.seed ^ 95, number * 3.7, 0.5);
    let roof = 6.2 + 1.2 * each;
    let garden = in_m > HOUSE_M - 1.6;
    if garden || up > roof {
        let crown =
            3.2 + 1.6 * field(spot.seed ^ 96, x_m * 0.6, 1.5) + 0.5 * field(spot.seed ^ 97, x_m * 3.0, 2.5);
        if up < crown && garden {
            return Surface { albedo: leaves(spot.seed, x_m, up), sun: 0.6, lamp: 0.05, depth_m };
        }
        return Surface {
            albedo: sky(spot.seed, spot.x, spot.y),
            sun: 0.0,
            lamp: 0.0,
            depth_m: f32::INFINITY,
        };
    }
    let colour = WALLS[(number.abs() as usize) % WALLS.len()];
    let wall = if each > 0.25 { bricks(spot.seed, in_m, up) } else { plaster(spot.seed, x_m, up, colour) };
    let shade = if up > roof - 0.25 { 0.45 } else { 1.0 };
    let albedo = opening(spot.seed, in_m, up).unwrap_or(wall).map(|c| c * shade);
    Surface { albedo, sun: 0.28, lamp: 0.12, depth_m }
}

/// Windows on two floors, and a door.
fn opening(seed: u32, in_m: f32, up: f32) -> Option<[f32; 3]> {
    if (2.4..3.4).contains(&in_m) && up < 2.1 {
        let panel = if (2.55..3.25).contains(&in_m) && (0.2..1.8).contains(&up) { 0.75 } else { 1.0 };
        return Some([0.10 * panel, 0.05 * panel, 0.045 * panel]);
    }
    let floor = |from: f32| (from + 1.35 - up) / 1.35;
    let column = |from: f32| (in_m - from) / 1.15;
    for (left, low) in [(0.7, 0.9), (4.1, 0.9), (0.7, 3.6), (2.4, 3.6), (4.1, 3.6)] {
        let (x, y) = (column(left), floor(low));
        if (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y) {
            return Some(window(seed ^ (left * 8.0) as u32, x, y));
        }
    }
    None
}

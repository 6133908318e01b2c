//! A living room: back wall with a window, boards on the floor, a sofa, a shelf, a picture.

use super::textures::{plaster, window};
use super::{Spot, Surface};
use crate::ground::Ground;
use crate::lattice::{field, fractal};
use crate::maths::{bell, scale3, smooth};

/// Foot of the back wall.
const WALL_Y: f32 = 0.52;
/// The window in parts of the width and height: left, top, right, lower.
pub const WINDOW: [f32; 4] = [0.10, 0.10, 0.34, 0.42];

pub fn surface(spot: Spot, ground: Ground) -> Surface {
    let depth_m = ground.depth_m(spot.y.max(WALL_Y));
    // Daylight comes in by the window and falls off along the room; the lamp hangs to the right.
    let aside = spot.part_x - 0.5 * (WINDOW[0] + WINDOW[2]);
    let sun = 0.06 + 0.5 * bell(aside / 0.35) * bell((spot.y - 0.75) / 0.3);
    let lamp = 0.25 + 0.9 * bell((spot.part_x - 0.68) / 0.32) * bell((spot.y - 0.25) / 0.5);
    let albedo = if spot.y > WALL_Y { floor(spot, ground) } else { wall(spot) };
    let dim = if spot.y > WALL_Y { 1.0 } else { 0.7 + 0.3 * smooth(0.5, 0.3, spot.y) };
    Surface { albedo: scale3(furniture(spot).unwrap_or(albedo), dim), sun, lamp, depth_m }
}

fn floor(spot: Spot, ground: Ground) -> [f32; 3] {
    let (x, z) = (ground.aside_m(spot.x - 0.5 * spot.aspect, spot.y), ground.depth_m(spot.y));
    let board = (z / 0.12).floor();
    let grain = fractal(spot.seed ^ 501, x * 2.0 + board * 7.3, z * 40.0, 4, 0.6);
    let each = field(spot.seed ^ 502, board * 1.7, (x * 0.5 + board * 0.37).floor() * 2.3);
    let joint = smooth(0.10, 0.0, z / 0.12 - board);
    let rug = (spot.part_x - 0.56).abs() < 0.17 && (0.68..0.86).contains(&spot.y);
    if rug {
        let weave = field(spot.seed ^ 503, x * 30.0, z * 30.0);
        let stripe = if ((z * 3.0).floor() as i32).rem_euclid(2) == 0 { 1.0 } else { 0.72 };
        return scale3([0.30, 0.09, 0.07], stripe * (1.0 + 0.2 * weave));
    }
    scale3([0.26, 0.16, 0.085], (1.0 + 0.22 * each + 0.25 * grain) * (1.0 - 0.5 * joint))
}

fn wall(spot: Spot) -> [f32; 3] {
    let [left, top, right, lower] = WINDOW;
    let (u, v) = ((spot.part_x - left) / (right - left), (spot.y - top) / (lower - top));
    if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
        // Outside it is bright: hedges below, sky above.
        let frame = window(spot.seed, u, v);
        let outside = if v > 0.62 { [0.35, 0.45, 0.25] } else { [1.6, 1.75, 2.0] };
        return if frame[0] > 0.6 { [0.5, 0.5, 0.48] } else { outside };
    }
    if spot.y > WALL_Y - 0.02 {
        return [0.5, 0.49, 0.46];
    }
    plaster(spot.seed, spot.x * 3.0, spot.y * 3.0, [0.50, 0.47, 0.40])
}

fn furniture(spot: Spot) -> Option<[f32; 3]> {
    let (x, y) = (spot.part_x, spot.y);
    let cloth = 1.0 + 0.22 * fractal(spot.seed ^ 505, x * 60.0, y * 40.0, 4, 0.6);
    if (0.62..0.92).contains(&x) && (0.40..0.64).contains(&y) {
        let seat = if y > 0.52 { 1.0 } else { 0.72 };
        let crease = 1.0 - 0.4 * bell((x - 0.77) / 0.004);
        return Some(scale3([0.085, 0.11, 0.14], cloth * seat * crease));
    }
    if (0.42..0.54).contains(&x) && (0.20..0.50).contains(&y) {
        let shelf = (y - 0.20) / 0.075;
        let book = field(spot.seed ^ 507, (x * 130.0).floor() * 1.37, shelf.floor() * 2.1);
        if shelf - shelf.floor() < 0.14 {
            return Some([0.20, 0.13, 0.07]);
        }
        return Some([0.16 + 0.14 * book, 0.11 - 0.05 * book, 0.10 + 0.07 * book * book]);
    }
    if (0.68..0.83).contains(&x) && (0.14..0.30).contains(&y) {
        let paint = fractal(spot.seed ^ 508, x * 20.0, y * 20.0, 4, 0.5);
        return Some([0.22 + 0.2 * paint, 0.22, 0.25 - 0.2 * paint]);
    }
    None
}

//! What surfaces are made of: grass, brick, asphalt, leaves, sky, with detail down to the pixel.
//!
//! Coordinates are in whatever unit the surface is measured in (metres on the ground); it must not know the view.

use crate::lattice::{field, fractal};
use crate::maths::{lerp3, scale3, smooth, unit};

/// Grass, at a point of the ground in metres.
pub fn grass(seed: u32, x: f32, z: f32) -> [f32; 3] {
    let patches = fractal(seed, x * 0.4, z * 0.4, 4, 0.55);
    let blades = fractal(seed ^ 3, x * 7.0, z * 3.0, 5, 0.75);
    let dry = unit(0.35 + 0.5 * patches);
    scale3(lerp3([0.075, 0.14, 0.035], [0.17, 0.17, 0.07], dry), 1.0 + 0.75 * blades)
}

/// Slabs of concrete with joints and stains.
pub fn slabs(seed: u32, x: f32, z: f32) -> [f32; 3] {
    let joint = |at: f32| smooth(0.035, 0.0, (at - at.floor() - 0.5).abs());
    let stains = fractal(seed ^ 5, x * 1.3, z * 1.3, 6, 0.6);
    let tone = 0.30 * (1.0 + 0.28 * stains) * (1.0 - 0.5 * joint(x * 1.2).max(joint(z * 1.2)));
    [tone, tone * 0.96, tone * 0.88]
}

/// Asphalt with patches, cracks and grains.
pub fn asphalt(seed: u32, x: f32, z: f32) -> [f32; 3] {
    let grains = fractal(seed ^ 9, x * 12.0, z * 12.0, 4, 0.9);
    let worn = fractal(seed ^ 11, x * 0.5, z * 0.25, 4, 0.5);
    let crack = smooth(0.025, 0.0, fractal(seed ^ 12, x * 0.8, z * 0.8, 5, 0.6).abs());
    let tone = 0.115 * (1.0 + 0.22 * grains + 0.3 * worn) * (1.0 - 0.45 * crack);
    [tone, tone, tone * 1.03]
}

/// Brickwork; `x` and `y` in metres along and down the wall.
pub fn bricks(seed: u32, x: f32, y: f32) -> [f32; 3] {
    let course = (y / 0.075).floor();
    let shifted = x / 0.24 + 0.5 * (course - 2.0 * (course * 0.5).floor());
    let (in_x, in_y) = (shifted - shifted.floor(), y / 0.075 - course);
    let mortar = smooth(0.06, 0.0, in_x.min(1.0 - in_x)).max(smooth(0.14, 0.04, in_y.min(1.0 - in_y)));
    let each = field(seed ^ 17, shifted.floor() * 1.7, course * 1.9);
    let grain = fractal(seed ^ 18, x * 9.0, y * 9.0, 4, 0.7);
    let weathered = 1.0 + 0.2 * fractal(seed ^ 19, x * 0.5, y * 0.5, 3, 0.5);
    let clay = scale3([0.27, 0.125, 0.085], weathered * (1.0 + 0.35 * each + 0.25 * grain));
    lerp3(clay, [0.33, 0.30, 0.26], mortar)
}

/// Rendered wall.
pub fn plaster(seed: u32, x: f32, y: f32, colour: [f32; 3]) -> [f32; 3] {
    let rough = fractal(seed ^ 21, x * 6.0, y * 6.0, 5, 0.7);
    let streaks = fractal(seed ^ 22, x * 2.2, y * 0.35, 4, 0.55);
    scale3(colour, 1.0 + 0.09 * rough + 0.16 * streaks)
}

/// Boards of a fence; `x` in metres along it.
pub fn boards(seed: u32, x: f32, y: f32) -> [f32; 3] {
    let board = x / 0.14;
    let gap = smooth(0.09, 0.03, (board - board.floor()).min(1.0 - board + board.floor()));
    let each = field(seed ^ 31, board.floor() * 1.3, 0.5);
    let grain = fractal(seed ^ 32, x * 14.0, y * 2.0, 4, 0.65);
    scale3([0.22, 0.155, 0.095], (1.0 + 0.28 * each + 0.35 * grain) * (1.0 - 0.75 * gap))
}

/// A mass of leaves far away, with light and dark clumps; `x`, `y` in metres.
pub fn leaves(seed: u32, x: f32, y: f32) -> [f32; 3] {
    let clumps = fractal(seed ^ 41, x * 0.9, y * 0.9, 7, 0.68);
    let tone = 0.55 + 1.5 * smooth(-0.5, 0.7, clumps) + 0.35 * field(seed ^ 42, x * 9.0, y * 9.0);
    scale3([0.065, 0.10, 0.035], tone)
}

/// The sky over a view; `x`, `y` in picture heights.
pub fn sky(seed: u32, x: f32, y: f32) -> [f32; 3] {
    let haze = smooth(-0.1, 0.3, y);
    let clouds = smooth(-0.05, 0.55, fractal(seed ^ 51, x * 1.8, y * 5.0, 5, 0.5));
    lerp3(lerp3([0.55, 0.66, 0.80], [0.92, 0.95, 0.97], haze), [1.35, 1.35, 1.35], clouds * 0.8)
}

/// Window panes that reflect sky and darkness; `x`, `y` 0 to 1 within the opening. `None` is glass, else the frame.
pub fn window(seed: u32, x: f32, y: f32) -> [f32; 3] {
    let bar = |at: f32| !(0.07..=0.93).contains(&at) || ((at - 0.5).abs() < 0.025);
    if bar(x) || bar(y) {
        return [0.62, 0.61, 0.58];
    }
    let mirrored = smooth(-0.2, 0.5, fractal(seed ^ 61, x * 1.4, y * 1.8, 4, 0.55));
    lerp3([0.035, 0.04, 0.045], [0.22, 0.26, 0.31], mirrored * (1.0 - 0.6 * y))
}

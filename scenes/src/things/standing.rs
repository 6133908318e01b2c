//! What stands still and hides what passes behind it: a post, a hedge. And the moving shadow of a tree on the ground.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::fractal;
use crate::maths::{scale3, smooth, times3, unit};
use crate::random::{Dice, branch};
use crate::shapes::{Area, Ellipse, Panel};

/// A post; `x` and `foot_y` in parts of the width and height, sizes in metres.
#[derive(Debug, Clone, Copy)]
pub struct Post {
    pub x: f32,
    pub foot_y: f32,
    pub wide_m: f32,
    pub high_m: f32,
    pub colour: [f32; 3],
}

impl Paint for Post {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let scale = moment.ground.scale(self.foot_y) * moment.height;
        let (x, y) = (self.x * moment.width, self.foot_y * moment.height);
        let half = self.wide_m * 0.5 * scale;
        let area = Area { left: x - half, right: x + half, top: y - self.high_m * scale, lower: y };
        let shape = Panel { area, corner: half * 0.2 };
        let light = moment.light_at(x, y);
        let colour = self.colour;
        let wider = Area { left: x - half - 1.0, right: x + half + 1.0, top: area.top - 1.0, lower: y + 1.0 };
        canvas.paint(wider, None, |px, py| {
            let grain = 1.0 + 0.3 * fractal(77, (px - x) / scale * 12.0, (py - y) / scale * 2.0, 4, 0.6);
            let round = 0.85 + 0.3 * (px - x) / half;
            (shape.coverage(px, py), times3(scale3(colour, grain * round), light))
        });
    }
}

/// A clipped hedge; places in parts of the width and height, height in metres.
#[derive(Debug, Clone, Copy)]
pub struct Hedge {
    pub left: f32,
    pub right: f32,
    pub foot_y: f32,
    pub high_m: f32,
}

impl Paint for Hedge {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let scale = moment.ground.scale(self.foot_y) * moment.height;
        let (left, right) = (self.left * moment.width, self.right * moment.width);
        let (y, high) = (self.foot_y * moment.height, self.high_m * scale);
        let light = moment.light_at((left + right) * 0.5, y);
        let area = Area {
            left: left - 0.2 * scale,
            right: right + 0.2 * scale,
            top: y - high * 1.2,
            lower: y + 1.0,
        };
        canvas.paint(area, None, |px, py| {
            let (u, up) = (px / scale, (y - py) / scale);
            let bumps = 0.07 * fractal(91, u * 5.0, up * 5.0, 4, 0.65);
            let inside =
                (self.high_m + bumps - up).min((px - left) / scale + bumps).min((right - px) / scale + bumps);
            let cover = unit(inside * scale + 0.5) * unit(y - py + 0.5);
            if cover == 0.0 {
                return (0.0, [0.0; 3]);
            }
            let leaf = fractal(92, u * 11.0, up * 11.0, 4, 0.8);
            let tone = (0.5 + 0.6 * smooth(0.0, self.high_m, up)) * (1.0 + 0.9 * leaf);
            (cover, times3(scale3([0.065, 0.11, 0.035], tone.max(0.1)), light))
        });
    }
}

/// The shadow of a tree outside the picture on the ground; places in parts, sizes in picture heights.
#[derive(Debug, Clone, Copy)]
pub struct Dapple {
    pub x: f32,
    pub y: f32,
    pub radius_x: f32,
    pub radius_y: f32,
    pub leaves: u32,
}

#[derive(Debug, Clone, Copy)]
struct Spot {
    x: f32,
    y: f32,
    reach: f32,
    rate_hz: f64,
    seed: u64,
}

/// A shadow built for a size.
#[derive(Debug)]
pub struct Dappling {
    dapple: Dapple,
    spots: Vec<Spot>,
}

impl Dappling {
    pub fn new(dapple: Dapple, size: (usize, usize), seed: u64) -> Dappling {
        let mut dice = Dice::new(seed);
        let spots = (0..dapple.leaves).map(|number| {
            let (angle, out) = (dice.unit(), dice.unit().sqrt());
            Spot {
                x: dapple.x * size.0 as f32
                    + crate::maths::cos_turns(angle) * out * dapple.radius_x * size.1 as f32,
                y: (dapple.y + crate::maths::sin_turns(angle) * out * dapple.radius_y) * size.1 as f32,
                reach: dice.range(0.018, 0.055) * size.1 as f32,
                rate_hz: f64::from(dice.range(0.3, 0.9)),
                seed: branch(seed, u64::from(number)),
            }
        });
        Dappling { dapple, spots: spots.collect() }
    }
}

impl Paint for Dappling {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let height = moment.height;
        let middle = (self.dapple.x * moment.width, self.dapple.y * height);
        let strength = moment.stage.sun_part_at(middle.0, middle.1) * 0.5;
        if strength < 0.02 {
            return;
        }
        let place = middle.0 / height;
        let lean = moment.wind.sway(branch(self.spots.len() as u64, 3), 0.3, moment.t, place) * 0.05 * height;
        for spot in &self.spots {
            let sway = moment.wind.sway(spot.seed, spot.rate_hz, moment.t, place) * 0.035 * height;
            let shape = Ellipse {
                x: spot.x + lean + sway,
                y: spot.y + 0.25 * sway,
                radius_x: spot.reach * 1.4,
                radius_y: spot.reach * 0.6,
            };
            canvas.tint(shape.area(), |x, y, now| {
                let (u, v) = ((x - shape.x) / shape.radius_x, (y - shape.y) / shape.radius_y);
                scale3(now, 1.0 - strength * smooth(1.0, 0.45, u * u + v * v))
            });
        }
    }
}

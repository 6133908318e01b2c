//! Cloth that moves: a curtain in a draught, a flag in the wind.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::{field, wander_fractal};
use crate::maths::{cos_turns, scale3, sin_turns, smooth, times3, unit};
use crate::random::branch;
use crate::shapes::{Area, Capsule};

/// A curtain before a window; places in parts of the width and height.
#[derive(Debug, Clone, Copy)]
pub struct Curtain {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub lower: f32,
}

/// A curtain built.
#[derive(Debug)]
pub struct Hanging {
    pub curtain: Curtain,
    pub seed: u64,
}

impl Paint for Hanging {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let (width, height) = (moment.width, moment.height);
        let Curtain { left, right, top, lower } = self.curtain;
        let wide = (right - left) * width;
        let draught = 0.15 + 0.85 * moment.wind.speed(moment.t, 0.5) / moment.wind.strength.max(0.01);
        let swing = wander_fractal(self.seed, moment.t * 0.55, 3) * draught * moment.wind.strength;
        let run = moment.t as f32 * 0.45;
        let light = moment.light_at((left + right) * 0.5 * width, lower * height);
        let through = scale3(moment.lighting.light.sky, 1.1);
        let seed = self.seed as u32;
        let slack = 0.3 * wide;
        let area = Area {
            left: left * width - slack,
            right: right * width + slack,
            top: top * height,
            lower: lower * height,
        };
        canvas.paint(area, None, |x, y| {
            let down = (y / height - top) / (lower - top);
            // It hangs from a rail: the lower, the further it swings; folds travel along it.
            let shift = wide
                * down
                * down
                * (0.35 * swing + 0.10 * draught * moment.wind.strength * field(seed, down * 1.5 - run, 0.5));
            let u = (x - shift - left * width) / wide;
            let edge = unit((u * wide) + 0.5) * unit((1.0 - u) * wide + 0.5);
            let fold = u * 6.0 + 0.35 * field(seed ^ 1, u * 3.0, down * 1.2 + run * 0.6) * (0.4 + down);
            let shade = 0.72 + 0.22 * sin_turns(fold) + 0.08 * cos_turns(fold * 2.0);
            let weave = 1.0 + 0.05 * field(seed ^ 2, u * 160.0, down * 150.0);
            let cloth = times3([0.42, 0.38, 0.30], light);
            let glow = scale3(through, 0.38);
            let tone = shade * weave;
            (
                edge * 0.93,
                [(cloth[0] + glow[0]) * tone, (cloth[1] + glow[1]) * tone, (cloth[2] + glow[2]) * tone],
            )
        });
    }
}

/// A flag on a pole; places in parts of the width and height, sizes in picture heights.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    pub x: f32,
    pub foot_y: f32,
    pub top_y: f32,
    pub long: f32,
    pub high: f32,
}

/// A flag built.
#[derive(Debug)]
pub struct Flying {
    pub flag: Flag,
    pub seed: u64,
}

impl Paint for Flying {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let (width, height) = (moment.width, moment.height);
        let flag = self.flag;
        let (x0, y0) = (flag.x * width, flag.top_y * height);
        let light = moment.light_at(x0, flag.foot_y * height);
        let pole = Capsule {
            from: (x0, flag.foot_y * height),
            to: (x0, y0 - 0.01 * height),
            radius_from: 0.006 * height,
            radius_to: 0.004 * height,
        };
        canvas.paint(pole.area(), None, |x, y| (pole.coverage(x, y), scale3(light, 0.4)));
        let wind = unit(moment.wind.speed(moment.t, flag.x) * 1.6);
        let turn = wander_fractal(branch(self.seed, 1), moment.t * 0.5, 3);
        // In a lull it hangs, in a gust it stands out; turning shortens it.
        let long = flag.long * height * (0.30 + 0.65 * wind) * (1.0 - 0.25 * turn * turn);
        let sag = (1.0 - wind) * 0.9 * flag.long * height;
        let clock = moment.t * 1.7 + 0.6 * f64::from(turn);
        let phase = (clock - clock.floor()) as f32;
        let high = flag.high * height;
        let area =
            Area { left: x0, right: x0 + long + 1.0, top: y0 - high * 0.6, lower: y0 + high * 1.6 + sag };
        canvas.paint(area, None, |x, y| {
            let u = (x - x0) / long;
            let ripple = u * (1.0 + 0.3 * turn) * 1.6 - phase;
            let drop = sag * u * u + high * 0.16 * u * (0.3 + wind) * sin_turns(ripple);
            let v = (y - y0 - drop) / high;
            let cover = unit((1.0 - u) * long + 0.5) * unit(v * high + 0.5) * unit((1.0 - v) * high + 0.5);
            let slope = cos_turns(ripple) * (0.25 + 0.35 * wind);
            let tone = 0.85 + 0.4 * slope;
            let band = if v < 0.333 {
                [0.55, 0.04, 0.05]
            } else if v < 0.667 {
                [0.75, 0.74, 0.70]
            } else {
                [0.04, 0.09, 0.33]
            };
            (cover * smooth(-0.01, 0.01, u), times3(scale3(band, tone), light))
        });
    }
}

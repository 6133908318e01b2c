//! Things that shine of themselves: a television behind a window, a blinking light.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::wander_fractal;
use crate::maths::{bell, length, lerp3, scale3, smooth};
use crate::random::{hash, unit_of};
use crate::shapes::{Area, Ellipse};

/// Mean length of a shot on television, and of one picture of it.
const SHOT_S: f64 = 1.9;

/// A window lit by a television; places in parts of the width and height.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub lower: f32,
    /// Radiance of a bright shot.
    pub level: f32,
}

/// A screen built.
#[derive(Debug)]
pub struct Flickering {
    pub screen: Screen,
    pub seed: u64,
}

impl Paint for Flickering {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let Screen { left, top, right, lower, level } = self.screen;
        let shot = ((moment.t + 0.8 * f64::from(wander_fractal(self.seed, moment.t * 0.4, 2))) / SHOT_S)
            .floor() as u64;
        let chance = |part: u64| unit_of(hash(self.seed ^ part, shot));
        let moving = 1.0 + 0.25 * wander_fractal(self.seed ^ 5, moment.t * 4.0, 2);
        let tint = lerp3([0.7, 0.85, 1.2], [1.1, 0.9, 0.65], chance(1) * chance(2));
        let shine = scale3(tint, level * (0.08 + 0.92 * chance(3)) * moving);
        let (width, height) = (moment.width, moment.height);
        let area =
            Area { left: left * width, right: right * width, top: top * height, lower: lower * height };
        canvas.tint(area, |x, y, now| {
            // Brighter towards where the set stands; the panes' bars stay dark.
            let (u, v) = (x / width - left, y / height - top);
            let set = bell((u / (right - left) - 0.35) / 0.8) * bell((v / (lower - top) - 0.6) / 0.9);
            let pane = now[1] / (now[1] + 0.3 * moment.brightness() + 1e-6);
            let factor = set * (1.0 - 0.85 * pane);
            [now[0] + shine[0] * factor, now[1] + shine[1] * factor, now[2] + shine[2] * factor]
        });
        let spill = (0.5 * (left + right) * width, (lower + 0.12) * height);
        let reach = 0.16 * height;
        canvas.tint(Area::around(spill.0, spill.1, reach * 2.4, reach * 1.6), |x, y, now| {
            let gain = 1.0
                + 0.5 * shine[1] / (moment.brightness() + 1e-6)
                    * bell((x - spill.0) / reach)
                    * bell((y - spill.1) / (reach * 0.6));
            scale3(now, gain)
        });
    }
}

/// A light that blinks; places in parts of the width and height.
#[derive(Debug, Clone, Copy)]
pub struct Blinker {
    pub x: f32,
    pub y: f32,
    pub period_s: f64,
    pub colour: [f32; 3],
}

impl Paint for Blinker {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let clock = moment.t / self.period_s;
        if clock - clock.floor() > 0.4 {
            return;
        }
        let height = moment.height;
        let (x, y) = (self.x * moment.width, self.y * height);
        let shape = Ellipse { x, y, radius_x: 0.005 * height, radius_y: 0.005 * height };
        canvas.paint(shape.area(), None, |px, py| (shape.coverage(px, py), scale3(self.colour, 6.0)));
        let reach = 0.045 * height;
        canvas.tint(Area::around(x, y, reach * 2.0, reach * 2.0), |px, py, now| {
            let distance = length(px - x, py - y) / reach;
            let halo = 0.12 * bell(distance * 1.5) * smooth(2.0, 1.2, distance);
            [now[0] + self.colour[0] * halo, now[1] + self.colour[1] * halo, now[2] + self.colour[2] * halo]
        });
    }
}

//! Rain: streaks at every distance, splashes on the ground; when it is heavy, blurred ones close to the lens.
//!
//! Each drop falls again and again, each time somewhere else; no state is kept.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::maths::{scale3, smooth};
use crate::random::{hash, unit_of};
use crate::shapes::{Capsule, Ellipse};

/// A shutter of about 1/60 s.
const SHUTTER_S: f32 = 0.016;
/// Splashes for each drop, and how long one is seen.
const SPLASH_PART: u32 = 2;
const SPLASH_S: f64 = 0.09;

/// Rain built for a size.
#[derive(Debug)]
pub struct Rain {
    pub drops: u32,
    pub near: u32,
    pub seed: u64,
}

impl Paint for Rain {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let lean = moment.wind.speed(moment.t, 0.5) * 0.35;
        for drop in 0..self.drops / SPLASH_PART {
            self.splash(drop, moment, canvas);
        }
        for drop in 0..self.drops {
            self.streak(drop, lean, moment, canvas);
        }
        for drop in 0..self.near {
            self.near_streak(drop, lean, moment, canvas);
        }
    }
}

impl Rain {
    fn chance(&self, drop: u32, round: u64, part: u64) -> f32 {
        unit_of(hash(self.seed ^ (u64::from(drop) << 32) ^ part, round))
    }

    fn streak(&self, drop: u32, lean: f32, moment: &Moment, canvas: &mut Canvas) {
        let near = self.chance(drop, 0, 1);
        // Far drops take longer through the picture, and are thinner and fainter.
        let lasts = 0.28 + 0.75 * (1.0 - near * near);
        let clock = moment.t / f64::from(lasts) + f64::from(self.chance(drop, 0, 2));
        let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
        let height = moment.height;
        let y = (part * 1.25 - 0.12) * height;
        let x = (self.chance(drop, round, 3) * 1.3 - 0.15) * moment.width + part * lean * height;
        let long = (SHUTTER_S / lasts * 1.9 * height).max(1.0);
        let thick = (0.22 + 0.7 * near * near) * height / 400.0;
        streak(moment, canvas, (x, y), (lean * long, long), thick, 0.24 + 0.22 * near);
    }

    fn near_streak(&self, drop: u32, lean: f32, moment: &Moment, canvas: &mut Canvas) {
        let clock = moment.t / 0.16 + f64::from(self.chance(drop, 0, 11));
        let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
        // Only now and then one comes so close.
        if self.chance(drop, round, 12) > 0.22 {
            return;
        }
        let height = moment.height;
        let long = (0.10 + 0.2 * self.chance(drop, round, 13)) * height;
        let x = (self.chance(drop, round, 14) * 1.2 - 0.1) * moment.width;
        let thick = (0.005 + 0.009 * self.chance(drop, round, 15)) * height;
        let y = (part * 1.5 - 0.3) * height;
        streak(moment, canvas, (x, y), (lean * long, long), thick, 0.16);
    }

    fn splash(&self, drop: u32, moment: &Moment, canvas: &mut Canvas) {
        let clock = moment.t / SPLASH_S + f64::from(self.chance(drop, 0, 21));
        let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
        let down = self.chance(drop, round, 22);
        let y = moment.ground.horizon + 0.15 + (0.85 - moment.ground.horizon) * down.sqrt();
        let x = self.chance(drop, round, 23) * moment.width;
        let size = moment.ground.scale(y) * moment.height * 0.035 * (0.4 + part);
        let at = (x + canvas.offset.0, y * moment.height + canvas.offset.1);
        let shape = Ellipse { x: at.0, y: at.1, radius_x: size, radius_y: size * 0.45 };
        let shine = scale3(moment.glow(), 0.55);
        canvas.paint(shape.area(), None, |px, py| (0.5 * (1.0 - part) * shape.coverage(px, py), shine));
    }
}

/// A streak of water that shows the sky upside down; at night only what the lamps give.
fn streak(moment: &Moment, canvas: &mut Canvas, at: (f32, f32), way: (f32, f32), thick: f32, alpha: f32) {
    let from = (at.0 + canvas.offset.0, at.1 + canvas.offset.1);
    let shape =
        Capsule { from, to: (from.0 + way.0, from.1 + way.1), radius_from: thick * 0.7, radius_to: thick };
    let shine = scale3(moment.glow(), 0.85);
    let soft = thick.max(1.0);
    canvas.paint(shape.area(), None, |x, y| {
        let along = (y - from.1) / way.1.max(1.0);
        let ends = smooth(-0.05, 0.25, along) * smooth(1.05, 0.75, along);
        (alpha * ends * shape.coverage(x, y) * soft.min(1.0), shine)
    });
}

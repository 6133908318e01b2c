//! Snow: flakes that sink and drift, large and soft near the lens.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::wander;
use crate::maths::{length, scale3, smooth};
use crate::random::{hash, unit_of};
use crate::shapes::Area;

/// Snow built for a size.
#[derive(Debug)]
pub struct Snow {
    pub flakes: u32,
    pub seed: u64,
}

impl Paint for Snow {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let shine = scale3(moment.glow(), 1.05);
        let drift = moment.wind.speed(moment.t, 0.5) - 0.2 * moment.wind.strength;
        for flake in 0..self.flakes {
            let chance =
                |round: u64, part: u64| unit_of(hash(self.seed ^ (u64::from(flake) << 32) ^ part, round));
            let near = chance(0, 1) * chance(0, 2);
            let lasts = f64::from(5.5 - 4.6 * near);
            let clock = moment.t / lasts + f64::from(chance(0, 3));
            let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
            let swing = 0.05 * wander(self.seed ^ u64::from(flake), moment.t * 0.7 + 40.0);
            let x = (chance(round, 4) * 1.5 - 0.25) * moment.width
                + (swing + part * (0.3 + drift)) * moment.height;
            let y = (part * 1.2 - 0.1) * moment.height;
            let radius = (0.0016 + 0.011 * near * near) * moment.height;
            let soft = radius + 0.4 + 0.5 * near * radius;
            let strength = (radius / soft * 1.4).min(1.0) * (0.95 - 0.45 * near);
            let at = (x + canvas.offset.0, y + canvas.offset.1);
            canvas.paint(Area::around(at.0, at.1, soft * 1.5, soft * 1.5), None, |px, py| {
                (strength * smooth(1.4, 0.4, length(px - at.0, py - at.1) / soft), shine)
            });
        }
    }
}

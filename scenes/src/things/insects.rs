//! Insects close to the lens at night: bright, blurred, darting, now and then one that stays and crawls.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::{wander, wander_fractal};
use crate::maths::{length, smooth};
use crate::random::{branch, hash, unit_of};
use crate::shapes::Capsule;

/// How far back the shutter was open.
const SHUTTER_S: f64 = 0.033;

/// Insects built for a size.
#[derive(Debug)]
pub struct Insects {
    pub count: u32,
    pub seed: u64,
}

impl Insects {
    /// Where one is, in picture heights, and how strongly it is there (0 while away).
    fn at(&self, insect: u32, t: f64) -> ((f32, f32), f32, u64) {
        let own = branch(self.seed, u64::from(insect));
        let lasts = 3.0 + 6.0 * f64::from(unit_of(own));
        let clock = t / lasts + f64::from(unit_of(own >> 7));
        let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
        let visit = hash(own, round);
        let there =
            if unit_of(visit) < 0.55 { smooth(0.0, 0.05, part) * smooth(1.0, 0.95, part) } else { 0.0 };
        let chance = |part: u64| unit_of(hash(visit, part)) * 2.0 - 1.0;
        // From one side to another, with loops and jitter on the way.
        let across = 1.7 * (part - 0.5) * if chance(1) < 0.0 { -1.0 } else { 1.0 };
        let x = 0.85
            + across
            + 0.45 * wander_fractal(visit ^ 1, t * 1.6, 3)
            + 0.012 * wander(visit ^ 3, t * 14.0);
        let y = 0.5
            + 0.4 * chance(2)
            + 0.45 * wander_fractal(visit ^ 2, t * 1.8, 3)
            + 0.012 * wander(visit ^ 4, t * 15.0);
        ((x, y), there, visit)
    }
}

impl Paint for Insects {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let height = moment.height;
        let light = moment.lighting.light;
        for insect in 0..self.count {
            let (now, there, visit) = self.at(insect, moment.t);
            let (before, was_there, _) = self.at(insect, moment.t - SHUTTER_S);
            if there == 0.0 || was_there == 0.0 {
                continue;
            }
            let near = unit_of(hash(visit, 9));
            let radius = (0.004 + 0.022 * near * near) * height;
            // Wings: the glow beats faster than frames come.
            let beat = 0.65 + 0.35 * unit_of(hash(visit ^ 8, (moment.t * 200.0) as u64));
            let glow =
                (light.infrared * 1.3 + light.lamp[1] * 0.8 + light.sky[1] * 0.1) * beat * (1.1 - 0.7 * near);
            let place = |at: (f32, f32)| (at.0 * height + canvas.offset.0, at.1 * height + canvas.offset.1);
            let (from, to) = (place(before), place(now));
            let shape = Capsule { from, to, radius_from: radius, radius_to: radius };
            let stretch = 1.0 + length(to.0 - from.0, to.1 - from.1) / (2.0 * radius);
            let alpha = (1.6 / stretch).min(0.9) * there;
            // Out of focus: three shells make a soft edge.
            let shell = |part: f32| Capsule { radius_from: radius * part, radius_to: radius * part, ..shape };
            let shells = [shell(0.5), shell(1.0), shell(1.6)];
            canvas.paint(shells[2].area(), None, |x, y| {
                let cover: f32 = shells.iter().map(|shell| shell.coverage(x, y)).sum();
                (alpha * cover / 3.0, [glow, glow, glow])
            });
        }
    }
}

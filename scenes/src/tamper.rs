//! Hands on the camera: cloth, spray, focus, direction, a torch, a frozen stream.
//!
//! It must not know the scene behind.

use crate::canvas::Canvas;
use crate::lattice::{field, fractal};
use crate::maths::{bell, length, scale3, smooth};
use crate::random::{hash, unit_of};
use crate::recipe::{Means, Recipe, Tampering};
use crate::shapes::Area;
use crate::things::Moment;
use crate::truth::TamperKind;

/// A camera is turned by so many widths of its picture.
const TURN: f32 = 1.3;
/// Blur of a lens that is fully out of focus, in picture heights.
const DEFOCUS: f32 = 0.035;
/// Spray arrives in so many blots.
const BLOTS: u64 = 70;

/// How much wider than the picture the backdrop has to be.
pub fn extent(recipe: &Recipe) -> f32 {
    match recipe.tamper {
        Some(plan) if plan.how == Means::Turn => 1.0 + TURN + 0.05,
        _ => 1.0,
    }
}

/// The hand.
#[derive(Debug)]
pub struct Hand {
    plan: Tampering,
    seed: u64,
}

impl Hand {
    pub fn new(plan: Tampering, seed: u64) -> Hand {
        Hand { plan, seed }
    }

    /// 0 before, 1 when complete.
    fn progress(&self, t: f64) -> f32 {
        if t < self.plan.from_s {
            return 0.0;
        }
        let part = (t - self.plan.from_s) / self.plan.over_s.max(1e-3);
        smooth(0.0, 1.0, part.min(1.0) as f32).max(1e-6)
    }

    pub fn kind_at(&self, t: f64) -> Option<TamperKind> {
        (t >= self.plan.from_s).then(|| self.plan.how.kind())
    }

    pub fn is_frozen(&self, t: f64) -> bool {
        self.plan.how == Means::Freeze && t >= self.plan.from_s
    }

    pub fn defocus_px(&self, t: f64, height: f32) -> f32 {
        if self.plan.how == Means::Defocus { self.progress(t) * DEFOCUS * height } else { 0.0 }
    }

    /// How far the camera is turned, in widths of the picture.
    pub fn turned(&self, t: f64) -> f32 {
        if self.plan.how == Means::Turn { self.progress(t) * TURN } else { 0.0 }
    }

    pub fn paint(&self, moment: &Moment, canvas: &mut Canvas) {
        let progress = self.progress(moment.t);
        if progress == 0.0 {
            return;
        }
        match self.plan.how {
            Means::Cloth => self.cloth(progress, moment, canvas),
            Means::Spray => self.spray(progress, moment, canvas),
            Means::Torch => torch(progress, moment, canvas),
            Means::Defocus | Means::Turn | Means::Freeze => {}
        }
    }

    /// A cloth is drawn over the lens from above: too near to be sharp, and a little light comes through.
    fn cloth(&self, progress: f32, moment: &Moment, canvas: &mut Canvas) {
        let light = moment.light_at(moment.width * 0.5, moment.height);
        let edge = progress * 1.5 - 0.25;
        let seed = self.seed as u32;
        let breathe = 0.02 * field(seed, moment.t as f32 * 0.7, 0.0);
        canvas.paint(moment.everything(), None, |x, y| {
            let (x, y) = (x / moment.height, y / moment.height);
            let hem = edge + 0.1 * field(seed, x * 1.7, 3.0) - 0.18 * (x - 0.9);
            let folds = 0.75 + 0.25 * field(seed ^ 1, x * 3.0 + breathe, y * 1.2);
            let cloth = 0.05 + 0.05 * fractal(seed ^ 2, x * 2.0, y * 2.0 + breathe, 2, 0.5);
            (smooth(0.09, -0.09, y - hem), scale3([light[0] * 1.1, light[1], light[2] * 0.9], cloth * folds))
        });
    }

    /// Blot after blot of paint on the glass, out of focus, some running down.
    fn spray(&self, progress: f32, moment: &Moment, canvas: &mut Canvas) {
        let light = moment.light_at(moment.width * 0.5, moment.height);
        let paint = scale3(light, 0.10);
        let arrived = progress * BLOTS as f32;
        for blot in 0..(arrived.ceil() as u64).min(BLOTS) {
            let chance = |part: u64| unit_of(hash(self.seed, blot * 8 + part));
            let spread = 0.35 + 0.65 * arrived / BLOTS as f32;
            let x = (0.5 + (chance(0) - 0.5) * 1.25 * spread) * moment.width;
            let y = (0.5 + (chance(1) - 0.5) * 1.25 * spread) * moment.height;
            let reach = (0.10 + 0.13 * chance(2)) * moment.height;
            let grown = smooth(0.0, 2.0, arrived - blot as f32);
            let run = 1.0 + 0.8 * chance(3) * grown;
            let area = Area::around(x + canvas.offset.0, y + canvas.offset.1, reach * 1.6, reach * 1.6 * run);
            canvas.paint(area, None, |px, py| {
                let down = py - y;
                let distance = length(px - x, if down > 0.0 { down / run } else { down }) / reach;
                (smooth(1.5, 0.6, distance) * grown * 0.96, paint)
            });
        }
    }
}

/// A strong light points into the lens: a core that is beyond white, and glare over everything.
fn torch(progress: f32, moment: &Moment, canvas: &mut Canvas) {
    let wobble = |part: u32| 0.02 * field(part, moment.t as f32 * 2.0, 0.0);
    let (x, y) = ((0.48 + wobble(1)) * moment.width, (0.45 + wobble(2)) * moment.height);
    let strength = progress * 12.0 * moment.brightness();
    canvas.tint(moment.everything(), |px, py, now| {
        let distance = length(px - x, py - y) / moment.height;
        let core = smooth(0.16, 0.08, distance) * 40.0;
        let glare = bell(distance / 0.45) * 2.5 + 0.6;
        let added = strength * (core + glare);
        [now[0] + added, now[1] + added, now[2] + added * 1.05]
    });
}

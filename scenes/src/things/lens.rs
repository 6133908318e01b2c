//! What sits on or before the lens: drops that refract and run, a strand of a spider's web that swings.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::wander_fractal;
use crate::maths::{length, scale3, smooth};
use crate::random::{branch, hash, unit_of};
use crate::shapes::Area;

/// What is seen in a drop is sampled this many times across.
const PATCH: usize = 12;

/// Drops on the lens.
#[derive(Debug)]
pub struct Drops {
    pub count: u32,
    pub seed: u64,
}

impl Paint for Drops {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        for drop in 0..self.count {
            let own = branch(self.seed, u64::from(drop));
            let lasts = 9.0 + 22.0 * f64::from(unit_of(own));
            let clock = moment.t / lasts + f64::from(unit_of(own >> 9));
            let (round, part) = (clock.floor() as u64, (clock - clock.floor()) as f32);
            let life = hash(own, round);
            let chance = |part: u64| unit_of(hash(life, part));
            let radius = (0.022 + 0.05 * chance(1)) * moment.height * smooth(0.0, 0.004, part);
            // It sticks, and then runs out of the picture.
            let run = smooth(0.86, 1.0, part) * 1.3 + 0.02 * smooth(0.3, 0.32, part);
            let at = (chance(2) * moment.width, (chance(3) * 0.95 + run) * moment.height);
            refract(canvas, at, radius, 1.0 + 0.35 * chance(4) + run);
        }
    }
}

/// A drop shows a wide view upside down.
fn refract(canvas: &mut Canvas, at: (f32, f32), radius: f32, tall: f32) {
    if radius < 0.5 {
        return;
    }
    let (width, height) = (canvas.radiance.width, canvas.radiance.height);
    let mut patch = [[[0.0; 3]; PATCH]; PATCH];
    for (row, line) in patch.iter_mut().enumerate() {
        for (column, value) in line.iter_mut().enumerate() {
            let part = |index: usize| (index as f32 + 0.5) / PATCH as f32 * 2.0 - 1.0;
            let x = (at.0 - part(column) * radius * 5.0).clamp(0.0, width as f32 - 1.0) as usize;
            let y = (at.1 - part(row) * radius * 5.0).clamp(0.0, height as f32 - 1.0) as usize;
            *value = canvas.radiance.at(y * width + x);
        }
    }
    let centre = (at.0 + canvas.offset.0, at.1 + canvas.offset.1);
    canvas.paint(Area::around(centre.0, centre.1, radius * 1.3, radius * tall * 1.3), None, |x, y| {
        let (u, v) = ((x - centre.0) / radius, (y - centre.1) / (radius * tall));
        let out = length(u, v);
        let cell = |part: f32| (((part * 0.5 + 0.5) * PATCH as f32) as usize).min(PATCH - 1);
        let seen = patch[cell(v * out)][cell(u * out)];
        let rim = 1.0 - 0.55 * smooth(0.55, 1.0, out) + 0.25 * smooth(0.7, 0.3, length(u + 0.35, v - 0.4));
        (smooth(1.25, 0.8, out) * 0.88, scale3(seen, rim))
    });
}

/// A strand of web across a corner, so near that it is blurred.
#[derive(Debug)]
pub struct Strand {
    pub seed: u64,
}

impl Paint for Strand {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let (width, height) = (moment.width, moment.height);
        let light = moment.lighting.light;
        let shine = light.infrared * 0.9 + 0.75 * light.sky[1] + 0.25 * light.sun[1] + 0.3 * light.lamp[1];
        for strand in 0..2_u64 {
            let own = branch(self.seed, strand);
            let chance = |part: u64| unit_of(hash(own, part));
            let from = ((0.02 + 0.3 * chance(1)) * width, -0.05 * height);
            let to = ((0.55 + 0.4 * chance(2)) * width, 1.05 * height);
            let push = moment.wind.speed(moment.t, 0.5) - 0.3 * moment.wind.strength;
            let sway = 0.10 * push + 0.05 * moment.wind.strength * wander_fractal(own, moment.t * 2.2, 3);
            let bulge = (0.05 * chance(3) + sway) * height;
            let thick = (0.004 + 0.005 * chance(4)) * height + 0.5;
            let offset = canvas.offset;
            canvas.paint(moment.everything(), None, |x, y| {
                let along = (y - offset.1 - from.1) / (to.1 - from.1);
                let middle = from.0 + (to.0 - from.0) * along + bulge * 4.0 * along * (1.0 - along);
                let near = (x - offset.0 - middle).abs() * 0.8 / thick;
                if near > 1.6 {
                    return (0.0, [0.0; 3]);
                }
                // Beads of glue glitter.
                let bead = 0.75 + 0.25 * ((along * 60.0).fract() - 0.5);
                (0.24 * smooth(1.6, 0.2, near) * bead, [shine, shine, shine])
            });
        }
    }
}

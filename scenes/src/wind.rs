//! Wind: a mean, gusts that travel, and turbulence in between.
//!
//! It blows by place and time only, so it needs no memory and never blows the same way twice.

use crate::lattice::{wander, wander_fractal};
use crate::maths::smooth;
use crate::random::branch;

/// Gusts cross the picture in about this many seconds for each picture height.
const GUST_CROSSING_S: f64 = 0.35;

/// The wind of a scene.
#[derive(Debug, Clone, Copy)]
pub struct Wind {
    seed: u64,
    /// 0 is calm, 0.3 a breeze, 1 a gale in which whole trees bend.
    pub strength: f32,
}

impl Wind {
    pub fn new(seed: u64, strength: f32) -> Wind {
        Wind { seed: branch(seed, 0x11d), strength }
    }

    /// Speed at a place `x` (picture heights from the left), 0 to about `strength`.
    pub fn speed(&self, t: f64, x: f32) -> f32 {
        let there = t - f64::from(x) * GUST_CROSSING_S;
        // Lulls and gusts of 5 to 20 s, with gustiness within.
        let swell =
            smooth(-0.5, 0.8, wander(self.seed, there * 0.11) + 0.35 * wander(self.seed ^ 1, there * 0.31));
        let gusty = 1.0 + 0.5 * wander_fractal(self.seed ^ 2, there * 0.9, 4);
        self.strength * (0.22 + 0.78 * swell) * gusty
    }

    /// How far something with a natural frequency is bent at a place, about -1 to 1 times the strength: leaning with
    /// the wind and swinging about that at its own rate.
    pub fn sway(&self, part: u64, rate_hz: f64, t: f64, x: f32) -> f32 {
        let speed = self.speed(t, x);
        let swing = wander_fractal(branch(self.seed, part), t * rate_hz * 2.0, 3);
        speed * (0.35 + 0.9 * swing)
    }
}

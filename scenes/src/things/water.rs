//! A pond: travelling waves that mirror sky and trees, and glints where they face the sun.
//!
//! Waves follow deep water's law (longer ones run faster). What would be finer than a pixel is left out, as a lens
//! leaves it out.

use super::{Moment, Paint};
use crate::backdrop::shores;
use crate::canvas::Canvas;
use crate::lattice::field;
use crate::maths::{lerp3, sin_turns, smooth, times3, unit};
use crate::random::Dice;
use crate::shapes::Area;

const WAVES: usize = 10;
/// Slope of the water at full wind.
const SLOPE: f32 = 0.30;

#[derive(Debug, Clone, Copy, Default)]
struct Wave {
    length_m: f32,
    /// Turns for each metre, to the right and away.
    across: f32,
    away: f32,
    rate_hz: f64,
    phase: f32,
    slope: f32,
}

/// Water built for a size.
#[derive(Debug)]
pub struct Water {
    waves: [Wave; WAVES],
    seed: u32,
}

impl Water {
    pub fn new(seed: u64) -> Water {
        let mut dice = Dice::new(seed);
        let mut waves = [Wave::default(); WAVES];
        let mut length_m = 2.6;
        for wave in &mut waves {
            let (x, z) = (dice.range(0.3, 1.0), dice.range(-0.8, 0.8));
            let norm = 1.0 / (x * x + z * z).sqrt() / length_m;
            // Deep water: frequency is the root of g / (2 pi length).
            let rate_hz = f64::from((9.81 / (std::f32::consts::TAU * length_m)).sqrt());
            *wave = Wave {
                length_m,
                across: x * norm,
                away: z * norm,
                rate_hz,
                phase: dice.unit(),
                slope: dice.range(0.6, 1.2),
            };
            length_m *= 0.68;
        }
        Water { waves, seed: seed as u32 }
    }
}

impl Paint for Water {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let (width, height) = (moment.width, moment.height);
        let light = moment.lighting.light;
        let sun = light.sun;
        let slope = SLOPE * (0.18 + moment.wind.speed(moment.t, 0.6));
        let mut turns = [0.0; WAVES];
        for (turn, wave) in turns.iter_mut().zip(&self.waves) {
            let clock = moment.t * wave.rate_hz;
            *turn = wave.phase - (clock - clock.floor()) as f32;
        }
        let (far, near) = (0.36 * height, 0.84 * height);
        let gusts = moment.t as f32 * 0.35;
        let area = Area { left: -1e6, right: 1e6, top: far, lower: near };
        canvas.paint(area, None, |x, y| {
            let (spot_x, spot_y) = ((x - 0.5 * width) / height, y / height);
            let mask = shores(spot_x, spot_y, height);
            if mask == 0.0 {
                return (0.0, [0.0; 3]);
            }
            let scale = moment.ground.scale(spot_y);
            let (x_m, z_m) = (spot_x / scale, 1.25 / scale);
            // Pixels for each metre: across, and away where the slant shortens it.
            let px_m = scale * height * (scale * moment.ground.camera_m / 1.25).max(0.03);
            let ruffled = 0.55 + 0.6 * field(self.seed, x_m * 0.25 - gusts, z_m * 0.12);
            let mut tilt = 0.0;
            for (wave, turn) in self.waves.iter().zip(turns) {
                let seen = smooth(2.0, 5.0, px_m * wave.length_m);
                tilt += seen * wave.slope * sin_turns(x_m * wave.across + z_m * wave.away + turn);
            }
            let tilt = tilt * slope * ruffled;
            // A tilted face mirrors higher or lower: bright sky above, dark trees of the far shore below.
            let up = unit(0.42 + 1.1 * tilt + 0.5 * (spot_y - 0.4));
            let mirrored = lerp3([0.035, 0.055, 0.03], [0.52, 0.60, 0.70], smooth(0.15, 0.9, up));
            let glint = smooth(0.16, 0.26, tilt) * 0.9;
            let body = times3(mirrored, [light.sky[0] * 1.2, light.sky[1] * 1.2, light.sky[2] * 1.2]);
            (mask, [body[0] + sun[0] * glint, body[1] + sun[1] * glint, body[2] + sun[2] * glint])
        });
    }
}

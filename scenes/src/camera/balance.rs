//! Automatic white balance: the grey-world rule, slow and with a dead band.
//!
//! It must not touch brightness: green stays.

use super::Settings;
use crate::lattice::wander;

/// The rule corrects only a part of a cast, or a lawn would turn grey.
const STRENGTH: f32 = 0.55;
/// Part of the way to the aim for each frame.
const PACE: f32 = 0.04;
/// No change while both colours are within this part of the aim.
const DEAD_BAND: f32 = 0.04;
/// Once it moves it goes on until it is this close.
const REST: f32 = 0.01;
/// Limits of the gains of red and blue.
const GAIN_RANGE: (f32, f32) = (0.5, 2.4);
/// Seconds of one swing of a loop that hunts.
const HUNTING_S: f64 = 5.0;

/// The loop's state.
#[derive(Debug)]
pub struct Balance {
    red: f32,
    blue: f32,
    is_moving: bool,
    tinting: f32,
    seed: u64,
}

impl Balance {
    pub fn new(settings: &Settings, seed: u64) -> Balance {
        Balance { red: 1.0, blue: 1.0, is_moving: false, tinting: settings.tinting, seed }
    }

    /// Gains of red, green and blue.
    pub fn gains(&self) -> [f32; 3] {
        [self.red, 1.0, self.blue]
    }

    /// Goes to where it would be after a long time.
    pub fn settle(&mut self, colours: [f32; 3]) {
        let (red, blue) = aim(colours);
        self.red += (red - self.red) * 0.5;
        self.blue += (blue - self.blue) * 0.5;
    }

    /// Acts on the mean colours of a frame.
    pub fn follow(&mut self, colours: [f32; 3], t: f64) {
        let swing = self.tinting * wander(self.seed, t / HUNTING_S);
        let (red, blue) = aim(colours);
        let (red, blue) = (red * (1.0 + swing), blue * (1.0 - swing));
        let error = ((red - self.red) / red).abs().max(((blue - self.blue) / blue).abs());
        self.is_moving = error > if self.is_moving { REST } else { DEAD_BAND };
        if self.is_moving {
            self.red += (red - self.red) * PACE;
            self.blue += (blue - self.blue) * PACE;
        }
    }
}

fn aim(colours: [f32; 3]) -> (f32, f32) {
    let gain = |value: f32| {
        let full = (colours[1] + 1e-6) / (value + 1e-6);
        (1.0 + (full - 1.0) * STRENGTH).clamp(GAIN_RANGE.0, GAIN_RANGE.1)
    };
    (gain(colours[0]), gain(colours[2]))
}

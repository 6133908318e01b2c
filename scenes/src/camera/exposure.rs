//! Automatic exposure: a control loop with dead band, lag and steps.
//!
//! It reacts to what is in the picture, as real ones do, and sometimes hunts. It must not see single pixels.

use super::Settings;
use crate::lattice::wander;

/// One step of exposure.
const STEP: f32 = 1.03;
/// Steps from the shortest exposure (index 0) on; 3 percent each, so about 13 stops.
const STEPS: i32 = 320;
/// The shortest exposure: a white wall in the sun at a quarter.
const SHORTEST: f32 = 0.05;
/// No change while the mean is within this part of the aim.
const DEAD_BAND: f32 = 0.06;
/// The loop's strength: steps for each part of error.
const STRENGTH: f32 = 9.0;
/// Frames for which exposure is left alone when the infrared filter has moved.
const FILTER_FRAMES: u32 = 6;
/// Seconds of one swing of a loop that hunts.
const HUNTING_S: f64 = 2.5;

/// The loop's state.
#[derive(Debug)]
pub struct Exposure {
    index: i32,
    largest: i32,
    wait: u32,
    target: f32,
    lag: u32,
    step_max: i32,
    hunting: f32,
    seed: u64,
    total: f32,
}

impl Exposure {
    pub fn new(settings: &Settings, seed: u64) -> Exposure {
        let limit = settings.shutter_max * settings.gain_max;
        let largest = (0..STEPS).find(|index| power(*index) > limit).unwrap_or(STEPS);
        let index = largest / 2;
        Exposure {
            index,
            largest,
            wait: 0,
            target: settings.target,
            lag: settings.lag_frames,
            step_max: settings.step_max,
            hunting: settings.hunting,
            seed,
            total: power(index),
        }
    }

    /// Factor from radiance to signal (1.0 is white).
    pub fn total(&self) -> f32 {
        self.total
    }

    /// Goes to where it would be after a long time.
    pub fn settle(&mut self, luma: f32) {
        self.change(error(self.target, luma), 8);
    }

    /// Acts on the mean luma of a frame.
    pub fn follow(&mut self, luma: f32, t: f64) {
        if self.wait > 0 {
            self.wait -= 1;
            return;
        }
        let swing = 1.0 + self.hunting * wander(self.seed, t / HUNTING_S);
        let error = error(self.target * swing, luma);
        if error.abs() > DEAD_BAND {
            self.change(error, self.step_max);
            self.wait = self.lag;
        }
    }

    /// Metering waits while the filter moves.
    pub fn on_filter_moved(&mut self) {
        self.wait = FILTER_FRAMES;
    }

    fn change(&mut self, error: f32, step_max: i32) {
        let mut steps = (error * STRENGTH) as i32;
        if steps == 0 && error.abs() > 0.5 * DEAD_BAND {
            steps = if error > 0.0 { 1 } else { -1 };
        }
        self.index = (self.index + steps.clamp(-step_max, step_max)).clamp(0, self.largest);
        self.total = power(self.index);
    }
}

/// How far the picture is too dark (positive) or too bright, as a part of the aim.
fn error(target: f32, luma: f32) -> f32 {
    ((target - luma) / target).clamp(-1.0, 1.0)
}

fn power(index: i32) -> f32 {
    (0..index).fold(SHORTEST, |product, _| product * STEP)
}

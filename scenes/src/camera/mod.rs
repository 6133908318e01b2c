//! The camera: from radiance to the bytes that it delivers.
//!
//! Lens, exposure and white balance (control loops with lag), sensor noise, gamma, YUV 4:2:0. It must not know what
//! is in the scene.

mod balance;
mod blocking;
mod develop;
mod exposure;
mod noise;
mod optics;
pub mod settings;

use crate::maths::gamma;
use crate::picture::Picture;
use crate::plane::Rgb;
use crate::random::branch;
use balance::Balance;
use blocking::Blocking;
use develop::{Development, Shot};
use exposure::Exposure;
pub use settings::Settings;

/// Metering looks at every so many pixels in each direction.
const METER_STEP: usize = 4;
/// Rounds in which a camera that has been on for long has settled.
const SETTLE_ROUNDS: usize = 400;

/// What the camera is told about a frame.
#[derive(Debug, Clone, Copy)]
pub struct Exposing {
    /// Counts sensor frames: noise of its own for each.
    pub index: u64,
    /// Seconds since the scene began.
    pub t: f64,
    /// The infrared filter is away: no colours.
    pub is_infrared: bool,
    /// Radius of the blur of a defocused lens, in pixels.
    pub defocus_px: f32,
}

/// What metering sees: mean luma as delivered (0 to 1), mean of each colour before white balance.
#[derive(Debug, Clone, Copy)]
pub struct Metered {
    pub luma: f32,
    pub colours: [f32; 3],
}

/// A camera.
#[derive(Debug)]
pub struct Camera {
    is_ideal: bool,
    exposure: Exposure,
    balance: Balance,
    development: Development,
    blocking: Option<Blocking>,
    was_infrared: Option<bool>,
}

impl Camera {
    pub fn new(settings: Settings, width: usize, height: usize, seed: u64) -> Camera {
        Camera {
            is_ideal: settings.is_ideal,
            exposure: Exposure::new(&settings, branch(seed, 0xae)),
            balance: Balance::new(&settings, branch(seed, 0xab)),
            development: Development::new(&settings, width, height, branch(seed, 0xde)),
            blocking: settings.blocking.map(|strength| Blocking::new(strength, branch(seed, 0xb1))),
            was_infrared: None,
        }
    }

    /// Takes a frame. The loops act on what they metered in earlier frames, as in a real camera.
    pub fn expose(&mut self, radiance: &mut Rgb, exposing: Exposing, picture: &mut Picture) {
        if self.was_infrared.is_none() {
            self.settle(radiance, exposing);
        }
        if self.was_infrared.is_some_and(|was| was != exposing.is_infrared) {
            self.exposure.on_filter_moved();
        }
        self.was_infrared = Some(exposing.is_infrared);
        optics::defocus(radiance, exposing.defocus_px, self.development.scratch());
        let shot = Shot { exposure: self.exposure.total(), balance: self.balance.gains(), exposing };
        picture.resize(radiance.width, radiance.height);
        self.development.develop(radiance, &shot, picture);
        if let Some(blocking) = &mut self.blocking {
            blocking.compress(picture, exposing.t);
        }
        if self.is_ideal {
            return;
        }
        let metered = meter(radiance, &shot);
        self.exposure.follow(metered.luma, exposing.t);
        self.balance.follow(metered.colours, exposing.t);
    }

    fn settle(&mut self, radiance: &Rgb, exposing: Exposing) {
        for _ in 0..SETTLE_ROUNDS {
            let shot = Shot { exposure: self.exposure.total(), balance: self.balance.gains(), exposing };
            let metered = meter(radiance, &shot);
            self.exposure.settle(metered.luma);
            self.balance.settle(metered.colours);
        }
    }
}

fn meter(radiance: &Rgb, shot: &Shot) -> Metered {
    let (mut luma, mut colours, mut count) = (0.0, [0.0; 3], 0.0);
    for row in (METER_STEP / 2..radiance.height).step_by(METER_STEP) {
        for column in (METER_STEP / 2..radiance.width).step_by(METER_STEP) {
            let colour = radiance.at(row * radiance.width + column);
            let seen = develop::seen_colour(colour, shot.exposing.is_infrared);
            for (sum, value) in colours.iter_mut().zip(seen) {
                *sum += (value * shot.exposure).min(1.0);
            }
            let coded = |channel: usize| {
                gamma((seen[channel] * shot.exposure * shot.balance[channel]).clamp(0.0, 1.0))
            };
            luma += 0.299 * coded(0) + 0.587 * coded(1) + 0.114 * coded(2);
            count += 1.0;
        }
    }
    Metered { luma: luma / count, colours: colours.map(|sum| sum / count) }
}

#[cfg(test)]
#[path = "camera_tests.rs"]
mod tests;

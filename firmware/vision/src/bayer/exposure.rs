//! Automatic exposure of a bare sensor: how long it gathers light, and how much that is amplified.
//!
//! The mean light is brought to 16 % of white, where photographers put the mean of a scene, a step at a time, and left alone while it is near: a
//! picture that breathes looks like motion. Time first, which costs nothing, then gain, which costs noise. In the light of lamps time is kept to whole
//! flashes of the mains, or bands roll through the picture. Numbers in, numbers out: must not know sensors, and counts frames instead of reading a clock.

use super::measure::Measure;
use super::{SAMPLE_MAX, UNITY_Q8};

/// Where the mean is brought to.
const TARGET: u32 = SAMPLE_MAX as u32 * 16 / 100;
/// It is left alone within an eighth of that...
const CALM: u32 = TARGET / 8;
/// ... and once it is corrected, until it is within this: else it would stop at the edge of being left alone.
const NEAR: u32 = TARGET / 24;
/// A sensor shows what it is told two frames later, and one may be on its way.
const FRAMES_TO_SETTLE: u8 = 4;
/// No step is larger: what is full or empty says only that it is not enough.
const STEP_MAX: u64 = 4;
/// With more than a quarter of the cells full the mean is too low to be believed.
const FULL_SHARE: u32 = 4;

/// What a sensor can, in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time to read a line, in nanoseconds; the unit of exposure. Not 0.
    pub line_ns: u32,
    /// Fewest lines.
    pub lines_min: u32,
    /// Most lines: the frame's time.
    pub lines_max: u32,
    /// Largest gain, Q24.8; the smallest is one.
    pub gain_max_q8: u32,
    /// Time from flash to flash of lamps on the mains, microseconds: half a period. Nothing: there are no such lamps.
    pub flash_us: Option<u32>,
}

/// What a sensor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Lines of exposure.
    pub lines: u32,
    /// Gain, Q24.8.
    pub gain_q8: u32,
}

/// See the head of this file.
#[derive(Clone, Copy, Debug)]
pub struct Exposure {
    limits: Limits,
    /// Time and gain in one: lines times Q8 of gain.
    total: u64,
    frames_to_wait: u8,
    is_correcting: bool,
}

impl Exposure {
    /// Begins at half of the longest time without gain, which is to be told to the sensor at once.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let total = u64::from(limits.lines_max) * u64::from(UNITY_Q8) / 2;
        Self { limits, total, frames_to_wait: FRAMES_TO_SETTLE, is_correcting: true }
    }

    /// What the sensor is told now.
    #[must_use]
    pub fn setting(&self) -> Setting {
        split(&self.limits, self.total)
    }

    /// Looks at a frame; what the sensor is to be told, if something else.
    pub fn look(&mut self, seen: &Measure) -> Option<Setting> {
        self.frames_to_wait = self.frames_to_wait.saturating_sub(1);
        if self.frames_to_wait > 0 {
            return None;
        }
        let off = u32::from(seen.light).abs_diff(TARGET);
        self.is_correcting = off > if self.is_correcting { NEAR } else { CALM };
        if !self.is_correcting {
            return None;
        }
        let before = self.setting();
        self.total = self.better(seen);
        let setting = self.setting();
        if setting == before {
            return None;
        }
        self.frames_to_wait = FRAMES_TO_SETTLE;
        Some(setting)
    }

    /// Lines times gain with which the frame would have been right, as far as it can be told from it.
    fn better(&self, seen: &Measure) -> u64 {
        let light = u64::from(seen.light.max(1));
        let is_blinded = seen.full_cells * FULL_SHARE > seen.cells;
        let asked = if is_blinded { self.total / STEP_MAX } else { self.total * u64::from(TARGET) / light };
        let most = u64::from(self.limits.lines_max) * u64::from(self.limits.gain_max_q8);
        let least = u64::from(self.limits.lines_min) * u64::from(UNITY_Q8);
        asked.clamp(self.total / STEP_MAX, self.total * STEP_MAX).clamp(least, most.max(least))
    }
}

/// Time first, then gain.
fn split(limits: &Limits, total: u64) -> Setting {
    let unity = u64::from(UNITY_Q8);
    let (least, most) = (u64::from(limits.lines_min.max(1)), u64::from(limits.lines_max.max(1)));
    let mut lines = (total / unity).clamp(least, most.max(least));
    if let Some(flash_us) = limits.flash_us {
        let line_ns = u64::from(limits.line_ns.max(1));
        let flashes = lines * line_ns / (u64::from(flash_us.max(1)) * 1_000);
        // Less than one flash: it is bright, which lamps are not.
        if flashes > 0 {
            lines = (flashes * u64::from(flash_us) * 1_000 / line_ns).clamp(least, lines);
        }
    }
    let gain_q8 = (total / lines).clamp(unity, u64::from(limits.gain_max_q8).max(unity));
    // Both were numbers of 32 bits before.
    Setting { lines: lines as u32, gain_q8: gain_q8 as u32 }
}

#[cfg(test)]
mod tests {
    use super::{Exposure, Limits, Measure, Setting, TARGET};

    /// An IMX219 with 30 frames a second, gains up to 10.67.
    const LIMITS: Limits = Limits {
        line_ns: 18_900,
        lines_min: 4,
        lines_max: 1_760,
        gain_max_q8: 2_731,
        flash_us: Some(10_000),
    };

    /// A sensor with an even scene: its light grows with exposure, shows two frames late, and is full at white.
    struct Sensor {
        told: [Setting; 3],
    }

    impl Sensor {
        fn new(first: Setting) -> Self {
            Self { told: [first; 3] }
        }

        /// The light of a frame of a scene that gives `scene` a line, in millionths of a sample.
        fn frame(&mut self, scene: u64) -> Measure {
            let Setting { lines, gain_q8 } = self.told[0];
            self.told = [self.told[1], self.told[2], self.told[2]];
            let light = scene * u64::from(lines) * u64::from(gain_q8) / 256 / 1_000_000;
            let full_cells = if light > 3_900 { 3_072 } else { 0 };
            Measure { light: light.min(4_095) as u16, cells: 3_072, full_cells, ..Measure::default() }
        }

        fn tell(&mut self, setting: Setting) {
            self.told[2] = setting;
        }
    }

    /// Frames until the light stayed near the target for 50 frames, and the setting then.
    fn settles(exposure: &mut Exposure, sensor: &mut Sensor, scene: u64) -> (usize, Setting) {
        let (mut calm, mut frames) = (0, 0);
        while calm < 50 {
            let seen = sensor.frame(scene);
            frames += 1;
            assert!(frames < 400, "{scene}: {seen:?} with {:?}", exposure.setting());
            calm =
                if exposure.look(&seen).map(|setting| sensor.tell(setting)).is_none() { calm + 1 } else { 0 };
        }
        let light = u32::from(sensor.frame(scene).light);
        assert!(light.abs_diff(TARGET) <= TARGET / 8, "{scene}: {light}");
        (frames - 50, exposure.setting())
    }

    #[test]
    fn every_light_that_the_sensor_can_serve_is_served_within_seconds_and_without_swinging() {
        let mut exposure = Exposure::new(LIMITS);
        let mut sensor = Sensor::new(exposure.setting());
        // From moonlight at full gain to snow in the sun, and back and forth.
        for scene in [40_000, 10_000_000, 400_000, 90_000_000, 36_000, 60_000_000, 1_000_000] {
            let (frames, setting) = settles(&mut exposure, &mut sensor, scene);
            assert!(frames <= 60, "{scene}: {frames} frames to {setting:?}");
        }
    }

    #[test]
    fn what_cannot_be_served_ends_at_the_limit_and_stays_there() {
        for (scene, expected) in [
            (1, Setting { lines: 1_587, gain_q8: 2_731 }),
            (4_000_000_000, Setting { lines: 4, gain_q8: 256 }),
        ] {
            let mut exposure = Exposure::new(LIMITS);
            let mut sensor = Sensor::new(exposure.setting());
            for _ in 0..100 {
                if let Some(setting) = exposure.look(&sensor.frame(scene)) {
                    sensor.tell(setting);
                }
            }
            assert_eq!(exposure.setting(), expected);
        }
    }

    #[test]
    fn a_flicker_of_a_tenth_changes_nothing() {
        let mut exposure = Exposure::new(LIMITS);
        let mut sensor = Sensor::new(exposure.setting());
        settles(&mut exposure, &mut sensor, 1_000_000);
        for frame in 0..100 {
            let scene = if frame % 2 == 0 { 1_050_000 } else { 960_000 };
            assert_eq!(exposure.look(&sensor.frame(scene)), None, "{frame}");
        }
    }

    #[test]
    fn in_lamplight_the_time_is_whole_flashes() {
        let mut exposure = Exposure::new(LIMITS);
        let mut sensor = Sensor::new(exposure.setting());
        let (_, setting) = settles(&mut exposure, &mut sensor, 600_000);
        let time_ns = u64::from(setting.lines) * u64::from(LIMITS.line_ns);
        assert!(10_000_000 - time_ns % 10_000_000 <= 18_900 || time_ns % 10_000_000 <= 18_900, "{setting:?}");
        assert!(setting.gain_q8 >= 256, "{setting:?}");
        // In the sun one flash would be too long.
        let (_, setting) = settles(&mut exposure, &mut sensor, 50_000_000);
        assert!(setting.lines < 100 && setting.gain_q8 < 300, "{setting:?}");
    }
}

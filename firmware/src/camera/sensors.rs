//! The bare sensors that are known: a row each, of what cannot be asked for.
//!
//! A sensor without a row streams all the same, with colours as they come. Must not hold control flow for one sensor.

use vision::bayer::{Look, Matrix, NEUTRAL_MATRIX_Q8, UNITY_Q8};

/// A sensor.
pub struct SensorRow {
    /// How the kernel's driver begins its name.
    pub name: &'static str,
    /// What its analogue gain's numbers mean.
    pub gain: GainCode,
    /// The most that is asked of it, Q24.8: beyond that there is more noise than picture.
    pub gain_max_q8: u32,
    /// Black level, and the gains and colours of daylight to begin with.
    pub look: Look,
}

/// How numbers of a sensor's analogue gain become a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GainCode {
    /// The factor is `whole / (whole - number)`.
    Reciprocal {
        /// See above.
        whole: u32,
    },
    /// The number is the factor, in so many parts of one.
    Linear {
        /// Parts of one.
        one: u32,
    },
    /// Each step multiplies by so much, Q16.16.
    Steps {
        /// The factor of a step.
        step_q16: u32,
    },
    /// Nobody knows: it is left alone.
    Unknown,
}

/// 0.3 and 0.1 decibels: 10 to the power of 0.3 / 20 and 0.1 / 20.
const DECIBELS_0_3: GainCode = GainCode::Steps { step_q16: 67_839 };
const DECIBELS_0_1: GainCode = GainCode::Steps { step_q16: 66_295 };
/// Most steps that a sensor has: 72 dB in tenths.
const STEPS_MAX: u32 = 720;

/// Gains of daylight for sensors of which nobody has measured them.
const DAYLIGHT_Q8: u16 = UNITY_Q8 * 3 / 2;

const fn look(black: u16, red_q8: u16, blue_q8: u16, matrix_q8: &'static Matrix) -> Look {
    Look { black, red_q8, blue_q8, matrix_q8 }
}

/// A sensor that sees grey only.
const fn grey(black: u16) -> Look {
    look(black, UNITY_Q8, UNITY_Q8, &NEUTRAL_MATRIX_Q8)
}

/// Black levels, gains and colours as measured by the makers of the camera modules, at about 4600 K (libcamera, `src/ipa/rpi/vc4/data`), rounded
/// to 1/256; meanings of gain numbers from the sensors' drivers and data sheets. None of it was measured by us.
pub static SENSORS: &[SensorRow] = &[
    SensorRow {
        name: "imx219",
        gain: GainCode::Reciprocal { whole: 256 },
        gain_max_q8: 10 * 256,
        look: look(256, 435, 425, &[[559, -181, -122], [-180, 708, -272], [-64, -184, 504]]),
    },
    SensorRow {
        name: "ov5647",
        gain: GainCode::Linear { one: 16 },
        gain_max_q8: 16 * 256,
        look: look(64, 349, 340, &[[523, -141, -126], [-131, 509, -122], [-27, -164, 447]]),
    },
    SensorRow {
        name: "imx290",
        gain: DECIBELS_0_3,
        gain_max_q8: 30 * 256,
        look: look(240, DAYLIGHT_Q8, DAYLIGHT_Q8, &[[396, -45, -95], [-132, 442, -54], [17, -236, 475]]),
    },
    SensorRow {
        name: "imx327",
        gain: DECIBELS_0_3,
        gain_max_q8: 30 * 256,
        look: look(240, DAYLIGHT_Q8, DAYLIGHT_Q8, &[[396, -45, -95], [-132, 442, -54], [17, -236, 475]]),
    },
    SensorRow {
        name: "imx296",
        gain: DECIBELS_0_1,
        gain_max_q8: 16 * 256,
        look: look(240, 740, 480, &[[551, -217, -78], [-124, 586, -206], [-39, -136, 431]]),
    },
    SensorRow {
        name: "ov64a40",
        gain: GainCode::Linear { one: 128 },
        gain_max_q8: 15 * 256,
        look: look(256, 470, 420, &[[534, -176, -102], [-97, 458, -105], [-30, -191, 477]]),
    },
    SensorRow { name: "ov9281", gain: GainCode::Linear { one: 16 }, gain_max_q8: 12 * 256, look: grey(256) },
    SensorRow { name: "ov9282", gain: GainCode::Linear { one: 16 }, gain_max_q8: 12 * 256, look: grey(256) },
    SensorRow { name: "ov7251", gain: GainCode::Linear { one: 16 }, gain_max_q8: 12 * 256, look: grey(256) },
];

/// The row of a sensor by the name of its part.
pub fn find(name: &str) -> Option<&'static SensorRow> {
    SENSORS.iter().find(|row| name.starts_with(row.name))
}

impl GainCode {
    /// The largest number within `min..=max` whose factor is not above `gain_q8`, and its factor, Q24.8.
    pub fn nearest(self, gain_q8: u32, min: u32, max: u32) -> Option<(u32, u32)> {
        let number = match self {
            Self::Unknown => return None,
            Self::Reciprocal { whole } => whole.saturating_sub((whole * 256).div_ceil(gain_q8.max(256))),
            Self::Linear { one } => gain_q8 * one / 256,
            Self::Steps { .. } => {
                (0..STEPS_MAX).take_while(|number| self.factor_q8(number + 1) <= gain_q8).count() as u32
            }
        };
        let number = number.clamp(min, max.max(min));
        Some((number, self.factor_q8(number)))
    }

    /// The factor of a number, Q24.8; at the most that of the last number that makes sense.
    pub fn factor_q8(self, number: u32) -> u32 {
        match self {
            Self::Unknown => 256,
            Self::Reciprocal { whole } => whole * 256 / (whole - number.min(whole - 1)),
            Self::Linear { one } => number * 256 / one,
            Self::Steps { step_q16 } => {
                let mut factor_q16 = 1_u64 << 16;
                for _ in 0..number.min(STEPS_MAX) {
                    factor_q16 = (factor_q16 * u64::from(step_q16)) >> 16;
                }
                u32::try_from(factor_q16 >> 8).unwrap_or(u32::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DECIBELS_0_1, DECIBELS_0_3, GainCode, SENSORS, find};

    #[test]
    fn every_matrix_keeps_grey_grey() {
        for row in SENSORS {
            for line in row.look.matrix_q8 {
                let sum: i16 = line.iter().sum();
                assert!((254..=258).contains(&sum), "{}: {line:?} adds up to {sum}", row.name);
            }
        }
    }

    #[test]
    fn a_sensor_is_known_by_the_name_of_its_part() {
        assert_eq!(find("imx219 10-0010").map(|row| row.name), Some("imx219"));
        assert!(find("Sensor A").is_none());
    }

    #[test]
    fn numbers_of_gain_mean_what_the_data_sheets_say() {
        let check = |code: GainCode, gain_q8, range: (u32, u32), expected| {
            assert_eq!(code.nearest(gain_q8, range.0, range.1), Some(expected), "{code:?} {gain_q8}");
        };
        check(GainCode::Reciprocal { whole: 256 }, 256, (0, 232), (0, 256));
        check(GainCode::Reciprocal { whole: 256 }, 512, (0, 232), (128, 512));
        check(GainCode::Reciprocal { whole: 256 }, 99_999, (0, 232), (232, 2730));
        check(GainCode::Linear { one: 16 }, 768, (16, 1023), (48, 768));
        check(GainCode::Linear { one: 16 }, 1, (16, 1023), (16, 256));
        // 20 dB are a factor of ten.
        check(DECIBELS_0_1, 2_561, (0, 480), (200, 2_559));
        assert_eq!(GainCode::Unknown.nearest(512, 0, 9), None);
        for code in
            [DECIBELS_0_3, DECIBELS_0_1, GainCode::Linear { one: 128 }, GainCode::Reciprocal { whole: 256 }]
        {
            for gain_q8 in (256..8_000).step_by(37) {
                let (number, factor_q8) = code.nearest(gain_q8, 0, 100_000).expect("known");
                assert!(
                    factor_q8 <= gain_q8 && code.factor_q8(number + 1) >= factor_q8,
                    "{code:?} {gain_q8}"
                );
            }
        }
    }
}

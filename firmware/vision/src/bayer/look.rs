//! How a mosaic is to be turned into a picture: black level, gains, colour matrix.
//!
//! Small enough to travel with each frame.
//!
//! Values only; who decides them is [`super::Balance`] and the sensor's row in a table.

use super::samples::SAMPLE_MAX;
use super::tone::tone;

/// One, in the fixed point of gains and matrices (Q8.8).
pub const UNITY_Q8: u16 = 256;
/// No gain is larger: what comes of it is white.
const GAIN_MAX_Q8: u16 = 16 * UNITY_Q8;
/// Colours as they come.
pub static NEUTRAL_MATRIX_Q8: Matrix = [[256, 0, 0], [0, 256, 0], [0, 0, 256]];

/// Rows of weights, Q8.8.
pub type Matrix = [[i16; 3]; 3];

/// See the head of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the sensor says of no light, in 12 bits. Below [`SAMPLE_MAX`].
    pub black: u16,
    /// Red and blue are multiplied by these to be as bright as green where things are grey, Q8.8.
    pub red_q8: u16,
    /// See `red_q8`.
    pub blue_q8: u16,
    /// From the sensor's colours to the screen's (rows: red, green, blue); each row adds up to one, so that grey stays grey. A reference, since it
    /// belongs to the sensor, and frames are passed on by value.
    pub matrix_q8: &'static Matrix,
}

impl Default for Look {
    /// Nothing is known of the sensor.
    fn default() -> Self {
        Self { black: 0, red_q8: UNITY_Q8, blue_q8: UNITY_Q8, matrix_q8: &NEUTRAL_MATRIX_Q8 }
    }
}

impl Look {
    /// Gains in Q4.12 for red, green and blue, with what is lost by taking the black level off given back.
    pub(super) fn gains_q12(&self) -> [u32; 3] {
        let range = u32::from(SAMPLE_MAX - self.black.min(SAMPLE_MAX / 2));
        let stretch_q12 = (u32::from(SAMPLE_MAX) << 12) / range;
        [self.red_q8, UNITY_Q8, self.blue_q8]
            .map(|gain_q8| (u32::from(gain_q8.min(GAIN_MAX_Q8)) * stretch_q12) >> 8)
    }

    /// Light of the sensor's three colours (0 to [`SAMPLE_MAX`]) as a screen gets them.
    #[inline(always)]
    pub(super) fn screen<const N: usize>(
        &self,
        red: &[i32; N],
        green: &[i32; N],
        blue: &[i32; N],
    ) -> [[u8; N]; 3] {
        self.matrix_q8.map(|row| {
            let [of_red, of_green, of_blue] = row.map(i32::from);
            let light: [i32; N] = core::array::from_fn(|x| {
                let sum = of_red * red[x] + of_green * green[x] + of_blue * blue[x];
                (sum >> 8).clamp(0, SAMPLE_MAX.into())
            });
            // Between 0 and 4095 after the clamp.
            light.map(|light| tone(light as u16))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, SAMPLE_MAX};

    #[test]
    fn black_is_black_and_white_is_white_whatever_the_black_level() {
        for black in [0, 64, 256, 1024] {
            let [_, gain_q12, _] = Look { black, ..Look::default() }.gains_q12();
            let white = (u32::from(SAMPLE_MAX - black) * gain_q12) >> 12;
            assert!((4094..=4095).contains(&white), "{black}: {white}");
        }
        assert_eq!(Look::default().screen(&[0, 4095], &[0, 9000], &[0, -1]), [[0, 255], [0, 255], [0, 0]]);
    }
}

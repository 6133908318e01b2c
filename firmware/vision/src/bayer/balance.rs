//! White balance: the gains with which what is grey looks grey, whatever lamp or sky lights it.
//!
//! The grey-world assumption (Buchsbaum, "A spatial processor model for object colour perception", 1980), asked of what is nearly grey
//! already: a red lorry in front of the camera must not turn the street green. Where hardly anything is grey all that has a colour is asked. Moves
//! slowly: a picture that changes its colours at every cloud is worse than one that is a little off. Knows nothing of sensors.

use super::UNITY_Q8;
use super::measure::{Measure, Sums};

/// Gains stay in here: no light that people see by needs others.
const GAIN_MIN_Q8: u32 = UNITY_Q8 as u32 / 2;
const GAIN_MAX_Q8: u32 = 4 * UNITY_Q8 as u32;
/// One part of so many of the way is gone at each look.
const SLOWNESS: i32 = 8;
/// One cell of so many must be greyish to be believed, and to have a colour at all.
const GREYISH_SHARE: u32 = 16;
const COLOURED_SHARE: u32 = 32;
/// Fraction bits with which the gains move: a step of an eighth of a small difference is not lost.
const FINE_SHIFT: u32 = 8;

/// See the head of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Red and blue, Q16.16.
    gains_q16: [i32; 2],
}

impl Balance {
    /// Begins with gains for red and blue, Q8.8.
    #[must_use]
    pub fn new(red_q8: u16, blue_q8: u16) -> Self {
        Self { gains_q16: [red_q8, blue_q8].map(|gain_q8| i32::from(gain_q8) << FINE_SHIFT) }
    }

    /// The gains of red and blue, Q8.8.
    #[must_use]
    pub fn gains_q8(&self) -> [u16; 2] {
        // Within the limits, which fit.
        self.gains_q16.map(|gain_q16| (gain_q16 >> FINE_SHIFT) as u16)
    }

    /// Moves towards what a frame says.
    pub fn look(&mut self, seen: &Measure) {
        let Some(Sums { colours: [red, green, blue], .. }) = believed(seen) else { return };
        for (gain_q16, colour) in self.gains_q16.iter_mut().zip([red, blue]) {
            let wanted_q8 = (u64::from(green) * u64::from(UNITY_Q8) / u64::from(colour.max(1)))
                .clamp(GAIN_MIN_Q8.into(), GAIN_MAX_Q8.into());
            *gain_q16 += (((wanted_q8 as i32) << FINE_SHIFT) - *gain_q16) / SLOWNESS;
        }
    }
}

/// What tells the colour of the light, if anything does.
fn believed(seen: &Measure) -> Option<Sums> {
    let is_enough = |sums: &Sums, share: u32| sums.cells * share >= seen.cells.max(1);
    if is_enough(&seen.greyish, GREYISH_SHARE) {
        Some(seen.greyish)
    } else if is_enough(&seen.coloured, COLOURED_SHARE) {
        Some(seen.coloured)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Balance, Measure, Sums};

    fn seen(greyish: Option<[u32; 3]>, coloured: [u32; 3]) -> Measure {
        let greyish = greyish.map_or(Sums::default(), |colours| Sums { colours, cells: 500 });
        Measure {
            light: 600,
            cells: 3072,
            full_cells: 0,
            coloured: Sums { colours: coloured, cells: 2000 },
            greyish,
        }
    }

    #[test]
    fn gains_come_to_what_makes_grey_grey_and_no_further() {
        let mut balance = Balance::new(256, 256);
        for _ in 0..100 {
            balance.look(&seen(Some([100, 200, 150]), [900, 100, 100]));
        }
        assert!(
            balance.gains_q8()[0].abs_diff(512) <= 2 && balance.gains_q8()[1].abs_diff(341) <= 2,
            "{balance:?}"
        );
        for _ in 0..200 {
            balance.look(&seen(None, [1, 10_000, 1_000_000]));
        }
        assert!(
            balance.gains_q8()[0].abs_diff(1024) <= 1 && balance.gains_q8()[1].abs_diff(128) <= 1,
            "{balance:?}"
        );
    }

    #[test]
    fn a_night_without_colours_changes_nothing() {
        let mut balance = Balance::new(300, 400);
        balance.look(&Measure { light: 3, cells: 3072, ..Measure::default() });
        assert_eq!(balance.gains_q8(), [300, 400]);
    }
}

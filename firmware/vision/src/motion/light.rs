//! Follows the exposure: relights the background when the whole picture became brighter or darker together.
//!
//! Automatic exposure and passing clouds act as a gain. A background that follows a little each frame falls behind a swing of the
//! exposure, and shapes appear where nothing moves. The gain is the median of the gains of all tiles, which nothing that
//! covers less than half of the picture can move. Must not act on what a single object does.

use super::tiles::{TILE_PX, TILES_MAX, sums};

/// Bits after the binary point of a gain.
pub const GAIN_BITS: u32 = 12;
/// A gain of one.
pub const GAIN_ONE: u16 = 1 << GAIN_BITS;
/// A tile darker than this, in grey levels, has no gain worth asking: noise is a large part of it.
const DARK: u32 = 12;
/// A tile brighter than this is clipped: its gain says nothing.
const BRIGHT: u32 = 245;
/// A background pixel from here on, Q8.8, is clipped.
const CLIPPED: u16 = 250 << 8;
/// A change of the light within one frame that is a switch, not a camera's exposure at work: an eighth.
const SWITCHED: u16 = GAIN_ONE / 8;
/// A smaller change of the light is left to the background's own following: 1/64.
const DEADBAND: u16 = GAIN_ONE / 64;
/// A picture that is darker than this in the mean is one of the night: automatic exposure brings every other one above.
const NIGHT: u64 = 96;
/// Tiles with a gain, as a share of all, in percent, without which none is believed.
const VOTERS_PERCENT: usize = 25;

/// Gains agree with the median within this part of it. More than half must: a large thing is not light.
const AGREED_PART: u16 = 12;

/// Follows the light of the whole picture.
pub struct Light {
    /// Working memory.
    gains: [u16; TILES_MAX],
    /// The median of the last frame, over the background as it was left then.
    before: u16,
    is_switched: bool,
    is_night: bool,
}

impl Light {
    /// The light that the background was learnt in.
    pub const fn new() -> Self {
        Self { gains: [0; TILES_MAX], before: GAIN_ONE, is_switched: false, is_night: false }
    }

    /// Whether the light was followed in the last frame because it changed at once, and not little by little.
    pub fn is_switched(&self) -> bool {
        self.is_switched
    }

    /// Whether the last frame looked like one of the night.
    pub fn is_night(&self) -> bool {
        self.is_night
    }

    /// Multiplies the background (Q8.8) by the gain that the light took since it was learnt, if it took one; gives that gain, or one.
    pub fn follow(&mut self, luma: &[u8], background: &mut [u16], width: usize) -> u16 {
        let (median, is_agreed) = self.median(luma, background, width);
        let gain = if is_agreed { median } else { GAIN_ONE };
        self.is_switched = gain.abs_diff(GAIN_ONE).min(gain.abs_diff(self.before)) > SWITCHED;
        self.before = if gain.abs_diff(GAIN_ONE) <= DEADBAND { median } else { GAIN_ONE };
        if gain.abs_diff(GAIN_ONE) <= DEADBAND {
            return GAIN_ONE;
        }
        for (pixel, &grey) in background.iter_mut().zip(luma) {
            let relit = ((u32::from(*pixel) * u32::from(gain)) >> GAIN_BITS).min(u32::from(u16::MAX)) as u16;
            // Nobody knows how bright a clipped pixel is: at least so bright.
            *pixel = if *pixel >= CLIPPED { relit.max(u16::from(grey) << 8) } else { relit };
        }
        gain
    }

    /// The median gain of all tiles that have one, and whether more than half of them agree with it; one if too few have. From the same
    /// sums it is known whether it is night.
    fn median(&mut self, luma: &[u8], background: &[u16], width: usize) -> (u16, bool) {
        let (mut tiles, mut voters, mut total) = (0, 0, 0u64);
        for (luma, background) in luma.chunks(width * TILE_PX).zip(background.chunks(width * TILE_PX)) {
            let seen = sums(luma, width, u32::from);
            let known = sums(background, width, |level| u32::from(level >> 4));
            for ((seen, px), (known, _)) in seen.zip(known) {
                tiles += 1;
                total += u64::from(seen);
                let usable = |level: u32| level >= DARK * px && level <= BRIGHT * px;
                if usable(seen) && usable(known >> 4) {
                    // `known` has four bits after its point.
                    let gain = (u64::from(seen) << (GAIN_BITS + 4)) / u64::from(known.max(1));
                    self.gains[voters] = gain.min(u64::from(u16::MAX)) as u16;
                    voters += 1;
                }
            }
        }
        self.is_night = total < NIGHT * luma.len() as u64;
        if voters * 100 <= tiles * VOTERS_PERCENT {
            return (GAIN_ONE, false);
        }
        let gains = &mut self.gains[..voters];
        let median = *gains.select_nth_unstable(voters / 2).1;
        let agreed = gains.iter().filter(|gain| gain.abs_diff(median) <= median / AGREED_PART).count();
        (median, agreed * 2 > voters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 40;

    fn levels(grey: impl Fn(usize) -> u8) -> ([u8; 1600], [u16; 1600]) {
        let luma: [u8; 1600] = core::array::from_fn(grey);
        (luma, luma.map(|p| u16::from(p) << 8))
    }

    #[test]
    fn follows_a_gain_and_nothing_else() {
        let mut light = Light::new();
        let (before, known) = levels(|at| 40 + (at % W) as u8 * 3);
        let mut background = known;
        let darker = before.map(|p| (u32::from(p) * 5 / 8) as u8);
        light.follow(&darker, &mut background, W);
        assert!(
            background.iter().zip(darker).all(|(&a, b)| a.abs_diff(u16::from(b) << 8) <= 512),
            "a gain of 5/8"
        );

        let mut object = before;
        object[..16 * W].iter_mut().for_each(|p| *p += 60);
        background = known;
        assert_eq!(light.follow(&object, &mut background, W), GAIN_ONE, "less than half of the picture");
        assert_eq!(background, known);
        assert!(!light.is_switched());
        let dark = [3; 1600];
        assert_eq!(light.follow(&dark, &mut background, W), GAIN_ONE, "nothing can be said in the dark");
        assert_eq!(light.follow(&[9; 4], &mut [0; 4], 2), GAIN_ONE);
    }

    #[test]
    fn a_lamp_is_switched_and_an_exposure_is_not() {
        let (before, known) = levels(|at| 40 + (at % W) as u8 * 3);
        let (mut light, mut background) = (Light::new(), known);
        light.follow(&before, &mut background, W);
        for percent in (70..100).rev() {
            light.follow(&before.map(|p| (u32::from(p) * percent / 100) as u8), &mut background, W);
            assert!(!light.is_switched(), "{percent} %");
        }
        light.follow(&before, &mut background, W);
        assert!(light.is_switched());
        // What grows while the tiles do not agree is no switch when they do.
        background = known;
        light.follow(&before, &mut background, W);
        let spread = |percent: u32| {
            let mut at = 0;
            before.map(|p| {
                let side = if at % W < W / 2 { 24 } else { 0 };
                at += 1;
                (u32::from(p) * (percent - side) / 100) as u8
            })
        };
        for percent in (80..=100).rev() {
            assert_eq!(light.follow(&spread(percent), &mut background, W), GAIN_ONE, "{percent} %");
        }
        let gain = light.follow(&before.map(|p| (u32::from(p) * 78 / 100) as u8), &mut background, W);
        assert!(gain < GAIN_ONE && !light.is_switched());
    }
}

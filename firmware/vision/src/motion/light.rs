//! Follows the exposure: relights the background when most of the picture became brighter or darker together.
//!
//! Automatic exposure and passing clouds act as a gain. A background that follows by one level a frame falls behind a
//! swing of the exposure, and shapes appear where nothing moves. Must not act on what a single object does: more than
//! half of the pixels have to agree on the direction.

/// Difference that is taken for noise when pixels vote for a direction, in grey levels.
const NOISE: u8 = 1;
/// Pixels that differ by more do not count for the gain: they show something else. A step of the light beyond this is a
/// scene change.
const OUTLIER: u8 = 24;
/// Bits after the binary point of a gain (Q1_7): a level's worth at middle grey.
const GAIN_BITS: u32 = 7;
/// Pixels whose votes are summed in a byte.
const COUNTED_PX: usize = 128;

/// Multiplies the background by the gain that the light took since the last frame, if it took one. Same lengths.
pub fn follow(luma: &[u8], background: &mut [u8]) {
    let (brighter, darker) = votes(luma, background);
    if brighter.max(darker) as usize * 2 <= luma.len() {
        return;
    }
    let gain = gain_q1_7(luma, background);
    for pixel in background {
        let relit = (u16::from(*pixel) * gain + (1 << (GAIN_BITS - 1))) >> GAIN_BITS;
        *pixel = relit.min(255) as u8;
    }
}

/// Pixels that are brighter and darker than the background.
fn votes(luma: &[u8], background: &[u8]) -> (u32, u32) {
    let (mut brighter, mut darker) = (0, 0);
    for (luma, background) in luma.chunks(COUNTED_PX).zip(background.chunks(COUNTED_PX)) {
        let (mut up, mut down) = (0u8, 0u8);
        for (&grey, &known) in luma.iter().zip(background) {
            up = up.wrapping_add(u8::from(grey > known.saturating_add(NOISE)));
            down = down.wrapping_add(u8::from(known > grey.saturating_add(NOISE)));
        }
        brighter += u32::from(up);
        darker += u32::from(down);
    }
    (brighter, darker)
}

/// Ratio of the sums over the pixels that still show the background, 1 if there are none.
fn gain_q1_7(luma: &[u8], background: &[u8]) -> u16 {
    let (mut seen, mut known) = (0u32, 0u32);
    for (&grey, &before) in luma.iter().zip(background) {
        let counts = u32::from(grey.abs_diff(before) <= OUTLIER);
        seen += u32::from(grey) * counts;
        known += u32::from(before) * counts;
    }
    let gain = ((u64::from(seen) << GAIN_BITS) + u64::from(known / 2)).checked_div(u64::from(known));
    // At most doubled: the product with a pixel stays in 16 bits.
    gain.map_or(1 << GAIN_BITS, |gain| gain.min(2 << GAIN_BITS) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_gain_and_nothing_else() {
        let before: [u8; 200] = core::array::from_fn(|at| 40 + at as u8 / 2);
        let mut background = before;
        let darker = before.map(|p| (u32::from(p) * 7 / 8) as u8);
        follow(&darker, &mut background);
        assert!(background.iter().zip(darker).all(|(&a, b)| a.abs_diff(b) <= 1));

        let mut object = before;
        object[..90].iter_mut().for_each(|p| *p += 60);
        background = before;
        follow(&object, &mut background);
        assert_eq!(background, before, "an object in less than half of the picture");

        object[..180].copy_from_slice(&before.map(|p| p + 60)[..180]);
        follow(&object, &mut background);
        assert_eq!(background, before, "a step that leaves nothing to compare");
        follow(&[9; 4], &mut [0; 4]);
    }
}

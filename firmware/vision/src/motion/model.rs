//! The background of each pixel and how much it usually differs from it.
//!
//! Asymmetric sigma-delta after Manzanera & Richefeu (2007): the background follows the picture by a bounded step a
//! frame (a running median), the dispersion follows N times the distance, fast upwards and slowly downwards, so that a
//! tree that sways once in a while stays known. Two bytes a pixel and byte-wide operations only.

/// Lowest dispersion, in grey levels. The mean of 64 camera pixels carries little noise, so 10 is enough where
/// full-resolution detectors need 16; a red car on asphalt differs by no more than that in luma.
const DISPERSION_MIN: u8 = 10;

/// Pixels whose marks are summed in a byte.
const COUNTED_PX: usize = 128;

/// A pixel that differs from its background; all bits, so that morphology is AND and OR.
pub const CHANGED: u8 = 0xFF;

/// How far the model goes towards a frame, in grey levels.
#[derive(Clone, Copy)]
pub struct Steps {
    /// Largest step of the background.
    pub follow: u8,
    /// Largest step of the dispersion upwards.
    pub attack: u8,
    /// Largest step of the dispersion downwards.
    pub decay: u8,
}

/// Marks in `mask` the pixels whose distance exceeds their dispersion by more than `margin`, after the model has taken
/// its steps. Gives the number of pixels that exceed it at margin 0. All slices have the same length.
pub fn update(
    luma: &[u8],
    background: &mut [u8],
    dispersion: &mut [u8],
    mask: &mut [u8],
    steps: Steps,
    margin: i32,
) -> u32 {
    // One of the two is 0; both saturate, so neither can carry a pixel over the edge of the scale.
    let raise = margin.clamp(0, 255) as u8;
    let lower = (-margin).clamp(0, 255) as u8;
    let mut changed = 0;
    let chunks = luma
        .chunks(COUNTED_PX)
        .zip(background.chunks_mut(COUNTED_PX))
        .zip(dispersion.chunks_mut(COUNTED_PX))
        .zip(mask.chunks_mut(COUNTED_PX));
    for (((luma, background), dispersion), mask) in chunks {
        let mut changed_here = 0u8;
        let pixels = luma.iter().zip(background).zip(dispersion).zip(mask);
        for (((&grey, background), dispersion), mark) in pixels {
            let up = grey.saturating_sub(*background).min(steps.follow);
            let down = background.saturating_sub(grey).min(steps.follow);
            *background = background.wrapping_add(up).wrapping_sub(down);
            let distance = grey.abs_diff(*background);
            // N = 2 of the paper.
            let target = distance.saturating_add(distance);
            let rise = target.saturating_sub(*dispersion).min(steps.attack);
            let fall = dispersion.saturating_sub(target).min(steps.decay);
            *dispersion = dispersion.wrapping_add(rise).wrapping_sub(fall).max(DISPERSION_MIN);
            changed_here = changed_here.wrapping_add(u8::from(distance > *dispersion));
            let above = distance.saturating_add(lower) > dispersion.saturating_add(raise);
            *mark = if above { CHANGED } else { 0 };
        }
        changed += u32::from(changed_here);
    }
    changed
}

/// Takes a frame as the background; the dispersion starts at its lowest.
pub fn begin(luma: &[u8], background: &mut [u8], dispersion: &mut [u8]) {
    background.copy_from_slice(luma);
    dispersion.fill(DISPERSION_MIN);
}

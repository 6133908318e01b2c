//! The tone curve: from light to what a screen expects (sRGB, IEC 61966-2-1, 5.2), as a table made at compile time.
//!
//! The compiler has no powers in fixed point, but it can count: a step of the curve begins where its inverse says, and the inverse needs
//! the power 2.4 only, which is the fifth root of the twelfth power.

use super::samples::SAMPLE_MAX;

const LEVELS: usize = SAMPLE_MAX as usize + 1;

/// What a screen gets for a sample.
static CURVE: [u8; LEVELS] = curve();

/// What a screen gets for `light`, 0 to [`SAMPLE_MAX`].
#[inline(always)]
pub fn tone(light: u16) -> u8 {
    CURVE[usize::from(light) % LEVELS]
}

const fn curve() -> [u8; LEVELS] {
    let mut table = [0; LEVELS];
    let mut level = 0;
    let mut light = 0;
    while light < LEVELS {
        while level < 255 && light as u128 >= begins(level + 1) {
            level += 1;
        }
        table[light] = level as u8;
        light += 1;
    }
    table
}

/// The least light that gives `level`: where the curve is half a step below it.
const fn begins(level: u128) -> u128 {
    /// One, in the fixed point of the powers: as much as a product of two of them leaves room for.
    const ONE_SHIFT: u32 = 60;
    let max = SAMPLE_MAX as u128;
    // (level - 1/2) / 255 = doubled / 510. Below 0.04045 the curve is a straight line of slope 12.92.
    let doubled = 2 * level - 1;
    if doubled * 100_000 <= 4_045 * 510 {
        return (doubled * max * 100).div_ceil(510 * 1_292);
    }
    // ((level / 255 + 0.055) / 1.055) to the power 2.4.
    let base = ((doubled * 1_000 + 55 * 510) << ONE_SHIFT) / (510 * 1_055);
    let power2 = (base * base) >> ONE_SHIFT;
    let power4 = (power2 * power2) >> ONE_SHIFT;
    let power12 = (((power4 * power4) >> ONE_SHIFT) * power4) >> ONE_SHIFT;
    let fifth_power = (max * max * max * max * max * power12) >> ONE_SHIFT;
    // The least whole number whose fifth power reaches it.
    let (mut low, mut high) = (0, max);
    while low < high {
        let middle = u128::midpoint(low, high);
        if middle * middle * middle * middle * middle >= fifth_power {
            high = middle
        } else {
            low = middle + 1
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::{LEVELS, tone};

    #[test]
    fn the_curve_is_that_of_the_standard() {
        for light in 0..LEVELS {
            let linear = light as f64 / (LEVELS - 1) as f64;
            let screen =
                if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
            let off = (screen * 255.0 - f64::from(tone(light as u16))).abs();
            assert!(off <= 0.501, "{light}: {off}");
        }
    }
}

//! Sensitivity 1..=100: how large and how distinct a change must be.
//!
//! It may act on the decision only, never on the background model: so a higher value marks a superset of pixels in
//! every frame, and never detects less. Scene changes are judged at the default for the same reason.

/// How easily the detector reports motion, 1..=100. 50 is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sensitivity(u8);

impl Default for Sensitivity {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Smallest blob in millionths of the plane and margin over the dispersion in grey levels, at some sensitivities.
/// Between them both are interpolated. 0.3 % at 50 is a person at about 15 m; below 9 pixels nothing passes the opening.
const ANCHORS: [(u32, u32, i32); 5] =
    [(1, 40_000, 24), (25, 10_000, 8), (50, 3_000, 0), (75, 1_200, -2), (100, 300, -4)];

impl Sensitivity {
    /// The default.
    pub const DEFAULT: Self = Self(50);

    /// A sensitivity, none outside of 1..=100.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value >= 1 && value <= 100 { Some(Self(value)) } else { None }
    }

    /// The value, 1..=100.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Smallest blob that counts, in pixels of a plane of `plane_px`; falls as the sensitivity rises.
    pub(super) fn blob_px_min(self, plane_px: usize) -> u32 {
        let ppm = self.between(|(_, ppm, _)| ppm as i32);
        (plane_px as u64 * ppm as u64).div_ceil(1_000_000) as u32
    }

    /// Grey levels that a pixel must exceed its dispersion by; falls as the sensitivity rises, may be negative.
    pub(super) fn margin(self) -> i32 {
        self.between(|(_, _, margin)| margin)
    }

    fn between(self, value: impl Fn((u32, u32, i32)) -> i32) -> i32 {
        let at = i32::from(self.0);
        for pair in ANCHORS.windows(2) {
            let (from, to) = (pair[0].0 as i32, pair[1].0 as i32);
            if at <= to {
                let (start, end) = (value(pair[0]), value(pair[1]));
                return start + (end - start) * (at - from) / (to - from);
            }
        }
        value(ANCHORS[ANCHORS.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_thresholds_only_fall() {
        let at = |value| {
            let s = Sensitivity::new(value).unwrap();
            (s.blob_px_min(102_400), s.margin())
        };
        for value in 1..100 {
            assert!(at(value + 1).0 <= at(value).0 && at(value + 1).1 <= at(value).1, "{value}");
        }
        assert_eq!(at(50), (308, 0));
        assert_eq!((at(1), at(100)), ((4096, 24), (31, -4)));
        assert_eq!((Sensitivity::new(0), Sensitivity::new(101)), (None, None));
    }
}

//! Sensitivity 1..=100: how large and how distinct a change must be.
//!
//! It may act on the decision only, never on the background model or on what is followed: so a higher value never detects less.

/// How easily the detector reports motion, 1..=100. 50 is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sensitivity(u8);

impl Default for Sensitivity {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// At some sensitivities: smallest blob in millionths of the plane, lowest mean contrast in grey levels, travel in percent of the
/// default. Between them all are interpolated. 0.15 % at 50 is a person at about 20 m; below 9 pixels nothing passes the opening.
const ANCHORS: [(u32, u32, u32, u32); 5] =
    [(1, 40_000, 40, 200), (25, 6_000, 22, 140), (50, 1_500, 0, 100), (75, 800, 0, 70), (100, 300, 0, 40)];

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
        Self::of_plane(self.between(|(_, ppm, _, _)| ppm), plane_px)
    }

    /// So many millionths of a plane, in pixels, at least one.
    pub(super) fn of_plane(ppm: u32, plane_px: usize) -> u32 {
        (plane_px as u64 * u64::from(ppm)).div_ceil(1_000_000).max(1) as u32
    }

    /// Lowest mean distance of a blob from its background, grey levels; falls as the sensitivity rises.
    pub(super) fn contrast_min(self) -> u32 {
        self.between(|(_, _, contrast, _)| contrast)
    }

    /// So much travel, in plane pixels, at this sensitivity; falls as it rises.
    pub(super) fn scale_travel(self, px: u32) -> u32 {
        px * self.between(|(_, _, _, percent)| percent) / 100
    }

    fn between(self, value: impl Fn((u32, u32, u32, u32)) -> u32) -> u32 {
        let at = i64::from(self.0);
        for pair in ANCHORS.windows(2) {
            let (from, to) = (i64::from(pair[0].0), i64::from(pair[1].0));
            if at <= to {
                let (start, end) = (i64::from(value(pair[0])), i64::from(value(pair[1])));
                return (start + (end - start) * (at - from) / (to - from)) as u32;
            }
        }
        value(ANCHORS[ANCHORS.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_thresholds_only_fall() {
        let at = |value| {
            let s = Sensitivity::new(value).unwrap();
            (s.blob_px_min(102_400), s.contrast_min(), s.scale_travel(100))
        };
        for value in 1..100 {
            let (lower, higher) = (at(value), at(value + 1));
            assert!(higher.0 <= lower.0 && higher.1 <= lower.1 && higher.2 <= lower.2, "{value}");
        }
        assert_eq!(at(50), (154, 0, 100));
        assert_eq!((at(1), at(100)), ((4096, 40, 200), (31, 0, 40)));
        assert_eq!((Sensitivity::new(0), Sensitivity::new(101)), (None, None));
    }
}

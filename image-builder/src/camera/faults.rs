//! Deliberate damage to frames: which frames, and what is done to them.
//!
//! The choice depends on the seed and the frame's index only, so a run can be repeated. It must not count or deliver.

use serde::Serialize;

use super::error::CameraError;
use super::random::Random;

/// A kind of damage, as real cameras and cables do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// The image ends early, without EOI.
    Truncated,
    /// SOI and the first frame header (SOF) are overwritten.
    Garbled,
    /// The image is whole, but the camera marks it as bad in the payload headers.
    ErrorBit,
    /// A frame without any data.
    Empty,
}

impl Damage {
    /// All kinds.
    pub const ALL: [Damage; 4] = [Damage::Truncated, Damage::Garbled, Damage::ErrorBit, Damage::Empty];

    /// The name used in commands and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Damage::Truncated => "truncated",
            Damage::Garbled => "garbled",
            Damage::ErrorBit => "error-bit",
            Damage::Empty => "empty",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Damage> {
        Damage::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Damages the bytes of frame `index`.
    pub fn apply(self, image: &mut Vec<u8>, seed: u64, index: u64) {
        match self {
            Damage::Truncated => {
                // Between a tenth and nine tenths remain: always some image data, never the end.
                let share = 100 + Random::new(seed ^ STREAM_CUT, index).below(800) as usize;
                image.truncate(image.len() * share / 1000);
            }
            Damage::Garbled => garble(image),
            Damage::ErrorBit => {}
            Damage::Empty => image.clear(),
        }
    }
}

/// Keeps the place of the cut apart from the choice of the frame.
const STREAM_CUT: u64 = 0x0c17;

/// Overwrites SOI and the first start-of-frame segment's marker and size fields.
fn garble(image: &mut [u8]) {
    const SOF0_BYTES: usize = 9;
    if let Some(at) = image.windows(2).position(|pair| pair == [0xff, 0xc0]) {
        image[at..].iter_mut().take(SOF0_BYTES).for_each(|byte| *byte = 0);
    }
    image.iter_mut().take(2).for_each(|byte| *byte = 0);
}

/// The current plan of damage.
#[derive(Debug, Clone)]
pub struct Plan {
    seed: u64,
    /// Share of frames in units of 1/1 000 000.
    share_ppm: u32,
    kinds: Vec<Damage>,
}

impl Plan {
    /// No damage.
    pub fn none(seed: u64) -> Plan {
        Plan { seed, share_ppm: 0, kinds: Vec::new() }
    }

    /// Damages `percent` (0 to 100) of frames from now on, with kinds drawn evenly; no kinds means all.
    pub fn set(&mut self, percent: f64, kinds: &[Damage]) -> Result<(), CameraError> {
        if !(0.0..=100.0).contains(&percent) {
            return Err(CameraError::Percent(percent));
        }
        self.share_ppm = (percent * 10_000.0).round() as u32;
        self.kinds = if kinds.is_empty() { Damage::ALL.to_vec() } else { kinds.to_vec() };
        Ok(())
    }

    /// The damage that frame `index` gets, if any.
    pub fn choose(&self, index: u64) -> Option<Damage> {
        let mut random = Random::new(self.seed, index);
        if random.below(1_000_000) >= self.share_ppm {
            return None;
        }
        self.kinds.get(random.below(self.kinds.len() as u32) as usize).copied()
    }

    /// Damages the bytes of frame `index` in the way chosen for it.
    pub fn damage(&self, index: u64, image: &mut Vec<u8>) -> Option<Damage> {
        let kind = self.choose(index)?;
        kind.apply(image, self.seed, index);
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::{CameraError, Damage, Plan};

    fn plan(seed: u64, percent: f64, kinds: &[Damage]) -> Plan {
        let mut plan = Plan::none(seed);
        plan.set(percent, kinds).unwrap();
        plan
    }

    #[test]
    fn same_seed_same_frames_about_the_share_asked_for() {
        let chosen = |seed| (0..10_000).map(|index| plan(seed, 5.0, &[]).choose(index)).collect::<Vec<_>>();
        assert_eq!(chosen(1), chosen(1));
        assert_ne!(chosen(1), chosen(2));
        let chosen = chosen(1);
        for kind in Damage::ALL {
            let count = chosen.iter().filter(|found| **found == Some(kind)).count();
            assert!((85..=165).contains(&count), "{kind:?}: {count} of 125 expected");
        }
    }

    #[test]
    fn none_all_and_nonsense() {
        assert!((0..1000).all(|index| Plan::none(3).choose(index).is_none()));
        let all = plan(3, 100.0, &[Damage::Empty]);
        assert!((0..1000).all(|index| all.choose(index) == Some(Damage::Empty)));
        for percent in [-1.0, 100.1, f64::NAN] {
            assert!(matches!(Plan::none(3).set(percent, &[]), Err(CameraError::Percent(_))));
        }
    }

    #[test]
    fn each_kind_does_what_it_says() {
        let image: Vec<u8> =
            [&[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 1, 2, 3, 4][..], &[9; 500], &[0xff, 0xd9]].concat();
        let damaged = |kind: Damage| {
            let mut bytes = image.clone();
            kind.apply(&mut bytes, 5, 6);
            bytes
        };
        let cut = damaged(Damage::Truncated);
        assert!(cut.len() >= image.len() / 10 && cut.len() <= image.len() * 9 / 10);
        assert!(image.starts_with(&cut));
        let garbled = damaged(Damage::Garbled);
        assert_eq!(garbled[..11], [0; 11]);
        assert_eq!(garbled[11..], image[11..]);
        assert_eq!(damaged(Damage::ErrorBit), image);
        assert!(damaged(Damage::Empty).is_empty());
        for kind in Damage::ALL {
            kind.apply(&mut Vec::new(), 1, 1);
            assert_eq!(Damage::from_name(kind.name()), Some(kind));
        }
    }
}

//! What the detector says about a frame, and why.
//!
//! Plain data with a plain sentence for each decision; no policy.
use super::inspect::Measure;
use super::tamper::Tamper;
use super::tracks::Track;
use super::tripwire::Crossings;
use crate::words::spoken;

spoken! {
    /// Why a frame is, or is not, motion; `Display` gives a sentence for the log.
    #[derive(Default)]
    Decision {
        #[default]
        Learning "learning" => "The detector is still learning what the scene looks like.",
        Quiet "quiet" => "Nothing differs from the background.",
        SceneChange "scene change" => "Most of the picture changed at once, as when a light is switched; the background is taken anew.",
        Outside "outside" => "Something differs, but not where motion counts.",
        Light "light" => "Something differs, but it is light or shadow: the background shows through, or its outline is soft.",
        TooSmall "too small" => "Something differs, but no part of it is large or distinct enough at this sensitivity.",
        TooShort "too short" => "Something large enough differs, but not yet in two of three frames.",
        TooFast "too fast" => "Something moves, but too fast for its size: rain, snow, an insect before the lens.",
        NoTravel "no travel" => "Something large enough differs, but it has not gone far enough from where it began.",
        Resting "resting" => "A thing that was seen to move stands still.",
        Motion "motion" => "Something large enough persists and moves.",
    }
}

/// A rectangle in plane pixels; the right and lower bounds are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left column, inside.
    pub x1: u16,
    /// Upper row, inside.
    pub y1: u16,
    /// Right column, outside.
    pub x2: u16,
    /// Lower row, outside.
    pub y2: u16,
}

impl Region {
    /// Nothing.
    pub(super) const EMPTY: Self = Self { x1: 0, y1: 0, x2: 0, y2: 0 };

    /// Left, top, right, lower.
    pub(super) const fn sides(self) -> [u16; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    /// Width.
    pub(super) fn wide(self) -> u32 {
        u32::from(self.x2 - self.x1)
    }

    /// Height.
    pub(super) fn high(self) -> u32 {
        u32::from(self.y2 - self.y1)
    }

    /// Its middle, in half plane pixels, right and down.
    pub(super) fn middle(self) -> (i32, i32) {
        (i32::from(self.x1) + i32::from(self.x2), i32::from(self.y1) + i32::from(self.y2))
    }

    /// The smallest region that holds both.
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }
}

impl Default for Region {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// The detector's verdict on one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Motion or not, and why: the most that any blob came to.
    pub decision: Decision,
    /// Plane pixels that differ from the background, after the opening.
    pub changes: u32,
    /// What the decision is about; none without a blob.
    pub subject: Option<Subject>,
    /// What is done to the camera, for as long as it goes on.
    pub tamper: Option<Tamper>,
    /// What crossed a tripwire.
    pub crossings: Crossings,
}

/// The blob that a decision is about, with what it was held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its number among all things followed since the start.
    pub track: u32,
    /// The zone in which it came furthest, if it touches any.
    pub zone: Option<u8>,
    /// Its bounds in plane pixels.
    pub region: Region,
    /// Its plane pixels in that zone, …
    pub blob_px: u32,
    /// … and the fewest that count there.
    pub blob_px_min: u32,
    /// How far it has travelled, plane pixels, …
    pub travel_px: u32,
    /// … and how far it must.
    pub travel_px_min: u32,
    /// Its mean distance from the background, grey levels.
    pub contrast: u32,
    /// What else was measured of it.
    pub measure: Measure,
}

impl Subject {
    pub(super) fn of(track: &Track) -> Self {
        Self {
            track: track.number,
            zone: None,
            region: track.last.bounds,
            blob_px: track.last.px,
            travel_px: track.far_px,
            contrast: track.last.measure.contrast,
            measure: track.last.measure,
            ..Self::default()
        }
    }

    pub(super) fn held_against(self, zone: usize, blob_px_min: u32, travel_px_min: u32) -> Self {
        Self { zone: Some(zone as u8), blob_px_min, travel_px_min, ..self }
    }
}

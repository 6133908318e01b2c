//! When a track is worth an alarm: the thresholds, all of them, and what is said when one is not reached.
//!
//! Every threshold only falls as the sensitivity rises, and nothing here acts back on the model: so a higher sensitivity reports
//! whatever a lower one does. Pure.

use super::sensitivity::Sensitivity;
use super::tracks::Track;
use super::verdict::Decision;
use super::zones::Perspective;

/// A measure of a share: all of it.
const ALL_Q8: u32 = 256;
/// A blob of which more than this is explained by the background nearby may be that background, moved.
const EXPLAINED_Q8: u32 = ALL_Q8 * 5 / 10;
/// A thing whose first sighting covers more than this share of the picture has not come in: something was switched. Per mille.
const SUDDEN_PER_MILLE: u32 = 20;
/// Unrest of a place below which it counts as calm.
const CALM: u32 = 6;
/// What may be background must travel this share of its smaller side …
const TRAVEL_SIDES: u32 = 3;
/// … and at least so far, plane pixels,
pub const TRAVEL_PX_MIN: u32 = 3;
/// … and a pixel more for each of so much unrest of its place.
const UNREST_PER_PX: u32 = 8;

/// What a zone asks of a track.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Smallest blob, plane pixels.
    pub px_min: u32,
    /// How easily it opens.
    pub sensitivity: Sensitivity,
}

impl Gate {
    /// The same for a thing where this track stands: its lower edge is on the ground.
    pub fn at(self, track: &Track, perspective: Perspective, height: u16) -> Gate {
        Gate { px_min: perspective.scale(self.px_min, track.last.bounds.y2, height), ..self }
    }

    /// Whether the last sighting is large and distinct enough, with so many of its pixels in the zone.
    pub fn is_large(self, track: &Track, zone_px: u32) -> bool {
        let last = &track.last;
        zone_px >= self.px_min && last.contrast >= self.sensitivity.contrast_min() && !last.is_light
    }

    /// How far the track must have travelled, plane pixels. `unrest` is that of its place, `plane_px` the whole picture.
    pub fn travel_min(self, track: &Track, unrest: u32, plane_px: u32) -> u32 {
        let bounds = track.last.bounds;
        let sudden = track.born_px * 1000 > plane_px * SUDDEN_PER_MILLE && !track.came_in;
        let plain = track.explained < EXPLAINED_Q8;
        if plain && !sudden && unrest < CALM {
            return 0;
        }
        let side = u32::from((bounds.x2 - bounds.x1).min(bounds.y2 - bounds.y1));
        let travel = (side / TRAVEL_SIDES).max(TRAVEL_PX_MIN) + unrest / UNREST_PER_PX;
        self.sensitivity.scale_travel(travel)
    }

    /// Judges a track of which `bits` say in which of the last frames it was large in the zone.
    pub fn judge(self, track: &Track, bits: u8, unrest: u32, plane_px: u32) -> Decision {
        let large = bits & 1 != 0;
        if track.last.is_light {
            return Decision::Light;
        }
        if !large {
            return Decision::TooSmall;
        }
        // What is known to move has persisted long before it comes into the zone.
        if !track.known && (bits & 0b111).count_ones() < 2 {
            return Decision::TooShort;
        }
        if track.far_px < self.travel_min(track, unrest, plane_px) {
            return Decision::NoTravel;
        }
        Decision::Motion
    }
}

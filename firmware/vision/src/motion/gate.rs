//! When a track is worth an alarm: the thresholds, all of them, and what is said when one is not reached.
//!
//! Every threshold only falls as the sensitivity rises, and nothing here acts back on the model: so a higher sensitivity reports
//! whatever a lower one does. Pure.

use super::sensitivity::Sensitivity;
use super::tracks::Track;
use super::unrest::CALM;
use super::verdict::Decision;
use super::zones::Perspective;

/// A blob of which more than this is explained by the background nearby may be that background, moved, Q8.
pub const EXPLAINED_Q8: u32 = 128;
/// A thing whose first sighting covers more than this share of the picture has not come in: something was switched. Per mille.
const SUDDEN_PER_MILLE: u32 = 20;
/// Dispersion around a thing from which its place is restless, grey levels: leaves, water, rain and snow have 10 to 30, any other
/// place 6 or 7.
pub const RESTLESS: u32 = 9;
/// What is so many times the smallest blob is no leaf, glint or flake, whatever its place.
const LARGE_TIMES: u32 = 8;
/// In a restless place the smallest blob grows by this share with each grey level …
const RESTLESS_SHARE: u32 = 8;
/// … up to this.
const RESTLESS_MAX: u32 = 24;
/// What may be background must travel this share of its smaller side, …
const TRAVEL_SIDES: u32 = 3;
/// … or, if it looks like background, half of the larger one, up to this, …
const TRAVEL_EXPLAINED_PX_MAX: u32 = 8;
/// … and at least so far, plane pixels, twice that if it looks like background, …
pub const TRAVEL_PX_MIN: u32 = 3;
/// … and a pixel more for each of so much unrest of its place.
const UNREST_PER_PX: u32 = 8;
/// In a restless place it must be large in so many of eight frames; elsewhere in two of three.
const LASTING_FRAMES: u32 = 4;
/// What covers less than one part in so many of its box is a strand, or a ring.
const THIN: u32 = 5;
/// What is steady may have this share of the smallest blob, in percent.
const STEADY_PERCENT: u32 = 54;
/// Only what is smaller than so many smallest blobs can be too fast, …
const FAST_TIMES: u32 = 4;
/// … at so many of its own sides a second in a restless place, …
const FAST_RESTLESS_SIDES: u64 = 6;
/// … and elsewhere.
const FAST_SIDES: u64 = 12;

/// What is smaller than so many smallest blobs …
const GLOWING_TIMES: u32 = 8;
/// … and brighter than its ground by so much, Q8, may at night be an insect that the infrared lamps light up: its way must be known.
const GLOWING_Q8: i32 = 30;

/// The frame that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Its time.
    pub now_us: u64,
    /// Whether the scene is still being learnt.
    pub is_learning: bool,
    /// Whether it is night.
    pub is_night: bool,
    /// Whether light passes over the whole picture: what is not known yet is taken for it.
    pub is_swept: bool,
}

/// What a zone asks of a track.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Smallest blob, plane pixels.
    pub px_min: u32,
    /// How easily it opens.
    pub sensitivity: Sensitivity,
    /// When.
    pub moment: Moment,
}

impl Gate {
    /// The same for a thing where this track stands: its lower edge is on the ground.
    pub fn at(self, track: &Track, perspective: Perspective, height: u16) -> Gate {
        Gate { px_min: perspective.scale(self.px_min, track.last.bounds.y2, height), ..self }
    }

    /// Whether the last sighting is large and distinct enough, with so many of its pixels in the zone.
    pub fn is_large(self, track: &Track, zone_px: u32) -> bool {
        let last = &track.last;
        let more =
            if track.known { 0 } else { self.restless(track).saturating_sub(RESTLESS).min(RESTLESS_MAX) };
        let is_large = zone_px >= self.px_min * (RESTLESS_SHARE + more) / RESTLESS_SHARE;
        let is_steady = zone_px * 100 >= self.px_min * STEADY_PERCENT && track.is_steady();
        let is_thin = last.px * THIN < last.bounds.wide() * last.bounds.high();
        let is_distinct = last.measure.contrast >= self.sensitivity.contrast_min();
        (is_large || is_steady) && !is_thin && is_distinct && !track.is_light()
    }

    /// How far the track must have travelled, plane pixels. `unrest` is that of its place, `plane_px` the whole picture.
    pub fn travel_min(self, track: &Track, unrest: u32, plane_px: u32) -> u32 {
        let (wide, high) = (track.last.bounds.wide(), track.last.bounds.high());
        let is_sudden = track.born_px * 1000 > plane_px * SUDDEN_PER_MILLE && !track.came_in;
        let is_plain = track.explained < EXPLAINED_Q8;
        let is_restless = self.is_restless(track, unrest);
        if is_plain && !is_sudden && !is_restless {
            return 0;
        }
        let of_size = match is_plain {
            true => (wide.min(high) / TRAVEL_SIDES).max(TRAVEL_PX_MIN),
            false => (wide.max(high) / 2).clamp(2 * TRAVEL_PX_MIN, TRAVEL_EXPLAINED_PX_MAX),
        };
        let of_place = unrest / UNREST_PER_PX + (self.restless(track) + 1).saturating_sub(RESTLESS);
        self.sensitivity.scale_travel(of_size + of_place)
    }

    /// Judges a track of which `bits` say in which of the last frames it was large in the zone.
    pub fn judge(self, track: &Track, bits: u8, unrest: u32, plane_px: u32) -> Decision {
        if track.is_light() || (self.moment.is_swept && !track.known) {
            return Decision::Light;
        }
        if bits & 1 == 0 {
            return Decision::TooSmall;
        }
        // What is known to move has persisted long before it comes into the zone.
        if !track.known {
            let glows = self.glows(track);
            if !self.lasts(track, bits, unrest) || (glows && !track.flight.is_measured()) {
                return Decision::TooShort;
            }
            if self.is_too_fast(track, unrest) || (glows && track.flight.is_insect()) {
                return Decision::TooFast;
            }
        }
        if track.far_px < self.travel_min(track, unrest, plane_px) {
            return Decision::NoTravel;
        }
        Decision::Motion
    }

    fn lasts(self, track: &Track, bits: u8, unrest: u32) -> bool {
        match self.is_restless(track, unrest) {
            true => bits.count_ones() >= LASTING_FRAMES,
            false => (bits & 0b111).count_ones() >= 2,
        }
    }

    fn is_too_fast(self, track: &Track, unrest: u32) -> bool {
        let sides = if self.is_restless(track, unrest) { FAST_RESTLESS_SIDES } else { FAST_SIDES };
        track.last.px < FAST_TIMES * self.px_min && track.is_fast(sides)
    }

    fn glows(self, track: &Track) -> bool {
        self.moment.is_night
            && track.last.px < GLOWING_TIMES * self.px_min
            && track.last.measure.change_q8 > GLOWING_Q8
    }

    fn is_restless(self, track: &Track, unrest: u32) -> bool {
        unrest >= CALM || self.restless(track) >= RESTLESS
    }

    /// How restless its place is, grey levels; what is large is no part of that.
    fn restless(self, track: &Track) -> u32 {
        match track.last.px >= LARGE_TIMES * self.px_min {
            true => 0,
            false => track.last.measure.sides.restless.into(),
        }
    }
}

//! Puts every track of a frame before the gates of all zones and gives the verdict: the most that any came to.
//!
//! Control flow over what is known, what flutters and what fired where; thresholds are the gate's. The reference gate does not
//! know the owner's settings: what it calls known is what the model holds still for.

use super::blobs::BLOB_PX_MIN;
use super::gate::{Gate, Moment};
use super::sensitivity::Sensitivity;
use super::tally::Tally;
use super::tracks::{Track, Tracks};
use super::unrest::Unrest;
use super::verdict::{Decision, Subject, Verdict};
use super::zones::{Config, Perspective, ZONES_MAX};
use crate::plane::PlaneSize;

/// The gate that tells what the model must hold still for, whatever the owner's settings: nothing may act back on the model.
const REFERENCE: Sensitivity = Sensitivity::DEFAULT;
/// What the unrest of every place is taken for while the scene is learnt: it may turn out to be a restless one.
const LEARNING_UNREST: u32 = 32;
/// For what is followed and is no known thing, its place's unrest rises by this, now and then.
const UNREST_STEP: u8 = 2;
/// What is known and stays for so long where it is, without being still, is a flag or a bush, and no thing.
const FLUTTER_US: u64 = 8_000_000;
/// Unrest of such a place: whatever moves there must go four pixels further for half a minute.
const FLUTTER_UNREST: u8 = 30;
/// A known thing that has not moved for so long rests.
const RESTING_US: u64 = 4_000_000;
/// In a zone what is smaller than the picture's smallest blob counts, from this part of the zone on: a small zone is drawn around
/// something small.
const ZONE_SHARE: u32 = 32;
/// What was found in a zone counts there until less than this part of the smallest blob is left: it is leaving.
const LEAVING_SHARE: u32 = 4;

/// What the tracks of one frame are judged by.
pub struct Judge {
    gates: [Option<Gate>; ZONES_MAX],
    reference: Gate,
    perspective: Perspective,
    size: PlaneSize,
    moment: Moment,
}

impl Judge {
    /// With the owner's settings. `zone_px` are the plane pixels of each zone.
    pub fn new(config: &Config, zone_px: &[u32; ZONES_MAX], size: PlaneSize, moment: Moment) -> Self {
        let px = size.pixels();
        let gate = |zone: usize| {
            let (sensitivity, blob_ppm_min) = config.gate(zone)?;
            let default = || sensitivity.blob_px_min(px).min((zone_px[zone] / ZONE_SHARE).max(BLOB_PX_MIN));
            let px_min = blob_ppm_min.map_or_else(default, |ppm| Sensitivity::of_plane(ppm, px));
            Some(Gate { px_min, sensitivity, moment })
        };
        Self {
            gates: core::array::from_fn(gate),
            reference: Gate { px_min: REFERENCE.blob_px_min(px), sensitivity: REFERENCE, moment },
            perspective: config.perspective,
            size,
            moment,
        }
    }

    /// Judges every track that this frame shows and notes in `tally` how far it came; `changes` are the frame's marked pixels.
    pub fn all(&self, tracks: &mut Tracks, unrest: &mut Unrest, tally: &mut Tally, changes: u32) -> Verdict {
        let mut best = Verdict { decision: Decision::Quiet, changes, ..Verdict::default() };
        for track in tracks.iter_mut().filter(|track| track.seen_now) {
            let here =
                if self.moment.is_learning { LEARNING_UNREST } else { unrest.within(track.last.bounds) };
            self.know(track, unrest, here);
            let (decision, subject) = self.furthest(track, here);
            tally.note(decision, subject, self.moment.now_us);
            let larger = best.subject.is_none_or(|best| subject.blob_px > best.blob_px);
            if decision > best.decision || (decision == best.decision && larger) {
                best = Verdict { decision, subject: Some(subject), ..best };
            }
        }
        best
    }

    /// Finds out whether a track is a thing, or no longer one, and lets its place learn from that.
    fn know(&self, track: &mut Track, unrest: &mut Unrest, here: u32) {
        if !track.known && self.moment.is_swept {
            return;
        }
        if !track.known {
            let bits = track.note_reference(self.reference.is_large(track, track.last.px));
            track.known = self.reference.judge(track, bits, here, self.plane_px()) == Decision::Motion;
        } else if self.stays_us(track) > FLUTTER_US && track.is_stirring() {
            track.forget();
            unrest.raise(track.last.bounds, FLUTTER_UNREST);
        }
        if !track.known && track.is_tiresome() {
            unrest.raise(track.last.bounds, UNREST_STEP);
        }
    }

    /// The most that a track comes to in any zone, and what it was held against there.
    fn furthest(&self, track: &mut Track, here: u32) -> (Decision, Subject) {
        let mut furthest = (Decision::Outside, Subject::of(track));
        for (zone, gate) in self.gates.iter().enumerate() {
            let Some(gate) = gate else { continue };
            let gate = gate.at(track, self.perspective, self.size.height);
            let decision = self.in_zone(track, zone, gate, here);
            if decision > furthest.0 {
                let travel_px_min = gate.travel_min(track, here, self.plane_px());
                furthest = (decision, Subject::of(track).held_against(zone, gate.px_min, travel_px_min));
            }
        }
        furthest
    }

    /// Judges a track in one zone; what it once was worth an alarm for it stays, until it rests.
    fn in_zone(&self, track: &mut Track, zone: usize, gate: Gate, here: u32) -> Decision {
        let zone_px = track.last.zone_px[zone];
        if zone_px == 0 {
            return Decision::Outside;
        }
        let bits = track.note_in_zone(zone, gate.is_large(track, zone_px));
        let decision = gate.judge(track, bits, here, self.plane_px());
        if decision == Decision::Motion {
            track.fired |= 1 << zone;
        }
        let has_fired = track.fired >> zone & 1 == 1;
        let goes_on = has_fired && zone_px >= gate.px_min / LEAVING_SHARE && !track.is_light();
        match goes_on {
            true if self.stays_us(track) > RESTING_US => Decision::Resting,
            true => Decision::Motion,
            false => decision,
        }
    }

    /// For how long it has been where it is.
    fn stays_us(&self, track: &Track) -> u64 {
        self.moment.now_us.saturating_sub(track.moved_us)
    }

    fn plane_px(&self) -> u32 {
        self.size.pixels() as u32
    }
}

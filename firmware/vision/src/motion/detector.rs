//! The front door: one detection plane in, one verdict out.
//!
//! Control flow over learning, scene changes and what is held still, by the caller's timestamps; the work on pixels, blobs and
//! tracks is done in the other files.

use super::blobs::{BLOB_PX_MIN, BLOBS_MAX, Blobs};
use super::gate::{Gate, TRAVEL_PX_MIN};
use super::inspect::{self, Measure, Planes};
use super::light::{GAIN_ONE, Light};
use super::model::{CHANGED, Floor, HELD, Marked, Model};
use super::opening;
use super::pace::Pace;
use super::sensitivity::Sensitivity;
use super::tracks::{RESTING_US, Sighting, Track, Tracks};
use super::unrest::Unrest;
use super::verdict::{Decision, Region, Subject, Verdict};
use super::zones::{Config, ZONES_MAX};
use crate::plane::{PLANE_PX_MAX, PLANE_SIDE_PX_MAX, PlaneSize};

/// A longer gap between frames means that the scene may be another one.
const GAP_US_MAX: u64 = 10_000_000;
/// Time after a scene change in which the background follows at once: exposure and white balance settle.
const SETTLING_US: u64 = 500_000;
/// Share of the plane that makes a scene change, in percent.
const SCENE_PERCENT: u64 = 60;
/// A change of the light in one frame that is a switch, not a camera's exposure at work: an eighth.
const SWITCHED: u16 = GAIN_ONE / 8;
/// A blob is light if in so many times more squares its texture is the background's than another, …
const ALIKE_TIMES: u32 = 2;
/// … or if it is large and its outline is softer than this share of its contrast (Q8).
const SHARPNESS_Q8: u32 = 80;
/// Smallest blob whose outline is asked, plane pixels: a small one has only outline.
const SOFT_PX_MIN: u32 = 80;
/// The gate that tells what the model must hold still for, whatever the owner's settings: nothing may act back on the model.
const REFERENCE: Sensitivity = Sensitivity::DEFAULT;
/// What the unrest of every place is taken for while the scene is learnt.
const LEARNING_UNREST: u32 = 32;
/// For what is followed and is no known thing, its place's unrest rises by this, now and then.
const UNREST_STEP: u8 = 2;

/// Finds motion in the detection planes of one camera.
///
/// About 820 KiB of fixed arrays (8 bytes for each pixel of the largest plane), all zero at first: `static` puts it into `.bss`;
/// `Box::new(Detector::new())` passes over the stack in a build without optimisation, so give that thread 4 MiB.
pub struct Detector {
    model: Model,
    floor: Floor,
    mask: [u8; PLANE_PX_MAX],
    scratch: [u8; PLANE_PX_MAX],
    zones: [u8; PLANE_PX_MAX],
    zone_px: [u32; ZONES_MAX],
    light: Light,
    blobs: Blobs,
    tracks: Tracks,
    unrest: Unrest,
    config: Config,
    pace: Pace,
    size: PlaneSize,
    /// Until when a scene change settles.
    settling_until_us: u64,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// A detector that has not seen a frame, at the default settings.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            model: Model::new(),
            floor: Floor::new(),
            mask: [0; PLANE_PX_MAX],
            scratch: [0; PLANE_PX_MAX],
            zones: [0; PLANE_PX_MAX],
            zone_px: [0; ZONES_MAX],
            light: Light::new(),
            blobs: Blobs::new(),
            tracks: Tracks::new(),
            unrest: Unrest::new(),
            config: Config::DEFAULT,
            pace: Pace::new(),
            size: PlaneSize { width: 0, height: 0 },
            settling_until_us: 0,
        }
    }

    /// Changes what counts as motion from the next frame on; nothing is forgotten.
    pub fn configure(&mut self, config: Config) {
        self.config = config;
        self.paint_zones();
        self.tracks.iter_mut().for_each(Track::forget_zones);
    }

    /// Judges one frame. `luma` holds `size.pixels()` bytes, rows tightly packed; `timestamp_us` is the capture time on
    /// any clock that does not jump. Another size, or a timestamp that goes back or ahead by more than 10 s, starts
    /// learning anew. A plane that does not fit its size, or the detector, is not looked at and counts as `Learning`.
    pub fn analyse(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) -> Verdict {
        let px = size.pixels();
        let longest = usize::from(size.width.max(size.height));
        if px == 0 || longest > PLANE_SIDE_PX_MAX || luma.len() != px {
            self.size = PlaneSize::default();
            return Verdict::default();
        }
        if size != self.size || !self.pace.goes_on(timestamp_us, GAP_US_MAX) {
            self.begin(luma, size, timestamp_us);
            return Verdict::default();
        }
        let steps = self.pace.step(timestamp_us);
        self.unrest.forget(timestamp_us);
        let width = usize::from(size.width);
        let gain = self.light.follow(luma, self.model.background_mut(px), width);
        let floor = self.floor.level();
        let marked = self.model.mark(luma, &mut self.mask[..px], floor, raise(gain));
        self.floor.learn(marked, px);
        if self.pace.blind(timestamp_us) {
            self.mask[..px].fill(0);
            self.model.learn(luma, &self.mask[..px], floor, steps);
            return Verdict::default();
        }
        if self.scene_changes(marked, gain, timestamp_us) {
            self.model.adopt(luma);
            self.tracks.clear();
            return Verdict {
                decision: Decision::SceneChange,
                changes: marked.changed,
                subject: None,
                tamper: None,
            };
        }
        opening::open(&mut self.mask[..px], &mut self.scratch[..px], width);
        let changes = self.blobs.find(&self.mask[..px], width);
        self.follow(luma, timestamp_us);
        let verdict = self.judge(changes, timestamp_us);
        self.hold();
        self.model.learn(luma, &self.mask[..px], floor, steps);
        verdict
    }

    fn begin(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) {
        self.model.begin(luma);
        self.size = size;
        self.pace.begin(timestamp_us);
        self.settling_until_us = 0;
        self.tracks.clear();
        self.unrest.clear(timestamp_us);
        self.paint_zones();
    }

    fn paint_zones(&mut self) {
        let zones = &mut self.zones[..self.size.pixels()];
        self.config.paint(self.size, zones);
        self.zone_px = [0; ZONES_MAX];
        for bits in zones {
            self.zone_px.iter_mut().enumerate().for_each(|(zone, px)| *px += u32::from(*bits >> zone & 1));
        }
    }

    fn scene_changes(&mut self, marked: Marked, gain: u16, now_us: u64) -> bool {
        let most = u64::from(marked.changed) * 100 > self.size.pixels() as u64 * SCENE_PERCENT;
        if most || gain.abs_diff(GAIN_ONE) > SWITCHED {
            self.settling_until_us = now_us + SETTLING_US;
        }
        now_us < self.settling_until_us
    }

    /// Measures the blobs and continues the tracks with them.
    fn follow(&mut self, luma: &[u8], now_us: u64) {
        let px = self.size.pixels();
        let planes = Planes {
            luma,
            background: self.model.background(px),
            mask: &self.mask[..px],
            zones: &self.zones[..px],
            width: usize::from(self.size.width),
            noise: NOISE,
        };
        let mut sightings = [Sighting::default(); BLOBS_MAX];
        let found = self.blobs.found();
        for (sighting, &shape) in sightings.iter_mut().zip(found) {
            let measure = inspect::measure(planes, shape);
            *sighting = Sighting {
                px: shape.px,
                bounds: shape.bounds,
                zone_px: measure.zone_px,
                contrast: measure.contrast,
                is_light: is_light(&measure, shape.px),
                explained: measure.explained,
            };
        }
        self.tracks.follow(&sightings[..found.len()], self.frame(), now_us);
    }

    fn frame(&self) -> Region {
        Region { x1: 0, y1: 0, x2: self.size.width, y2: self.size.height }
    }

    /// Puts every track before the gates of all zones; the verdict is the most that any came to.
    fn judge(&mut self, changes: u32, now_us: u64) -> Verdict {
        let mut best = Verdict { decision: Decision::Quiet, changes, subject: None, tamper: None };
        let plane_px = self.size.pixels() as u32;
        let learning = self.pace.learning(now_us);
        let gates: [Option<Gate>; ZONES_MAX] = core::array::from_fn(|zone| self.gate(zone));
        let reference = Gate { px_min: REFERENCE.blob_px_min(self.size.pixels()), sensitivity: REFERENCE };
        for track in self.tracks.iter_mut() {
            if !track.seen_now {
                continue;
            }
            // While the scene is learnt every place may turn out to be a restless one.
            let unrest = if learning { LEARNING_UNREST } else { self.unrest.within(track.last.bounds) };
            if !track.known {
                let bits = track.note_reference(reference.is_large(track, track.last.px));
                track.known = reference.judge(track, bits, unrest, plane_px) == Decision::Motion;
            }
            if !track.known && track.is_tiresome() {
                self.unrest.raise(track.last.bounds, UNREST_STEP);
            }
            let mut furthest = (Decision::Outside, Subject::of(track));
            for (zone, gate) in gates.iter().enumerate() {
                let Some(gate) = gate else { continue };
                let gate = gate.at(track, self.config.perspective, self.size.height);
                let decision = judge_in_zone(track, zone, gate, unrest, plane_px, now_us);
                if decision > furthest.0 {
                    let travel_px_min = gate.travel_min(track, unrest, plane_px);
                    furthest = (decision, Subject::of(track).held_against(zone, gate.px_min, travel_px_min));
                }
            }
            let larger = best.subject.is_none_or(|subject| furthest.1.blob_px > subject.blob_px);
            if furthest.0 > best.decision || (furthest.0 == best.decision && larger) {
                best = Verdict { decision: furthest.0, changes, subject: Some(furthest.1), tamper: None };
            }
        }
        best
    }

    fn gate(&self, zone: usize) -> Option<Gate> {
        let (sensitivity, blob_ppm_min) = self.config.gate(zone)?;
        let px = self.size.pixels();
        // A small zone is drawn around something small.
        let default = || sensitivity.blob_px_min(px).min((self.zone_px[zone] / ZONE_SHARE).max(BLOB_PX_MIN));
        let px_min = blob_ppm_min.map_or_else(default, |ppm| Sensitivity::of_plane(ppm, px));
        Some(Gate { px_min, sensitivity })
    }

    /// Tells the model which pixels belong to known things.
    fn hold(&mut self) {
        let width = usize::from(self.size.width);
        // What never went anywhere may be a place that something left: it becomes background soon.
        let held = |track: &&mut Track| track.known && track.seen_now && track.far_px >= TRAVEL_PX_MIN;
        for track in self.tracks.iter_mut().filter(held) {
            let bounds = track.last.bounds;
            for y in usize::from(bounds.y1)..usize::from(bounds.y2) {
                let row = &mut self.mask[y * width..][usize::from(bounds.x1)..usize::from(bounds.x2)];
                row.iter_mut().filter(|mark| **mark == CHANGED).for_each(|mark| *mark = HELD);
            }
        }
    }
}

/// In a zone what is smaller than the picture's smallest blob counts, from this part of the zone on.
const ZONE_SHARE: u32 = 32;
/// What was found in a zone counts there until less than this part of the smallest blob is left.
const LEAVING_SHARE: u32 = 4;
/// Differences between neighbouring background pixels that are noise, grey levels.
const NOISE: u8 = 4;

/// Raises the threshold while the light changes: no gain fits every pixel. A level for each 1/32 of the gain.
fn raise(gain: u16) -> u8 {
    (gain.abs_diff(GAIN_ONE) / (GAIN_ONE / 32)).min(32) as u8
}

fn is_light(measure: &Measure, px: u32) -> bool {
    let is_lit = measure.alike > 0 && measure.alike >= ALIKE_TIMES * measure.unlike;
    is_lit || (px >= SOFT_PX_MIN && measure.sharpness < SHARPNESS_Q8)
}

/// Judges a track in one zone; what it once was worth an alarm for it stays, until it rests.
fn judge_in_zone(
    track: &mut Track,
    zone: usize,
    gate: Gate,
    unrest: u32,
    plane_px: u32,
    now_us: u64,
) -> Decision {
    let zone_px = track.last.zone_px[zone];
    if zone_px == 0 {
        return Decision::Outside;
    }
    let is_large = gate.is_large(track, zone_px);
    let bits = track.note_in_zone(zone, is_large);
    let decision = gate.judge(track, bits, unrest, plane_px);
    if decision == Decision::Motion {
        track.fired |= 1 << zone;
    }
    let has_fired = track.fired >> zone & 1 == 1;
    // What is known goes on counting while it leaves the zone.
    let goes_on = has_fired && zone_px >= gate.px_min / LEAVING_SHARE && !track.last.is_light;
    match goes_on {
        true if now_us.saturating_sub(track.moved_us) > RESTING_US => Decision::Resting,
        true => Decision::Motion,
        false => decision,
    }
}

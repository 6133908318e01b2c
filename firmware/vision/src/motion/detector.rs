//! The front door: one detection plane in, one verdict out.
//!
//! Control flow over learning, scene changes and what is held still, by the caller's timestamps; the work on pixels, blobs and
//! tracks is done in the other files.

use super::blobs::{BLOBS_MAX, Blobs};
use super::gate::Moment;
use super::inspect::Planes;
use super::judge::Judge;
use super::light::{GAIN_ONE, Light};
use super::model::{Floor, HELD, Marked, Model, WATCHED};
use super::opening;
use super::pace::Pace;
use super::relight::Relight;
use super::sighting::Sighting;
use super::tally::Tally;
use super::tamper_watch::{Signs, TamperWatch};
use super::tracks::{Track, Tracks};
use super::tripwire::{Count, TRIPWIRES_MAX, Tripwires};
use super::unrest::{CALM, Unrest};
use super::upheaval::{Course, Upheaval, Whole};
use super::verdict::{Decision, Region, Subject, Verdict};
use super::zones::{Config, ZONES_MAX};
use crate::plane::{PLANE_PX_MAX, PLANE_SIDE_PX_MAX, PlaneSize};

/// A longer gap between frames means that the scene may be another one.
const GAP_US_MAX: u64 = 10_000_000;
/// Around a thing pixels are held as well that the opening took from it, plane pixels.
const HELD_RIM_PX: usize = 2;
/// What began inside the picture, where the unrest is this high, belongs to the place: waves, a flag. The model learns it.
const LOCAL_UNREST: u32 = 12;
/// For so long a thing that is not seen is taken to be where it was.
const BRIDGED_US: u64 = 200_000;
/// Squares are looked at for light from this part of the noise floor on.
const LIT_FLOOR_PART: u8 = 2;

/// Finds motion in the detection planes of one camera.
///
/// About 840 KiB of fixed arrays (8 bytes for each pixel of the largest plane), all zero at first: `static` puts it into `.bss`;
/// `Box::new(Detector::new())` passes over the stack in a build without optimisation, so give that thread 4 MiB.
pub struct Detector {
    model: Model,
    floor: Floor,
    mask: [u8; PLANE_PX_MAX],
    scratch: [u8; PLANE_PX_MAX],
    zones: [u8; PLANE_PX_MAX],
    zone_px: [u32; ZONES_MAX],
    light: Light,
    relight: Relight,
    tamper: TamperWatch,
    blobs: Blobs,
    tracks: Tracks,
    tripwires: Tripwires,
    tally: Tally,
    unrest: Unrest,
    config: Config,
    pace: Pace,
    size: PlaneSize,
    upheaval: Upheaval,
    /// The last thing that was motion, and when.
    moved: Option<(u64, Subject)>,
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
            relight: Relight::new(),
            tamper: TamperWatch::new(),
            blobs: Blobs::new(),
            tracks: Tracks::new(),
            tripwires: Tripwires::new(),
            tally: Tally::new(),
            unrest: Unrest::new(),
            config: Config::DEFAULT,
            pace: Pace::new(),
            size: PlaneSize { width: 0, height: 0 },
            upheaval: Upheaval::new(),
            moved: None,
        }
    }

    /// Changes what counts as motion from the next frame on; nothing is forgotten.
    pub fn configure(&mut self, config: Config) {
        self.tripwires.change(&self.config.tripwires, &config.tripwires);
        self.config = config;
        self.paint_zones();
        self.tracks.iter_mut().for_each(Track::forget_zones);
    }

    /// Says that a lamp or a filter is about to be switched that lights the whole picture: for two seconds what changes is the scene, and
    /// nothing is motion. `now_us` is of the clock of the frames. Tampering is held against how the picture looks afterwards, unless there
    /// is some already.
    pub fn expect_switch(&mut self, now_us: u64) {
        self.upheaval.announce(now_us);
        self.tamper.begin_anew(now_us);
        self.moved = None;
    }

    /// Judges one frame. `luma` holds `size.pixels()` bytes, rows tightly packed; `timestamp_us` is the capture time on
    /// any clock that does not jump. Another size, or a timestamp that goes back or ahead by more than 10 s, starts
    /// learning anew. A plane that does not fit its size, or the detector, is not looked at and counts as `Learning`.
    pub fn analyse(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) -> Verdict {
        let verdict = self.look(luma, size, timestamp_us);
        self.tally.end_frame(verdict.decision, &self.tracks);
        let crossings = self.tripwires.follow(&self.config.tripwires, &self.tracks, self.size);
        Verdict { crossings, ..verdict }
    }

    /// What crossed each tripwire since it was drawn.
    #[must_use]
    pub fn counts(&self) -> [Count; TRIPWIRES_MAX] {
        self.tripwires.counts()
    }

    /// How often what was decided, and about what.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The judgement of one frame, without what is only counted.
    fn look(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) -> Verdict {
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
        let tamper = self.tamper.look(luma, usize::from(size.width), timestamp_us);
        Verdict { tamper, ..self.detect(luma, timestamp_us) }
    }

    /// What the picture last looked like beside what it has long been: why tampering is reported, or is not.
    #[must_use]
    pub fn tamper_signs(&self) -> Signs {
        self.tamper.signs()
    }

    /// The marks of the last frame, a byte for each pixel of its plane: 0 where it shows the background.
    #[must_use]
    pub fn marks(&self) -> &[u8] {
        &self.mask[..self.size.pixels()]
    }

    /// Looks for motion in a frame that goes on from the last.
    fn detect(&mut self, luma: &[u8], now_us: u64) -> Verdict {
        let (px, width) = (luma.len(), usize::from(self.size.width));
        let steps = self.pace.step(now_us);
        self.unrest.forget(now_us);
        let gain = self.light.follow(luma, self.model.background_mut(px), width);
        let floor = self.floor.level();
        let (mask, scratch) = (&mut self.mask[..px], &mut self.scratch[..px]);
        self.model.show(scratch);
        self.relight.follow(luma, mask, scratch, width, floor / LIT_FLOOR_PART, now_us);
        let marked = self.model.mark(luma, scratch, mask, floor, raise(gain));
        self.floor.learn(marked, px);
        if self.pace.blind(now_us) {
            mask.fill(0);
            scratch.fill(0);
            self.model.learn(luma, mask, scratch, floor, steps);
            return Verdict::default();
        }
        let course = self.upheaval.follow(self.whole(marked), now_us);
        if course == Course::Switch {
            self.model.adopt(luma);
            self.tracks.clear();
            let changes = marked.changed;
            return Verdict { decision: Decision::SceneChange, changes, ..Verdict::default() };
        }
        let is_swept = course == Course::Sweep;
        let (mask, scratch) = (&mut self.mask[..px], &mut self.scratch[..px]);
        opening::open(mask, scratch, width);
        let changes = self.blobs.find(mask, width);
        self.relight.paint(scratch, width);
        self.follow(luma, now_us);
        let is_learning = self.pace.learning(now_us);
        let moment = Moment { now_us, is_learning, is_night: self.light.is_night(), is_swept };
        let judge = Judge::new(&self.config, &self.zone_px, self.size, moment);
        let verdict = judge.all(&mut self.tracks, &mut self.unrest, &mut self.tally, changes);
        let verdict = self.bridge(verdict, now_us);
        self.hold(is_swept);
        self.model.learn(luma, &self.mask[..px], &self.scratch[..px], floor, steps);
        verdict
    }

    fn begin(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) {
        self.model.begin(luma);
        self.size = size;
        self.pace.begin(timestamp_us);
        self.upheaval = Upheaval::new();
        self.moved = None;
        self.tracks.clear();
        self.unrest.clear(timestamp_us);
        self.relight.begin();
        self.tamper.begin(timestamp_us);
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

    /// What this frame is like as a whole.
    fn whole(&self, marked: Marked) -> Whole {
        Whole {
            px: self.size.pixels(),
            changed_px: marked.changed,
            known_px: self.tracks.iter().filter(|track| track.known).map(|track| track.last.px).sum(),
            tiles: self.relight.tiles(),
            is_switched: self.light.is_switched(),
        }
    }

    /// Measures the blobs and continues the tracks with them. The scratch plane holds where the light changes.
    fn follow(&mut self, luma: &[u8], now_us: u64) {
        let px = luma.len();
        let planes = Planes {
            luma,
            background: self.model.background(px),
            dispersion: self.model.dispersion(px),
            mask: &self.mask[..px],
            zones: &self.zones[..px],
            lit: &self.scratch[..px],
            width: usize::from(self.size.width),
        };
        let unsteady = self.relight.is_unsteady(now_us);
        let mut sightings = [Sighting::default(); BLOBS_MAX];
        let found = self.blobs.found();
        for (sighting, &shape) in sightings.iter_mut().zip(found) {
            *sighting = Sighting::of(planes, shape, unsteady);
        }
        let frame = Region { x1: 0, y1: 0, x2: self.size.width, y2: self.size.height };
        self.tracks.follow(&sightings[..found.len()], frame, now_us);
    }

    /// A thing that is hidden, or cannot be told from its ground, for a fifth of a second is still there.
    fn bridge(&mut self, verdict: Verdict, now_us: u64) -> Verdict {
        if let (Decision::Motion, Some(subject)) = (verdict.decision, verdict.subject) {
            self.moved = Some((now_us, subject));
            return verdict;
        }
        let is_there = |&(seen_us, subject): &(u64, Subject)| {
            let lives = |track: &Track| track.number == subject.track && track.fired != 0;
            now_us.saturating_sub(seen_us) <= BRIDGED_US && self.tracks.iter().any(lives)
        };
        self.moved = self.moved.filter(is_there);
        match self.moved {
            Some((_, subject)) if verdict.decision != Decision::Resting => {
                Verdict { decision: Decision::Motion, subject: Some(subject), ..verdict }
            }
            _ => verdict,
        }
    }

    /// Tells the model which pixels belong to things, and which may; while light passes over the picture, all that differ.
    fn hold(&mut self, is_swept: bool) {
        let (width, height) = (usize::from(self.size.width), usize::from(self.size.height));
        for track in self.tracks.iter_mut().filter(|track| track.seen_now) {
            let unrest = self.unrest.within(track.last.bounds);
            let is_local = !track.came_in && unrest >= LOCAL_UNREST;
            let mark = match (track.is_held() && !is_local, track.is_plain() && unrest < CALM) {
                (true, _) => HELD,
                (false, true) => WATCHED,
                (false, false) => continue,
            };
            let [x1, y1, x2, y2] = track.last.bounds.sides().map(usize::from);
            let columns = x1.saturating_sub(HELD_RIM_PX)..(x2 + HELD_RIM_PX).min(width);
            for y in y1.saturating_sub(HELD_RIM_PX)..(y2 + HELD_RIM_PX).min(height) {
                let row = &mut self.mask[y * width..][columns.clone()];
                row.iter_mut().filter(|was| **was != HELD).for_each(|was| *was = mark);
            }
        }
        if is_swept {
            let marks = &mut self.mask[..self.size.pixels()];
            marks.iter_mut().filter(|was| **was != 0).for_each(|was| *was = HELD);
        }
    }
}

/// Raises the threshold while the light changes: no gain fits every pixel. A level for each 1/32 of the gain.
fn raise(gain: u16) -> u8 {
    (gain.abs_diff(GAIN_ONE) / (GAIN_ONE / 32)).min(32) as u8
}

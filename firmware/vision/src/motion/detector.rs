//! The front door: one detection plane in, one verdict out.
//!
//! Control flow over learning, scene changes and persistence, by the caller's timestamps; the per-pixel work is done in
//! the other files.
use super::blobs::{Blobs, Found};
use super::light;
use super::model::{self, Steps};
use super::opening;
use super::sensitivity::Sensitivity;
use super::verdict::{Decision, Verdict};
use crate::plane::{PLANE_PX_MAX, PlaneSize};

/// Time at the start in which nothing is reported: exposure settles, swaying things show their range.
const LEARNING_US: u64 = 1_500_000;
/// Frames that learning takes at least, for slow cameras.
const LEARNING_FRAMES_MIN: u32 = 8;
/// A longer gap between frames means that the scene may be another one.
const GAP_US_MAX: u64 = 10_000_000;
/// Time after a scene change in which the background follows at once: exposure and white balance settle.
const SETTLING_US: u64 = 500_000;
/// Share of the plane that makes a scene change, in percent.
const SCENE_PERCENT: u32 = 60;
/// Frames per step down of the dispersion.
const DECAY_FRAMES: u32 = 8;

/// Learning goes faster both ways: what sways all the time gets its dispersion within a second, what passes once while
/// the detector starts is half forgotten when it ends.
const LEARN: Steps = Steps { follow: 2, attack: 6, decay: 2 };

/// Finds motion in the detection planes of one camera.
///
/// About 410 KiB of fixed arrays, all zero at first: `static` puts it into `.bss`; `Box::new(Detector::new())` passes
/// over the stack in a build without optimisation, so give that thread 2 MiB.
pub struct Detector {
    background: [u8; PLANE_PX_MAX],
    dispersion: [u8; PLANE_PX_MAX],
    mask: [u8; PLANE_PX_MAX],
    scratch: [u8; PLANE_PX_MAX],
    blobs: Blobs,
    sensitivity: Sensitivity,
    size: PlaneSize,
    /// Frames since learning began.
    frames: u32,
    began_us: u64,
    last_us: u64,
    /// Until when a scene change settles.
    settling_until_us: u64,
    /// Whether the last frames had a large blob; the lowest bit is the newest.
    history: u8,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// A detector that has not seen a frame, at the default sensitivity.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            background: [0; PLANE_PX_MAX],
            dispersion: [0; PLANE_PX_MAX],
            mask: [0; PLANE_PX_MAX],
            scratch: [0; PLANE_PX_MAX],
            blobs: Blobs::new(),
            sensitivity: Sensitivity::DEFAULT,
            size: PlaneSize { width: 0, height: 0 },
            frames: 0,
            began_us: 0,
            last_us: 0,
            settling_until_us: 0,
            history: 0,
        }
    }

    /// Changes the sensitivity from the next frame on; nothing is forgotten.
    pub fn configure(&mut self, sensitivity: Sensitivity) {
        self.sensitivity = sensitivity;
    }

    /// Judges one frame. `luma` holds `size.pixels()` bytes, rows tightly packed; `timestamp_us` is the capture time on
    /// any clock that does not jump. Another size, or a timestamp that goes back or ahead by more than 10 s, starts
    /// learning anew. A plane that does not fit its size, or the detector, is not looked at and counts as `Learning`.
    pub fn analyse(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) -> Verdict {
        let px = size.pixels();
        if px == 0 || px > PLANE_PX_MAX || luma.len() != px {
            self.size = PlaneSize::default();
            return Verdict::default();
        }
        let gap = timestamp_us.checked_sub(self.last_us);
        self.last_us = timestamp_us;
        if size != self.size || gap.is_none_or(|gap| gap > GAP_US_MAX) {
            self.begin(luma, size, timestamp_us);
            return Verdict::default();
        }
        self.frames = self.frames.saturating_add(1);
        let learning = self.frames < LEARNING_FRAMES_MIN || timestamp_us - self.began_us < LEARNING_US;
        let steps = if learning { LEARN } else { self.steps() };
        let margin = self.sensitivity.margin();
        light::follow(luma, &mut self.background[..px]);
        let changed = model::update(
            luma,
            &mut self.background[..px],
            &mut self.dispersion[..px],
            &mut self.mask[..px],
            steps,
            margin,
        );
        if learning {
            return Verdict::default();
        }
        if u64::from(changed) * 100 > px as u64 * u64::from(SCENE_PERCENT) {
            self.settling_until_us = timestamp_us + SETTLING_US;
        }
        if timestamp_us < self.settling_until_us {
            self.background[..px].copy_from_slice(luma);
            self.history = 0;
            return Verdict { decision: Decision::SceneChange, changes: changed, ..Verdict::default() };
        }
        self.judge(px)
    }

    fn steps(&self) -> Steps {
        Steps { follow: 1, attack: 2, decay: u8::from(self.frames.is_multiple_of(DECAY_FRAMES)) }
    }

    fn begin(&mut self, luma: &[u8], size: PlaneSize, timestamp_us: u64) {
        let px = size.pixels();
        model::begin(luma, &mut self.background[..px], &mut self.dispersion[..px]);
        self.size = size;
        self.began_us = timestamp_us;
        self.settling_until_us = 0;
        self.frames = 0;
        self.history = 0;
    }

    fn judge(&mut self, px: usize) -> Verdict {
        let width = usize::from(self.size.width);
        opening::open(&mut self.mask[..px], &mut self.scratch[..px], width);
        let Found { changes, blob_px, region } = self.blobs.largest(&self.mask[..px], width);
        let large = blob_px > 0 && blob_px >= self.sensitivity.blob_px_min(px);
        self.history = (self.history << 1 | u8::from(large)) & 0b111;
        let decision = match (large, self.history.count_ones()) {
            (_, 2..) => Decision::Motion,
            (true, _) => Decision::TooShort,
            (false, _) if changes > 0 => Decision::TooSmall,
            (false, _) => Decision::Quiet,
        };
        Verdict { decision, changes, blob_px, region }
    }
}

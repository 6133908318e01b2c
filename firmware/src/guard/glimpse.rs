//! The last frame as the detector saw it, for whoever looks at the moment.
//!
//! Only while somebody looks does the motion thread copy its plane, into memory that is there from the start; and it never waits: what
//! comes while the copy is being read passes by. Must not decide anything, nor know who looks.

use super::shared::lock;
use crate::ring::Meta;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use vision::motion::{Subject, Verdict};
use vision::{PLANE_PX_MAX, PlaneSize};

/// For so long after a question somebody is taken to be looking. A console asks several times a second; emulation is slow.
const LOOKING_US: u64 = 5_000_000;

/// See the module.
pub struct Glimpse {
    looked_until_us: AtomicU64,
    tested_until_us: AtomicU64,
    scene: Mutex<Scene>,
}

/// A frame's plane with the detector's marks and verdict.
pub struct Scene {
    luma: Box<[u8]>,
    marks: Box<[u8]>,
    /// The plane's size.
    pub size: PlaneSize,
    /// The frame's width and height in pixels.
    pub frame_px: (u32, u32),
    /// What was said of it.
    pub now: Said,
    /// What came furthest since somebody asked.
    pub furthest: Option<Said>,
    /// Frames taken since the start.
    pub frames: u64,
}

/// A verdict with its time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// Of this frame.
    pub verdict: Verdict,
    /// The frame's time.
    pub timestamp_us: u64,
}

impl Default for Glimpse {
    fn default() -> Glimpse {
        let plane = || vec![0; PLANE_PX_MAX].into_boxed_slice();
        let scene = Scene {
            luma: plane(),
            marks: plane(),
            size: PlaneSize::default(),
            frame_px: (0, 0),
            now: Said::default(),
            furthest: None,
            frames: 0,
        };
        Glimpse {
            looked_until_us: AtomicU64::new(0),
            tested_until_us: AtomicU64::new(0),
            scene: Mutex::new(scene),
        }
    }
}

impl Glimpse {
    /// A frame was judged. One atomic read while nobody looks.
    pub fn offer(&self, luma: &[u8], marks: &[u8], size: PlaneSize, meta: &Meta, verdict: Verdict) {
        if meta.timestamp_us >= self.looked_until_us.load(Ordering::Relaxed) {
            return;
        }
        if let Ok(mut scene) = self.scene.try_lock() {
            scene.take(luma, marks, size, meta, verdict);
        }
    }

    /// Somebody looks.
    pub fn look(&self, now_us: u64) -> MutexGuard<'_, Scene> {
        self.looked_until_us.store(now_us + LOOKING_US, Ordering::Relaxed);
        lock(&self.scene)
    }

    /// Whether who looks tries how well motion is seen. That ends by itself as well.
    pub fn test(&self, is_test: bool, now_us: u64) {
        let until_us = if is_test { now_us + LOOKING_US } else { 0 };
        self.tested_until_us.store(until_us, Ordering::Relaxed);
    }

    /// Whether somebody does: then motion gives no alarm.
    pub fn is_tested(&self, now_us: u64) -> bool {
        now_us < self.tested_until_us.load(Ordering::Relaxed)
    }
}

impl Scene {
    fn take(&mut self, luma: &[u8], marks: &[u8], size: PlaneSize, meta: &Meta, verdict: Verdict) {
        let px = size.pixels().min(PLANE_PX_MAX).min(luma.len());
        self.luma[..px].copy_from_slice(&luma[..px]);
        // A detector that refused the plane has no marks.
        let marked_px = px.min(marks.len());
        self.marks[..marked_px].copy_from_slice(&marks[..marked_px]);
        self.marks[marked_px..px].fill(0);
        self.size = size;
        self.frame_px = (meta.width, meta.height);
        self.now = Said { verdict, timestamp_us: meta.timestamp_us };
        if self.furthest.is_none_or(|before| reached(verdict) > reached(before.verdict)) {
            self.furthest = Some(self.now);
        }
        self.frames += 1;
    }

    /// The grey plane, rows tightly packed.
    pub fn luma(&self) -> &[u8] {
        &self.luma[..self.size.pixels()]
    }

    /// The detector's marks, as the plane.
    pub fn marks(&self) -> &[u8] {
        &self.marks[..self.size.pixels()]
    }
}

/// How far the subject came, and how large it was then.
fn reached(verdict: Verdict) -> (vision::motion::Decision, u32) {
    (verdict.decision, verdict.subject.map_or(0, |subject: Subject| subject.blob_px))
}

#[cfg(test)]
mod tests {
    use super::{Glimpse, LOOKING_US, Meta, PlaneSize, Subject, Verdict};
    use vision::motion::Decision;

    const SIZE: PlaneSize = PlaneSize { width: 4, height: 2 };

    fn offer(glimpse: &Glimpse, timestamp_us: u64, grey: u8, decision: Decision, blob_px: u32) {
        let meta = Meta { width: 32, height: 16, timestamp_us, ..Meta::default() };
        let subject = Some(Subject { blob_px, ..Subject::default() });
        glimpse.offer(&[grey; 8], &[1; 8], SIZE, &meta, Verdict { decision, subject, ..Verdict::default() });
    }

    #[test]
    fn frames_are_copied_only_while_somebody_looks_and_nobody_waits() {
        let glimpse = Glimpse::default();
        offer(&glimpse, 1, 10, Decision::Quiet, 0);
        assert_eq!(glimpse.look(1).frames, 0, "nobody looked");
        offer(&glimpse, 2, 20, Decision::Quiet, 0);
        {
            let scene = glimpse.look(3);
            assert_eq!((scene.frames, scene.luma(), scene.frame_px), (1, &[20; 8][..], (32, 16)));
            offer(&glimpse, 4, 30, Decision::Quiet, 0);
        }
        assert_eq!(glimpse.look(5).frames, 1, "it passed by while the copy was read");
        offer(&glimpse, 5 + LOOKING_US, 40, Decision::Quiet, 0);
        assert_eq!(glimpse.look(6).luma(), &[20; 8], "the one who looked has gone");
    }

    #[test]
    fn what_came_furthest_is_kept_until_it_was_told() {
        let glimpse = Glimpse::default();
        drop(glimpse.look(0));
        for (at, (decision, blob_px)) in [
            (Decision::TooSmall, 9),
            (Decision::TooShort, 30),
            (Decision::TooShort, 40),
            (Decision::Quiet, 0),
        ]
        .into_iter()
        .enumerate()
        {
            offer(&glimpse, at as u64, 0, decision, blob_px);
        }
        let mut scene = glimpse.look(9);
        let furthest = scene.furthest.take().expect("one").verdict;
        assert_eq!((furthest.decision, furthest.subject.map(|s| s.blob_px)), (Decision::TooShort, Some(40)));
        assert_eq!(scene.now.verdict.decision, Decision::Quiet);
    }

    #[test]
    fn a_test_ends_by_itself() {
        let glimpse = Glimpse::default();
        assert!(!glimpse.is_tested(0));
        glimpse.test(true, 7);
        assert!(glimpse.is_tested(8) && !glimpse.is_tested(7 + LOOKING_US));
        glimpse.test(false, 9);
        assert!(!glimpse.is_tested(9));
    }
}

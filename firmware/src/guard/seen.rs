//! What the motion thread lets others know: counts, subjects, tampering, light; and the words for `why`.
//!
//! Plain data, written by the motion thread and read by the control thread. It must not decide anything.

use super::ambient::LightSeen;
use super::drawn::Drawn;
use super::tampering::Tampering;
use crate::control::{Explained, LineCount, TamperStatus, ThingCount, Why};
use vision::motion::{Count, Decision, Occasion, TRIPWIRES_MAX, Tally};

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// What the detector decided, counted.
    pub tally: Tally,
    /// What crossed the tripwires.
    pub counts: [Count; TRIPWIRES_MAX],
    /// The zones and lines in force.
    pub drawn: Drawn,
    /// Pixels of the detection plane.
    pub plane_px: u32,
    /// The last event's number, and what it began with, if that was motion.
    pub event: Option<(u64, Option<Occasion>)>,
    /// What is done to the camera.
    pub tampering: Tampering,
    /// The light, if anything depends on it.
    pub light: Option<LightSeen>,
}

impl Seen {
    /// The tripwires that there are, with their counts.
    pub fn lines(&self, are_drawn: [bool; TRIPWIRES_MAX]) -> Vec<LineCount> {
        let lines = (1..).zip(self.counts).zip(are_drawn).filter(|(_, is_drawn)| *is_drawn);
        lines.map(|((number, Count { inward, outward }), _)| LineCount { number, inward, outward }).collect()
    }

    /// What is done to the camera.
    pub fn tamper_status(&self, now_us: u64) -> TamperStatus {
        TamperStatus {
            now: self.tampering.now().map(|(kind, _)| kind.to_string()),
            for_ms: self.tampering.now().map_or(0, |(_, since_us)| now_us.saturating_sub(since_us) / 1000),
            counts: self.tampering.counts().map(|(kind, count)| (kind.word().into(), count)).collect(),
        }
    }

    /// The answer to `why`.
    pub fn why(&self, now_us: u64, armed: bool) -> Why {
        let explain = |occasion: Occasion| self.explain(occasion, now_us);
        let things = |decision: Decision| ThingCount {
            what: thing_words(decision).into(),
            count: self.tally.things(decision),
            last_ago_ms: self.tally.last(decision).map(|last| ago_ms(last, now_us)),
        };
        let counted = |decision: &&Decision| self.tally.things(**decision) > 0;
        Why {
            armed,
            armed_why: String::new(),
            event: self.event.map(|(number, _)| number),
            event_subject: self.event.and_then(|(_, occasion)| occasion).map(explain),
            motion: self.tally.last(Decision::Motion).map(explain),
            suppressed: self.tally.last_suppressed().map(explain),
            things: Decision::ALL.iter().filter(counted).map(|&decision| things(decision)).collect(),
            frames: Decision::ALL
                .iter()
                .map(|&decision| (decision.word().into(), self.tally.frames(decision)))
                .filter(|(_, frames)| *frames > 0)
                .collect(),
            plane_px: self.plane_px,
        }
    }

    /// One thing in words and numbers.
    pub(super) fn explain(&self, occasion: Occasion, now_us: u64) -> Explained {
        let subject = occasion.subject;
        Explained {
            sentence: occasion.decision.to_string(),
            ago_ms: ago_ms(occasion, now_us),
            is_judged: subject.zone.is_some(),
            zone: subject.zone.and_then(|zone| self.drawn.zone_number(zone)),
            blob_px: subject.blob_px,
            blob_px_min: subject.blob_px_min,
            travel_px: subject.travel_px,
            travel_px_min: subject.travel_px_min,
            contrast: subject.contrast,
        }
    }
}

fn ago_ms(occasion: Occasion, now_us: u64) -> u64 {
    now_us.saturating_sub(occasion.timestamp_us) / 1000
}

/// What the things were that came so far and no further, to follow their number.
fn thing_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Outside => "outside of where motion counts",
        Decision::Light => "light or shadow",
        Decision::TooSmall => "too small or too faint",
        Decision::TooShort => "too short",
        Decision::TooFast => "too fast for their size",
        Decision::NoTravel => "did not travel far enough",
        Decision::Motion => "motion",
        // No thing is counted under these.
        Decision::Learning | Decision::Quiet | Decision::SceneChange | Decision::Resting => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Occasion, Seen, thing_words};
    use crate::guard::drawn::Drawn;
    use crate::settings::Settings;
    use vision::PlaneSize;
    use vision::motion::{Count, Detector, Subject};

    #[test]
    fn an_event_is_explained_with_the_zone_as_it_is_set() {
        let mut settings = Settings::default();
        settings.set("motion.zone4", "include 0,0 100,0 100,100 0,100").expect("allowed");
        let subject =
            Subject { zone: Some(0), blob_px: 40, blob_px_min: 22, contrast: 9, ..Subject::default() };
        let occasion = Occasion { decision: Decision::Motion, subject, timestamp_us: 2_000_000 };
        let seen = Seen { event: Some((3, Some(occasion))), drawn: Drawn::of(&settings), ..Seen::default() };
        let why = seen.why(5_000_000, true);
        let explained = why.event_subject.expect("explained");
        assert_eq!((why.event, explained.zone, explained.ago_ms), (Some(3), Some(4), 3000));
        assert_eq!((explained.blob_px, explained.blob_px_min, explained.contrast), (40, 22, 9));
        assert_eq!((why.suppressed, why.things), (None, vec![]));
    }

    #[test]
    fn what_the_detector_suppressed_is_counted_by_things() {
        let size = PlaneSize { width: 160, height: 90 };
        let mut detector = Box::new(Detector::new());
        let ground = vec![90; size.pixels()];
        let mut time_us = 0;
        let mut show = |plane: &[u8]| {
            detector.analyse(plane, size, time_us);
            time_us += 40_000;
        };
        (0..60).for_each(|_| show(&ground));
        for (x, y) in [(40, 30), (100, 60)] {
            let mut speck = ground.clone();
            (0..4).for_each(|row| speck[(y + row) * 160 + x..][..4].fill(200));
            (0..10).for_each(|_| show(&speck));
            (0..60).for_each(|_| show(&ground));
        }
        let seen = Seen { tally: *detector.tally(), ..Seen::default() };
        let why = seen.why(time_us, false);
        let small = why.things.iter().find(|things| things.what == thing_words(Decision::TooSmall));
        assert_eq!(small.map(|things| things.count), Some(2), "{why:?}");
        let last = why.suppressed.expect("one");
        assert!(last.is_judged && last.zone.is_none() && last.blob_px < last.blob_px_min, "{last:?}");
    }

    #[test]
    fn only_lines_that_are_drawn_are_told() {
        let counts = [1, 2, 3, 4].map(|inward| Count { inward, outward: 0 });
        let seen = Seen { counts, ..Seen::default() };
        let lines = seen.lines([false, true, false, true]);
        assert_eq!(lines.iter().map(|line| (line.number, line.inward)).collect::<Vec<_>>(), [(2, 2), (4, 4)]);
    }
}

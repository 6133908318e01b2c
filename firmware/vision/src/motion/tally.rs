//! Counts for people: frames by verdict, and things by the most that they came to.
//!
//! "Seventeen things were too small, four were light" says why there was no alarm, which frames do not: a leaf makes a thousand
//! of them. Must not act on anything.

use super::tracks::{TRACKS_MAX, Tracks};
use super::verdict::{Decision, Subject};

const DECISIONS: usize = Decision::ALL.len();

/// A thing at the moment in which it came furthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occasion {
    /// How far it came.
    pub decision: Decision,
    /// What it was, with what it was held against.
    pub subject: Subject,
    /// The frame's time.
    pub timestamp_us: u64,
}

/// All counts since the detector began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    frames: [u64; DECISIONS],
    things: [u32; DECISIONS],
    last: [Option<Occasion>; DECISIONS],
    lives: [Option<Occasion>; TRACKS_MAX],
}

impl Tally {
    pub(super) const fn new() -> Self {
        Self {
            frames: [0; DECISIONS],
            things: [0; DECISIONS],
            last: [None; DECISIONS],
            lives: [None; TRACKS_MAX],
        }
    }

    /// Frames of which this was the verdict.
    #[must_use]
    pub fn frames(&self, decision: Decision) -> u64 {
        self.frames[decision as usize]
    }

    /// Things that came so far and no further. Those that are still seen count once they are gone, motion at once.
    #[must_use]
    pub fn things(&self, decision: Decision) -> u32 {
        self.things[decision as usize]
    }

    /// The last of these things, when it came so far.
    #[must_use]
    pub fn last(&self, decision: Decision) -> Option<Occasion> {
        self.last[decision as usize]
    }

    /// The last thing that was no motion.
    #[must_use]
    pub fn last_suppressed(&self) -> Option<Occasion> {
        let suppressed = self.last.iter().flatten().filter(|occasion| occasion.decision < Decision::Resting);
        suppressed.copied().max_by_key(|occasion| occasion.timestamp_us)
    }

    /// A thing came so far in this frame.
    pub(super) fn note(&mut self, decision: Decision, subject: Subject, timestamp_us: u64) {
        let now = Occasion { decision, subject, timestamp_us };
        let its_own = |life: &Option<Occasion>| life.is_some_and(|life| life.subject.track == subject.track);
        let at = self.lives.iter().position(its_own).or_else(|| self.lives.iter().position(Option::is_none));
        let Some(life) = at.map(|at| &mut self.lives[at]) else { return };
        if life.is_none_or(|life| is_further(now, life)) {
            if decision == Decision::Motion && life.is_none_or(|life| life.decision < Decision::Resting) {
                self.things[decision as usize] = self.things[decision as usize].saturating_add(1);
                self.last[decision as usize] = Some(now);
            }
            *life = Some(now);
        }
    }

    /// A frame is over: things that have ended are counted.
    pub(super) fn end_frame(&mut self, decision: Decision, tracks: &Tracks) {
        self.frames[decision as usize] = self.frames[decision as usize].saturating_add(1);
        for place in &mut self.lives {
            let ended = place.take_if(|life| !tracks.iter().any(|track| track.number == life.subject.track));
            // Motion was counted when it began, and what rests was motion.
            let Some(life) = ended.filter(|life| life.decision < Decision::Resting) else { continue };
            self.things[life.decision as usize] = self.things[life.decision as usize].saturating_add(1);
            self.last[life.decision as usize] = Some(life);
        }
    }
}

/// Further by the decision; of the same one, whichever was the larger, or has travelled more where that was asked for.
fn is_further(now: Occasion, before: Occasion) -> bool {
    let reached = |occasion: Occasion| match occasion.decision {
        Decision::NoTravel => (occasion.decision, occasion.subject.travel_px, occasion.subject.blob_px),
        decision => (decision, occasion.subject.blob_px, occasion.subject.travel_px),
    };
    reached(now) > reached(before)
}

#[cfg(test)]
mod tests {
    use super::{Decision, Subject, Tally};
    use crate::motion::sighting::Sighting;
    use crate::motion::tracks::{TRACKS_MAX, Tracks};
    use crate::motion::verdict::Region;

    const FRAME: Region = Region { x1: 0, y1: 0, x2: 160, y2: 90 };

    fn tracks(count: usize) -> Tracks {
        let mut tracks = Tracks::new();
        let boxes: [Sighting; 3] = core::array::from_fn(|at| {
            let x = 50 * at as u16;
            Sighting { px: 9, bounds: Region { x1: x, y1: 2, x2: x + 3, y2: 5 }, ..Sighting::default() }
        });
        tracks.follow(&boxes[..count], FRAME, 0);
        tracks
    }

    fn subject(track: u32, blob_px: u32) -> Subject {
        Subject { track, blob_px, ..Subject::default() }
    }

    #[test]
    fn each_thing_counts_once_as_the_most_that_it_came_to() {
        let (mut tally, two) = (Tally::new(), tracks(2));
        for (time, decision) in
            [Decision::TooSmall, Decision::NoTravel, Decision::TooSmall].into_iter().enumerate()
        {
            tally.note(decision, subject(1, 30 + time as u32), time as u64);
            tally.note(Decision::TooSmall, subject(2, 12 - time as u32), time as u64);
            tally.end_frame(Decision::TooSmall, &two);
        }
        assert_eq!(tally.things(Decision::NoTravel), 0, "it is still there");
        tally.end_frame(Decision::Quiet, &tracks(0));
        let things = Decision::ALL.iter().map(|&decision| tally.things(decision));
        assert_eq!(things.sum::<u32>(), 2);
        assert_eq!((tally.things(Decision::NoTravel), tally.things(Decision::TooSmall)), (1, 1));
        assert_eq!((tally.frames(Decision::TooSmall), tally.frames(Decision::Quiet)), (3, 1));
        let last = tally.last(Decision::TooSmall).expect("one");
        assert_eq!((last.subject, last.timestamp_us), (subject(2, 12), 0), "when it was largest");
        assert_eq!(tally.last_suppressed().map(|occasion| occasion.subject), Some(subject(1, 31)));
    }

    #[test]
    fn motion_counts_when_it_begins_and_is_no_suppression() {
        let (mut tally, one) = (Tally::new(), tracks(1));
        let course =
            [Decision::Light, Decision::Motion, Decision::Motion, Decision::Resting, Decision::Motion];
        for (time, decision) in course.into_iter().enumerate() {
            tally.note(decision, subject(1, 40), time as u64);
            tally.end_frame(decision, &one);
            assert_eq!(tally.things(Decision::Motion), u32::from(time > 0));
        }
        tally.end_frame(Decision::Quiet, &tracks(0));
        assert_eq!((tally.things(Decision::Motion), tally.last_suppressed()), (1, None));
        assert_eq!(tally.last(Decision::Motion).map(|occasion| occasion.timestamp_us), Some(1));
    }

    #[test]
    fn more_things_than_can_be_followed_do_no_harm() {
        let mut tally = Tally::new();
        for track in 0..100 {
            tally.note(Decision::TooSmall, subject(track, 1), 0);
        }
        tally.end_frame(Decision::Quiet, &tracks(0));
        assert_eq!(tally.things(Decision::TooSmall), TRACKS_MAX as u32);
    }
}

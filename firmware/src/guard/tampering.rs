//! When tampering with the camera begins and ends, and for how long it is an event.
//!
//! Pure: the detector's word and the time in, news out.

use vision::motion::Tamper;

/// For so long tampering is an event like motion; after that, and the post-roll, the recording ends. A camera that stays covered
/// for a night would fill the card with darkness, and each of those clips would push out an older one that shows something.
pub const EVENT_US: u64 = 30_000_000;

/// What is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It begins.
    Begun(Tamper),
    /// It has ended, after so many microseconds.
    Ended(Tamper, u64),
}

/// What goes on, and what has been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tampering {
    now: Option<(Tamper, u64)>,
    counts: [u32; Tamper::ALL.len()],
}

impl Tampering {
    /// Takes what the detector says of a frame. One kind may give way to another: that is an end and a beginning.
    pub fn step(&mut self, said: Option<Tamper>, now_us: u64) -> [Option<News>; 2] {
        if self.now.map(|(kind, _)| kind) == said {
            return [None, None];
        }
        let ended = self.now.map(|(kind, since_us)| News::Ended(kind, now_us.saturating_sub(since_us)));
        self.now = said.map(|kind| (kind, now_us));
        if let Some(kind) = said {
            let count = &mut self.counts[kind as usize];
            *count = count.saturating_add(1);
        }
        [ended, said.map(News::Begun)]
    }

    /// What goes on, and since when.
    pub fn now(&self) -> Option<(Tamper, u64)> {
        self.now
    }

    /// Whether it counts as motion does.
    pub fn is_event(&self, now_us: u64) -> bool {
        self.now.is_some_and(|(_, since_us)| now_us.saturating_sub(since_us) < EVENT_US)
    }

    /// How often each kind has begun; only kinds that have.
    pub fn counts(&self) -> impl Iterator<Item = (Tamper, u32)> {
        Tamper::ALL.iter().copied().zip(self.counts).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENT_US, News, Tamper, Tampering};

    #[test]
    fn its_beginning_and_end_are_told_once_each() {
        let mut tampering = Tampering::default();
        assert_eq!(tampering.step(None, 0), [None, None]);
        assert_eq!(tampering.step(Some(Tamper::Covered), 10), [None, Some(News::Begun(Tamper::Covered))]);
        assert_eq!(tampering.step(Some(Tamper::Covered), 20), [None, None]);
        assert_eq!(tampering.now(), Some((Tamper::Covered, 10)));
        let [ended, begun] = tampering.step(Some(Tamper::Turned), 30);
        assert_eq!(
            (ended, begun),
            (Some(News::Ended(Tamper::Covered, 20)), Some(News::Begun(Tamper::Turned)))
        );
        assert_eq!(tampering.step(None, 35), [Some(News::Ended(Tamper::Turned, 5)), None]);
        tampering.step(Some(Tamper::Covered), 40);
        assert_eq!(tampering.counts().collect::<Vec<_>>(), [(Tamper::Covered, 2), (Tamper::Turned, 1)]);
    }

    #[test]
    fn a_camera_that_stays_covered_is_not_recorded_for_ever() {
        let mut tampering = Tampering::default();
        assert!(!tampering.is_event(0));
        tampering.step(Some(Tamper::Covered), 1000);
        assert!(tampering.is_event(1000) && tampering.is_event(999 + EVENT_US));
        assert!(!tampering.is_event(1000 + EVENT_US));
        tampering.step(Some(Tamper::Blinded), 2 * EVENT_US);
        assert!(tampering.is_event(2 * EVENT_US), "another kind is another event");
    }
}

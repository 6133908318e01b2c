//! Whether every watched part makes progress. Pure: counters and times in, a verdict out.
//!
//! A part is judged while its process runs: from its start until it ends. A process that is dead and waits to be started
//! again is supervised, not stalled. After a start, the first round of each part is its word that it is up; a part that
//! never says so counts as stalled like one that stops. Time in which nobody looked does not count against anybody: on a
//! machine that stood still as a whole, everybody did.

use crate::services::{PARTS, PARTS_COUNT, Role, START_MS_MAX, Watched};

/// A part that makes no progress.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    /// Which.
    pub part: &'static Watched,
    /// For how long, milliseconds.
    pub still_ms: u64,
}

/// See the module.
pub struct Judge {
    watches: Vec<Watch>,
    looked_us: u64,
    look_every_us: u64,
}

struct Watch {
    row: &'static Watched,
    limit_us: u64,
    phase: Phase,
    count: u32,
    still_us: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Its process does not run.
    Off,
    /// Its process runs, and it has not gone round yet.
    Starting,
    /// It has.
    Up,
}

impl Judge {
    /// Nobody runs yet. Init is expected to look every `look_every_us`.
    pub fn new(look_every_us: u64, now_us: u64) -> Judge {
        // init cannot judge itself: the witness does.
        let watch = |row: &'static Watched| Watch {
            row,
            limit_us: row.stall_ms_max * 1000,
            phase: Phase::Off,
            count: 0,
            still_us: 0,
        };
        let watches = PARTS.iter().filter(|row| row.of != Role::Init).map(watch).collect();
        Judge { watches, looked_us: now_us, look_every_us }
    }

    /// A process was started; `counts` are all counters just before. Without counters it is not judged.
    pub fn started(&mut self, role: Role, counts: Option<&[u32; PARTS_COUNT]>) {
        let Some(counts) = counts else { return };
        for watch in self.watches.iter_mut().filter(|w| w.row.of == role) {
            watch.count = counts[watch.row.part as usize];
            watch.phase = Phase::Starting;
            watch.still_us = 0;
        }
    }

    /// A process has ended.
    pub fn ended(&mut self, role: Role) {
        for watch in self.watches.iter_mut().filter(|w| w.row.of == role) {
            watch.phase = Phase::Off;
        }
    }

    /// Looks at all counters, if there are any; tells the first part that stands still for too long.
    pub fn look(&mut self, counts: Option<&[u32; PARTS_COUNT]>, now_us: u64) -> Option<Stall> {
        let counts = counts?;
        // Twice the pace: being a little late is ordinary.
        let passed_us = now_us.saturating_sub(self.looked_us).min(2 * self.look_every_us);
        self.looked_us = now_us;
        for watch in self.watches.iter_mut().filter(|w| w.phase != Phase::Off) {
            let count = counts[watch.row.part as usize];
            if count == watch.count {
                watch.still_us += passed_us;
            } else {
                watch.count = count;
                watch.phase = Phase::Up;
                watch.still_us = 0;
            }
        }
        let stalled = self.watches.iter().find(|w| w.phase != Phase::Off && w.still_us >= w.patience_us())?;
        Some(Stall { part: stalled.row, still_ms: stalled.still_us / 1000 })
    }

    /// Shortens the limit of a part, so that a test of its hang need not wait so long.
    #[cfg(feature = "test-hooks")]
    pub fn shorten(&mut self, shown: &str, limit_ms: u64) -> bool {
        let found = self.watches.iter_mut().find(|w| w.row.shown == shown);
        found.map(|watch| watch.limit_us = watch.limit_us.min(limit_ms * 1000)).is_some()
    }
}

impl Watch {
    fn patience_us(&self) -> u64 {
        match self.phase {
            Phase::Starting => self.limit_us.max(START_MS_MAX * 1000),
            _ => self.limit_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Judge;
    use crate::services::{PARTS, PARTS_COUNT, Part, Role, START_MS_MAX};

    const LOOK_US: u64 = 3_000_000;

    /// Looks every 3 s until `end_us`; everybody but `still` goes round in between. The first stall, and when.
    fn watch(judge: &mut Judge, still: &[Part], from_us: u64, end_us: u64) -> Option<(&'static str, u64)> {
        let mut counts = [0; PARTS_COUNT];
        let mut now_us = from_us;
        while now_us < end_us {
            now_us += LOOK_US;
            for row in PARTS.iter().filter(|row| !still.contains(&row.part)) {
                // Wraps around on the way.
                counts[row.part as usize] = u32::try_from(now_us / LOOK_US).expect("small").wrapping_sub(3);
            }
            if let Some(stall) = judge.look(Some(&counts), now_us) {
                assert!(stall.still_ms * 1000 <= now_us - from_us);
                return Some((stall.part.shown, now_us - from_us));
            }
        }
        None
    }

    fn up() -> Judge {
        let mut judge = Judge::new(LOOK_US, 0);
        for role in [Role::Witness, Role::Guard, Role::Console, Role::ConsoleUsb, Role::Screen] {
            judge.started(role, Some(&[0; PARTS_COUNT]));
        }
        judge
    }

    #[test]
    fn who_goes_round_is_never_stalled() {
        assert_eq!(watch(&mut up(), &[], 0, 3_600_000_000), None);
        assert_eq!(
            watch(&mut Judge::new(LOOK_US, 0), &[Part::Capture], 0, 3_600_000_000),
            None,
            "not started"
        );
    }

    #[test]
    fn each_part_that_stops_is_named_within_its_limit() {
        for row in PARTS.iter().filter(|row| row.part != Part::Init) {
            let mut judge = up();
            assert_eq!(watch(&mut judge, &[], 0, 30_000_000), None);
            let (shown, after_us) = watch(&mut judge, &[row.part], 30_000_000, 600_000_000).expect("a stall");
            assert_eq!(shown, row.shown);
            let limit_us = row.stall_ms_max * 1000;
            // The harness's counters jump back to zero once: one look more.
            assert!((limit_us..=limit_us + 2 * LOOK_US).contains(&after_us), "{shown} after {after_us}");
        }
    }

    #[test]
    fn who_never_comes_up_is_stalled_after_the_time_to_start() {
        let (shown, after_us) = watch(&mut up(), &[Part::Motion], 0, 600_000_000).expect("a stall");
        assert_eq!((shown, after_us), ("guard/motion", START_MS_MAX * 1000));
    }

    #[test]
    fn who_is_dead_is_not_judged_and_is_again_after_its_start() {
        let guard = [Part::Capture, Part::Motion, Part::Record, Part::Alarm, Part::Control];
        let mut judge = up();
        judge.ended(Role::Guard);
        assert_eq!(watch(&mut judge, &guard, 0, 600_000_000), None);
        judge.started(Role::Guard, Some(&[0; PARTS_COUNT]));
        assert!(watch(&mut judge, &guard, 600_000_000, 900_000_000).is_some());
    }

    #[test]
    fn without_counters_nobody_is_judged() {
        let mut judge = Judge::new(LOOK_US, 0);
        judge.started(Role::Guard, None);
        assert!((1..1000).all(|round| judge.look(None, round * LOOK_US).is_none()));
    }

    #[test]
    fn a_machine_that_stood_still_as_a_whole_accuses_nobody() {
        let mut judge = up();
        let mut counts = [1; PARTS_COUNT];
        assert!(judge.look(Some(&counts), LOOK_US).is_none());
        for hour in 1..20 {
            assert!(judge.look(Some(&counts), hour * 3_600_000_000).is_none(), "hour {hour}");
            counts = counts.map(|c| c + 1);
            assert!(judge.look(Some(&counts), hour * 3_600_000_000 + 1).is_none());
        }
    }

    #[test]
    #[cfg(feature = "test-hooks")]
    fn a_limit_can_be_shortened_but_not_for_a_part_that_is_not_there() {
        let mut judge = up();
        assert!(judge.shorten("guard/record", 6000) && !judge.shorten("guard/x", 1));
        assert!(watch(&mut judge, &[], 0, 30_000_000).is_none());
        let (shown, after_us) = watch(&mut judge, &[Part::Record], 30_000_000, 600_000_000).expect("a stall");
        assert_eq!(shown, "guard/record");
        assert!(after_us <= 12_000_000);
    }
}

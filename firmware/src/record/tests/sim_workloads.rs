//! What is recorded on the simulated card, and how it is taken up again after a cut.
//!
//! Few and small frames, so that a clip is some sectors long and every order of them can be looked at. Must not judge.

use std::rc::Rc;

use super::START_US;
use super::sim_card::{Content, Files, SimCard};
use super::sim_lies::Lie;
use super::sim_stage::{Said, Stage};

/// More than is ever used.
const AMPLE: u64 = 1 << 23;
/// Half of it is kept free, as on any small card; the other half holds some eight clips.
const SCARCE: u64 = 128;
/// Frames of each process are counted from a multiple of this.
const FRAMES_PER_RUN: usize = 10_000;
/// The event after the first cut has two fragments, that after the second one.
const EVENT_FRAMES: [usize; 2] = [6, 2];
/// The camera is started again this much later.
const OFF_US: u64 = 3_600_000_000;

/// A way to use a card.
pub(super) struct Workload {
    pub name: &'static str,
    /// The card's size.
    sectors: u64,
    /// What is on the card already, from long ago.
    before: fn(&mut Stage),
    work: fn(&mut Stage),
    /// The clock is at its start again after each cut, as one that nobody has set: names come again.
    has_no_clock: bool,
}

const PLAIN: Workload =
    Workload { name: "", sectors: AMPLE, before: |_| (), work: |_| (), has_no_clock: false };

/// All of them.
pub(super) const WORKLOADS: [Workload; 18] = [
    Workload {
        name: "short-clips",
        work: |stage| {
            stage.event(3);
            stage.event(7);
            stage.event(1);
        },
        ..PLAIN
    },
    Workload {
        name: "pre-roll",
        work: |stage| {
            stage.begin(1500);
            stage.frames(6, 250_000);
            stage.frames(10, 200_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "continuation",
        work: |stage| {
            stage.set_clip_ms_max(2500);
            stage.event(26);
        },
        ..PLAIN
    },
    Workload {
        name: "two-events",
        work: |stage| {
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "retention",
        sectors: SCARCE,
        before: |stage| (0..8).for_each(|number| stage.event(3 + number % 3)),
        work: |stage| (0..4).for_each(|number| stage.event(6 + 3 * number)),
        ..PLAIN
    },
    Workload {
        name: "retention-within-a-clip",
        sectors: SCARCE,
        before: |stage| (0..9).for_each(|_| stage.event(2)),
        work: |stage| {
            stage.more_bytes = 400;
            stage.event(24);
        },
        ..PLAIN
    },
    Workload {
        name: "stall",
        work: |stage| {
            stage.begin(0);
            stage.frames(2, 250_000);
            stage.tick(1_600_000);
            stage.tick(500_000);
            stage.frames(3, 250_000);
            stage.tick(1_600_000);
            stage.frames(6, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "suspended",
        work: |stage| {
            stage.begin(0);
            stage.frames(7, 250_000);
            stage.suspend_and_resume();
            stage.frames(1, 250_000);
            stage.suspend_and_resume();
            stage.frames(7, 250_000);
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "full-while-writing",
        work: |stage| {
            stage.begin(0);
            for (after, writes) in [(0, 1), (3, 1), (0, 3), (1, 2)] {
                stage.frames(7, 250_000);
                stage.card.fill(after, writes);
                stage.frames(20, 250_000);
            }
            stage.end();
        },
        ..PLAIN
    },
    Workload {
        name: "full-while-describing",
        work: |stage| {
            for after in 0..7 {
                stage.card.fill(after, 1);
                stage.event(6);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "full-and-room-is-made",
        sectors: SCARCE,
        before: |stage| (0..8).for_each(|_| stage.event(3)),
        work: |stage| {
            for after in 2..6 {
                stage.card.fill(after, 1);
                stage.event(8);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "dying-process-1",
        work: |stage| (1..7).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-2",
        work: |stage| (7..13).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-3",
        work: |stage| (13..19).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-4",
        work: |stage| (19..25).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "dying-process-5",
        work: |stage| (25..31).for_each(|operations| stage.die_after(operations)),
        ..PLAIN
    },
    Workload {
        name: "no-clock",
        has_no_clock: true,
        work: |stage| {
            for frames in [3, 6] {
                stage.now_us = START_US;
                stage.event(frames);
            }
        },
        ..PLAIN
    },
    Workload {
        name: "large-frames",
        work: |stage| {
            stage.more_bytes = 900;
            stage.event(9);
        },
        ..PLAIN
    },
];

/// A workload that has run to its end.
pub(super) struct Run {
    pub card: SimCard,
    pub said: Said,
    /// The files that are not ours.
    pub foreign: Files,
    end_us: u64,
}

/// What a start after a cut gave.
pub(super) struct Recovery {
    pub card: SimCard,
    pub said: Said,
}

/// Files of somebody else, some of them named almost like ours.
fn foreign() -> Files {
    let names = [
        "holiday.mp4",
        "notes.json",
        "notes.json.new",
        "01486049622_6-161868_frontdoor_308-250-346-329_194_344.mp4",
        "1486049622_6-161868_frontdoor_308-250-346-329_194_344.mp4.json",
    ];
    names.into_iter().map(|name| (Rc::from(name), Content::new(name.as_bytes().to_vec()))).collect()
}

impl Workload {
    pub fn is_room_scarce(&self) -> bool {
        self.sectors == SCARCE
    }

    /// From the start of the card to the end of the work.
    pub fn run(&self, lie: Option<Lie>) -> Run {
        let foreign = foreign();
        let mut stage = Stage::new(SimCard::new(&foreign, self.sectors, lie), 0, START_US);
        (self.before)(&mut stage);
        let mut stage = stage.settle(self.sectors);
        stage.start();
        (self.work)(&mut stage);
        let (card, end_us) = (stage.card.clone(), stage.now_us);
        Run { card, said: stage.finish(), foreign, end_us }
    }

    /// A start on what a cut left, the `start`th, and a short event.
    pub fn recover(&self, run: &Run, files: &Files, start: usize) -> Recovery {
        let card = SimCard::new(files, self.sectors, run.card.lie);
        let later_us = run.end_us + OFF_US * start as u64;
        let now_us = if self.has_no_clock { START_US } else { later_us };
        let mut stage = Stage::new(card.clone(), FRAMES_PER_RUN * start, now_us);
        stage.start();
        stage.event(EVENT_FRAMES[start - 1]);
        let mut said = stage.finish();
        if said.finished.len() != 1 || !said.failures.is_empty() {
            said.faults.push(format!("no whole clip was recorded: {:?}", said.failures));
        }
        Recovery { card, said }
    }
}

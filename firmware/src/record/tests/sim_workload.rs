//! A way to use the simulated card, and how the card is taken up again after a cut. Must not judge.

use std::rc::Rc;

use super::START_US;
use super::sim_card::{Content, Files, SimCard};
use super::sim_lies::Lie;
use super::sim_stage::{Said, Stage};

/// More than is ever used.
pub(super) const AMPLE: u64 = 1 << 23;
/// Half of it is kept free, as on any small card; the other half holds some eight clips.
pub(super) const SCARCE: u64 = 128;
/// Frames of each process are counted from a multiple of this.
const FRAMES_PER_RUN: usize = 10_000;
/// The event after the first cut has two fragments, that after the second one.
const EVENT_FRAMES: [usize; 2] = [6, 2];
/// The camera is started again this much later.
const OFF_US: u64 = 3_600_000_000;

/// See the head of this file.
pub(super) struct Workload {
    pub name: &'static str,
    /// The card's size.
    pub sectors: u64,
    /// What is on the card already, from long ago.
    pub before: fn(&mut Stage),
    pub work: fn(&mut Stage),
    /// The clock is at its start again after each cut, as one that nobody has set: names come again.
    pub has_no_clock: bool,
}

pub(super) const PLAIN: Workload =
    Workload { name: "", sectors: AMPLE, before: |_| (), work: |_| (), has_no_clock: false };

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

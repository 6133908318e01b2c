//! The card's troubles as a story: what is seen, and what is done about it.

use super::{CardState, Change, Facts, HEALTHY_US, PULLED, RETRY_US_MAX, RETRY_US_MIN, Silence, Step};
use crate::card::report::CardReport;
use crate::card::watch::{Requests, Sight};
use crate::record::DropReason;

/// The card's side of the story.
struct World {
    state: CardState,
    now_us: u64,
    sight: Sight,
    report: CardReport,
    failed: bool,
}

impl World {
    fn new(clips: bool) -> World {
        let trouble = if clips { String::new() } else { "no card was found".into() };
        let report = CardReport { clips, trouble, round: 1, ..CardReport::default() };
        let disks = if clips { vec![("mmcblk0".into(), 1)] } else { Vec::new() };
        let sight = Sight { is_there: clips, disks, ..Sight::default() };
        World { state: CardState::new(&report, 0), now_us: 0, sight, report, failed: false }
    }

    fn step(&mut self, after_us: u64) -> Step {
        self.now_us += after_us;
        let facts = Facts {
            now_us: self.now_us,
            sight: &self.sight,
            has_failed: std::mem::take(&mut self.failed),
            is_released: true,
            report: &self.report,
        };
        self.state.step(&facts)
    }

    /// The one-shot leaves a report.
    fn report(&mut self, trouble: &str) {
        self.report.round += 1;
        self.report.clips = trouble.is_empty();
        self.report.trouble = trouble.into();
    }

    fn push_in(&mut self, sequence: u64) {
        self.sight.disks = vec![("mmcblk0".into(), sequence)];
    }
}

#[test]
fn a_card_that_is_pulled_and_pushed_in_again_is_used_again_at_once() {
    let mut world = World::new(true);
    assert_eq!(world.step(1), Step::Nothing);
    (world.sight.is_there, world.sight.disks) = (false, Vec::new());
    assert_eq!(world.step(1), Step::Close(DropReason::CardMissing, PULLED.into()));
    assert_eq!(world.step(1), Step::Nothing, "the record thread lets go");
    assert_eq!(world.step(1), Step::Ask, "what is left of the mount goes");
    world.report("no card was found");
    assert_eq!(world.step(1), Step::Nothing, "which is known");
    for _ in 0..100 {
        assert_eq!(world.step(RETRY_US_MAX), Step::Nothing, "nothing to try without a card");
    }
    world.push_in(2);
    assert_eq!(world.step(1), Step::Ask, "at once, whatever the wait");
    world.report("");
    assert_eq!(world.step(1), Step::Open);
    world.sight.is_there = true;
    assert_eq!(world.step(1), Step::Nothing);
}

#[test]
fn a_write_that_fails_just_before_the_card_is_seen_to_be_gone_is_a_pulled_card() {
    let mut world = World::new(true);
    world.failed = true;
    assert!(matches!(world.step(1), Step::Close(DropReason::CardError, _)));
    (world.sight.is_there, world.sight.disks) = (false, Vec::new());
    assert_eq!(world.step(1), Step::Nothing);
    assert_eq!(world.step(1), Step::Ask);
    world.report("no card was found");
    assert_eq!(world.step(1), Step::Close(DropReason::CardMissing, PULLED.into()));
    assert_eq!(world.step(1), Step::Nothing, "told once");
}

#[test]
fn a_foreign_card_is_named_and_looked_at_seldom() {
    let mut world = World::new(false);
    assert_eq!(world.step(1), Step::Nothing);
    assert_eq!(world.step(1), Step::Ask);
    world.report("no card was found");
    assert_eq!(world.step(1), Step::Nothing, "told at start-up");
    world.push_in(7);
    assert_eq!(world.step(1), Step::Ask);
    world.report("it is not this product's card");
    assert_eq!(world.step(1), Step::Rename("it is not this product's card".into()));
    let mut wait_us = RETRY_US_MIN;
    for _ in 0..10 {
        assert_eq!(world.step(wait_us - 1), Step::Nothing);
        assert_eq!(world.step(1), Step::Ask);
        world.report("it is not this product's card");
        assert_eq!(world.step(0), Step::Nothing, "told once");
        wait_us = (wait_us * 2).min(RETRY_US_MAX);
    }
}

#[test]
fn errors_lead_to_a_new_mount_and_a_card_that_fails_again_waits_longer() {
    let mut world = World::new(true);
    let mut waits = Vec::new();
    for round in 0..6 {
        world.failed = true;
        assert!(matches!(world.step(1), Step::Close(DropReason::CardError, _)));
        assert_eq!(world.step(1), Step::Nothing);
        if round == 0 {
            assert_eq!(world.step(1), Step::Ask, "the first try is at once");
        } else {
            // It was mounted just now, and failed at its first data.
            assert_eq!(world.step(RETRY_US_MIN / 2), Step::Nothing, "round {round}");
            while world.step(100_000) != Step::Ask {}
        }
        world.report("it cannot be mounted");
        world.step(1);
        let asked_us = world.now_us;
        while world.step(100_000) != Step::Ask {}
        waits.push(world.now_us - asked_us);
        world.report("");
        assert_eq!(world.step(1), Step::Open);
    }
    assert!(waits.windows(2).all(|w| w[0] < w[1] || w[1] >= RETRY_US_MAX), "{waits:?}");
    assert_eq!(world.step(HEALTHY_US), Step::Nothing);
    world.sight.is_stopped = true;
    assert!(matches!(world.step(1), Step::Close(DropReason::CardError, _)));
    assert_eq!(world.step(1), Step::Nothing);
    assert_eq!(world.step(1), Step::Ask);
    world.report("it cannot be mounted");
    world.step(1);
    assert_eq!(world.step(RETRY_US_MIN), Step::Ask, "a card that was good for a while is tried soon");
}

#[test]
fn a_mount_that_never_ends_is_tried_again() {
    let mut world = World::new(true);
    world.failed = true;
    assert!(matches!(world.step(1), Step::Close(..)));
    assert_eq!(world.step(1), Step::Nothing);
    assert_eq!(world.step(1), Step::Ask);
    assert_eq!(world.step(super::MOUNT_LIMIT_US), Step::Nothing);
    assert_eq!(world.step(1), Step::Rename("the card does not answer".into()));
    assert_eq!(world.step(RETRY_US_MIN), Step::Ask);
}

#[test]
fn silence_is_noticed_within_its_limit_and_ends_with_the_first_answer() {
    let mut silence = Silence::default();
    let busy = |answered| Requests { waiting: 1, answered };
    assert_eq!(silence.look(Requests { waiting: 0, answered: 5 }, 1_000_000), None);
    assert_eq!(silence.look(busy(5), 1_250_000), None);
    assert_eq!(silence.look(busy(6), 1_900_000), None, "slow, but it answers");
    assert_eq!(silence.look(busy(6), 2_800_000), None);
    assert_eq!(silence.look(busy(6), 2_900_000), Some(Change::Silent));
    assert_eq!(silence.look(busy(6), 3_400_000), None, "told once");
    assert_eq!(silence.look(busy(7), 3_900_000), Some(Change::Answers { after_ms: 2000 }));
    assert_eq!(silence.look(busy(8), 4_000_000), None);
}

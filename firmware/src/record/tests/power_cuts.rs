//! Power cuts after every operation of recording, and after every operation of what follows: no promise is broken.
//!
//! A card is recorded on (`sim_workloads`), cut after each of its operations in every way that `sim_card` allows, taken up
//! again as the record thread does, and judged (`sim_judge`). Each of these starts is cut after each of its operations as
//! well. Nothing here is random from run to run but the keys of sealed clips, on which no state depends: a failure names its state, and that one is judged alone with
//! `KERBEROS_SIMCARD_STATE` set to the name.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::sim_card::{Content, Files};
use super::sim_cut::{Random, hash};
use super::sim_judge::{Judge, judge_end};
use super::sim_lies::Lie;
use super::sim_stage::Said;
use super::sim_workload::{Run, Workload};
use super::sim_workloads::WORKLOADS;

/// Everything that is chosen follows from this.
const SEED: u64 = 0x4b45_5242;
/// The workloads of each test, and how many states it judges at least; some less than there are today, so that an operation
/// more or less in the recorder is no failure. In parts, so that two cores share them.
const PARTS: [(Range<usize>, usize); 6] =
    [(0..4, 16_000), (4..8, 24_000), (8..11, 40_000), (11..19, 44_000), (19..24, 26_000), (24..28, 40_000)];
/// States judged in each run of all tests, at least.
const STATES_MIN: usize = 180_000;
/// States of a first cut that are cut again: all would be millions.
const TWICE_CUT: usize = 2;
/// States of a second cut that are taken after each operation of a start.
const SECOND_CUT_STATES: usize = 3;
/// Set to the name of a state it lets that one alone be judged.
const ONLY: &str = "KERBEROS_SIMCARD_STATE";

const _: () =
    assert!(PARTS[0].1 + PARTS[1].1 + PARTS[2].1 + PARTS[3].1 + PARTS[4].1 + PARTS[5].1 >= STATES_MIN);
const _: () = assert!(PARTS[5].0.end == WORKLOADS.len());

/// The name of a state: workload, operation, variant; and operation and variant of the second cut.
fn name(workload: &Workload, at: &[(usize, usize)]) -> String {
    let parts = at.iter().map(|(operation, variant)| format!("/{operation}/{variant}"));
    workload.name.to_string() + &parts.collect::<String>()
}

/// What has been done.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    operations: usize,
    states: usize,
    /// Of them after a second cut.
    second: usize,
    /// Different cards that were taken up.
    starts: usize,
}

/// What a start gave: its files, what was said, and how many operations there were.
type Started = Rc<(Files, Said, usize)>;

/// Goes through the cuts of one workload.
struct Enumeration<'a> {
    workload: &'a Workload,
    run: Run,
    judge: Judge,
    /// What follows from a state, which many cuts leave: a start knows nothing of promises.
    started: HashMap<(usize, u64), Started>,
    seed: u64,
    tally: Tally,
    only: Option<String>,
    /// Whether that one was judged.
    is_only_found: bool,
}

impl Enumeration<'_> {
    fn of(number: usize, lie: Option<Lie>, only: Option<String>) -> Self {
        let workload = &WORKLOADS[number];
        Enumeration {
            workload,
            run: workload.run(lie),
            judge: Judge::default(),
            started: HashMap::new(),
            seed: SEED ^ (number as u64) << 32,
            tally: Tally::default(),
            only,
            is_only_found: false,
        }
    }

    /// Every state of every cut. The first that breaks a promise, if any does.
    fn all(&mut self) -> Result<Tally, String> {
        self.tally.operations = self.run.card.position();
        for operation in 0..=self.tally.operations {
            let seed = self.seed ^ (operation as u64) << 16;
            let states = self.run.card.cut(operation).states(seed);
            let mut random = Random(seed);
            let chosen = [(); TWICE_CUT].map(|()| random.below(states.len()));
            for (index, (variant, state)) in states.iter().enumerate() {
                let at = [(operation, *variant)];
                if self.is_wanted(&at) {
                    self.judge_state(state, &at, &[])?;
                    if chosen.contains(&index) || self.only.is_some() {
                        self.second_cuts(state, at[0])?;
                    }
                }
            }
        }
        Ok(self.tally)
    }

    /// Cuts after every operation of a start.
    fn second_cuts(&mut self, state: &Files, first: (usize, usize)) -> Result<(), String> {
        let start = self.workload.recover(&self.run, state, 1);
        let files = start.card.files();
        let verdict = judge_end(&files, &self.run.foreign);
        verdict.map_err(|fault| self.told(&[first], state, &files, &fault))?;
        for second in 0..=start.card.position() {
            let seed = self.seed ^ ((first.0 as u64) << 16 | second as u64);
            for (number, state) in start.card.cut(second).some_states(seed, SECOND_CUT_STATES) {
                let at = [first, (second, number)];
                if self.is_wanted(&at) {
                    self.tally.second += 1;
                    self.judge_state(&state, &at, &[&start.said])?;
                }
            }
        }
        Ok(())
    }

    /// Starts on a state and judges what that gives, by the words of the run and of the starts before.
    fn judge_state(&mut self, state: &Files, at: &[(usize, usize)], before: &[&Said]) -> Result<(), String> {
        let started = self.start(state, at.len());
        let said = [&self.run.said].into_iter().chain(before.iter().copied());
        let mut words: Vec<_> = said.zip(at.iter().map(|(operation, _)| *operation)).collect();
        words.push((&started.1, started.2));
        self.tally.states += 1;
        self.is_only_found |= self.only.as_ref().is_some_and(|only| *only == name(self.workload, at));
        let is_scarce = self.workload.is_room_scarce();
        let verdict = self.judge.judge(&started.0, &self.run.foreign, &words, is_scarce);
        verdict.map_err(|fault| self.told(at, state, &started.0, &fault))
    }

    fn start(&mut self, state: &Files, number: usize) -> Started {
        let (workload, run, tally) = (self.workload, &self.run, &mut self.tally);
        let start = || {
            tally.starts += 1;
            let recovery = workload.recover(run, state, number);
            Rc::new((recovery.card.files(), recovery.said, recovery.card.position()))
        };
        self.started.entry((number, hash(state))).or_insert_with(start).clone()
    }

    /// Whether this state, or one that comes of it, is to be judged.
    fn is_wanted(&self, at: &[(usize, usize)]) -> bool {
        let name = name(self.workload, at);
        self.only.as_ref().is_none_or(|only| *only == name || only.starts_with(&format!("{name}/")))
    }

    fn told(&self, at: &[(usize, usize)], before: &Files, after: &Files, fault: &str) -> String {
        let list = |files: &Files| {
            let line = |(name, content): (&Rc<str>, &Rc<Content>)| {
                format!("\n    {name}: {} bytes", content.bytes.len())
            };
            files.iter().map(line).collect::<String>()
        };
        let name = name(self.workload, at);
        let (before, after) = (list(before), list(after));
        format!(
            "{fault}\n  {ONLY}={name} (seed {SEED:#x})\n  after the cut:{before}\n  after the start:{after}"
        )
    }
}

fn judge_part(part: usize) {
    let (workloads, least) = PARTS[part].clone();
    let only = std::env::var(ONLY).ok();
    let mut states = 0;
    for number in workloads {
        let workload = WORKLOADS[number].name;
        if only.as_ref().is_some_and(|only| only.split('/').next() != Some(workload)) {
            continue;
        }
        let mut enumeration = Enumeration::of(number, None, only.clone());
        let tally = enumeration.all().unwrap_or_else(|fault| panic!("{fault}"));
        // A state is one of these operations and no others: a change of the recorder gives other states other names.
        assert!(only.is_none() || enumeration.is_only_found, "there is no state {only:?} (any more)");
        println!("{workload}: {tally:?}");
        states += tally.states;
    }
    println!("{states} states");
    assert!(only.is_some() || states >= least, "{states} states, {least} are promised");
}

#[test]
fn a_cut_after_any_operation_breaks_no_promise() {
    judge_part(0);
}

#[test]
fn nor_while_clips_are_deleted_or_the_card_is_let_go_of() {
    judge_part(1);
}

#[test]
fn nor_on_a_card_that_is_full() {
    judge_part(2);
}

#[test]
fn nor_after_the_process_died_or_with_a_clock_that_starts_again() {
    judge_part(3);
}

#[test]
fn nor_of_clips_that_are_sealed_protected_or_too_old() {
    judge_part(4);
}

#[test]
fn nor_of_continuous_recordings_or_where_the_chain_goes_on_in_another_file() {
    judge_part(5);
}

/// A judge that finds nothing is worth nothing.
#[test]
fn every_fault_that_a_card_can_stand_for_is_found() {
    for (lie, name) in Lie::ALL {
        let number = WORKLOADS.iter().position(|workload| workload.name == name).expect("a workload");
        let found = Enumeration::of(number, Some(lie), None).all().err();
        let found = found.unwrap_or_else(|| panic!("{lie:?} is not found"));
        println!("{lie:?}: {}", found.lines().take(2).collect::<String>());
    }
}

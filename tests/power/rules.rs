//! What a power cut leaves of the real kernel's file system is something that the rules of the simulated card allow.
//!
//! The image runs once on a card whose writes are logged, and is told, one at a time, to do operations on files (a command of test images, through
//! the folder that recording uses). So it is known for each of them what had been written before it began and after it returned. Then
//! states of the card are built from the log, as for the other power cuts, and each is judged. With a recording of real clips less would be
//! known: which operation was under way when is the firmware's own affair there.
//!
//! `KERBEROS_RULES_SEED` chooses other operations and states.

use std::sync::Mutex;
use tests::block_log::{BlockLog, entries_now};
use tests::card_rules::{self, Done, Operation, Seen};
use tests::crash_states::{self, CrashState, Kind, Sample};
use tests::sparse_card::SparseCard;
use tests::verify::Bench;
use tests::{Failure, Outcome, Rig, report};

/// Seed unless the environment says otherwise.
const SEED: u64 = 20_261_127;
/// Operations, and after how many the kernel is left alone for a while.
const OPERATIONS: usize = 160;
const WAIT_EVERY: usize = 32;
/// Frames of that while: longer than five seconds, after which the kernel commits by itself.
const WAIT_FRAMES: u64 = 7 * 15;
/// And once for longer than thirty, after which it writes content by itself.
const LONG_WAIT_FRAMES: u64 = 37 * 15;
/// Torn states, and as many reordered ones.
const SAMPLED: usize = 500;
/// States: fewer would be no proof.
const STATES_MIN: usize = 800;

/// P15.
#[test]
fn what_ext4_leaves_is_what_the_rules_of_the_simulated_card_allow() -> Outcome {
    let seed = std::env::var("KERBEROS_RULES_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    println!("seed {seed}");
    let folder = tempfile::tempdir()?;
    let card = folder.path().join("card.img");
    let profile = Rig::fresh_card(tests::rig::BOARD, &card)?;
    let start = SparseCard::read(&card)?;
    let kept = tempfile::tempdir()?;
    let kept_log = kept.path().join("writes.log");
    let mut rig = Rig::power_on(folder, profile, Some(&kept_log))?;
    rig.serial.prompt()?;
    rig.settle()?;
    let mut done = operate(&mut rig, seed, &kept_log)?;
    rig.kill();

    let log = BlockLog::read(&kept_log)?;
    for one in &mut done {
        one.started = log.sectors_in(one.started) as u64;
        one.returned = log.sectors_in(one.returned) as u64;
    }
    let (first, last) = (done[0].started, done[done.len() - 1].returned);
    let sample = Sample { seed, torn: 4 * SAMPLED, reordered: 4 * SAMPLED };
    let mut states = crash_states::enumerate(&log, sample);
    // The start of the system is judged elsewhere.
    states.retain(|state| state.durable as u64 >= first && state.latest as u64 <= last);
    thin(&mut states);
    let sum = judge_all(&log, &start, &states, &done)?;
    report::figure("states of the real file system that the rules of the simulated card allow", sum.judged);
    report::figure(
        "of them with changes of names missing, files behind, sectors missing",
        format!("{:?}", sum.differ),
    );
    assert!(
        sum.failures.is_empty(),
        "{} of {}:\n{}",
        sum.failures.len(),
        states.len(),
        sum.failures.join("\n")
    );
    assert!(sum.judged >= STATES_MIN, "only {} states", sum.judged);
    assert!(
        sum.differ.iter().all(|count| *count > 0),
        "states in which nothing is missing prove nothing: {:?}",
        sum.differ
    );
    Ok(())
}

/// All states after a write or a flush, and at most so many of the others.
fn thin(states: &mut Vec<CrashState>) {
    for kind in [Kind::Torn, Kind::Reordered] {
        let count = states.iter().filter(|state| state.kind == kind).count();
        let every = count.div_ceil(SAMPLED).max(1);
        let mut number = 0;
        states.retain(|state| {
            number += usize::from(state.kind == kind);
            state.kind != kind || number % every == 0
        });
    }
}

/// Does all operations, one after the other.
fn operate(rig: &mut Rig, seed: u64, log: &std::path::Path) -> Result<Vec<Done>, Failure> {
    let log = std::fs::File::open(log)?;
    let mut done = Vec::new();
    let mut waits = 0;
    for operation in card_rules::operations(seed, OPERATIONS, WAIT_EVERY) {
        let started = entries_now(&log);
        if let Some(command) = operation.command() {
            let said = rig.serial.command(&command)?;
            assert!(said.contains("Done."), "{command}: {said}");
        } else {
            waits += 1;
            rig.frames_pass(if waits == 2 { LONG_WAIT_FRAMES } else { WAIT_FRAMES })?;
        }
        done.push(Done { operation, started, returned: entries_now(&log) });
    }
    // What is left in memory is written as well.
    let started = entries_now(&log);
    rig.frames_pass(WAIT_FRAMES)?;
    done.push(Done { operation: Operation::Wait, started, returned: entries_now(&log) });
    Ok(done)
}

/// What all states together showed.
#[derive(Default)]
struct Sum {
    judged: usize,
    failures: Vec<String>,
    /// States in which something of each kind is missing, see [`Seen`].
    differ: [usize; 3],
}

/// Judges all states on all processors, each its own stretch of the log.
fn judge_all(
    log: &BlockLog,
    start: &SparseCard,
    states: &[CrashState],
    done: &[Done],
) -> Result<Sum, Failure> {
    let sum = Mutex::new(Sum::default());
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let judge =
            |stretch| judge_stretch(log, start, stretch, done, &sum).map_err(|error| error.to_string());
        let workers: Vec<_> = states
            .chunks(states.len().div_ceil(threads).max(1))
            .map(|stretch| scope.spawn(move || judge(stretch)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked".to_owned())?)
    })?;
    sum.into_inner().map_err(|error| error.to_string().into())
}

fn judge_stretch(
    log: &BlockLog,
    start: &SparseCard,
    states: &[CrashState],
    done: &[Done],
    sum: &Mutex<Sum>,
) -> Outcome {
    let bench = Bench::new()?;
    let (mut card, mut at) = (start.clone(), 0);
    for state in states {
        crash_states::advance(&mut card, log, at, state.durable);
        at = state.durable;
        let mut files = bench.files(&crash_states::cut(&card, log, state))?;
        files.retain(|name, _| name.starts_with("rules-"));
        let judged = card_rules::judge(done, state.durable as u64, state.latest as u64, &files);
        let mut sum = sum.lock().map_err(|error| error.to_string())?;
        match judged {
            Ok(Seen { names_missing, files_behind, sectors_missing }) => {
                sum.judged += 1;
                for (count, missing) in
                    sum.differ.iter_mut().zip([names_missing, files_behind, sectors_missing])
                {
                    *count += usize::from(missing > 0);
                }
            }
            Err(fault) => sum.failures.push(format!("{state:?}: {fault}")),
        }
    }
    Ok(())
}

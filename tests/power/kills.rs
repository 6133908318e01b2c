//! Power cuts, for real: QEMU is killed inside bursts of writes.
//!
//! At seeded moments; and the next boot needs nobody.
//! The moment is a number of writes, never a time. As a killed QEMU leaves behind even what the card was never told to keep, the
//! card is made from the log of its writes: what was flushed, and of the rest what the seed says. Then the host judges the
//! card, and the product boots from it. `KERBEROS_POWER_SEED` is the seed.

use image_builder::camera::random::Random;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tests::block_log::{BlockLog, entries_now};
use tests::clip::frame_numbers;
use tests::crash_states::{self, CrashState, Epochs, Kind};
use tests::power::{SMALL_CLIPS, enlarge, fill, settings};
use tests::rig::artefacts;
use tests::sparse_card::SparseCard;
use tests::verify::{self, Bench, Known};
use tests::witness::Witness;
use tests::{Failure, Outcome, Rig, fragments, report};

/// Kills in each phase.
const KILLS: u32 = 10;
/// Seed unless the environment says otherwise.
const SEED: u64 = 20_260_727;
/// Streams of the seed: the moment of a kill, and what the card then loses.
const STREAM_MOMENT: u64 = 4;
const STREAM_LOSS: u64 = 5;
/// What a power cut may cost of a clip, in the camera's frames: 2 s at 15 frames a second.
const LOST_FRAMES_MAX: u64 = 30;
/// How often the log is looked at by who kills: a few sectors of the card pass meanwhile.
const KILLER_LOOKS_EVERY: Duration = Duration::from_micros(300);

/// What the product is doing when the power goes.
struct Phase {
    name: &'static str,
    /// Turns a fresh image into the card of this phase.
    prepare: fn(&Path) -> Outcome,
    /// Whether the product has started from that card before, and has its settings.
    used: bool,
    /// Whether the next kill goes on with the card that this one left, and so is its next boot. Otherwise it starts from the
    /// prepared card, and the boot in between is made for its own sake.
    chained: bool,
    /// Does what writes, and arms the killer when the writing begins.
    drive: fn(&mut Witness, &mut Rig, &Killer) -> Outcome,
    /// The burst is at least so many writes of one sector long.
    burst: u32,
}

const PHASES: [Phase; 5] = [
    Phase { name: "first boot", prepare: enlarge, used: false, chained: false, drive: boots, burst: 24 },
    Phase { name: "boot", prepare: |_| Ok(()), used: true, chained: false, drive: boots, burst: 16 },
    Phase {
        name: "saving settings",
        prepare: |_| Ok(()),
        used: true,
        chained: true,
        drive: saves,
        burst: 32,
    },
    Phase { name: "recording", prepare: |_| Ok(()), used: true, chained: true, drive: records, burst: 800 },
    Phase {
        name: "deleting old clips",
        prepare: fill,
        used: true,
        chained: false,
        drive: records,
        burst: 500,
    },
];

/// Kills the machine when the log has grown by a number of writes since it was armed.
struct Killer {
    /// Entries at which to kill; `u64::MAX`: not armed.
    at: AtomicU64,
    writes: u64,
    log: PathBuf,
    killed: AtomicBool,
}

impl Killer {
    fn arm(&self) -> Outcome {
        let now = entries_now(&std::fs::File::open(&self.log)?);
        self.at.store(now + self.writes, Ordering::Release);
        Ok(())
    }

    /// Watches until it has killed, or `over`.
    fn watch(&self, process: u32, over: &AtomicBool) -> Result<(), String> {
        let log = std::fs::File::open(&self.log).map_err(|e| e.to_string())?;
        while !over.load(Ordering::Acquire) {
            if entries_now(&log) >= self.at.load(Ordering::Acquire) {
                let killed = Command::new("kill").args(["-KILL", &process.to_string()]).status();
                self.killed.store(killed.is_ok_and(|status| status.success()), Ordering::Release);
                return Ok(());
            }
            std::thread::sleep(KILLER_LOOKS_EVERY);
        }
        Ok(())
    }
}

fn boots(witness: &mut Witness, rig: &mut Rig, killer: &Killer) -> Outcome {
    killer.arm()?;
    ready(witness, rig)
}

fn saves(witness: &mut Witness, rig: &mut Rig, killer: &Killer) -> Outcome {
    ready(witness, rig)?;
    killer.arm()?;
    for number in 0..100 {
        let pulse = (1000 + number).to_string();
        let more = [("alarm.pulse_ms", pulse.as_str())];
        witness.save(rig, &more, settings(&more))?;
    }
    Ok(())
}

fn records(witness: &mut Witness, rig: &mut Rig, killer: &Killer) -> Outcome {
    ready(witness, rig)?;
    witness.settle(rig)?;
    witness.film(rig, |_, _| killer.arm())?;
    // The clip was too short: the next one will do.
    witness.film(rig, |_, _| Ok(()))
}

/// What is said when a boot tells nothing, because the host had no time for it.
const HOST_TOO_SLOW: &str = "the host starved the machine";
/// From here on: the product gives a card 15 s to answer, most of which the machine must have had.
const STARVED_MAX: Duration = Duration::from_secs(5);
/// Boots that may be spoilt that way before the test gives up.
const TRIES: u32 = 4;

/// The product is up: a prompt, and a card that is well.
fn ready(witness: &mut Witness, rig: &mut Rig) -> Outcome {
    witness.expect(rig, tests::serial::PROMPT)?;
    let well = |status: &str| status.lines().any(|l| l.starts_with("card ") && l.contains("ok"));
    let given_up = rig.serial.has("card takes too long");
    let starved = witness.seen.looks.last().map_or(Duration::ZERO, |look| look.starved);
    if given_up && starved > STARVED_MAX {
        return Err(HOST_TOO_SLOW.into());
    }
    witness.until(rig, "status", well)
}

/// Does something that boots, again if the host spoilt it.
fn with_patience<T>(mut boot: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    for _ in 1..TRIES {
        match boot() {
            Err(error) if error.to_string().contains(HOST_TOO_SLOW) => println!("{error}; once more"),
            result => return result,
        }
    }
    boot()
}

/// A card and what is promised of it.
#[derive(Clone)]
struct Life {
    card: SparseCard,
    settings: toml::Table,
    known: Vec<Known>,
    /// Every file that lies there now, cut clips of earlier lives among them.
    names: BTreeSet<String>,
}

/// Where a run keeps its card and log.
struct Place {
    folder: TempDir,
    log: PathBuf,
}

impl Place {
    fn new(life: &Life) -> Result<Place, Failure> {
        let folder = tempfile::tempdir()?;
        life.card.save(&folder.path().join("card.img"), 0, life.card.bytes)?;
        let log = folder.path().join("writes.log");
        Ok(Place { folder, log })
    }
}

/// The card of a phase: made once, copied for each kill.
fn prepared(phase: &Phase) -> Result<Life, Failure> {
    let folder = tempfile::tempdir()?;
    let image = folder.path().join("card.img");
    let profile = Rig::fresh_card(tests::rig::BOARD, &image)?;
    (phase.prepare)(&image)?;
    let mut life = Life {
        card: SparseCard::read(&image)?,
        settings: toml::Table::new(),
        known: Vec::new(),
        names: BTreeSet::new(),
    };
    let old = Bench::new()?.files(&life.card)?;
    life.names = old.keys().cloned().collect();
    life.known = old.into_iter().map(|(name, content)| Known { name, content, from: 0, until: 0 }).collect();
    if phase.used {
        let log = folder.path().join("writes.log");
        let mut rig = Rig::power_on(folder, profile, Some(&log))?;
        let mut witness = Witness::new(&log, toml::Table::new())?;
        ready(&mut witness, &mut rig)?;
        witness.save(&mut rig, &SMALL_CLIPS, settings(&[]))?;
        // Killed, not switched off: the next boot has a journal to replay.
        let (folder, _) = rig.kill();
        life = Life {
            card: SparseCard::read(&folder.path().join("card.img"))?,
            settings: settings(&[]),
            ..life
        };
    }
    Ok(life)
}

/// Boots a card, drives the phase, kills, and gives back the card as the power cut left it, judged.
fn kill_once(phase: &Phase, life: &Life, number: u32, seed: u64) -> Result<Life, Failure> {
    let mut random = Random::new(seed, STREAM_MOMENT);
    let writes = u64::from(1 + random.below(phase.burst));
    let place = Place::new(life)?;
    let profile = boards::load(&tests::rig::root().join("boards"), tests::rig::BOARD)?;
    let mut rig = Rig::power_on(place.folder, profile, Some(&place.log))?;
    let mut witness = Witness::new(&place.log, life.settings.clone())?;
    let at = AtomicU64::new(u64::MAX);
    let killer = Killer { at, writes, log: place.log.clone(), killed: AtomicBool::new(false) };
    let over = AtomicBool::new(false);
    let process = rig.machine.process_id();
    let driven = std::thread::scope(|scope| {
        let watch = scope.spawn(|| killer.watch(process, &over));
        let driven = (phase.drive)(&mut witness, &mut rig, &killer);
        // Whatever happened: a machine that was killed closes its serial line.
        over.store(driven.is_err() && !rig.serial.closed() || driven.is_ok(), Ordering::Release);
        watch.join().map_err(|_| "the killer panicked".to_owned())??;
        Ok::<_, Failure>(driven)
    })?;
    if !killer.killed.load(Ordering::Acquire) {
        driven?;
        return Err(format!("{}: there were no {writes} writes to kill in", phase.name).into());
    }
    witness.look(&rig);
    let (folder, _) = rig.kill();
    let log = BlockLog::read(&place.log)?;
    let state = loss(&log, seed);
    println!(
        "{} {number}: seed {seed}, killed {writes} writes on, {} of {} sectors certain, {:?} of the rest",
        phase.name,
        state.durable,
        log.writes().len(),
        state.kind
    );
    let mut card = life.card.clone();
    crash_states::advance(&mut card, &log, 0, state.durable);
    let card = crash_states::cut(&card, &log, &state);
    let judged = judge(life, card.clone(), &witness, &log, &state);
    if judged.is_err() {
        let kept = artefacts()?.join("power").join("kill");
        std::fs::create_dir_all(&kept)?;
        card.save(&kept.join("card.img"), 0, card.bytes)?;
        life.card.save(&kept.join("start.img"), 0, life.card.bytes)?;
        std::fs::copy(folder.path().join("writes.log"), kept.join("writes.log"))?;
    }
    judged.map_err(|error| format!("{} {number}, seed {seed}: {error}", phase.name).into())
}

/// What a card has lost that was killed at the end of a log: nothing that was flushed; of the rest the end, or anything.
fn loss(log: &BlockLog, seed: u64) -> CrashState {
    let mut random = Random::new(seed, STREAM_LOSS);
    let end = log.writes().len();
    let epochs = Epochs::of(log);
    let flushed = epochs.flush_before(end);
    if random.below(2) == 0 {
        return crash_states::reordered(&epochs, end, random.draw());
    }
    let open = u32::try_from(end - flushed).unwrap_or(u32::MAX);
    let at = flushed + random.below(open.saturating_add(1)) as usize;
    CrashState { durable: at, latest: at, lost_by: None, kind: Kind::Torn }
}

/// Judges the card on the host, and says what is promised from here on.
fn judge(
    life: &Life,
    card: SparseCard,
    witness: &Witness,
    log: &BlockLog,
    state: &CrashState,
) -> Result<Life, Failure> {
    let seen = &witness.seen;
    let (durable, latest) = (state.durable, state.latest);
    verify::settings(&card, &seen.saves_in(log), durable as u64, latest as u64)?;
    let files = Bench::new()?.files(&card)?;
    let may_go = seen.first_event.map_or(usize::MAX, |entries| log.sectors_in(entries));
    let known: Vec<Known> = life.known.iter().map(|clip| Known { until: may_go, ..clip.clone() }).collect();
    verify::clips(&files, &known, durable, latest)?;
    for finished in &seen.finished {
        let there = files.get(&finished.name).map(|content| fragments::read(content).frames());
        let promised = log.sectors_in(finished.acknowledged) <= durable;
        if promised && there != Some(finished.frames) {
            return Err(format!("the complete clip {} has {there:?} frames", finished.name).into());
        }
    }
    let names: BTreeSet<String> = files.keys().cloned().collect();
    let old: BTreeSet<&String> = life.known.iter().map(|clip| &clip.name).collect();
    let new = files.iter().rfind(|(name, _)| name.ends_with(".mp4") && !life.names.contains(*name));
    let finished = seen.finished.len();
    if let (true, Some(event_frame)) = (finished == 0, seen.events.first()) {
        let playable = new.map(|(_, content)| (fragments::read(content), content));
        let first_missing = match playable {
            Some((playable, content)) if playable.frames() > 0 => {
                frame_numbers(&content[..playable.bytes])?.last().map_or(0, |last| last + 1)
            }
            _ => 0,
        };
        let lost = seen.lost(log, latest, first_missing.max(*event_frame));
        if lost.own > LOST_FRAMES_MAX && lost.proves_nothing() {
            return Err(format!("{HOST_TOO_SLOW}: the cut clip misses {lost:?}").into());
        }
        if lost.own > LOST_FRAMES_MAX {
            return Err(format!("the cut clip misses {lost:?}").into());
        }
    }
    let slots =
        boards::layout::SETTINGS.map(|area| card.bytes_at(area.offset_bytes, area.length_bytes as usize));
    let settings =
        tests::settings_slots::in_force([&slots[0], &slots[1]]).map(|s| s.toml).unwrap_or_default();
    let known = files.into_iter().filter(|(name, _)| old.contains(name));
    let known = known.map(|(name, content)| Known { name, content, from: 0, until: 0 }).collect();
    Ok(Life { card, settings, known, names })
}

/// The product starts from this card without help; with `film` it makes a clip, which plays.
fn next_boot(life: &Life, film: bool) -> Result<(), Failure> {
    let place = Place::new(life)?;
    let profile = boards::load(&tests::rig::root().join("boards"), tests::rig::BOARD)?;
    let mut rig = Rig::power_on(place.folder, profile, Some(&place.log))?;
    let mut witness = Witness::new(&place.log, life.settings.clone())?;
    ready(&mut witness, &mut rig)?;
    if !film {
        rig.kill();
        return Ok(());
    }
    witness.settle(&mut rig)?;
    witness.film(&mut rig, |_, _| Ok(()))?;
    let folder = rig.off()?;
    let card = SparseCard::read(&folder.path().join("card.img"))?;
    let files = Bench::new()?.files(&card)?;
    for clip in &witness.seen.finished {
        let content = files.get(&clip.name).ok_or_else(|| format!("{} is not there", clip.name))?;
        assert_eq!(frame_numbers(content)?.len(), clip.frames, "{} plays", clip.name);
    }
    Ok(())
}

/// W6, W7, see SPECIFICATION.md.
#[test]
fn fifty_kills_inside_write_bursts_and_the_next_boot_needs_nobody() -> Outcome {
    let seed = std::env::var("KERBEROS_POWER_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    let started = std::time::Instant::now();
    let mut kills = 0;
    for (index, phase) in PHASES.iter().enumerate() {
        let mut life = with_patience(|| prepared(phase))?;
        for number in 0..KILLS {
            let seed = seed + 1000 * index as u64 + u64::from(number);
            let left = with_patience(|| kill_once(phase, &life, number, seed))?;
            let last = number + 1 == KILLS;
            if last || !phase.chained {
                with_patience(|| next_boot(&left, last))
                    .map_err(|error| format!("{} {number}, seed {seed}: {error}", phase.name))?;
            }
            if phase.chained {
                life = left;
            }
            kills += 1;
        }
        report::figure("seconds so far", started.elapsed().as_secs());
    }
    assert_eq!(kills, 50);
    report::figure("kills inside write bursts", kills);
    Ok(())
}

//! Power cuts, enumerated: every state of the card, judged from outside.
//!
//! Every state that a card can be left in while the real image writes it.
//! The image runs once on a card whose writes are logged; a witness notes what was promised and when. Then each state of the
//! card is built from the log and judged.
//!
//! `KERBEROS_POWER_STATES` is the number of torn and reordered states per recording (for
//! a long run), `KERBEROS_POWER_SEED` their seed, and `KERBEROS_POWER_STATE` a state as a failure prints it: only that one is
//! judged again, from the recording that is kept in the target folder; with `KERBEROS_POWER_KEPT` all are.

use boards::layout::Area;
use image_builder::digest::sha256;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tests::block_log::BlockLog;
use tests::clip::frame_numbers;
use tests::crash_states::{self, CrashState, Kind, Sample};
use tests::power::{SMALL_CLIPS, enlarge, fill, settings};
use tests::rig::artefacts;
use tests::sparse_card::SparseCard;
use tests::verify::{self, Bench, Files, Known};
use tests::witness::{Lost, Save, Testimony, Witness};
use tests::{Failure, Outcome, Rig, chain, fragments, report};

/// Torn states per recording, and as many reordered ones, unless the environment says otherwise.
const SAMPLED: usize = 700;
/// States of both recordings together: fewer would be no proof.
const STATES_MIN: usize = 2000;
/// Seed unless the environment says otherwise.
const SEED: u64 = 20_260_727;
/// What a power cut may cost of a clip, in the camera's frames: 2 s at 15 frames a second.
const LOST_FRAMES_MAX: u64 = 30;

/// How a complaint about a time ends.
const TOO_LATE: &str = "more than the last 2 s";
/// Recordings that may be spoilt by a busy host.
const TRIES: u32 = 3;

/// A run of the image: its name, what is done to the card before, and what is done while it runs.
struct Plan {
    name: &'static str,
    prepare: fn(&Path) -> Outcome,
    play: fn(&mut Witness, &mut Rig) -> Outcome,
}

const PLANS: [Plan; 2] = [
    Plan { name: "first-boot", prepare: enlarge, play: first_boot_and_recording },
    Plan { name: "full-card", prepare: fill, play: old_clips_make_room },
];

/// Everything about one run of the image.
struct Recording {
    name: &'static str,
    start: SparseCard,
    log: BlockLog,
    seen: Testimony,
    /// The saves with positions in sectors.
    saves: Vec<Save>,
    /// Clips that are promised.
    known: Vec<Known>,
    /// Clips that were being written, with the number of each frame and of the first frame after the event began.
    filmed: Vec<Filmed>,
    /// Content and hash of each known clip.
    hashes: BTreeMap<String, (Vec<u8>, String)>,
}

struct Filmed {
    name: String,
    content: Vec<u8>,
    numbers: Vec<u64>,
    event_frame: u64,
    /// From here on it is promised whole.
    acknowledged: usize,
}

/// Where a recording is kept.
fn folder_of(name: &str) -> Result<PathBuf, Failure> {
    Ok(artefacts()?.join("power").join(name))
}

/// Runs the image on a prepared card and keeps what is needed to judge it.
fn record(
    name: &str,
    prepare: impl FnOnce(&Path) -> Result<(), Failure>,
    play: impl FnOnce(&mut Witness, &mut Rig) -> Outcome,
) -> Outcome {
    let kept = folder_of(name)?;
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    std::fs::create_dir_all(&kept)?;
    let folder = tempfile::tempdir()?;
    let card = folder.path().join("card.img");
    let profile = Rig::fresh_card(tests::rig::BOARD, &card)?;
    prepare(&card)?;
    let sparse = "--sparse=always";
    tests::card::run(
        "cp",
        &[sparse, &tests::card::text(&card), &tests::card::text(&kept.join("start.img"))],
    )?;
    let log = kept.join("writes.log");
    let mut rig = Rig::power_on(folder, profile, Some(&log))?;
    let mut witness = Witness::new(&log, toml::Table::new())?;
    witness.expect(&mut rig, tests::serial::PROMPT)?;
    play(&mut witness, &mut rig)?;
    let folder = rig.off()?;
    std::fs::write(kept.join("witness.json"), serde_json::to_vec(&witness.seen)?)?;
    let end = SparseCard::read(&folder.path().join("card.img"))?;
    let mut replayed = SparseCard::read(&kept.join("start.img"))?;
    let log = BlockLog::read(&log)?;
    crash_states::advance(&mut replayed, &log, 0, log.writes().len());
    let differs = replayed.first_difference(&end);
    assert_eq!(differs, None, "the log and the card differ in a block: the log is not what happened");
    Ok(())
}

/// A new large card: first boot, settings saved again and again, three clips, switched off.
fn first_boot_and_recording(witness: &mut Witness, rig: &mut Rig) -> Outcome {
    witness.save(rig, &SMALL_CLIPS, settings(&[]))?;
    witness.settle(rig)?;
    for round in 0..3_u32 {
        let save = |witness: &mut Witness, rig: &mut Rig, step: u32| {
            let (sensitivity, pulse) = ((51 + 2 * round + step).to_string(), (1000 + round).to_string());
            let more = [("motion.sensitivity", sensitivity.as_str()), ("alarm.pulse_ms", pulse.as_str())];
            witness.save(rig, &more, settings(&more))
        };
        save(witness, rig, 0)?;
        witness.film(rig, |witness, rig| save(witness, rig, 1))?;
    }
    Ok(())
}

/// A card full of old clips: each new clip makes the oldest go.
fn old_clips_make_room(witness: &mut Witness, rig: &mut Rig) -> Outcome {
    witness.save(rig, &SMALL_CLIPS, settings(&[]))?;
    witness.settle(rig)?;
    for _ in 0..2 {
        witness.film(rig, |_, _| Ok(()))?;
    }
    Ok(())
}

impl Recording {
    /// Reads a recording and finds out what was promised when.
    fn load(name: &'static str) -> Result<Recording, Failure> {
        let kept = folder_of(name)?;
        let start = SparseCard::read(&kept.join("start.img"))?;
        let log = BlockLog::read(&kept.join("writes.log"))?;
        let seen: Testimony = serde_json::from_slice(&std::fs::read(kept.join("witness.json"))?)?;
        let saves = seen.saves_in(&log);
        let may_go = seen.first_event.map_or(usize::MAX, |entries| log.sectors_in(entries));
        let bench = Bench::new()?;
        let old = bench.files(&start)?.into_iter().filter(|(name, _)| name.ends_with(".mp4"));
        let old = old.map(|(name, content)| Known { name, content, from: 0, until: may_go });
        let mut recording = Recording {
            name,
            start,
            saves,
            known: old.collect(),
            filmed: Vec::new(),
            hashes: BTreeMap::new(),
            log,
            seen,
        };
        recording.learn_clips(&bench)?;
        let hashed = |clip: &Known| (clip.name.clone(), (clip.content.clone(), sha256(&clip.content)));
        recording.hashes = recording.known.iter().map(hashed).collect();
        Ok(recording)
    }

    /// The content of each finished clip, as it is at the moment of its report, and that it is what was reported.
    fn learn_clips(&mut self, bench: &Bench) -> Outcome {
        let mut card = self.start.clone();
        let mut at = 0;
        for (index, finished) in self.seen.finished.iter().enumerate() {
            let acknowledged = self.log.sectors_in(finished.acknowledged);
            crash_states::advance(&mut card, &self.log, at, acknowledged);
            at = acknowledged;
            let name = finished.name.clone();
            let content = bench.files(&card)?.remove(&name).ok_or_else(|| format!("{name} is not there"))?;
            let whole = fragments::read(&content);
            assert_eq!((whole.bytes, whole.frames()), (content.len(), finished.frames), "{name} is whole");
            assert_eq!(content.len() / 1024, finished.kib, "{name} has the size that was reported");
            let numbers = frame_numbers(&content)?;
            assert_eq!(numbers.len(), finished.frames, "{name} decodes to all its frames");
            let event_frame = self.seen.events[index];
            let (from, until) = (acknowledged, usize::MAX);
            self.known.push(Known { name: name.clone(), content: content.clone(), from, until });
            self.filmed.push(Filmed { name, content, numbers, event_frame, acknowledged });
        }
        Ok(())
    }

    /// Where the file of mistakes in `kerberos.toml` lies on p1. It is filled up with newlines, as nothing else there is.
    fn errors_file(&self) -> Area {
        use boards::layout::{BOOT, ERRORS_FILE, ERRORS_FILE_BYTES, SECTOR_BYTES};
        let all = BOOT.offset_bytes..BOOT.offset_bytes + BOOT.length_bytes.unwrap_or(0);
        let is_filler =
            |at: &u64| self.start.bytes_at(*at, SECTOR_BYTES as usize).iter().all(|byte| *byte == b'\n');
        let last = all.step_by(SECTOR_BYTES as usize).filter(is_filler).last().expect("the file is there");
        let length_bytes = ERRORS_FILE_BYTES as u64;
        Area { name: ERRORS_FILE, offset_bytes: last + SECTOR_BYTES - length_bytes, length_bytes }
    }

    /// Nothing outside its owner's place is ever written: partitions 1 to 3 stay as flashed, but for the one file that is overwritten in
    /// place.
    fn only_owned_places_are_written(&self) {
        use boards::layout::{CLIPS, RESERVED, SECTOR_BYTES};
        let owned_below: Vec<Area> = RESERVED.into_iter().chain([self.errors_file()]).collect();
        // The kernel writes whole pages of a raw device.
        let page = 4096;
        for write in self.log.writes() {
            let at = write.sector * SECTOR_BYTES;
            let owned = at >= CLIPS.offset_bytes
                || owned_below.iter().any(|area| area.overlaps(at / page * page, page));
            assert!(owned, "{}: sector {} was written", self.name, write.sector);
        }
    }

    /// Judges one state; `card` is the card as it is then.
    fn judge(&self, card: &SparseCard, state: &CrashState, bench: &Bench) -> Result<Cut, Failure> {
        let (durable, latest) = (state.durable, state.latest);
        verify::settings(card, &self.saves, durable as u64, latest as u64)?;
        let files = bench.files(card)?;
        verify::clips(&files, &self.known, durable, latest)?;
        self.judge_chain(&files, durable)?;
        let mut cut = Cut::default();
        for filmed in self.filmed.iter().filter(|filmed| filmed.acknowledged > durable) {
            self.judge_cut_clip(filmed, &files, latest, &mut cut)?;
        }
        Ok(cut)
    }

    /// The chain is whole but for its last line, every clip that was reported complete is in it, and it is true.
    fn judge_chain(&self, files: &Files, durable: usize) -> Outcome {
        // Those that were on the card before were made by nobody who chains clips.
        let promised = self.known.iter().filter(|clip| clip.from > 0 && clip.from <= durable);
        let promised: Vec<&str> = promised.map(|clip| clip.name.as_str()).collect();
        let hash = |name: &str, content: &[u8]| {
            let known = self.hashes.get(name).filter(|(known, _)| known == content);
            known.map_or_else(|| sha256(content), |(_, hash)| hash.clone())
        };
        chain::judge(files, &promised, hash).map(drop)
    }

    /// No frame that belonged to the clip for longer than 2 s may be missing.
    fn judge_cut_clip(&self, filmed: &Filmed, files: &Files, latest: usize, cut: &mut Cut) -> Outcome {
        let empty = Vec::new();
        let file = files.get(&filmed.name).unwrap_or(&empty);
        let playable = verify::cut_clip(file, &filmed.content)?;
        if !file.is_empty() {
            cut.playable = Some((filmed.name.clone(), playable.bytes));
        }
        let Some(&missing) = filmed.numbers.get(playable.frames()) else { return Ok(()) };
        // A frame of the pre-roll belongs to the clip from the event on.
        let lost = self.seen.lost(&self.log, latest, missing.max(filmed.event_frame));
        cut.lost.frames = cut.lost.frames.max(lost.frames);
        cut.lost.own = cut.lost.own.max(lost.own);
        if lost.own > LOST_FRAMES_MAX {
            let at = playable.frames();
            return Err(format!(
                "the cut clip {} plays {at} frames and misses {lost:?}: {TOO_LATE}",
                filmed.name
            )
            .into());
        }
        Ok(())
    }
}

/// What a state left of the clip that was being written.
#[derive(Default)]
struct Cut {
    /// Frames that are lost.
    lost: Lost,
    /// The clip and how many of its bytes play.
    playable: Option<(String, usize)>,
}

/// A state's name in a failure and in `KERBEROS_POWER_STATE`.
fn id(recording: &Recording, state: &CrashState) -> String {
    let CrashState { durable, latest, lost_by, .. } = state;
    format!("{}/{durable}/{latest}/{}", recording.name, lost_by.map_or("-".into(), |seed| seed.to_string()))
}

fn from_environment<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// What all states together showed.
#[derive(Default)]
struct Sum {
    failures: Vec<String>,
    lost_max: Lost,
    playable: BTreeSet<(String, usize)>,
}

/// Judges all states on all processors, each its own stretch of the log.
fn judge_all(recording: &Recording, states: &[CrashState]) -> Result<Sum, Failure> {
    let sum = Mutex::new(Sum::default());
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let workers: Vec<_> = states
            .chunks(states.len().div_ceil(threads).max(1))
            .map(|stretch| scope.spawn(|| judge_stretch(recording, stretch, &sum).map_err(|e| e.to_string())))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked".to_owned())?)
    })?;
    sum.into_inner().map_err(|e| e.to_string().into())
}

fn judge_stretch(recording: &Recording, states: &[CrashState], sum: &Mutex<Sum>) -> Outcome {
    let bench = Bench::new()?;
    let mut card = recording.start.clone();
    let mut at = 0;
    for state in states {
        crash_states::advance(&mut card, &recording.log, at, state.durable);
        at = state.durable;
        let judged = recording.judge(&crash_states::cut(&card, &recording.log, state), state, &bench);
        let mut sum = sum.lock().map_err(|e| e.to_string())?;
        match judged {
            Ok(cut) => {
                sum.lost_max.frames = sum.lost_max.frames.max(cut.lost.frames);
                sum.lost_max.own = sum.lost_max.own.max(cut.lost.own);
                sum.playable.extend(cut.playable);
            }
            Err(error) => sum.failures.push(format!("{} ({:?}): {error}", id(recording, state), state.kind)),
        }
    }
    Ok(())
}

/// Every length that a cut clip was left with plays from beginning to end.
fn lengths_play(recording: &Recording, playable: &BTreeSet<(String, usize)>) -> Outcome {
    let mut lengths = 0;
    for (name, bytes) in playable {
        let filmed = recording.filmed.iter().find(|filmed| filmed.name == *name).ok_or("no such clip")?;
        let cut = &filmed.content[..*bytes];
        let frames = fragments::read(cut).frames();
        if frames > 0 {
            lengths += 1;
            assert_eq!(frame_numbers(cut)?, filmed.numbers[..frames], "{name}, {bytes} bytes");
        }
    }
    report::figure("lengths of cut clips that were decoded", lengths);
    Ok(())
}

/// W1 to W5, see SPECIFICATION.md.
#[test]
fn every_state_of_a_cut_card_keeps_what_was_promised() -> Outcome {
    if let Ok(wanted) = std::env::var("KERBEROS_POWER_STATE") {
        return judge_again(&wanted);
    }
    let seed = from_environment("KERBEROS_POWER_SEED", SEED);
    let sampled = from_environment("KERBEROS_POWER_STATES", SAMPLED);
    println!("seed {seed}, {sampled} torn and {sampled} reordered states per recording");
    let kept = std::env::var_os("KERBEROS_POWER_KEPT").is_some();
    let mut judged = 0;
    for plan in &PLANS {
        let sample = Sample { seed, torn: sampled, reordered: sampled };
        judged += if kept { judge_recording(plan.name, sample)?.0 } else { record_and_judge(plan, sample)? };
    }
    assert!(judged >= STATES_MIN, "{judged} states are too few");
    Ok(())
}

/// Records and judges; once more where all that is wrong is a time, and the host starved the machine. How many states.
fn record_and_judge(plan: &Plan, sample: Sample) -> Result<usize, Failure> {
    for attempt in 1.. {
        record(plan.name, plan.prepare, plan.play)?;
        match judge_recording(plan.name, sample) {
            Ok((states, None)) => return Ok(states),
            Ok((_, Some(late))) if attempt < TRIES => {
                println!("the host was too busy to tell; once more: {late}")
            }
            Ok((_, Some(late))) => return Err(late.into()),
            Err(error) => return Err(error),
        }
    }
    Err("no attempt was made".into())
}

/// Judges a kept recording: how many states, and what was too late while the host starved the machine, if anything.
fn judge_recording(name: &'static str, sample: Sample) -> Result<(usize, Option<String>), Failure> {
    let recording = Recording::load(name)?;
    recording.only_owned_places_are_written();
    let states = crash_states::enumerate(&recording.log, sample);
    let count = |kind| states.iter().filter(|state| state.kind == kind).count();
    let kinds = [Kind::Flush, Kind::Write, Kind::Torn, Kind::Reordered].map(|kind| (kind, count(kind)));
    let sectors = recording.log.writes().len();
    report::figure(&format!("{name}: sectors written, states"), format!("{sectors}, {kinds:?}"));
    let started = std::time::Instant::now();
    let sum = judge_all(&recording, &states)?;
    report::figure(&format!("{name}: seconds to judge them"), started.elapsed().as_secs());
    let lost = format!("{}, without the host's share {}", sum.lost_max.frames, sum.lost_max.own);
    report::figure(&format!("{name}: most frames lost of a cut clip"), lost);
    let failures = format!("{} of {} states:\n{}", sum.failures.len(), states.len(), sum.failures.join("\n"));
    let only_late = sum.failures.iter().all(|failure| failure.ends_with(TOO_LATE));
    let excused = only_late && sum.lost_max.proves_nothing();
    if !sum.failures.is_empty() && !excused {
        return Err(failures.into());
    }
    lengths_play(&recording, &sum.playable)?;
    Ok((states.len(), (!sum.failures.is_empty()).then_some(failures)))
}

/// Judges one state of a kept recording.
fn judge_again(wanted: &str) -> Outcome {
    let [name, durable, latest, seed] = wanted.split('/').collect::<Vec<_>>()[..] else {
        return Err(format!("KERBEROS_POWER_STATE is RECORDING/DURABLE/LATEST/SEED, not {wanted}").into());
    };
    let name = PLANS.iter().map(|plan| plan.name).find(|known| *known == name).ok_or("no such recording")?;
    let recording = Recording::load(name)?;
    let (durable, latest, lost_by) = (durable.parse()?, latest.parse()?, seed.parse().ok());
    let kind = if lost_by.is_some() { Kind::Reordered } else { Kind::Write };
    let state = CrashState { durable, latest, lost_by, kind };
    let mut card = recording.start.clone();
    crash_states::advance(&mut card, &recording.log, 0, state.durable);
    let card = crash_states::cut(&card, &recording.log, &state);
    card.save(&folder_of(name)?.join("state.img"), 0, card.bytes)?;
    recording.judge(&card, &state, &Bench::new()?).map(drop)
}

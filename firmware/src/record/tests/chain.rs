//! The chain of hashes on a card: what is in it, and what a cut costs it.

use std::fs;
use std::path::Path;

use evidence::segment::{file_name, parse_file_name};
use evidence::{Chain, Hash, What, Why};

use super::super::chain::{ChainLog, LINKS_MAX};
use super::super::recorder::LINK_EVERY_US;
use super::super::unlinked::STEP_BYTES;
use super::super::{Cause, ClipName, Directory, Extension, Outcome, Recorder, Sidecar};
use super::{Frame, Ledger, START_US, event, limits, marked, mend};

/// The chain in a directory, as a reader on another machine sees it.
pub(super) fn read(dir: &Path) -> Chain {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| parse_file_name(name.as_bytes()).is_some())
        .collect();
    files.sort();
    let mut chain = Chain::new();
    for name in &files {
        chain.segment(name, &fs::read(dir.join(name)).unwrap(), Some(name) == files.last());
    }
    chain
}

/// Holds the chain against the files of every clip that it tells of and that is not said to be removed.
fn judge(dir: &Path) -> Chain {
    let chain = read(dir);
    assert_eq!(chain.faults, []);
    for (name, seen) in chain.clips.iter().filter(|(_, seen)| seen.removed.is_none()) {
        let name = ClipName::parse(name.as_bytes()).expect("a clip's name");
        assert!(seen.files.contains_key(".mp4") && seen.files.contains_key(".json"), "{name}");
        for (extension, hash) in &seen.files {
            let content = fs::read(dir.join(format!("{name}{extension}"))).expect("there");
            assert_eq!(Hash::of(&content), *hash, "{name}{extension}");
        }
    }
    chain
}

fn record(recorder: &mut Recorder<Frame, Directory>, ledger: &mut Ledger, number: u32, frames: usize) {
    let first = ledger.verdicts.len();
    recorder.begin(
        super::EventStart { wall_us: event().wall_us + u64::from(number) * 1_000_000, ..event() },
        ledger,
    );
    for frame in 0..frames {
        recorder.frame(marked(first + frame, 300), START_US + frame as u64 * 100_000, 0, ledger);
    }
}

fn recorder(dir: &Path) -> Recorder<Frame, Directory> {
    Recorder::new(Directory::new(dir, false), limits())
}

#[test]
fn every_finished_clip_is_in_the_chain_and_the_head_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.take_up(&mut ledger);
    assert_eq!(recorder.head(), None, "nothing is written before there is a clip");
    for number in 0..3 {
        record(&mut recorder, &mut ledger, number, 25);
        recorder.end(&mut ledger);
    }
    let chain = judge(dir.path());
    assert_eq!(chain.clips.len(), 3);
    let head = recorder.head().expect("known");
    assert_eq!(chain.head(), Some((head.number, head.hash)));
    assert_eq!(head.number, 4, "one that it begins with, and one for each clip");
    assert_eq!(ledger.sentences(), [""; 0]);
}

#[test]
fn a_clip_that_was_cut_short_is_linked_once_it_is_mended_and_nothing_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut ledger) = (recorder(dir.path()), Ledger::default());
    record(&mut first, &mut ledger, 0, 35);
    let cut = first.current().expect("open").clone();
    std::mem::forget(first);
    // Larger than one step reads.
    let video = dir.path().join(cut.file_name(Extension::Video));
    mend(&Directory::new(dir.path(), false)).unwrap();
    let bytes = fs::metadata(&video).unwrap().len();
    assert!(bytes < STEP_BYTES);

    let mut second = recorder(dir.path());
    second.take_up(&mut ledger);
    record(&mut second, &mut ledger, 1, 5);
    second.tick(START_US, &mut ledger);
    assert!(!read(dir.path()).clips.contains_key(&cut.to_string()), "not while an event is recorded");
    second.end(&mut ledger);
    (0..3).for_each(|_| second.tick(START_US, &mut ledger));
    let chain = judge(dir.path());
    assert!(chain.clips.len() == 2 && chain.clips.contains_key(&cut.to_string()));
    // Found to be linked at the next start.
    let mut third = recorder(dir.path());
    third.take_up(&mut ledger);
    (0..3).for_each(|_| third.tick(START_US, &mut ledger));
    assert_eq!(read(dir.path()).head(), chain.head());
    assert_eq!(third.head().map(|head| head.hash), chain.head().map(|(_, hash)| hash));
}

#[test]
fn a_clip_that_was_cut_short_is_linked_during_a_continuous_recording_too() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut ledger) = (recorder(dir.path()), Ledger::default());
    record(&mut first, &mut ledger, 0, 35);
    let cut = first.current().expect("open").to_string();
    std::mem::forget(first);
    mend(&Directory::new(dir.path(), false)).unwrap();
    let mut second = recorder(dir.path());
    second.take_up(&mut ledger);
    let start = super::EventStart { cause: Cause::Continuous, region: [0; 4], changes: 0, ..event() };
    second.begin(start, &mut ledger);
    second.frame(marked(99, 300), START_US, 0, &mut ledger);
    second.tick(START_US, &mut ledger);
    assert!(read(dir.path()).clips.contains_key(&cut));
    second.end(&mut ledger);
    assert_eq!(judge(dir.path()).clips.len(), 2);
}

#[test]
fn a_long_clip_is_read_in_steps() {
    let dir = tempfile::tempdir().unwrap();
    let name = ClipName::parse(b"1000000000_1-0_frontdoor_1-2-3-4_5_6").unwrap();
    let video = vec![7; STEP_BYTES as usize * 2 + 5];
    fs::write(dir.path().join(name.file_name(Extension::Video)), &video).unwrap();
    let description = Sidecar { complete: true, ..Sidecar::of(&name) };
    fs::write(dir.path().join(name.file_name(Extension::Sidecar)), description.to_json()).unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.take_up(&mut ledger);
    for step in 0..2 {
        recorder.tick(START_US + step * LINK_EVERY_US, &mut ledger);
        assert_eq!(recorder.head(), None);
    }
    recorder.tick(START_US + 2 * LINK_EVERY_US - 1, &mut ledger);
    assert_eq!(recorder.head(), None, "not yet due");
    recorder.tick(START_US + 2 * LINK_EVERY_US, &mut ledger);
    assert_eq!(judge(dir.path()).clips[&name.to_string()].files[".mp4"], Hash::of(&video));
}

#[test]
fn what_a_cut_tore_of_the_chain_is_cut_off_and_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Directory::new(dir.path(), false);
    let mut log = ChainLog::default();
    let removed = |number: u64| What::Removed { why: Why::Room, names: vec![format!("clip {number}")] };
    (0..3).for_each(|number| log.append(&folder, removed(number)).unwrap());
    let path = dir.path().join(file_name(1));
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        for is_zeroed in [false, true] {
            let mut torn = whole[..length].to_vec();
            if is_zeroed {
                torn.resize(whole.len(), 0);
            }
            fs::write(&path, &torn).unwrap();
            let mut log = ChainLog::default();
            log.append(&folder, removed(9)).unwrap();
            let chain = read(dir.path());
            assert_eq!((chain.faults.as_slice(), chain.torn_bytes), (&[][..], 0), "{length} {is_zeroed}");
            let kept = whole[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
            let begins = u64::from(kept == 0);
            assert_eq!(
                chain.head().map(|(number, _)| number),
                Some(kept + begins + 1),
                "{length} {is_zeroed}"
            );
        }
    }
}

#[test]
fn a_damaged_line_in_the_middle_stays_for_everybody_to_see() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Directory::new(dir.path(), false);
    let mut log = ChainLog::default();
    let removed = |number: u64| What::Removed { why: Why::Room, names: vec![format!("clip {number}")] };
    (0..4).for_each(|number| log.append(&folder, removed(number)).unwrap());
    let path = dir.path().join(file_name(1));
    let mut content = fs::read(&path).unwrap();
    content[200] ^= 1;
    fs::write(&path, &content).unwrap();
    let mut log = ChainLog::default();
    log.append(&folder, removed(9)).unwrap();
    assert!(fs::read(&path).unwrap().starts_with(&content), "nothing is cut off");
    let chain = read(dir.path());
    assert_eq!(chain.head().map(|(number, _)| number), Some(6));
    assert_eq!(chain.faults.len(), 2, "the line, and that its link is missing: {:?}", chain.faults);
}

#[test]
fn links_that_cannot_be_read_do_not_stop_the_recording() {
    let dir = tempfile::tempdir().unwrap();
    let name = file_name(LINKS_MAX + 1);
    // What cannot be read as a file: a directory.
    fs::create_dir(dir.path().join(&name)).unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.take_up(&mut ledger);
    record(&mut recorder, &mut ledger, 0, 5);
    recorder.end(&mut ledger);
    assert_eq!(ledger.sentences(), [""; 0]);
    fs::remove_dir(dir.path().join(&name)).unwrap();
    let chain = judge(dir.path());
    assert_eq!((chain.first(), chain.clips.len()), (Some(2 * LINKS_MAX + 1), 1));
}

#[test]
fn a_clip_that_cannot_be_described_is_told_and_nothing_else_happens() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut ledger) = (recorder(dir.path()), Ledger::default());
    record(&mut first, &mut ledger, 0, 35);
    let description = dir.path().join(first.current().expect("open").file_name(Extension::Sidecar));
    std::mem::forget(first);
    // What no file can take the place of.
    fs::remove_file(&description).unwrap();
    fs::create_dir(&description).unwrap();
    let (mut second, mut ledger) = (recorder(dir.path()), Ledger::default());
    second.take_up(&mut ledger);
    (0..3).for_each(|_| second.tick(START_US, &mut ledger));
    let told = ledger.outcomes.as_slice();
    assert!(matches!(told, [Outcome::Mended { what: Err(_), .. }, Outcome::NotChained { .. }]), "{told:?}");
}

#[test]
fn a_clip_is_linked_as_it_will_be_found_at_every_later_start() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut ledger) = (recorder(dir.path()), Ledger::default());
    record(&mut first, &mut ledger, 0, 35);
    std::mem::forget(first);
    // Its description is still that of the clip's start.
    let mut second = recorder(dir.path());
    second.take_up(&mut ledger);
    (0..3).for_each(|_| second.tick(START_US, &mut ledger));
    assert_eq!(judge(dir.path()).clips.len(), 1);
    assert!(mend(&Directory::new(dir.path(), false)).unwrap().is_empty());
    judge(dir.path());
}

#[test]
fn the_beginning_goes_when_all_its_clips_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Directory::new(dir.path(), false);
    let mut log = ChainLog::default();
    let name = |number: u64| ClipName { seconds: number, ..ClipName::parse(b"1_1-0_c_1-2-3-4_5_6").unwrap() };
    let link = |number: u64| What::Clip { name: name(number).to_string(), files: Default::default() };
    let segments = || (0..5).filter(|n| dir.path().join(file_name(n * LINKS_MAX + 1)).exists()).count();
    // One clip of the second segment is still there.
    let kept = name(LINKS_MAX + 7);
    fs::write(dir.path().join(kept.file_name(Extension::Video)), b"").unwrap();
    while log.head().is_none_or(|head| head.number < 4 * LINKS_MAX) {
        let number = log.head().map_or(2, |head| head.number + 1);
        log.append(&folder, link(number)).unwrap();
    }
    assert_eq!(segments(), 3, "the first is gone: nobody has a clip of it");
    let chain = read(dir.path());
    assert!(chain.first() == Some(LINKS_MAX + 1) && chain.beginning_said_by().is_some());
    fs::remove_file(dir.path().join(kept.file_name(Extension::Video))).unwrap();
    log.append(&folder, link(4 * LINKS_MAX + 1)).unwrap();
    assert_eq!(segments(), 1);
    let chain = read(dir.path());
    assert_eq!((chain.faults.as_slice(), chain.first()), (&[][..], Some(4 * LINKS_MAX + 1)));
    assert_eq!(chain.beginning_said_by(), Some(4 * LINKS_MAX + 2), "a link says so");
}

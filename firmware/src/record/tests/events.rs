//! The recorder on a working card: clips, continuations, sidecars, times, and no card at all.

use std::fs;
use std::path::Path;

use super::super::clip::SAMPLES_MAX;
use super::super::{
    Cause, ClipName, ClockState, Crossed, Directory, DropReason, EventStart, Extension, Limits, Note,
    Outcome, Recorder, Sidecar, Verdict, list,
};
use super::boxes::{fragments, times_us, whole};
use super::{Frame, Ledger, START_US, event, limits, marked};

fn recorder(dir: &Path) -> Recorder<Frame, Directory> {
    Recorder::new(Directory::new(dir, false), limits())
}

fn video(dir: &Path, name: &ClipName) -> Vec<u8> {
    fs::read(dir.join(name.file_name(Extension::Video))).expect("the video")
}

fn sidecar(dir: &Path, name: &ClipName) -> Sidecar {
    let json = fs::read(dir.join(name.file_name(Extension::Sidecar))).expect("the sidecar");
    serde_json::from_slice(&json).expect("our JSON")
}

/// The clips of a directory, oldest first.
fn clips(dir: &Path) -> Vec<ClipName> {
    list(&Directory::new(dir, false), 100)
        .unwrap()
        .newest
        .into_iter()
        .rev()
        .map(|listed| listed.name)
        .collect()
}

#[test]
fn an_event_becomes_a_clip_and_a_sidecar_with_kerberos_keys() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    let pre_roll_us = 200_000;
    recorder.begin(super::super::EventStart { pre_roll_ms: 200, ..event() }, &mut ledger);
    for number in 0..30 {
        recorder.frame(
            marked(number, 1000),
            START_US - pre_roll_us + number as u64 * 100_000,
            0,
            &mut ledger,
        );
        if number == 0 {
            let name = recorder.current().expect("open").clone();
            let begun = sidecar(dir.path(), &name);
            assert_eq!((begun.complete, begun.frames), (false, 0), "described before the first fragment");
        }
    }
    recorder.note_lost_upstream(2);
    recorder.end(&mut ledger);
    assert!(!recorder.is_recording() && recorder.frames_held() == 0);
    assert_eq!(ledger.count(Verdict::Recorded), 30);

    let name = ClipName::parse(b"1486049622_6-161868_frontdoor_308-250-346-329_194_344").unwrap();
    let file = video(dir.path(), &name);
    let samples = whole(&file);
    assert!(samples.iter().enumerate().all(|(number, bytes)| *bytes == marked(number, 1000).bytes));
    assert_eq!(times_us(&file), (0..30).map(|number| number * 100_000).collect::<Vec<_>>());
    let bytes = file.len() as u64;
    let expected = [
        Outcome::ClipStarted { name: name.clone(), video: Extension::Video },
        Outcome::ClipFinished { name: name.clone(), video: Extension::Video, frames: 30, bytes },
    ];
    assert_eq!(ledger.outcomes, expected);

    let json = fs::read(dir.path().join(name.file_name(Extension::Sidecar))).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let expected = serde_json::json!({
        "regionCoordinates": [308, 250, 346, 329], "numberOfChanges": 194, "name": "frontdoor",
        "timestamp": "1486049622", "microseconds": "6-161868", "token": 344, "pathToImage": name.file_name(Extension::Still),
        "pathToVideo": "1486049622_6-161868_frontdoor_308-250-346-329_194_344.mp4", "instanceName": "frontdoor",
        "cause": "motion", "complete": true, "clock": "trusted", "monotonicStartUs": START_US, "startUs": -200_000, "endUs": 2_800_000,
        "preRollMs": 200, "frames": 30, "bytes": bytes, "width": 64, "height": 48, "droppedFrames":
            { "cardFull": 0, "cardError": 0, "cardMissing": 0, "badFrame": 0, "upstream": 2 },
    });
    assert_eq!(json, expected);
}

#[test]
fn the_description_tells_the_cause_tampering_and_what_crossed_tripwires() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    let crossed = |incoming, outgoing| Note::Crossed(Crossed { incoming, outgoing });
    recorder.note(crossed(9, 9));
    recorder.begin(EventStart { cause: Cause::Tamper, has_lines: true, ..event() }, &mut ledger);
    recorder.frame(marked(0, 1000), START_US, 0, &mut ledger);
    let begun = sidecar(dir.path(), recorder.current().expect("open"));
    assert_eq!(
        (begun.incoming, begun.outgoing, begun.tamper),
        (Some(0), Some(0), None),
        "lines and no crossing"
    );
    for note in [Note::Tampered("covered"), crossed(1, 0), crossed(2, 1)] {
        recorder.note(note);
    }
    recorder.end(&mut ledger);
    let json = fs::read(dir.path().join(clips(dir.path())[0].file_name(Extension::Sidecar))).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let told = (&json["cause"], &json["tamper"], &json["incoming"], &json["outgoing"]);
    assert_eq!(told, (&"tamper".into(), &"covered".into(), &3.into(), &1.into()));
    // The description of a clip from before there were these keys.
    let mut old = json.as_object().unwrap().clone();
    old.retain(|key, _| !["cause", "tamper", "incoming", "outgoing"].contains(&key.as_str()));
    let old: Sidecar = serde_json::from_value(old.into()).expect("still read");
    assert_eq!((old.cause, old.incoming), (Cause::Motion, None));
}

#[test]
fn the_still_is_the_frame_that_shows_most_of_what_moves() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path());
    let mut ledger = Ledger::default();
    recorder.begin(event(), &mut ledger);
    // The first of the two largest.
    let shown = [0, 10, 40, 40, 5];
    for (number, subject_px) in shown.into_iter().enumerate() {
        recorder.frame(
            marked(number, 100 + number),
            START_US + number as u64 * 100_000,
            subject_px,
            &mut ledger,
        );
    }
    let name = recorder.current().expect("open").clone();
    assert_eq!(sidecar(dir.path(), &name).path_to_image, "", "not before the clip is complete");
    recorder.end(&mut ledger);
    let still = name.file_name(Extension::Still);
    assert_eq!(sidecar(dir.path(), &name).path_to_image, still);
    assert_eq!(fs::read(dir.path().join(&still)).unwrap(), marked(2, 102).bytes);
    // Where nothing moves, the first frame of the clip; never one of the clip before.
    recorder.begin(EventStart { wall_us: event().wall_us + 9_000_000, ..event() }, &mut ledger);
    recorder.frame(marked(7, 50), START_US + 9_000_000, 0, &mut ledger);
    recorder.frame(marked(8, 51), START_US + 9_100_000, 0, &mut ledger);
    let name = recorder.current().expect("open").clone();
    recorder.end(&mut ledger);
    assert_eq!(fs::read(dir.path().join(name.file_name(Extension::Still))).unwrap(), marked(7, 50).bytes);
}

#[test]
fn a_long_event_goes_on_in_the_next_clip_without_losing_a_frame() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = recorder(dir.path());
    recorder.set_limits(Limits { clip_ms_max: 10_000, ..limits() });
    let mut ledger = Ledger::default();
    recorder.begin(event(), &mut ledger);
    let mut given = Vec::new();
    for number in 0..400 {
        let timestamp_us = START_US + number as u64 * 66_667 + (number as u64 * 7919 % 5000);
        given.push(timestamp_us - START_US);
        recorder.frame(marked(number, 500 + number), timestamp_us, 0, &mut ledger);
    }
    recorder.end(&mut ledger);
    assert_eq!(ledger.count(Verdict::Recorded), 400);
    let clips = clips(dir.path());
    assert_eq!(clips.len(), 3);
    let mut numbers = 0;
    let mut times = Vec::new();
    for (part, name) in clips.iter().enumerate() {
        let description = sidecar(dir.path(), name);
        assert!(description.complete);
        assert_eq!(
            name.wall_us(),
            event().wall_us + description.start_us as u64,
            "named after its first frame"
        );
        assert_eq!(name.token, 344 + part as u16);
        let file = video(dir.path(), name);
        times.extend(times_us(&file).iter().map(|time| time + description.start_us as u64));
        for sample in whole(&file) {
            assert_eq!(sample, marked(numbers, 500 + numbers).bytes);
            numbers += 1;
        }
    }
    assert_eq!(times, given, "to the microsecond, also across clips");
}

#[test]
fn a_fragment_spans_a_second_and_never_more_frames_or_bytes_than_allowed() {
    for (step_us, length, most) in
        [(16_667, 100, SAMPLES_MAX), (1_000, 100, SAMPLES_MAX), (66_667, 1 << 20, 4)]
    {
        let dir = tempfile::tempdir().unwrap();
        let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
        recorder.begin(event(), &mut ledger);
        for number in 0..130 {
            let timestamp_us = START_US + number as u64 * step_us;
            recorder.frame(marked(number, length), timestamp_us, 0, &mut ledger);
            assert!(recorder.frames_held() <= most);
        }
        recorder.end(&mut ledger);
        let file = video(dir.path(), &clips(dir.path())[0]);
        let (_, fragments) = fragments(&file);
        for fragment in &fragments[..fragments.len() - 1] {
            let span_us: u32 = fragment.durations_us.iter().sum();
            assert!(fragment.samples.len() <= most && span_us <= 1_000_000 + step_us as u32);
        }
        assert_eq!(ledger.count(Verdict::Recorded), 130);
    }
}

#[test]
fn timestamps_that_do_not_rise_are_moved_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.begin(event(), &mut ledger);
    let offsets = [0, 100_000, 100_000, 50_000, 0, 200_000, u64::MAX - START_US, 300_000];
    for (number, offset) in offsets.into_iter().enumerate() {
        recorder.frame(marked(number, 100), START_US.saturating_add(offset), 0, &mut ledger);
    }
    recorder.end(&mut ledger);
    assert_eq!(ledger.verdicts.len(), offsets.len());
    let all: Vec<_> = clips(dir.path()).iter().flat_map(|name| whole(&video(dir.path(), name))).collect();
    assert_eq!(all.len(), ledger.count(Verdict::Recorded));
    let times = times_us(&video(dir.path(), &clips(dir.path())[0]));
    assert_eq!(times[..6], [0, 100_000, 100_001, 100_002, 100_003, 200_000]);
}

#[test]
fn a_clock_set_back_starts_a_new_clip_with_right_times() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.begin(event(), &mut ledger);
    let offsets_ms = [0, 100, 9_000, 200, 300, 400];
    for (number, offset_ms) in offsets_ms.into_iter().enumerate() {
        recorder.frame(marked(number, 100), START_US + offset_ms * 1000, 0, &mut ledger);
    }
    recorder.end(&mut ledger);
    assert_eq!(ledger.count(Verdict::Recorded), 6);
    let times: Vec<_> = clips(dir.path()).iter().map(|name| times_us(&video(dir.path(), name))).collect();
    assert_eq!(times, [vec![0, 100_000, 9_000_000], vec![0, 100_000, 200_000]]);
}

#[test]
fn a_stalled_camera_leaves_its_frames_on_the_card() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.begin(event(), &mut ledger);
    recorder.frame(marked(0, 100), START_US, 0, &mut ledger);
    recorder.frame(marked(1, 100), START_US + 40_000, 0, &mut ledger);
    recorder.tick(START_US + 1_499_999, &mut ledger);
    assert_eq!(ledger.verdicts.len(), 0);
    recorder.tick(START_US + 1_500_000, &mut ledger);
    assert_eq!(ledger.count(Verdict::Recorded), 2);
    recorder.tick(START_US + 9_000_000, &mut ledger);
    recorder.frame(marked(2, 100), START_US + 10_000_000, 0, &mut ledger);
    recorder.end(&mut ledger);
    let times = times_us(&video(dir.path(), &clips(dir.path())[0]));
    assert_eq!(times, [0, 40_000, 10_000_000], "the gap is kept");
}

#[test]
fn ticks_that_come_too_early_for_a_slow_card_move_no_frame() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.begin(event(), &mut ledger);
    let given: Vec<u64> = (0..60).map(|number| number * 66_667 + number * 7_919 % 30_000).collect();
    for (number, time) in given.iter().enumerate() {
        recorder.frame(marked(number, 100), START_US + time, 0, &mut ledger);
        if number % 7 == 0 {
            recorder.tick(START_US + time + 2_500_000, &mut ledger);
        }
    }
    recorder.end(&mut ledger);
    let file = video(dir.path(), &clips(dir.path())[0]);
    assert_eq!(times_us(&file), given);
    let (_, fragments) = fragments(&file);
    for pair in fragments.windows(2) {
        let durations: u64 = pair[0].durations_us.iter().map(|us| u64::from(*us)).sum();
        assert!(pair[0].base_us + durations <= pair[1].base_us, "fragments do not overlap");
    }
}

#[test]
fn frames_without_event_or_content_come_back_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    recorder.frame(marked(0, 100), START_US, 0, &mut ledger);
    recorder.begin(event(), &mut ledger);
    recorder.frame(Frame { number: 1, bytes: vec![] }, START_US, 0, &mut ledger);
    recorder.frame(marked(2, super::super::recorder::FRAME_BYTES_MAX + 1), START_US, 0, &mut ledger);
    recorder.frame(marked(3, super::super::recorder::FRAME_BYTES_MAX), START_US, 0, &mut ledger);
    recorder.begin(event(), &mut ledger);
    let dropped = Verdict::Dropped(DropReason::BadFrame);
    assert_eq!(
        ledger.verdicts.into_values().collect::<Vec<_>>(),
        [Verdict::Skipped, dropped, dropped, Verdict::Recorded]
    );
    assert_eq!(sidecar(dir.path(), &clips(dir.path())[0]).dropped_frames.bad_frame, 2);
    assert!(recorder.is_recording() && recorder.current().is_none(), "no file before the first frame");
}

#[test]
fn an_unset_clock_neither_hides_nor_overwrites_clips() {
    let dir = tempfile::tempdir().unwrap();
    let (mut recorder, mut ledger) = (recorder(dir.path()), Ledger::default());
    for round in 0..4 {
        recorder.begin(super::super::EventStart { wall_us: 0, wall_trusted: false, ..event() }, &mut ledger);
        recorder.frame(marked(round, 100), START_US, 0, &mut ledger);
        recorder.end(&mut ledger);
    }
    let clips = clips(dir.path());
    assert_eq!(clips.iter().map(|name| name.token).collect::<Vec<_>>(), [344, 345, 346, 347]);
    assert_eq!(sidecar(dir.path(), &clips[3]).clock, ClockState::Unknown);
    assert!(clips[0].to_string().starts_with("0_1-0_"), "{}", clips[0]);
}

#[test]
fn without_a_card_frames_are_counted_and_a_card_that_comes_is_used() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("clips");
    let (mut recorder, mut ledger) = (recorder(&dir), Ledger::default());
    recorder.begin(event(), &mut ledger);
    for number in 0..50 {
        if number == 20 {
            fs::create_dir(&dir).unwrap();
        }
        recorder.frame(marked(number, 100), START_US + number as u64 * 100_000, 0, &mut ledger);
    }
    recorder.end(&mut ledger);
    assert_eq!(ledger.lost_to(DropReason::CardMissing), 30, "tried again every 3 s");
    assert_eq!(ledger.count(Verdict::Recorded), 20);
    assert_eq!(ledger.sentences(), ["There is no card for clips: nothing is recorded."]);
    assert_eq!(sidecar(&dir, &clips(&dir)[0]).dropped_frames.card_missing, 30);
}

#[test]
fn memory_is_not_taken_for_a_card() {
    let mut recorder = Recorder::new(Directory::new("/", true), limits());
    let mut ledger = Ledger::default();
    recorder.begin(event(), &mut ledger);
    recorder.frame(marked(0, 100), START_US, 0, &mut ledger);
    assert_eq!(ledger.lost_to(DropReason::CardMissing), 1);
}

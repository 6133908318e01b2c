//! From motion to an alarm and a clip, judged from outside; and a still scene that stays quiet.

use boards::layout;
use image_builder::{camera::counter, verify_clips};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::card::{run, text};
use tests::clip::Clip;
use tests::rig::{artefacts, root};
use tests::starvation::Starvation;
use tests::{CardImage, Failure, Outcome, Rig, chain, led, report};

/// Frames between the decision as the console shows it and the line as the GPIO register shows it.
const FRAMES_MAX: u64 = 2;
/// The camera's.
const FRAMES_PER_S: u128 = 15;
/// Of the status LED while something is done to the camera.
const TAMPER_FLASHES: usize = 4;

/// M1, A1, A2, R1, R2, R3, L1: motion makes an event on the console, the alarm line rises within two frames and falls
/// after its pulse, and the clip on the card has its pre-roll and exactly the frames that the ledger says.
#[test]
fn motion_makes_an_event_an_alarm_and_a_clip() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    assert!(!rig.alarm_high()?, "the line is safe before anything happens");
    // A whole pre-roll must be there: six seconds at 15 frames a second.
    rig.frames_pass(90)?;
    rig.camera.scene_moving();
    let (lag, starved) = lag_of_the_alarm(&mut rig)?;
    report::figure("frames from the event on the console to the alarm line high", lag);
    let own = lag.saturating_sub(u64::try_from(starved.as_millis() * FRAMES_PER_S / 1000)?);
    assert!(
        own <= FRAMES_MAX,
        "{lag} frames after the event the line was low, the machine starved for {starved:?}"
    );
    rig.until("the end of the pulse", |rig| Ok(!rig.alarm_high()?))?;
    rig.camera.scene_still();
    rig.serial.expect("event 1: over after ")?;
    rig.serial.expect(".mp4: ")?;
    let why = rig.serial.command("why")?;
    assert!(why.contains("event 1, ") && why.contains(" in the picture: "), "{why}");
    for part in
        ["  size      ", "; at least ", "  travel    ", "  contrast  ", " motion (last ", "frames    "]
    {
        assert!(why.contains(part), "`why` tells {part}: {why}");
    }
    // The head follows the clip within a round of the record thread.
    let mut status = String::new();
    rig.until("the clip in the chain", |rig| {
        status = rig.serial.command("status")?;
        Ok(status.contains("links, head "))
    })?;
    assert!(status.contains("clips     1 written"), "{status}");
    let wear =
        status.split("; the card wrote ").nth(1).and_then(|rest| rest.split(' ').next()).ok_or("no wear")?;
    report::figure("bytes written to the card for each of a clip", wear);
    let wear: f64 = wear.parse()?;
    assert!((1.0..1.5).contains(&wear), "data, journal and little else: {wear}");

    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    judge_clip(folder.path(), ledger.recorded)?;
    judge_pull(folder.path())?;
    judge_chain(folder.path(), evidence_row(&status)?)
}

/// Frames between the event on the console and the last look at which the alarm line was still low; and for how long the host kept the
/// machine waiting meanwhile. A look counts from before it is taken: a harness that is late makes no alarm late.
fn lag_of_the_alarm(rig: &mut Rig) -> Result<(u64, Duration), Failure> {
    let (mut event_at, mut low_at) = (None, 0);
    let (mut starvation, mut starved) = (Starvation::default(), Duration::ZERO);
    rig.until("event and alarm", |rig| {
        if event_at.is_none() {
            starvation = Starvation::default();
        }
        starved = starvation.look(rig.machine.process_id());
        let now = rig.camera.stats().offered;
        let is_high = rig.alarm_high()?;
        if !is_high {
            low_at = now;
        }
        if event_at.is_none() && rig.serial.has("event 1: motion at ") {
            event_at = Some(rig.camera.stats().offered);
        }
        Ok(event_at.is_some() && is_high)
    })?;
    Ok((low_at.saturating_sub(event_at.unwrap_or(low_at)), starved))
}

/// What the row `evidence` of `status` shows of the chain's head.
fn evidence_row(status: &str) -> Result<&str, Failure> {
    let row = status.lines().find_map(|line| line.strip_prefix("evidence  ")).ok_or("no row `evidence`")?;
    Ok(row.split_once(", head ").ok_or_else(|| format!("no head in `{row}`"))?.1.trim())
}

/// X1, X2: `pull-clips` copies off the card, which it leaves as it is, byte by byte what debugfs reads there.
fn judge_pull(folder: &Path) -> Outcome {
    let (card, pulled) = (folder.join("card.img"), folder.join("pulled"));
    let before = run("sha256sum", &[&text(&card)])?;
    run(&text(&root().join("flash.sh")), &["pull-clips", &text(&card), &text(&pulled)])?;
    assert_eq!(run("sha256sum", &[&text(&card)])?, before, "nothing is written to the card");
    run("diff", &["-r", &text(&folder.join(layout::CLIPS_FOLDER)), &text(&pulled)])?;
    let report = verify_clips::verify(&pulled, None)?;
    assert!(report.is_good(), "{report}");
    Ok(())
}

/// R8: the clip is in the chain with the hashes that `sha256sum` finds, the chain ends with the head that `status` showed, and
/// `verify-clips` sees both that it is good and that one byte was changed.
fn judge_chain(folder: &Path, head: &str) -> Outcome {
    let clips = folder.join(layout::CLIPS_FOLDER);
    let files = chain::files_in(&clips)?;
    let by_sha256sum = |name: &str, _: &[u8]| {
        let said = run("sha256sum", &[&text(&clips.join(name))]).unwrap_or_default();
        said.split(' ').next().unwrap_or_default().to_owned()
    };
    let videos: Vec<&str> = files.keys().map(String::as_str).filter(|name| name.ends_with(".mp4")).collect();
    let chain = chain::judge(&files, &videos, by_sha256sum)?;
    assert!(head.len() >= 32 && chain.head.starts_with(head), "{head} and {}", chain.head);

    let verify = |head| verify_clips::verify(&clips, Some(head)).map(|report| (report.is_good(), report));
    let (is_good, report) = verify(head)?;
    assert!(is_good, "{report}");
    let in_place = verify_clips::verify(&folder.join("card.img"), Some(head))?;
    assert!(in_place.is_good() && in_place.to_string() == report.to_string(), "on the card: {in_place}");
    let video = clips.join(videos[0]);
    let mut content = std::fs::read(&video)?;
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(&video, &content)?;
    let (is_good, report) = verify(head)?;
    assert!(!is_good && report.to_string().contains("is not what the device wrote"), "{report}");
    Ok(())
}

/// M20: a hand on the lens is named on the console, on the LED and in `status`, is an event with alarm and clip whose description names
/// it, and is over when the hand is gone.
#[test]
fn a_covered_camera_is_told_and_recorded() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    // What the camera usually shows is learnt in five seconds; then a pre-roll.
    rig.frames_pass(10 * 15)?;
    rig.camera.scene_covered();
    rig.serial.expect("camera: The camera is covered")?;
    rig.until("the alarm line", Rig::alarm_high)?;
    led::watch(&mut rig, TAMPER_FLASHES, Instant::now())?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("tamper    The camera is covered"), "{status}");
    rig.camera.scene_still();
    rig.serial.expect("That ended after ")?;
    rig.serial.expect("event 1: over after ")?;
    rig.serial.expect(".mp4: ")?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("tamper    none (since the guard started: covered 1)"), "{status}");

    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    let (path, event) = only_clip(folder.path())?;
    assert_eq!(
        (event["cause"].as_str(), event["tamper"].as_str()),
        (Some("tamper"), Some("covered")),
        "{event}"
    );
    // Before the event the view, at its end the view again, and the dark between.
    let clip = Clip::probe(&path)?;
    let grey = Clip::grey_frames(&path)?;
    let frame = usize::try_from(clip.width * clip.height)?;
    let means: Vec<u64> = grey
        .chunks_exact(frame)
        .map(|f| f.iter().map(|&g| u64::from(g)).sum::<u64>() / f.len() as u64)
        .collect();
    let is_dark = |mean: &u64| *mean < 40;
    let dark = means.iter().filter(|mean| is_dark(mean)).count();
    assert!(!means.first().is_some_and(is_dark) && !means.last().is_some_and(is_dark), "{means:?}");
    assert!(dark > 15, "the hand is in the clip: {means:?}");
    Ok(())
}

/// The one clip on the card, copied into this folder, and its description.
fn only_clip(folder: &Path) -> Result<(PathBuf, serde_json::Value), Failure> {
    let mut clips = CardImage::new(&folder.join("card.img")).clips(folder)?;
    let (Some(path), true) = (clips.pop(), clips.is_empty()) else {
        return Err(format!("one clip was expected, and beside the last there are {clips:?}").into());
    };
    let event = serde_json::from_slice(&std::fs::read(path.with_extension("json"))?)?;
    Ok((path, event))
}

/// The card and the clip, by the host's own tools.
fn judge_clip(folder: &Path, recorded: u64) -> Outcome {
    let (path, event) = only_clip(folder)?;
    let clip = Clip::probe(&path)?;
    assert_eq!((clip.codec.as_str(), clip.width, clip.height), ("mjpeg", 1280, 720));
    assert_eq!(clip.times_s.len() as u64, recorded, "frames in the clip and in the ledger");
    assert!(clip.times_s.windows(2).all(|w| w[0] < w[1]), "times rise");

    assert_eq!(event["frames"].as_u64(), Some(recorded));
    assert_eq!(event["complete"].as_bool(), Some(true));
    for key in ["regionCoordinates", "numberOfChanges", "timestamp", "microseconds", "token", "pathToVideo"] {
        assert!(!event[key].is_null(), "the event JSON has no {key}");
    }
    let pre_roll_us = -event["startUs"].as_i64().ok_or("no startUs")?;
    report::figure("pre-roll in the clip, ms", pre_roll_us / 1000);
    // Five seconds; less where a slow machine lost frames at its beginning.
    assert!((3_000_000..=5_500_000).contains(&pre_roll_us), "a pre-roll of five seconds: {pre_roll_us} us");

    let numbers = frame_numbers(&path, &clip)?;
    assert!(numbers.windows(2).all(|w| w[0] < w[1]), "the pictures are in the camera's order: {numbers:?}");
    let gaps: Vec<(usize, u64)> =
        numbers.windows(2).map(|w| w[1] - w[0] - 1).enumerate().filter(|(_, gap)| *gap > 0).collect();
    report::figure(
        "frames lost between camera and driver during the clip (after which, how many)",
        format!("{gaps:?}"),
    );
    let folder = artefacts()?.join("clip");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let pictures = Clip::pictures(&path, &folder)?;
    assert_eq!(pictures.len() as u64, recorded);
    println!("frames to look at: {}", folder.display());
    Ok(())
}

/// The number that the camera drew into each frame, read out of the decoded pictures.
fn frame_numbers(path: &Path, clip: &Clip) -> Result<Vec<u64>, Failure> {
    let grey = Clip::grey_frames(path)?;
    let width = usize::try_from(clip.width)?;
    let frame = width * usize::try_from(clip.height)?;
    grey.chunks_exact(frame)
        .map(|f| counter::read(f, width).ok_or_else(|| "a frame without its number".into()))
        .collect()
}

/// M2: noise and swaying make no event in 60 s of frames.
#[test]
fn a_still_scene_stays_quiet_for_a_minute() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    rig.frames_pass(60 * 15)?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("events    0,"), "{status}");
    assert!(!rig.serial.has("event 1"), "no event");
    assert!(!rig.alarm_high()?, "no alarm");
    let (ledger, _folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.recorded == 0 && ledger.held == 0, "{ledger:?}");
    Ok(())
}

//! A camera that comes and goes, stalls and sends rubbish: nothing dies, everything is counted.

use image_builder::camera::{Damage, Habit, Limit, Shortage};
use std::collections::BTreeSet;
use std::time::Instant;
use tests::clip::{Clip, frame_numbers};
use tests::{CardImage, Outcome, Rig, cuts, fragments, report};

/// C1, C2: the camera is unplugged and plugged in twenty times; each time the loss is seen and streaming comes back.
#[test]
fn the_camera_is_unplugged_and_replugged_twenty_times() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    let (mut seen_ms_max, mut back_ms_max) = (0, 0);
    for _ in 0..20 {
        rig.frames_pass(5)?;
        let gone = Instant::now();
        rig.camera.unplug();
        rig.serial.expect("camera: the camera is gone")?;
        seen_ms_max = seen_ms_max.max(gone.elapsed().as_millis());
        let status = rig.serial.command("status")?;
        assert!(status.contains("camera    trouble: "), "{status}");
        let back = Instant::now();
        rig.camera.plug();
        rig.serial.expect("MJPEG at ")?;
        let sent = rig.camera.stats().sent;
        rig.until("frames again", |rig| Ok(rig.camera.stats().sent > sent))?;
        back_ms_max = back_ms_max.max(back.elapsed().as_millis());
    }
    report::figure("camera unplugged to message, ms, worst of 20", seen_ms_max);
    report::figure("camera plugged in to frames, ms, worst of 20", back_ms_max);
    let status = rig.serial.command("status")?;
    assert!(
        status.contains("guard running, console running, screen running\n"),
        "nobody was restarted: {status}"
    );
    assert!(!rig.serial.has(" died: "), "nobody died");
    let (ledger, _folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    Ok(())
}

/// C3, UC1, UC2: a stalled camera is seen, and recovers by itself. Where USB refuses a mode, or agrees to it and carries nothing, the next one that asks
/// for less is used and both are told; the refused one is tried again when the wish changes or the camera is plugged in anew.
#[test]
fn a_stalled_camera_recovers_and_one_that_gets_no_bandwidth_sends_less() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.camera.stall();
    rig.serial.expect("sends no frames")?;
    // It is started again and again, and each time looks well for a moment.
    rig.until("trouble", |rig| Ok(rig.serial.command("status")?.contains("camera    trouble: ")))?;
    rig.camera.resume();
    rig.until("frames again", |rig| Ok(rig.serial.command("status")?.contains("camera    ok: ")))?;

    // Room for 1280x720 at 10 frames a second, as the descriptors claim it; not for 15.
    let limit = |shortage| Some(Limit { bytes_per_s_max: 1280 * 720 * 2 * 12, shortage });
    rig.camera.limit(limit(Shortage::Refuse));
    rig.serial.command("set camera.fps 30")?;
    let refused = "1280x720 MJPEG at 30 frames/s (I/O error)";
    rig.serial.expect(&format!("does not give {refused}; 1280x720 MJPEG at 10 frames/s is used instead"))?;
    rig.streams()?;
    let mode = rig.camera.mode().ok_or("nothing is streamed")?;
    assert_eq!((mode.width, mode.height, mode.fps), (1280, 720, 10));
    let status = rig.serial.command("status")?;
    assert!(status.contains(&format!("; it does not give {refused}")), "{status}");
    let diag = rig.serial.command("diag")?;
    assert!(diag.contains(&format!("It does not give {refused}, so it was asked for less.")), "{diag}");
    // There is room again, but nobody asks before the camera is plugged in anew.
    rig.camera.limit(None);
    rig.camera.stall();
    rig.serial.expect("sends no frames; it is started again")?;
    rig.camera.resume();
    rig.serial.expect("streams 1280x720 MJPEG at 10 frames/s")?;
    rig.camera.unplug();
    rig.serial.expect("camera: no camera is connected")?;
    rig.camera.plug();
    rig.serial.expect("streams 1280x720 MJPEG at 30 frames/s")?;
    assert!(!rig.serial.command("status")?.contains("does not give"));

    rig.camera.limit(limit(Shortage::Starve));
    rig.serial.command("set camera.fps 15")?;
    let silent = "1280x720 MJPEG at 15 frames/s (no frame came)";
    rig.serial.expect(&format!("does not give {silent}; 1280x720 MJPEG at 5 frames/s is used instead"))?;
    rig.streams()?;
    rig.frames_pass(5)?;
    let (ledger, _folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    Ok(())
}

/// C5, R19: another size and rate take effect at once, and an event in the new size is recorded; its clip, small as it is, is then cut
/// at every fragment's end and in a thousand other places.
#[test]
fn another_size_and_rate_take_effect_at_once() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.serial.command("set camera.size 640x480")?;
    rig.serial.expect("streams 640x480 MJPEG at 15 frames/s")?;
    rig.serial.command("set camera.fps 30")?;
    rig.serial.expect("streams 640x480 MJPEG at 30 frames/s")?;
    let mode = rig.camera.mode().ok_or("nothing is streamed")?;
    assert_eq!((mode.width, mode.height, mode.fps), (640, 480, 30));
    rig.settle_anew()?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    let shown = cuts::shown(&rig);
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0 && ledger.recorded > 0, "{ledger:?}");
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    let path = clips.first().ok_or("no clip")?;
    let clip = Clip::probe(path)?;
    assert_eq!((clip.width, clip.height, clip.times_s.len() as u64), (640, 480, ledger.recorded));
    cuts::frames_are_the_cameras(&std::fs::read(path)?, &shown)?;
    cuts::an_open_clip_plays_wherever_it_is_cut(path)
}

/// C4, L1: one frame in a hundred is damaged; each is counted under its reason, none is recorded, nobody dies.
#[test]
fn damaged_frames_are_counted_and_nothing_dies() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    let kinds = [Damage::Truncated, Damage::Garbled, Damage::ErrorBit];
    rig.camera.damage(1.0, &kinds)?;
    rig.until("enough damage of each kind", |rig| {
        let damaged = rig.camera.stats().damaged;
        Ok([damaged.truncated, damaged.garbled, damaged.error_bit].into_iter().all(|n| n >= 3))
    })?;
    rig.camera.damage(0.0, &kinds)?;
    // What is under way arrives.
    rig.frames_captured(30)?;
    let damaged = rig.camera.stats().damaged;
    let status = rig.serial.command("status")?;
    assert!(status.contains("guard running, console running, screen running\n"), "{status}");
    let missed = rig.missed()?;
    let (ledger, _folder) = rig.poweroff()?;
    report::figure("damaged frames sent and counted", format!("{damaged:?}, {:?}", ledger.losses));
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    // What the driver had no buffer for on a busy host was never seen by the guard, damaged or not.
    let is_all = |lost: u64, sent: u64| lost <= sent && sent <= lost + missed;
    assert!(is_all(ledger.lost("error flag"), damaged.error_bit), "{missed} missed, {ledger:?}");
    let cut = ledger.lost("incomplete") + ledger.lost("damaged");
    assert!(is_all(cut, damaged.truncated + damaged.garbled), "{missed} missed, {ledger:?}");
    Ok(())
}

/// What `diag` says of pictures with such a habit.
fn words(habit: Habit) -> &'static str {
    match habit {
        Habit::JunkBefore => "come with bytes before the picture;",
        Habit::OldTail | Habit::NextHeader => "come with bytes behind the picture;",
        Habit::Padded => "The camera works",
        Habit::NoEnd => "come with no end;",
        Habit::NoTables => "come with no Huffman tables;",
        Habit::TwoStarts => "come with two beginnings;",
        Habit::WrongLength => "come with a segment of wrong length;",
    }
}

/// A picture that any viewer takes: it begins and ends once, has its tables, and nothing is behind it.
fn judge_picture(jpeg: &[u8]) {
    assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg[3] != 0xd8 && jpeg.ends_with(&[0xff, 0xd9]));
    let count = |marker: [u8; 2]| jpeg.windows(2).filter(|pair| *pair == marker).count();
    assert_eq!((count([0xff, 0xd8]), count([0xff, 0xd9])), (1, 1));
    assert!(count([0xff, 0xc4]) >= 1, "Huffman tables");
}

/// UC4, UC5, L1: cameras that add to their pictures, leave things out or miscount are plugged in one after the other, then two that are known by their
/// numbers; everything is recorded, and the clips' pictures are without fault.
#[test]
fn pictures_with_faults_are_mended_and_known_cameras_are_treated_their_way() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    for (name, value) in [
        ("camera.size", "320x240"),
        ("record.pre_ms", "1000"),
        ("record.clip_ms_max", "10000"),
        ("record.mode", "always"),
    ] {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    for habit in Habit::all() {
        rig.camera.unplug();
        rig.serial.expect("camera: no camera is connected")?;
        rig.camera.habit(Some(habit));
        rig.camera.plug();
        rig.serial.expect("streams 320x240 MJPEG at 15 frames/s")?;
        rig.frames_pass(30)?;
        rig.until(habit.name(), |rig| Ok(rig.serial.command("diag")?.contains(words(habit))))?;
    }
    rig.serial.command("set camera.fps 30")?;
    // A Logitech C170, which may not be asked for a rate, and a C930e, whose first picture is not used.
    rig.plug_camera_as((0x046d, 0x082b))?;
    rig.serial.expect("streams 320x240 MJPEG at 15 frames/s")?;
    rig.plug_camera_as((0x046d, 0x0843))?;
    rig.serial.expect("streams 320x240 MJPEG at 30 frames/s")?;
    rig.frames_pass(30)?;
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger with faulty pictures", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0 && ledger.recorded > 200, "{ledger:?}");
    // The first picture of the C930e, and perhaps the last one of the camera without ends, of which only a part came before it was unplugged.
    assert!((1..=2).contains(&ledger.lost("damaged")), "{ledger:?}");
    assert!(ledger.lost("incomplete") <= 5, "until it was plain that none has an end: {ledger:?}");
    let known = ["damaged", "incomplete", "error flag"];
    assert!(ledger.losses.iter().all(|(why, _)| known.contains(&why.as_str())), "{ledger:?}");

    let (mut recorded, mut lengths) = (0, BTreeSet::new());
    for path in CardImage::new(&folder.path().join("card.img")).clips(folder.path())? {
        let content = std::fs::read(&path)?;
        recorded += frame_numbers(&content)?.len() as u64;
        for sample in fragments::read(&content).samples() {
            judge_picture(&content[sample.bytes.clone()]);
            lengths.insert(sample.bytes.len());
        }
    }
    report::figure("lengths of mended pictures", format!("{:?} to {:?}", lengths.first(), lengths.last()));
    assert_eq!(recorded, ledger.recorded, "frames in the clips and in the ledger");
    Ok(())
}

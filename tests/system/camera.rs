//! A camera that comes and goes, stalls and sends rubbish: nothing dies, everything is counted.

use image_builder::camera::Damage;
use std::time::Instant;
use tests::clip::Clip;
use tests::{CardImage, Outcome, Rig, cuts, report};

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

/// C3: a stalled camera is seen, and recovers by itself.
#[test]
fn a_stalled_camera_is_seen_and_recovers() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.camera.stall();
    rig.serial.expect("sends no frames")?;
    // It is started again and again, and each time looks well for a moment.
    rig.until("trouble", |rig| Ok(rig.serial.command("status")?.contains("camera    trouble: ")))?;
    rig.camera.resume();
    rig.frames_captured(15)?;
    rig.streams()
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

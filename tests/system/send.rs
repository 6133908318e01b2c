//! `clips send`: what the stock `rz` receives over the serial line of a whole machine, while it records.

use std::time::Instant;
use tests::{Outcome, Rig, report, sessions};

/// As a receiver says that it is ready, and that it wants a file from its beginning (ZRINIT, ZRPOS).
const READY: &[u8] = b"**\x18B0100000023be50\r\n\x11";
const FROM_THE_BEGINNING: &[u8] = b"**\x18B0900000000a87c\r\n\x11";
/// In a second.
const PREROLL_FRAMES_MAX: u64 = 20;
/// How a stream of content begins (ZDATA).
const CONTENT: &str = "*\x18C\n";

/// ZM1, ZM2, ZM3, ZM4: film, still and description of a clip come over the line byte for byte while an event is recorded; what is said
/// meanwhile is shown afterwards; before it began Ctrl-C ends it, and Ctrl-X five times at any time.
#[test]
fn rz_receives_clips_over_the_serial_line_byte_for_byte_while_an_event_is_recorded() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    for setting in ["record.pre_ms 1000", "record.post_ms 1000"] {
        rig.serial.command(&format!("set {setting}"))?;
    }
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    let clips = rig.serial.command("clips")?;
    let film = clips.split_whitespace().find(|word| word.ends_with(".mp4")).ok_or("no clip")?.to_owned();
    let stem = film.trim_end_matches(".mp4");

    // Nobody receives it: Ctrl-C.
    rig.serial.send(format!("clips send {film}\r").as_bytes())?;
    let said = rig.serial.expect("Receive it now by ZMODEM (rz).")?;
    assert!(said.contains(" baud."), "how long it takes: {said}");
    rig.serial.send(b"\x03")?;
    rig.serial.expect("\r\nStopped.\r\n")?;
    rig.serial.prompt()?;
    // Somebody begins to, and does not want it any more.
    rig.serial.send(format!("clips send {film}\r").as_bytes())?;
    rig.serial.expect("Receive it now by ZMODEM (rz).")?;
    rig.serial.send(READY)?;
    rig.serial.expect(&film)?;
    rig.serial.send(FROM_THE_BEGINNING)?;
    rig.serial.expect(CONTENT)?;
    rig.serial.send(&[0x18; 5])?;
    rig.serial.expect("The receiver ended it.\r\n")?;
    rig.serial.prompt()?;

    let received = rig.folder().join("received");
    std::fs::create_dir(&received)?;
    let (began, camera) = (Instant::now(), &rig.camera);
    rig.serial.receive(&format!("clips send {stem} all"), &received, || camera.scene_moving())?;
    let seconds = began.elapsed().as_secs_f64();
    // Said while the line was not ours.
    let afterwards = rig.serial.expect(": motion at ")?;
    assert!(afterwards.contains("Sent: 3 files."), "{afterwards}");
    rig.camera.scene_still();
    // Nothing but the pre-roll is left to be written: else a busy host may not get it done before the end.
    rig.until("the event to be over and written", |rig| {
        let is_over = !rig.serial.command("status")?.contains("one goes on now");
        Ok(is_over && rig.ledger()?.held < PREROLL_FRAMES_MAX)
    })?;

    let status = rig.serial.command("status")?;
    assert!(status.contains(", 0 missed by the camera"), "{status}");
    assert!(
        status.contains("guard running, console running, screen running\n"),
        "nobody was started again: {status}"
    );
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0 && ledger.dropped == 0, "{ledger:?}");
    let bytes = sessions::received_as_on_the_card(&received, folder.path())?;
    report::figure("a clip over the emulated serial line", format!("{bytes} bytes in {seconds:.1} s"));
    Ok(())
}

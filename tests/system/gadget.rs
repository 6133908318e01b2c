//! The console on the USB device port, at once with the one on the UART. Needs a kernel of its own.
//!
//! In it the port hangs on a host in the same machine; from there a wire leads here (see `tests::usb_host`).

use std::time::Instant;
use tests::{Failure, Outcome, Rig, Serial, report, sessions};

/// How the console greets.
const GREETING: &str = "`help` lists the commands";
/// What the log says when a terminal was closed, and that was noticed.
const LEFT: &str = "console-usb: nobody listens any more";

/// How `status` shows that nobody was started again.
const RUNNING: &str = "guard running, console-usb running, console running\n";

/// Opens the terminal at the computer, which is greeted.
fn open(rig: &mut Rig, usb: &mut Serial) -> Outcome {
    check(&mut rig.serial, "test-host open", "Open.")?;
    usb.expect(GREETING).map(drop)
}

/// Closes it, and waits until that was noticed.
fn close(rig: &mut Rig) -> Outcome {
    let before = left(rig)?;
    check(&mut rig.serial, "test-host close", "Closed.")?;
    rig.until("the closed terminal to be noticed", |rig| Ok(left(rig)? > before))
}

/// How often a terminal was closed.
fn left(rig: &mut Rig) -> Result<usize, Failure> {
    Ok(rig.serial.command("log 1000")?.matches(LEFT).count())
}

fn check(console: &mut Serial, line: &str, expected: &str) -> Outcome {
    let answer = console.command(line)?;
    assert!(answer.contains(expected), "`{line}`: {answer}");
    Ok(())
}

/// UG3, UG5, UG6, UG7: a terminal at the computer is greeted when it is opened, and a new one when it is opened again; commands, completion
/// and notices are there on both consoles at once; what one sets or saves the other sees; the password is asked for anew.
#[test]
fn two_consoles_are_used_at_once_and_neither_spoils_what_the_other_does() -> Outcome {
    let mut rig = Rig::boot_with_usb_host()?;
    rig.streams()?;
    let mut usb = rig.usb_host()?;
    open(&mut rig, &mut usb)?;
    usb.prompt()?;
    assert_eq!(usb.transcript().matches(GREETING).count(), 1, "nothing was echoed: {}", usb.transcript());
    check(&mut rig.serial, "status", RUNNING)?;

    usb.send(b"sho\t")?;
    usb.expect("show ")?;
    usb.send(b"name\r")?;
    usb.expect("name                      camera")?;
    usb.prompt()?;

    settings_are_shared(&mut rig, &mut usb)?;

    // What happens is told on both.
    rig.camera.unplug();
    for console in [&mut rig.serial, &mut usb] {
        console.expect("camera: no camera is connected")?;
    }
    rig.camera.plug();

    // Half a line is typed, and then the terminal is closed: it is not the next one's.
    usb.send(b"erase a")?;
    close(&mut rig)?;
    open(&mut rig, &mut usb)?;
    check(&mut usb, "ll", "There is no command `ll`")?;

    password(&mut rig, &mut usb)
}

fn settings_are_shared(rig: &mut Rig, usb: &mut Serial) -> Outcome {
    check(&mut rig.serial, "set name left-1", "In force.")?;
    check(usb, "show name", "* name                      left-1")?;
    check(usb, "set motion.sensitivity 61", "In force.")?;
    check(&mut rig.serial, "set record.post_ms 2000", "In force.")?;
    for console in [&mut rig.serial, &mut *usb] {
        for expected in [
            "* name                      left-1",
            "* motion.sensitivity        61",
            "* record.post_ms            2000",
        ] {
            check(console, "show", expected)?;
        }
    }
    // Saved by one, and by that for both; then reverted by the other.
    check(usb, "save", "Saved.")?;
    check(&mut rig.serial, "show name", "  name                      left-1")?;
    check(usb, "set name right-1", "In force.")?;
    check(&mut rig.serial, "revert", "The saved settings are in force again.")?;
    check(usb, "show name", "  name                      left-1")
}

fn password(rig: &mut Rig, usb: &mut Serial) -> Outcome {
    rig.serial.send(b"password\r")?;
    for asked in ["new password: ", "once more: "] {
        rig.serial.expect(asked)?;
        rig.serial.send(b"correct horse\r")?;
    }
    rig.serial.expect("The password is set, and kept.")?;
    rig.serial.prompt()?;
    close(rig)?;
    open(rig, usb)?;
    usb.expect("password: ")?;
    usb.send(b"status\r")?;
    usb.expect("That is not it.")?;
    rig.until("the next try to be heard", |_| {
        usb.send(b"correct horse\r")?;
        usb.expect("\n")?;
        Ok(usb.expect_within(tests::serial::PROMPT, std::time::Duration::from_secs(3)).is_ok())
    })?;
    check(usb, "show name", "left-1")?;
    // It was given on this line only.
    close(rig)?;
    open(rig, usb)?;
    usb.expect("password: ").map(drop)
}

/// UG4, UG8, UG9, UG10: the device is pulled and plugged in, a computer stops reading in the middle of an answer, a megabyte of noise comes
/// in, a clip goes out by ZMODEM byte for byte; meanwhile the other console answers, nobody is started again, and the system goes down in order
/// with an open terminal that reads nothing.
#[test]
fn a_computer_may_vanish_fall_silent_or_babble_and_nobody_else_notices() -> Outcome {
    let mut rig = Rig::boot_with_usb_host()?;
    rig.settle()?;
    for setting in ["record.pre_ms 1000", "record.post_ms 1000"] {
        rig.serial.command(&format!("set {setting}"))?;
    }
    let mut usb = rig.usb_host()?;
    open(&mut rig, &mut usb)?;

    for _ in 0..3 {
        check(&mut rig.serial, "test-host pull", "Pulled.")?;
        check(&mut rig.serial, "status", RUNNING)?;
        check(&mut rig.serial, "test-host plug", "Plugged in.")?;
        usb.expect(GREETING)?;
        check(&mut usb, "show name", "name")?;
    }

    sessions::noise_changes_nothing(&mut usb)?;
    let clip = a_clip(&mut rig)?;
    let received = rig.folder().join("received");
    std::fs::create_dir(&received)?;
    let began = Instant::now();
    let said = usb.receive(&format!("clips send {clip} all"), &received, || {})?;
    assert!(!said.contains(" baud"), "a port has no speed: {said}");
    usb.expect("Sent: 3 files.")?;
    let seconds = began.elapsed().as_secs_f64();

    // Nobody reads any more, in the middle of a long answer. The answer to the last question comes after that, or never.
    let before = left(&mut rig)?;
    check(&mut rig.serial, "test-host stall", "Stalled.")?;
    usb.send("show\r".repeat(60).as_bytes())?;
    rig.until("the silence to be noticed", |rig| {
        check(&mut rig.serial, "status", RUNNING)?;
        Ok(left(rig)? > before)
    })?;
    check(&mut rig.serial, "test-host go", "Goes on.")?;
    usb.expect(GREETING)?;
    check(&mut usb, "show name", "name")?;

    check(&mut rig.serial, "status", RUNNING)?;
    check(&mut rig.serial, "test-host stall", "Stalled.")?;
    usb.send("show\r".repeat(60).as_bytes())?;
    rig.serial.send(b"reboot\r")?;
    let said = rig.serial.expect("kerberos: stopped; restarting")?;
    assert!(!said.contains("does not finish"), "{said}");
    rig.serial.prompt()?;
    open(&mut rig, &mut usb)?;
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.dropped == 0, "{ledger:?}");

    let bytes = sessions::received_as_on_the_card(&received, folder.path())?;
    report::figure("a clip over the emulated USB device port", format!("{bytes} bytes in {seconds:.1} s"));
    Ok(())
}

/// Has a clip recorded; its name, without what follows the point.
fn a_clip(rig: &mut Rig) -> Result<String, Failure> {
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    let clips = rig.serial.command("clips")?;
    let film = clips.split_whitespace().find(|word| word.ends_with(".mp4")).ok_or("no clip")?;
    Ok(film.trim_end_matches(".mp4").to_owned())
}

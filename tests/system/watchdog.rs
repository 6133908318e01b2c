//! A part that hangs ends in a reset by the hardware watchdog, and the next start knows why. Nothing else does.
//!
//! The resets are told by the emulator, and the reason is read from the card's raw sectors as well as from `status`.
//! `test-hang` with a number shortens the limit of the one part that hangs; all others keep the product's.

use std::time::Duration;
use tests::{CardImage, Failure, Outcome, Rig};

/// The hardware's limit on this board, plus whatever a busy machine needs: only there to end a broken test.
const RESET_LIMIT: Duration = Duration::from_secs(180);
/// More than two of the hardware's limits: a watchdog that is not fed would have bitten.
const TWO_TIMEOUTS: Duration = Duration::from_secs(33);
/// The limit that `test-hang` gives to the part, milliseconds.
const SHORT: &str = "3000";

/// Waits for the machine's reset and the console of the next start; whether the watchdog caused it.
fn reset(rig: &mut Rig) -> Result<bool, Failure> {
    let mut by_watchdog = false;
    loop {
        let event = rig.machine.next_event(RESET_LIMIT)?.ok_or("no reset came")?;
        match event["event"].as_str() {
            Some("WATCHDOG") => by_watchdog = event["data"]["action"] == "reset",
            Some("RESET") => break,
            _ => {}
        }
    }
    rig.serial.expect("`help` lists the commands")?;
    rig.serial.prompt()?;
    Ok(by_watchdog)
}

/// The line `restart` of `status`.
fn restart(rig: &mut Rig) -> Result<String, Failure> {
    rig.card_is_in_use()?;
    let status = rig.serial.command("status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("restart   "));
    Ok(line.ok_or_else(|| format!("no restart line: {status}"))?.to_owned())
}

/// How the last run ended, from the card: the record before the one that says that the system runs.
fn written(rig: &mut Rig) -> Result<serde_json::Value, Failure> {
    let mut last = serde_json::Value::Null;
    // Nobody at the console waits for the witness.
    rig.until("the record that the system runs", |rig| {
        let records = CardImage::new(&rig.card()).restart_records()?;
        let [ending, now] = records.as_slice() else { return Ok(false) };
        last = ending.clone();
        Ok(now["ending"] == "running")
    })?;
    Ok(last)
}

/// Lets a part hang and sees it through to the next start.
fn hang(rig: &mut Rig, part: &str) -> Outcome {
    rig.streams()?;
    rig.serial.send(format!("test-hang {part} {SHORT}\r").as_bytes())?;
    assert!(reset(rig)?, "{part}: the watchdog did it");
    let shown = restart(rig)?;
    assert!(shown.starts_with(&format!("watchdog ({part}) at ")), "{shown}");
    rig.was_said(&format!("restart: the system went down by watchdog ({part})"))?;
    let record = written(rig)?;
    assert_eq!((&record["ending"], &record["part"]), (&"watchdog".into(), &part.into()), "{record}");
    Ok(())
}

/// W1, W2: every thread of the guard, the console and the witness are made to hang, one after the other.
#[test]
fn each_part_that_hangs_is_reset_by_the_watchdog_and_named() -> Outcome {
    let mut rig = Rig::boot()?;
    for part in ["guard/capture", "guard/motion", "guard/record", "guard/alarm", "guard/control", "console"] {
        hang(&mut rig, part)?;
    }
    // The witness itself: nobody is left to write, but the hardware remembers.
    rig.serial.send(format!("test-hang witness {SHORT}\r").as_bytes())?;
    assert!(reset(&mut rig)?, "the watchdog did it");
    assert_eq!(restart(&mut rig)?, "watchdog (nothing was written down before)");
    Ok(())
}

/// W3: PID 1 hangs: nobody feeds, and the witness writes the reason.
/// W4: PID 1 panics, and PID 1 ends without a word: the kernel restarts the board, and the last words are found.
/// W5: a command and a power cut are told apart from all that.
#[test]
fn a_dead_init_a_command_and_a_power_cut_are_told_apart() -> Outcome {
    let mut rig = Rig::boot()?;
    let first = restart(&mut rig)?;
    assert_eq!(first, "first start of this card");
    rig.serial.send(b"test-hang init\r")?;
    assert!(reset(&mut rig)?, "the watchdog did it");
    let shown = restart(&mut rig)?;
    assert!(shown.starts_with("watchdog (init) at "), "{shown}");
    assert_eq!(written(&mut rig)?["part"], "init");

    // Whether the kernel restarts the board or, on a slow machine, the watchdog is faster, is all the same from here on.
    rig.serial.send(b"test-panic init\r")?;
    reset(&mut rig)?;
    let shown = restart(&mut rig)?;
    assert!(shown.starts_with("panic (init: main: as a test asked ("), "{shown}");
    assert_eq!(written(&mut rig)?["ending"], "panic");

    rig.serial.send(b"test-panic kernel\r")?;
    reset(&mut rig)?;
    let shown = restart(&mut rig)?;
    assert!(shown.starts_with("panic (kernel: Attempted to kill init! exitcode=0x00000300"), "{shown}");
    assert_eq!(
        written(&mut rig)?["ending"],
        "running",
        "nobody could write: the kernel's own memory told it"
    );

    rig.serial.send(b"reboot\r")?;
    reset(&mut rig)?;
    assert!(restart(&mut rig)?.starts_with("command (reboot) at "));
    assert_eq!(written(&mut rig)?["order"], "reboot");
    let mut rig = rig.power_cycle()?;
    assert_eq!(restart(&mut rig)?, "power");
    let folder = rig.off()?;
    let mut rig = Rig::with_card(folder)?;
    assert!(restart(&mut rig)?.starts_with("command (poweroff) at "));
    Ok(())
}

/// W6: a healthy system is never reset: not with a camera, not without one, not when a process dies.
#[test]
fn a_healthy_system_is_fed_with_and_without_a_camera() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("watchdog  ok: i6300ESB timer, 15 s\n"), "{status}");
    let quiet = |rig: &mut Rig, when: &str| -> Outcome {
        let event = rig.machine.event("RESET", TWO_TIMEOUTS)?;
        assert!(event.is_none(), "{when}: {event:?}");
        Ok(())
    };
    quiet(&mut rig, "with a camera")?;
    rig.serial.command("test-kill guard")?;
    rig.camera.unplug();
    rig.serial.expect("no camera is connected")?;
    quiet(&mut rig, "without a camera")?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("guard running (restarts: 1;"), "{status}");
    Ok(())
}

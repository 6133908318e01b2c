//! A process that dies is started again, the others do not notice, and the alarm line is safe.

use tests::{Outcome, Rig, sessions};

/// Raises the alarm and waits until the line is high.
fn raise_alarm(rig: &mut Rig) -> Outcome {
    rig.serial.command("set alarm.pulse_ms 600000")?;
    rig.serial.command("alarm test")?;
    rig.until("the alarm line to rise", Rig::alarm_high)
}

/// S1, S2: the guard is killed with the alarm on: the line goes to its safe level, the guard comes back and streams, the
/// console never stops.
#[test]
fn a_killed_guard_leaves_a_safe_alarm_and_comes_back() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    raise_alarm(&mut rig)?;
    sessions::kill_guard(&mut rig)?;
    rig.until("a safe line", |rig| Ok(!rig.alarm_high()?))?;
    rig.serial.expect("MJPEG at ")?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("guard running (restarts: 1;"), "{status}");
    assert!(status.contains("console running, screen running\n"), "the console was not restarted: {status}");
    Ok(())
}

/// S1, S3: every thread of the guard panics in turn: each time there is an epitaph, a safe line and a new guard.
#[test]
fn a_panic_in_any_thread_is_a_restart_with_an_epitaph() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    for thread in ["capture", "motion", "gather", "record", "alarm", "inputs"] {
        raise_alarm(&mut rig)?;
        rig.serial.command(&format!("test-panic {thread}"))?;
        rig.serial.expect(&format!("guard/{thread} died: "))?;
        rig.serial.expect("it is started again")?;
        rig.until("a safe line", |rig| Ok(!rig.alarm_high()?))?;
        rig.serial.expect("MJPEG at ")?;
        let status = rig.serial.command("status")?;
        let epitaph = format!("last time it panicked ({thread}: as a test asked (");
        assert!(status.contains(&epitaph), "{status}");
    }
    Ok(())
}

/// S4: the console is killed: a new one answers, the guard goes on with its counters.
#[test]
fn a_killed_console_comes_back_and_the_guard_goes_on() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.frames_pass(30)?;
    let before = rig.ledger()?;
    rig.serial.send(b"test-kill console\r")?;
    rig.serial.expect("`help` lists the commands")?;
    rig.serial.prompt()?;
    let after = rig.ledger()?;
    assert!(after.captured >= before.captured && after.balances(), "{before:?} {after:?}");
    assert!(rig.serial.command("status")?.contains("guard running, console running (restarts: 1;"));
    Ok(())
}

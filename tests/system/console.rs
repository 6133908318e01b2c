//! The console takes anything and answers in sentences.

use tests::{Outcome, Rig};

/// K1, K2: every command answers, wrong ones with a sentence; a megabyte of noise ends in a prompt and changes nothing.
#[test]
fn every_command_answers_and_noise_changes_nothing() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    let help = rig.serial.command("help")?;
    for command in [
        "status", "why", "events", "clips", "set", "show", "save", "arm", "disarm", "alarm", "gpio",
        "reboot", "poweroff",
    ] {
        assert!(help.contains(&format!("  {command} ")), "help lists {command}: {help}");
    }
    let check = |rig: &mut Rig, line: &str, expected: &str| -> Outcome {
        let answer = rig.serial.command(line)?;
        assert!(answer.contains(expected), "`{line}` answered: {answer}");
        Ok(())
    };
    assert!(!rig.serial.has("start-up data stays writable"), "RELRO is in force");
    check(&mut rig, "frobnicate", "There is no command `frobnicate`")?;
    check(&mut rig, "set motion.sensitivity 101", "must be a whole number from 1 to 100")?;
    check(&mut rig, "set motion.sensitivty 50", "did you mean motion.sensitivity")?;
    check(&mut rig, "set", "Usage: set")?;
    check(&mut rig, "events", "No events")?;
    check(&mut rig, "why", "no event and no motion")?;
    check(
        &mut rig,
        "set motion.zone1 include 0,0 50,0",
        "a zone has 3 corners or more, and this one has 2.",
    )?;
    check(&mut rig, "set motion.zone1 exclude 0,0 100,0 100,10 0,10", "In force.")?;
    check(&mut rig, "set motion.line2 50,100 50,0", "In force.")?;
    check(&mut rig, "status", "line 2    0 in, 0 out")?;
    check(&mut rig, "status", "1 zone excluded)")?;
    check(&mut rig, "show motion.zone1", "exclude 0,0 100,0 100,10 0,10")?;
    check(&mut rig, "clips", "No clips")?;
    check(&mut rig, "help alarm.mode", "pulse or hold")?;
    check(&mut rig, "clock 2026-02-30 10:00", "Usage: clock")?;
    check(&mut rig, "clock 2026-11-22 10:00", "2026-11-22 10:00:")?;
    check(&mut rig, "arm", "Armed.")?;

    let before = rig.serial.command("show")?;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = Vec::new();
    while noise.len() < 1 << 20 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // No line ends within: one endless line, as a cable that picks up hum sends.
        noise.extend(state.to_le_bytes().iter().filter(|b| !matches!(b, b'\r' | b'\n')));
    }
    rig.serial.send(&noise)?;
    rig.serial.send(b"\r\r\x03\r")?;
    rig.serial.send(b"help clock\r")?;
    rig.serial.expect("show or set the time")?;
    rig.serial.prompt()?;
    assert_eq!(rig.serial.command("show")?, before, "nothing changed");
    Ok(())
}

/// K3: the alarm output can be tried from the console, and the LED class shows it.
#[test]
fn the_alarm_test_drives_line_and_led_for_one_pulse() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.serial.command("set alarm.pulse_ms 3000")?;
    rig.serial.command("alarm test")?;
    rig.until("the line to rise", Rig::alarm_high)?;
    // The profile's additions to the device tree: the alarm LED hangs on line 5.
    rig.until("the alarm LED", |rig| rig.line_high(5))?;
    rig.until("the line to fall", |rig| Ok(!rig.alarm_high()?))?;
    rig.until("the LED to fall", |rig| Ok(!rig.line_high(5)?))
}

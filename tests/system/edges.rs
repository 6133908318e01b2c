//! Inputs on simulated lines, which take more changes than any finger makes. Needs a kernel of its own.

use tests::{Outcome, Rig, report};

/// As many as the promise says.
const EDGES: u64 = 10_000;
/// Of them with one command, which must answer while the harness has patience.
const AT_ONCE: u64 = 500;
/// A contact that bounces, as fast as the machine can.
const BOUNCES: u64 = 501;

/// IO10, IO11, IO15: ten thousand changes of an input are counted, none missed; a contact that bounces counts once, when it is still; a
/// trigger makes an event; an arm switch and a condition that are not there disarm, and arm again.
#[test]
fn no_change_of_an_input_is_missed_and_a_bounce_counts_once() -> Outcome {
    let mut rig = Rig::boot_on_kernel("gpio-sim")?;
    rig.settle()?;
    for (setting, value) in [
        ("alarm.input1", "sim:3 as condition debounce 0s"),
        ("alarm.input2", "sim:5 as trigger debounce 3s"),
        ("alarm.input3", "sim:7 as arm-switch active-low"),
    ] {
        let answer = rig.serial.command(&format!("set {setting} {value}"))?;
        assert!(answer.contains("In force."), "{answer}");
    }
    rig.until("the inputs", |rig| {
        Ok(rig.serial.command("gpio all")?.matches("active, 0 changes").count() == 3)
    })?;

    for _ in 0..EDGES / AT_ONCE {
        let said = rig.serial.command(&format!("test-edges 3 {AT_ONCE} 1"))?;
        assert!(said.contains(&format!("{AT_ONCE} changes in ")), "{said}");
        report::figure("changes of an input, each counted before the next", said.trim());
    }
    let gpio = rig.serial.command("gpio all")?;
    assert!(gpio.contains(&format!("alarm.input1: not active, {EDGES} changes\n")), "none missed: {gpio}");

    // The condition is not met: the trigger's bounce counts once and is no event.
    rig.serial.command(&format!("test-edges 5 {BOUNCES}"))?;
    rig.until("the bounce's end", |rig| {
        Ok(rig.serial.command("gpio all")?.contains("alarm.input2: active, "))
    })?;
    let gpio = rig.serial.command("gpio all")?;
    assert!(gpio.contains("alarm.input2: active, 1 changes\n"), "{gpio}");
    assert!(rig.serial.command("status")?.contains("armed     no"), "the condition is not met");
    assert!(rig.serial.command("events")?.contains("No events"));

    // Met, and pressed again; then the switch.
    rig.serial.command("test-edges 3 1")?;
    rig.until("the condition", |rig| Ok(rig.serial.command("status")?.contains("armed     yes")))?;
    rig.serial.command("test-edges 5 2")?;
    rig.until("the trigger at rest", |rig| {
        Ok(rig.serial.command("gpio all")?.contains("alarm.input2: not active"))
    })?;
    rig.serial.command("test-edges 5 1")?;
    rig.serial.expect("event 1: input 2")?;
    rig.until("the alarm line", Rig::alarm_high)?;
    rig.serial.command("test-edges 7 1")?;
    rig.serial.expect("input 3: the arm switch is off")?;
    rig.serial.expect("event 1: over after ")?;
    assert!(rig.serial.command("status")?.contains("armed     no"), "the switch is off");
    let (ledger, _folder) = rig.poweroff()?;
    assert!(ledger.balances(), "{ledger:?}");
    Ok(())
}

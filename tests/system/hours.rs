//! When motion counts: schedule, zone, unknown clock and pause, on one machine whose camera sees motion all the time.

use tests::{Outcome, Rig};

/// HR4, HR5, HR6, HR7, HR8: at the edges of a window, and at each word on the console, motion begins or ceases to count at once; the
/// reason stands on the console and in `status`, in local time.
#[test]
fn motion_counts_when_schedule_clock_and_owner_say_so() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    let check = |rig: &mut Rig, line: &str, expected: &str| -> Outcome {
        let answer = rig.serial.command(line)?;
        assert!(answer.contains(expected), "`{line}` answered: {answer}");
        Ok(())
    };
    check(&mut rig, "status", "armed     yes")?;
    check(&mut rig, "set time.zone Berlin", "there is none of that name, but Europe/Berlin.")?;
    check(&mut rig, "set time.zone europe/berlin", "In force.")?;
    check(&mut rig, "set arm.schedule mo-fr", "has no times after it")?;
    // Nobody knows the time yet: armed unless the owner says otherwise, and told either way.
    check(&mut rig, "set arm.schedule mo-fr 18:00-07:00", "In force.")?;
    rig.serial.expect("armed: the clock is not set, so the schedule does not count")?;
    check(&mut rig, "set arm.clock_unknown disarmed", "In force.")?;
    rig.serial.expect("disarmed: the clock is not set, and arm.clock_unknown says so")?;
    check(&mut rig, "status", "armed     no: the clock is not set")?;

    rig.camera.scene_moving();
    rig.until("motion that does not count", |rig| {
        Ok(rig.serial.command("why")?.contains("motion (no event: not armed, the clock is not set"))
    })?;
    // A Friday. From here on nothing is asked until the window begins.
    check(&mut rig, "clock 2026-11-27 17:59:50", "2026-11-27 17:59:5")?;
    rig.serial.expect("disarmed: by the schedule until 18:00")?;
    let before = rig.serial.expect("armed: by the schedule until tomorrow 07:00")?;
    assert!(!before.contains("event 1: motion at "), "no event before the window");
    rig.serial.expect("event 1: motion at ")?;
    check(&mut rig, "clock", "2026-11-27 18:")?;
    check(&mut rig, "status", "armed     yes: by the schedule until tomorrow 07:00")?;

    // The event that goes on ends with the window.
    check(&mut rig, "clock 2026-11-28 06:59:50", "2026-11-28 06:59:5")?;
    rig.serial.expect_all(&["disarmed: by the schedule until monday 18:00", "event 1: over after "])?;
    rig.serial.expect(".mp4: ")?;

    check(&mut rig, "set arm.schedule always", "In force.")?;
    rig.serial.expect("event 2: motion at ")?;
    check(&mut rig, "pause 0", "a whole number from 1 to 10080")?;
    check(&mut rig, "pause 30", "Paused for 30 min.")?;
    rig.serial.expect("event 2: over after ")?;
    check(&mut rig, "status", "armed     no: paused until 07:3")?;
    // Whoever pauses wants quiet, also when the guard dies meanwhile.
    check(&mut rig, "test-kill guard", "Killed.")?;
    rig.serial.expect("disarmed: paused until 07:3")?;
    check(&mut rig, "resume", "The pause is over.")?;
    rig.serial.expect("event 1: motion at ")?;
    check(&mut rig, "resume", "nothing is paused")?;

    // What is under way to the card is written before the end: an orderly stop waits for it for some seconds only.
    rig.camera.scene_still();
    rig.serial.expect("event 1: over after ")?;
    rig.serial.expect(".mp4: ")?;
    let (ledger, _) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    Ok(())
}

//! The self-test finds what is there, and what is not.

use tests::{Outcome, Rig};

/// K4: every part of the board is found, the alarm line really rises; without its camera the same board fails that one
/// check; the card is left as it was.
#[test]
fn the_selftest_finds_what_is_there_and_what_is_not() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.card_is_in_use()?;
    rig.serial.command("set alarm.pulse_ms 600000")?;
    let report = rig.serial.command("selftest")?;
    let begins = [
        "board virt, kerberos ",
        "console   ok      /dev/tty",
        "card      ok      mmcblk0, ",
        "watchdog  ok      i6300ESB timer, 15 s; fed within ",
        "camera    ok      Emulated camera, 1280x720 MJPEG, ",
        "alarm     ok      9030000.pl061 0; on for one pulse, and reads as on",
        "LEDs      ok      kerberos:status, kerberos:alarm",
        "selftest: 6 of 6 passed",
    ];
    for (line, begin) in report.lines().zip(begins) {
        assert!(line.starts_with(begin), "`{begin}` is not in:\n{report}");
    }
    assert_eq!(report.lines().count(), begins.len(), "{report}");
    assert!(rig.alarm_high()?, "the line is high");

    rig.camera.unplug();
    rig.serial.expect("no camera is connected")?;
    let report = rig.serial.command("selftest")?;
    assert!(report.contains("camera    FAILED  no camera is connected\n"), "{report}");
    assert!(report.ends_with("selftest: 5 of 6 passed\n"), "{report}");
    assert!(rig.serial.command("status")?.contains("\nclips     0 written"));
    Ok(())
}

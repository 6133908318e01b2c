//! The console takes anything and answers in sentences.

use boards::layout;
use tests::erasure::{Erasure, Middle};
use tests::sessions::{self, answers};
use tests::sparse_card::SparseCard;
use tests::{CardImage, Outcome, Rig, report};

/// K1, K2: every command answers, wrong ones with a sentence; a megabyte of noise ends in a prompt and changes nothing.
#[test]
fn every_command_answers_and_noise_changes_nothing() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.card_is_in_use()?;
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
    check(&mut rig, "frobnicate", "There is no command `frobnicate`. `help` lists them.")?;
    check(&mut rig, "statsu", "Did you mean `status`?")?;
    check(&mut rig, "status now", "Usage: status")?;
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
    check(&mut rig, "status", "lines     2: 0 in 0 out")?;
    check(&mut rig, "status", "1 zone excluded)")?;
    check(&mut rig, "show motion.zone1", "exclude 0,0 100,0 100,10 0,10")?;
    check(&mut rig, "clips", "No clips")?;
    check(&mut rig, "help alarm.mode", "pulse or hold")?;
    check(&mut rig, "clock 2026-02-30 10:00", "is no time")?;
    check(&mut rig, "clock 2026-11-22 10:00", "2026-11-22 10:00:")?;
    check(&mut rig, "arm", "Armed.")?;

    sessions::noise_changes_nothing(&mut rig.serial)
}

/// K3: the alarm output can be tried from the console, and the LED class shows it.
#[test]
fn the_alarm_test_drives_line_and_led_for_one_pulse() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.serial.command("set alarm.pulse_ms 5000")?;
    rig.serial.command("alarm test")?;
    // The profile's additions to the device tree: the alarm LED hangs on line 5.
    rig.until("line and LED to rise", |rig| Ok(rig.alarm_high()? && rig.line_high(5)?))?;
    rig.until("the line to fall", |rig| Ok(!rig.alarm_high()?))?;
    rig.until("the LED to fall", |rig| Ok(!rig.line_high(5)?))
}

/// K8 to K12: somebody without a manual is led to a working alarm, by questions, Tab and `?`; what was set can be carried to another
/// camera, taken back and reset; a script gets JSON.
#[test]
fn a_person_without_a_manual_gets_to_a_working_alarm() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    assert!(
        rig.serial.has("Nothing is set up yet: `setup` leads through it."),
        "{}",
        rig.serial.transcript()
    );
    sessions::led_through_setup(&mut rig)?;
    settings_travel(&mut rig)?;
    keys_help(&mut rig)?;
    a_script_gets_objects(&mut rig)?;
    a_password_locks(&mut rig)?;
    everything_is_erased(&mut rig)?;
    a_cut_erasure_is_finished(rig)
}

fn settings_travel(rig: &mut Rig) -> Outcome {
    let exported = rig.serial.command("export")?;
    assert_eq!(
        exported,
        "name = \"frontdoor\"\ntime.zone = \"Europe/Berlin\"\nmotion.sensitivity = 65\nalarm.pulse_ms = 4000\n"
    );
    rig.serial.command("set motion.sensitivity 30")?;
    assert!(rig.serial.command("revert")?.contains("in force again"));
    assert!(
        rig.serial.command("show motion.sens")?.contains("  motion.sensitivity        65   (default 50)")
    );
    answers(rig, "import", "import> ")?;
    for line in ["motion.sensitivity = 40", "alarm.pulse_ms = 1", "# why? a remark", "picture.box = true"] {
        answers(rig, line, "import> ")?;
    }
    let said = answers(rig, ".", "kerberos> ")?;
    assert!(
        said.contains("import, line 2: alarm.pulse_ms must be") && said.contains("2 settings changed"),
        "{said}"
    );
    answers(rig, "factory-reset", "type `reset` to do it: ")?;
    assert!(answers(rig, "no", "kerberos> ")?.contains("Nothing was done."));
    assert!(rig.serial.command("show picture.box")?.contains("true"), "nothing was reset");
    answers(rig, "factory-reset", "type `reset` to do it: ")?;
    answers(rig, "reset", "that is saved.")?;
    rig.serial.prompt()?;
    assert_eq!(rig.serial.command("export")?, "# Every setting is at its default.\n");
    Ok(())
}

fn keys_help(rig: &mut Rig) -> Outcome {
    rig.serial.command("export")?;
    // The arrow key brings the last command back.
    rig.serial.send(b"\x1b[A\r")?;
    rig.serial.expect("# Every setting is at its default.")?;
    rig.serial.prompt()?;
    rig.serial.send(b"set motion.zone1 ?")?;
    rig.serial.expect("now: off")?;
    rig.serial.expect("kerberos> set motion.zone1 ")?;
    rig.serial.send(b"\x03")?;
    rig.serial.prompt().map(drop)
}

fn a_script_gets_objects(rig: &mut Rig) -> Outcome {
    let json = |text: &str| -> Result<serde_json::Value, tests::Failure> {
        let line = text.lines().rev().find(|line| line.starts_with('{')).ok_or("no object")?;
        Ok(serde_json::from_str(line)?)
    };
    answers(rig, "machine on", "\"line\":\"machine on\"")?;
    rig.serial.expect("\n")?;
    let said = answers(rig, "status", "\"line\":\"status\"")? + &rig.serial.expect("\n")?;
    let status = json(&said)?;
    assert_eq!(status["done"], true);
    assert_eq!(status["facts"]["guard"]["camera"]["ok"], true, "{status}");
    let said = answers(rig, "set motion.sensitivity 0", "\"line\":\"set motion.sensitivity 0\"")?
        + &rig.serial.expect("\n")?;
    assert_eq!(json(&said)?["done"], false);
    assert!(!rig.serial.transcript().ends_with("kerberos> "), "no prompt between objects");
    answers(rig, "machine off", "kerberos> ")?;
    assert!(rig.serial.command("help")?.contains("  status "));
    Ok(())
}

/// K14: what is typed as a password is not shown; without it nobody gets to the console, also not to one that was started anew.
fn a_password_locks(rig: &mut Rig) -> Outcome {
    const PASSWORD: &str = "correct horse";
    answers(rig, "password", "new password: ")?;
    answers(rig, PASSWORD, "once more: ")?;
    answers(rig, PASSWORD, "The password is set, and kept.")?;
    rig.serial.prompt()?;
    rig.serial.send(b"test-kill console\r")?;
    rig.serial.expect("password: ")?;
    answers(rig, "status", "That is not it.")?;
    let said = rig.serial.expect("password: ")?;
    assert!(!said.contains("camera"), "{said}");
    rig.serial.send(b"\x03")?;
    rig.serial.expect("password: ")?;
    // It is not heard at once after a wrong one: it is typed again when it was refused.
    rig.serial.send(format!("{PASSWORD}\r").as_bytes())?;
    rig.until("the right one to be heard", |rig| {
        if rig.serial.take("password: ").is_some() {
            rig.serial.send(format!("{PASSWORD}\r").as_bytes())?;
        }
        Ok(rig.serial.take("kerberos> ").is_some())
    })?;
    assert!(rig.serial.command("show console.password")?.contains("$argon2id$"));
    answers(rig, "password", "new password: ")?;
    answers(rig, "", "There is no password.")?;
    rig.serial.prompt()?;
    assert!(rig.serial.command("lock")?.contains("There is no password"));
    assert!(!rig.serial.has(PASSWORD), "it was never shown");
    Ok(())
}

/// K15: `erase all` leaves no clip and no setting, neither for the console nor on the card, and asks before.
fn everything_is_erased(rig: &mut Rig) -> Outcome {
    something_to_erase(rig)?;
    answers(rig, "erase all", "type `erase` to do it: ")?;
    answers(rig, "yes", "Nothing was done.")?;
    rig.serial.prompt()?;
    answers(rig, "erase all", "type `erase` to do it: ")?;
    answers(rig, "erase", "Nothing is set up yet")?;
    starts_with_nothing(rig)?;
    let card = CardImage::new(&rig.card());
    for area in layout::SETTINGS {
        let bytes = card.area(&area)?;
        assert!(!String::from_utf8_lossy(&bytes).contains("backyard"), "{}", area.name);
    }
    Ok(())
}

fn something_to_erase(rig: &mut Rig) -> Outcome {
    rig.card_is_in_use()?;
    for line in ["set name backyard", "set record.mode always", "set record.clip_ms_max 10000", "save"] {
        rig.serial.command(line)?;
    }
    rig.until("a clip", |rig| Ok(rig.serial.command("clips")?.contains("_backyard_")))
}

/// A start that erased everything, as its owner sees it.
fn starts_with_nothing(rig: &mut Rig) -> Outcome {
    rig.serial.expect("everything was erased: clips, settings and keys")?;
    rig.serial.prompt()?;
    assert_eq!(rig.serial.command("export")?, "# Every setting is at its default.\n");
    // A card may take longer to forget everything than init waits for it at the start: then it joins when it is done.
    let mut clips = String::new();
    rig.until("the clips partition", |rig| {
        clips = rig.serial.command("clips")?;
        Ok(!clips.contains("cannot be listed"))
    })?;
    assert!(clips.contains("No clips"), "{clips}");
    let status = rig.serial.command("status")?;
    assert!(!status.contains("made anew"), "it was ordered: {status}");
    Ok(())
}

/// K16: power fails twice while everything is erased, among the settings and among the clips: the order stands, and a third start finishes it.
fn a_cut_erasure_is_finished(mut rig: Rig) -> Outcome {
    something_to_erase(&mut rig)?;
    answers(&mut rig, "erase all", "type `erase` to do it: ")?;
    answers(&mut rig, "erase", "Starting again, to erase everything.")?;
    let (mut folder, profile) = rig.kill();
    let image = folder.path().join("card.img");
    // The starts that obey must not read this either.
    CardImage::new(&image).put_boot_file(layout::SETTINGS_FILE, b"name = \"backyard\"\n")?;
    let erasure = Erasure::new(SparseCard::read(&image)?, "backyard")?;
    for middle in [Middle::Settings, Middle::Clips] {
        let mut rig = Rig::power_on(folder, profile.clone(), None)?;
        rig.until("the middle of the erasure", |rig| erasure.has_reached(middle, &rig.card()))?;
        folder = rig.kill().0;
        let goes_on = erasure.goes_on(&SparseCard::read(&image)?)?;
        report::figure("power cut in an erasure", format!("{middle:?}, the order stands: {goes_on}"));
    }
    let mut rig = Rig::with_card(folder)?;
    rig.until("the prompt of a card that has nothing", |rig| {
        Ok(rig.serial.command("clips")?.contains("No clips"))
    })?;
    assert_eq!(rig.serial.command("export")?, "# Every setting is at its default.\n");
    let folder = rig.off()?;
    erasure.nothing_is_left(&SparseCard::read(&folder.path().join("card.img"))?)
}

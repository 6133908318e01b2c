//! Inputs on simulated lines, which take more changes than any finger makes. Needs a kernel of its own.

use boards::layout;
use tests::{CardImage, Failure, Outcome, Rig, report, settings_slots};

/// As many as the promise says.
const EDGES: u64 = 10_000;
/// Of them with one command, which must answer while the harness has patience.
const AT_ONCE: u64 = 500;
/// A contact that bounces, as fast as the machine can.
const BOUNCES: u64 = 501;

/// So long the reset button must be held, as documented; and so long it is held for nothing, by the machine's own clock.
const HOLD_US: u64 = 10_000_000;
const SECOND_US: u64 = 1_000_000;
const HALF_HELD_US: u64 = HOLD_US / 2;
/// A harness that is held up may hold the button for longer than it wants to. Then it tries again.
const SHORT_HOLDS_MAX: u32 = 5;
/// The lamp: line 6 of the board's own chip, which the emulator shows; pin N is line N - 1.
const LAMP: u32 = 6;
/// Four seconds of the camera's: twice as long as a sensor must say the same to be believed.
const BELIEVED_FRAMES: u64 = 60;

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

/// IO12, IO17: a lamp follows a sensor for the dark, which must last, and against the picture; neither is motion. A reset button that is let go
/// before its time does nothing; held for ten seconds it makes the settings the factory's, on the card too, and leaves the clips.
#[test]
fn a_lamp_follows_a_sensor_and_a_button_that_is_held_down_resets() -> Outcome {
    let mut rig = Rig::boot_on_kernel("gpio-sim")?;
    rig.settle()?;
    wire_lamp_and_button(&mut rig)?;
    lamp_follows_sensor(&mut rig)?;
    rig.serial.command("test-edges 5 2 1")?;
    rig.serial.expect("_backyard_")?;
    assert_eq!(saved_name(&rig)?.as_deref(), Some("backyard"));
    held_for_nothing(&mut rig)?;
    held_down(&mut rig)?;

    // Nothing comes back, and the clip is still there.
    let mut rig = rig.power_cycle()?;
    assert_eq!(rig.serial.command("export")?, "# Every setting is at its default.\n");
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances(), "{ledger:?}");
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    let is_kept = clips.iter().any(|clip| clip.display().to_string().contains("_backyard_"));
    assert!(is_kept, "the clip outlives the settings: {clips:?}");
    Ok(())
}

fn wire_lamp_and_button(rig: &mut Rig) -> Outcome {
    for (setting, value) in [
        ("name", "backyard"),
        ("alarm.output1", "pin 7 on dark"),
        ("alarm.input1", "sim:5 as trigger"),
        ("alarm.input2", "sim:11 as dark-sensor"),
        ("alarm.input3", "sim:9 as reset-button"),
    ] {
        let answer = rig.serial.command(&format!("set {setting} {value}"))?;
        assert!(answer.contains("In force."), "{answer}");
    }
    assert!(says(rig, "save", "Saved.")?);
    rig.until("the inputs", |rig| {
        Ok(rig.serial.command("gpio all")?.matches("not active, 0 changes").count() == 3)
    })
}

/// On when the sensor says dark for a while, off when it says light; what passes is nothing.
fn lamp_follows_sensor(rig: &mut Rig) -> Outcome {
    rig.until("a sensor that says light", |rig| says(rig, "status", "light     light (by sensor)"))?;
    rig.serial.command("test-edges 11 2 2")?;
    rig.frames_pass(BELIEVED_FRAMES)?;
    assert!(says(rig, "status", "light     light (by sensor)")? && !rig.line_high(LAMP)?, "it passed");
    rig.serial.command("test-edges 11 1 2")?;
    rig.until("the lamp on", |rig| rig.line_high(LAMP))?;
    // The picture is as bright as before.
    assert!(says(rig, "status", "light     dark (by sensor)")?);
    rig.frames_pass(BELIEVED_FRAMES)?;
    assert!(rig.line_high(LAMP)?, "it stays on");
    rig.serial.command("test-edges 11 2")?;
    rig.until("the lamp off", |rig| Ok(!rig.line_high(LAMP)?))?;
    rig.until("the day", |rig| says(rig, "status", "light     light (by sensor)"))?;
    assert!(says(rig, "status", "events    0, none yet")?, "nothing moved");
    Ok(())
}

/// Held for half of its time and more, and let go before it is over: by the kernel's own stamps of both edges.
fn held_for_nothing(rig: &mut Rig) -> Outcome {
    for _ in 0..SHORT_HOLDS_MAX {
        rig.serial.command("test-edges 9 1 3")?;
        let pressed_us = last_time_us(rig, "input 3: active at ")?;
        rig.until("half of the time", |rig| Ok(now_us(rig)? >= pressed_us + HALF_HELD_US))?;
        rig.serial.command("test-edges 9 2")?;
        rig.until("the button to be let go", |rig| says(rig, "gpio all", "alarm.input3: not active"))?;
        let held_us = last_time_us(rig, "input 3: not active at ")?.saturating_sub(pressed_us);
        assert!(held_us >= HALF_HELD_US, "it was held: {held_us}");
        if held_us >= HOLD_US {
            rig.serial.expect("The settings are those of the factory.")?;
            wire_lamp_and_button(rig)?;
            continue;
        }
        rig.frames_pass(BELIEVED_FRAMES)?;
        assert!(rig.serial.take("the reset button was held down").is_none(), "not after {held_us} us");
        assert!(says(rig, "show name", "backyard")? && says(rig, "gpio all", "alarm.output1: off")?);
        assert_eq!(saved_name(rig)?.as_deref(), Some("backyard"));
        report::figure("a reset button that did nothing was held for", format!("{held_us} us"));
        return Ok(());
    }
    Err(format!("this machine is too busy to hold a button for less than {HOLD_US} us").into())
}

/// Held until something happens, which is not before ten seconds are over.
fn held_down(rig: &mut Rig) -> Outcome {
    rig.serial.command("test-edges 9 1 3")?;
    let pressed_us = last_time_us(rig, "input 3: active at ")?;
    rig.serial.expect("input 3: the reset button was held down; the settings become the factory's")?;
    rig.serial.expect("The settings are those of the factory.")?;
    let acted_us = now_us(rig)? + SECOND_US;
    assert!(acted_us >= pressed_us + HOLD_US, "pressed at {pressed_us} us, acted before {acted_us} us");
    report::figure("a reset button acted after at most", format!("{} us", acted_us - pressed_us));
    assert_eq!(rig.serial.command("export")?, "# Every setting is at its default.\n");
    rig.until("the wires let go", |rig| Ok(!says(rig, "gpio all", "alarm.input3: ")?))?;
    assert_eq!(saved_name(rig)?, None, "the card has no setting any more");
    assert!(says(rig, "clips", "_backyard_")?, "clips stay");
    Ok(())
}

/// Whether the answer to this has that in it.
fn says(rig: &mut Rig, line: &str, text: &str) -> Result<bool, Failure> {
    Ok(rig.serial.command(line)?.contains(text))
}

/// The machine's time since its start, in whole seconds: no later than now.
fn now_us(rig: &mut Rig) -> Result<u64, Failure> {
    let status = rig.serial.command("status")?;
    let up = status.lines().find_map(|line| line.strip_prefix("up ")).ok_or("no time since the start")?;
    let up = up.trim_start().split(';').next().unwrap_or_default();
    let seconds = up.split(':').try_fold(0, |sum, part| part.parse::<u64>().map(|part| 60 * sum + part));
    Ok(seconds.map_err(|error| format!("{up}: {error}"))? * SECOND_US)
}

/// The time that stands behind this in the newest line of the log that has it.
fn last_time_us(rig: &mut Rig, text: &str) -> Result<u64, Failure> {
    let log = rig.serial.command("log")?;
    let time = log.rsplit_once(text).and_then(|(_, rest)| rest.split(' ').next());
    Ok(time.ok_or(format!("no `{text}` in: {log}"))?.parse()?)
}

/// The name that is saved on the card, if one is.
fn saved_name(rig: &Rig) -> Result<Option<String>, Failure> {
    let card = CardImage::new(&rig.card());
    let [first, second] = layout::SETTINGS.map(|area| card.area(&area));
    let saved = settings_slots::in_force([&first?, &second?]).ok_or("no settings on the card")?;
    Ok(saved.toml.get("name").and_then(|name| name.as_str()).map(str::to_owned))
}

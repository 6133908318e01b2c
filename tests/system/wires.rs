//! The owner's outputs and inputs, on the board's lines as the emulator shows and drives them.

use std::path::Path;
use tests::{CardImage, Failure, Outcome, Rig, report, sessions};

/// Pin N of the board is line N - 1 of its chip.
const OUTPUT: u32 = 1;
const SWITCH: u32 = 2;
const BEACON: u32 = 6;
/// Three seconds and more.
const LOOKS_PER_PRESS: u32 = 100;
/// Ten seconds of the camera's.
const LEARNT_FRAMES: u64 = 150;

fn set(rig: &mut Rig, setting: &str, value: &str) -> Outcome {
    let answer = rig.serial.command(&format!("set {setting} {value}"))?;
    assert!(answer.contains("In force."), "{setting} {value}: {answer}");
    Ok(())
}

/// Whether `gpio` shows this; the answer.
fn shows(rig: &mut Rig, row: &str) -> Result<bool, Failure> {
    Ok(rig.serial.command("gpio")?.contains(row))
}

/// The machine's power key, which hangs on line 3 and is pressed for a tenth of a second.
fn press_key(rig: &mut Rig) -> Outcome {
    Ok(rig.machine.qmp("system_powerdown", &serde_json::json!({})).map(drop)?)
}

/// Presses the key until its output shows that it was: for a machine that stands still for a tenth of a second nothing happened. The output
/// stays on for longer than it takes until the next press.
fn press_until_noticed(rig: &mut Rig) -> Outcome {
    let mut looks = 0;
    rig.until("the output of the input", |rig| {
        if looks % LOOKS_PER_PRESS == 0 {
            press_key(rig)?;
        }
        looks += 1;
        rig.line_high(OUTPUT)
    })
}

/// IO3, IO4, IO5, IO6, IO8, IO9, IO17, IO18: outputs follow what they are set to follow, by pin and by chip, low and high active, with pulse and pattern;
/// what cannot be is told and stops nobody; a line given up is let go safely; an input that is pressed from outside is an event
/// whose clip says so, and switches its outputs; the guard's death makes every output safe.
#[test]
fn outputs_and_inputs_do_what_they_are_set_to() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    refusals(&mut rig)?;
    beacon(&mut rig)?;
    lamp(&mut rig)?;

    // Long enough to be seen by who looks at one thing after the other.
    set(&mut rig, "alarm.pulse_ms", "60000")?;
    set(&mut rig, "alarm.output1", "pin 2 on input 1 pulse 5s")?;
    set(&mut rig, "alarm.output2", "9030000.pl061:2 on motion active-low")?;
    set(&mut rig, "alarm.input1", "pin 4 as trigger debounce 5ms")?;
    rig.until("the input", |rig| shows(rig, "alarm.input1: not active, 0 changes"))?;
    rig.until("the low active output at rest", |rig| rig.line_high(SWITCH))?;
    assert!(!rig.line_high(OUTPUT)? && !rig.alarm_high()?, "nothing has happened yet");
    press_until_noticed(&mut rig)?;
    rig.serial.expect("event 1: input 1")?;
    rig.until("the alarm line", Rig::alarm_high)?;
    rig.until("the output of the event", |rig| Ok(!rig.line_high(SWITCH)?))?;
    rig.until("the end of the pulse", |rig| Ok(!rig.line_high(OUTPUT)?))?;
    rig.serial.expect("event 1: over after ")?;
    rig.until("the output at rest again", |rig| rig.line_high(SWITCH))?;
    rig.serial.expect(".mp4: ")?;
    let gpio = rig.serial.command("gpio")?;
    let changes = gpio.split_once("alarm.input1: not active, ").and_then(|(_, rest)| rest.split(' ').next());
    let changes: u32 = changes.ok_or("no input")?.parse()?;
    assert!(changes >= 2 && changes.is_multiple_of(2), "pressed and let go: {gpio}");
    let latency =
        gpio.lines().find(|line| line.starts_with("The alarm line followed")).ok_or("no latency")?;
    report::figure("event to pin, guest time", latency);

    killed(&mut rig)?;
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances(), "{ledger:?}");
    clip_says(folder.path())
}

/// Each mistake is a sentence on the console, and what is right works all the same.
fn refusals(rig: &mut Rig) -> Outcome {
    for (setting, value, sentence) in [
        ("alarm.output1", "pin 5 on motion", "alarm.output1: pin 5 is in use (status LED)"),
        ("alarm.output2", "pin 1 on motion", "alarm.output2: pin 1 is the board's own alarm line"),
        ("alarm.output3", "pin 9 on motion", "alarm.output3: there is no pin 9"),
        ("alarm.input1", "nothing:3 as trigger", "alarm.input1: this board has no GPIO chip nothing"),
    ] {
        set(rig, setting, value)?;
        rig.serial.expect(sentence)?;
    }
    let gpio = rig.serial.command("gpio")?;
    for row in [
        "pin 1   L0       the board's alarm line",
        "pin 5   L4       in use: status LED",
        "pin 7   L6       free low",
    ] {
        assert!(gpio.contains(row), "{row}: {gpio}");
    }
    assert!(gpio.contains("alarm.output3 does not work: there is no pin 9"), "{gpio}");
    for setting in ["alarm.output3", "alarm.input1"] {
        set(rig, setting, "off")?;
    }
    Ok(())
}

/// A pattern is seen, a line that is named twice belongs to the first, and one that is given up is low.
fn beacon(rig: &mut Rig) -> Outcome {
    set(rig, "alarm.output4", "pin 7 on heartbeat pattern blink")?;
    for _ in 0..2 {
        rig.until("the beacon on", |rig| rig.line_high(BEACON))?;
        rig.until("the beacon off", |rig| Ok(!rig.line_high(BEACON)?))?;
    }
    set(rig, "alarm.input4", "line L6 as doorbell")?;
    rig.serial.expect("alarm.input4: line L6 is the line of alarm.output4 already")?;
    set(rig, "alarm.output4", "pin 7 on heartbeat")?;
    rig.until("the beacon on for good", |rig| shows(rig, "alarm.output4: on"))?;
    rig.until("the beacon's line", |rig| rig.line_high(BEACON))?;
    set(rig, "alarm.output4", "off")?;
    rig.until("the line given up", |rig| Ok(!rig.line_high(BEACON)?))?;
    // The input takes it over by itself, once it is tried again.
    set(rig, "alarm.input4", "off")
}

/// A lamp goes on when it gets dark, stays on although it lights the picture, goes off when the day is brighter; none of that is motion.
fn lamp(rig: &mut Rig) -> Outcome {
    set(rig, "alarm.output3", "pin 7 on dark")?;
    rig.until("the light to be known", |rig| status_says(rig, "light     light (the picture is "))?;
    for percent in [50, 25, 12, 6] {
        rig.camera.scene_dim(percent);
    }
    rig.until("the lamp on", |rig| rig.line_high(BEACON))?;
    // What the lamp makes of the night: half of the day's light. It takes five seconds to learn it.
    rig.camera.scene_dim(45);
    rig.frames_pass(LEARNT_FRAMES)?;
    // Its own light is no day.
    rig.until("its light to be learnt", |rig| status_says(rig, "light     dark (the picture is 2"))?;
    assert!(rig.line_high(BEACON)?);
    rig.camera.scene_still();
    rig.until("the lamp off", |rig| Ok(!rig.line_high(BEACON)?))?;
    rig.until("the day", |rig| status_says(rig, "light     light (the picture is "))?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("events    0, none yet"), "nothing moved: {status}");
    set(rig, "alarm.output3", "off")
}

/// Whether `status` shows this.
fn status_says(rig: &mut Rig, row: &str) -> Result<bool, Failure> {
    Ok(rig.serial.command("status")?.contains(row))
}

/// The guard dies while outputs are on: all are safe until it is back, and it takes them up again.
fn killed(rig: &mut Rig) -> Outcome {
    set(rig, "alarm.pulse_ms", "600000")?;
    // Nothing that a new guard switches on by itself.
    assert!(rig.serial.command("gpio test 1")?.contains("alarm.output1 is on"));
    rig.until("the output to be tried", |rig| rig.line_high(OUTPUT))?;
    sessions::kill_guard(rig)?;
    rig.until("a safe output", |rig| Ok(!rig.line_high(OUTPUT)?))?;
    rig.until("the outputs of a new guard", |rig| shows(rig, "alarm.output1: off"))?;
    assert!(rig.serial.command("gpio test 1")?.contains("alarm.output1 is on"));
    rig.until("the output again", |rig| rig.line_high(OUTPUT))
}

/// The description of the clip names the input.
fn clip_says(folder: &Path) -> Outcome {
    let clips = CardImage::new(&folder.join("card.img")).clips(folder)?;
    let clip = clips.first().ok_or("no clip on the card")?;
    let event: serde_json::Value = serde_json::from_slice(&std::fs::read(clip.with_extension("json"))?)?;
    assert_eq!((event["cause"].as_str(), event["input"].as_u64()), (Some("input"), Some(1)), "{event}");
    let start_us = event["startUs"].as_i64().ok_or("no startUs")?;
    assert!(start_us < 0, "there is a pre-roll: {start_us}");
    Ok(())
}

//! Outputs and inputs as people type them: every one comes back as it was, and a wrong one is explained.

use super::super::wiring::{Pattern, Pull, Purpose, Stay, Switch, Way, Where};
use super::super::{Settings, from_toml, to_toml};

#[test]
fn what_is_typed_about_wires_is_read_and_printed_in_one_spelling() {
    let mut settings = Settings::default();
    for (name, typed, printed) in [
        ("alarm.output1", " pin  13 on motion", "pin 13 on motion"),
        (
            "alarm.output2",
            "line PG8 on line 2 out zone 3 input 1 open-drain max 60s active-low pattern sos pulse 1500ms",
            "line PG8 on line 2 out zone 3 input 1 pulse 1500ms pattern sos max 1m active-low open-drain",
        ),
        (
            "alarm.output3",
            "9030000.pl061:2 on heartbeat pattern steady hold 0s",
            "9030000.pl061:2 on heartbeat",
        ),
        (
            "alarm.output4",
            "pin 7 on tamper camera card armed dark light hold 1000ms",
            "pin 7 on tamper camera card armed dark light hold 1s",
        ),
        (
            "alarm.output4",
            "pin 12 on motion initial on level 30% tone 2500Hz pattern two-tone",
            "pin 12 on motion pattern two-tone tone 2500Hz level 30% initial on",
        ),
        ("alarm.input1", "pin 16 as trigger condition", "pin 16 as trigger condition"),
        (
            "alarm.input2",
            "pin 18 as arm-switch debounce 20ms pull-up active-low",
            "pin 18 as arm-switch active-low pull-up debounce 20ms",
        ),
        ("alarm.input3", "sim:3 as reset-button debounce 50ms no-pull", "sim:3 as reset-button no-pull"),
        ("alarm.input4", "pin 22 as dark-sensor", "pin 22 as dark-sensor"),
        ("alarm.input4", "off", "off"),
    ] {
        settings.set(name, typed).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(settings.get(name).as_deref(), Some(printed));
    }
    let output = settings.alarm_output2.as_ref().expect("an output");
    assert_eq!(output.switches[0], Switch::Line { number: 2, way: Some(Way::Out) });
    assert_eq!((output.stay, output.pattern), (Stay::Pulse { ms: 1500 }, Pattern::Sos));
    let input = settings.alarm_input2.as_ref().expect("an input");
    assert_eq!((&input.place, input.pull, input.debounce_ms), (&Where::Pin(18), Some(Pull::Up), 20));
    assert!(input.is(Purpose::ArmSwitch) && !input.is(Purpose::Trigger));
    assert_eq!(from_toml(&to_toml(&settings), "test").settings, settings);
}

#[test]
fn what_is_wrong_with_a_wire_is_said_and_changes_nothing() {
    let mut settings = Settings::default();
    let place = "is no place: pin N, line NAME or CHIP:OFFSET";
    for (name, value, reason) in [
        ("alarm.output1", "", "it begins with a place: pin N, line NAME or CHIP:OFFSET".to_owned()),
        ("alarm.output1", "13 on motion", format!("'13' {place}")),
        ("alarm.output1", ":3 on motion", format!("':3' {place}")),
        ("alarm.output1", "pin", "'pin' wants a number after it".into()),
        ("alarm.output1", "pin 0 on motion", "'0' is no number of a pin".into()),
        ("alarm.output1", "gpio:x on motion", "'x' is no number of a line".into()),
        (
            "alarm.output1",
            "line on",
            "after the place comes 'on' and what switches it, such as 'on motion'".into(),
        ),
        ("alarm.output1", "pin 3 on", "it is not said what switches it".into()),
        ("alarm.output1", "pin 3 on fire", "'fire' is nothing that switches an output".into()),
        ("alarm.output1", "pin 3 on motion motion", "motion is given twice".into()),
        ("alarm.output1", "pin 3 on zone 9", "'zone' wants a number from 1 to 8 after it".into()),
        ("alarm.output1", "pin 3 on line in", "'line' wants a number from 1 to 4 after it".into()),
        ("alarm.output1", "pin 3 on motion loudly", "'loudly' has no place in an output".into()),
        (
            "alarm.output1",
            "pin 3 on motion pattern",
            "the pattern is missing: steady, blink, sos, two-tone".into(),
        ),
        (
            "alarm.output1",
            "pin 3 on motion pattern x",
            "'x' is no pattern: steady, blink, sos, two-tone".into(),
        ),
        ("alarm.output1", "pin 3 on motion initial", "the initial state is missing: off, on".into()),
        ("alarm.output1", "pin 3 on motion tone 2500", "'2500' is not 10Hz to 40000Hz".into()),
        ("alarm.output1", "pin 3 on motion level 0%", "'0%' is not 1% to 100%".into()),
        ("alarm.output1", "pin 3 on motion level", "'level' wants 1% to 100% after it".into()),
        ("alarm.output1", "pin 3 on motion pulse 5s hold 1s", "'hold' is given twice".into()),
        ("alarm.output1", "pin 3 on motion pulse", "'pulse' wants a time after it, 50ms to 10m".into()),
        (
            "alarm.output1",
            "pin 3 on motion max 99h",
            "'99h' is no time from 100ms to 60m, such as 500ms, 5s or 2m".into(),
        ),
        (
            "alarm.output1",
            "pin 3 on motion pulse 99999999m",
            "'99999999m' is no time from 50ms to 10m, such as 500ms, 5s or 2m".into(),
        ),
        (
            "alarm.input1",
            "pin 3 on motion",
            "after the place comes 'as' and what it is for, such as 'as trigger'".into(),
        ),
        (
            "alarm.input1",
            "pin 3 as door",
            "'door' is no purpose: trigger, condition, arm-switch, doorbell, dark-sensor, reset-button"
                .into(),
        ),
        ("alarm.input1", "pin 3 as trigger reset-button", "a reset-button is for nothing else".into()),
        ("alarm.input1", "pin 3 as trigger pull-up no-pull", "'pull' is given twice".into()),
        ("alarm.input1", "pin 3 as trigger hold 3s", "'hold' has no place in an input".into()),
    ] {
        let error = settings.set(name, value).expect_err(value).to_string();
        assert!(error.starts_with(&format!("{name} must be off or ")), "{error}");
        assert!(error.ends_with(&format!("': {reason}.")), "{error}");
        assert!(error.len() < 300, "{error}");
    }
    assert_eq!(settings, Settings::default());
}

#[test]
fn the_longest_output_fits_a_line_of_the_console() {
    let name = "n".repeat(31);
    let value = format!(
        "{name}:65535 on line 1 out line 2 out line 3 out line 4 out heartbeat tamper hold 3599999ms pattern two-tone max \
         3599999ms tone 40000Hz level 100% active-low open-drain initial on"
    );
    let mut settings = Settings::default();
    settings.set("alarm.output4", &value).expect("allowed");
    assert_eq!(settings.get("alarm.output4"), Some(value.clone()));
    // The console's limits; its own test holds the two together.
    assert!("set alarm.output4 ".len() + value.len() <= 256, "{}", value.len());
    assert!(2 + value.split_whitespace().count() <= 32);
    assert!(from_toml(&to_toml(&settings), "test").settings == settings);
}

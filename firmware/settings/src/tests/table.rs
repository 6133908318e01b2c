//! The table and the typed fields agree, and every row keeps its own promises.

use std::collections::BTreeSet;

use super::super::{Kind, SETTINGS, SettingError, Settings, table};

#[test]
fn every_row_has_a_field_and_every_field_a_row() {
    let rows: Vec<_> = SETTINGS.iter().map(|row| row.name).collect();
    assert_eq!(rows, Settings::FIELD_NAMES, "same names in the same order");
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "no name twice");
}

#[test]
fn defaults_and_examples_are_allowed() {
    for row in SETTINGS {
        let mut settings = Settings::default();
        assert_eq!(settings.get(row.name).as_deref(), Some(row.default), "{}", row.name);
        settings.set(row.name, row.default).unwrap();
        settings.set(row.name, row.example).unwrap();
        assert_eq!(settings.get(row.name).as_deref(), Some(row.example), "{}", row.name);
        assert_ne!(row.example, row.default, "{}: an example that changes nothing", row.name);
    }
    assert_eq!(Settings::default().changed().count(), 0);
}

#[test]
fn values_beside_the_range_are_refused_and_change_nothing() {
    let nobody =
        ["", " ", "x", "-1", "+5", "05", "1e3", "99999999999999999999", "é", "a_b", "a b", "TRUE", "autox"];
    let sizes = [
        "63x480",
        "4097x480",
        "640x63",
        "640x4097",
        "640",
        "640x",
        "x480",
        "640X480",
        "640x480x2",
        "0640x480",
    ];
    for row in SETTINGS {
        let mut bad: Vec<String> = match row.kind {
            Kind::Integer { min, max } => {
                vec![(u64::from(max) + 1).to_string(), (i64::from(min) - 1).to_string()]
            }
            Kind::Name => vec!["a".repeat(33)],
            Kind::CameraSize => sizes.map(String::from).to_vec(),
            Kind::CameraFormat => ["NV13", "pgaa", "nv12 ", "RAW"].map(String::from).to_vec(),
            Kind::Bool
            | Kind::Choice(_)
            | Kind::Key
            | Kind::Password
            | Kind::Zone
            | Kind::Mask
            | Kind::Line
            | Kind::Perspective
            | Kind::Controls
            | Kind::TimeZone
            | Kind::Schedule
            | Kind::Output
            | Kind::Input => {
                vec!["1".into()]
            }
        };
        bad.extend(
            nobody.iter().filter(|text| row.kind != Kind::Name || !text.is_ascii()).map(|t| t.to_string()),
        );
        let mut settings = Settings::default();
        for value in bad {
            let error = settings.set(row.name, &value).expect_err(&format!("{} = {value}", row.name));
            assert!(error.to_string().contains(&row.allowed()), "{error}");
        }
        assert_eq!(settings, Settings::default());
    }
}

#[test]
fn messages_are_plain_sentences() {
    let mut settings = Settings::default();
    let mut say = |name, value| settings.set(name, value).expect_err("refused").to_string();
    assert_eq!(
        say("record.post_ms", "5"),
        "record.post_ms must be a whole number from 1000 to 60000 ms, not '5'."
    );
    assert_eq!(say("alarm.mode", "loud"), "alarm.mode must be pulse or hold, not 'loud'.");
    let zone =
        "time.zone must be a name such as Europe/Berlin or a rule such as CET-1CEST,M3.5.0,M10.5.0/3, not";
    assert_eq!(
        say("time.zone", "Berlin"),
        format!("{zone} 'Berlin': there is none of that name, but Europe/Berlin.")
    );
    assert_eq!(
        say("arm.schedule", "mo-fr"),
        "arm.schedule must be always or days and times such as mo-fr 18:00-07:00, not 'mo-fr': \
         'mo-fr' has no times after it, such as 18:00-07:00."
    );
    assert_eq!(say("armd", "true"), "There is no setting 'armd'; did you mean armed?");
    assert_eq!(say("zzzzzzzz", "1"), "There is no setting 'zzzzzzzz'.");
    let hostile = say("name", "\u{1b}[2J\r\nx");
    assert!(!hostile.contains('\u{1b}') && !hostile.contains('\n'), "{hostile}");
    assert!(say("name", &"y".repeat(100_000)).len() < 200);
    let unknown = settings.set(&"y".repeat(100_000), "1");
    assert!(matches!(unknown, Err(SettingError::Unknown { .. })));
}

#[test]
fn help_and_completion_come_from_the_table() {
    let names: Vec<_> = table::starting_with("alarm").map(|row| row.name).collect();
    assert_eq!(names[..3], ["alarm.mode", "alarm.pulse_ms", "alarm.output1"]);
    assert_eq!(table::starting_with("").count(), SETTINGS.len());
    let help = table::find("camera.fps").unwrap().help_text();
    for part in ["camera.fps", "1 to 60 frames/s", "default 15", "set camera.fps 25"] {
        assert!(help.contains(part), "{help}");
    }
    for row in SETTINGS {
        for word in row.value_words() {
            Settings::default().set(row.name, word).unwrap();
        }
    }
}

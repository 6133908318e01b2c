//! TOML documents: round trips, complaints with lines, and damage.

use super::super::{SETTINGS, Settings, apply_bytes, apply_toml, from_toml, template, to_toml};
use super::Random;

#[test]
fn parse_of_print_is_the_same() {
    let mut random = Random::new(1);
    for round in 0..2_000 {
        let settings = random.settings();
        let reading = from_toml(&to_toml(&settings), "test");
        assert_eq!(reading.complaints, [], "round {round}");
        assert_eq!(reading.settings, settings, "round {round}");
    }
}

#[test]
fn only_what_differs_is_printed() {
    assert_eq!(to_toml(&Settings::default()), "");
    let mut settings = Settings::default();
    settings.set("motion.sensitivity", "60").unwrap();
    settings.set("name", "gate").unwrap();
    settings.set("armed", "false").unwrap();
    assert_eq!(to_toml(&settings), "name = \"gate\"\narmed = false\nmotion.sensitivity = 60\n");
}

#[test]
fn tables_and_dotted_keys_mean_the_same() {
    let texts = [
        "motion.sensitivity = 60\nrecord.pre_ms = 1_000",
        "[motion]\nsensitivity = 60\n[record]\npre_ms = 0x3e8",
        "motion = { sensitivity = 60 }\n[record]\npre_ms = 1000",
        "\u{feff}[motion]\r\nsensitivity = 60 # enough\r\n[record]\r\npre_ms = 1000\r\n",
    ];
    for text in texts {
        let reading = from_toml(text, "test");
        assert_eq!(reading.complaints, [], "{text}");
        assert_eq!(
            (reading.settings.motion_sensitivity, reading.settings.record_pre_ms),
            (60, 1000),
            "{text}"
        );
    }
}

/// Text, then the expected lines and a part of each message.
fn check(text: &str, expected: &[(usize, &str)]) -> Settings {
    let mut base = Settings::default();
    base.set("alarm.pulse_ms", "3000").unwrap();
    let reading = apply_toml(&base, text, "kerberos.toml");
    let lines: Vec<_> = reading.complaints.iter().map(|complaint| complaint.line).collect();
    assert_eq!(lines, expected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), "{:?}", reading.complaints);
    for (complaint, (_, part)) in reading.complaints.iter().zip(expected) {
        assert!(complaint.message.contains(part), "{complaint}");
        assert!(complaint.to_string().starts_with("kerberos.toml, line "), "{complaint}");
    }
    reading.settings
}

#[test]
fn what_is_wrong_is_named_and_the_rest_counts() {
    let text = "name = \"gate\"\narmd = false\n\n[motion]\nsensitivity = \"60\"\n[record]\npost_ms = 5\npre_ms = 7\n\
                [alarm]\npulse_ms = 1.5\nmode = 'hold'\n[camera]\nsize = 640\nfps = 99999999999999999999999\n";
    let settings = check(
        text,
        &[
            (2, "There is no setting 'armd'; did you mean armed? It is ignored."),
            (
                5,
                "motion.sensitivity must be a whole number from 1 to 100, written as a number without quotes, not",
            ),
            (7, "record.post_ms must be a whole number from 1000 to 60000 ms, not '5'. 5000 stays in force."),
            (10, "3000 stays in force."),
            (13, "written as text in quotes, not 640. auto stays in force."),
            (14, "15 stays in force."),
        ],
    );
    let changed: Vec<_> = settings.changed().map(|(name, _)| name).collect();
    assert_eq!(changed, ["name", "record.pre_ms", "alarm.mode", "alarm.pulse_ms"]);
}

#[test]
fn a_table_that_is_no_table_of_ours() {
    check("[cloud]\nkey = 1\n", &[(1, "There is no setting 'cloud'")]);
    check("name.first = 1\n", &[(1, "name must be")]);
    check("motion = 5\n", &[(1, "There is no setting 'motion'")]);
    check("[motion.sensitivity]\nx = 1\n", &[(1, "motion.sensitivity must be")]);
    check("[[motion]]\nsensitivity = 60\n", &[(1, "There is no setting 'motion'")]);
}

#[test]
fn a_syntax_error_leaves_the_base_in_force() {
    let settings = check("name = \"gate\"\narmed = = 1\n", &[(2, "This is not TOML")]);
    assert_eq!(settings.changed().count(), 1, "only the base's own change");
    check("armed = true\narmed = false\n", &[(2, "This is not TOML")]);
    let settings = check("name = \"gate\"\nmotion = {", &[(2, "This is not TOML")]);
    assert_eq!(settings.changed().count(), 1);
}

#[test]
fn documents_of_unknown_origin_end_in_complaints() {
    let base = Settings::default();
    let reading = apply_bytes(&base, b"armed = false\nname = \"\xe9\"\n", "kerberos.toml");
    assert_eq!((reading.complaints[0].line, &reading.settings), (2, &base));
    let utf16: Vec<u8> = "armed = false".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!apply_bytes(&base, &utf16, "kerberos.toml").complaints.is_empty());
    assert!(from_toml(&"[".repeat(30_000), "test").complaints[0].message.contains("not TOML"));
    assert!(from_toml(&"a.".repeat(10_000), "test").complaints[0].message.contains("not TOML"));
    let long = format!("armed = false\n#{}", " ".repeat(40_000));
    let reading = from_toml(&long, "test");
    assert_eq!((reading.settings, reading.complaints.len()), (base, 1));
    let flood: String = (0..1000).map(|n| format!("unknown-{n} = 1\n")).collect();
    let reading = from_toml(&flood, "test");
    assert_eq!(reading.complaints.len(), 17);
    assert!(reading.complaints[16].message.starts_with("984 more faults"), "{}", reading.complaints[16]);
}

#[test]
fn no_truncation_and_no_flipped_bit_panics_or_breaks_a_range() {
    let mut settings = Random::new(7).settings();
    settings.set("name", "frontdoor").unwrap();
    let text =
        format!("{}\n[motion]\nsensitivity = 60\n# comment\n", to_toml(&settings).replace("motion.s", "#"));
    let bytes = text.as_bytes();
    let judge = |damaged: &[u8]| {
        let reading = apply_bytes(&Settings::default(), damaged, "test");
        for (row, value) in reading.settings.all() {
            Settings::default().set(row.name, &value).expect("still in range");
        }
    };
    for end in 0..=bytes.len() {
        judge(&bytes[..end]);
    }
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        judge(&damaged);
    }
}

#[test]
fn the_template_is_inert_complete_and_right_once_uncommented() {
    let text = template();
    let reading = from_toml(&text, "template");
    assert_eq!((reading.settings, reading.complaints), (Settings::default(), vec![]));
    let is_setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    let settings: Vec<_> = text.lines().filter(is_setting).map(|line| &line[1..]).collect();
    assert_eq!(settings.len(), SETTINGS.len());
    let reading = from_toml(&settings.join("\n"), "template");
    assert_eq!((reading.settings, reading.complaints), (Settings::default(), vec![]));
    for row in SETTINGS {
        assert!(text.contains(row.help) && text.contains(&row.allowed()), "{}", row.name);
    }
    assert!(text.lines().all(|line| line.len() <= 120), "lines fit a window");
}

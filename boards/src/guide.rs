//! The table of all boards in README.md, made from their files. Only a test reads or writes it.

use std::fmt::Write as _;
use std::path::Path;

use crate::{Architecture, Profile};

/// The table stands between these lines.
const MARKS: [&str; 2] = [
    "<!-- made from the files: KERBEROS_WRITE_DOCS=1 cargo test -p boards guide -->",
    "<!-- end of what is made -->",
];
const HEAD: &str = "\
| board | what | tier | CPU | memory | alarm line | pins by number | LEDs: status, alarm | console by USB |
|---|---|---|---|---|---|---|---|---|
";

/// The table, a row for each board.
fn table(profiles: &[Profile]) -> String {
    let mut text = String::from(HEAD);
    for profile in profiles {
        let also = match profile.also.len() {
            0 => String::new(),
            more => format!(" (one image, {} trees)", more + 1),
        };
        let cells = [
            format!("`{}`", profile.id),
            format!("{}{also}", profile.name),
            profile.tier.to_string(),
            cpu(profile.arch).to_owned(),
            memory(profile.memory_mib),
            alarm(profile),
            profile.header.as_ref().map_or("-".to_owned(), |header| header.name.clone()),
            leds(profile),
            if profile.device_port.is_some() { "yes" } else { "-" }.to_owned(),
        ];
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn cpu(arch: Architecture) -> &'static str {
    match arch {
        Architecture::Arm64 => "64-bit",
        Architecture::Armv7 => "32-bit, v7",
        Architecture::Armv6 => "32-bit, v6",
    }
}

fn memory(mib: u32) -> String {
    if mib.is_multiple_of(1024) { format!("{} GiB", mib / 1024) } else { format!("{mib} MiB") }
}

/// The line by its pin and name where the header has it.
fn alarm(profile: &Profile) -> String {
    let Some(alarm) = &profile.alarm else { return "-".to_owned() };
    if let Some(line) = &alarm.line {
        return line.clone();
    }
    let (Some(chip), Some(offset)) = (&alarm.chip, alarm.offset) else { return "-".to_owned() };
    match profile.header.as_ref().and_then(|header| header.pin_of(chip, offset)) {
        Some((number, pin)) => format!("{}, pin {number}", pin.is),
        None => format!("{chip} {offset}"),
    }
}

fn leds(profile: &Profile) -> String {
    let name = |led: &Option<String>| led.as_ref().map_or("-".to_owned(), |name| format!("`{name}`"));
    match (&profile.leds.status, &profile.leds.alarm) {
        (None, None) => "-".to_owned(),
        (status, alarm) => format!("{}, {}", name(status), name(alarm)),
    }
}

#[test]
fn the_readme_has_the_table_of_all_boards() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let load = |id: &String| crate::load(folder, id).unwrap_or_else(|error| panic!("{error}"));
    let profiles: Vec<Profile> = crate::list(folder).expect("listed").iter().map(load).collect();
    let path = folder.join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let [start, end] = MARKS;
    let (before, rest) = readme.split_once(start).expect("the start of the table");
    let (_, after) = rest.split_once(end).expect("the end of the table");
    let wanted = format!("{before}{start}\n{}{end}{after}", table(&profiles));
    if std::env::var_os("KERBEROS_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).expect("written");
    }
    let now = std::fs::read_to_string(&path).expect("README.md");
    assert!(
        now == wanted,
        "boards/README.md is not as the boards' files are; the line above its table says how to make it"
    );
}

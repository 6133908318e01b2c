//! Time zones held against another copy of tzdata, with its whole history, and another way of reading it.

use hours::{Instants, Zone, zones};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// From the month of the table, 2026-12-01, to 2040-01-01: the years in which this firmware runs, beyond the end of 32 bits.
const FROM_S: i64 = 1_796_083_200;
const TO_S: i64 = 2_208_988_800;

fn reference(name: &str) -> TimeZone {
    jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Moments at which a wrong rule would show: every turn of the reference, the seconds around it, and each fifth day.
fn moments(zone: &TimeZone) -> Vec<i64> {
    let from = Timestamp::from_second(FROM_S).expect("a moment");
    let turns = zone.following(from).map(|turn| turn.timestamp().as_second()).take_while(|at_s| *at_s < TO_S);
    let around = turns.flat_map(|at_s| [at_s - 1, at_s, at_s + 1]);
    around.chain((FROM_S..TO_S).step_by(5 * 86_400 + 3_541)).collect()
}

#[test]
fn every_zone_shows_what_tzdata_says() {
    let mut names = 0;
    for name in zones::names().filter(|name| !zones::WITHOUT_ONE_RULE.contains(name)) {
        let (zone, reference) = (Zone::parse(name).expect(name), reference(name));
        for at_s in moments(&reference) {
            let expected = reference.to_offset_info(Timestamp::from_second(at_s).expect("a moment"));
            let wall = zone.at(at_s);
            assert_eq!(wall.offset_s, i64::from(expected.offset().seconds()), "{name} at {at_s}");
            // Debian keeps the old word of this one, whose clocks are Brussels'.
            let word = if name == "MET" { wall.abbreviation.as_str() } else { expected.abbreviation() };
            assert_eq!(wall.abbreviation, word, "{name} at {at_s}");
        }
        names += 1;
    }
    assert!(names > 500, "{names}");
}

/// At most times their rules hold.
#[test]
fn zones_without_one_rule_are_the_only_ones_that_differ_and_only_by_an_hour() {
    for name in zones::WITHOUT_ONE_RULE {
        let (zone, reference) = (Zone::parse(name).expect(name), reference(name));
        let differences: Vec<i64> = (FROM_S..TO_S)
            .step_by(86_400)
            .map(|at_s| {
                let expected = reference.to_offset(Timestamp::from_second(at_s).expect("a moment"));
                (zone.at(at_s).offset_s - i64::from(expected.seconds())).abs()
            })
            .collect();
        let wrong = differences.iter().filter(|s| **s != 0).count();
        assert!(differences.iter().all(|s| [0, 3600].contains(s)), "{name}");
        assert!(wrong > 0 && wrong < differences.len() / 6, "{name}: {wrong} of {}", differences.len());
    }
}

#[test]
fn what_the_wall_shows_leads_back_to_its_moments() {
    for name in
        ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Tehran", "UTC", "America/Nuuk"]
    {
        let (zone, reference) = (Zone::parse(name).expect(name), reference(name));
        for at_s in moments(&reference) {
            let wall = zone.at(at_s);
            match zone.instants(wall.seconds) {
                Instants::Once(back_s) => assert_eq!(back_s, at_s, "{name}"),
                Instants::Twice(first_s, again_s) => assert!(
                    first_s < again_s && [first_s, again_s].contains(&at_s),
                    "{name}: {at_s} is neither {first_s} nor {again_s}"
                ),
                Instants::Never(_) => panic!("{name} has shown {} at {at_s}", wall.seconds),
            }
        }
    }
}

#[test]
fn a_time_that_the_clocks_leave_out_is_told_with_the_moment_of_the_jump() {
    let zone = Zone::parse("Europe/Berlin").expect("a zone");
    // 2026-03-29 02:30 on the wall; the jump is at 01:00 UTC.
    let left_out_s = 1_774_751_400;
    assert_eq!(zone.instants(left_out_s), Instants::Never(1_774_746_000));
    // Half an hour is left out there, at 2:00 on 2026-10-04: 15:30 UTC the day before.
    let zone = Zone::parse("Australia/Lord_Howe").expect("a zone");
    assert_eq!(zone.instants(1_791_079_200 + 900), Instants::Never(1_791_041_400));
    let AmbiguousOffset::Gap { .. } = reference("Australia/Lord_Howe")
        .to_ambiguous_timestamp("2026-10-04T02:15".parse().expect("a time"))
        .offset()
    else {
        panic!("the reference has no gap there")
    };
}

#[test]
fn rules_are_read_and_nonsense_is_refused() {
    for (text, at_s, offset_s, word) in [
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1_782_864_000, 7200, "CEST"),
        ("cet-1cest,M3.5.0,M10.5.0/3", 1_768_000_000, 3600, "cet"),
        ("<+0330>-3:30", 0, 12_600, "+0330"),
        ("EST5", 0, -18_000, "EST"),
        ("europe/berlin", 1_782_864_000, 7200, "CEST"),
        ("EST5EDT", 1_782_864_000, -14_400, "EDT"),
    ] {
        let zone = Zone::parse(text).expect(text);
        let wall = zone.at(at_s);
        assert_eq!((wall.offset_s, wall.abbreviation.as_str()), (offset_s, word), "{text}");
        assert_eq!(Zone::parse(zone.as_str()), Ok(zone.clone()));
    }
    assert_eq!(Zone::default(), Zone::parse("utc").expect("a zone"));
    let long = format!("CET-1{}", "0".repeat(100));
    let words = [
        "Europe/Berlim",
        "",
        "CET-1CEST",
        "CET-99",
        "<CESTCEST>-1",
        "A\"-1",
        "\u{1F570}",
        ":UTC",
        "../../etc",
        &long,
    ];
    for text in words {
        assert!(Zone::parse(text).is_err(), "{text:?}");
    }
}

/// Whatever moment and whatever wall: no panic, and nothing beyond a calendar's ends.
#[test]
fn the_ends_of_time_do_no_harm() {
    for name in ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"] {
        let zone = Zone::parse(name).expect(name);
        for at_s in [i64::MIN, i64::MAX, -1, 0, 253_402_300_799, 253_402_207_200, -377_705_116_800] {
            let wall = zone.at(at_s);
            let _ = (zone.instants(wall.seconds), zone.instants(at_s), zone.next_turn(at_s));
        }
    }
}

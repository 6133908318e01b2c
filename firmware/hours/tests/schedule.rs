//! Schedules held against a model that looks at every minute of a year on a wall clock of its own.

use hours::{Schedule, ScheduleError, Zone};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan, civil};

/// Half an hour put forward and back, the south, no turns, turns at midnight, odd offsets, a turn on a Friday.
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Beirut",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Kathmandu",
];

fn zone_of(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).expect(name)
}

/// A window as the model has it: days by name, and the wall's hour and minute.
#[derive(Debug)]
struct Plain {
    days: Vec<civil::Weekday>,
    from: (i8, i8),
    to: (i8, i8),
}

const DAYS: [(&str, civil::Weekday); 7] = [
    ("mo", civil::Weekday::Monday),
    ("tu", civil::Weekday::Tuesday),
    ("we", civil::Weekday::Wednesday),
    ("th", civil::Weekday::Thursday),
    ("fr", civil::Weekday::Friday),
    ("sa", civil::Weekday::Saturday),
    ("su", civil::Weekday::Sunday),
];

impl Plain {
    fn text(&self) -> String {
        let day = |day: &civil::Weekday| DAYS.iter().find(|(_, known)| known == day).expect("a day").0;
        let days: Vec<&str> = self.days.iter().map(day).collect();
        let ((h, m), (to_h, to_m)) = (self.from, self.to);
        format!("{} {h:02}:{m:02}-{to_h:02}:{to_m:02}", days.join(" "))
    }

    /// By the words of the promise alone: the wall's day and time, nothing of seconds or offsets.
    fn is_on(&self, wall: civil::DateTime) -> bool {
        let (time, today, yesterday) =
            ((wall.hour(), wall.minute()), wall.weekday(), wall.weekday().previous());
        if self.from < self.to {
            self.days.contains(&today) && self.from <= time && time < self.to
        } else {
            (self.days.contains(&today) && self.from <= time)
                || (self.days.contains(&yesterday) && time < self.to)
        }
    }
}

/// A small seeded generator (G. Marsaglia, "Xorshift RNGs", 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Half of the times are where clocks are put forward and back.
    fn time(&mut self) -> (i8, i8) {
        let hour = if self.below(2) == 0 { self.below(4) } else { self.below(24) };
        let minute = [0, 15, 30, 45, 59, 1][self.below(6) as usize];
        (hour as i8, minute)
    }

    fn window(&mut self) -> Plain {
        let bits = 1 + self.below(127);
        let days = (0..7).filter(|day| bits >> day & 1 == 1).map(|day| DAYS[day].1).collect();
        let (from, mut to) = (self.time(), self.time());
        if from == to {
            to = (24, 0);
        }
        Plain { days, from, to }
    }
}

/// The minutes of a year at which the model changes, and what it is then.
fn model(windows: &[Plain], zone: &TimeZone, from_s: i64, to_s: i64) -> Vec<(i64, bool)> {
    let mut changes: Vec<(i64, bool)> = Vec::new();
    for at_s in (from_s..to_s).step_by(60) {
        let wall = zone.to_datetime(Timestamp::from_second(at_s).expect("a moment"));
        let on = windows.iter().any(|window| window.is_on(wall));
        if changes.last().is_none_or(|(_, was)| *was != on) {
            changes.push((at_s, on));
        }
    }
    changes
}

#[test]
fn a_schedule_is_what_a_look_at_every_minute_of_a_year_says() {
    let mut random = Random(0x2026_1127);
    let year_s = Timestamp::from_second(1_796_083_200).expect("a moment");
    for name in ZONES {
        let zone = Zone::parse(name).expect(name);
        let reference = zone_of(name);
        let mut turned = 0;
        for round in 0..6 {
            let windows: Vec<Plain> = (0..=random.below(3)).map(|_| random.window()).collect();
            let text = windows.iter().map(Plain::text).collect::<Vec<_>>().join(", ");
            let schedule = Schedule::parse(&text).expect(&text);
            // Each round another year, leap years among them.
            let from_s = year_s.as_second() + round * 366 * 86_400;
            let to_s = from_s + 366 * 86_400;
            let expected = model(&windows, &reference, from_s, to_s);
            let mut at_s = from_s;
            let mut told = vec![(from_s, schedule.is_on(&zone.at(from_s)))];
            while let Some(next_s) = schedule.next_change(&zone, at_s).filter(|next_s| *next_s < to_s) {
                assert!(next_s > at_s);
                told.push((next_s, schedule.is_on(&zone.at(next_s))));
                at_s = next_s;
            }
            if let Some(at) = expected.iter().zip(&told).position(|(a, b)| a != b) {
                panic!("{name}, `{text}`: {:?} is told as {:?}", expected[at], told[at]);
            }
            assert_eq!(expected.len(), told.len(), "{name}, `{text}`");
            turned += told.len();
        }
        assert!(turned > 500, "{name}: {turned}");
    }
}

/// What a person would work out by hand.
#[test]
fn nights_end_when_the_wall_says_so_also_when_clocks_are_put_forward_or_back() {
    let zone = Zone::parse("Europe/Berlin").expect("a zone");
    let schedule = Schedule::parse("mo-fr 18:00-07:00, sa-su 00:00-24:00").expect("a schedule");
    let at = |text: &str| {
        let moment: civil::DateTime = text.parse().expect("a time");
        zone_of("Europe/Berlin").to_timestamp(moment).expect("once").as_second()
    };
    for (now, is_on, next) in [
        ("2026-11-27T17:59:59", false, "2026-11-27T18:00:00"),
        // Friday's night goes over into Saturday and Sunday, which end at midnight.
        ("2026-11-27T18:00:00", true, "2026-11-30T00:00:00"),
        ("2026-11-30T00:00:00", false, "2026-11-30T18:00:00"),
        ("2026-12-01T06:59:59", true, "2026-12-01T07:00:00"),
        ("2026-12-01T07:00:00", false, "2026-12-01T18:00:00"),
    ] {
        assert_eq!(schedule.is_on(&zone.at(at(now))), is_on, "{now}");
        assert_eq!(schedule.next_change(&zone, at(now)), Some(at(next)), "{now}");
    }
    let night = Schedule::parse("daily 22:00-06:00").expect("a schedule");
    let hours = |evening: &str| (night.next_change(&zone, at(evening)).expect("an end") - at(evening)) / 3600;
    assert_eq!([hours("2026-03-28T22:00"), hours("2026-10-24T22:00"), hours("2026-11-27T22:00")], [7, 9, 8]);
}

/// What is left out by the clocks once is found a week later; a repeated time is on twice.
#[test]
fn a_window_within_the_hour_that_clocks_leave_out_or_repeat() {
    let zone = Zone::parse("Europe/Berlin").expect("a zone");
    let schedule = Schedule::parse("su 02:15-02:45").expect("a schedule");
    let reference = zone_of("Europe/Berlin");
    let before: civil::DateTime = "2026-03-29T00:00".parse().expect("a time");
    let before_s = reference.to_timestamp(before).expect("once").as_second();
    let next_s = schedule.next_change(&zone, before_s).expect("a week later");
    assert_eq!(
        reference.to_datetime(Timestamp::from_second(next_s).expect("a moment")),
        before + 7.days() + 135.minutes()
    );
    // 2026-10-25 00:15 UTC is 02:15 of summer, 01:15 UTC the same of winter.
    let mut at_s = 1_792_886_400;
    let turns: Vec<i64> = (0..4)
        .map(|_| {
            at_s = schedule.next_change(&zone, at_s).expect("a change");
            (at_s - 1_792_886_400) / 60
        })
        .collect();
    assert_eq!(turns, [15, 45, 75, 105]);
}

#[test]
fn what_is_always_on_never_changes() {
    let zone = Zone::parse("Europe/Berlin").expect("a zone");
    for text in [
        "always",
        "daily 00:00-24:00",
        "mo-fr 00:00-24:00, sa su 00:00-24:00",
        "daily 06:00-18:00 18:00-06:00",
    ] {
        let schedule = Schedule::parse(text).expect(text);
        assert!(schedule.is_on(&zone.at(1_795_742_433)), "{text}");
        assert_eq!(schedule.next_change(&zone, 1_795_742_433), None, "{text}");
    }
}

#[test]
fn schedules_are_read_and_printed_in_one_way() {
    for (typed, printed) in [
        ("always", "always"),
        ("mo-fr 18:00-07:00, sa-su 00:00-24:00", "mo-fr 18:00-07:00, sa-su 00:00-24:00"),
        ("Monday,Wed, fri 8:00-12:00 13:00-17:30", "mo we fr 08:00-12:00 13:00-17:30"),
        ("fr-mo 22:00-6:00", "mo fr-su 22:00-06:00"),
        ("mo-su 00:00-24:00", "daily 00:00-24:00"),
        ("DAILY 23:59-00:00", "daily 23:59-24:00"),
        ("tu 00:00-00:01 tu 12:00-13:00", "tu 00:00-00:01 12:00-13:00"),
    ] {
        let schedule = Schedule::parse(typed).expect(typed);
        assert_eq!(schedule.to_string(), printed);
        assert_eq!(Schedule::parse(printed), Ok(schedule));
    }
    let mut random = Random(7);
    for _ in 0..2000 {
        let windows: Vec<String> = (0..=random.below(13)).map(|_| random.window().text()).collect();
        let schedule = Schedule::parse(&windows.join(", ")).expect("allowed");
        assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule));
    }
}

#[test]
fn what_is_wrong_with_a_schedule_is_said() {
    use ScheduleError::{Empty, NoDays, NoLength, NoTimeOfDay, NoTimes, NotUnderstood, TooMany};
    let said = |word: &str| format!("'{word}'");
    for (text, error) in [
        ("", Empty),
        (" , ", Empty),
        ("18:00-07:00", NoDays(said("18:00-07:00"))),
        ("mo-fr", NoTimes(said("mo-fr"))),
        ("mo 08:00-09:00, tu", NoTimes(said("tu"))),
        ("weekdays 08:00-09:00", NotUnderstood(said("weekdays"))),
        ("mo 8-17", NotUnderstood(said("8-17"))),
        ("mo 08:00", NotUnderstood(said("08:00"))),
        ("m 08:00-09:00", NotUnderstood(said("m"))),
        ("mo-fr-su 08:00-09:00", NotUnderstood(said("mo-fr-su"))),
        ("mo 08:60-09:00", NoTimeOfDay(said("08:60"))),
        ("mo 08:00-24:01", NoTimeOfDay(said("24:01"))),
        ("mo 8:00-9:+5", NoTimeOfDay(said("9:+5"))),
        ("mo 24:00-09:00", NoTimeOfDay("'24:00' as a beginning".into())),
        ("mo 08:00-08:00", NoLength(said("08:00-08:00"))),
        (
            "mo 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00 11:00-12:00 13:00-14:00 15:00-16:00 \
          tu 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00 11:00-12:00 13:00-14:00",
            TooMany,
        ),
    ] {
        assert_eq!(Schedule::parse(text), Err(error), "{text}");
    }
    assert!(Schedule::parse(&"\u{1b}[2J".repeat(1000)).expect_err("nonsense").to_string().is_ascii());
}

/// Each day its own two windows, typed after `set arm.schedule `, fits the console's line of 256 characters and 24 words.
#[test]
fn two_windows_for_each_day_can_be_typed() {
    let text: Vec<String> = DAYS.iter().map(|(day, _)| format!("{day} 08:00-12:00 13:00-17:00")).collect();
    let text = Schedule::parse(&text.join(", ")).expect("a schedule").to_string();
    assert!("set arm.schedule ".len() + text.len() <= 256 && text.split(' ').count() + 2 <= 24, "{text}");
}

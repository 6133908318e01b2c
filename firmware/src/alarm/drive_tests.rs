//! One output under everything that can happen to it: lengths are exact, and no rule is ever broken.

use super::{Drive, MOMENT_US, Moment, REST_US, States, is_kicked, is_wanted};
use crate::settings::Settings;
use crate::settings::wiring::{Output, Way};

fn output(text: &str) -> Output {
    let mut settings = Settings::default();
    settings.set("alarm.output1", &format!("pin 1 on {text}")).unwrap_or_else(|error| panic!("{error}"));
    settings.alarm_output1.expect("an output")
}

/// Looks whenever the output asks for it and when a state changes; returns every change of the level.
fn changes(output: &Output, states: &[(u64, bool)], kicks_us: &[u64], end_us: u64) -> Vec<(u64, bool)> {
    let (mut drive, mut level, mut wanted) = (Drive::default(), false, false);
    let mut changes = Vec::new();
    let mut now_us = 0;
    loop {
        for (_, state) in states.iter().filter(|(at, _)| *at == now_us) {
            wanted = *state;
        }
        if kicks_us.contains(&now_us) {
            drive.kick(output.stay, now_us);
        }
        let (active, again_us) = drive.look(output, wanted, now_us);
        assert!(again_us.is_none_or(|again_us| again_us > now_us), "time passes: {drive:?} at {now_us}");
        if active != level {
            level = active;
            changes.push((now_us, level));
        }
        let events = states.iter().map(|(at, _)| *at).chain(kicks_us.iter().copied());
        let next = events.filter(|at| *at > now_us).chain(again_us).min();
        match next.filter(|at| *at <= end_us) {
            Some(at) => now_us = at,
            None => return changes,
        }
    }
}

const S: u64 = 1_000_000;

#[test]
fn pulses_and_holds_are_exactly_as_long_as_they_were_set() {
    let event = [(S, true), (7 * S, false)];
    let run = |text| changes(&output(text), &event, &[], 60 * S);
    assert_eq!(run("motion pulse 2s"), [(S, true), (3 * S, false)]);
    assert_eq!(run("motion pulse 20s"), [(S, true), (21 * S, false)], "a pulse outlasts its event");
    assert_eq!(run("motion"), event);
    assert_eq!(run("motion hold 5s"), [(S, true), (12 * S, false)]);
    assert_eq!(run("motion hold 5s max 4s"), [(S, true), (5 * S, false)]);
    assert_eq!(run("motion hold 5s max 9s"), [(S, true), (10 * S, false)]);
    let again = [(S, true), (2 * S, false), (4 * S, true), (5 * S, false)];
    let run = |text| changes(&output(text), &again, &[], 60 * S);
    assert_eq!(run("motion pulse 2s"), [(S, true), (3 * S, false), (4 * S, true), (6 * S, false)]);
    assert_eq!(run("motion hold 5s"), [(S, true), (10 * S, false)]);
}

#[test]
fn what_just_happens_is_seen_and_follows_the_pulse() {
    let run = |text| changes(&output(text), &[], &[S, 10 * S], 60 * S);
    let moment = [(S, true), (S + MOMENT_US, false), (10 * S, true), (10 * S + MOMENT_US, false)];
    assert_eq!(run("line 1"), moment);
    assert_eq!(run("line 1 hold 3s"), [(S, true), (4 * S, false), (10 * S, true), (13 * S, false)]);
    assert_eq!(run("line 1 pulse 100ms")[..2], [(S, true), (S + S / 10, false)]);
}

#[test]
fn after_its_longest_time_an_output_waits_until_what_switched_it_is_over() {
    let states = [(S, true), (30 * S, false), (31 * S, true), (33 * S, false)];
    let found = changes(&output("camera max 10s"), &states, &[], 90 * S);
    assert_eq!(found, [(S, true), (11 * S, false), (31 * S, true), (33 * S, false)]);
    let found = changes(&output("line 1 pulse 10s max 2s"), &[], &[S, 3 * S, 3 * S + REST_US], 90 * S);
    assert_eq!(
        found[..3],
        [(S, true), (3 * S, false), (3 * S + REST_US, true)],
        "what comes in the rest is lost"
    );
}

#[test]
fn a_pattern_begins_with_its_output_and_ends_with_it() {
    let found = changes(&output("motion pattern blink"), &[(S, true), (2 * S + S / 4, false)], &[], 9 * S);
    let half = S / 2;
    assert_eq!(found, [(S, true), (S + half, false), (2 * S, true), (2 * S + half / 2, false)]);
}

#[test]
fn a_siren_with_two_tones_never_falls_silent_between_them() {
    let siren = output("motion pattern two-tone tone 2500Hz pulse 2s");
    let event = [(S, true), (7 * S, false)];
    assert_eq!(changes(&siren, &event, &[], 60 * S), [(S, true), (3 * S, false)]);
    let mut drive = Drive::default();
    let tones: Vec<bool> = (0..5)
        .map(|step| {
            drive.look(&siren, true, step * S / 5 * 2);
            drive.is_other_tone(&siren, step * S / 5 * 2)
        })
        .collect();
    assert_eq!(tones, [false, true, false, true, false]);
    let plain = output("motion pattern two-tone");
    assert!(!drive.is_other_tone(&plain, S / 2), "without a tone there is no other one");
}

/// A small seeded generator, so that every run tests the same lives.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Two thousand lives of outputs, looked at late as a busy machine does: never on longer than the longest time allows, off for the rest
/// after that, and off for good once nothing wants it.
#[test]
fn no_life_of_an_output_breaks_its_longest_time() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for life in 0..2000 {
        let stay = ["", " hold 3s", " pulse 1500ms", " pulse 20s"][random.below(4) as usize];
        let max_ms = 100 + random.below(8000);
        let output = output(&format!("motion line 1{stay} max {max_ms}ms"));
        let (mut drive, mut wanted, mut now_us) = (Drive::default(), false, 0);
        let (mut on_since, mut cut_at): (Option<u64>, Option<u64>) = (None, None);
        for _ in 0..200 {
            match random.below(4) {
                0 => wanted = !wanted,
                1 => drive.kick(output.stay, now_us),
                _ => {}
            }
            let (active, _) = drive.look(&output, wanted, now_us);
            match (active, on_since) {
                (true, None) => {
                    assert!(cut_at.is_none_or(|at| now_us >= at + REST_US), "life {life} at {now_us}");
                    (on_since, cut_at) = (Some(now_us), None);
                }
                (true, Some(since_us)) => {
                    assert!(now_us - since_us < max_ms * 1000, "life {life} at {now_us}")
                }
                (false, Some(since_us)) => {
                    cut_at = (now_us - since_us >= max_ms * 1000).then_some(now_us);
                    on_since = None;
                }
                (false, None) => {}
            }
            now_us += random.below(1_200_000);
        }
        // The longest that anything of all this can last.
        for later_s in [0, 30, 60] {
            drive.look(&output, false, now_us + later_s * S);
        }
        assert_eq!(drive.look(&output, false, now_us + 90 * S), (false, None), "life {life}");
    }
}

#[test]
fn an_output_follows_what_it_was_told_and_nothing_else() {
    let states = States { event: true, zones: 0b100, inputs: 0b10, ..States::default() };
    for (text, wanted) in [
        ("motion", true),
        ("zone 3", true),
        ("zone 2", false),
        ("input 2", true),
        ("input 1", false),
        ("tamper camera card armed", false),
        ("heartbeat", true),
        ("line 1", false),
        ("tamper zone 3", true),
    ] {
        assert_eq!(is_wanted(&output(text), &states), wanted, "{text}");
    }
    assert!(
        !is_wanted(&output("zone 3"), &States { event: false, ..states }),
        "a zone's motion ends with the event"
    );
    for (text, moment, kicked) in [
        ("line 1", Moment::Crossed(1, Way::Out), true),
        ("line 1 in", Moment::Crossed(1, Way::Out), false),
        ("line 1 out", Moment::Crossed(1, Way::Out), true),
        ("line 2", Moment::Crossed(1, Way::Out), false),
        ("input 1", Moment::Input(1), true),
        ("input 1", Moment::Input(2), false),
    ] {
        assert_eq!(is_kicked(&output(text), moment), kicked, "{text}");
    }
}

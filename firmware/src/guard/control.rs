//! The control thread: answers the console's questions about the guard.
//!
//! It reads what the other threads publish; they never wait for it.

use super::ALARM_COMMANDS;
use super::alarm;
use super::drawn::Drawn;
use super::marking;
use super::print::Print;
use super::record;
use super::shared::Shared;
use super::view;
use super::{NAP_MS, wait};
use crate::clock;
use crate::control::{
    Answer, CameraStatus, CardStatus, ClipOrder, Looking, Question, Server, Status, View, Why,
};
use crate::record::{ClipName, Keep, Limits, NEED_BYTES, Order};
use crate::ring::Sender;
use crate::services::CONTROL;
use crate::settings::Settings;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::Ordering;

const MINUTE_US: u64 = 60_000_000;

/// Runs as long as the process: it is the last to go.
pub fn run(shared: &Shared, server: &Server, mut test: Sender<alarm::Command, ALARM_COMMANDS>) {
    let mut print = Print::default();
    loop {
        wait(&[server], NAP_MS);
        shared.turn(&CONTROL);
        server.serve_files(|question| match question {
            Question::Picture => picture(shared, &mut print),
            question => (answer(shared, &mut test, question), Vec::new()),
        });
    }
}

fn answer(shared: &Shared, test: &mut Sender<alarm::Command, ALARM_COMMANDS>, question: Question) -> Answer {
    match question {
        Question::Status => Answer::Status(Box::new(status(shared))),
        Question::Why => {
            // A copy: the motion thread must not wait while words are made of it.
            let seen = *shared.seen();
            let (armed, armed_why) = shared.armed_and_why();
            Answer::Why(Box::new(Why { armed_why, ..seen.why(clock::monotonic_us(), armed) }))
        }
        Question::View(looking) => Answer::View(Box::new(look(shared, looking))),
        Question::Events => Answer::Events(shared.event_list()),
        Question::Reload => {
            shared.reload();
            Answer::Done
        }
        Question::ClockSet => {
            shared.judge_anew();
            Answer::Done
        }
        Question::Pause(minutes) => {
            let until_us = clock::monotonic_us().saturating_add(u64::from(minutes) * MINUTE_US);
            shared.pause(Some(until_us));
            Answer::Done
        }
        Question::Resume => match shared.pause(None) {
            true => Answer::Done,
            false => Answer::Refused("nothing is paused".into()),
        },
        Question::CardSeen => {
            // The record thread writes it down: nobody else may wait for the card.
            shared.card.set_made_anew_s(None);
            Answer::Done
        }
        Question::Wires => {
            let latency_us = shared.alarm_latency_us.each_ref().map(|us| us.load(Ordering::Relaxed));
            Answer::Wires { list: shared.wires.list(), latency_us }
        }
        Question::OutputTest(number) => match test.send(alarm::Command::TestOutput(number)) {
            _ if !shared.wires.is_output(number) => {
                Answer::Refused(format!("alarm.output{number} is not set"))
            }
            Ok(()) => Answer::Done,
            Err(_) => Answer::Refused("the alarm thread does not keep up".into()),
        },
        Question::Clip(what, name) => order(shared, what, &name),
        Question::AlarmTest => match test.send(alarm::Command::Test) {
            Ok(()) => Answer::Done,
            Err(_) => Answer::Refused("the alarm thread does not keep up".into()),
        },
        #[cfg(feature = "test-hooks")]
        Question::Panic(_) | Question::Hang(_) => {
            *shared.fate.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(question);
            Answer::Done
        }
        _ => Answer::Refused("that is not a question for the guard".into()),
    }
}

fn order(shared: &Shared, what: ClipOrder, name: &str) -> Answer {
    let Some(name) = ClipName::parse(name.as_bytes()) else {
        return Answer::Refused("that is not the name of a clip; `clips` lists them".into());
    };
    let order = match what {
        ClipOrder::Protect => Order::Protect(name),
        ClipOrder::Release => Order::Release(name),
        ClipOrder::Delete => Order::Delete(name),
    };
    shared.orders.give(order).map_or_else(Answer::Refused, |()| Answer::Done)
}

fn look(shared: &Shared, looking: Looking) -> View {
    let now_us = clock::monotonic_us();
    shared.glimpse.test(looking.is_test, now_us);
    let seen = *shared.seen();
    let settings = shared.settings();
    let view = view::view(&mut shared.glimpse.look(now_us), &seen, &settings, looking, now_us);
    View {
        fps_tenths: shared.fps_tenths.load(Ordering::Relaxed),
        // By the switch, the schedule and a pause.
        armed: shared.is_armed(now_us),
        ..view
    }
}

/// The detection plane, with the file that it is in.
fn picture<'print>(shared: &Shared, print: &'print mut Print) -> (Answer, Vec<BorrowedFd<'print>>) {
    let now_us = clock::monotonic_us();
    let seen = *shared.seen();
    let settings = shared.settings();
    let printed = print.take(&shared.glimpse.look(now_us), &seen, &settings, now_us);
    match printed {
        Ok((picture, file)) => (Answer::Picture(Box::new(picture)), vec![file.as_fd()]),
        Err(error) => (Answer::Refused(format!("there is no memory for the picture: {error}")), Vec::new()),
    }
}

fn status(shared: &Shared) -> Status {
    let now_us = clock::monotonic_us();
    let settings = shared.settings();
    let (armed, armed_why) = shared.armed_and_why();
    let balance = shared.ledger.read();
    let camera =
        CameraStatus { fps_tenths: shared.fps_tenths.load(Ordering::Relaxed), ..shared.camera().clone() };
    let last_event = shared.event_list().pop();
    let seen = *shared.seen();
    let marked = *shared.marked();
    Status {
        armed,
        armed_why,
        camera,
        motion: shared.motion().clone(),
        sensitivity: settings.motion_sensitivity,
        // As they are set, like the lines: the motion thread takes them up with its next round.
        zones: Drawn::of(&settings).zones,
        lines: seen.lines(settings.lines().map(|line| line.is_some())),
        tamper: seen.tamper_status(now_us),
        light: seen.light.map(|light| light.to_string()),
        events: shared.events.load(Ordering::Relaxed),
        event_now: shared.event_now.load(Ordering::Relaxed),
        last_event_ago_ms: last_event.map(|event| now_us.saturating_sub(event.monotonic_us) / 1000),
        alarm_on: shared.alarm_on.load(Ordering::Relaxed),
        alarm_reads: *shared.alarm_reads(),
        card: card_status(shared, &settings),
        marks: marking::words(&settings),
        seal_keys: u32::from(settings.record_seal_key1.is_some())
            + u32::from(settings.record_seal_key2.is_some()),
        unmarked: marked.failed,
        unmarked_why: marked.why.map_or_else(String::new, |why| why.to_string()),
        captured: balance.captured,
        recorded: balance.recorded,
        skipped: balance.skipped,
        held: balance.held(),
        dropped: balance.losses(),
        missed: balance.missed,
        unanalysed: balance.unanalysed,
        ring_bytes: u64::try_from(shared.ring_bytes.load(Ordering::Relaxed)).unwrap_or(u64::MAX),
        pre_roll_ms: shared.pre_roll_us.load(Ordering::Relaxed) / 1000,
        running_ms: now_us.saturating_sub(shared.started_us) / 1000,
    }
}

/// The card, with what may still be written to it.
fn card_status(shared: &Shared, settings: &Settings) -> CardStatus {
    let card = shared.card.status();
    let Limits { keep_free_percent, used_bytes_max, .. } = record::limits(settings);
    let keep = Keep { need_bytes: NEED_BYTES, keep_free_percent, used_bytes_max };
    CardStatus { room_bytes: keep.room_bytes(card.free_bytes, card.total_bytes), ..card }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Looking, Question, Settings, Shared, answer};
    use crate::conditions::Inputs;
    use crate::ring::channel;
    use vision::motion::Tamper;

    #[test]
    fn zones_and_lines_are_told_as_soon_as_they_are_set() {
        let shared = Shared::new();
        let (mut test, _out) = channel().expect("a channel");
        let mut settings = Settings::default();
        settings.set("motion.zone1", "exclude 0,0 100,0 100,10 0,10").expect("allowed");
        settings.set("motion.line2", "50,100 50,0").expect("allowed");
        shared.set_settings(settings);
        let Answer::Status(status) = answer(&shared, &mut test, Question::Status) else {
            panic!("an answer to `status`")
        };
        assert_eq!((status.zones, status.lines.len()), ((0, 1), 1));
    }

    #[test]
    fn who_looks_is_told_whether_motion_counts_now() {
        let shared = Shared::new();
        let (mut test, _out) = channel().expect("a channel");
        let mut is_armed = || match answer(&shared, &mut test, Question::View(Looking::default())) {
            Answer::View(view) => view.armed,
            other => panic!("{other:?}"),
        };
        assert!(is_armed());
        shared.set_inputs(Inputs { arm_switches_on: false, ..Inputs::default() });
        assert!(!is_armed(), "the setting `armed` is not all");
    }

    #[test]
    fn why_and_status_travel_with_all_that_was_seen() {
        let shared = Shared::new();
        let (mut test, _out) = channel().expect("a channel");
        {
            let mut seen = shared.seen();
            seen.event = Some((7, None));
            seen.tampering.step(Some(Tamper::Blinded), 1);
        }
        let mut travelled = |question| {
            let json = serde_json::to_vec(&answer(&shared, &mut test, question)).expect("it is JSON");
            serde_json::from_slice(&json).expect("it is read")
        };
        let Answer::Why(why) = travelled(Question::Why) else { panic!("an answer to `why`") };
        assert_eq!((why.event, why.event_subject), (Some(7), None));
        let Answer::Status(status) = travelled(Question::Status) else { panic!("an answer to `status`") };
        assert_eq!(status.tamper.now, Some(Tamper::Blinded.to_string()));
        assert_eq!(status.tamper.counts, [("blinded".to_string(), 1)]);
        assert_eq!((status.zones, status.lines), ((0, 0), vec![]));
    }
}

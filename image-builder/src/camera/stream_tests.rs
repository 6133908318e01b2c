//! Tests of `stream`: pacing, what is lost and when, and that the account always balances.

use std::time::Duration;

use super::{Frame, Stream, TRANSFERS_MAX};
use crate::camera::faults::Damage;
use crate::camera::modes::Mode;

const MODE: Mode = Mode { width: 640, height: 480, fps: 10 };

fn frame(bytes: usize) -> Frame {
    Frame { image: vec![1; bytes], damage: None, pts: 0 }
}

fn started() -> Stream {
    let mut stream = Stream::default();
    stream.start(MODE, false);
    stream
}

/// All that is delivered when time enough passes between frames.
fn delivered(stream: &mut Stream) -> Vec<(u64, usize)> {
    let mut answers = Vec::new();
    for second in 0..10 {
        answers.extend(delivered_at(stream, Duration::from_secs(second)));
    }
    answers
}

fn delivered_at(stream: &mut Stream, now: Duration) -> Vec<(u64, usize)> {
    let mut answers = Vec::new();
    stream.deliver(now, |id, data| answers.push((id, data.len())));
    balanced(stream);
    answers
}

fn balanced(stream: &Stream) {
    let stats = stream.stats();
    let accounted = stats.sent + stats.damaged.total() + stats.not_taken + stats.cut_off + stats.in_hand;
    assert_eq!(stats.offered, accounted, "{stats:?}");
}

#[test]
fn a_starved_stream_takes_and_gives_nothing() {
    let mut stream = Stream::default();
    stream.start(MODE, true);
    assert!(stream.queue(1, 16384));
    let second = Duration::from_secs(1);
    assert_eq!((stream.tick(second), stream.due(second)), (None, None));
    stream.start(MODE, false);
    assert_eq!(stream.tick(second), Some(MODE));
}

#[test]
fn frames_are_due_at_the_rate_without_drift_and_missed_ones_are_late() {
    let mut stream = started();
    let ms = Duration::from_millis;
    assert_eq!((stream.tick(ms(1)), stream.due(ms(1))), (None, None), "nobody listens yet");
    assert!(stream.queue(1, 16384));
    assert_eq!(stream.tick(ms(5)), Some(MODE));
    assert_eq!(stream.tick(ms(104)), None);
    assert_eq!(stream.due(ms(104)), Some(ms(105)));
    assert_eq!(stream.tick(ms(190)), Some(MODE));
    assert_eq!(stream.due(ms(190)), Some(ms(205)));
    assert_eq!(stream.tick(ms(505)), Some(MODE));
    assert_eq!((stream.stats().late, stream.due(ms(505))), (3, Some(ms(605))));
    stream.set_stalled(true);
    assert_eq!((stream.tick(ms(9000)), stream.due(ms(9000))), (None, None));
    stream.set_stalled(false);
    assert_eq!(stream.tick(ms(9001)), Some(MODE));
    assert_eq!(stream.stats().late, 3);
    stream.stop();
    assert_eq!(stream.tick(ms(9999)), None);
}

#[test]
fn a_frame_waits_for_transfers_and_only_the_newest_waits() {
    let mut stream = started();
    stream.offer(frame(100));
    assert_eq!(delivered(&mut stream), []);
    stream.offer(frame(200));
    stream.offer(frame(300));
    assert_eq!(stream.stats().not_taken, 2);
    assert!(stream.queue(7, 16384));
    assert_eq!(delivered(&mut stream), [(7, 306)]);
    assert_eq!((stream.stats().sent, stream.stats().in_hand), (1, 0));
}

#[test]
fn a_long_frame_goes_out_as_transfers_come_while_one_more_waits() {
    let mut stream = started();
    stream.offer(frame(40_000));
    assert!(stream.queue(1, 16384));
    assert_eq!(delivered(&mut stream), [(1, 16384)]);
    stream.offer(frame(50));
    assert_eq!(stream.stats().in_hand, 2);
    for id in 2..6 {
        assert!(stream.queue(id, 16384));
    }
    assert_eq!(delivered(&mut stream), [(2, 16384), (3, 40_000 + 3 * 6 - 2 * 16384), (4, 56)]);
    assert_eq!(stream.stats().sent, 2);
    assert!(stream.cancel(5));
    assert!(!stream.cancel(5));
}

#[test]
fn stopping_cuts_off_what_was_begun() {
    let mut stream = started();
    stream.offer(frame(40_000));
    assert!(stream.queue(1, 16384));
    delivered(&mut stream);
    stream.offer(frame(50));
    stream.stop();
    balanced(&stream);
    assert_eq!((stream.stats().cut_off, stream.stats().not_taken), (1, 1));
    assert!(stream.queue(2, 16384));
    assert_eq!(delivered(&mut stream), []);
    assert_eq!(stream.cancel_all(), [2]);
}

#[test]
fn a_stall_holds_a_begun_frame_and_resuming_finishes_it() {
    let mut stream = started();
    stream.offer(frame(40_000));
    assert!(stream.queue(1, 16384));
    delivered(&mut stream);
    stream.set_stalled(true);
    assert!(stream.queue(2, 16384) && stream.queue(3, 16384));
    assert_eq!(delivered(&mut stream), []);
    stream.set_stalled(false);
    assert_eq!(delivered(&mut stream).len(), 2);
    assert_eq!((stream.stats().sent, stream.stats().cut_off), (1, 0));
}

#[test]
fn damage_is_counted_when_delivered_and_transfers_are_limited() {
    let mut stream = started();
    stream.offer(Frame { image: vec![], damage: Some(Damage::Empty), pts: 3 });
    for id in 0..TRANSFERS_MAX as u64 {
        assert!(stream.queue(id, 512));
    }
    assert!(!stream.queue(u64::MAX, 512));
    assert_eq!(stream.stats().damaged.empty, 0);
    assert_eq!(delivered(&mut stream), [(0, 6)]);
    assert_eq!((stream.stats().damaged.empty, stream.stats().sent), (1, 0));
}

#[test]
fn frames_do_not_come_back_to_back() {
    let mut stream = started();
    let ms = Duration::from_millis;
    for id in 0..5 {
        assert!(stream.queue(id, 16384));
    }
    assert_eq!(stream.tick(ms(100)), Some(MODE));
    stream.offer(frame(10));
    assert_eq!(delivered_at(&mut stream, ms(190)), [(0, 16)]);
    stream.offer(frame(20));
    assert_eq!(delivered_at(&mut stream, ms(200)), []);
    assert_eq!(stream.due(ms(200)), Some(ms(200)), "a frame must be taken before the wire is free");
    assert_eq!(stream.tick(ms(200)), Some(MODE));
    assert_eq!(stream.due(ms(200)), Some(ms(215)), "a quarter of the interval after the last frame");
    assert_eq!(delivered_at(&mut stream, ms(215)), [(1, 26)]);
    assert_eq!(stream.due(ms(215)), Some(ms(300)));
}

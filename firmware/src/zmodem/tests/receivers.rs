//! Receivers of every kind on a good line, and what their owners do.
//!
//! What a bad line does is in `bad_lines`.

use super::super::sender::{Ending, Sender, Step};
use super::model::{Can, Model, STOCK};
use super::{as_it_is, content, named, offers, send};

const DONE: Ending = Ending::Done { refused: 0 };

#[test]
fn files_come_whole_whatever_the_receiver_can() {
    let files = [content(100_000, 1), content(0, 2), content(1, 3), content(1024, 4), content(40_000, 5)];
    for flags in [0x23, 0x03, 0x63, 0x43, 0x00, 0x01, 0x20] {
        for buffer_bytes in [0, 256, 1024, 8192] {
            let can = Can { flags, buffer_bytes };
            let mut receiver = Model::new(can);
            let outcome = send(&files, &mut receiver, &mut as_it_is, &mut as_it_is);
            assert_eq!(outcome.ending, DONE, "{can:?}");
            assert!(receiver.files == named(&files), "{can:?}");
            assert!(receiver.heard_over, "{can:?}");
            let segment_max = match (buffer_bytes, flags & 3) {
                (0, 3) => usize::MAX,
                (0, _) => 1024,
                (bytes, _) => usize::from(bytes),
            };
            assert!(receiver.longest_segment <= segment_max, "{can:?}: {}", receiver.longest_segment);
            assert!(flags & 0x40 == 0 || receiver.plain_control == 0, "{can:?}: {}", receiver.plain_control);
        }
    }
}

/// The line is used: what is not content is a twentieth at most, and nothing waits.
#[test]
fn a_film_takes_no_longer_than_its_bytes() {
    let film = [content(2_000_000, 7)];
    let mut receiver = Model::new(STOCK);
    let outcome = send(&film, &mut receiver, &mut as_it_is, &mut as_it_is);
    assert!(receiver.files == named(&film));
    assert!(outcome.said < 2_100_000, "{}", outcome.said);
    assert!(outcome.us < 105 * 2_000_000 * super::BYTE_US / 100, "{}", outcome.us);
}

#[test]
fn what_the_receiver_has_is_not_sent_again_and_what_it_does_not_want_not_at_all() {
    let files = [content(50_000, 1), content(30_000, 2)];
    let mut receiver = Model::new(STOCK);
    receiver.refuses = vec!["clip0.mp4".into()];
    receiver.has = 20_480;
    let outcome = send(&files, &mut receiver, &mut as_it_is, &mut as_it_is);
    assert_eq!(outcome.ending, Ending::Done { refused: 1 });
    assert_eq!(receiver.files.len(), 1);
    assert!(receiver.files[0].1[20_480..] == files[1][20_480..]);
    assert!(outcome.said < 11_000, "{}", outcome.said);
}

#[test]
fn a_receiver_that_never_starts_or_an_echo_is_given_up_within_a_minute() {
    let files = [content(10, 1)];
    for echoes in [false, true] {
        let mut sender = Sender::new(offers(&files), 0);
        let mut now_us = 0;
        loop {
            match sender.next(now_us) {
                Step::Write(bytes) => {
                    let bytes = bytes.to_vec();
                    sender.written(bytes.len(), now_us);
                    if echoes {
                        sender.heard(&bytes, now_us);
                    }
                }
                Step::Wait { until_us } => now_us = until_us,
                Step::Read { .. } => panic!("nobody asked for it"),
                Step::Over(ending) => {
                    assert_eq!((ending, now_us), (Ending::NobodyThere, 60_000_000));
                    break;
                }
            }
        }
    }
}

/// Lets a transfer run for so many steps, says something, and returns how it ended and what was said last.
fn interrupted(steps: usize, words: &[u8]) -> (Option<Ending>, Vec<u8>) {
    let files = [content(500_000, 9)];
    let mut receiver = Model::new(STOCK);
    let mut sender = Sender::new(offers(&files), 0);
    let (mut said, mut now_us) = (Vec::new(), 0);
    for step in 0..steps + 20 {
        if step == steps {
            sender.heard(words, now_us);
        }
        now_us += 1000;
        match sender.next(now_us) {
            Step::Write(bytes) => {
                said = bytes.to_vec();
                sender.written(said.len(), now_us);
                receiver.hear(&said, now_us);
            }
            Step::Read { at, bytes_max, .. } => {
                sender.content(&files[0][at as usize..at as usize + bytes_max], now_us);
            }
            Step::Wait { .. } => {}
            Step::Over(ending) => return (Some(ending), said),
        }
        // Before the first word there is nobody but the owner.
        if steps > 1 {
            sender.heard(&receiver.take(), now_us);
        }
    }
    (None, said)
}

#[test]
fn ctrl_x_five_times_ends_it_at_any_time_and_ctrl_c_before_it_began() {
    for steps in [0, 1, 2, 3, 4, 5, 50, 51, 52, 53] {
        assert_eq!(interrupted(steps, b"\x18\x18\x18\x18\x18").0, Some(Ending::Cancelled), "{steps}");
        assert_eq!(interrupted(steps, b"\x18\x18\x18\x18 \x18").0, None, "{steps}: four are not five");
    }
    let (ending, said) = interrupted(1, b"\x03");
    assert_eq!(ending, Some(Ending::Stopped));
    assert!(said.starts_with(&[0x18; 10]), "a receiver that starts now is told");
    assert_eq!(interrupted(50, b"\x03").0, None, "it may be any byte then");
}

/// A receiver whose disk is full, or that aborts: ZFERR and ZABORT.
#[test]
fn a_receiver_that_cannot_go_on_is_believed() {
    for kind in [7, 12] {
        let mut voice = Model::new(STOCK);
        voice.take();
        voice.say(kind, [0; 4]);
        assert_eq!(interrupted(50, &voice.take()).0, Some(Ending::Failed));
    }
}

/// Whatever a receiver says, it is over some time, and little is kept in memory.
#[test]
fn a_receiver_that_talks_nonsense_for_ever_is_left() {
    let files = [content(3000, 1)];
    for kind in [0, 1, 2, 3, 4, 6, 8, 9, 10, 11, 13, 14, 16, 19] {
        for place in [0, 1000, 3000, u32::MAX] {
            for begins in [false, true] {
                let mut voice = Model::new(STOCK);
                let hello = voice.take();
                let mut sender = Sender::new(offers(&files), 0);
                let mut now_us = 0;
                if begins {
                    sender.heard(&hello, now_us);
                }
                let ending = loop {
                    assert!(now_us < super::OVER_US, "{kind} {place} {begins}");
                    now_us += 100_000;
                    voice.say(kind, place.to_le_bytes());
                    match sender.next(now_us) {
                        Step::Write(bytes) => {
                            let bytes = bytes.len();
                            assert!(bytes < 5000, "{kind} {place}: {bytes}");
                            sender.written(bytes, now_us);
                        }
                        Step::Read { bytes_max, .. } => sender.content(&files[0][..bytes_max], now_us),
                        Step::Wait { .. } => {}
                        Step::Over(ending) => break ending,
                    }
                    sender.heard(&voice.take(), now_us);
                };
                assert_ne!(ending, DONE, "{kind} {place} {begins}: nobody has it");
            }
        }
    }
}

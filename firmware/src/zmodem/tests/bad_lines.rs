//! Lines that damage, lose, double and invent bytes, in both directions.
//!
//! What comes out is whole, or nobody says that it is there.

use super::super::sender::Ending;
use super::model::{Model, STOCK};
use super::{Chance, as_it_is, content, named, send};

/// A line that does something to one byte of so many.
fn noise(seed: u64, one_of: u64) -> impl FnMut(Vec<u8>) -> Vec<u8> {
    let mut chance = Chance(seed);
    move |bytes| {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if chance.below(one_of) != 0 {
                out.push(byte);
                continue;
            }
            match chance.below(5) {
                0 => {}
                1 => out.extend([byte, byte]),
                2 => out.extend((0..chance.below(60)).map(|_| chance.next() as u8).collect::<Vec<_>>()),
                3 => out.push(byte ^ 1 << chance.below(8)),
                // The kernel's own words in between.
                _ => out.extend(b"\r\n[   12.345678] usb 1-1: reset high-speed USB device\r\n"),
            }
        }
        out
    }
}

#[test]
fn on_a_noisy_line_everything_comes_whole() {
    let files = [content(60_000, 1), content(3, 2), content(20_000, 3)];
    for seed in 0..200 {
        let one_of = [300, 1000, 3000, 10_000][seed as usize % 4];
        let mut receiver = Model::new(STOCK);
        let outcome =
            send(&files, &mut receiver, &mut noise(seed, one_of), &mut noise(seed ^ 0xffff, one_of));
        assert_eq!(outcome.ending, Ending::Done { refused: 0 }, "seed {seed}, one byte of {one_of}");
        assert!(receiver.files == named(&files), "seed {seed}");
    }
}

/// On lines so bad that it may fail: then it says so, and never calls anything done that is not there.
#[test]
fn on_a_line_that_is_too_bad_nothing_is_called_done_that_is_not_there() {
    let files = [content(20_000, 1)];
    let mut given_up = 0;
    for seed in 0..200 {
        let one_of = [5, 15, 40, 100][seed as usize % 4];
        let mut receiver = Model::new(STOCK);
        let outcome =
            send(&files, &mut receiver, &mut noise(seed, one_of), &mut noise(seed ^ 0xffff, one_of));
        match outcome.ending {
            Ending::Done { refused: 0 } => assert!(receiver.files == named(&files), "seed {seed}"),
            _ => given_up += 1,
        }
    }
    assert!((40..200).contains(&given_up), "{given_up}");
}

/// Each piece of the conversation is lost once: every header there and back, and every subpacket.
#[test]
fn whatever_is_lost_once_is_said_again() {
    let files = [content(9000, 1), content(500, 2)];
    let drop_nth = |nth: usize| {
        let mut seen = 0;
        move |bytes: Vec<u8>| {
            seen += 1;
            if seen == nth { Vec::new() } else { bytes }
        }
    };
    for nth in 1..40 {
        for is_there in [true, false] {
            let (mut lost, mut fine) = (drop_nth(nth), as_it_is);
            let mut receiver = Model::new(STOCK);
            let outcome = match is_there {
                true => send(&files, &mut receiver, &mut lost, &mut fine),
                false => send(&files, &mut receiver, &mut fine, &mut lost),
            };
            assert_eq!(outcome.ending, Ending::Done { refused: 0 }, "{nth} {is_there}");
            assert!(receiver.files == named(&files), "{nth} {is_there}");
        }
    }
}

/// The cable is pulled at any byte, in either direction.
#[test]
fn a_line_that_goes_dead_is_given_up_within_minutes() {
    let files = [content(5000, 1)];
    for limit in (0..5400).step_by(97) {
        let mut left = limit;
        let mut dies = |bytes: Vec<u8>| {
            let kept = bytes.len().min(left);
            left -= kept;
            bytes[..kept].to_vec()
        };
        let mut receiver = Model::new(STOCK);
        let mut silent = |_: Vec<u8>| Vec::new();
        let outcome = match limit % 2 {
            0 => send(&files, &mut receiver, &mut dies, &mut as_it_is),
            _ => send(&files, &mut receiver, &mut as_it_is, &mut silent),
        };
        let is_there = receiver.files == named(&files);
        assert!(is_there || outcome.ending != (Ending::Done { refused: 0 }), "{limit}");
        assert!(outcome.us <= 6 * 60_000_000, "{limit}: {}", outcome.us);
    }
}

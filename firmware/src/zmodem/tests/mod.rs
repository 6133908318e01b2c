//! Sending held against a receiver of its own, against damage of every kind, and against the stock `rz`.
//!
//! The receiver shares no code with the sender but the names of headers. Must not need a real clock, but for `rz`.

mod bad_lines;
mod model;
mod receivers;
mod stock;

use super::sender::{Ending, Offer, Sender, Step};
use model::Model;

/// A byte at 115200 baud.
const BYTE_US: u64 = 87;
/// Whatever happens, it is over by then: an hour.
const OVER_US: u64 = 3_600_000_000;

/// What the line does to bytes, and to which: damaged, lost or more.
type Line<'a> = &'a mut dyn FnMut(Vec<u8>) -> Vec<u8>;

/// Content in which every byte comes, in no order.
fn content(bytes: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed);
    (0..bytes).map(|_| chance.next() as u8).collect()
}

/// Numbers as if by chance: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

fn offers(files: &[Vec<u8>]) -> Vec<Offer> {
    let offer = |(number, content): (usize, &Vec<u8>)| Offer {
        name: format!("clip{number}.mp4"),
        bytes: content.len() as u32,
        modified_s: 1_795_392_000,
    };
    files.iter().enumerate().map(offer).collect()
}

/// What came of it.
struct Outcome {
    ending: Ending,
    us: u64,
    /// Bytes that went out.
    said: usize,
}

/// Sends the files to the model over a line that does this there and that back.
fn send(files: &[Vec<u8>], receiver: &mut Model, there: Line<'_>, back: Line<'_>) -> Outcome {
    let mut now_us = 0;
    let mut sender = Sender::new(offers(files), now_us);
    let mut said = 0;
    let mut idle_rounds = 0;
    loop {
        assert!(now_us < OVER_US, "it goes on for ever");
        match sender.next(now_us) {
            Step::Write(bytes) => {
                // A line that takes what it likes.
                let bytes = bytes[..bytes.len().min(700)].to_vec();
                sender.written(bytes.len(), now_us);
                now_us += BYTE_US * bytes.len() as u64;
                said += bytes.len();
                receiver.hear(&there(bytes), now_us);
                idle_rounds = 0;
            }
            Step::Read { file, at, bytes_max } => {
                let at = at as usize;
                assert!(bytes_max > 0 && at + bytes_max <= files[file].len());
                sender.content(&files[file][at..at + bytes_max], now_us);
            }
            Step::Wait { until_us } => {
                assert!(until_us > now_us || idle_rounds < 3, "it waits for what is past");
                idle_rounds += 1;
                now_us = until_us.min(receiver.deadline_us()).max(now_us);
                receiver.pass_time(now_us);
            }
            Step::Over(ending) => return Outcome { ending, us: now_us, said },
        }
        let answer = receiver.take();
        if !answer.is_empty() {
            sender.heard(&back(answer), now_us);
        }
    }
}

fn as_it_is(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// The files as the receiver should have them.
fn named(files: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    offers(files).into_iter().zip(files).map(|(offer, content)| (offer.name, content.clone())).collect()
}

//! What is on a card after a transfer, or after one that went wrong.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use super::super::samples::Samples;
use super::super::transfer::{Error, Step, transfer};
use super::cards::{CARD_BYTES, Fault, IMAGE_BYTES, MemoryCard, Stopper};

/// An image with a partition table's mark, and long runs of zeros.
fn image() -> (File, Vec<u8>) {
    let mut bytes = vec![0; IMAGE_BYTES];
    for (index, byte) in bytes.iter_mut().enumerate().filter(|(index, _)| index % 3000 < 1000) {
        *byte = (index / 7 % 251) as u8;
    }
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&bytes).expect("written");
    file.rewind().expect("rewound");
    (file, bytes)
}

fn write(fault: Fault) -> (Result<(), Error>, MemoryCard) {
    let mut card = MemoryCard::used(fault);
    let result = transfer(&mut card, &image().0, 7, &mut Stopper::never());
    (result, card)
}

#[test]
fn every_byte_of_the_image_is_on_the_card_also_its_zeros() {
    let (mut card, mut watch) = (MemoryCard::used(Fault::None), Stopper::never());
    let (file, bytes) = image();
    transfer(&mut card, &file, 7, &mut watch).expect("written");
    assert!(card.memory[..IMAGE_BYTES] == bytes[..]);
    // A second partition table of an earlier system is gone.
    let end = &card.memory[CARD_BYTES - (1 << 20)..];
    assert!(end.iter().all(|byte| *byte == 0));
    let full = IMAGE_BYTES as u64;
    assert!(watch.shown.contains(&(Step::Write, full)) && watch.shown.contains(&(Step::Check, full)));
    let order = [Step::Sample, Step::Write, Step::Check, Step::CheckSamples];
    let place = |step: &Step| order.iter().position(|one| one == step);
    assert!(watch.shown.is_sorted_by_key(|(step, done)| (place(step), *done)), "{:?}", watch.shown);
}

#[test]
fn a_card_as_large_as_the_image_is_enough() {
    let samples = Samples::new(IMAGE_BYTES as u64, IMAGE_BYTES as u64, 1);
    assert_eq!(samples.places().count(), 0);
}

#[test]
fn a_write_or_flush_that_fails_is_told_and_leaves_no_partition_table() {
    for byte in [0, 4096, 1 << 20, IMAGE_BYTES - 1, CARD_BYTES - 1] {
        let (result, card) = write(Fault::FailsAt(byte));
        let error = result.expect_err("failed").to_string();
        assert!(
            error.starts_with("writing failed at byte ") && error.contains("Input/output error"),
            "{error}"
        );
        assert!(!card.looks_complete(), "byte {byte}");
    }
    for flush in 1..=3 {
        let (result, card) = write(Fault::FailsFlush(flush));
        assert!(matches!(result, Err(Error::Flush(_))), "flush {flush}: {result:?}");
        assert!(!card.looks_complete(), "flush {flush}");
    }
    assert!(write(Fault::FailsFlush(4)).0.is_ok(), "there are three flushes");
}

#[test]
fn a_card_that_cannot_be_read_is_told() {
    let (result, card) = write(Fault::UnreadableAt(2 << 20));
    let error = result.expect_err("failed").to_string();
    assert!(error.starts_with("reading back failed at byte "), "{error}");
    assert!(!card.looks_complete());
}

#[test]
fn a_stuck_bit_is_found_at_its_byte() {
    for byte in [0, 511, (1 << 20) + 3, IMAGE_BYTES - 1] {
        let (result, card) = write(Fault::StuckAt(byte));
        let error = result.expect_err("found").to_string();
        let expected =
            format!("the card does not hold what was written to it at byte {byte}: it is broken or fake");
        assert_eq!(error, expected);
        assert!(!card.looks_complete(), "byte {byte}");
    }
}

#[test]
fn a_card_with_less_room_than_it_claims_is_found_wherever_it_ends() {
    // In steps that are no power of two, so that the ends fall anywhere between the samples.
    for end in (IMAGE_BYTES / 4..CARD_BYTES).step_by(4096 * 173) {
        for fault in [Fault::WrapsAt(end), Fault::DropsFrom(end)] {
            let (result, card) = write(fault);
            assert!(matches!(result, Err(Error::Differs(_))), "{fault:?}: {result:?}");
            assert!(!card.looks_complete(), "{fault:?}");
        }
    }
}

#[test]
fn whenever_it_is_stopped_no_card_looks_complete() {
    let (file, _) = image();
    let mut stops = 0;
    loop {
        let mut card = MemoryCard::used(Fault::None);
        card.memory[510..512].copy_from_slice(&[0x55, 0xaa]);
        let mut watch = Stopper { looks_left: stops, shown: Vec::new() };
        match transfer(&mut card, &file, 7, &mut watch) {
            Ok(()) => break,
            Err(error) => {
                assert!(matches!(error, Error::Stopped), "{error}");
                assert!(!card.looks_complete(), "after {stops} looks");
            }
        }
        stops += 1;
    }
    assert!(stops > 10, "{stops}");
}

#[test]
fn a_cut_at_any_write_leaves_no_card_that_looks_complete() {
    // Pulled: from some write on, everything fails, also the attempt to tidy up.
    struct Pulled {
        card: MemoryCard,
        writes_left: usize,
    }
    impl super::super::transfer::Card for Pulled {
        fn bytes(&self) -> u64 {
            self.card.bytes()
        }
        fn write_at(&mut self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
            self.writes_left = self.writes_left.checked_sub(1).ok_or(std::io::Error::from_raw_os_error(5))?;
            self.card.write_at(bytes, offset)
        }
        fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
            self.card.read_at(bytes, offset)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            self.card.flush()
        }
    }
    let (file, bytes) = image();
    let mut whole = MemoryCard::used(Fault::None);
    transfer(&mut whole, &file, 7, &mut Stopper::never()).expect("written");
    for writes_left in 1..whole.writes {
        let mut card = MemoryCard::used(Fault::None);
        card.memory[..512].copy_from_slice(&bytes[..512]);
        let mut pulled = Pulled { card, writes_left };
        transfer(&mut pulled, &file, 7, &mut Stopper::never()).expect_err("pulled");
        assert!(!pulled.card.looks_complete(), "after {writes_left} writes");
    }
}

#[test]
fn an_image_that_is_none_is_refused_before_anything_is_written() {
    for length in [0, 1 << 20, (2 << 20) + 1, CARD_BYTES as u64 + 4096] {
        let file = tempfile::tempfile().expect("a temporary file");
        file.set_len(length).expect("sized");
        let mut card = MemoryCard::used(Fault::None);
        let error = transfer(&mut card, &file, 7, &mut Stopper::never()).expect_err("refused");
        assert!(matches!(error, Error::Image(_)), "{error}");
        assert!(card.memory.iter().all(|byte| *byte == 0xa5));
    }
}

//! Damaged frames, damaged indices, other kinds of JPEG: never a panic, and the splicer stays usable.
mod common;
#[path = "../fuzz/probes.rs"]
mod probes;

use common::{Coding, Random, encode, mutate, picture, segment_at, without_segments};
use jpeg_encoder::SamplingFactor;
use std::time::{Duration, Instant};
use vision::PLANE_PX_MAX;
use vision::luma::{Damage, INDEX_BYTES_MAX, LumaDecoder};
use vision::splice::{Area, Mark, Refusal, Splicer};

fn samples() -> Vec<Vec<u8>> {
    let coding = Coding::default();
    vec![
        encode(&picture(64, 48, 1), 64, 48, coding),
        encode(&picture(61, 35, 2), 61, 35, Coding { restart: 2, quality: 95, ..coding }),
        encode(&picture(80, 24, 3), 80, 24, Coding { sampling: None, ..coding }),
        encode(&picture(48, 48, 4), 48, 48, Coding { sampling: Some(SamplingFactor::F_2_1), ..coding }),
        without_segments(&encode(&picture(64, 64, 5), 64, 64, Coding { restart: 9, ..coding }), 0xC4),
    ]
}

static PLATE: [u8; 24 * 16] = {
    let mut pixels = [0; 24 * 16];
    let mut at = 0;
    while at < pixels.len() {
        pixels[at] = if at % 5 == 0 { 255 } else { 0 };
        at += 1;
    }
    pixels
};

fn marks() -> Vec<Mark<'static>> {
    let area = |left, top, width, height| Area { left, top, width, height };
    vec![
        Mark::Plate { left: 3, top: 8, width: 24, pixels: &PLATE },
        Mark::Mask { area: area(33, 17, 9, 3), grey: 99 },
        Mark::Outline { area: area(10, 5, 40, 40), line_px: 1, grey: 255 },
    ]
}

fn reason(jpeg: &[u8]) -> Refusal {
    Splicer::new().splice(jpeg, &[], &marks(), &mut vec![0; 200_000]).unwrap_err()
}

#[test]
fn every_truncation_is_refused() {
    let (mut splicer, mut out) = (Box::new(Splicer::new()), vec![0; 100_000]);
    for jpeg in samples() {
        for length in 0..jpeg.len() {
            let expected = if length < 2 { Damage::NotJpeg } else { Damage::NoEnd };
            let refused = splicer.splice(&jpeg[..length], &[], &marks(), &mut out);
            assert_eq!(refused, Err(Refusal::Frame(expected)), "{length} bytes");
            let mut ended = jpeg[..length].to_vec();
            ended.extend_from_slice(&[0xFF, 0xD9]);
            // The last byte holds 1 to 7 bits of padding; a cut there can leave every block whole.
            if length + 3 < jpeg.len() {
                assert!(
                    splicer.splice(&ended, &[], &marks(), &mut out).is_err(),
                    "{length} bytes and an end"
                );
            }
        }
        assert!(splicer.splice(&jpeg, &[], &marks(), &mut out).is_ok());
    }
}

#[test]
fn twenty_thousand_mutations_do_no_harm() {
    // A frame of a few kilobytes takes some microseconds; so long only a machine that is busy, or a loop without end.
    const TIME_MAX: Duration = Duration::from_secs(30);
    let (samples, mut random, mut done) = (samples(), Random::new(21), 0);
    let (mut splicer, mut decoder) = (Box::new(Splicer::new()), Box::new(LumaDecoder::new()));
    let (mut out, mut by_index, mut plane) = (vec![0; 20_000], vec![0; 20_000], vec![0; PLANE_PX_MAX]);
    let (mut room, marks) = (vec![0; INDEX_BYTES_MAX], marks());
    for round in 0..20_000 {
        let mut jpeg = samples[random.below(samples.len())].clone();
        for _ in 0..=random.below(3) {
            mutate(&mut jpeg, &mut random);
        }
        let start = Instant::now();
        let result = splicer.splice(&jpeg, &[], &marks, &mut out);
        assert!(start.elapsed() < TIME_MAX, "round {round} took {:?}", start.elapsed());
        let decoded = decoder.decode_with_index(&jpeg, &mut plane, &mut room);
        if let Ok(spliced) = result {
            done += 1;
            let size = decoder.decode(&out[..spliced.bytes], &mut plane);
            assert_eq!(size, decoded.map(|(size, _)| size), "round {round}");
            assert!(decoded.is_ok(), "round {round}");
        }
        if let Ok((_, length)) = decoded {
            let again = splicer.splice(&jpeg, &room[..length], &marks, &mut by_index);
            if let (Ok(spliced), Ok(again)) = (result, again) {
                assert!(again.is_by_index, "round {round}");
                assert_eq!(by_index[..again.bytes], out[..spliced.bytes], "round {round}");
            }
            assert!(again.is_ok() || result.is_err(), "round {round}: {again:?}");
        }
    }
    println!("{done} of 20000 mutations were spliced");
    assert!(done > 1000, "{done} of 20000 mutations were spliced");
}

#[test]
fn a_buffer_that_is_too_small_is_refused_at_every_size() {
    let mut splicer = Box::new(Splicer::new());
    for jpeg in samples() {
        let mut out = vec![0; 100_000];
        let spliced = splicer.splice(&jpeg, &[], &marks(), &mut out).unwrap();
        let length = spliced.bytes;
        for room in (0..length).step_by(7).chain([length - 1]) {
            let mut small = vec![0x55; length];
            let refused = splicer.splice(&jpeg, &[], &marks(), &mut small[..room]);
            assert_eq!(refused, Err(Refusal::OutputTooSmall), "{room} of {length} bytes");
        }
        let mut exact = vec![0; length];
        assert_eq!(splicer.splice(&jpeg, &[], &marks(), &mut exact), Ok(spliced));
        assert_eq!(exact, out[..length]);
    }
}

/// A sample, its index, and what comes of it without.
fn indexed(jpeg: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut index, mut out) = (vec![0; INDEX_BYTES_MAX], vec![0; 100_000]);
    let (_, length) = LumaDecoder::new().decode_with_index(jpeg, &mut [0; PLANE_PX_MAX], &mut index).unwrap();
    index.truncate(length);
    let spliced = Splicer::new().splice(jpeg, &[], &marks(), &mut out).unwrap();
    out.truncate(spliced.bytes);
    (index, out)
}

#[test]
fn an_index_of_another_frame_or_a_damaged_one_counts_for_nothing() {
    let (mut splicer, mut random) = (Box::new(Splicer::new()), Random::new(4));
    let other = indexed(&encode(&picture(64, 48, 99), 64, 48, Coding::default())).0;
    for jpeg in samples() {
        let (index, expected) = indexed(&jpeg);
        let mut judge = |given: &[u8], of_use: bool| {
            let mut out = vec![0; 100_000];
            let spliced = splicer.splice(&jpeg, given, &marks(), &mut out).unwrap();
            assert_eq!((spliced.bytes, spliced.is_by_index), (expected.len(), of_use), "{}", given.len());
            assert!(out[..spliced.bytes] == expected);
        };
        judge(&index, true);
        judge(&other, false);
        judge(&[index.clone(), vec![0; 10]].concat(), false);
        for length in 0..index.len() {
            judge(&index[..length], false);
        }
        for _ in 0..200 {
            let mut damaged = index.clone();
            damaged[random.below(index.len())] ^= 1 << random.below(8);
            judge(&damaged, false);
        }
    }
}

#[test]
fn an_index_that_lies_under_its_seal_does_no_harm() {
    let (mut splicer, mut random, mut refused) = (Box::new(Splicer::new()), Random::new(8), 0);
    let mut out = vec![0; 20_000];
    for jpeg in samples() {
        let index = indexed(&jpeg).0;
        for _ in 0..1000 {
            let mut lying = index.clone();
            for _ in 0..=random.below(4) {
                // Behind the seal: anything at all.
                lying[8 + random.below(index.len() - 8)] = random.next() as u8;
            }
            probes::seal(&jpeg, &mut lying);
            match splicer.splice(&jpeg, &lying, &marks(), &mut out) {
                Ok(spliced) => assert!(spliced.is_by_index),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 500, "{refused} of 5000 lies were noticed");
}

#[test]
fn what_cannot_be_spliced_is_named() {
    let jpeg = samples().swap_remove(0);
    let with = |at: usize, byte: u8| {
        let mut changed = jpeg.clone();
        changed[at] = byte;
        changed
    };
    let sof = segment_at(&jpeg, 0xC0);
    for (changed, expected) in [
        (with(sof + 1, 0xC2), Damage::Progressive),
        (with(sof + 1, 0xC9), Damage::Arithmetic),
        (with(sof + 1, 0xC3), Damage::Lossless),
        (with(sof + 4, 12), Damage::Precision),
        (with(sof + 9, 4), Damage::Components),
    ] {
        assert_eq!(reason(&changed), Refusal::Frame(expected));
    }
    // Optimised tables make this encoder write one scan for each component.
    let scans = encode(&picture(64, 48, 1), 64, 48, Coding { optimised: true, ..Coding::default() });
    assert_eq!(reason(&scans), Refusal::SeveralScans);
    let quantisers = segment_at(&jpeg, 0xDB) + 5;
    assert_eq!(reason(&with(quantisers + 9, 0)), Refusal::ZeroQuantiser);
    let (end, mut more) = (jpeg.len() - 2, jpeg.clone());
    more.splice(end..end, [0xFF, 0xFE, 0, 4, 1, 2]);
    assert_eq!(reason(&more), Refusal::AfterScan);
    for refusal in
        [Refusal::NoCode, Refusal::WrongIndex, Refusal::SeveralScans, Refusal::Frame(Damage::NoEnd)]
    {
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}

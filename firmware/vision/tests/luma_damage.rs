//! Damaged frames are refused with the reason, in bounded time, without a panic; the decoder stays usable.
mod common;

use common::{Coding, Random, encode, mutate, picture, segment_at};
use jpeg_encoder::SamplingFactor;
use std::time::{Duration, Instant};
use vision::PLANE_PX_MAX;
use vision::luma::{Damage, LumaDecoder, header};

fn samples() -> Vec<Vec<u8>> {
    let coding = Coding::default();
    vec![
        encode(&picture(64, 48, 1), 64, 48, coding),
        encode(&picture(61, 35, 2), 61, 35, Coding { restart: 2, quality: 95, ..coding }),
        encode(&picture(80, 24, 3), 80, 24, Coding { sampling: None, optimised: true, ..coding }),
        encode(&picture(48, 48, 4), 48, 48, Coding { sampling: Some(SamplingFactor::F_2_1), ..coding }),
        // Those above give 4 x 4 means a block; these 2 x 2 and 1.
        encode(&picture(640, 8, 5), 640, 8, Coding { quality: 50, restart: 9, ..coding }),
        encode(&picture(1280, 8, 6), 1280, 8, Coding { quality: 30, restart: 9, ..coding }),
    ]
}

fn reason(jpeg: &[u8]) -> Damage {
    LumaDecoder::new().decode(jpeg, &mut [0; PLANE_PX_MAX]).unwrap_err()
}

#[test]
fn every_truncation_is_refused() {
    let (mut decoder, mut plane) = (LumaDecoder::new(), vec![0; PLANE_PX_MAX]);
    for jpeg in samples() {
        for length in 0..jpeg.len() {
            let expected = if length < 2 { Damage::NotJpeg } else { Damage::NoEnd };
            assert_eq!(decoder.decode(&jpeg[..length], &mut plane), Err(expected), "{length} bytes");
            // The same cut with an end-of-image marker put on: no part of a picture passes for a whole one.
            let mut ended = jpeg[..length].to_vec();
            ended.extend_from_slice(&[0xFF, 0xD9]);
            // The last byte holds 1 to 7 bits of padding; a cut there can leave every block whole.
            if length + 3 < jpeg.len() {
                assert!(decoder.decode(&ended, &mut plane).is_err(), "{length} bytes and an end");
            }
        }
        assert!(decoder.decode(&jpeg, &mut plane).is_ok());
    }
}

#[test]
fn twenty_thousand_mutations_do_no_harm() {
    // A frame of a few kilobytes takes some microseconds; so long only a machine that is busy, or a loop without end.
    const TIME_MAX: Duration = Duration::from_secs(30);
    let (samples, mut random) = (samples(), Random::new(20));
    let expected: Vec<_> = samples
        .iter()
        .map(|jpeg| {
            let mut plane = vec![0; PLANE_PX_MAX];
            LumaDecoder::new().decode(jpeg, &mut plane).map(|size| (size, plane)).unwrap()
        })
        .collect();
    let (mut decoder, mut plane, mut refused) = (LumaDecoder::new(), vec![0; PLANE_PX_MAX], 0);
    for round in 0..20_000 {
        let which = random.below(samples.len());
        let mut jpeg = samples[which].clone();
        for _ in 0..=random.below(8) {
            mutate(&mut jpeg, &mut random);
        }
        let start = Instant::now();
        let result = decoder.decode(&jpeg, &mut plane);
        assert!(start.elapsed() < TIME_MAX, "round {round} took {:?}", start.elapsed());
        let _ = header(&jpeg);
        refused += usize::from(result.is_err());
        if round % 500 == 0 {
            plane.fill(0);
            assert_eq!(decoder.decode(&samples[which], &mut plane), Ok(expected[which].0));
            assert_eq!(plane, expected[which].1, "round {round}");
        }
    }
    assert!(refused > 10_000, "only {refused} of 20000 damaged frames were noticed");
}

#[test]
fn noise_behind_a_good_header_is_refused() {
    let (jpeg, mut random) = (encode(&picture(320, 240, 6), 320, 240, Coding::default()), Random::new(6));
    let scan = segment_at(&jpeg, 0xDA) + 14;
    for _ in 0..200 {
        let mut damaged = jpeg.clone();
        let end = damaged.len() - 2;
        damaged[scan..end].fill_with(|| (random.next() as u8).min(0xFE));
        assert!(LumaDecoder::new().decode(&damaged, &mut [0; PLANE_PX_MAX]).is_err());
    }
}

#[test]
fn other_kinds_of_jpeg_are_named() {
    let jpeg = samples().swap_remove(0);
    let sof = segment_at(&jpeg, 0xC0);
    let with = |at: usize, byte: u8| {
        let mut changed = jpeg.clone();
        changed[at] = byte;
        changed
    };
    for (kind, expected) in [
        (0xC2, Damage::Progressive),
        (0xC3, Damage::Lossless),
        (0xC7, Damage::Lossless),
        (0xC9, Damage::Arithmetic),
        (0xCA, Damage::Arithmetic),
        (0xCC, Damage::Arithmetic),
    ] {
        assert_eq!(reason(&with(sof + 1, kind)), expected);
        assert_eq!(header(&with(sof + 1, kind)), Err(expected));
    }
    assert_eq!(reason(&with(sof + 4, 12)), Damage::Precision);
    assert_eq!(reason(&with(sof + 6, 0)), Damage::NoHeight);
    assert_eq!(reason(&with(sof + 6, 7)), Damage::TooSmall);
    assert_eq!(reason(&with(sof + 7, 0x40)), Damage::TooLarge);
    assert_eq!(reason(&with(sof + 9, 4)), Damage::Components);
    assert_eq!(reason(&with(sof + 14, 0x41)), Damage::Sampling, "chroma finer than luma");
    assert_eq!(reason(&with(sof + 11, 0x33)), Damage::Sampling);
    let progressive = encode(&picture(64, 48, 1), 64, 48, Coding { progressive: true, ..Coding::default() });
    assert_eq!(reason(&progressive), Damage::Progressive);
}

#[test]
fn each_part_that_is_missing_is_named() {
    let jpeg = encode(&picture(61, 35, 2), 61, 35, Coding { restart: 2, ..Coding::default() });
    assert_eq!(reason(&[]), Damage::NotJpeg);
    assert_eq!(reason(&common::without_segments(&jpeg, 0xDB)), Damage::NoQuantTable);
    assert_eq!(reason(&common::without_segments(&jpeg, 0xC0)), Damage::NoFrameHeader);
    assert_eq!(reason(&[0xFF, 0xD8, 0xFF, 0xD9]), Damage::NoPicture);
    let mut glued = jpeg.clone();
    glued.extend_from_slice(&jpeg);
    assert_eq!(reason(&glued), Damage::DataAfterEnd);
    let mut stray = jpeg.clone();
    stray.insert(2, 0x55);
    assert_eq!(reason(&stray), Damage::BadMarker);
    let mut small = [0; 3];
    assert_eq!(LumaDecoder::new().decode(&jpeg, &mut small), Err(Damage::OutputTooSmall));
    // Lost restart intervals, as a camera on a bad cable loses them.
    let first = jpeg.windows(2).position(|pair| pair == [0xFF, 0xD0]).unwrap();
    let second = jpeg.windows(2).position(|pair| pair == [0xFF, 0xD1]).unwrap();
    let mut lost = jpeg.clone();
    lost.drain(first..second);
    assert_eq!(reason(&lost), Damage::RestartOrder);
}

#[test]
fn every_reason_is_a_sentence() {
    for reason in Damage::ALL {
        let text = reason.to_string();
        assert!(text.ends_with('.') && text.len() > 20 && text.starts_with(char::is_uppercase), "{text}");
    }
    assert!(size_of::<LumaDecoder>() < 64 * 1024);
}

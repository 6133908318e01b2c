//! Damaged frames and other kinds of JPEG are refused with the reason, without a panic; the splicer stays usable.
mod common;

use common::{Coding, Random, encode, mutate, picture, segment_at, without_segments};
use jpeg_encoder::SamplingFactor;
use std::time::{Duration, Instant};
use vision::PLANE_PX_MAX;
use vision::luma::{Damage, LumaDecoder, RowIndex};
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
    Splicer::new().splice(jpeg, None, &marks(), &mut vec![0; 200_000]).unwrap_err()
}

#[test]
fn every_truncation_is_refused() {
    let (mut splicer, mut out) = (Box::new(Splicer::new()), vec![0; 100_000]);
    for jpeg in samples() {
        for length in 0..jpeg.len() {
            let expected = if length < 2 { Damage::NotJpeg } else { Damage::NoEnd };
            let refused = splicer.splice(&jpeg[..length], None, &marks(), &mut out);
            assert_eq!(refused, Err(Refusal::Frame(expected)), "{length} bytes");
            let mut ended = jpeg[..length].to_vec();
            ended.extend_from_slice(&[0xFF, 0xD9]);
            // The last byte holds 1 to 7 bits of padding; a cut there can leave every block whole.
            if length + 3 < jpeg.len() {
                assert!(
                    splicer.splice(&ended, None, &marks(), &mut out).is_err(),
                    "{length} bytes and an end"
                );
            }
        }
        assert!(splicer.splice(&jpeg, None, &marks(), &mut out).is_ok());
    }
}

#[test]
fn twenty_thousand_mutations_do_no_harm() {
    // A frame of a few kilobytes takes some microseconds; so long only a machine that is busy, or a loop without end.
    const TIME_MAX: Duration = Duration::from_secs(30);
    let (samples, mut random, mut done) = (samples(), Random::new(21), 0);
    let (mut splicer, mut decoder) = (Box::new(Splicer::new()), Box::new(LumaDecoder::new()));
    let (mut out, mut by_index, mut plane) = (vec![0; 20_000], vec![0; 20_000], vec![0; PLANE_PX_MAX]);
    let (mut index, marks) = (Box::new(RowIndex::new()), marks());
    for round in 0..20_000 {
        let mut jpeg = samples[random.below(samples.len())].clone();
        for _ in 0..=random.below(3) {
            mutate(&mut jpeg, &mut random);
        }
        let start = Instant::now();
        let result = splicer.splice(&jpeg, None, &marks, &mut out);
        assert!(start.elapsed() < TIME_MAX, "round {round} took {:?}", start.elapsed());
        let decoded = decoder.decode_with_index(&jpeg, &mut plane, &mut index);
        assert!(decoded.is_ok() || !index.is_of(&jpeg));
        if let Ok(length) = result {
            done += 1;
            assert_eq!(decoder.decode(&out[..length], &mut plane), decoded, "round {round}");
            assert!(decoded.is_ok(), "round {round}");
        }
        if decoded.is_ok() {
            let again = splicer.splice(&jpeg, Some(&index), &marks, &mut by_index);
            if let (Ok(length), Ok(_)) = (result, again) {
                assert_eq!(by_index[..length], out[..length], "round {round}");
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
        let length = splicer.splice(&jpeg, None, &marks(), &mut out).unwrap();
        for room in (0..length).step_by(7).chain([length - 1]) {
            let mut small = vec![0x55; length];
            let refused = splicer.splice(&jpeg, None, &marks(), &mut small[..room]);
            assert_eq!(refused, Err(Refusal::OutputTooSmall), "{room} of {length} bytes");
        }
        let mut exact = vec![0; length];
        assert_eq!(splicer.splice(&jpeg, None, &marks(), &mut exact), Ok(length));
        assert_eq!(exact, out[..length]);
    }
}

#[test]
fn an_index_of_another_frame_is_refused() {
    let (mut splicer, mut decoder) = (Box::new(Splicer::new()), Box::new(LumaDecoder::new()));
    let (mut index, mut out, mut plane) =
        (Box::new(RowIndex::new()), vec![0; 100_000], vec![0; PLANE_PX_MAX]);
    let (one, other) = (&samples()[0], &samples()[1]);
    let mut splice = |jpeg: &[u8], index: &RowIndex| splicer.splice(jpeg, Some(index), &marks(), &mut out);
    assert_eq!(splice(one, &index), Err(Refusal::OtherIndex), "an empty one");
    decoder.decode_with_index(other, &mut plane, &mut index).unwrap();
    assert!(index.is_of(other) && !index.is_of(one));
    assert_eq!(splice(one, &index), Err(Refusal::OtherIndex));
    assert!(splice(other, &index).is_ok());
    decoder.decode_with_index(&one[..one.len() - 2], &mut plane, &mut index).unwrap_err();
    assert_eq!(splice(other, &index), Err(Refusal::OtherIndex), "of a frame that did not decode");
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
        [Refusal::NoCode, Refusal::OtherIndex, Refusal::SeveralScans, Refusal::Frame(Damage::NoEnd)]
    {
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}

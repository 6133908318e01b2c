//! Tests of `heal`: each ailment mended to the picture that it was, what cannot be refused, no bytes that do harm.

use super::{EOI, Healer, SOI, WORDS};
use crate::camera::heal::{ENDLESS_FRAMES, SEARCHED_FIRST, SEARCHED_ONE_IN};
use jpeg_encoder::{ColorType, Encoder};
use vision::luma::LumaDecoder;

const SIDE: u16 = 64;

/// A picture with structure, with the encoder's APP0 at the front.
fn picture() -> Vec<u8> {
    let luma: Vec<u8> =
        (0..u32::from(SIDE * SIDE)).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 90).encode(&luma, SIDE, SIDE, ColorType::Luma).expect("a picture");
    bytes
}

fn healed(healer: &mut Healer, frame: &[u8]) -> Option<Vec<u8>> {
    healer.heal(frame).map(|parts| parts.concat())
}

/// The picture without a segment, which is in it once.
fn without(picture: &[u8], code: u8) -> Vec<u8> {
    let mut bytes = picture.to_vec();
    while let Some(at) = bytes.windows(2).position(|pair| pair == [0xff, code]) {
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        bytes.drain(at..at + 2 + length);
    }
    bytes
}

#[test]
fn a_good_picture_stays_as_it_is_and_padding_goes() {
    let good = picture();
    let mut healer = Healer::default();
    for _ in 0..200 {
        assert_eq!(healer.heal(&good).as_deref(), Some(&[&good[..]][..]));
    }
    let padded = [&good[..], &[0; 700]].concat();
    assert_eq!(healed(&mut healer, &padded).as_ref(), Some(&good));
    assert_eq!((healer.mended(), healer.words().as_str()), (0, ""));
}

#[test]
fn each_ailment_is_mended_and_named() {
    let good = picture();
    let short_app = {
        let mut bytes = good.clone();
        bytes[5] -= 3;
        bytes
    };
    let long_app = {
        let mut bytes = good.clone();
        bytes[4] = 0xf0;
        bytes
    };
    let no_app = [&SOI[..], &good[2 + 18..]].concat();
    assert_eq!(good[2..6], [0xff, 0xe0, 0, 16], "the encoder's APP0");
    let cases: [(&str, Vec<u8>, &[u8]); 7] = [
        ("bytes before the picture", [&[0, 0xff, 7, 0xd8][..], &good].concat(), &good),
        ("two beginnings", [&SOI[..], &good].concat(), &good),
        ("a segment of wrong length", short_app, &no_app),
        ("a segment of wrong length", long_app, &no_app),
        ("bytes behind the picture", [&good[..], &[1, 2, 3]].concat(), &good),
        ("bytes behind the picture", [&good[..], &good[good.len() / 2..]].concat(), &good),
        ("bytes behind the picture", [&good[..], &good[..40]].concat(), &good),
    ];
    for (words, sick, whole) in cases {
        let mut healer = Healer::default();
        assert_eq!(healed(&mut healer, &sick).as_deref(), Some(whole), "{words}");
        assert_eq!(healer.words(), words);
    }
    assert!(WORDS.iter().enumerate().all(|(at, (ailment, _))| *ailment as usize == at));
}

#[test]
fn tables_that_are_missing_are_put_in_where_they_belong() {
    // The encoder's tables are the standard ones.
    let (good, bare) = (picture(), without(&picture(), 0xc4));
    assert!(bare.len() < good.len());
    let mut healer = Healer::default();
    let whole = healed(&mut healer, &bare).expect("a picture");
    assert_eq!(healer.words(), "no Huffman tables");
    assert_eq!(whole.len(), bare.len() + 420);
    let planes = [&good, &whole].map(|jpeg| {
        let mut plane = vec![0; 1 << 16];
        let size = LumaDecoder::new().decode(jpeg, &mut plane).expect("it can be read");
        plane.truncate(size.pixels());
        plane
    });
    assert_eq!(planes[0], planes[1]);
    assert_eq!(healed(&mut Healer::default(), &whole).as_ref(), Some(&whole), "it is whole now");
}

#[test]
fn an_end_that_is_never_sent_is_put_in_and_one_that_is_missing_once_is_not() {
    let good = picture();
    let endless = &good[..good.len() - EOI.len()];
    let mut never = Healer::default();
    for frame in 1..20 {
        let whole = (frame > ENDLESS_FRAMES).then(|| good.clone());
        assert_eq!(healed(&mut never, endless), whole, "frame {frame}");
    }
    assert_eq!(never.words(), "no end");
    assert_eq!(healed(&mut never, &good[..good.len() - 1]).as_ref(), Some(&good), "half an end");
    for (zeros, kept) in [(1, 1), (2, 2), (900, 2)] {
        let grey = [endless, &vec![0; zeros]].concat();
        let whole = [endless, &vec![0; kept], &EOI].concat();
        assert_eq!(healed(&mut never, &grey), Some(whole), "data may end with zeros");
    }
    let followed = [endless, &good[..30]].concat();
    assert_eq!(healed(&mut never, &followed).as_ref(), Some(&good), "the next one behind it");
    let mut once = Healer::default();
    assert!(once.heal(&good).is_some());
    assert!((0..20).all(|_| once.heal(endless).is_none()), "cut off");
}

#[test]
fn an_old_end_behind_the_new_one_is_found_soon_and_then_always() {
    let good = picture();
    let stale = [&good[..], &good[good.len() / 2..]].concat();
    let mut healer = Healer::default();
    (0..SEARCHED_FIRST).for_each(|_| drop(healer.heal(&good)));
    let lost = (0..SEARCHED_ONE_IN).filter(|_| healed(&mut healer, &stale).as_ref() != Some(&good)).count();
    assert!(lost < SEARCHED_ONE_IN as usize, "{lost}");
    assert!((0..100).all(|_| healed(&mut healer, &stale).as_ref() == Some(&good)));
}

#[test]
fn what_is_no_picture_is_refused() {
    let good = picture();
    let garbled = [&[0; 20][..], &good[20..]].concat();
    let cut_behind_junk = [&[7; 9][..], &good[..good.len() / 2]].concat();
    let no_scan = good[..good.len() / 8].to_vec();
    for bad in [
        &[][..],
        &[0xff],
        &SOI,
        &[0; 9000],
        &[0xff; 9000],
        &garbled,
        &no_scan,
        &cut_behind_junk,
        &good[..good.len() - 9],
    ] {
        let mut healer = Healer::default();
        assert!(healer.heal(bad).is_none() && healer.words().is_empty());
    }
}

#[test]
fn no_bytes_do_harm_and_what_is_kept_is_never_more_than_came_with_tables_and_end() {
    let good = picture();
    let mut state = 7_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut healer = Healer::default();
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + random(4) {
            let below = [bytes.len(), 200][random(2)];
            let at = random(below);
            bytes[at] = [0xff, 0, 0xd8, 0xd9, 0xda, 0xe0, random(256) as u8][random(7)];
        }
        let cut = random(2) * random(bytes.len());
        bytes.truncate(bytes.len() - cut);
        if let Some(whole) = healed(&mut healer, &bytes) {
            assert!(whole.starts_with(&SOI) && whole.ends_with(&EOI));
            assert!(whole.len() <= bytes.len() + 420 + EOI.len());
        }
        if random(50) == 0 {
            healer = Healer::default();
        }
    }
}

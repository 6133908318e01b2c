//! What a spliced frame holds: outside the marks every coefficient that it had, under them what was asked for.
//!
//! Judged by a coefficient reader and a DCT that share no code with the crate, and by zune-jpeg's pixels.
mod common;

use common::coefficients::{Coefficients, read, samples, transformed};
use common::made::{Made, TablesOf};
use common::{Coding, Random, encode, picture, without_segments};
use jpeg_encoder::SamplingFactor;
use vision::PLANE_PX_MAX;
use vision::luma::{INDEX_BYTES_MAX, LumaDecoder};
use vision::splice::{Area, Mark, Splicer};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// What the encoder codes in one scan.
const SAMPLINGS: [Option<SamplingFactor>; 5] = [
    None,
    Some(SamplingFactor::F_1_1),
    Some(SamplingFactor::F_2_1),
    Some(SamplingFactor::F_1_2),
    Some(SamplingFactor::F_2_2),
];
/// What is made here: 4:0:0 with a factor that counts nothing, 4:1:1, 4:1:0, its tall sister, chroma of different sizes.
const UNUSUAL: [&[(usize, usize)]; 6] = [
    &[(2, 2)],
    &[(4, 1), (1, 1), (1, 1)],
    &[(4, 2), (1, 1), (1, 1)],
    &[(2, 4), (1, 1), (1, 1)],
    &[(2, 2), (2, 1), (1, 2)],
    &[(4, 1), (4, 1), (2, 1)],
];

/// Without an index if that is empty; with one that has to be of use otherwise.
fn splice(splicer: &mut Splicer, jpeg: &[u8], index: &[u8], marks: &[Mark<'_>]) -> Vec<u8> {
    let mut out = vec![0xAA; 2 * jpeg.len() + 100_000];
    let spliced = splicer.splice(jpeg, index, marks, &mut out).unwrap();
    assert_eq!(spliced.is_by_index, !index.is_empty());
    out.truncate(spliced.bytes);
    out
}

fn index(jpeg: &[u8]) -> Vec<u8> {
    let mut index = vec![0xAA; INDEX_BYTES_MAX];
    let (mut decoder, mut plane, mut plain) =
        (Box::new(LumaDecoder::new()), vec![0; PLANE_PX_MAX], vec![0; PLANE_PX_MAX]);
    let (size, length) = decoder.decode_with_index(jpeg, &mut plane, &mut index).unwrap();
    assert_eq!(decoder.decode(jpeg, &mut plain), Ok(size));
    assert_eq!(plain, plane, "the index changes nothing");
    index.truncate(length);
    index
}

/// Strokes two pixels wide on black, somewhat like text.
fn plate(width: usize, height: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let cells: Vec<bool> = (0..(width / 2 + 1) * (height / 2 + 1)).map(|_| random.below(3) == 0).collect();
    (0..width * height)
        .map(|at| 255 * u8::from(cells[at / width / 2 * (width / 2 + 1) + at % width / 2]))
        .collect()
}

/// The pixel that the marks (but masks) make of one, if they change it.
fn painted(marks: &[Mark<'_>], x: usize, y: usize) -> Option<u8> {
    let mut grey_now = None;
    for mark in marks {
        match *mark {
            Mark::Mask { .. } => {}
            Mark::Plate { left, top, width, pixels } => {
                let (left, top, width) = (usize::from(left), usize::from(top), usize::from(width));
                if width > 0 && x >= left && y >= top && x < left + width {
                    let row = &pixels.chunks_exact(width).nth(y - top);
                    grey_now = row.map(|row| row[x - left]).or(grey_now);
                }
            }
            Mark::Outline { area, line_px, grey } => {
                let (x, y, line) = (x as i64, y as i64, i64::from(line_px));
                let (left, top) = (i64::from(area.left), i64::from(area.top));
                let (right, bottom) = (left + i64::from(area.width), top + i64::from(area.height));
                let inside = x >= left && x < right && y >= top && y < bottom;
                let free = x >= left + line && x < right - line && y >= top + line && y < bottom - line;
                grey_now = if inside && !free { Some(grey) } else { grey_now };
            }
        }
    }
    grey_now
}

/// Grey of the mask that hides a rectangle of the picture (left, top, width, height, cut off at its edges).
fn masked(marks: &[Mark<'_>], rect: [usize; 4], picture: (usize, usize)) -> Option<u8> {
    let meets = |from: usize, px: usize, start: u16, length: u16, end: usize| {
        let (first, last) =
            (from.max(start.into()), (from + px).min(usize::from(start) + usize::from(length)));
        first < last.min(end)
    };
    marks.iter().find_map(|mark| match *mark {
        Mark::Mask { area, grey } => {
            let across = meets(rect[0], rect[2], area.left, area.width, picture.0);
            let down = meets(rect[1], rect[3], area.top, area.height, picture.1);
            (across && down).then_some(grey)
        }
        _ => None,
    })
}

/// Holds every coefficient of `after` against what `before` and the marks ask for; gives how many blocks were replaced.
fn judge(before: &Coefficients, after: &Coefficients, marks: &[Mark<'_>], what: &str) -> usize {
    assert_eq!(before.mcus, after.mcus, "{what}");
    assert!(after.slack.iter().zip(&before.slack).all(|(a, b)| a <= b), "{what}: {:?}", after.slack);
    let (luma, size) = (before.components[0].factors, (before.width, before.height));
    let (mcu_w, mcu_h) = (8 * luma.0, 8 * luma.1);
    let mut replaced = 0;
    for (number, (old, new)) in before.components.iter().zip(&after.components).enumerate() {
        for (at, (was, is)) in old.blocks.iter().zip(&new.blocks).enumerate() {
            let (column, row) = (at % old.across, at / old.across);
            let (px_w, px_h) = (mcu_w / old.factors.0, mcu_h / old.factors.1);
            let (x, y) = (column * px_w, row * px_h);
            let what = format!("{what}: component {number}, block {column}, {row}");
            let mask = masked(marks, [x / mcu_w * mcu_w, y / mcu_h * mcu_h, mcu_w, mcu_h], size);
            let edge = |px: usize, last: usize| px.min(last - 1);
            let pixel = |x: usize, y: usize| painted(marks, edge(x, before.width), edge(y, before.height));
            let shown = (y..(y + px_h).min(before.height))
                .flat_map(|y| (x..(x + px_w).min(before.width)).map(move |x| (x, y)));
            let (mut any, mut all) = (false, true);
            for (x, y) in shown.clone() {
                let painted = pixel(x, y).is_some();
                (any, all) = (any || painted, all && painted);
            }
            let seen = shown.count() > 0;
            let all = all && seen;
            if number > 0 {
                let clear = mask.is_some() || all && is == &[0; 64];
                assert_eq!(is, if clear { &[0; 64] } else { was }, "{what}");
                replaced += usize::from(clear);
            } else if mask.is_none() && !any {
                assert_eq!(is, was, "{what}");
            } else {
                let mut block = mask.map_or_else(|| samples(was, &old.quantisers), |grey| [grey; 64]);
                for (at, sample) in block.iter_mut().enumerate() {
                    let painted = pixel(x + at % 8, y + at / 8).filter(|_| seen);
                    *sample = painted.unwrap_or(*sample);
                }
                // Decoded samples may be rounded either way where they lie in the middle, which flat blocks do as a whole.
                let tolerance = if mask.is_some() || all { 0.05 } else { 4.0 };
                for (k, exact) in transformed(&block).into_iter().enumerate() {
                    let (value, step) = (f64::from(is[k] * old.quantisers[k]), f64::from(old.quantisers[k]));
                    let limit = step / 2.0 + tolerance;
                    assert!((value - exact).abs() <= limit, "{what}: {k} is {value}, asked {exact}");
                }
                replaced += 1;
            }
        }
    }
    replaced
}

fn luma(jpeg: &[u8], space: ColorSpace) -> Vec<u8> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    JpegDecoder::new_with_options(ZCursor::new(jpeg), options).decode().unwrap()
}

fn area(left: usize, top: usize, width: usize, height: usize) -> Area {
    Area { left: left as u16, top: top as u16, width: width as u16, height: height as u16 }
}

/// Sets of marks that meet a picture of this size everywhere: corners, edges, beyond, overlapping.
fn mark_sets(width: usize, height: usize, pixels: &[u8]) -> Vec<Vec<Mark<'_>>> {
    let right = width.saturating_sub(21) as u16;
    let bottom = height.saturating_sub(11) as u16;
    let plate = |left, top| Mark::Plate { left, top, width: 40, pixels };
    vec![
        vec![plate(0, 0)],
        vec![plate(16, 16), plate(5, 3)],
        vec![plate(right, bottom)],
        vec![Mark::Mask { area: area(width / 3, height / 3, width / 4, height / 4), grey: 90 }],
        vec![
            Mark::Outline { area: area(width / 8, height / 8, width / 2, height / 2), line_px: 2, grey: 255 },
            Mark::Outline { area: area(width / 4, height / 4, width, height), line_px: 1, grey: 0 },
        ],
        vec![
            plate(width as u16 / 2, height as u16 / 2),
            Mark::Mask { area: area(width - 1, height - 1, 1, 1), grey: 0 },
            Mark::Mask { area: area(width / 2 + 7, 0, 1, height), grey: 255 },
        ],
        vec![Mark::Mask { area: area(0, 0, 9999, 9999), grey: 33 }],
    ]
}

#[test]
fn every_coefficient_is_what_it_was_or_what_was_asked_for() {
    let (mut splicer, pixels, mut replaced) = (Box::new(Splicer::new()), plate(40, 20, 5), 0);
    for (width, height) in [(64, 48), (8, 8), (9, 17), (123, 77)] {
        let rgb = picture(width, height, 9);
        for sampling in SAMPLINGS {
            for (restart, quality) in [(0, 85), (1, 60), (3, 97), (7, 30)] {
                let jpeg =
                    encode(&rgb, width, height, Coding { sampling, restart, quality, ..Coding::default() });
                let before = read(&jpeg, None);
                let bare = without_segments(&jpeg, 0xC4);
                let index = index(&jpeg);
                for (set, marks) in mark_sets(width, height, &pixels).iter().enumerate() {
                    let what = format!("{width}x{height}, {sampling:?}, restart {restart}, set {set}");
                    let out = splice(&mut splicer, &jpeg, &[], marks);
                    assert_eq!(splice(&mut splicer, &jpeg, &index, marks), out, "{what}: by index");
                    let after = read(&out, None);
                    replaced += judge(&before, &after, marks, &what);
                    // A frame without Huffman tables: the same, without them.
                    let out_of_bare = splice(&mut splicer, &bare, &[], marks);
                    assert_eq!(out_of_bare, without_segments(&out, 0xC4), "{what}: without tables");
                    assert!(LumaDecoder::new().decode(&out, &mut [0; PLANE_PX_MAX]).is_ok(), "{what}");
                }
            }
        }
    }
    assert!(replaced > 10_000, "{replaced} blocks");
}

#[test]
fn pixels_beside_the_marks_stay_and_text_can_be_read() {
    let (mut splicer, pixels) = (Box::new(Splicer::new()), plate(40, 20, 5));
    let (width, height) = (165, 100);
    for sampling in SAMPLINGS {
        for (restart, quality) in [(0, 85), (3, 60), (11, 92)] {
            let coding = Coding { sampling, restart, quality, ..Coding::default() };
            let jpeg = encode(&picture(width, height, 3), width, height, coding);
            for marks in mark_sets(width, height, &pixels) {
                let out = splice(&mut splicer, &jpeg, &[], &marks);
                let (before, after) = (luma(&jpeg, ColorSpace::Luma), luma(&out, ColorSpace::Luma));
                let (before_rgb, after_rgb) = (luma(&jpeg, ColorSpace::RGB), luma(&out, ColorSpace::RGB));
                // Tiles as large as the largest MCU, and whether marks are on them.
                let (across, down) = (width.div_ceil(32), height.div_ceil(32));
                let mut touched = vec![false; across * down];
                for at in 0..width * height {
                    let (x, y) = (at % width, at / width);
                    let hit = painted(&marks, x, y).is_some()
                        || masked(&marks, [x, y, 1, 1], (width, height)).is_some();
                    touched[y / 32 * across + x / 32] |= hit;
                }
                let (mut right, mut all) = (0, 0);
                for at in 0..width * height {
                    let (x, y) = (at % width, at / width);
                    if !touched[y / 32 * across + x / 32] {
                        assert_eq!(before[at], after[at], "{sampling:?}: luma at {x}, {y}");
                    }
                    // The chroma next to a mark is smoothed with that under it.
                    let beside = |tile: usize, count: usize| tile.saturating_sub(1)..(tile + 2).min(count);
                    let near = beside(y / 32, down)
                        .any(|row| beside(x / 32, across).any(|column| touched[row * across + column]));
                    if !near {
                        assert_eq!(
                            before_rgb[3 * at..][..3],
                            after_rgb[3 * at..][..3],
                            "{sampling:?}: {x}, {y}"
                        );
                    }
                    if let Some(grey) = painted(&marks, x, y).filter(|&grey| grey == 0 || grey == 255) {
                        right += usize::from((after[at] > 127) == (grey > 127));
                        all += 1;
                    }
                }
                assert!(right * 100 >= all * 98, "{sampling:?}, quality {quality}: {right} of {all} pixels");
            }
        }
    }
}

#[test]
fn a_mask_leaves_no_information() {
    let mut splicer = Box::new(Splicer::new());
    let (width, height, hidden) = (165, 100, area(50, 30, 37, 21));
    for sampling in SAMPLINGS {
        for restart in [0, 4] {
            let coding = Coding { sampling, restart, ..Coding::default() };
            let marks = [Mark::Mask { area: hidden, grey: 60 }];
            let rgb = picture(width, height, 1);
            let mut other = rgb.clone();
            let mut random = Random::new(77);
            let (mcu_w, mcu_h) = sampling.map_or((8, 8), |_| (32, 32));
            // What differs lies in MCUs that the mask touches, so that no coefficient elsewhere tells.
            let first = encode(&rgb, width, height, coding);
            let frame = read(&first, None);
            let luma = frame.components[0].factors;
            let (w, h) = (8 * luma.0, 8 * luma.1);
            assert!(w <= mcu_w && h <= mcu_h);
            for at in 0..width * height {
                if masked(&marks, [at % width / w * w, at / width / h * h, w, h], (width, height)).is_some() {
                    other[3 * at..][..3].fill_with(|| random.next() as u8);
                }
            }
            let second = encode(&other, width, height, coding);
            assert_ne!(read(&second, None).components, frame.components);
            let of = |splicer: &mut Splicer, jpeg: &[u8]| splice(splicer, jpeg, &[], &marks);
            let (a, b) = (of(&mut splicer, &first), of(&mut splicer, &second));
            assert_eq!(read(&a, None).components, read(&b, None).components, "{sampling:?}");
            // With typical tables and the same blocks, even the bytes are the same.
            assert_eq!(a, b, "{sampling:?}, restart {restart}");
        }
    }
}

#[test]
fn a_preview_goes_with_the_mask_and_stays_without_one() {
    let (mut splicer, pixels) = (Box::new(Splicer::new()), plate(40, 20, 5));
    let jpeg = encode(&picture(64, 48, 1), 64, 48, Coding::default());
    let mut with_preview = jpeg[..2].to_vec();
    with_preview.extend_from_slice(&[0xFF, 0xE1, 0, 202]);
    with_preview.extend_from_slice(&[0x77; 200]);
    with_preview.extend_from_slice(&jpeg[2..]);
    let mask = [Mark::Mask { area: area(0, 0, 10, 10), grey: 60 }];
    let text = [Mark::Plate { left: 0, top: 0, width: 40, pixels: &pixels }];
    assert_eq!(splice(&mut splicer, &with_preview, &[], &mask), splice(&mut splicer, &jpeg, &[], &mask));
    let out = splice(&mut splicer, &with_preview, &[], &text);
    assert_eq!(out.len(), splice(&mut splicer, &jpeg, &[], &text).len() + 204);
}

#[test]
fn without_marks_on_the_picture_every_byte_stays() {
    let (mut splicer, pixels) = (Box::new(Splicer::new()), plate(40, 20, 5));
    let nowhere = [
        Mark::Plate { left: 200, top: 0, width: 40, pixels: &pixels },
        Mark::Plate { left: 0, top: 0, width: 0, pixels: &pixels },
        Mark::Mask { area: area(10, 10, 0, 5), grey: 1 },
        Mark::Mask { area: area(9999, 10, 20, 5), grey: 1 },
        Mark::Outline { area: area(5, 5, 30, 30), line_px: 0, grey: 1 },
    ];
    for sampling in SAMPLINGS {
        for restart in [0, 1, 7] {
            let jpeg =
                encode(&picture(123, 77, 2), 123, 77, Coding { sampling, restart, ..Coding::default() });
            // Bytes that no decoder needs, in places where cameras put some.
            let (end, mut odd) = (jpeg.len() - 2, jpeg.clone());
            odd.splice(end..end, [0x55, 0xFF, 0x00, 0xFF]);
            odd.extend_from_slice(&[0; 5]);
            for jpeg in [jpeg, odd] {
                for marks in [&nowhere[..], &[]] {
                    assert_eq!(splice(&mut splicer, &jpeg, &[], marks), jpeg);
                    assert_eq!(splice(&mut splicer, &jpeg, &index(&jpeg), marks), jpeg);
                }
            }
        }
    }
}

#[test]
fn a_spliced_frame_can_be_spliced_again() {
    let (mut splicer, pixels) = (Box::new(Splicer::new()), plate(40, 20, 5));
    for sampling in SAMPLINGS {
        for restart in [0, 3, 10] {
            let jpeg =
                encode(&picture(165, 100, 6), 165, 100, Coding { sampling, restart, ..Coding::default() });
            let (mut frame, mut replaced) = (jpeg, 0);
            for marks in mark_sets(165, 100, &pixels) {
                let before = read(&frame, None);
                frame = splice(&mut splicer, &frame, &[], &marks);
                replaced += judge(&before, &read(&frame, None), &marks, &format!("{sampling:?}, {restart}"));
            }
            assert!(replaced > 300);
        }
    }
}

#[test]
fn unusual_samplings_are_spliced_the_same() {
    let (mut splicer, pixels, mut replaced) = (Box::new(Splicer::new()), plate(40, 20, 5), 0);
    let usual = read(&encode(&picture(16, 16, 1), 16, 16, Coding::default()), None);
    for (width, height) in [(64, 48), (123, 77), (8, 100)] {
        for factors in UNUSUAL {
            for (restart, step) in [(0, 8), (1, 20), (3, 3), (10, 8)] {
                let (factors, tables, seed) = (factors.to_vec(), TablesOf::Frame(&usual), 4 + restart as u64);
                let made = Made { width, height, factors, restart, step, tables, seed };
                let jpeg = made.frame();
                let before = read(&jpeg, None);
                for (set, marks) in mark_sets(width, height, &pixels).iter().enumerate() {
                    let what = format!("{width}x{height}, {:?}, restart {restart}, set {set}", made.factors);
                    let out = splice(&mut splicer, &jpeg, &[], marks);
                    assert_eq!(splice(&mut splicer, &jpeg, &index(&jpeg), marks), out, "{what}: by index");
                    replaced += judge(&before, &read(&out, None), marks, &what);
                }
            }
        }
    }
    assert!(replaced > 10_000, "{replaced} blocks");
}

#[test]
fn tables_of_the_camera_that_lack_codes_are_made_do_with() {
    let (mut splicer, pixels) = (Box::new(Splicer::new()), plate(40, 20, 5));
    let mut done = 0;
    let factors = [&[(1, 1)][..], &[(2, 1), (1, 1), (1, 1)], &[(2, 2), (1, 1), (1, 1)]];
    for (step, seed) in [(3, 1), (8, 2), (20, 3), (40, 4)] {
        for factors in factors {
            let (width, height, restart, tables) = (165, 100, 0, TablesOf::Used);
            let made = Made { width, height, factors: factors.to_vec(), restart, step, tables, seed };
            let jpeg = made.frame();
            let before = read(&jpeg, None);
            for marks in mark_sets(width, height, &pixels) {
                let mut out = vec![0; 200_000];
                let length = splicer.splice(&jpeg, &[], &marks, &mut out).unwrap().bytes;
                judge_coarsely(&before, &read(&out[..length], None), &marks);
                done += 1;
            }
        }
    }
    assert_eq!(done, 84);
}

/// Blocks without a mark are what they were; a mask is flat and without colour, whatever codes there are.
fn judge_coarsely(before: &Coefficients, after: &Coefficients, marks: &[Mark<'_>]) {
    let (luma, size) = (before.components[0].factors, (before.width, before.height));
    for (old, new) in before.components.iter().zip(&after.components) {
        let (px_w, px_h) = (8 * luma.0 / old.factors.0, 8 * luma.1 / old.factors.1);
        for (at, (was, is)) in old.blocks.iter().zip(&new.blocks).enumerate() {
            let (x, y) = (at % old.across * px_w, at / old.across * px_h);
            let (mcu_w, mcu_h) = (8 * luma.0, 8 * luma.1);
            let mask = masked(marks, [x / mcu_w * mcu_w, y / mcu_h * mcu_h, mcu_w, mcu_h], size);
            let edge = |px: usize, last: usize| px.min(last - 1);
            let any = (0..px_w * px_h).any(|at| {
                let (x, y) = (edge(x + at % px_w, before.width), edge(y + at / px_w, before.height));
                painted(marks, x, y).is_some()
            });
            if mask.is_some() && !any {
                assert_eq!(is[1..], [0; 63]);
            } else if mask.is_none() && !any {
                assert_eq!(is, was);
            }
        }
    }
}

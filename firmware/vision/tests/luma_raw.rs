//! Planes of uncompressed frames hold the right values, for every format, size and stride, and nothing panics.
//!
//! The reference reads one pixel at a time, by the kernel's description of each format, and averages in 64 bits.
mod common;

use common::{Coding, Random, encode, picture};
use vision::luma::{Damage, FrameSize, LumaDecoder, RAW_FORMATS, RawFormat, RawFrame, YcbcrRow};
use vision::{PLANE_PX_MAX, PlaneSize};

/// Under Miri, which is some hundred times slower, the same tests with fewer rounds.
const ROUNDS: usize = if cfg!(miri) { 40 } else { 20_000 };
/// Bytes at the end of each row that belong to no pixel.
const PADDINGS: &[usize] = if cfg!(miri) { &[1] } else { &[0, 1, 64] };

fn format(fourcc: &[u8; 4]) -> &'static RawFormat {
    RawFormat::find(*fourcc).unwrap()
}

/// The 8 highest bits of one pixel's luma.
fn pixel(fourcc: &[u8; 4], row: &[u8], x: usize) -> u64 {
    let word = |at: usize| u64::from(u16::from_le_bytes([row[2 * at], row[2 * at + 1]]));
    match fourcc {
        b"YUYV" => u64::from(row[2 * x]),
        b"UYVY" => u64::from(row[2 * x + 1]),
        [_, _, b'1', b'0'] => (word(x) & 0x3FF) / 4,
        [_, _, b'1', b'2'] if fourcc[0] != b'N' && fourcc[0] != b'Y' => (word(x) & 0xFFF) / 16,
        [b'p', _, b'A', b'A'] => u64::from(row[x / 4 * 5 + x % 4]),
        [b'p', _, b'C', b'C'] => u64::from(row[x / 2 * 3 + x % 2]),
        _ => u64::from(row[x]),
    }
}

fn reference(fourcc: &[u8; 4], size: FrameSize, stride: usize, bytes: &[u8]) -> (PlaneSize, Vec<u8>) {
    let (side, plane) = (size.square_px(), size.plane());
    let mut means = Vec::new();
    for y in 0..usize::from(plane.height) {
        for x in 0..usize::from(plane.width) {
            let rows = (y * side..(y + 1) * side).map(|row| &bytes[row * stride..]);
            let sum: u64 =
                rows.map(|row| (x * side..(x + 1) * side).map(|x| pixel(fourcc, row, x)).sum::<u64>()).sum();
            let pixels = (side * side) as u64;
            means.push(((sum + pixels / 2) / pixels) as u8);
        }
    }
    (plane, means)
}

fn reduce(format: &'static RawFormat, size: FrameSize, stride: usize, bytes: &[u8]) -> (PlaneSize, Vec<u8>) {
    let mut plane = vec![0; PLANE_PX_MAX];
    let plane_size = RawFrame::new(format, size, stride, bytes).unwrap().reduce(&mut plane).unwrap();
    plane.truncate(plane_size.pixels());
    (plane_size, plane)
}

/// Bytes of a frame with this stride, chroma included.
fn frame_bytes(format: &RawFormat, height: u16, stride: usize) -> usize {
    let rows = usize::from(height);
    let planar = [*b"NV12", *b"NV21", *b"YU12"].contains(&format.fourcc);
    stride * if planar { rows + rows.div_ceil(2) } else { rows }
}

#[test]
fn every_raw_format_size_and_stride() {
    let mut random = Random::new(30);
    let sizes: &[(u16, u16)] = if cfg!(miri) {
        &[(9, 11)]
    } else {
        // Every square from 2 to 32, odd sides, a row of more than one tile, and a plane as narrow as it can be.
        &[
            (8, 8),
            (9, 11),
            (64, 48),
            (641, 481),
            (1278, 36),
            (1280, 17),
            (1923, 1081),
            (2592, 40),
            (8192, 64),
            (63, 5200),
        ]
    };
    for format in RAW_FORMATS {
        for &(width, height) in sizes {
            let size = FrameSize { width, height };
            for &padding in PADDINGS {
                let stride = format.row_bytes(width) + padding;
                let mut bytes = vec![0; frame_bytes(format, height, stride)];
                bytes.fill_with(|| random.next() as u8);
                let expected = reference(&format.fourcc, size, stride, &bytes);
                let what = format!("{} {width}x{height} stride {stride}", format.name);
                assert_eq!(reduce(format, size, stride, &bytes), expected, "{what}");
                // The last row of a driver may end with its last pixel, and more may follow the frame.
                bytes.truncate(bytes.len() - padding);
                assert!(reduce(format, size, stride, &bytes) == expected, "{what}, last row unpadded");
                bytes.extend_from_slice(&[0xEE; 100]);
                assert!(reduce(format, size, stride, &bytes) == expected, "{what}, bytes behind it");
            }
        }
    }
}

/// Luma, Cb and Cr of one pixel, by the kernel's description of each format.
fn colours(fourcc: &[u8; 4], size: FrameSize, stride: usize, bytes: &[u8], x: usize, y: usize) -> [u8; 3] {
    let height = usize::from(size.height);
    let (line, behind) = (&bytes[y * stride..], &bytes[height * stride..]);
    let pair = y / 2 * stride + x / 2 * 2;
    match fourcc {
        b"YUYV" => [line[2 * x], line[x / 2 * 4 + 1], line[x / 2 * 4 + 3]],
        b"UYVY" => [line[2 * x + 1], line[x / 2 * 4], line[x / 2 * 4 + 2]],
        b"NV12" => [line[x], behind[pair], behind[pair + 1]],
        b"NV21" => [line[x], behind[pair + 1], behind[pair]],
        b"YU12" => {
            let at = y / 2 * (stride / 2) + x / 2;
            [line[x], behind[at], behind[stride / 2 * height.div_ceil(2) + at]]
        }
        _ => [line[x], 128, 128],
    }
}

#[test]
fn rows_for_a_picture_hold_each_pixel_s_luma_and_colours() {
    let mut random = Random::new(31);
    for format in RAW_FORMATS.iter().filter(|format| !format.is_mosaic()) {
        for (width, height) in [(8, 8), (9, 11), (64, 9), (33, 10)] {
            for padding in [0, 2, 64] {
                let size = FrameSize { width, height };
                // Planes of chroma have half the stride, which is even then.
                let stride = (format.row_bytes(width) + padding).next_multiple_of(2);
                let mut bytes = vec![0; format.frame_bytes(stride, height)];
                bytes.fill_with(|| random.next() as u8);
                let frame = RawFrame::new(format, size, stride, &bytes).unwrap();
                let pixels = usize::from(width);
                let (mut luma, mut cb, mut cr) = (vec![0; pixels], vec![0; pixels], vec![0; pixels]);
                for y in 0..height {
                    frame.ycbcr_row(y, &mut YcbcrRow { luma: &mut luma, cb: &mut cb, cr: &mut cr });
                    for x in 0..pixels {
                        let expected = colours(&format.fourcc, size, stride, &bytes, x, y.into());
                        let what = format!("{} {width}x{height} stride {stride} at {x},{y}", format.name);
                        assert_eq!([luma[x], cb[x], cr[x]], expected, "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_brightest_and_darkest_frames_keep_their_value() {
    let sides: &[u16] = if cfg!(miri) { &[8] } else { &[8, 640, 1280, 2600, 8192] };
    for format in RAW_FORMATS {
        for &side in sides {
            let size = FrameSize { width: side, height: 64.min(side) };
            let stride = format.row_bytes(side);
            for value in [0, 0xFF] {
                let bytes = vec![value; frame_bytes(format, size.height, stride)];
                let (_, plane) = reduce(format, size, stride, &bytes);
                assert!(plane.iter().all(|&mean| mean == value), "{} {side}: {value}", format.name);
            }
        }
    }
}

#[test]
fn a_bayer_cell_counts_each_colour_as_often_as_it_is_there() {
    // Red 200, green 100, blue 40 in the order of each format: (200 + 2 * 100 + 40) / 4.
    for (fourcc, cell) in [(b"RGGB", [200, 100, 100, 40]), (b"GBRG", [100, 40, 200, 100])] {
        let bytes: Vec<u8> = (0..16 * 16).map(|at| cell[at / 16 % 2 * 2 + at % 2]).collect();
        let (size, plane) = reduce(format(fourcc), FrameSize { width: 16, height: 16 }, 16, &bytes);
        assert_eq!((size.width, size.height), (8, 8));
        assert!(plane.iter().all(|&mean| mean == 110), "{plane:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "encodes pictures; nothing of it is in the raw path")]
fn raw_and_jpeg_give_the_same_plane() {
    for (width, height) in
        [(8, 9), (160, 120), (321, 243), (639, 480), (640, 479), (1279, 35), (1280, 720), (2600, 1950)]
    {
        let rgb = picture(width, height, 8);
        let grey: Vec<u8> = rgb.chunks_exact(3).map(|p| p[0]).collect();
        let jpeg = encode(&rgb, width, height, Coding { sampling: None, quality: 98, ..Coding::default() });
        let mut from_jpeg = vec![0; PLANE_PX_MAX];
        let jpeg_size = LumaDecoder::new().decode(&jpeg, &mut from_jpeg).unwrap();
        let size = FrameSize { width: width as u16, height: height as u16 };
        let (raw_size, from_raw) = reduce(format(b"GREY"), size, width, &grey);
        assert_eq!(raw_size, jpeg_size);
        for (a, b) in from_raw.iter().zip(&from_jpeg) {
            assert!(a.abs_diff(*b) <= 2, "{a} {b}");
        }
    }
}

#[test]
fn frames_that_cannot_be_are_refused_with_the_reason() {
    let bytes = vec![0; 64 * 48 * 2];
    let new = |fourcc, width, height, stride, length| {
        RawFrame::new(format(fourcc), FrameSize { width, height }, stride, &bytes[..length]).err()
    };
    assert_eq!(new(b"YUYV", 64, 48, 128, bytes.len()), None);
    assert_eq!(new(b"YUYV", 64, 48, 128, bytes.len() - 1), Some(Damage::FrameTooShort));
    assert_eq!(new(b"YUYV", 64, 48, 0, bytes.len()), Some(Damage::StrideTooSmall));
    assert_eq!(new(b"YUYV", 64, 48, 127, bytes.len()), Some(Damage::StrideTooSmall));
    assert_eq!(new(b"YUYV", 65, 47, 130, bytes.len()), Some(Damage::StrideTooSmall), "pairs of pixels");
    assert_eq!(new(b"NV12", 64, 48, 64, 64 * 72), None);
    assert_eq!(new(b"NV12", 64, 48, 64, 64 * 72 - 1), Some(Damage::FrameTooShort), "chroma is missing");
    assert_eq!(new(b"pRAA", 64, 48, 79, bytes.len()), Some(Damage::StrideTooSmall));
    for (width, height) in [(0, 0), (0, 48), (64, 0), (7, 48), (64, 7)] {
        assert_eq!(new(b"GREY", width, height, 64, bytes.len()), Some(Damage::TooSmall));
    }
    for (width, height) in [(8193, 48), (64, 8193), (u16::MAX, u16::MAX)] {
        assert_eq!(new(b"GREY", width, height, 1 << 16, bytes.len()), Some(Damage::TooLarge));
    }
    for stride in [usize::MAX, usize::MAX / 47, 1 << (usize::BITS - 1)] {
        assert_eq!(new(b"GREY", 64, 48, stride, bytes.len()), Some(Damage::FrameTooShort), "{stride}");
    }
    let frame = RawFrame::new(format(b"GREY"), FrameSize { width: 64, height: 48 }, 64, &bytes).unwrap();
    assert_eq!(frame.reduce(&mut [0; 32 * 24 - 1]), Err(Damage::OutputTooSmall));
    assert!(RawFormat::find(*b"MJPG").is_none() && RawFormat::find([0; 4]).is_none());
}

#[test]
fn twenty_thousand_raw_frames_of_any_shape_do_no_harm() {
    let (mut random, mut plane) = (Random::new(5), vec![0; PLANE_PX_MAX]);
    let bytes: Vec<u8> = (0..40_000).map(|_| random.next() as u8).collect();
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        let format = &RAW_FORMATS[random.below(RAW_FORMATS.len())];
        let size = FrameSize { width: random.below(300) as u16, height: random.below(300) as u16 };
        let stride = format.row_bytes(size.width) + random.below(40).saturating_sub(10);
        let length = random.below(bytes.len());
        if let Ok(frame) = RawFrame::new(format, size, stride, &bytes[..length]) {
            let out = random.below(PLANE_PX_MAX);
            match frame.reduce(&mut plane[..out]) {
                Ok(size) => assert!(size.pixels() <= out),
                Err(reason) => assert_eq!(reason, Damage::OutputTooSmall),
            }
            let pixels = usize::from(size.width) + random.below(9);
            let (mut luma, mut cb, mut cr) = (vec![0; pixels], vec![0; pixels], vec![0; pixels]);
            let y = random.below(usize::from(size.height) + 2) as u16;
            frame.ycbcr_row(y, &mut YcbcrRow { luma: &mut luma, cb: &mut cb, cr: &mut cr });
            accepted += 1;
        }
    }
    assert!(accepted > ROUNDS / 10, "{accepted}");
}

#[test]
fn each_format_is_named_once() {
    for (at, format) in RAW_FORMATS.iter().enumerate() {
        assert!(
            RAW_FORMATS[..at]
                .iter()
                .all(|other| { other.fourcc != format.fourcc && other.name != format.name })
        );
        assert!(format.fourcc.iter().all(u8::is_ascii_graphic) && !format.name.is_empty());
    }
}

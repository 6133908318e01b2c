//! The plane holds the right values: compared with a full decode by zune-jpeg, averaged over the squares.
//!
//! Tolerance: 1, at every scale. The full decode rounds each pixel and its mean is rounded once more; ours is rounded once.
//! The pictures keep clear of 0 and 255, since a clamped pixel changes the mean of the pixels but not the coefficients.
mod common;

use common::{Coding, Random, encode, picture, segment_at, without_segments};
use jpeg_encoder::SamplingFactor;
use vision::luma::{LumaDecoder, header};
use vision::{PLANE_PX_MAX, PlaneSize};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const TOLERANCE: i32 = 1;

const SAMPLINGS: [Option<SamplingFactor>; 6] = [
    None,
    Some(SamplingFactor::F_1_1),
    Some(SamplingFactor::F_2_1),
    Some(SamplingFactor::F_1_2),
    Some(SamplingFactor::F_2_2),
    Some(SamplingFactor::F_4_1),
];

fn decode(decoder: &mut LumaDecoder, jpeg: &[u8]) -> (PlaneSize, Vec<u8>) {
    let mut plane = vec![0; PLANE_PX_MAX];
    let size = decoder.decode(jpeg, &mut plane).unwrap();
    plane.truncate(size.pixels());
    (size, plane)
}

/// Means of `side` x `side` squares of a full luma decode.
fn means(jpeg: &[u8], width: usize, height: usize, side: usize) -> Vec<u8> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let pixels = JpegDecoder::new_with_options(ZCursor::new(jpeg), options).decode().unwrap();
    assert_eq!(pixels.len(), width * height);
    let mut means = Vec::new();
    for y in 0..height / side {
        for x in 0..width / side {
            let rows = pixels.chunks_exact(width).skip(y * side).take(side);
            let sum: u32 = rows.flat_map(|row| &row[x * side..][..side]).map(|&p| u32::from(p)).sum();
            means.push(((sum + (side * side / 2) as u32) / (side * side) as u32) as u8);
        }
    }
    means
}

fn assert_close(plane: &[u8], expected: &[u8], what: &str) {
    assert_eq!(plane.len(), expected.len(), "{what}");
    for (at, (&a, &b)) in plane.iter().zip(expected).enumerate() {
        assert!((i32::from(a) - i32::from(b)).abs() <= TOLERANCE, "{what}: pixel {at} is {a}, expected {b}");
    }
}

#[test]
fn every_sampling_size_and_restart_interval() {
    let mut decoder = LumaDecoder::new();
    for (width, height) in [(8, 8), (9, 17), (64, 48), (123, 77), (320, 240), (641, 479), (1281, 9)] {
        let rgb = picture(width, height, (width * height) as u64);
        let full = encode(&rgb, width, height, Coding { sampling: SAMPLINGS[1], ..Coding::default() });
        let (full_size, full_plane) = decode(&mut decoder, &full);
        let side = header(&full).unwrap().square_px();
        assert_close(&full_plane, &means(&full, width, height, side), &format!("{width}x{height} 4:4:4"));
        for (number, sampling) in SAMPLINGS.into_iter().enumerate() {
            for restart in [0, 1, 7] {
                for optimised in [false, restart == 0] {
                    let jpeg = encode(
                        &rgb,
                        width,
                        height,
                        Coding { sampling, restart, optimised, ..Coding::default() },
                    );
                    let what = format!("{width}x{height} sampling {number} restart {restart}");
                    let (size, plane) = decode(&mut decoder, &jpeg);
                    assert_eq!(
                        (usize::from(size.width), usize::from(size.height)),
                        (width / side, height / side)
                    );
                    // Neither the subsampling of the chroma nor restart markers touch the coded luma, so the planes
                    // are equal to the last bit. (zune-jpeg 0.5.15 gives no usable luma for some of them.)
                    if sampling.is_some() {
                        assert!(size == full_size && plane == full_plane, "{what}");
                    } else {
                        assert_close(&plane, &means(&jpeg, width, height, side), &what);
                    }
                    let frame = header(&jpeg).unwrap();
                    assert_eq!((usize::from(frame.width), usize::from(frame.height)), (width, height));
                }
            }
        }
    }
}

#[test]
fn every_quality() {
    let (mut decoder, rgb) = (LumaDecoder::new(), picture(160, 120, 5));
    for quality in [1, 5, 20, 50, 75, 90, 95, 100] {
        let jpeg = encode(&rgb, 160, 120, Coding { quality, ..Coding::default() });
        // Coarse quantisers ring beyond black and white, where the reference clamps: compare where it did not.
        if quality >= 50 {
            assert_close(
                &decode(&mut decoder, &jpeg).1,
                &means(&jpeg, 160, 120, 2),
                &format!("quality {quality}"),
            );
        } else {
            decode(&mut decoder, &jpeg);
        }
    }
}

#[test]
fn fine_detail_counts_at_every_scale() {
    let (mut decoder, mut random) = (LumaDecoder::new(), Random::new(11));
    for (width, height, side) in [(160, 120, 2), (638, 40, 2), (640, 40, 4), (1279, 33, 4), (1280, 16, 8)] {
        // Noise: every one of the 64 coefficients of a block is as large as any other.
        let rgb: Vec<u8> = (0..width * height).flat_map(|_| [90 + random.below(76) as u8; 3]).collect();
        for (sampling, restart, quality) in [(None, 3, 100), (SAMPLINGS[4], 0, 95), (SAMPLINGS[1], 5, 80)] {
            let coding = Coding { sampling, restart, quality, optimised: restart == 0, ..Coding::default() };
            let jpeg = encode(&rgb, width, height, coding);
            let (size, plane) = decode(&mut decoder, &jpeg);
            assert_eq!((usize::from(size.width), usize::from(size.height)), (width / side, height / side));
            let grey = encode(&rgb, width, height, Coding { sampling: SAMPLINGS[1], ..coding });
            assert_close(&plane, &means(&grey, width, height, side), &format!("{width}x{height} {quality}"));
        }
    }
}

#[test]
fn large_frames_are_averaged_to_320() {
    let mut decoder = LumaDecoder::new();
    for (width, height, side, plane_size) in [
        (2560, 1440, 8, (320, 180)),
        (2592, 1944, 16, (162, 121)),
        (3840, 2160, 16, (240, 135)),
        (1088, 2600, 16, (68, 162)),
        (5200, 64, 32, (162, 2)),
        (8192, 64, 32, (256, 2)),
    ] {
        let rgb = picture(width, height, 9);
        let jpeg = encode(&rgb, width, height, Coding::default());
        let (size, plane) = decode(&mut decoder, &jpeg);
        assert_eq!((size.width, size.height), plane_size);
        assert_close(&plane, &means(&jpeg, width, height, side), &format!("{width}x{height}"));
    }
}

#[test]
fn default_tables_when_the_camera_leaves_them_out() {
    for sampling in SAMPLINGS {
        let rgb = picture(200, 100, 3);
        let jpeg = encode(&rgb, 200, 100, Coding { sampling, ..Coding::default() });
        let bare = without_segments(&jpeg, 0xC4);
        assert!(bare.len() < jpeg.len());
        let mut decoder = LumaDecoder::new();
        assert_eq!(decode(&mut decoder, &bare), decode(&mut LumaDecoder::new(), &jpeg));
        // Tables of an earlier frame must not leak into a frame without tables.
        decode(&mut decoder, &encode(&rgb, 200, 100, Coding { optimised: true, ..Coding::default() }));
        assert_eq!(decode(&mut decoder, &bare), decode(&mut decoder, &jpeg));
    }
}

#[test]
fn sixteen_bit_quantisation_tables() {
    let jpeg = encode(&picture(96, 64, 8), 96, 64, Coding::default());
    let (mut wide, mut pos) = (without_segments(&jpeg, 0xDB)[..2].to_vec(), 2);
    while jpeg[pos + 1] != 0xDA {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[pos + 2], jpeg[pos + 3]]));
        let segment = &jpeg[pos..pos + length];
        if segment[1] == 0xDB {
            let tables = segment[4..].chunks_exact(65);
            let bytes = 2 + tables.len() * 129;
            wide.extend_from_slice(&[0xFF, 0xDB, (bytes >> 8) as u8, bytes as u8]);
            for table in tables {
                wide.push(0x10 | table[0]);
                wide.extend(table[1..].iter().flat_map(|&q| [0, q]));
            }
        } else {
            wide.extend_from_slice(segment);
        }
        pos += length;
    }
    wide.extend_from_slice(&jpeg[pos..]);
    assert_eq!(decode(&mut LumaDecoder::new(), &wide), decode(&mut LumaDecoder::new(), &jpeg));
}

#[test]
fn what_stands_between_segments_does_no_harm() {
    let jpeg = encode(&picture(96, 64, 8), 96, 64, Coding { restart: 4, ..Coding::default() });
    let expected = decode(&mut LumaDecoder::new(), &jpeg);
    let sof = segment_at(&jpeg, 0xC0);
    // A comment that looks like markers, fill bytes, zero padding behind the end.
    let mut dressed = jpeg[..sof].to_vec();
    dressed.extend_from_slice(&[0xFF, 0xFE, 0, 6, 0xFF, 0xD9, 0xFF, 0xDA, 0xFF, 0xFF]);
    dressed.extend_from_slice(&jpeg[sof..]);
    dressed.extend_from_slice(&[0; 500]);
    assert_eq!(decode(&mut LumaDecoder::new(), &dressed), expected);
    // A hardware encoder's alignment bytes before the end-of-image marker.
    let mut aligned = jpeg[..jpeg.len() - 2].to_vec();
    aligned.extend_from_slice(&[0; 12]);
    aligned.extend_from_slice(&[0xFF, 0xFF, 0xFF, 0xD9]);
    assert_eq!(decode(&mut LumaDecoder::new(), &aligned), expected);
}

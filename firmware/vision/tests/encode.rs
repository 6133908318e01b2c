//! Pictures of the encoder beside those of a general one, judged by a decoder that is neither's; and nothing panics.
mod common;

use common::{Random, picture};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, SamplingFactor};
use vision::PLANE_PX_MAX;
use vision::encode::{Encoder, Rows, TooLong};
use vision::luma::{FrameSize, LumaDecoder, YcbcrRow};
use vision::splice::{Area, Mark, Splicer};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Luma and both differences, pixel by pixel.
#[derive(Clone)]
struct Pixels {
    width: usize,
    values: Vec<u8>,
}

impl Rows for Pixels {
    fn row(&mut self, y: u16, row: &mut YcbcrRow<'_>) {
        let line = &self.values[usize::from(y) * self.width * 3..][..self.width * 3];
        for (x, pixel) in line.chunks_exact(3).enumerate() {
            (row.luma[x], row.cb[x], row.cr[x]) = (pixel[0], pixel[1], pixel[2]);
        }
    }
}

fn ours(encoder: &mut Encoder, pixels: &Pixels, height: usize, quality: u8) -> Vec<u8> {
    let mut out = vec![0; 1 << 22];
    let size = FrameSize { width: pixels.width as u16, height: height as u16 };
    let bytes = encoder.encode(&mut pixels.clone(), size, quality, &mut out).expect("room");
    out.truncate(bytes);
    out
}

fn theirs(pixels: &Pixels, height: usize, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.encode(&pixels.values, pixels.width as u16, height as u16, ColorType::Ycbcr).expect("encodes");
    out
}

fn decoded(jpeg: &[u8], width: usize, height: usize) -> Vec<u8> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let pixels = decoder.decode().expect("a JPEG");
    assert_eq!(decoder.dimensions(), Some((width, height)));
    pixels
}

/// Peak signal to noise of luma, in dB.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let luma = a.chunks_exact(3).zip(b.chunks_exact(3));
    let errors: f64 = luma.map(|(a, b)| f64::from(a[0].abs_diff(b[0])).powi(2)).sum();
    20.0 * 255_f64.log10() - 10.0 * (errors.max(1.0) / (a.len() / 3) as f64).log10()
}

#[test]
fn pictures_are_as_good_and_as_small_as_a_general_encoder_s() {
    let mut encoder = Encoder::new();
    for (width, height, seed) in
        [(160, 120, 1), (320, 240, 2), (161, 123, 3), (8, 8, 4), (33, 250, 5), (640, 480, 6)]
    {
        let pixels = Pixels { width, values: picture(width, height, seed) };
        for quality in [25, 50, 80, 92] {
            let (our, their) =
                (ours(&mut encoder, &pixels, height, quality), theirs(&pixels, height, quality));
            let of = |jpeg: &[u8]| psnr(&pixels.values, &decoded(jpeg, width, height));
            let (our_db, their_db) = (of(&our), of(&their));
            let what = format!("{width}x{height} at {quality}: {our_db:.2} and {their_db:.2} dB");
            assert!(our_db > their_db - 0.3, "{what}");
            // Headers alone differ in small ones.
            assert!(our.len() < their.len() * 105 / 100 + 30, "{what}: {} and {}", our.len(), their.len());
        }
    }
}

#[test]
fn the_hardest_pictures_at_every_quality_are_pictures() {
    let mut encoder = Encoder::new();
    let mut random = Random::new(7);
    for kind in 0..4 {
        let value = |at: usize, random: &mut Random| match kind {
            0 => {
                if (at + at / 40).is_multiple_of(2) {
                    255
                } else {
                    0
                }
            }
            1 => random.next() as u8,
            2 => {
                if random.below(2) == 0 {
                    255
                } else {
                    0
                }
            }
            _ => 255,
        };
        let values: Vec<u8> = (0..40 * 24).flat_map(|at| [value(at, &mut random), 128, 128]).collect();
        let pixels = Pixels { width: 40, values };
        for quality in 0..=101 {
            let jpeg = ours(&mut encoder, &pixels, 24, quality);
            let shown = decoded(&jpeg, 40, 24);
            let db = psnr(&pixels.values, &shown);
            assert!(quality < 80 || db > 24.0, "{kind} at {quality}: {db:.1} dB");
            let mut plane = vec![0; PLANE_PX_MAX];
            assert!(LumaDecoder::new().decode(&jpeg, &mut plane).is_ok(), "our own reader takes it");
        }
    }
}

#[test]
fn it_fits_or_says_so_whatever_the_room() {
    let mut encoder = Encoder::new();
    let mut pixels = Pixels { width: 48, values: picture(48, 40, 9) };
    let whole = ours(&mut encoder, &pixels, 40, 80);
    let size = FrameSize { width: 48, height: 40 };
    for room in (0..whole.len() + 40).step_by(7).chain([whole.len() - 1, whole.len()]) {
        let mut out = vec![0xee; room + 9];
        let done = encoder.encode(&mut pixels, size, 80, &mut out[..room]);
        assert_eq!(done, if room < whole.len() { Err(TooLong) } else { Ok(whole.len()) }, "{room}");
        assert!(out[room..].iter().all(|&byte| byte == 0xee), "{room}");
    }
}

#[test]
fn marks_can_be_spliced_into_its_pictures() {
    let pixels = Pixels { width: 320, values: picture(320, 240, 3) };
    let jpeg = ours(&mut Encoder::new(), &pixels, 240, 80);
    let mask = Mark::Mask { area: Area { left: 160, top: 0, width: 160, height: 240 }, grey: 96 };
    let mut out = vec![0; 1 << 20];
    let spliced = Splicer::new().splice(&jpeg, &[], &[mask], &mut out).expect("spliced");
    let shown = decoded(&out[..spliced.bytes], 320, 240);
    let right = shown.chunks_exact(3).enumerate().filter(|(at, _)| at % 320 >= 160);
    assert!(right.into_iter().all(|(_, pixel)| pixel[0].abs_diff(96) <= 2));
}

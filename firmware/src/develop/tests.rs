//! Raw frames become the pictures that they show, judged by a decoder that is not ours.

use super::encode::TooLong;
use super::{Developer, Encode, Fixed, Picture, Undeveloped};
use crate::overlay::Moment;
use crate::ring::{Coding, FRAME_BYTES_MAX, Frame, Meta, Pool, channel};
use crate::settings::Settings;
use vision::bayer::{Darkroom, Look};
use vision::luma::{Damage, RAW_FORMATS, RawFormat};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const MOMENT: Moment = Moment { wall_us: 1_795_742_433_000_000, is_trusted: true };
const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

fn pool() -> Pool {
    let ways = std::array::from_fn(|_| channel().expect("eventfd").1);
    Pool::new(2, 8 << 20, ways)
}

/// Luma, Cb and Cr of the test picture: four quarters of one colour each.
fn colour(x: usize, y: usize) -> [u8; 3] {
    match (x < 32, y < 24) {
        (true, true) => [200, 128, 128],
        (false, true) => [80, 90, 200],
        (true, false) => [120, 180, 100],
        (false, false) => [50, 128, 128],
    }
}

/// The picture in a raw format, with padding behind its rows; by the kernel's description of each.
fn raw(fourcc: [u8; 4], stride: usize) -> Vec<u8> {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let mut bytes = vec![0xee; RawFormat::find(fourcc).expect("known").frame_bytes(stride, HEIGHT as u16)];
    for y in 0..height {
        for x in 0..width {
            let [luma, cb, cr] = colour(x, y);
            let (line, behind) = (y * stride, height * stride);
            let places = match &fourcc {
                b"YUYV" => [line + 2 * x, line + x / 2 * 4 + 1, line + x / 2 * 4 + 3],
                b"UYVY" => [line + 2 * x + 1, line + x / 2 * 4, line + x / 2 * 4 + 2],
                b"NV12" => {
                    [line + x, behind + y / 2 * stride + x / 2 * 2, behind + y / 2 * stride + x / 2 * 2 + 1]
                }
                b"NV21" => {
                    [line + x, behind + y / 2 * stride + x / 2 * 2 + 1, behind + y / 2 * stride + x / 2 * 2]
                }
                b"YU12" => {
                    let at = behind + y / 2 * (stride / 2) + x / 2;
                    [line + x, at, at + stride / 2 * height / 2]
                }
                _ => [line + x; 3],
            };
            bytes[places[1]] = cb;
            bytes[places[2]] = cr;
            bytes[places[0]] = luma;
        }
    }
    bytes
}

fn frame(pool: &mut Pool, fourcc: [u8; 4], is_full_range: bool) -> Frame {
    let format = RawFormat::find(fourcc).expect("known");
    let stride = format.row_bytes(WIDTH as u16) + 16;
    let coding = Coding::Raw { fourcc, stride_bytes: stride as u32, is_full_range };
    let meta = Meta { width: WIDTH, height: HEIGHT, coding, ..Meta::default() };
    pool.take(&raw(fourcc, stride), meta).expect("room")
}

fn decoded(jpeg: &[u8]) -> Vec<u8> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let pixels = decoder.decode().expect("a JPEG");
    assert_eq!(decoder.dimensions(), Some((WIDTH as usize, HEIGHT as usize)));
    pixels
}

fn at(pixels: &[u8], x: usize, y: usize) -> [i32; 3] {
    let at = (y * WIDTH as usize + x) * 3;
    [pixels[at], pixels[at + 1], pixels[at + 2]].map(i32::from)
}

#[test]
fn every_raw_format_becomes_the_picture_that_it_shows() {
    let mut pool = pool();
    let mut developer = Developer::new(Fixed::new());
    for format in RAW_FORMATS.iter().filter(|format| !format.is_mosaic()) {
        let mut frame = frame(&mut pool, format.fourcc, true);
        developer.develop(&mut frame, MOMENT).expect("developed");
        assert_eq!(frame.meta.coding, Coding::Jpeg);
        let pixels = decoded(frame.as_ref());
        for (x, y) in [(5, 5), (60, 5), (5, 44), (60, 44), (30, 22)] {
            let mut expected = colour(x, y).map(i32::from);
            if format.fourcc == *b"GREY" {
                expected = [expected[0], 128, 128];
            }
            let off = std::array::from_fn::<i32, 3, _>(|i| (at(&pixels, x, y)[i] - expected[i]).abs());
            assert!(off.iter().all(|&off| off <= 4), "{} at {x},{y}: off by {off:?}", format.name);
        }
        pool.put(frame.into_slot());
    }
}

#[test]
fn a_mosaic_becomes_a_picture_as_its_look_says() {
    let mut pool = pool();
    let mut developer = Developer::new(Fixed::new());
    let coding = Coding::Raw { fourcc: *b"RGGB", stride_bytes: WIDTH, is_full_range: true };
    // Red and blue are half and a quarter of green above a black level of 16: grey, with these gains.
    let look = Look { black: 16 << 4, red_q8: 512, blue_q8: 1024, ..Look::default() };
    let meta = Meta { width: WIDTH, height: HEIGHT, coding, look, ..Meta::default() };
    let cell = [16 + 20, 16 + 40, 16 + 40, 16 + 10];
    let bytes: Vec<u8> = (0..WIDTH * HEIGHT).map(|at| cell[(at / WIDTH % 2 * 2 + at % 2) as usize]).collect();
    let mut frame = pool.take(&bytes, meta).expect("room");
    developer.develop(&mut frame, MOMENT).expect("developed");
    let pixels = decoded(frame.as_ref());
    // 40 of 239 steps of light is 0.17, and 0.17 is 0.447 of the screen's range (sRGB).
    let is_grey = |pixel: [i32; 3]| {
        (pixel[0] - 114).abs() <= 3 && (pixel[1] - 128).abs() <= 2 && (pixel[2] - 128).abs() <= 2
    };
    for (x, y) in [(0, 0), (5, 5), (60, 5), (63, 47), (30, 22)] {
        assert!(is_grey(at(&pixels, x, y)), "{:?} at {x},{y}", at(&pixels, x, y));
    }
}

#[test]
fn video_s_range_of_values_is_widened() {
    let mut pool = pool();
    let mut frame = frame(&mut pool, *b"YUYV", false);
    Developer::new(Fixed::new()).develop(&mut frame, MOMENT).expect("developed");
    let pixels = decoded(frame.as_ref());
    // (200 - 16) * 255 / 219 and (50 - 16) * 255 / 219.
    assert!((at(&pixels, 5, 5)[0] - 214).abs() <= 3 && (at(&pixels, 60, 44)[0] - 40).abs() <= 3);
}

#[test]
fn marks_are_in_the_picture_and_it_says_whose() {
    let mut pool = pool();
    let mut settings = Settings::default();
    settings.set("picture.mask1", "50,0 100,0 100,100 50,100").expect("allowed");
    let mut developer = Developer::new(Fixed::new());
    developer.adopt(settings, 7);
    let mut frame = frame(&mut pool, *b"NV12", true);
    developer.develop(&mut frame, MOMENT).expect("developed");
    assert_eq!(frame.meta.marks_of, 7);
    let pixels = decoded(frame.as_ref());
    for (x, y) in [(34, 3), (60, 5), (40, 44), (63, 47)] {
        assert!(at(&pixels, x, y).iter().zip([96, 128, 128]).all(|(is, to_be)| (is - to_be).abs() <= 3));
    }
    assert!((at(&pixels, 5, 5)[0] - 200).abs() <= 3, "the rest stays");
}

#[test]
fn a_frame_without_a_picture_is_refused_with_the_reason_and_stays_as_it_is() {
    let mut pool = pool();
    let mut developer = Developer::new(Fixed::new());
    let coding = |fourcc: &[u8; 4]| Coding::Raw { fourcc: *fourcc, stride_bytes: 64, is_full_range: true };
    for (fourcc, bytes, why) in [
        (b"what", 64 * 48, Undeveloped::Format),
        (b"GREY", 64 * 47, Undeveloped::Damaged(Damage::FrameTooShort)),
        (b"YUYV", 64 * 48, Undeveloped::Damaged(Damage::StrideTooSmall)),
    ] {
        let meta = Meta { width: WIDTH, height: HEIGHT, coding: coding(fourcc), ..Meta::default() };
        let mut frame = pool.take(&vec![9; bytes], meta).expect("room");
        assert_eq!(developer.develop(&mut frame, MOMENT), Err(why));
        assert!(frame.meta == meta && frame.as_ref().iter().all(|&byte| byte == 9));
        pool.put(frame.into_slot());
    }
    let mut frame = pool.take(b"a JPEG", Meta::default()).expect("room");
    assert_eq!(developer.develop(&mut frame, MOMENT), Ok(()));
    assert_eq!(frame.as_ref(), b"a JPEG", "nothing to do");
}

/// An encoder whose pictures are longer than the buffer, above a quality.
struct Long(u8);

impl Encode for Long {
    fn encode(&mut self, _: &mut Picture<'_>, quality: u8, out: &mut [u8]) -> Result<usize, TooLong> {
        assert_eq!(out.len(), FRAME_BYTES_MAX);
        if quality > self.0 { Err(TooLong) } else { Ok(usize::from(quality)) }
    }
}

#[test]
fn a_picture_that_does_not_fit_is_made_coarser_and_then_given_up() {
    let mut pool = pool();
    let mut coarse = frame(&mut pool, *b"GREY", true);
    assert_eq!(Developer::new(Long(40)).develop(&mut coarse, MOMENT), Ok(()));
    assert_eq!(coarse.as_ref().len(), 40);
    let mut none = frame(&mut pool, *b"GREY", true);
    assert_eq!(Developer::new(Long(39)).develop(&mut none, MOMENT), Err(Undeveloped::TooLarge));
    assert_ne!(none.meta.coding, Coding::Jpeg);
}

#[test]
fn the_encoder_says_when_there_is_no_room() {
    let mut pool = pool();
    let frame = frame(&mut pool, *b"YUYV", true);
    let mut darkroom = Box::new(Darkroom::new());
    let mut picture = Picture::of(&frame, &[], &mut darkroom).expect("raw").expect("whole");
    let (mut fixed, mut out) = (Fixed::new(), vec![0; 8000]);
    let bytes = fixed.encode(&mut picture, 80, &mut out).expect("room");
    for room in (0..bytes).step_by(97).chain([bytes - 1]) {
        assert_eq!(fixed.encode(&mut picture, 80, &mut out[..room]), Err(TooLong), "{room} of {bytes}");
    }
    assert_eq!(fixed.encode(&mut picture, 80, &mut out[..bytes]), Ok(bytes));
}

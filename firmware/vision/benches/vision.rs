//! Ours beside the alternative, in one run: JPEG luma against zune-jpeg, raw luma against memcpy, the detector against
//! frame differencing.
//!
//! `cargo bench -p vision`; only the ratios within a run mean something on a shared machine.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]
#[path = "../tests/common/mod.rs"]
mod common;

use common::{Coding, Random, encode, picture};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use vision::luma::{FrameSize, LumaDecoder, RawFormat, RawFrame};
use vision::motion::Detector;
use vision::{PLANE_PX_MAX, PlaneSize};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("luma");
    for (width, height) in [(640, 480), (1280, 720)] {
        let jpeg =
            encode(&picture(width, height, 1), width, height, Coding { quality: 80, ..Coding::default() });
        let name = format!("{width}x{height}, {} KB", jpeg.len() / 1000);
        let (mut decoder, mut plane) = (LumaDecoder::new(), vec![0; PLANE_PX_MAX]);
        group.bench_function(BenchmarkId::new("plane", &name), |b| {
            b.iter(|| decoder.decode(black_box(&jpeg), &mut plane).unwrap());
        });
        let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
        group.bench_function(BenchmarkId::new("zune", &name), |b| {
            b.iter(|| {
                JpegDecoder::new_with_options(ZCursor::new(black_box(&jpeg)), options).decode().unwrap()
            });
        });
    }
}

/// Raw luma beside the physical floor: copying the frame.
fn reduce(c: &mut Criterion) {
    for (width, height) in [(640u16, 480u16), (1280, 720), (1920, 1080)] {
        let mut group = c.benchmark_group(format!("raw {width}x{height}"));
        let size = FrameSize { width, height };
        let mut random = Random::new(7);
        for fourcc in [b"YUYV", b"NV12", b"RG10", b"pRAA"] {
            let format = RawFormat::find(*fourcc).unwrap();
            let stride = format.row_bytes(width);
            let bytes: Vec<u8> = (0..2 * stride * usize::from(height)).map(|_| random.next() as u8).collect();
            let mut plane = vec![0; PLANE_PX_MAX];
            group.bench_function(BenchmarkId::new("plane", format.name), |b| {
                b.iter(|| {
                    RawFrame::new(format, size, stride, black_box(&bytes))
                        .unwrap()
                        .reduce(&mut plane)
                        .unwrap()
                });
            });
        }
        let frame: Vec<u8> = (0..2 * size.width as usize * usize::from(height)).map(|at| at as u8).collect();
        let mut copy = frame.clone();
        group.bench_function("memcpy of the YUYV frame", |b| {
            b.iter(|| copy.copy_from_slice(black_box(&frame)));
        });
    }
}

/// The least that can be done: difference to the last frame, threshold, count.
fn difference(luma: &[u8], last: &mut [u8]) -> u32 {
    let mut changed = 0;
    for (luma, last) in luma.chunks(128).zip(last.chunks_mut(128)) {
        let mut here = 0u8;
        for (&grey, last) in luma.iter().zip(last) {
            here += u8::from(grey.abs_diff(*last) > 20);
            *last = grey;
        }
        changed += u32::from(here);
    }
    changed
}

fn analyse(c: &mut Criterion) {
    let mut group = c.benchmark_group("motion");
    for (width, height) in [(80u16, 60u16), (160, 90), (320, 180)] {
        let size = PlaneSize { width, height };
        let mut random = Random::new(4);
        let frames: Vec<Vec<u8>> = (0..16)
            .map(|n| {
                let mut plane: Vec<u8> = (0..size.pixels()).map(|_| (100 + random.noise(2)) as u8).collect();
                let from = size.pixels() / 2 + 4 * n;
                plane.chunks_exact_mut(width.into()).for_each(|row| row[10 + n..20 + n].fill(180));
                plane[from..from + 40].fill(30);
                plane
            })
            .collect();
        let (mut detector, mut time_us) = (Box::new(Detector::new()), 0);
        group.bench_function(BenchmarkId::new("analyse", format!("{width}x{height}")), |b| {
            b.iter(|| {
                time_us += 40_000;
                let frame = &frames[(time_us / 40_000 % 16) as usize];
                detector.analyse(black_box(frame), size, time_us)
            });
        });
        let (mut last, mut number) = (vec![0; size.pixels()], 0);
        group.bench_function(BenchmarkId::new("difference", format!("{width}x{height}")), |b| {
            b.iter(|| {
                number += 1;
                difference(black_box(&frames[number % 16]), &mut last)
            });
        });
    }
}

criterion_group!(benches, decode, reduce, analyse);
criterion_main!(benches);

//! Pictures, JPEG frames and a random generator that the tests and benches share.
//!
//! Everything is made from seeds; no file is read.
#![allow(dead_code, missing_docs, reason = "each test binary uses a part of it")]

pub mod coefficients;
pub mod made;
pub mod scene;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// xorshift64* (Vigna 2016): small, seeded, good enough to make noise and damage.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }
    /// 0..n, n > 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    /// Roughly normal: sum of four uniform values, standard deviation about `spread`.
    pub fn noise(&mut self, spread: i32) -> i32 {
        let span = (spread * 7 / 4).max(1) as usize;
        (0..4).map(|_| self.below(span) as i32).sum::<i32>() - 2 * (span as i32 - 1)
    }
}

/// How a frame is to be coded.
#[derive(Clone, Copy)]
pub struct Coding {
    pub sampling: Option<SamplingFactor>,
    pub quality: u8,
    pub restart: u16,
    pub progressive: bool,
    pub optimised: bool,
}

impl Default for Coding {
    fn default() -> Self {
        Self {
            sampling: Some(SamplingFactor::F_2_2),
            quality: 85,
            restart: 0,
            progressive: false,
            optimised: false,
        }
    }
}

/// A textured picture with grey values well inside 20..=235, so that no decoder has to clamp.
pub fn picture(width: usize, height: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let (mut rgb, mut block) = (Vec::with_capacity(width * height * 3), vec![0i32; width / 24 + 1]);
    for y in 0..height {
        if y % 24 == 0 {
            block.iter_mut().for_each(|b| *b = random.below(60) as i32);
        }
        for x in 0..width {
            let base = 70 + block[x / 24] + ((x + y) % 40) as i32 + random.noise(4);
            let tint = [0, 6, -6].map(|t| (base + t).clamp(20, 235) as u8);
            rgb.extend_from_slice(&tint);
        }
    }
    rgb
}

/// Encodes RGB (or grey, when `sampling` is none).
pub fn encode(rgb: &[u8], width: usize, height: usize, coding: Coding) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, coding.quality);
    encoder.set_progressive(coding.progressive);
    encoder.set_optimized_huffman_tables(coding.optimised);
    if coding.restart > 0 {
        encoder.set_restart_interval(coding.restart);
    }
    let (w, h) = (width as u16, height as u16);
    if let Some(sampling) = coding.sampling {
        encoder.set_sampling_factor(sampling);
        encoder.encode(rgb, w, h, ColorType::Rgb).unwrap();
    } else {
        let grey: Vec<u8> = rgb.chunks_exact(3).map(|p| p[0]).collect();
        encoder.encode(&grey, w, h, ColorType::Luma).unwrap();
    }
    jpeg
}

/// Removes all segments with this marker that stand before the picture data.
pub fn without_segments(jpeg: &[u8], marker: u8) -> Vec<u8> {
    let (mut out, mut pos) = (jpeg[..2].to_vec(), 2);
    loop {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[pos + 2], jpeg[pos + 3]]));
        if jpeg[pos + 1] == 0xDA {
            out.extend_from_slice(&jpeg[pos..]);
            return out;
        }
        if jpeg[pos + 1] != marker {
            out.extend_from_slice(&jpeg[pos..pos + length]);
        }
        pos += length;
    }
}

/// Position of the first segment with this marker.
pub fn segment_at(jpeg: &[u8], marker: u8) -> usize {
    let mut pos = 2;
    while jpeg[pos + 1] != marker {
        pos += 2 + usize::from(u16::from_be_bytes([jpeg[pos + 2], jpeg[pos + 3]]));
    }
    pos
}

/// Damages a frame in one of six ways.
pub fn mutate(jpeg: &mut Vec<u8>, random: &mut Random) {
    if jpeg.len() < 4 {
        return;
    }
    let at = random.below(jpeg.len());
    match random.below(6) {
        0 => jpeg[at] = random.next() as u8,
        1 => jpeg[at] ^= 1 << random.below(8),
        2 => drop(jpeg.drain(at..(at + 1 + random.below(64)).min(jpeg.len()))),
        3 => jpeg.insert(at, random.next() as u8),
        4 => jpeg[at] = 0xFF,
        _ => {
            let (from, to) = (random.below(jpeg.len()), at);
            let bytes = 32.min(jpeg.len() - from.max(to));
            jpeg.copy_within(from..from + bytes, to);
        }
    }
}

//! Memory against seconds of pre-roll: the real pool and pre-roll, filled with real 720p JPEG frames as motion does it.
//!
//! Prints the table of BENCHMARKS.md, and holds what does not depend on a machine: capture is never refused a frame, memory stays within the ring's, and
//! what does not fit shortens the pre-roll. Must not need a card or a camera.

use super::RING_BYTES;
use super::backlog::Backlog;
use super::preroll::PreRoll;
use crate::ring::{Meta, Pool, SLOTS, channel};

const WIDTH: u16 = 1280;
const HEIGHT: u16 = 720;
const FPS: u64 = 15;
const SECONDS: [u64; 4] = [1, 5, 10, 20];
/// From a thrifty camera to one that delivers far more than webcams do.
const QUALITIES: [u8; 5] = [50, 75, 85, 92, 97];
/// What 10 s at 15 frames a second may be to be kept whole: three quarters of 32 MiB by 151 frames, rounded down.
const WHOLE_FRAME_BYTES_MAX: usize = 160 * 1024;

/// A textured picture with a sensor's noise.
fn picture(quality: u8, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..u32::from(HEIGHT) {
        for x in 0..u32::from(WIDTH) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 29) as u8;
            let bricks = if (x / 40 + y / 24) % 2 == 0 { 30 } else { 0 };
            let light = ((x * 90 / u32::from(WIDTH)) + (y * 60 / u32::from(HEIGHT))) as u8;
            pixels.extend([40 + light + bricks + noise, 50 + light + noise, 60 + light / 2 + bricks + noise]);
        }
    }
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    encoder.encode(&pixels, WIDTH, HEIGHT, jpeg_encoder::ColorType::Rgb).expect("encodes");
    bytes
}

/// What a pre-roll came to.
struct Held {
    /// From its oldest frame to its newest.
    length_us: u64,
    frames: usize,
    bytes: usize,
    /// Given by the kernel for it and for the frame in hand.
    touched: usize,
}

/// Twice as long as the pre-roll shall be, frames come and what is surplus goes, as motion does it.
fn fill(pool: &mut Pool, frames: &[Vec<u8>], seconds: u64) -> Held {
    let (mut pre_roll, backlog) = (PreRoll::default(), Backlog::default());
    let (mut count, mut bytes) = (0, 0);
    for number in 0..2 * seconds * FPS {
        let picture = &frames[number as usize % frames.len()];
        let meta = Meta { timestamp_us: number * 1_000_000 / FPS, ..Meta::default() };
        let frame = pool.take(picture, meta).unwrap_or_else(|why| panic!("capture is refused: {why:?}"));
        (count, bytes) = (count + 1, bytes + picture.len());
        assert!(pre_roll.push(frame).is_ok());
        let (frames_max, bytes_max) = backlog.room();
        while let Some(old) = pre_roll.pop_surplus(seconds * 1_000_000, frames_max, bytes_max) {
            (count, bytes) = (count - 1, bytes - old.as_ref().len());
            pool.put(old.into_slot());
        }
    }
    let held = Held { length_us: pre_roll.length_us(), frames: count, bytes, touched: pool.touched_bytes() };
    while let Some(frame) = pre_roll.pop() {
        pool.put(frame.into_slot());
    }
    held
}

#[test]
fn a_pre_roll_that_does_not_fit_is_shorter_and_capture_is_never_refused() {
    println!("| frames of | 1 s | 5 s | 10 s | 20 s |");
    for quality in QUALITIES {
        let frames: Vec<_> = (0..5).map(|seed| picture(quality, seed)).collect();
        let mean = frames.iter().map(Vec::len).sum::<usize>() / frames.len();
        let (_a, skipped) = channel().expect("eventfd");
        let (_b, written) = channel().expect("eventfd");
        // The longer ones last: what a shorter one took is taken again.
        let mut pool = Pool::new(SLOTS, RING_BYTES, [skipped, written]);
        let mut row = format!("| {} KiB (quality {quality}) |", mean >> 10);
        for seconds in SECONDS {
            let held = fill(&mut pool, &frames, seconds);
            assert!(held.touched <= RING_BYTES, "{} bytes", held.touched);
            assert!(held.frames > 0 && held.bytes <= RING_BYTES / 4 * 3);
            // To the frame's own time.
            let is_whole = held.length_us + 1_000_000 / FPS > seconds * 1_000_000;
            assert!(
                is_whole || (held.bytes + mean + mean / 8) > RING_BYTES / 4 * 3,
                "shorter than it could be"
            );
            if seconds <= 10 && mean <= WHOLE_FRAME_BYTES_MAX {
                assert!(is_whole, "{seconds} s of {mean} bytes a frame fit");
            }
            let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
            let cut = if is_whole {
                String::new()
            } else {
                format!(", {:.1} s of it", held.length_us as f64 / 1e6)
            };
            row += &format!(" {:.1} MiB{cut} |", mib(held.touched));
        }
        println!("{row}");
    }
}

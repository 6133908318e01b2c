//! The detector's work alone, on planes of any size, with any number of zones.
//!
//! The planes are made before: still textured ground under noise, and two things that walk to and fro, each the same share of the
//! picture whatever its size, so that sizes can be held against each other. Must not judge what the detector says.
use std::hint::black_box;

use super::{Cost, quickest};
use vision::motion::{Config, Detector, Point, Polygon, Sensitivity, Use, Zone};
use vision::{PLANE_PX_MAX, PlaneSize};

/// Frames of a pass, at 25 a second.
const FRAMES: usize = 64;
const FRAME_US: u64 = 40_000;

/// Analyses the frames of a pass, so many times. The first pass learns the scene.
pub fn run((width, height): (u16, u16), zones: usize, passes: u64) -> Result<Cost, String> {
    let size = PlaneSize { width, height };
    if size.pixels() == 0 || size.pixels() > PLANE_PX_MAX {
        return Err(format!("a plane of {width}x{height} is not looked at."));
    }
    let frames = frames(size);
    let mut detector = Box::new(Detector::new());
    let zones: Option<Vec<Zone>> = (0..zones).map(|number| zone(number as u16)).collect();
    let config = zones.and_then(|zones| Config::DEFAULT.with_zones(&zones)).ok_or("at most 8 zones")?;
    detector.configure(config);
    let mut now_us = 0;
    let pass_ns = quickest(passes, || {
        for plane in &frames {
            now_us += FRAME_US;
            black_box(detector.analyse(black_box(plane), size, now_us));
        }
        Ok(())
    })?;
    Ok((frames.len(), pass_ns))
}

/// What the detector needs of memory.
pub fn state() -> String {
    let bytes = size_of::<Detector>();
    let hundredths = bytes * 100 / PLANE_PX_MAX;
    format!("{bytes} bytes, {}.{:02} for each pixel of the largest plane", hundredths / 100, hundredths % 100)
}

/// Three quarters of the picture, each zone a little further right.
fn zone(number: u16) -> Option<Zone> {
    let left = number * 300;
    let corners =
        [(left, 0), (left + 7500, 0), (left + 7500, 10_000), (left, 10_000)].map(|(x, y)| Point { x, y });
    let kind = Use::Include { sensitivity: Sensitivity::DEFAULT, blob_ppm_min: None };
    Some(Zone { polygon: Polygon::new(&corners)?, kind })
}

fn frames(size: PlaneSize) -> Vec<Vec<u8>> {
    let (width, height) = (usize::from(size.width), usize::from(size.height));
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 24
    };
    let texture: Vec<u32> = (0..64).map(|_| random() % 40).collect();
    let frame = |number: usize| {
        // There and back again in a pass.
        let way = number.min(FRAMES - number);
        let things = [
            (width * (10 + way) / 100, height * 40 / 100, width / 14, height / 6),
            (width * (80 - way) / 100, height * 70 / 100, width / 20, height / 5),
        ];
        let mut pixel = |at: usize| {
            let (x, y) = (at % width, at / width);
            let on = |&&(left, top, wide, high): &&(usize, usize, usize, usize)| {
                (left..left + wide).contains(&x) && (top..top + high).contains(&y)
            };
            let noise = (random() + random() + random()) % 256 / 43;
            let grey = match things.iter().find(on) {
                Some((left, ..)) => 30 + (left + x * 7 + y * 5) as u32 % 13,
                None => 80 + texture[y * 8 / height * 8 + x * 8 / width] + (x * 5 / 4 + y) as u32 % 11,
            };
            (grey + noise) as u8
        };
        (0..width * height).map(&mut pixel).collect()
    };
    (0..FRAMES).map(frame).collect()
}

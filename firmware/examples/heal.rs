//! Looks at one JPEG picture as capture does, for `cost/heal.sh` to measure.
//!
//! Arguments: a file with a picture, passes, and whether each is the first of a stream (`first`) or a later one (`later`).

use firmware::camera::heal::Healer;
use std::error::Error;
use std::hint::black_box;

/// After so many frames only one in 64 is searched for its end.
const FRAMES_BEFORE: u32 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, passes, kind] = arguments.as_slice() else { return Err("FILE PASSES first|later".into()) };
    let picture = std::fs::read(file)?;
    let (mut healer, mut parts) = (Healer::default(), 0);
    (0..FRAMES_BEFORE).for_each(|_| parts = healer.heal(&picture).map_or(0, |parts| parts.len()));
    for _ in 0..passes.parse::<u32>()? {
        if kind == "first" {
            healer = Healer::default();
        }
        parts = healer.heal(black_box(&picture)).map_or(0, |parts| parts.len());
    }
    println!("{parts} parts, {} bytes", picture.len());
    Ok(())
}

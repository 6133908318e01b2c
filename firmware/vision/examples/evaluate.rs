//! Prints the detector's verdict on every frame of a raw MJPEG file.
//!
//! `ffmpeg -i clip.mp4 -c:v mjpeg -q:v 4 -pix_fmt yuvj420p -fps_mode passthrough -f mjpeg clip.mjpeg`, then
//! `evaluate clip.mjpeg [frames-per-second [sensitivity]]`: a line per frame with its number from 0, time in seconds,
//! decision, changes, blob and region in plane pixels. A file of concatenated JPEGs has no timestamps, so the rate is
//! given (default 25).
use std::process::ExitCode;
use vision::PLANE_PX_MAX;
use vision::luma::LumaDecoder;
use vision::motion::{Detector, Sensitivity};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| arguments.get(at).map_or(Some(default), |text| text.parse().ok());
    let sensitivity = number(2, 50).and_then(|n| Sensitivity::new(u8::try_from(n).ok()?));
    let (Some(path), Some(fps @ 1..), Some(sensitivity)) = (arguments.first(), number(1, 25), sensitivity)
    else {
        eprintln!("usage: evaluate FILE.mjpeg [FRAMES-PER-SECOND [SENSITIVITY 1..100]]");
        return ExitCode::FAILURE;
    };
    match std::fs::read(path) {
        Ok(stream) => {
            evaluate(&stream, fps, sensitivity);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path} cannot be read: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn evaluate(stream: &[u8], fps: u64, sensitivity: Sensitivity) {
    let (mut decoder, mut detector) = (LumaDecoder::new(), Box::new(Detector::new()));
    let mut plane = vec![0; PLANE_PX_MAX];
    detector.configure(sensitivity);
    for (number, jpeg) in (0u64..).zip(frames(stream)) {
        let time_us = number * 1_000_000 / fps;
        let time = format!("{number:5} {:8.2}", time_us as f64 / 1e6);
        match decoder.decode(jpeg, &mut plane) {
            Err(damage) => println!("{time} {damage}"),
            Ok(size) => {
                let verdict = detector.analyse(&plane[..size.pixels()], size, time_us);
                let region =
                    verdict.region.map_or(String::new(), |r| format!("{},{},{},{}", r.x1, r.y1, r.x2, r.y2));
                let decision = format!("{:?}", verdict.decision);
                println!("{time} {decision:11} {:6} {:6} {region}", verdict.changes, verdict.blob_px);
            }
        }
    }
}

/// Cuts a stream at each start-of-image marker that follows an end-of-image marker.
fn frames(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let cut = rest.windows(4).position(|w| w == [0xFF, 0xD9, 0xFF, 0xD8]).map_or(rest.len(), |at| at + 2);
        let (frame, tail) = rest.split_at(cut);
        rest = tail;
        (!frame.is_empty()).then_some(frame)
    })
}

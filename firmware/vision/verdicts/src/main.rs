//! Prints every verdict on generated scenes, a line each, with a hash of the frame's and of the plane's bytes.
//!
//! Built for several CPUs it must print the same on all: tests/build/determinism.rs holds them against each other. The first
//! thing in a line that differs says who is to blame: the scene or the encoder, the decoder, or the detector. Must not judge.
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::process::ExitCode;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use scenes::Picture;
use vision::PLANE_PX_MAX;
use vision::luma::{FrameSize, LumaDecoder, RawFormat, RawFrame};
use vision::motion::{Config, Detector, Perspective, Point, Polygon, Sensitivity, Use, Verdict, Zone};

/// Pictures of this size give a plane of 160 x 90 when they come raw, and one of 40 x 22, the small kind, as JPEG.
const PICTURE: (usize, usize) = (320, 180);

const USAGE: &str = "usage: verdicts SECONDS SCENE ...   (each scene's first SECONDS, raw and as JPEG)";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok());
    let names: Vec<String> = arguments.collect();
    let (Some(seconds), false) = (seconds, names.is_empty()) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let mut text = String::new();
    for (number, name) in names.iter().enumerate() {
        let format = [*b"YUYV", *b"NV12", *b"GREY", *b"RG10", *b"pRAA"][number % 5];
        if let Err(reason) = watch(name, seconds, format, &mut text) {
            eprintln!("verdicts: {name}: {reason}");
            return ExitCode::FAILURE;
        }
    }
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Anything that keeps a scene from being judged.
type Failure = Box<dyn std::error::Error>;

/// A scene, each frame uncompressed and as JPEG, to two detectors: the first at the default, the second with zones.
fn watch(name: &str, seconds: u32, fourcc: [u8; 4], text: &mut String) -> Result<(), Failure> {
    let format = RawFormat::find(fourcc).ok_or("there is no such format")?;
    let scene = scenes::find(name).ok_or("there is no such scene")?;
    let (mut player, mut picture) = (scene.play(PICTURE.0, PICTURE.1, 1).seconds(seconds), Picture::new());
    let size = FrameSize { width: u16::try_from(PICTURE.0)?, height: u16::try_from(PICTURE.1)? };
    let (mut of_raw, mut of_jpeg) = (Box::new(Detector::new()), Box::new(Detector::new()));
    of_jpeg.configure(settings().ok_or("these zones are no zones")?);
    let (mut decoder, mut plane) = (Box::new(LumaDecoder::new()), vec![0; PLANE_PX_MAX]);
    while let Some(truth) = player.next_frame(&mut picture) {
        let now_us = truth.timestamp_us;
        let bytes = uncompressed(&picture, fourcc);
        let of_plane =
            RawFrame::new(format, size, format.row_bytes(size.width), &bytes)?.reduce(&mut plane)?;
        let luma = &plane[..of_plane.pixels()];
        let verdict = of_raw.analyse(luma, of_plane, now_us);
        tell(text, &format!("{name} {} {now_us}", format.name), &bytes, luma, &verdict)?;

        let bytes = encoded(&picture)?;
        let of_plane = decoder.decode(&bytes, &mut plane)?;
        let luma = &plane[..of_plane.pixels()];
        let verdict = of_jpeg.analyse(luma, of_plane, now_us);
        tell(text, &format!("{name} JPEG {now_us}"), &bytes, luma, &verdict)?;
    }
    Ok(())
}

fn tell(text: &mut String, which: &str, bytes: &[u8], luma: &[u8], verdict: &Verdict) -> fmt::Result {
    writeln!(text, "{which}: frame {:016x}, plane {:016x}, {verdict:?}", hash(bytes), hash(luma))
}

/// FNV-1a: enough to see that bytes are the same.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A frame of this format with the picture's luma; what the format has more of is made from it.
fn uncompressed(picture: &Picture, fourcc: [u8; 4]) -> Vec<u8> {
    let luma = &picture.luma;
    match &fourcc {
        b"YUYV" => luma.iter().flat_map(|&grey| [grey, 128]).collect(),
        b"NV12" => luma.iter().chain(&vec![128; luma.len() / 2]).copied().collect(),
        b"RG10" => luma.iter().flat_map(|&grey| (u16::from(grey) << 2 | 1).to_le_bytes()).collect(),
        // Four pixels in five bytes, the last of them their lowest bits.
        b"pRAA" => luma.chunks(4).flat_map(|four| four.iter().copied().chain([0x1b])).collect(),
        _ => luma.clone(),
    }
}

fn encoded(picture: &Picture) -> Result<Vec<u8>, Failure> {
    let (width, height) = (u16::try_from(picture.width)?, u16::try_from(picture.height)?);
    let mut pixels = Vec::new();
    picture.interleave(&mut pixels);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&pixels, width, height, ColorType::Ycbcr)?;
    Ok(jpeg)
}

/// Two zones that overlap and one that counts nowhere; far things may be smaller.
fn settings() -> Option<Config> {
    let polygon = |corners: &[(u16, u16)]| {
        let points: Vec<Point> = corners.iter().map(|&(x, y)| Point { x, y }).collect();
        Polygon::new(&points)
    };
    let include =
        |value, blob_ppm_min| Some(Use::Include { sensitivity: Sensitivity::new(value)?, blob_ppm_min });
    let zones = [
        Zone {
            polygon: polygon(&[(0, 0), (6000, 700), (5000, 10_000), (0, 9000)])?,
            kind: include(70, None)?,
        },
        Zone {
            polygon: polygon(&[(2000, 3333), (10_000, 3000), (9999, 10_000)])?,
            kind: include(50, Some(900))?,
        },
        Zone { polygon: polygon(&[(0, 0), (10_000, 0), (10_000, 777)])?, kind: Use::Exclude },
    ];
    let mut config = Config::DEFAULT.with_zones(&zones)?;
    config.perspective = Perspective { top_percent: 35, bottom_percent: 130 };
    Some(config)
}

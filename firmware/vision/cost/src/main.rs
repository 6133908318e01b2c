//! Does one piece of luma, splice or detector work a given number of times, so that it can be counted.
//!
//! Run by `mjpeg.sh`, `splice.sh`, `scaling.sh` and `arm.sh` under callgrind and QEMU: what two runs differ by is the cost of the passes that one has
//! more, without that of starting. Prints the time per frame of the quickest pass as well: other processes only add to it. Must
//! not judge or compare.
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;
mod detect;
mod splice;

use vision::PLANE_PX_MAX;
use vision::bayer::{Balance, Exposure, Grid, Limits, Look};
use vision::luma::{FrameSize, INDEX_BYTES_MAX, LumaDecoder, RawFormat, RawFrame};

const USAGE: &str = "usage: luma-cost mjpeg|mjpeg-index FILE PASSES | splice FILE none|text-16|text-20|box|mask|both index|walk PASSES | raw FOURCC WIDTHxHEIGHT PASSES | expose FOURCC WIDTHxHEIGHT PASSES | memcpy BYTES PASSES \
                     | detect WIDTHxHEIGHT ZONES PASSES | state";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["mjpeg", path, passes] => number(passes).and_then(|passes| mjpeg(path, false, passes)),
        ["mjpeg-index", path, passes] => number(passes).and_then(|passes| mjpeg(path, true, passes)),
        ["splice", path, set, way, passes] => {
            number(passes).and_then(|passes| splice::run(path, set, way, passes))
        }
        ["raw", fourcc, size, passes] => number(passes).and_then(|passes| raw(fourcc, size, passes)),
        ["expose", fourcc, size, passes] => number(passes).and_then(|passes| expose(fourcc, size, passes)),
        ["memcpy", bytes, passes] => number(passes).and_then(|passes| copy(number(bytes)?, passes)),
        ["detect", size, zones, passes] => number(passes)
            .and_then(|passes| Ok((passes, side_by_side(size)?, number(zones)?)))
            .and_then(|(passes, size, zones)| detect::run(size, zones as usize, passes)),
        ["state"] => {
            println!("{}", detect::state());
            return ExitCode::SUCCESS;
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok((frames, pass_ns)) => {
            println!("{frames} frames, {} ns each", pass_ns / frames.max(1) as u128);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("luma-cost: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Frames of a pass and the nanoseconds of the quickest one.
type Cost = (usize, u128);

fn quickest(passes: u64, mut pass: impl FnMut() -> Result<(), String>) -> Result<u128, String> {
    let mut best_ns = u128::MAX;
    for _ in 0..passes {
        let start = Instant::now();
        pass()?;
        best_ns = best_ns.min(start.elapsed().as_nanos());
    }
    Ok(best_ns)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number. {USAGE}"))
}

/// `WIDTHxHEIGHT`.
fn side_by_side(size: &str) -> Result<(u16, u16), String> {
    let (width, height) = size.split_once('x').ok_or(USAGE)?;
    let side = |text: &str| text.parse::<u16>().map_err(|_| format!("`{size}` is not a size. {USAGE}"));
    Ok((side(width)?, side(height)?))
}

fn mjpeg(path: &str, with_index: bool, passes: u64) -> Result<Cost, String> {
    let stream = std::fs::read(path).map_err(|error| format!("{path} cannot be read: {error}."))?;
    let frames: Vec<&[u8]> = frames(&stream).collect();
    let (mut decoder, mut plane) = (Box::new(LumaDecoder::new()), vec![0; PLANE_PX_MAX]);
    let mut index = vec![0; INDEX_BYTES_MAX];
    let pass_ns = quickest(passes, || {
        for (number, jpeg) in frames.iter().enumerate() {
            let decoded = if with_index {
                decoder.decode_with_index(black_box(jpeg), &mut plane, &mut index).map(|(size, _)| size)
            } else {
                decoder.decode(black_box(jpeg), &mut plane)
            };
            decoded.map_err(|damage| format!("{path}, frame {number}: {damage}"))?;
            black_box(&mut plane);
        }
        Ok(())
    })?;
    Ok((frames.len(), pass_ns))
}

fn raw(fourcc: &str, size: &str, passes: u64) -> Result<Cost, String> {
    let format = format_called(fourcc)?;
    let (width, height) = side_by_side(size)?;
    let size = FrameSize { width, height };
    let stride = format.row_bytes(size.width);
    // Two strides a row are enough for the chroma of every format.
    let bytes: Vec<u8> = (0..2 * stride * usize::from(size.height)).map(|at| (at * 7 / 5) as u8).collect();
    let mut plane = vec![0; PLANE_PX_MAX];
    let pass_ns = quickest(passes, || {
        RawFrame::new(format, size, stride, black_box(&bytes))
            .and_then(|frame| frame.reduce(&mut plane))
            .map_err(|damage| damage.to_string())?;
        black_box(&mut plane);
        Ok(())
    })?;
    Ok((1, pass_ns))
}

fn format_called(fourcc: &str) -> Result<&'static RawFormat, String> {
    let found = fourcc.as_bytes().try_into().ok().and_then(RawFormat::find);
    found.ok_or_else(|| format!("`{fourcc}` is not a format that is read."))
}

/// Exposure and white balance of a mosaic.
fn expose(fourcc: &str, size: &str, passes: u64) -> Result<Cost, String> {
    let format = format_called(fourcc)?;
    let (width, height) = side_by_side(size)?;
    let size = FrameSize { width, height };
    let stride = format.row_bytes(size.width);
    let bytes: Vec<u8> = (0..stride * usize::from(size.height)).map(|at| (at * 7 / 5) as u8).collect();
    let limits = Limits {
        line_ns: 18_900,
        lines_min: 4,
        lines_max: 1_760,
        gain_max_q8: 2_560,
        flash_us: Some(10_000),
    };
    let (mut exposure, mut balance) = (Exposure::new(limits), Balance::new(256, 256));
    let pass_ns = quickest(passes, || {
        let frame =
            RawFrame::new(format, size, stride, black_box(&bytes)).map_err(|damage| damage.to_string())?;
        let seen = Grid.measure(&frame, &Look::default()).ok_or("no mosaic")?;
        balance.look(&seen);
        black_box(exposure.look(&seen));
        Ok(())
    })?;
    Ok((1, pass_ns))
}

fn copy(bytes: u64, passes: u64) -> Result<Cost, String> {
    let from = vec![7u8; bytes as usize];
    let mut to = vec![0u8; from.len()];
    let pass_ns = quickest(passes, || {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
        Ok(())
    })?;
    Ok((1, pass_ns))
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

//! The kernel's test camera: every raw format by its colours, every failure of a driver. Needs a kernel of its own.
//!
//! What the right colours are is known from the kernel's source (`tests::vivid`), what went wrong from the button that was pressed.

use std::path::Path;
use tests::clip::Clip;
use tests::vivid::{BARS, COLOURS, MODEL, bars, grey};
use tests::{CardImage, Failure, Ledger, Outcome, Rig, report};

/// The camera's pictures: its smallest, which an emulated processor has time to encode.
const WIDTH: usize = 320;
const HEIGHT: usize = 180;
/// Those that must be among what it offers and we read, lest nothing is shown.
const FORMATS: [&str; 6] = ["YUYV", "UYVY", "NV12", "NV21", "YU12", "GREY"];
const GREY: &str = "GREY";
/// How far a colour may be from the right one after the encoder has had it: a wrong range is 16 away, a wrong colour 100 and more.
const TOLERANCE: u8 = 6;
/// The camera's control `quantization`: what the driver says of its values, and does.
const FULL_RANGE: u32 = 1;
const LIMITED_RANGE: u32 = 2;
/// The control `horizontal_movement`.
const MOVES_RIGHT: &str = "horizontal_movement 4";
/// What the detector says of a thing that moves.
const MOVES: &str = "persists and moves";
/// How often it must not say so, and frames between two looks.
const LOOKS_AT_REST: u32 = 6;
const FRAMES_PER_LOOK: u64 = 8;
/// Frames of bars that stand still, before they move: a pre-roll and what the detector needs.
const STILL_FRAMES: u64 = 90;

fn set(rig: &mut Rig, setting: &str, value: &str) -> Outcome {
    let said = rig.serial.command(&format!("set {setting} {value}"))?;
    assert!(said.contains("In force."), "{setting} {value}: {said}");
    Ok(())
}

/// A machine with this camera, which streams small pictures of bars.
fn boot() -> Result<Rig, Failure> {
    let mut rig = Rig::boot_with_test_camera()?;
    rig.streams()?;
    set(&mut rig, "camera.controls", BARS)?;
    // An event goes on until it is ended by `armed`, however the detector takes the bars.
    let settings = [("armed", "false"), ("record.pre_ms", "4000"), ("record.post_ms", "60000")];
    for (setting, value) in settings.into_iter().chain([("motion.tamper", "off")]) {
        set(&mut rig, setting, value)?;
    }
    set(&mut rig, "camera.size", &format!("{WIDTH}x{HEIGHT}"))?;
    rig.serial.expect(&format!("camera: {MODEL} streams {WIDTH}x{HEIGHT} "))?;
    Ok(rig)
}

/// The bars stand still, and then move: the event of that number, of so many frames at the least. Before and after it nothing counts: each
/// stream begins with the bars where they were at first, and that is motion too.
fn event(rig: &mut Rig, number: u32, controls: &str, frames: u64) -> Outcome {
    rig.frames_captured(STILL_FRAMES)?;
    bars_rest(rig)?;
    set(rig, "armed", "true")?;
    set(rig, "camera.controls", &format!("{controls} {MOVES_RIGHT}"))?;
    rig.was_said(&format!("event {number}: motion at "))?;
    rig.frames_captured(frames)?;
    set(rig, "armed", "false")?;
    set(rig, "camera.controls", controls)?;
    rig.was_said(&format!("event {number}: over after "))?;
    let clips = usize::try_from(number)?;
    rig.until("its clip", |rig| Ok(rig.serial.transcript().matches(".mp4: ").count() == clips))
}

/// Waits until nothing moves any more, as far as the detector says, for some seconds.
fn bars_rest(rig: &mut Rig) -> Outcome {
    rig.settle()?;
    let mut looks = 0;
    rig.until("bars at rest", |rig| {
        rig.frames_captured(FRAMES_PER_LOOK)?;
        let status = rig.serial.command("status")?;
        let moves = status.lines().any(|line| line.starts_with("motion") && line.contains(MOVES));
        looks = if moves { 0 } else { looks + 1 };
        Ok(looks >= LOOKS_AT_REST)
    })
}

/// The formats that `cameras` offers, in its order.
fn offered(rig: &mut Rig) -> Result<Vec<String>, Failure> {
    let listed = rig.serial.command("cameras")?;
    let size = format!("{WIDTH}x{HEIGHT}");
    let mut formats: Vec<String> = Vec::new();
    for line in listed.lines().filter(|line| line.contains(&size)) {
        let name = line.split_whitespace().next().unwrap_or_default();
        if !formats.iter().any(|known| known == name) {
            formats.push(name.to_owned());
        }
    }
    for format in FORMATS {
        assert!(formats.iter().any(|known| known == format), "{format} is not among {formats:?}: {listed}");
    }
    Ok(formats)
}

/// VV1, VV2: each raw format is chosen by its name, watched and recorded in the right colours, in the range of values that the driver says.
#[test]
fn every_raw_format_has_its_colours_and_its_motion() -> Outcome {
    let mut rig = boot()?;
    let mut shown: Vec<(String, u32)> =
        offered(&mut rig)?.into_iter().map(|name| (name, LIMITED_RANGE)).collect();
    // Its grey has one range only.
    shown.iter_mut().filter(|(name, _)| name == GREY).for_each(|(_, range)| *range = FULL_RANGE);
    shown.push(("YUYV".to_owned(), FULL_RANGE));
    for (number, (name, range)) in (1..).zip(&shown) {
        let bars = format!("{BARS} quantization {range}");
        set(&mut rig, "camera.controls", &bars)?;
        // What the driver says of its values is read when the stream begins.
        set(&mut rig, "camera.format", &name.to_lowercase())?;
        rig.serial.expect(&format!("camera: {MODEL} streams {WIDTH}x{HEIGHT} {name} at 15 frames/s"))?;
        event(&mut rig, number, &bars, 1)?;
    }
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger of every raw format", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    // A busy host may leave the guest no time; nothing else may be lost.
    assert!(ledger.losses.iter().all(|(why, _)| why == "no time"), "{ledger:?}");
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    assert_eq!(clips.len(), shown.len(), "a clip of each: {clips:?}");
    for (path, (name, range)) in clips.iter().zip(&shown) {
        judge_colours(path, name).map_err(|error| format!("{name}, range {range}: {error}"))?;
    }
    Ok(())
}

/// The bars of a clip's first picture, before anything moved, are the camera's.
fn judge_colours(path: &Path, format: &str) -> Outcome {
    let clip = Clip::probe(path)?;
    assert_eq!((clip.codec.as_str(), clip.width, clip.height), ("mjpeg", WIDTH as u64, HEIGHT as u64));
    let frames = Clip::colour_frames(path)?;
    let found = bars(&frames[..WIDTH * HEIGHT * 3], WIDTH);
    report::figure(&format!("bars in {format}"), format!("{found:?}"));
    for (found, right) in found.iter().zip(COLOURS) {
        let right = if format == GREY { grey(right) } else { right };
        let is_right = found.iter().zip(right).all(|(a, b)| a.abs_diff(b) <= TOLERANCE);
        if !is_right {
            return Err(format!("{found:?} instead of {right:?}").into());
        }
    }
    let moves = frames.chunks_exact(WIDTH * HEIGHT * 3).any(|frame| bars(frame, WIDTH) != found);
    assert!(moves, "what moved is in the clip");
    Ok(())
}

/// A way in which the driver fails, once, and what is told of it.
struct Fault {
    /// The button that makes it fail.
    button: &'static str,
    /// Whether that happens when a stream begins; otherwise at once.
    at_start: bool,
    /// What the console says.
    told: &'static str,
}

const FAULTS: [Fault; 5] = [
    Fault {
        button: "Inject Fatal Streaming Error",
        at_start: false,
        told: "camera: the camera fails (I/O error); it is started again",
    },
    Fault {
        button: "Inject VIDIOC_QBUF Error",
        at_start: false,
        told: "camera: the camera fails (Invalid argument); it is started again",
    },
    Fault { button: "Disconnect", at_start: false, told: "camera: the camera is gone (No such device)" },
    Fault { button: "Inject VIDIOC_REQBUFS Error", at_start: true, told: REFUSED },
    Fault { button: "Inject VIDIOC_STREAMON Error", at_start: true, told: REFUSED },
];

/// Of a stream that does not begin.
const REFUSED: &str = "camera: the camera `vivid` refused to stream: Invalid argument";

/// VV3, VV4, VV5, VV6, VV7: whatever the driver does to a stream is told by its name, the camera is started again by itself, and every frame that it
/// gave is in the ledger: damaged ones as such, dropped ones as missed.
#[test]
fn whatever_the_driver_does_is_told_and_the_camera_starts_again() -> Outcome {
    let mut rig = boot()?;
    let mut fps = 15;
    for fault in FAULTS {
        rig.frames_captured(15)?;
        press(&mut rig, fault.button)?;
        if fault.at_start {
            fps = other_rate(&mut rig, fps)?;
        }
        rig.serial.expect(fault.told)?;
        rig.serial.expect(&format!("camera: {MODEL} streams {WIDTH}x{HEIGHT} YUYV at {fps} frames/s"))?;
        rig.frames_captured(15)?;
        let ledger = rig.ledger()?;
        assert!(ledger.balances() && dropped_by_driver(&ledger) == 0, "{}: {ledger:?}", fault.button);
    }
    for times in 1..=5 {
        press(&mut rig, "Inject V4L2_BUF_FLAG_ERROR")?;
        rig.until("a frame with an error", |rig| Ok(rig.ledger()?.lost("error flag") == times))?;
    }
    let before = rig.missed()?;
    set(&mut rig, "camera.controls", &format!("{BARS} percentage_of_dropped_buffers 50"))?;
    rig.until("frames that the driver drops", |rig| Ok(rig.missed()? > before + 15))?;
    set(&mut rig, "camera.controls", BARS)?;
    let ledger = rig.ledger()?;
    assert!(ledger.balances() && dropped_by_driver(&ledger) == 5, "{ledger:?}");
    numbers_and_times_wrap(&mut rig, fps)?;

    let status = rig.serial.command("status")?;
    assert!(status.contains("guard running, console running, screen running\n"), "{status}");
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger of a driver that fails", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    assert!(ledger.lost("error flag") == 5 && dropped_by_driver(&ledger) == 5, "{ledger:?}");
    let mut recorded = 0;
    for path in CardImage::new(&folder.path().join("card.img")).clips(folder.path())? {
        let clip = Clip::probe(&path)?;
        recorded += clip.times_s.len() as u64;
        assert!(clip.times_s.windows(2).all(|w| w[0] < w[1]), "times rise: {:?}", clip.times_s);
        // Pre-roll, motion, post-roll: seconds, whatever the driver says of its time.
        let length_s = clip.times_s.last().unwrap_or(&0.0) - clip.times_s.first().unwrap_or(&0.0);
        assert!(length_s < 60.0, "{length_s} s");
    }
    assert_eq!(recorded, ledger.recorded, "frames in the clips and in the ledger");
    Ok(())
}

/// Without those that a busy host left the guest no time for.
fn dropped_by_driver(ledger: &Ledger) -> u64 {
    ledger.dropped - ledger.lost("no time")
}

fn press(rig: &mut Rig, button: &str) -> Outcome {
    let said = rig.serial.command(&format!("test-button {button}"))?;
    assert!(said.contains("Pressed."), "{button}: {said}");
    Ok(())
}

/// Another rate than this one: the stream begins anew.
fn other_rate(rig: &mut Rig, fps: u32) -> Result<u32, Failure> {
    let other = if fps == 15 { 10 } else { 15 };
    set(rig, "camera.fps", &other.to_string())?;
    Ok(other)
}

/// VV7: the numbers of frames wrap around while it streams, and their times are none of our clock's and wrap around: no frame counts as missed for
/// it, and an event begins, ends and makes a clip as always.
fn numbers_and_times_wrap(rig: &mut Rig, mut fps: u32) -> Outcome {
    for (number, wraps) in (1..).zip(["wrap_timestamp 1", "wrap_timestamp 2"]) {
        let controls = format!("{BARS} wrap_sequence_number 1 {wraps}");
        set(rig, "camera.controls", &controls)?;
        // They count from the beginning of a stream: to the end of the numbers it is 128 frames, to that of the times 16 s.
        fps = other_rate(rig, fps)?;
        rig.serial.expect(&format!("YUYV at {fps} frames/s"))?;
        let before = rig.missed()?;
        event(rig, number, &controls, 256)?;
        let missed = rig.missed()? - before;
        report::figure(&format!("frames missed with {wraps}"), missed);
        assert!(missed < 256, "{missed} frames");
    }
    Ok(())
}

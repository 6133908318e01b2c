//! Cameras that send something else than MJPEG: uncompressed pictures, watched and recorded like any other, and H.264.

use image_builder::camera::{Limit, PixelFormat, Shortage};
use std::ops::Range;
use tests::clip::{Clip, frame_numbers};
use tests::{CardImage, Failure, Outcome, Rig, chain, report};

/// The camera's pictures.
const WIDTH: usize = 320;
const HEIGHT: usize = 240;

/// One event in front of the camera that is plugged in; the number of its line on the console.
fn event(rig: &mut Rig, number: u32) -> Result<(), Failure> {
    // The pre-roll, and the scene learnt anew.
    rig.frames_pass(90)?;
    rig.settle_anew()?;
    rig.camera.scene_moving();
    rig.serial.expect(&format!("event {number}: motion at "))?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    Ok(())
}

fn pixels(frame: &[u8], x: Range<usize>, y: Range<usize>) -> Vec<u8> {
    frame.chunks_exact(WIDTH).skip(y.start).take(y.len()).flat_map(|row| row[x.clone()].to_vec()).collect()
}

/// The mask is grey, the stamp is there, and the picture between them is a picture.
fn judge_marks(frame: &[u8]) {
    let hidden = pixels(frame, WIDTH - 40..WIDTH, 0..100);
    assert!(hidden.iter().all(|pixel| pixel.abs_diff(96) <= 4), "one grey");
    let open = pixels(frame, 40..200, 60..180);
    assert!(open.iter().any(|pixel| pixel.abs_diff(open[0]) > 20), "the rest of the picture is there");
    let stamp = pixels(frame, WIDTH - 160..WIDTH, HEIGHT - 16..HEIGHT);
    let inked = stamp.iter().filter(|pixel| **pixel > 180).count();
    let paper = stamp.iter().filter(|pixel| **pixel < 60).count();
    assert!(inked > 200 && paper > 1000, "white letters on black: {inked} and {paper}");
}

/// A camera with MJPEG and NV12, of which the bus carries NV12 alone, as it is claimed to be smaller.
fn mjpeg_is_refused(rig: &mut Rig) -> Outcome {
    let limit = Limit { bytes_per_s_max: 320 * 240 * 15 * 7 / 4, shortage: Shortage::Refuse };
    rig.plug_camera_with(PixelFormat::Nv12, limit)?;
    let refused = "does not give 320x240 MJPEG at 15 frames/s (I/O error)";
    rig.serial.expect(&format!("{refused}; 320x240 NV12 at 15 frames/s is used instead"))?;
    Ok(())
}

/// C6, C7, UC1, L1: cameras that send YUYV, NV12 and grey pictures are plugged in one after the other: each is named with its format, makes an
/// event with a clip of its frames, with mask and stamp in every picture; the frames are in the ledger and the chain.
#[test]
fn cameras_without_mjpeg_are_recorded_too() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    for (name, value) in [
        ("camera.size", "320x240"),
        ("picture.stamp", "time"),
        ("picture.stamp_place", "bottom-right"),
        ("picture.mask1", "80,0 100,0 100,50 80,50"),
    ] {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    let formats = [(PixelFormat::Yuyv, "YUYV"), (PixelFormat::Nv12, "NV12"), (PixelFormat::Grey, "GREY")];
    for (number, (format, name)) in (1..).zip(formats) {
        if format == PixelFormat::Nv12 {
            mjpeg_is_refused(&mut rig)?;
        } else {
            rig.plug_camera(format)?;
        }
        rig.serial.expect(&format!("streams 320x240 {name} at 15 frames/s"))?;
        event(&mut rig, number)?;
        let status = rig.serial.command("status")?;
        assert!(status.contains(&format!("Emulated camera, 320x240 {name}, ")), "{status}");
    }
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger with raw cameras", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    // A busy host may leave the guest no time; nothing else may be lost.
    assert!(ledger.losses.iter().all(|(why, _)| why == "no time"), "{ledger:?}");

    let kept = tests::rig::artefacts()?.join("raw");
    let mut recorded = 0;
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    assert_eq!(clips.len(), formats.len());
    for (index, path) in clips.iter().enumerate() {
        let clip = Clip::probe(path)?;
        assert_eq!((clip.codec.as_str(), clip.width, clip.height), ("mjpeg", 320, 240));
        let numbers = frame_numbers(&std::fs::read(path)?)?;
        assert!(numbers.len() > 30 && numbers.windows(2).all(|w| w[0] < w[1]), "{numbers:?}");
        recorded += numbers.len() as u64;
        Clip::grey_frames(path)?.chunks_exact(WIDTH * HEIGHT).for_each(judge_marks);
        Clip::pictures(path, &kept.join(index.to_string()))?;
    }
    println!("frames to look at: {}", kept.display());
    assert_eq!(recorded, ledger.recorded, "frames in the clips and in the ledger");
    let files = chain::files_in(&folder.path().join(boards::layout::CLIPS_FOLDER))?;
    chain::judge(&files, &[], |_, content| image_builder::digest::sha256(content)).map(drop)
}

/// C8: of a raw camera that sends more than the processor can encode, every frame is looked at, the alarm is not late, and the clip has as many
/// frames as there was time for, evenly, the others being counted.
#[test]
fn a_raw_camera_that_is_too_fast_is_watched_in_full_and_recorded_as_time_allows() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.serial.command("set camera.size 640x480")?;
    rig.serial.command("set camera.fps 30")?;
    rig.plug_camera(PixelFormat::Yuyv)?;
    rig.serial.expect("streams 640x480 YUYV at 30 frames/s")?;
    event(&mut rig, 1)?;
    let status = rig.serial.command("status")?;
    report::figure(
        "with a raw camera that is too fast",
        status.lines().find(|l| l.starts_with("ring")).unwrap_or_default(),
    );
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger with a raw camera that is too fast", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0 && ledger.recorded > 0, "{ledger:?}");
    assert!(ledger.losses.iter().all(|(why, _)| why == "no time"), "{ledger:?}");
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    let content = std::fs::read(clips.first().ok_or("no clip")?)?;
    let numbers = frame_numbers(&content)?;
    assert_eq!(numbers.len() as u64, ledger.recorded, "{ledger:?}");
    let gaps: Vec<u64> = numbers.windows(2).map(|w| w[1] - w[0]).collect();
    report::figure("gaps between the frames of its clip", format!("{gaps:?}"));
    Ok(())
}

/// C11, C12, C13, L1: of a camera with nothing but H.264 it is said that no motion can be seen; everything is recorded as it comes, each clip beginning
/// with a key picture, date and time in a track of text; with a mask wanted nothing is recorded, because nothing can be put into the picture.
#[test]
fn h264_is_recorded_as_it_comes_with_the_time_beside_it() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    let settings = [
        ("camera.size", "320x240"),
        ("record.mode", "always"),
        ("record.pre_ms", "1000"),
        ("picture.stamp", "time"),
    ];
    for (name, value) in settings.into_iter().chain([("record.clip_ms_max", "10000")]) {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    let before = rig.ledger()?;
    rig.plug_camera(PixelFormat::H264)?;
    rig.serial.expect("no motion can be seen in H.264 pictures")?;
    rig.serial.expect("streams 320x240 H.264 at 15 frames/s")?;
    rig.frames_pass(15 * 25)?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("motion    No motion can be seen in the camera's H.264 pictures."), "{status}");
    assert!(status.contains("picture   time; "), "{status}");
    // From now on nothing may be recorded: a mask is wanted.
    assert!(rig.serial.command("set picture.mask1 0,0 50,0 50,50")?.contains("In force."));
    rig.until("frames that are not recorded", |rig| Ok(rig.ledger()?.lost("not masked") > 15))?;
    let (ledger, folder) = rig.poweroff()?;
    report::figure("ledger with H.264", format!("{ledger:?}"));
    assert!(ledger.balances() && ledger.held == 0 && ledger.recorded > before.recorded, "{ledger:?}");
    let known = ["not masked", "no key frame"];
    assert!(ledger.losses.iter().all(|(why, _)| known.contains(&why.as_str())), "{ledger:?}");

    let mut films = Vec::new();
    let mut recorded = 0;
    for path in CardImage::new(&folder.path().join("card.img")).clips(folder.path())? {
        let clip = Clip::probe(&path)?;
        recorded += clip.times_s.len() as u64;
        if clip.codec == "h264" {
            films.push((frame_numbers(&std::fs::read(&path)?)?, path));
        }
    }
    assert_eq!(recorded, ledger.recorded, "frames in the clips and in the ledger");
    films.sort();
    assert!(films.len() >= 2, "several clips follow each other");
    let numbers: Vec<u64> = films.iter().flat_map(|(numbers, _)| numbers.clone()).collect();
    report::figure(
        "frames of the H.264 clips",
        format!("{:?}", films.iter().map(|(n, _)| n.len()).collect::<Vec<_>>()),
    );
    assert!(numbers.windows(2).all(|w| w[0] < w[1]), "no frame comes twice: {numbers:?}");
    for (numbers, path) in &films {
        let path = tests::card::text(path);
        let first =
            ["-v", "error", "-select_streams", "v", "-show_entries", "packet=flags", "-of", "csv=p=0", &path];
        assert!(tests::card::run("ffprobe", &first)?.starts_with('K'), "{path} begins with a key picture");
        let text =
            tests::card::run("ffmpeg", &["-v", "error", "-i", &path, "-map", "0:s", "-f", "srt", "-"])?;
        let stamps: Vec<&str> = text.lines().filter(|line| line.contains(" UTC (clock not set)")).collect();
        // The last clip may be a short one.
        let seconds = numbers.last().zip(numbers.first()).map_or(0, |(last, first)| (last - first) / 15);
        assert!(stamps.len() as u64 >= seconds.clamp(1, 2), "a time each second: {text}");
        assert!(stamps.windows(2).all(|w| w[0] <= w[1]), "times rise: {text}");
    }
    Ok(())
}

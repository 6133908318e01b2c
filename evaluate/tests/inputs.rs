//! Inputs as people have them: every frame comes once, byte for byte where it may, with its exact time.
use std::path::{Path, PathBuf};
use std::process::Command;

use evaluate::input::{Frame, Rate, Request, Source, open};
use jpeg_encoder::{ColorType, Encoder};

/// A picture in which a bar stands somewhere else in each frame.
fn jpeg(number: usize) -> Vec<u8> {
    let (width, height) = (64_u16, 48_u16);
    let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height))
        .map(|at| if at % 64 / 4 == number % 16 { 230 } else { 40 })
        .collect();
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 90).encode(&pixels, width, height, ColorType::Luma).unwrap();
    bytes
}

fn request(path: &Path, rate: Option<&str>) -> Request {
    let rate = rate.map(|rate| Rate::parse(rate).unwrap());
    Request { source: Source::Path(path.to_owned()), rate, crop: None }
}

fn all(request: &Request) -> Vec<Frame> {
    let (mut frames, mut frame, mut result) = (open(request).unwrap(), Frame::default(), Vec::new());
    while frames.next(&mut frame).unwrap() {
        assert_eq!(frame.index, result.len());
        result.push(frame.clone());
    }
    result
}

fn ffmpeg(arguments: &[&str], output: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-y"])
        .args(arguments)
        .arg(output)
        .status()
        .expect("ffmpeg is there");
    assert!(status.success());
}

fn times(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|frame| frame.timestamp_us).collect()
}

fn joined(folder: &Path, count: usize) -> PathBuf {
    let path = folder.join("joined.mjpeg");
    std::fs::write(&path, (0..count).flat_map(jpeg).collect::<Vec<u8>>()).unwrap();
    path
}

#[test]
fn joined_jpegs_come_as_they_are_with_the_times_of_their_rate() {
    let folder = tempfile::tempdir().unwrap();
    let frames = all(&request(&joined(folder.path(), 31), Some("30000/1001")));
    assert_eq!(frames.len(), 31);
    assert_eq!((frames[1].timestamp_us, frames[30].timestamp_us), (33_366, 1_001_000));
    assert!(frames.iter().all(|frame| frame.jpeg == jpeg(frame.index)));
}

#[test]
fn a_folder_comes_in_the_order_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    for number in [2, 0, 1] {
        std::fs::write(folder.path().join(format!("{number:03}.JPG")), jpeg(number)).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "not an image").unwrap();
    let frames = all(&request(folder.path(), Some("10")));
    assert_eq!(times(&frames), [0, 100_000, 200_000]);
    assert!(frames.iter().all(|frame| frame.jpeg == jpeg(frame.index)));
}

#[test]
fn a_folder_of_other_images_is_converted_frame_by_frame() {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2"], &folder.path().join("%03d.png"));
    let frames = all(&request(folder.path(), Some("5")));
    assert_eq!((frames.len(), frames[9].timestamp_us), (10, 1_800_000));
    assert!(frames.windows(2).any(|two| two[0].jpeg != two[1].jpeg));
    assert!(frames.iter().all(|frame| frame.jpeg.starts_with(&[0xff, 0xd8])));
}

#[test]
fn a_clip_with_a_variable_rate_keeps_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("vfr.mkv");
    let times_of = "settb=1/1000,setpts='if(lt(N,10),N*40,400+(N-10)*120)'";
    let input = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-vf", times_of];
    let output = ["-fps_mode", "passthrough", "-enc_time_base", "1/1000", "-c:v", "ffv1"];
    ffmpeg(&[&input[..], &output].concat(), &clip);
    let expected: Vec<u64> =
        (0..20).map(|n| if n < 10 { n * 40_000 } else { 400_000 + (n - 10) * 120_000 }).collect();
    assert_eq!(times(&all(&request(&clip, None))), expected);
    assert_eq!(times(&all(&request(&clip, Some("20"))))[19], 950_000, "--fps overrides them");
}

#[test]
fn mjpeg_in_a_clip_is_not_encoded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (stream, clip) = (joined(folder.path(), 12), folder.path().join("camera.avi"));
    let input = stream.to_string_lossy().into_owned();
    ffmpeg(&["-f", "mjpeg", "-framerate", "5", "-i", &input, "-c", "copy"], &clip);
    let frames = all(&request(&clip, None));
    assert_eq!(times(&frames), (0..12).map(|n| n * 200_000).collect::<Vec<u64>>());
    assert!(frames.iter().all(|frame| frame.jpeg == jpeg(frame.index)));
}

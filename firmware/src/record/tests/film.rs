//! Clips of H.264, and text beside pictures: real streams from an encoder, judged by ffprobe and ffmpeg.
//!
//! Where ffmpeg is not installed these tests say so and pass.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::mend::{Mended, mend_clip, whole_part};
use super::super::mp4::Codec;
use super::super::shot::Shot;
use super::super::{Directory, DropReason, Extension, Folder, Outcome, Recorder, Sink, Verdict, list};
use super::{START_US, event, jpeg, limits};
use crate::develop::Repacker;
use crate::record::folder::Open;

/// A picture as gather hands it on.
struct Picture {
    bytes: Vec<u8>,
    is_key: bool,
    codec: Codec,
}

impl AsRef<[u8]> for Picture {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Shot for Picture {
    fn codec(&self) -> Codec {
        self.codec
    }

    fn is_key(&self) -> bool {
        self.is_key
    }
}

#[derive(Default)]
struct Count {
    recorded: usize,
    no_key_frame: usize,
    other: usize,
}

impl<F> Sink<F> for Count {
    fn settle(&mut self, _: F, verdict: Verdict) {
        match verdict {
            Verdict::Recorded => self.recorded += 1,
            Verdict::Dropped(DropReason::NoKeyFrame) => self.no_key_frame += 1,
            _ => self.other += 1,
        }
    }

    fn report(&mut self, outcome: Outcome) {
        assert!(!matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    }
}

/// A tool's output, if it is installed; its complaints are failures.
fn tool(program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    match Command::new(program).args(["-v", "error"]).args(arguments).output() {
        Ok(output) => {
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program} {arguments:?}");
            Some(output.stdout)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("Not judged by a player: {program} is not installed.");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn probe(file: &Path, arguments: &[&str]) -> String {
    let file = file.display().to_string();
    let output = tool("ffprobe", &[arguments, &[file.as_str()]].concat()).expect("ffprobe comes with ffmpeg");
    String::from_utf8(output).expect("text")
}

/// Pictures of a moving test card: a key picture every fifteen, five slices in each.
fn pictures(count: usize) -> Option<Vec<Picture>> {
    pictures_of(count, "ultrafast")
}

fn pictures_of(count: usize, preset: &str) -> Option<Vec<Picture>> {
    let frames = count.to_string();
    let options = "aud=1:slices=5";
    let coded = ["-c:v", "libx264", "-preset", preset, "-g", "15", "-bf", "0", "-x264-params", options];
    let input =
        ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=15", "-frames:v", &frames, "-pix_fmt", "yuv420p"];
    let stream = tool("ffmpeg", &[&input[..], &coded, &["-f", "h264", "-"]].concat())?;
    let mut repacker = Repacker::default();
    let mut out = vec![0; 1 << 20];
    let starts: Vec<usize> = (0..stream.len() - 4).filter(|&at| stream[at..at + 4] == [0, 0, 1, 9]).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let units = starts.iter().zip(ends).map(|(&start, end)| {
        let done = repacker.repack(&stream[start..end], &mut out).expect("a picture");
        Picture { bytes: out[..done.bytes].to_vec(), is_key: done.is_key, codec: Codec::Avc }
    });
    let pictures: Vec<Picture> = units.collect();
    assert_eq!(pictures.len(), count);
    Some(pictures)
}

/// Unevenly about every fifteenth of a second.
fn time_us(number: usize) -> u64 {
    let number = number as u64;
    number * 66_667 + number * number * 31 % 9_973
}

fn clips(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        list(&Directory::new(dir, false), 9).unwrap().newest.into_iter().map(|l| l.name).collect();
    names.sort_by_key(|name| (name.seconds, name.microseconds));
    names.iter().map(|name| dir.join(name.file_name(Extension::Video))).collect()
}

#[test]
fn h264_is_kept_as_it_comes_and_every_clip_begins_with_a_key_picture() {
    let Some(pictures) = pictures(100) else { return };
    let dir = tempfile::tempdir().unwrap();
    let limits = super::super::Limits { clip_ms_max: 2_500, ..limits() };
    let mut recorder: Recorder<Picture, _> = Recorder::new(Directory::new(dir.path(), false), limits);
    let mut count = Count::default();
    recorder.begin(event(), &mut count);
    // As if the event began in the middle of a group of pictures.
    for (number, picture) in pictures.into_iter().enumerate().skip(10) {
        recorder.frame(picture, START_US + time_us(number), 0, &mut count);
    }
    recorder.end(&mut count);
    assert_eq!((count.recorded, count.no_key_frame, count.other), (85, 5, 0));
    // Key pictures are number 15, 30, 45, 60, 75, 90; after 2.5 s the clip ends before the next of them.
    let frames: Vec<usize> = clips(dir.path()).iter().map(|file| judge(file)).collect();
    assert_eq!(frames, [45, 40]);
}

#[test]
fn a_clip_holds_pictures_of_one_kind() {
    let (Some(first), Some(second)) = (pictures_of(20, "ultrafast"), pictures_of(20, "veryfast")) else {
        return;
    };
    let jpegs = (0..20).map(|number| Picture { bytes: jpeg(number).bytes, is_key: true, codec: Codec::Jpeg });
    let all: Vec<Picture> = jpegs.chain(first).chain(second).collect();
    let dir = tempfile::tempdir().unwrap();
    let mut recorder: Recorder<Picture, _> = Recorder::new(Directory::new(dir.path(), false), limits());
    let mut count = Count::default();
    recorder.begin(event(), &mut count);
    for (number, picture) in all.into_iter().enumerate() {
        recorder.frame(picture, START_US + time_us(number), 0, &mut count);
    }
    recorder.end(&mut count);
    assert_eq!((count.recorded, count.no_key_frame, count.other), (60, 0, 0));
    let files = clips(dir.path());
    let entries =
        ["-show_entries", "stream=codec_name,profile,nb_read_frames", "-count_frames", "-of", "csv=p=0"];
    let seen: Vec<String> = files.iter().map(|file| probe(file, &entries).trim().to_owned()).collect();
    assert_eq!(seen, ["mjpeg,Baseline,20", "h264,Constrained Baseline,20", "h264,High,20"]);
}

/// Holds a clip to be a decodable film of 64x48 with rising times; the number of its frames.
fn judge(file: &Path) -> usize {
    let entries = ["-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"];
    assert_eq!(probe(file, &entries).trim(), "h264,64,48");
    let packets = probe(file, &["-show_entries", "packet=pts,flags", "-of", "csv=p=0"]);
    let rows: Vec<(u64, bool)> = packets
        .lines()
        .map(|line| {
            line.split_once(',').map(|(pts, flags)| (pts.parse().unwrap(), flags.starts_with('K'))).unwrap()
        })
        .collect();
    assert!(rows.windows(2).all(|w| w[0].0 < w[1].0), "times rise");
    assert!(rows.iter().enumerate().all(|(at, (_, is_key))| *is_key == (at % 15 == 0)), "{packets}");
    tool("ffmpeg", &["-xerror", "-i", &file.display().to_string(), "-f", "null", "-"]);
    rows.len()
}

#[test]
fn a_cut_clip_of_h264_is_mended_to_its_last_whole_fragment() {
    let Some(pictures) = pictures(60) else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = Directory::new(dir.path(), false);
    let mut recorder: Recorder<Picture, _> = Recorder::new(Directory::new(dir.path(), false), limits());
    let mut count = Count::default();
    recorder.begin(event(), &mut count);
    recorder.set_caption(Some("2026-11-27 05:20:00 UTC"));
    for (number, picture) in pictures.into_iter().enumerate() {
        recorder.frame(picture, START_US + time_us(number), 0, &mut count);
    }
    // Never ended: the power is cut. What is on the card so far is written again in pieces.
    drop(recorder);
    let file = clips(dir.path()).remove(0);
    let name = list(&folder, 1).unwrap().newest.remove(0).name;
    let whole = std::fs::read(&file).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 40).chain([whole.len()]) {
        std::fs::write(&file, &whole[..cut]).unwrap();
        let handle = folder.open(&name.file_name(Extension::Video), Open::Existing).unwrap();
        let part = whole_part(&handle, cut as u64).unwrap();
        assert!(part.bytes <= cut as u64 && part.frames <= count.recorded as u64);
        if part.bytes > 0 {
            std::fs::write(&file, &whole[..part.bytes as usize]).unwrap();
            let packets =
                probe(&file, &["-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0"]);
            assert_eq!(packets.lines().count() as u64, part.frames, "cut at {cut}");
        }
        if cut == whole.len() {
            assert_eq!(part.frames, count.recorded as u64);
        }
    }
    std::fs::write(&file, &whole[..whole.len() - 7]).unwrap();
    let mended = mend_clip(&folder, &name).unwrap();
    assert!(matches!(mended, Some(Mended::Ends { frames, .. }) if frames > 0 && frames < 60), "{mended:?}");
    tool("ffmpeg", &["-xerror", "-i", &file.display().to_string(), "-map", "0:v", "-f", "null", "-"]);
}

#[test]
fn what_cannot_be_put_into_the_picture_is_in_a_track_of_text() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder: Recorder<super::Frame, _> = Recorder::new(Directory::new(dir.path(), false), limits());
    let mut count = Count::default();
    recorder.begin(event(), &mut count);
    for number in 0..45 {
        let text = format!("frontdoor  2026-11-27 05:20:{:02} UTC", number / 15);
        recorder.set_caption(Some(&text));
        recorder.frame(jpeg(number), START_US + number as u64 * 66_667, 0, &mut count);
    }
    recorder.end(&mut count);
    let file = clips(dir.path()).remove(0).display().to_string();
    let Some(text) = tool("ffmpeg", &["-i", &file, "-map", "0:s", "-f", "srt", "-"]) else { return };
    let text = String::from_utf8(text).expect("text");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("frontdoor")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines.iter().zip(0..).all(|(line, second)| line.contains(&format!("05:20:{second:02} UTC"))),
        "{text}"
    );
    let entries = ["-show_entries", "stream=codec_name,nb_read_packets", "-count_packets", "-of", "csv=p=0"];
    let streams = probe(Path::new(&file), &entries);
    assert_eq!(streams.lines().collect::<Vec<_>>(), ["mjpeg,45", "mov_text,3"]);
    // How long each is shown ffmpeg 5.1 does not say of fragmented files, of its own neither.
    assert!((0..3).all(|second| text.contains(&format!("00:00:0{second},000 --> "))), "{text}");
    let without = tempfile::tempdir().unwrap();
    let mut recorder: Recorder<super::Frame, _> =
        Recorder::new(Directory::new(without.path(), false), limits());
    recorder.begin(event(), &mut count);
    recorder.frame(jpeg(0), START_US, 0, &mut count);
    recorder.end(&mut count);
    let streams = probe(&clips(without.path())[0], &entries);
    assert_eq!(streams.trim(), "mjpeg,1", "nobody asked for it");
}

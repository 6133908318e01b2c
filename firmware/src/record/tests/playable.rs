//! Clips as a player sees them: ffprobe and ffmpeg on whole, cut and torn files.
//!
//! Where ffprobe is not installed these tests say so and pass; the tests of the boxes still stand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::super::{Directory, Extension, Recorder, Verdict, list};
use super::boxes::fragments;
use super::{Frame, Ledger, START_US, event, jpeg, limits};

fn tool(program: &str, arguments: &[&str], file: &Path) -> Option<Output> {
    match Command::new(program).args(["-v", "error"]).args(arguments).arg(file).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("Not judged by a player: {program} is not installed.");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Presentation times of all packets in microseconds, as ffprobe reads them.
fn packet_times_us(file: &Path) -> Option<Vec<u64>> {
    let output = tool("ffprobe", &["-show_entries", "packet=pts", "-of", "csv=p=0"], file)?;
    let text = String::from_utf8(output.stdout).expect("text");
    Some(text.lines().map(|line| line.trim_end_matches(',').parse().expect("a time")).collect())
}

/// Sixty real pictures at uneven times; the clip, and the times from its start.
fn record(dir: &Path) -> (PathBuf, Vec<u64>) {
    let mut recorder: Recorder<Frame, _> = Recorder::new(Directory::new(dir, false), limits());
    let mut ledger = Ledger::default();
    recorder.begin(event(), &mut ledger);
    let times: Vec<u64> = (0..60).map(|number| number * 66_667 + number * number * 31 % 9_973).collect();
    for (number, time) in times.iter().enumerate() {
        recorder.frame(jpeg(number), START_US + time, 0, &mut ledger);
    }
    recorder.end(&mut ledger);
    assert_eq!(ledger.count(Verdict::Recorded), 60);
    let name = &list(&Directory::new(dir, false), 1).unwrap().newest[0].name;
    (dir.join(name.file_name(Extension::Video)), times)
}

#[test]
fn a_clip_plays_with_every_frame_at_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let (file, times) = record(dir.path());
    let Some(seen) = packet_times_us(&file) else { return };
    assert_eq!(seen, times);
    let entries = "stream=codec_name,width,height,time_base,nb_read_frames:format=format_name";
    let output = tool("ffprobe", &["-count_frames", "-show_entries", entries, "-of", "csv"], &file).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("stream,mjpeg,64,48,1/1000000,60"), "{text}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let mut decode = Command::new("ffmpeg");
    decode.args(["-v", "error", "-xerror", "-i"]).arg(&file).args(["-f", "null", "-"]);
    let decoded = decode.output().expect("ffmpeg comes with ffprobe");
    assert!(decoded.status.success(), "{}", String::from_utf8_lossy(&decoded.stderr));
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
}

#[test]
fn a_cut_clip_plays_all_its_whole_fragments() {
    let dir = tempfile::tempdir().unwrap();
    let (file, times) = record(dir.path());
    let bytes = fs::read(&file).unwrap();
    let (init_end, fragments) = fragments(&bytes);
    assert!(fragments.len() >= 4);
    let mut cuts: Vec<usize> = fragments.iter().map(|fragment| fragment.end).collect();
    // Bytes all over the file: Weyl's sequence, so that no region is left out.
    cuts.extend((1..=40_usize).map(|n| init_end + n * 2_654_435_761 % (bytes.len() - init_end)));
    let cut_file = dir.path().join("cut.mp4");
    for cut in cuts {
        fs::write(&cut_file, &bytes[..cut]).unwrap();
        let whole: usize = fragments.iter().filter(|f| f.end <= cut).map(|f| f.samples.len()).sum();
        let Some(seen) = packet_times_us(&cut_file) else { return };
        assert!(seen.len() >= whole, "cut at {cut}: {} of {whole}", seen.len());
        assert_eq!(seen[..whole], times[..whole], "cut at {cut}");
    }
}

#[test]
fn a_clip_torn_at_a_sector_plays_all_its_whole_fragments() {
    let dir = tempfile::tempdir().unwrap();
    let (file, times) = record(dir.path());
    let bytes = fs::read(&file).unwrap();
    let (_, fragments) = fragments(&bytes);
    let torn_file = dir.path().join("torn.mp4");
    // The last fragment has its length but from some sector of its pictures on zeros: a card that lost what it had
    // taken. (A header torn so makes ffprobe refuse the file; ext4 never has a size on the card before its data.)
    let last = &fragments[fragments.len() - 1];
    let headed = last.end - last.samples.iter().map(Vec::len).sum::<usize>();
    let whole = times.len() - last.samples.len();
    for from in (headed.next_multiple_of(512)..last.end).step_by(512) {
        let mut torn = bytes.clone();
        torn[from..].fill(0);
        fs::write(&torn_file, &torn).unwrap();
        let Some(seen) = packet_times_us(&torn_file) else { return };
        assert_eq!(seen.get(..whole), times.get(..whole), "zeros from {from}");
    }
}

//! Clips that a power cut tore, mended: at every byte, by zeros and by holes; judged by the boxes, and by a player.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::mend::{Mended, Whole, whole_part};
use super::super::shelf::store_sidecar;
use super::super::{ClipName, Directory, Extension, Recorder, Sidecar, list};
use super::boxes::{Fragment, fragments, whole};
use super::{Frame, Ledger, START_US, event, jpeg, limits, marked, mend};

/// A clip of some fragments that nobody finished.
fn unfinished(dir: &Path, frame: impl Fn(usize) -> Frame) -> (ClipName, PathBuf) {
    let mut recorder: Recorder<Frame, _> = Recorder::new(Directory::new(dir, false), limits());
    let mut ledger = Ledger::default();
    recorder.begin(event(), &mut ledger);
    for number in 0..35 {
        recorder.frame(frame(number), START_US + number as u64 * 100_000, 0, &mut ledger);
    }
    let name = recorder.current().expect("open").clone();
    let file = dir.join(name.file_name(Extension::Video));
    assert!(fragments(&fs::read(&file).unwrap()).1.len() >= 3);
    (name, file)
}

/// The frames and the end of the fragments that end at or before `bytes`.
fn expected(all: &[Fragment], bytes: usize) -> (u64, u64) {
    let whole = all.iter().filter(|fragment| fragment.end <= bytes);
    let frames = whole.clone().map(|fragment| fragment.samples.len() as u64).sum();
    (frames, whole.map(|fragment| fragment.end as u64).max().unwrap_or(0))
}

#[test]
fn a_clip_cut_at_any_byte_keeps_its_whole_fragments() {
    let dir = tempfile::tempdir().unwrap();
    let (_, path) = unfinished(dir.path(), |number| marked(number, 90 + number));
    let bytes = fs::read(&path).unwrap();
    let (_, all) = fragments(&bytes);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    for length in (0..=bytes.len()).rev() {
        file.set_len(length as u64).unwrap();
        let Whole { bytes: end, frames, .. } = whole_part(&file, length as u64).unwrap();
        assert_eq!((frames, end), expected(&all, length), "cut at {length}");
        if end > 0 {
            assert_eq!(whole(&bytes[..end as usize]).len() as u64, frames);
        }
    }
}

#[test]
fn a_clip_of_zeros_from_any_byte_keeps_its_whole_fragments() {
    let dir = tempfile::tempdir().unwrap();
    let (_, path) = unfinished(dir.path(), |number| marked(number, 90 + number));
    let bytes = fs::read(&path).unwrap();
    let (start, all) = fragments(&bytes);
    let (last, before) = (&all[all.len() - 1], &all[all.len() - 2]);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let last_picture = last.end - last.samples.last().map_or(0, Vec::len);
    for from in (start..bytes.len()).rev() {
        file.write_all_at(&[0], from as u64).unwrap();
        let got = whole_part(&file, bytes.len() as u64).unwrap();
        // A picture of which only the rest is gone is a picture with a fault: nobody refuses it.
        let keeps_last = from >= last_picture + 2;
        let end = if keeps_last { last.end } else { before.end };
        if from > before.end {
            assert_eq!(got.bytes, end as u64, "zeros from {from}");
        }
        let kept = &fs::read(&path).unwrap()[..got.bytes as usize];
        assert!(kept.is_empty() || whole(kept).len() as u64 == got.frames, "zeros from {from}");
    }
}

#[test]
fn a_hole_in_a_header_ends_the_clip_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let (_, path) = unfinished(dir.path(), |number| marked(number, 90 + number));
    let bytes = fs::read(&path).unwrap();
    let (_, all) = fragments(&bytes);
    let (last, before) = (&all[all.len() - 1], &all[all.len() - 2]);
    let header = before.end..last.end - last.samples.iter().map(Vec::len).sum::<usize>();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    for at in header {
        file.write_all_at(&[bytes[at] ^ 0x5a], at as u64).unwrap();
        let got = whole_part(&file, bytes.len() as u64).unwrap();
        // Times are not in any other place: a wrong one is not seen, and does no harm to the boxes.
        let kept = &fs::read(&path).unwrap()[..got.bytes as usize];
        assert_eq!(whole(kept).len() as u64, got.frames, "byte {at}");
        assert!(got.bytes == before.end as u64 || got.bytes == last.end as u64, "byte {at}");
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
    }
}

#[test]
fn mending_writes_down_what_is_left_and_does_nothing_the_second_time() {
    let dir = tempfile::tempdir().unwrap();
    let (name, path) = unfinished(dir.path(), |number| marked(number, 90 + number));
    let bytes = fs::read(&path).unwrap();
    let (_, all) = fragments(&bytes);
    let length = all[all.len() - 1].end - 5;
    File::options().write(true).open(&path).unwrap().set_len(length as u64).unwrap();
    let (frames, end) = expected(&all, length);
    let done = mend(&Directory::new(dir.path(), false)).unwrap();
    let [(mended, Ok(what))] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!((mended, what), (&name, &Mended::Ends { frames, cut_bytes: length as u64 - end }));
    assert_eq!(whole(&fs::read(&path).unwrap()).len() as u64, frames);
    let json = fs::read(dir.path().join(name.file_name(Extension::Sidecar))).unwrap();
    let sidecar: Sidecar = serde_json::from_slice(&json).unwrap();
    assert_eq!((sidecar.frames, sidecar.bytes, sidecar.complete), (frames, end, false));
    assert_eq!(sidecar.end_us, frames as i64 * 100_000);
    assert!(mend(&Directory::new(dir.path(), false)).unwrap().is_empty());
}

#[test]
fn a_clip_without_a_fragment_goes_and_a_finished_one_is_never_touched() {
    let dir = tempfile::tempdir().unwrap();
    let (name, path) = unfinished(dir.path(), |number| marked(number, 90));
    File::options().write(true).open(&path).unwrap().set_len(100).unwrap();
    let done = mend(&Directory::new(dir.path(), false)).unwrap();
    assert!(matches!(done.as_slice(), [(_, Ok(Mended::Deleted))]), "{done:?}");
    assert_eq!(list(&Directory::new(dir.path(), false), 1).unwrap().total, 0);
    assert!(!dir.path().join(name.file_name(Extension::Sidecar)).exists());

    let (name, path) = unfinished(dir.path(), |number| marked(number, 90));
    let sidecar = Sidecar { complete: true, ..Sidecar::of(&name) };
    store_sidecar(&Directory::new(dir.path(), false), &name, &sidecar.to_json()).unwrap();
    fs::write(&path, "not a clip, but none of our business").unwrap();
    assert!(mend(&Directory::new(dir.path(), false)).unwrap().is_empty());
    assert_eq!(fs::read(&path).unwrap(), b"not a clip, but none of our business");
}

#[test]
fn a_player_takes_every_mended_clip() {
    let dir = tempfile::tempdir().unwrap();
    let (_, path) = unfinished(dir.path(), jpeg);
    let bytes = fs::read(&path).unwrap();
    let (_, all) = fragments(&bytes);
    let (last, before) = (&all[all.len() - 1], &all[all.len() - 2]);
    // Zeros from within the header of the last fragment: as it is, ffprobe refuses the whole file.
    for from in (before.end..before.end + 200).step_by(40) {
        let mut torn = bytes[..last.end].to_vec();
        torn[from..].fill(0);
        fs::write(&path, &torn).unwrap();
        let whole = whole_part(&File::open(&path).unwrap(), torn.len() as u64).unwrap();
        torn.truncate(whole.bytes as usize);
        fs::write(&path, &torn).unwrap();
        let arguments =
            ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"];
        let output = match Command::new("ffprobe").args(arguments).arg(&path).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return println!("Not judged by a player: ffprobe is not installed.");
            }
            output => output.expect("ffprobe runs"),
        };
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "zeros from {from}");
        let frames = String::from_utf8_lossy(&output.stdout);
        assert_eq!(frames.trim(), whole.frames.to_string(), "zeros from {from}");
    }
}

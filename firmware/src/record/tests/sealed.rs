//! Sealed clips, opened by the age of the host: whole, cut anywhere, and after a card that failed.

use std::cell::Cell;
use std::fs;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use seal::Recipient;

use super::super::folder::{Directory, FolderFile};
use super::super::mend::Mended;
use super::super::writer::Writer;
use super::super::{ClipName, Extension, Limits, Recorder, Sidecar, Verdict};
use super::boxes::{fragments, whole};
use super::{Frame, Ledger, START_US, event, limits, marked, mend};

/// An owner: a key in a file, and what clips are sealed to.
struct Owner {
    identity: PathBuf,
    recipient: Recipient,
}

impl Owner {
    /// `None` where age is not installed; then that is said.
    fn new(dir: &Path) -> Option<Self> {
        let identity = dir.join("key.txt");
        let Ok(output) = Command::new("age-keygen").arg("-o").arg(&identity).output() else {
            println!("NOT RUN: age is not installed.");
            return None;
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let recipient = said.trim().rsplit(' ').next().expect("a public key").parse().expect("a public key");
        Some(Self { identity, recipient })
    }

    /// What age makes of a file, and whether it was content with it.
    fn open(&self, file: &Path) -> (Vec<u8>, bool) {
        let mut age = Command::new("age");
        let output = age.arg("-d").arg("-i").arg(&self.identity).arg(file).stderr(Stdio::null()).output();
        let output = output.expect("age runs");
        (output.stdout, output.status.success())
    }

    fn limits(&self) -> Limits {
        Limits { seal_keys: [Some(self.recipient), None], ..limits() }
    }
}

/// The same video without the padding between its fragments.
fn without_padding(video: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (Vec::new(), video);
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes(head[..4].try_into().expect("four")) as usize;
        assert!(length >= 8 && length <= rest.len(), "a whole box");
        let (this, behind) = rest.split_at(length);
        if &head[4..] != b"free" {
            kept.extend_from_slice(this);
        }
        rest = behind;
    }
    kept
}

/// Three and a half seconds of frames that do not fit one chunk.
fn record(recorder: &mut Recorder<Frame, Directory>, ledger: &mut Ledger) -> ClipName {
    recorder.begin(event(), ledger);
    for number in 0..35 {
        recorder.frame(
            marked(number, 9_000 + number),
            START_US + number as u64 * 100_000,
            number as u32,
            ledger,
        );
    }
    recorder.current().expect("open").clone()
}

fn sidecar(dir: &Path, name: &ClipName) -> Sidecar {
    serde_json::from_slice(&fs::read(dir.join(name.file_name(Extension::Sidecar))).expect("there"))
        .expect("JSON")
}

#[test]
fn a_sealed_clip_opens_to_what_was_recorded_and_nothing_of_it_lies_open() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(owner) = Owner::new(keys.path()) else { return };
    let mut recorder = Recorder::new(Directory::new(dir.path(), false), owner.limits());
    let mut ledger = Ledger::default();
    let name = record(&mut recorder, &mut ledger);
    recorder.end(&mut ledger);
    assert_eq!((ledger.count(Verdict::Recorded), ledger.sentences().len()), (35, 0));
    let description = sidecar(dir.path(), &name);
    assert_eq!(description.path_to_video, name.file_name(Extension::SealedVideo));
    assert_eq!(description.path_to_image, name.file_name(Extension::SealedStill));
    let sealed = dir.path().join(&description.path_to_video);
    assert_eq!(description.bytes, fs::metadata(&sealed).unwrap().len());
    let (video, is_complete) = owner.open(&sealed);
    assert!(is_complete);
    let samples: Vec<_> =
        fragments(&without_padding(&video)).1.into_iter().flat_map(|fragment| fragment.samples).collect();
    assert!(samples.iter().enumerate().all(|(number, bytes)| *bytes == marked(number, 9_000 + number).bytes));
    assert_eq!(samples.len(), 35);
    let (still, is_complete) = owner.open(&dir.path().join(&description.path_to_image));
    assert!(is_complete && still == marked(34, 9_034).bytes);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let content = fs::read(entry.unwrap().path()).unwrap();
        for open in [&b"ftypiso5"[..], &[0xff, 0xd8, 0, 0, 0][..]] {
            assert!(!content.windows(open.len()).any(|window| window == open), "something lies open");
        }
    }
    // The chain holds it as any other.
    let chain = super::chain::read(dir.path());
    assert!(chain.faults.is_empty() && chain.clips[&name.to_string()].files.contains_key(".mp4.age"));
}

#[test]
fn a_sealed_clip_that_was_cut_anywhere_opens_to_all_its_whole_chunks() {
    let (dir, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(owner) = Owner::new(keys.path()) else { return };
    let folder = Directory::new(dir.path(), false);
    let mut recorder = Recorder::new(folder.clone(), owner.limits());
    let mut ledger = Ledger::default();
    let name = record(&mut recorder, &mut ledger);
    let recorded = ledger.count(Verdict::Recorded);
    assert!(recorded >= 20, "fragments are written as they become due: {recorded}");
    std::mem::forget(recorder);
    let path = dir.path().join(name.file_name(Extension::SealedVideo));
    let described = fs::read(dir.path().join(name.file_name(Extension::Sidecar))).unwrap();
    let whole_file = fs::read(&path).unwrap();
    let (all, is_complete) = owner.open(&path);
    assert!(
        !is_complete && whole(&without_padding(&all)).len() == recorded,
        "all that was recorded, though nobody ended the file"
    );
    for length in (0..whole_file.len()).step_by(7_919).chain([whole_file.len()]) {
        fs::write(&path, &whole_file[..length]).unwrap();
        fs::write(dir.path().join(name.file_name(Extension::Sidecar)), &described).unwrap();
        let done = mend(&folder).unwrap();
        match done.as_slice() {
            [(_, Ok(Mended::Deleted))] => {
                assert!(length < 70_000 && !path.exists(), "cut at {length}");
                continue;
            }
            [(_, Ok(Mended::Ends { frames: 0, .. }))] => {}
            other => panic!("cut at {length}: {other:?}"),
        }
        let (opened, _) = owner.open(&path);
        let chunks = (length - seal::header_bytes(1)) / (64 * 1024 + 16);
        assert!(
            all.starts_with(&opened) && opened.len() == chunks * 64 * 1024,
            "cut at {length}: {}",
            opened.len()
        );
        assert_eq!(sidecar(dir.path(), &name).bytes, fs::metadata(&path).unwrap().len());
        assert!(mend(&folder).unwrap().is_empty(), "once is enough");
    }
}

/// A file whose writes fail at given times, after half of the bytes.
struct Failing {
    content: Vec<u8>,
    calls: Cell<usize>,
    fails_at: usize,
}

impl FolderFile for &mut Failing {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let first = slices.first().map_or(&[][..], |slice| slice);
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == self.fails_at {
            self.content.extend_from_slice(&first[..first.len() / 2]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.content.extend_from_slice(first);
        Ok(first.len())
    }

    fn read_exact_at(&self, _: &mut [u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.content.len() as u64)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.content.truncate(usize::try_from(bytes).expect("small"));
        Ok(())
    }
}

#[test]
fn what_could_not_be_written_is_not_sealed_twice() {
    let keys = tempfile::tempdir().unwrap();
    let Some(owner) = Owner::new(keys.path()) else { return };
    let pieces = |number: u8| vec![number; 100_000];
    // Each write of a clip fails once: the header, three fragments, the end.
    for fails_at in 0..=5 {
        let mut file = Failing { content: Vec::new(), calls: Cell::new(0), fails_at };
        let mut random = super::super::random::fill;
        let begun = Writer::begin(&mut file, &[Some(owner.recipient), None], &mut random, b"start");
        let Ok(mut writer) = begun else {
            assert_eq!(fails_at, 1);
            continue;
        };
        for number in 1..=3 {
            let content = pieces(number);
            if writer.append(&mut [IoSlice::new(&content)]).is_err() {
                writer.append(&mut [IoSlice::new(&content)]).expect("the second time it works");
            }
        }
        if writer.finish().is_err() {
            writer.finish().expect("the second time it works");
        }
        let (bytes, hash) = (writer.bytes(), writer.hash());
        drop(writer);
        assert_eq!((bytes, hash), (file.content.len() as u64, evidence::Hash::of(&file.content)));
        let path = keys.path().join("clip.age");
        fs::write(&path, &file.content).unwrap();
        let (opened, is_complete) = owner.open(&path);
        assert!(is_complete && opened.starts_with(b"start"), "{fails_at}");
        let kept: Vec<u8> = (1..=3)
            .filter(|number| opened.windows(50_000).any(|w| w == &pieces(*number)[..50_000]))
            .collect();
        assert_eq!(kept, [1, 2, 3], "{fails_at}");
    }
}

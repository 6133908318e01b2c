//! A folder of clips, and what can happen to it.

use std::fs;
use std::path::Path;

use evidence::segment::file_name;
use evidence::{Hash, Link, What, Why};

use super::{Error, Finding, HEAD_DIGITS_MIN, verify};

/// Writes a chain; the hashes of its links.
fn write_chain(dir: &Path, whats: Vec<What>) -> Vec<Hash> {
    let mut content = Vec::new();
    let mut hashes = vec![Hash::NONE];
    for (what, number) in whats.into_iter().zip(1..) {
        let line = Link { number, previous: hashes[hashes.len() - 1], what }.to_line();
        hashes.push(Hash::of(&line));
        content.extend([line.as_slice(), b"\n"].concat());
    }
    fs::write(dir.join(file_name(1)), content).expect("written");
    hashes
}

fn clip(dir: &Path, name: &str) -> What {
    let write = |extension: &str| {
        let content = format!("{extension} of {name}");
        fs::write(dir.join(format!("{name}{extension}")), &content).expect("written");
        (extension.to_owned(), Hash::of(content.as_bytes()))
    };
    What::Clip { name: name.into(), files: [".mp4", ".json", ".jpg"].map(write).into() }
}

/// Three clips, of which the device deleted the first.
fn sample(dir: &Path) -> Vec<Hash> {
    let whats = vec![
        What::Begins,
        clip(dir, "one"),
        clip(dir, "two"),
        What::Removed { why: Why::Room, names: vec!["one".into()] },
        clip(dir, "three"),
    ];
    fs::remove_file(dir.join("one.mp4")).expect("removed");
    fs::remove_file(dir.join("one.json")).expect("removed");
    fs::remove_file(dir.join("one.jpg")).expect("removed");
    write_chain(dir, whats)
}

#[test]
fn clips_as_they_were_recorded_are_good_and_the_head_is_shown() {
    let dir = tempfile::tempdir().expect("a folder");
    let hashes = sample(dir.path());
    let report = verify(dir.path(), None).expect("read");
    assert!(report.is_good(), "{report}");
    assert_eq!(report.clips["one"], Finding::Removed(Why::Room, 4));
    let text = report.to_string();
    assert!(text.contains(&format!("links 1 to 5, head {}", hashes[5])), "{text}");
    assert!(text.contains("2 as they were recorded, 1 deleted by the device"), "{text}");
}

#[test]
fn every_flipped_bit_of_every_file_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let hashes = sample(dir.path());
    let head = hashes[5].to_string();
    for entry in fs::read_dir(dir.path()).expect("listed") {
        let path = entry.expect("an entry").path();
        let content = fs::read(&path).expect("read");
        for at in 0..content.len() {
            let mut changed = content.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, &changed).expect("written");
            // A torn last link looks like a power cut's; the head that was noted shows that it was more.
            let report = verify(dir.path(), Some(&head)).expect("read");
            assert!(!report.is_good(), "byte {at} of {}: {report}", path.display());
        }
        fs::write(&path, &content).expect("written");
    }
}

#[test]
fn what_is_missing_altered_or_strange_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    sample(dir.path());
    fs::remove_file(dir.path().join("two.mp4")).expect("removed");
    fs::write(dir.path().join("three.json"), "another").expect("written");
    fs::write(dir.path().join("four.mp4"), "from elsewhere").expect("written");
    fs::write(dir.path().join("five.mp4.age"), "sealed, from elsewhere").expect("written");
    let report = verify(dir.path(), None).expect("read");
    assert!(!report.is_good());
    assert_eq!(report.clips["two"], Finding::Missing("two.mp4".into()));
    assert_eq!(report.clips["three"], Finding::Altered("three.json".into()));
    assert_eq!((&report.clips["four"], &report.clips["five"]), (&Finding::NotChained, &Finding::NotChained));
    let text = report.to_string();
    for line in ["two.mp4 is missing", "three.json is not what the device wrote", "four is in no link"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_chain_written_anew_with_its_clips_is_shown_by_a_head_that_was_noted() {
    let dir = tempfile::tempdir().expect("a folder");
    let hashes = sample(dir.path());
    let noted = hashes[3].to_string();
    let report = verify(dir.path(), Some(&noted[..HEAD_DIGITS_MIN])).expect("read");
    assert!(report.is_good() && report.to_string().contains("it is link 3"), "{report}");
    // Somebody with the card leaves a clip out, and writes a chain without it.
    fs::remove_file(dir.path().join("two.mp4")).expect("removed");
    fs::remove_file(dir.path().join("two.json")).expect("removed");
    let whats = vec![What::Begins, clip(dir.path(), "three")];
    write_chain(dir.path(), whats);
    assert!(verify(dir.path(), None).expect("read").is_good(), "alone the chain proves nothing");
    let report = verify(dir.path(), Some(&noted)).expect("read");
    assert!(!report.is_good() && report.to_string().contains("the chain was written anew"), "{report}");
}

#[test]
fn what_only_the_card_says_is_told_as_that() {
    let dir = tempfile::tempdir().expect("a folder");
    let hashes = sample(dir.path());
    // Noted after the deletion, and before it.
    let after = verify(dir.path(), Some(&hashes[5].to_string())).expect("read");
    assert!(after.is_good() && !after.to_string().contains("note  "), "{after}");
    let before = verify(dir.path(), Some(&hashes[3].to_string())).expect("read").to_string();
    assert!(
        before.contains("note    link 4 says that one was deleted to make room, after the head"),
        "{before}"
    );
    assert!(before.contains("what is missing is in the notes above"), "{before}");
}

#[test]
fn a_beginning_that_nobody_let_go_is_a_fault() {
    let dir = tempfile::tempdir().expect("a folder");
    for first in [3, 2] {
        // The links from 3 on; one of them says where the chain begins.
        let mut content = Vec::new();
        let mut previous = Hash::of(b"link 2");
        for (number, what) in [(3, clip(dir.path(), "three")), (4, What::LetGo { first })] {
            let line = Link { number, previous, what }.to_line();
            previous = Hash::of(&line);
            content.extend([line.as_slice(), b"\n"].concat());
        }
        fs::write(dir.path().join(file_name(3)), content).expect("written");
        let report = verify(dir.path(), None).expect("read");
        assert_eq!(report.is_good(), first == 3, "{report}");
        assert_eq!(report.to_string().contains("no link lets what was before it go"), first != 3, "{report}");
    }
}

#[test]
fn what_is_no_folder_of_clips_or_no_head_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    assert!(matches!(verify(dir.path(), None), Err(Error::NoChain(_))));
    assert!(matches!(verify(&dir.path().join("none"), None), Err(Error::Card(_))));
    let file = dir.path().join("one.mp4");
    fs::write(&file, [0; 4096]).expect("written");
    assert!(matches!(verify(&file, None), Err(Error::Card(_))), "a file that is no card");
    fs::remove_file(&file).expect("removed");
    sample(dir.path());
    for head in ["", "12", "zz", &"0".repeat(31), &"g".repeat(32), &"0".repeat(65)] {
        assert!(matches!(verify(dir.path(), Some(head)), Err(Error::Head(_))), "{head}");
    }
}

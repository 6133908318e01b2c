//! `clips send` up to the line: what is laid ready, what is said before and after, what is read.
//!
//! The protocol's tests are in `zmodem`.

use super::{Batch, Ending, Offer, PIECE_BYTES, SendError, Source, announcement, prepare, verdict};
use crate::record::folder::Directory;
use crate::record::retention::{self, LISTED_MAX};
use crate::record::{ClipName, Sidecar};
use std::fs;

const NAME: &str = "1486049622_6-161868_door_308-250-346-329_194_344";

/// A folder with a finished clip of so many bytes, and one that is being written.
fn card(film_bytes: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let name = ClipName::parse(NAME.as_bytes()).expect("a name");
    let sidecar = Sidecar { complete: true, ..Sidecar::of(&name) };
    let description = serde_json::to_vec(&sidecar).expect("a description");
    let film: Vec<u8> = (0..film_bytes).map(|place| ((place * 7) >> 3) as u8).collect();
    for (file, content) in [
        (format!("{NAME}.mp4"), film),
        (format!("{NAME}.json"), description),
        (format!("{NAME}.jpg"), vec![1; 300]),
        ("1486049700_1-0_door_0-0-0-0_0_3.mp4".into(), vec![2; 100]),
    ] {
        fs::write(folder.path().join(file), content).expect("written");
    }
    folder
}

/// What `clips send` with these words lays ready, or says.
fn files(folder: &Directory, words: &[&str]) -> Result<Vec<String>, String> {
    let list = || retention::list(folder, LISTED_MAX).map_err(|error| error.to_string());
    let names = |batch: Batch| batch.offers.into_iter().map(|offer| offer.name).collect();
    prepare(words, folder, list).map(names)
}

#[test]
fn words_choose_the_film_the_still_the_description_or_all() {
    let card = card(1000);
    let folder = Directory::new(card.path(), false);
    let [film, still, json] = [".mp4", ".jpg", ".json"].map(|extension| format!("{NAME}{extension}"));
    for (words, expected) in [
        (&["14860496"][..], vec![film.clone()]),
        (&[NAME], vec![film.clone()]),
        (&[&film], vec![film.clone()]),
        (&["14860496", "still"], vec![still.clone()]),
        (&["14860496", "description"], vec![json.clone()]),
        (&["14860496", "all"], vec![still, json, film.clone()]),
    ] {
        assert_eq!(files(&folder, words), Ok(expected), "{words:?}");
    }
    for (words, why) in [
        (&["1486"][..], "More than one clip begins with `1486`"),
        (&["7"], "No clip begins with `7`"),
        (&["1486049700"], "Not sent: The clip is being written; send it when it is finished."),
        (&["1486049700", "still"], "Not sent: The clip has no such file."),
        (&["1486040000_1-0_door_0-0-0-0_0_3"], "Not sent: The clip has no such file."),
    ] {
        let said = files(&folder, words).expect_err("refused");
        assert!(said.starts_with(why) && said.ends_with('\n'), "{words:?}: {said}");
    }
}

#[test]
fn it_is_said_before_how_long_it_takes_and_after_what_came_of_it() {
    let offer = |bytes| Offer { name: "a.mp4".into(), bytes, modified_s: 0 };
    let says = |sizes: &[u32], baud| {
        announcement(&Batch { offers: sizes.iter().map(|b| offer(*b)).collect() }, baud)
    };
    assert!(says(&[115_200], Some(115_200)).starts_with("a.mp4, 113 KiB, about 11 s at 115200 baud.\n"));
    assert!(
        says(&[3 << 20, 1], Some(115_200)).starts_with("2 files, 3073 KiB, about 5 min at 115200 baud.\n")
    );
    assert!(says(&[1024], None).starts_with("a.mp4, 1 KiB.\n"), "a line without a speed of its own");
    for (ending, words) in [
        (Ending::Done { refused: 0 }, "Sent: 3 files."),
        (Ending::Done { refused: 2 }, "Sent: 1 file; the receiver did not want 2 files."),
        (Ending::Stopped, "Stopped."),
        (Ending::NobodyThere, "Nobody received it within a minute."),
    ] {
        assert!(verdict(ending, 3, None).starts_with(words), "{ending:?}");
    }
    assert_eq!(verdict(Ending::Stopped, 1, Some(&SendError::Gone)), "It was deleted meanwhile.");
}

#[test]
fn it_is_read_in_bounded_pieces_from_any_place() {
    let bytes = 3 * PIECE_BYTES as usize + 100;
    let card = card(bytes);
    let film = fs::read(card.path().join(format!("{NAME}.mp4"))).expect("a film");
    let names = vec![format!("{NAME}.jpg"), format!("{NAME}.mp4")];
    let mut source = Source::new(Directory::read_only(card.path()), names);
    for at in [0, 1000, PIECE_BYTES - 1, PIECE_BYTES, 100, 3 * PIECE_BYTES + 99, 5] {
        let piece = source.read(1, at, 1024).expect("a piece").to_vec();
        assert!(!piece.is_empty() && piece.len() <= 1024);
        assert!(film[at as usize..].starts_with(&piece), "{at}");
        assert!(source.piece.len() <= PIECE_BYTES as usize);
        assert_eq!(source.read(0, 299, 1024), Some(&[1][..]), "another file");
    }
}

#[test]
fn a_clip_that_is_deleted_or_cut_back_meanwhile_is_told() {
    let card = card(2 * PIECE_BYTES as usize);
    let path = card.path().join(format!("{NAME}.mp4"));
    let mut source = Source::new(Directory::read_only(card.path()), vec![format!("{NAME}.mp4")]);
    assert!(source.read(0, 0, 1024).is_some());
    fs::File::options().write(true).open(&path).and_then(|file| file.set_len(10)).expect("cut back");
    assert_eq!(source.read(0, PIECE_BYTES, 1024), None);
    assert!(matches!(source.trouble, Some(SendError::Gone)));
    fs::remove_file(path).expect("deleted");
    source.trouble = None;
    assert_eq!(source.read(0, 0, 1024), None, "what was read is not sent either");
    assert!(matches!(source.trouble, Some(SendError::Gone)));
}

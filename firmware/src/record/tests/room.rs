//! Retention and the list, with real files and a made-up amount of space.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use evidence::{Hash, Why};

use super::super::folder::{Directory, Folder, Free, Open};
use super::super::order::Order;
use super::super::retention::{Keep, Retention, RetentionError, TRIED_PER_CALL_MAX, expire};
use super::super::shelf::Shelf;
use super::super::{ClipName, ClockState, Extension, Sidecar, list};

const MIB: u64 = 1024 * 1024;
const KEEP: Keep = Keep { need_bytes: 0, keep_free_percent: 5, used_bytes_max: None };

/// A card of 1000 MiB on which each file takes 10 MiB, and some are foreign.
struct Card {
    directory: Directory,
    inodes: u64,
    asked: Cell<u32>,
}

impl Card {
    fn new(dir: &Path, inodes: u64) -> Self {
        Self { directory: Directory::new(dir, false), inodes, asked: Cell::new(0) }
    }
}

impl Folder for Card {
    type File = File;

    fn free(&self) -> io::Result<Free> {
        self.asked.set(self.asked.get() + 1);
        let mut files = 0;
        self.directory.visit(&mut |_| files += 1)?;
        Ok(Free {
            total_bytes: 1000 * MIB,
            free_bytes: (1000 * MIB).saturating_sub(files * 10 * MIB),
            free_inodes: self.inodes.saturating_sub(files),
        })
    }

    fn is_present(&self) -> bool {
        self.directory.is_present()
    }

    fn open(&self, name: &str, how: Open) -> io::Result<File> {
        self.directory.open(name, how)
    }

    /// A clip's two files.
    fn bytes(&self, name: &str) -> io::Result<u64> {
        self.directory.bytes(name).map(|_| 20 * MIB)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.directory.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.directory.sync()
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.directory.visit(visit)
    }
}

fn clip(seconds: u64, microseconds: u32) -> ClipName {
    let name = "camera".try_into().expect("a name");
    ClipName { seconds, microseconds, name, region: [1, 2, 3, 4], changes: 5, token: 6 }
}

fn make(dir: &Path, name: &ClipName) {
    fs::write(dir.join(name.file_name(Extension::Video)), b"content").expect("a file");
    describe(dir, name, ClockState::Trusted);
}

fn describe(dir: &Path, name: &ClipName, clock: ClockState) {
    let description = Sidecar { clock, ..Sidecar::of(name) }.to_json();
    fs::write(dir.join(name.file_name(Extension::Sidecar)), description).expect("a file");
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_oldest_go_first_and_only_as_many_as_needed() {
    let dir = tempfile::tempdir().unwrap();
    // 48 clips of two files: 40 MiB free of 1000, and 5 % are wanted. One clip more than the microseconds' length.
    for number in 0..48 {
        make(dir.path(), &clip(1_000_000_000 + number / 2, if number % 2 == 0 { 99_999 } else { 100_000 }));
    }
    let card = Card::new(dir.path(), 1 << 20);
    let room = Retention::default().make_room(&card, KEEP, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (1, true));
    let listing = list(&Directory::new(dir.path(), false), 1000).unwrap();
    assert_eq!(listing.total, 47);
    assert_eq!(listing.newest.last().unwrap().name, clip(1_000_000_000, 100_000));
    assert!(!dir.path().join(clip(1_000_000_000, 99_999).file_name(Extension::Sidecar)).exists());
    let room = Retention::default().make_room(&card, KEEP, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (0, true));
}

#[test]
fn who_goes_is_announced_before_and_again_when_that_could_not_be_written() {
    let dir = tempfile::tempdir().unwrap();
    (0..49).for_each(|number| make(dir.path(), &clip(number, 0)));
    let card = Card::new(dir.path(), 1 << 20);
    let is_there = |name: &ClipName| dir.path().join(name.file_name(Extension::Video)).exists();
    let mut told = Vec::new();
    // 20 MiB are free, and 50 wanted: two clips, of which the first announcement cannot be written.
    let mut announce = |names: &[ClipName]| {
        told.push((names.to_vec(), is_there(&names[0])));
        told.len() > 1
    };
    let room = Retention::default().make_room(&card, KEEP, None, &mut announce).unwrap();
    assert_eq!((room.deleted, room.enough), (2, true));
    let both = vec![clip(0, 0), clip(1, 0)];
    assert_eq!(told, [(both.clone(), true), (both, false)]);
}

#[test]
fn what_made_room_is_in_the_chain_and_no_other_clip() {
    let dir = tempfile::tempdir().unwrap();
    (0..3).for_each(|number| make(dir.path(), &clip(number, 0)));
    // Six files and the chain's: three free, four are wanted.
    let mut shelf = Shelf::new(Card::new(dir.path(), 10));
    (0..3).for_each(|number| shelf.link(&clip(number, 0), Extension::Video, Hash::of(b"content")).unwrap());
    let (room, failed) = shelf.make_room(KEEP, None).unwrap();
    assert_eq!((room.deleted, room.enough, failed.is_none()), (1, true, true));
    let chain = super::chain::read(dir.path());
    assert_eq!(chain.faults, []);
    let removed: Vec<_> = chain.clips.values().map(|clip| clip.removed).collect();
    assert_eq!(removed, [Some((Why::Room, 5)), None, None]);
}

/// More than one call can make room for among [`sixty_clips`].
const KEEP_MUCH: Keep = Keep { need_bytes: 400 * MIB, keep_free_percent: 50, used_bytes_max: None };

/// A card on which there is too little room.
fn sixty_clips() -> (tempfile::TempDir, Card) {
    let dir = tempfile::tempdir().unwrap();
    (0..60).for_each(|number| make(dir.path(), &clip(number, 0)));
    let card = Card::new(dir.path(), 1 << 20);
    (dir, card)
}

/// A clip of a continuous recording.
fn continuous(seconds: u64) -> ClipName {
    ClipName { region: [0; 4], changes: 0, ..clip(seconds, 0) }
}

fn is_there(dir: &Path, name: &ClipName) -> bool {
    dir.join(name.file_name(Extension::Video)).exists()
}

#[test]
fn continuous_recordings_go_before_events_and_protected_clips_stay() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..4 {
        make(dir.path(), &clip(number, 0));
        make(dir.path(), &continuous(100 + number));
    }
    fs::write(dir.path().join(clip(0, 0).file_name(Extension::Protection)), b"").unwrap();
    // 17 files: three clips of two files bring four free inodes.
    let card = Card::new(dir.path(), 17 - 2);
    let mut gone = Vec::new();
    let mut announce = |names: &[ClipName]| {
        gone.extend_from_slice(names);
        true
    };
    Retention::default().make_room(&card, KEEP, None, &mut announce).unwrap();
    assert_eq!(gone, [continuous(100), continuous(101), continuous(102)]);
    // Everything that may go.
    let card = Card::new(dir.path(), 0);
    let room = Retention::default().make_room(&card, KEEP, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (4, false));
    assert!(is_there(dir.path(), &clip(0, 0)), "protected");
    assert_eq!(list(&Directory::new(dir.path(), false), 9).unwrap().total, 1);
}

#[test]
fn continuous_recordings_that_come_later_go_before_the_events_that_are_remembered() {
    let (dir, card) = sixty_clips();
    let mut retention = Retention::default();
    retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    assert!(!is_there(dir.path(), &clip(0, 0)), "only events were there");
    make(dir.path(), &continuous(500));
    retention.note_begun(&continuous(500));
    let mut first = None;
    let mut announce = |names: &[ClipName]| {
        first.get_or_insert_with(|| names[0].clone());
        true
    };
    retention.make_room(&card, KEEP_MUCH, None, &mut announce).unwrap();
    assert_eq!(first, Some(continuous(500)));
}

#[test]
fn a_clip_protected_after_the_scan_stays_too() {
    let (dir, card) = sixty_clips();
    let mut retention = Retention::default();
    retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    let next = clip(TRIED_PER_CALL_MAX as u64, 0);
    fs::write(dir.path().join(next.file_name(Extension::Protection)), b"").unwrap();
    retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    assert!(is_there(dir.path(), &next));
}

#[test]
fn no_more_of_the_card_is_used_than_the_owner_allows() {
    let dir = tempfile::tempdir().unwrap();
    (0..20).for_each(|number| make(dir.path(), &clip(number, 0)));
    // 400 MiB are in use.
    let keep = Keep { used_bytes_max: Some(330 * MIB), ..KEEP };
    let card = Card::new(dir.path(), 1 << 20);
    let room = Retention::default().make_room(&card, keep, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (4, true));
}

#[test]
fn clips_go_when_they_are_older_than_they_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    (0..40).for_each(|number| make(dir.path(), &clip(number, 0)));
    fs::write(dir.path().join(clip(1, 0).file_name(Extension::Protection)), b"").unwrap();
    make(dir.path(), &continuous(3));
    // When this one was recorded nobody knew the time.
    describe(dir.path(), &clip(4, 0), ClockState::Unknown);
    let folder = Directory::new(dir.path(), false);
    let mut announce = |names: &[ClipName]| {
        assert!(names.iter().all(|name| name.seconds < 20), "{names:?}");
        true
    };
    let mut expire = || expire(&folder, 20_000_000, Some(&clip(2, 0)), &mut announce).unwrap();
    // 20 of events and one of a continuous recording, without three: protected, being written, of no known time.
    assert_eq!((expire(), expire(), expire()), (16, 2, 0));
    assert!((1..=2).chain([4]).all(|number| is_there(dir.path(), &clip(number, 0))));
    assert!(is_there(dir.path(), &clip(20, 0)) && !is_there(dir.path(), &continuous(3)));
}

#[test]
fn the_owner_protects_releases_and_deletes() {
    let dir = tempfile::tempdir().unwrap();
    (0..3).for_each(|number| make(dir.path(), &clip(number, 0)));
    let mut shelf = Shelf::new(Directory::new(dir.path(), false));
    let mut obey =
        |order: &Order, writing: Option<&ClipName>| shelf.obey(order, writing).map_err(|e| e.to_string());
    let name = clip(1, 0);
    for _ in 0..2 {
        assert_eq!(obey(&Order::Protect(name.clone()), None), Ok(()));
    }
    let listing = list(&Directory::new(dir.path(), false), 9).unwrap();
    let marks: Vec<_> = listing.newest.iter().map(|listed| listed.is_protected).collect();
    assert_eq!(marks, [false, true, false]);
    let refused = obey(&Order::Delete(name.clone()), None).unwrap_err();
    assert!(refused.contains("is protected; `clips release"), "{refused}");
    assert_eq!(obey(&Order::Release(name.clone()), None), Ok(()));
    let refused = obey(&Order::Delete(name.clone()), Some(&name)).unwrap_err();
    assert!(refused.contains("is being recorded"), "{refused}");
    assert_eq!(obey(&Order::Delete(name.clone()), None), Ok(()));
    assert!(!is_there(dir.path(), &name));
    assert!(obey(&Order::Delete(name), None).unwrap_err().contains("there is no clip"));
    let chain = super::chain::read(dir.path());
    assert_eq!(chain.head().map(|(number, _)| number), Some(2), "where it began, and the deletion");
}

#[test]
fn inodes_count_as_well_as_bytes() {
    let dir = tempfile::tempdir().unwrap();
    (0..10).for_each(|number| make(dir.path(), &clip(number, 0)));
    let card = Card::new(dir.path(), 21);
    let room = Retention::default().make_room(&card, KEEP, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (2, true), "1 free, 4 wanted, 2 each");
}

#[test]
fn each_call_is_bounded_and_the_next_goes_on_without_a_scan() {
    let (dir, card) = sixty_clips();
    let mut retention = Retention::default();
    let room = retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (TRIED_PER_CALL_MAX as u32, false));
    assert_eq!(card.asked.get(), 2, "once to see what is missing, once to see that it still is");
    // A clip older than all: unseen until the names of the first scan are used up.
    fs::write(dir.path().join(clip(0, 0).file_name(Extension::Video)), b"").unwrap();
    let room = retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (TRIED_PER_CALL_MAX as u32, false));
    assert!(dir.path().join(clip(0, 0).file_name(Extension::Video)).exists());
    let room = retention.make_room(&card, KEEP_MUCH, None, &mut |_| true).unwrap();
    assert!(room.enough, "half the card is the most that is ever asked for");
}

#[test]
fn foreign_files_and_the_clip_being_written_stay() {
    let dir = tempfile::tempdir().unwrap();
    let foreign = ["holiday.mp4", "1_1-1_a_b_1-2-3-4_1_1.mp4", "notes.json", "1486049622.mp4"];
    foreign.iter().for_each(|name| fs::write(dir.path().join(name), b"").unwrap());
    fs::create_dir(dir.path().join("lost+found")).unwrap();
    (0..4).for_each(|number| make(dir.path(), &clip(number, 0)));
    fs::write(dir.path().join(clip(7, 7).file_name(Extension::SidecarDraft)), b"").unwrap();
    let card = Card::new(dir.path(), 0);
    let writing = clip(0, 0);
    let room = Retention::default().make_room(&card, KEEP, Some(&writing), &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (4, false), "three clips and a draft that was left over");
    let mut left = foreign.map(String::from).to_vec();
    left.extend([
        "lost+found".into(),
        writing.file_name(Extension::Video),
        writing.file_name(Extension::Sidecar),
    ]);
    left.sort();
    assert_eq!(names(dir.path()), left);
}

#[test]
fn what_cannot_be_deleted_is_passed_over_and_named_when_nothing_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    // A directory in the place of a video cannot be unlinked, not even by root.
    fs::create_dir(dir.path().join(clip(1, 0).file_name(Extension::Video))).unwrap();
    (2..4).for_each(|number| make(dir.path(), &clip(number, 0)));
    let card = Card::new(dir.path(), 0);
    let mut retention = Retention::default();
    let room = retention.make_room(&card, KEEP, None, &mut |_| true).unwrap();
    assert_eq!((room.deleted, room.enough), (2, false));
    let error = retention.make_room(&card, KEEP, None, &mut |_| true).expect_err("nothing could be deleted");
    assert!(matches!(&error, RetentionError::Delete { name, .. } if *name == clip(1, 0)), "{error}");
}

#[test]
fn the_list_holds_the_newest_with_their_sizes() {
    let dir = tempfile::tempdir().unwrap();
    (0..500).for_each(|number| make(dir.path(), &clip(number * 37 % 500, 0)));
    let listing = list(&Directory::new(dir.path(), false), 3).unwrap();
    let seconds: Vec<_> = listing.newest.iter().map(|listed| (listed.name.seconds, listed.bytes)).collect();
    assert_eq!((listing.total, seconds), (500, vec![(499, 7), (498, 7), (497, 7)]));
    assert_eq!(list(&Directory::new(dir.path(), false), 0).unwrap().newest, []);
    assert!(list(&Directory::new(dir.path().join("none"), false), 3).is_err());
}

#[test]
fn the_real_file_system_answers() {
    let dir = tempfile::tempdir().unwrap();
    let free = Directory::new(dir.path(), false).free().unwrap();
    assert!(free.total_bytes >= free.free_bytes && free.free_bytes > 0, "{free:?}");
    assert!(Directory::new(dir.path().join("none"), false).free().is_err());
}

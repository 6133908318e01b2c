//! What is on the stick afterwards, whatever failed.

use super::super::copy::{BLOCK_BYTES, Owner};
use super::super::order::Order;
use super::super::work::{Tally, Work, WorkError};
use super::faulty::{Fault, Faulty};
use crate::record::folder::Directory;
use crate::record::{ClipName, Extension, Sidecar};
use nix::errno::Errno;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const NAMES: [&str; 3] = [
    "1486049622_6-161868_door_308-250-346-329_194_344",
    "1486049700_1-0_door_0-0-0-0_0_3",
    "1486049800_1-0_door_1-2-3-4_5_6",
];

/// Lets a number of blocks pass, does something after each, and remembers what was left out.
#[derive(Default)]
struct Listener<'a> {
    blocks: u64,
    blocks_max: Option<u64>,
    after: Option<&'a dyn Fn(u64)>,
    left_out: Vec<String>,
    clips: u64,
}

impl Owner for Listener<'_> {
    fn moved(&mut self, _: u64) -> bool {
        self.blocks += 1;
        if let Some(after) = self.after {
            after(self.blocks);
        }
        self.blocks_max.is_none_or(|max| self.blocks < max)
    }
    fn has_clip(&mut self) {
        self.clips += 1;
    }
    fn left_out(&mut self, what: &str, why: &str) {
        self.left_out.push(format!("{what}: {why}"));
    }
}

/// A card with three clips, the newest of which is being written, and their chain.
fn card() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (index, text) in NAMES.iter().enumerate() {
        let name = ClipName::parse(text.as_bytes()).expect("a clip's name");
        let mut sidecar = Sidecar::of(&name);
        sidecar.complete = index < 2;
        let seed = u8::try_from(index).expect("small");
        let video: Vec<u8> = (0..3 * BLOCK_BYTES + 1000).map(|i| (i / 7) as u8 ^ seed).collect();
        let extension = if index == 1 { Extension::SealedVideo } else { Extension::Video };
        fs::write(at(&name.file_name(extension)), video).expect("written");
        fs::write(at(&name.file_name(Extension::Still)), [seed; 500]).expect("written");
        let text = serde_json::to_vec(&sidecar).expect("JSON");
        fs::write(at(&name.file_name(Extension::Sidecar)), text).expect("written");
    }
    fs::write(at("chain-0000000001.jsonl"), "{}\n".repeat(40)).expect("written");
    fs::write(at("chain-0000000257.jsonl"), "{}\n").expect("written");
    folder
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |entry: fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("read"))
    };
    fs::read_dir(folder).expect("listed").map(|entry| read(entry.expect("an entry"))).collect()
}

/// What an export should leave: everything but the clip that is being written.
fn expected(card: &Path) -> BTreeMap<String, Vec<u8>> {
    files(card).into_iter().filter(|(name, _)| !name.starts_with(NAMES[2])).collect()
}

fn export(card: &Path, stick: &Faulty, order: &Order, owner: &mut Listener<'_>) -> Result<Tally, WorkError> {
    let card = Directory::read_only(card);
    let mut work = Work::new(&card, stick, order, None);
    work.plan()?;
    work.run(owner).map(|()| work.tally)
}

fn well(card: &Path, stick: &Path, order: &Order) -> Tally {
    let stick = Faulty::new(stick, Fault::None);
    export(card, &stick, order, &mut Listener::default()).expect("exported")
}

/// Nothing that is not whole has a clip's name.
fn judge(card: &Path, stick: &Path, what: &str) {
    let whole = files(card);
    for (name, content) in files(stick) {
        if !name.ends_with(".part") {
            assert!(whole.get(&name) == Some(&content), "{what}: {name}");
        }
    }
}

#[test]
fn what_is_finished_is_copied_once_and_the_chain_with_it() {
    let (card, stick) = (card(), tempfile::tempdir().expect("a folder"));
    let bytes = expected(card.path()).values().map(|content| content.len() as u64).sum();
    let tally = well(card.path(), stick.path(), &Order::New);
    assert_eq!(tally, Tally { copied: 2, bytes, there: 0, unfinished: 1, left_out: 0 });
    assert_eq!(files(stick.path()), expected(card.path()));
    for order in [Order::New, Order::All] {
        let tally = well(card.path(), stick.path(), &order);
        assert_eq!(tally, Tally { there: 2, unfinished: 1, ..Tally::default() }, "{order:?}");
    }
    assert_eq!(files(stick.path()), expected(card.path()));
}

#[test]
fn at_every_operation_a_stick_may_be_pulled_out_fill_up_or_go_read_only_and_the_next_export_is_whole() {
    let card = card();
    for errno in [Errno::EIO, Errno::ENOSPC, Errno::EROFS] {
        for first in 0.. {
            let stick = tempfile::tempdir().expect("a folder");
            let faulty = Faulty::new(stick.path(), Fault::From(first, errno));
            let ended = export(card.path(), &faulty, &Order::New, &mut Listener::default());
            let what = format!("{errno} from operation {first} on");
            judge(card.path(), stick.path(), &what);
            if ended.is_ok() {
                assert!(faulty.operations() <= first && first > 40, "{what}");
                break;
            }
            well(card.path(), stick.path(), &Order::New);
            assert_eq!(files(stick.path()), expected(card.path()), "{what}, and again");
        }
    }
}

#[test]
fn one_wrong_bit_read_back_is_found_at_every_block() {
    let card = card();
    let mut found = 0;
    let quiet = tempfile::tempdir().expect("a folder");
    let faulty = Faulty::new(quiet.path(), Fault::None);
    export(card.path(), &faulty, &Order::New, &mut Listener::default()).expect("exported");
    for operation in 0..faulty.operations() {
        let stick = tempfile::tempdir().expect("a folder");
        let faulty = Faulty::new(stick.path(), Fault::Lie(operation));
        let ended = export(card.path(), &faulty, &Order::New, &mut Listener::default());
        if let Err(error) = ended {
            assert!(error.to_string().contains("what was read back is not what was written"), "{error}");
            found += 1;
        }
        judge(card.path(), stick.path(), &format!("a lie at {operation}"));
    }
    // Two videos of four blocks; two stills, two descriptions and two files of the chain of one.
    assert_eq!(found, 2 * 4 + 6);
}

#[test]
fn whoever_stops_it_finds_only_whole_files_and_nothing_half() {
    let card = card();
    for blocks in 1..10 {
        let stick = tempfile::tempdir().expect("a folder");
        let faulty = Faulty::new(stick.path(), Fault::None);
        let mut owner = Listener { blocks_max: Some(blocks), ..Listener::default() };
        let ended = export(card.path(), &faulty, &Order::New, &mut owner);
        assert!(matches!(ended, Err(WorkError::Stopped)), "{ended:?}");
        judge(card.path(), stick.path(), "stopped");
        assert!(files(stick.path()).keys().all(|name| !name.ends_with(".part")), "after {blocks} blocks");
    }
}

#[test]
fn a_clip_that_goes_while_it_is_copied_is_named_and_the_others_come() {
    let (card, stick) = (card(), tempfile::tempdir().expect("a folder"));
    let doomed = card.path().join(format!("{}.mp4.age", NAMES[1]));
    let after = |blocks: u64| {
        if blocks == 2 {
            fs::remove_file(&doomed).expect("deleted");
        }
    };
    let faulty = Faulty::new(stick.path(), Fault::None);
    let mut owner = Listener { after: Some(&after), ..Listener::default() };
    let tally = export(card.path(), &faulty, &Order::New, &mut owner).expect("the others come");
    assert_eq!((tally.copied, tally.left_out), (1, 1));
    assert_eq!(owner.left_out, [format!("{}.mp4.age: it was deleted meanwhile", NAMES[1])]);
    judge(card.path(), stick.path(), "deleted meanwhile");
    assert!(stick.path().join(format!("{}.mp4", NAMES[0])).exists());
}

#[test]
fn another_file_of_the_name_stays_and_a_beginning_is_replaced() {
    let (card, stick) = (card(), tempfile::tempdir().expect("a folder"));
    let video = format!("{}.mp4", NAMES[0]);
    let whole = fs::read(card.path().join(&video)).expect("read");
    let mut other = whole.clone();
    other[BLOCK_BYTES] ^= 1;
    fs::write(stick.path().join(&video), &other).expect("written");
    fs::write(stick.path().join("chain-0000000001.jsonl"), "{}\n").expect("written");
    well(card.path(), stick.path(), &Order::All);
    let on_stick = files(stick.path());
    assert!(on_stick[&video] == other, "what is there and differs is somebody's");
    assert!(on_stick[&format!("{}.2.mp4", NAMES[0])] == whole);
    assert!(on_stick["chain-0000000001.jsonl"] == files(card.path())["chain-0000000001.jsonl"]);
    assert_eq!(well(card.path(), stick.path(), &Order::All).bytes, 0, "and once is enough");
}

#[test]
fn a_clip_that_the_stick_cannot_hold_is_named_with_the_reason() {
    let (card, stick) = (card(), tempfile::tempdir().expect("a folder"));
    let mut faulty = Faulty::new(stick.path(), Fault::None);
    faulty.free_bytes = 100_000;
    let ended = export(card.path(), &faulty, &Order::New, &mut Listener::default());
    let expected = format!("the stick is full: for {}.mp4.age another 96 KiB are missing", NAMES[1]);
    assert_eq!(ended.expect_err("full").to_string(), expected);

    let folder = Directory::read_only(card.path());
    let stick = Faulty::new(stick.path(), Fault::None);
    let mut work = Work::new(&folder, &stick, &Order::New, Some(2 * BLOCK_BYTES as u64));
    let mut owner = Listener::default();
    work.run(&mut owner).expect("the others come");
    assert_eq!(work.tally.left_out, 2);
    assert!(
        owner.left_out[0]
            .ends_with("it is larger than 4 GiB, which FAT cannot hold; format the stick with exFAT")
    );
}

#[test]
fn an_order_says_which_clips_and_only_everything_brings_the_chain() {
    let card = card();
    for (order, names) in [
        (Order::Newest(1), &NAMES[1..2]),
        (Order::Since(1_486_049_700_000_000), &NAMES[1..2]),
        (Order::Clip(NAMES[0].into()), &NAMES[..1]),
        (Order::Newest(9), &NAMES[..2]),
    ] {
        let stick = tempfile::tempdir().expect("a folder");
        well(card.path(), stick.path(), &order);
        let found: Vec<String> =
            files(stick.path()).into_keys().filter(|name| name.ends_with(".json")).collect();
        let expected: Vec<String> = names.iter().map(|name| format!("{name}.json")).collect();
        assert_eq!(found, expected, "{order:?}");
        assert!(files(stick.path()).keys().all(|name| !name.starts_with("chain-")));
    }
}

#[test]
fn the_chain_goes_no_further_than_the_clips_that_are_there() {
    let (card, stick) = (card(), tempfile::tempdir().expect("a folder"));
    let newest = card.path().join("chain-0000000257.jsonl");
    let sidecar = card.path().join(format!("{}.json", NAMES[2]));
    // While the first clip is copied the one that is being written is finished, and a link added.
    let after = |blocks: u64| {
        if blocks == 1 {
            let text = fs::read_to_string(&sidecar)
                .expect("read")
                .replace("\"complete\":false", "\"complete\":true");
            fs::write(&sidecar, text).expect("written");
            fs::write(&newest, "{}\n{}\n").expect("written");
        }
    };
    let faulty = Faulty::new(stick.path(), Fault::None);
    let mut owner = Listener { after: Some(&after), ..Listener::default() };
    let tally = export(card.path(), &faulty, &Order::New, &mut owner).expect("exported");
    assert_eq!(tally.copied, 3, "the clip that the new link tells of is there too");
    assert_eq!(files(stick.path()), files(card.path()));
}

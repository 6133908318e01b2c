//! Cards that are none of ours, cut short, damaged, or that cannot be read somewhere.

use std::cell::Cell;
use std::fs::File;
use std::rc::Rc;

use boards::layout::CLIPS;

use super::super::card::Card;
use super::super::{Error, Report, Wanted};
use super::made::{Faulty, Made, ONE, Patient, TWO, pull};

const BLOCK: u64 = 4096;

/// Something that happens to a card's bytes.
type Change<'a> = &'a dyn Fn(&mut Vec<u8>);

/// Two clips, each with a video of many blocks.
fn card() -> Made {
    let video: Vec<u8> = (0..300_000_u32).map(|at| (at / 7) as u8).collect();
    Made::with(&[
        (&format!("{ONE}.mp4"), &video),
        (&format!("{ONE}.json"), b"{}"),
        (&format!("{TWO}.mp4"), &video),
        (&format!("{TWO}.json"), b"{}"),
    ])
}

/// All but this one came, and it is named with this reason.
fn all_but(made: &Made, report: &Report, name: &str, why: &str) {
    assert_eq!((report.files, report.unread.len()), (3, 1), "{report}");
    assert!(report.unread[0].0 == name && report.unread[0].1.contains(why), "{report}");
    assert!(!report.is_complete() && made.names().len() == 3, "{:?}", made.names());
}

#[test]
fn what_is_no_card_of_ours_is_refused_with_a_sentence() {
    let made = card();
    let whole = std::fs::read(made.path()).expect("read");
    let refusal = |change: Change| {
        let mut bytes = whole[..CLIPS.offset_bytes as usize].to_vec();
        change(&mut bytes);
        std::fs::write(made.path(), bytes).expect("written");
        made.open().err().map(|error| error.to_string()).unwrap_or_default()
    };
    let expected: [(Change, &str); 7] = [
        (&|bytes| bytes.clear(), "its first sector cannot be read"),
        (&|bytes| bytes.fill(0), "this is no Kerberos card"),
        (&|bytes| bytes[440] ^= 1, "this is no Kerberos card"),
        (&|bytes| bytes[510] = 0, "this is no Kerberos card"),
        (&|bytes| bytes[446 + 48 + 4] = 0x0c, "whose clips partition was changed"),
        (&|bytes| bytes[446 + 48 + 8] ^= 1, "whose clips partition was changed"),
        (&|_| (), "cannot be read"),
    ];
    for (change, sentence) in expected {
        let error = refusal(change);
        assert!(error.contains("card.img: ") && error.contains(sentence), "{sentence}: {error}");
    }
}

#[test]
fn a_damaged_inode_costs_only_its_file() {
    let made = card();
    let name = format!("{ONE}.mp4");
    let place = made.debugfs(&[&format!("imap /clips/{name}")]);
    // `Inode 13 is part of block group 0 \n located at block 37, offset 0x0c00`
    let field = |before: &str| {
        let rest = place.split(before).nth(1).unwrap_or_default();
        rest.split([',', '\n']).next().unwrap_or_default().trim().to_owned()
    };
    let block: u64 = field("located at block ").parse().expect("a block");
    let offset = u64::from_str_radix(field("offset 0x").as_str(), 16).expect("an offset");
    made.spoil(block * BLOCK + offset + 4, &[0xaa]);
    let (result, report) = made.pull(Wanted::default());
    result.expect("the others");
    all_but(&made, &report, &name, "inode");
}

#[test]
fn a_damaged_map_of_blocks_costs_only_its_file() {
    let made = card();
    let mut pieces = vec![1; 1000 * BLOCK as usize];
    pieces.chunks_exact_mut(BLOCK as usize).step_by(2).for_each(|block| block.fill(0));
    made.debugfs(&[&format!("rm /clips/{ONE}.mp4")]);
    made.put(&format!("{ONE}.mp4"), &pieces);
    // `(ETB0):4321` are the blocks of its tree.
    let stat = made.debugfs(&[&format!("stat /clips/{ONE}.mp4")]);
    let tree = stat.split("(ETB0):").nth(1).and_then(|rest| rest.split([',', '\n', ' ']).next());
    let tree: u64 = tree.and_then(|block| block.parse().ok()).unwrap_or_else(|| panic!("{stat}"));
    made.spoil(tree * BLOCK + 100, &[0x55; 8]);
    let (result, report) = made.pull(Wanted::default());
    result.expect("the others");
    all_but(&made, &report, &format!("{ONE}.mp4"), "the map of inode");
}

#[test]
fn a_block_that_cannot_be_read_costs_only_its_file() {
    let made = card();
    let name = format!("{TWO}.mp4");
    let block = made.blocks(&format!("/clips/{name}"))[40];
    let start = CLIPS.offset_bytes + block * BLOCK;
    let card = File::open(made.path()).expect("opened");
    let faulty = Faulty { card, bad: start..start + 512, is_gone: Rc::default() };
    let card = Card::open(&made.path(), Box::new(faulty)).expect("opened");
    let (result, report) = pull(card, Wanted::default(), &made.pulled(), &mut Patient);
    result.expect("the others");
    all_but(&made, &report, &name, "cannot be read: Input/output error");
}

#[test]
fn a_card_that_is_taken_out_ends_it_with_one_sentence() {
    struct Puller(Rc<Cell<bool>>);
    impl super::super::copy::Watch for Puller {
        fn progress(&mut self, done: u64, _: u64) {
            self.0.set(done > 100_000);
        }
        fn stop(&mut self) -> bool {
            false
        }
    }
    let made = card();
    let is_gone = Rc::new(Cell::new(false));
    let faulty =
        Faulty { card: File::open(made.path()).expect("opened"), bad: 0..0, is_gone: Rc::clone(&is_gone) };
    let card = Card::open(&made.path(), Box::new(faulty)).expect("opened");
    let (result, report) = pull(card, Wanted::default(), &made.pulled(), &mut Puller(is_gone));
    assert!(matches!(result, Err(Error::Gone(_))), "{result:?}");
    assert_eq!((report.unread.len(), made.names().len()), (0, report.files));
}

#[test]
fn a_damaged_block_of_the_folder_costs_only_its_names() {
    let made = Made::new();
    // Three blocks of names.
    let names: Vec<String> = (0..110).map(|number| format!("{number:090}.mp4")).collect();
    let source = made.beside("one", b"1");
    let commands: Vec<String> =
        names.iter().map(|name| format!("write {} /clips/{name}", source.display())).collect();
    made.debugfs(&commands.iter().map(String::as_str).collect::<Vec<_>>());
    let blocks = made.blocks("/clips");
    assert!(blocks.len() >= 3, "{blocks:?}");
    made.spoil(blocks[1] * BLOCK + 30, b"spoilt");
    let (result, report) = made.pull(Wanted::default());
    result.expect("the others");
    assert!((60..90).contains(&report.files) && report.lost.len() == 1, "{report}");
    assert!(
        !report.is_complete() && report.to_string().contains("LOST        part of the folder"),
        "{report}"
    );
}

#[test]
fn a_damaged_superblock_without_a_backup_is_told_and_a_backup_is_used_where_there_is_one() {
    let made = card();
    made.spoil(1024 + 200, &[0x77]);
    let error = made.open().err().expect("damaged").to_string();
    assert!(error.contains("there is no ext4 file system on the clips partition"), "{error}");

    let made = card();
    let size = CLIPS.offset_bytes + (300 << 20);
    let file = File::options().write(true).open(made.path()).expect("opened");
    file.set_len(size).expect("sized");
    std::os::unix::fs::FileExt::write_all_at(&file, &crate::image::mbr::mbr(size), 0).expect("written");
    let part = made.beside("part", &std::fs::read(made.path()).expect("read")[CLIPS.offset_bytes as usize..]);
    let mut resize2fs = std::process::Command::new("/usr/sbin/resize2fs");
    crate::host::command::run(resize2fs.arg(&part)).unwrap_or_else(|error| panic!("{error}"));
    made.spoil(0, &std::fs::read(part).expect("read"));
    made.spoil(1024, &[0; 1024]);
    let report = made.pull_all();
    assert_eq!(report.files, 4, "{report}");
    assert!(made.open().expect("opened").notes().iter().any(|note| note.contains("a backup is used")));
}

#[test]
fn of_an_image_that_was_cut_short_comes_what_is_there() {
    let made = card();
    let first = made.blocks(&format!("/clips/{TWO}.mp4"))[30];
    let file = File::options().write(true).open(made.path()).expect("opened");
    file.set_len(CLIPS.offset_bytes + first * BLOCK + 7).expect("cut");
    assert!(made.open().expect("opened").notes()[0].contains("the image was cut short"));
    let (result, report) = made.pull(Wanted::default());
    result.expect("the others");
    // What lies behind the cut is named, and what lies before it came.
    assert!(made.names().contains(&format!("{ONE}.mp4")) && !made.names().contains(&format!("{TWO}.mp4")));
    assert!(report.unread.iter().any(|(name, _)| name.starts_with(TWO)) && !report.is_complete(), "{report}");
}

#[test]
fn no_flipped_byte_of_the_tables_ends_in_a_panic_or_a_wrong_file() {
    let made = card();
    let video = (0..300_000_u32).map(|at| (at / 7) as u8).collect::<Vec<u8>>();
    // Superblock, descriptors, the inodes of the files, the folder.
    let inodes: u64 = made
        .debugfs(&["imap /clips"])
        .split("located at block ")
        .nth(1)
        .and_then(|rest| rest.split(',').next()?.parse().ok())
        .expect("a block");
    let folder = made.blocks("/clips")[0];
    let places = [(1024, 1024), (BLOCK, 64), (inodes * BLOCK, 4096), (folder * BLOCK, 400)];
    let original = std::fs::read(made.path()).expect("read");
    for (start, length) in places {
        for at in (start..start + length).step_by(37) {
            let byte = original[(CLIPS.offset_bytes + at) as usize];
            made.spoil(at, &[byte ^ 0x41]);
            if let Ok(card) = made.open() {
                let to = made.pulled().with_extension(at.to_string());
                let _ = pull(card, Wanted::default(), &to, &mut Patient);
                for name in super::made::names(&to).iter().filter(|name| name.ends_with(".mp4")) {
                    assert!(std::fs::read(to.join(name)).expect("read") == video, "byte {at}: {name}");
                }
                let _ = std::fs::remove_dir_all(to);
            }
            made.spoil(at, &[byte]);
        }
    }
}

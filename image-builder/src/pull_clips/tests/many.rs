//! A hundred thousand files in one folder.
//!
//! debugfs and mke2fs take hours to make such a folder, so its blocks are made here: many names for two files.

use std::time::{Duration, Instant};

use super::super::{Wanted, list, select};
use super::made::{Made, UUID};

const CLIPS_COUNT: u32 = 50_000;
const BLOCK: usize = 4096;
/// Far more than it takes on a slow machine; a second on a fast one.
const TIME_MAX: Duration = Duration::from_secs(60);

fn sum(seed: u32, bytes: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, bytes)
}

fn entry(inode: u32, name: &str, length: usize) -> Vec<u8> {
    let mut entry = inode.to_le_bytes().to_vec();
    entry.extend(u16::try_from(length).expect("fits").to_le_bytes());
    entry.extend([u8::try_from(name.len()).expect("fits"), 1]);
    entry.extend(name.as_bytes());
    entry.resize(length, 0);
    entry
}

/// Blocks of a folder with these names, for the folder with this inode and generation.
fn folder(names: &[(String, u32)], inode: u32, generation: u32) -> Vec<u8> {
    let seed = sum(sum(sum(u32::MAX, &UUID), &inode.to_le_bytes()), &generation.to_le_bytes());
    let mut blocks = Vec::new();
    let per_block = (BLOCK - 12) / 80;
    for names in names.chunks(per_block) {
        let mut block = Vec::new();
        for (index, (name, inode)) in names.iter().enumerate() {
            let length = if index + 1 == names.len() { BLOCK - 12 - block.len() } else { 80 };
            block.extend(entry(*inode, name, length));
        }
        let tail = sum(seed, &block);
        block.extend([0, 0, 0, 0, 12, 0, 0, 0xde]);
        block.extend(tail.to_le_bytes());
        blocks.extend(block);
    }
    blocks
}

#[test]
fn a_hundred_thousand_files_are_listed_and_the_newest_pulled_in_time() {
    let made = Made::new();
    let sources = [made.beside("v", b"a video"), made.beside("d", b"{\"complete\":true}")];
    let number = |made: &Made, path: &str, field: &str| {
        let stat = made.debugfs(&[&format!("stat {path}")]);
        let value = stat.split(field).nth(1).and_then(|rest| rest.split_whitespace().next());
        value.and_then(|value| value.parse::<u32>().ok()).unwrap_or_else(|| panic!("{stat}"))
    };
    made.debugfs(&[
        &format!("write {} /v", sources[0].display()),
        &format!("write {} /d", sources[1].display()),
    ]);
    let (video, description) = (number(&made, "/v", "Inode: "), number(&made, "/d", "Inode: "));
    let names: Vec<(String, u32)> = (0..CLIPS_COUNT)
        .flat_map(|at| {
            let name =
                format!("{}_6-161868_camera_64-360-208-648_534_{}", 1_700_000_000 + at * 60, at % 1000);
            [(format!("{name}.mp4"), video), (format!("{name}.json"), description)]
        })
        .collect();
    // Its inode is known once it is there; its length does not depend on it.
    let empty = made.beside("folder", &folder(&names, 0, 0));
    made.debugfs(&[
        "rmdir /clips",
        &format!("write {} /clips", empty.display()),
        "set_inode_field /clips mode 040755",
    ]);
    let (inode, generation) = (number(&made, "/clips", "Inode: "), number(&made, "/clips", "Generation: "));
    let content = folder(&names, inode, generation);
    for (block, content) in made.blocks("/clips").into_iter().zip(content.chunks(BLOCK)) {
        made.spoil(block * BLOCK as u64, content);
    }

    let started = Instant::now();
    let mut card = made.open().expect("opened");
    let found = card.content().expect("listed");
    assert_eq!((found.candidates.len(), found.lost.len()), (100_000, 0));
    let (text, is_whole) = list::table(&mut card, select::select(found.candidates, Wanted::default()));
    assert!(is_whole && text.lines().count() as u32 == CLIPS_COUNT + 3, "{}", text.lines().count());
    println!("100 000 files listed with their descriptions in {:?}", started.elapsed());
    let (result, report) = made.pull(Wanted { newest: Some(3), since: None });
    result.expect("pulled");
    assert_eq!((report.files, report.clips), (6, 3), "{report}");
    assert!(started.elapsed() < TIME_MAX, "{:?}", started.elapsed());
}

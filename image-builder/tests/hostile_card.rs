//! A file system of a card may say anything: one of ours, changed at random, and the kept corpus go through the probe.
//!
//! New inputs come from `fuzz/run.sh`; an input that once broke something is kept for ever. Must not use a card.
#[path = "../../fuzz/ext4_probe.rs"]
mod ext4_probe;

use std::path::Path;

use image_builder::camera::random::Random;

/// Changed file systems in every run.
const MUTATIONS: usize = 10_000;
const SEED: u64 = 0x4b45_5242;
/// Changes of one of them.
const CHANGES_MAX: u32 = 4;
/// The files that are on the card.
const FILES: usize = 3;

#[test]
fn no_file_system_that_a_card_holds_does_harm() {
    assert_eq!(ext4_probe::ext4(&[]), FILES, "without a change all is read");
    let mut random = Random::new(SEED, 0);
    for number in 0..MUTATIONS {
        let bytes = 5 * (1 + random.below(CHANGES_MAX));
        let changes: Vec<u8> = (0..bytes).map(|_| random.draw() as u8).collect();
        // Told where a probe fails: the harness shows what was printed.
        if std::panic::catch_unwind(|| ext4_probe::ext4(&changes)).is_err() {
            panic!("mutation {number} of seed {SEED:#x}: {changes:?}");
        }
    }
}

#[test]
fn the_kept_corpus_of_file_systems_does_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/ext4");
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an input").path();
        println!("{}", path.display());
        ext4_probe::ext4(&std::fs::read(&path).expect("read"));
        inputs += 1;
    }
    assert!(inputs >= 8, "{} holds only {inputs} inputs", folder.display());
}

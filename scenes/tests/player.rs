//! Every scene as its users play it: sizes, lengths, determinism.

use scenes::{Picture, catalogue, find};

/// FNV-1a over all bytes of a picture.
fn checksum(picture: &Picture, before: u64) -> u64 {
    let planes = [&picture.luma, &picture.blue, &picture.red];
    planes
        .into_iter()
        .flatten()
        .fold(before, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// G1: every scene plays at every size.
#[test]
fn every_scene_plays_at_every_size() {
    for scene in catalogue() {
        for (width, height) in [(64, 48), (161, 91), (640, 360)] {
            let mut player = scene.play(width, height, 7).seconds(1);
            let mut picture = Picture::new();
            let truth = player.next_frame(&mut picture);
            assert!(truth.is_some(), "{}", scene.name);
            assert_eq!((picture.width, picture.height), (width, height), "{}", scene.name);
            assert_eq!(picture.luma.len(), width * height);
        }
    }
}

/// G2: names find their scenes, and no two are the same.
#[test]
fn names_are_unique_and_found() {
    for scene in catalogue() {
        assert_eq!(find(scene.name).map(|found| found.what), Some(scene.what));
        assert!(
            scene.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            scene.name
        );
    }
    assert!(find("no-such-scene").is_none());
}

/// G3: same seed, same bytes; another seed, others.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    for scene in catalogue() {
        let sum = |seed: u64| {
            let mut player = scene.play(96, 64, seed).seconds(2);
            let mut picture = Picture::new();
            let mut sum = 0xcbf2_9ce4_8422_2325;
            while player.next_frame(&mut picture).is_some() {
                sum = checksum(&picture, sum);
            }
            sum
        };
        assert_eq!(sum(3), sum(3), "{}", scene.name);
        assert_ne!(sum(3), sum(4), "{}", scene.name);
    }
}

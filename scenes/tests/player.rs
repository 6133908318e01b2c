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
            let mut player = scene.play(64, 48, seed).seconds(1);
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

/// The last frame of a scene's first seconds.
fn frame_after(name: &str, seconds: u32) -> u64 {
    let scene = find(name).unwrap_or_else(|| panic!("{name} is in the catalogue"));
    let mut player = scene.play(96, 64, 42).seconds(seconds);
    let mut picture = Picture::new();
    while player.next_frame(&mut picture).is_some() {}
    checksum(&picture, 0xcbf2_9ce4_8422_2325)
}

/// G3: these bytes are the same on every machine. They change only when somebody changes a scene, who then writes down
/// the new ones and makes the benchmarks anew.
#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let pinned = [
        ("walker-near", 10, 0xfff9_63eb_29b5_2d9a),
        ("car-night", 10, 0xfaec_be17_7ee8_5ef9),
        ("rain-heavy", 2, 0x7e56_f9c5_c3cf_028a),
        ("water", 2, 0xf3fa_169a_e47b_9c3b),
        ("insects-night", 3, 0xafb8_7cbb_3d37_9fe0),
        ("exposure-swing", 4, 0x4805_5536_360b_7503),
        ("camera-shake", 2, 0x8f0f_c767_8c95_b6e8),
        ("compression", 2, 0x1c34_0357_cdff_3ac1),
        ("tamper-spray", 14, 0xf689_7a8f_6a82_5cd4),
        ("tamper-defocus", 13, 0x5ace_b53c_33a2_8829),
    ];
    let found = pinned.map(|(name, seconds, _)| (name, seconds, frame_after(name, seconds)));
    assert_eq!(found, pinned);
}

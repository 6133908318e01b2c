//! The truth against the pixels, and the course of scenes.

use super::Player;
use crate::camera::Settings;
use crate::catalogue::{catalogue, find};
use crate::picture::Picture;
use crate::recipe::{Kind, Recipe, Scene};
use crate::schedule::Tick;
use crate::truth::{Bounds, Target, Truth};

/// Lens and colour planes carry a change this many pixels beyond a target.
const BLUR_PX: usize = 4;

fn scene(name: &str) -> Scene {
    *find(name).unwrap_or_else(|| panic!("{name} is in the catalogue"))
}

/// The scene through a camera without noise whose loops hold still, with and without its targets.
fn ideal(scene: &Scene, with_actors: bool) -> Scene {
    let actors = if with_actors { scene.recipe.actors } else { &[] };
    let camera = Settings { is_ideal: true, ..scene.recipe.camera };
    Scene { recipe: Recipe { actors, camera, ..scene.recipe }, ..*scene }
}

/// Takes the frame of a time without playing those before it.
fn frame_at(player: &mut Player, t: f64) -> (Picture, Vec<Target>) {
    let tick = Tick { index: (t * 25.0) as u64, timestamp_us: (t * 1e6) as u64, is_repeat: false };
    let mut picture = Picture::new();
    player.take(tick, t, &mut picture);
    (picture, player.last_truth.targets.clone())
}

fn differs(a: &Picture, b: &Picture, x: usize, y: usize, by: u8) -> bool {
    let luma = y * a.width + x;
    let chroma = y / 2 * a.chroma_size().0 + x / 2;
    a.luma[luma].abs_diff(b.luma[luma]) >= by
        || a.blue[chroma].abs_diff(b.blue[chroma]) >= by
        || a.red[chroma].abs_diff(b.red[chroma]) >= by
}

/// Where a target and its shadow may change pixels: nothing above it, and to the sides and below as far as a shadow or a
/// beam of lamps goes.
fn reach(bounds: Bounds, x: usize, y: usize, name: &str) -> bool {
    let has_lamps = name == "car-night";
    // Behind the hedge only the upper half is seen of it, but all of its shadow beside the hedge.
    let high = bounds.height() * if name == "walker-hedge" { 3 } else { 1 };
    let wide = bounds.width();
    let aside = if has_lamps { 3 * wide + 12 } else { high + wide / 2 + 12 };
    let above = if has_lamps { high } else { 0 };
    y + BLUR_PX + above >= bounds.top
        && y <= bounds.lower + high / 2 + above + wide / 8 + BLUR_PX
        && x + aside >= bounds.left
        && x <= bounds.right + aside
}

/// G4: where a target is said to be the picture differs from the same one without it; elsewhere it does not.
#[test]
fn the_truth_agrees_with_the_pixels() {
    let names = [
        "walker-near",
        "walker-towards",
        "walker-hedge",
        "walker-pillar",
        "cat",
        "car",
        "crawler",
        "car-night",
        "walker-rain",
        "walkers-crossing",
    ];
    for name in names {
        let scene = scene(name);
        let (width, height) = (240, 136);
        let mut with = ideal(&scene, true).play(width, height, 11);
        let mut without = ideal(&scene, false).play(width, height, 11);
        let mut checked = 0;
        for step in 0..scene.seconds * 2 {
            let t = f64::from(step) * 0.5;
            let (seen, targets) = frame_at(&mut with, t);
            let (empty, none) = frame_at(&mut without, t);
            assert!(none.is_empty());
            // Who is cut off by the edge may throw a shadow of any size into the picture.
            if targets.iter().any(|target| target.bounds.left == 0 || target.bounds.right == width) {
                continue;
            }
            checked += check(name, &seen, &empty, &targets);
        }
        assert!(checked >= 4, "{name}: {checked}");
    }
}

fn check(name: &str, seen: &Picture, empty: &Picture, targets: &[Target]) -> usize {
    for target in targets {
        let Bounds { left, top, right, lower } = target.bounds;
        let inside = (top..lower).flat_map(|y| (left..right).map(move |x| (x, y)));
        let changed = inside.filter(|(x, y)| differs(seen, empty, *x, *y, 3)).count();
        assert!(changed * 2 >= target.visible_px as usize, "{name}: {changed} of {target:?}");
        assert!(target.visible_px as usize <= target.bounds.width() * target.bounds.height());
    }
    if targets.is_empty() {
        return 0;
    }
    for y in 0..seen.height {
        for x in 0..seen.width {
            let may = targets.iter().any(|target| reach(target.bounds, x, y, name));
            assert!(may || !differs(seen, empty, x, y, 2), "{name}: {x} {y} changes, {targets:?}");
        }
    }
    1
}

/// G4: what is hidden is not counted.
#[test]
fn hidden_pixels_are_not_counted() {
    let scene = scene("walker-pillar");
    let bare = Scene { recipe: Recipe { things: &[], ..scene.recipe }, ..scene };
    let mut hidden = ideal(&scene, true).play(320, 180, 2);
    let mut open = ideal(&bare, true).play(320, 180, 2);
    let mut least = 1.0_f32;
    for step in 0..140 {
        let t = 8.0 + f64::from(step) * 0.05;
        let seen = frame_at(&mut hidden, t).1.first().map_or(0, |target| target.visible_px);
        let whole = frame_at(&mut open, t).1.first().map_or(0, |target| target.visible_px);
        assert!(seen <= whole, "{seen} of {whole}");
        if whole > 100 {
            least = least.min(seen as f32 / whole as f32);
        }
    }
    assert!(least < 0.7, "the pillar hides nothing: {least}");
}

/// G5: every target comes after some seconds (or is there first and leaves), is seen, and is gone at the end.
#[test]
fn every_target_is_seen_and_goes() {
    for scene in catalogue().iter().filter(|scene| scene.kind == Kind::Target) {
        let mut player = scene.play(160, 90, 1);
        let mut seen = 0;
        let mut largest = 0;
        for step in 0..scene.seconds * 4 {
            let t = f64::from(step) * 0.25;
            let (_, targets) = frame_at(&mut player, t);
            if t < 6.0 && scene.name != "walker-leaves" {
                assert!(targets.is_empty(), "{} at {t}", scene.name);
            }
            seen += usize::from(!targets.is_empty());
            largest = largest.max(targets.iter().map(|target| target.visible_px).max().unwrap_or(0));
        }
        assert!(seen >= 6, "{}: seen {seen}", scene.name);
        assert!(largest >= 10, "{}: {largest} pixels", scene.name);
        let (_, targets) = frame_at(&mut player, f64::from(scene.seconds) - 0.05);
        assert!(
            targets.is_empty() || scene.name.starts_with("crawler"),
            "{} ends with {targets:?}",
            scene.name
        );
    }
}

/// G5: nuisances show no targets and tell of no tampering, however long they last.
#[test]
fn nuisances_have_no_targets() {
    for scene in catalogue().iter().filter(|scene| scene.kind == Kind::Nuisance) {
        let mut player = scene.play(64, 48, 9).seconds(600);
        let mut picture = Picture::new();
        for _ in 0..8 {
            let truth = player.next_frame(&mut picture).unwrap_or_default();
            assert_eq!((truth.targets.len(), truth.tamper), (0, None), "{}", scene.name);
        }
        assert!(frame_at(&mut player, 599.0).1.is_empty());
    }
}

/// G9: a longer play brings a target again in each pass, under another number; standing still is told.
#[test]
fn targets_come_once_in_each_pass() {
    let scene = scene("walker-stops");
    let mut player = scene.play(160, 90, 1);
    let ids: Vec<u32> = [10.0, 46.0, 82.0].into_iter().map(|t| frame_at(&mut player, t).1[0].id).collect();
    assert_eq!(ids, [0, 1, 2]);
    let is_moving = |player: &mut Player, t: f64| frame_at(player, t).1[0].is_moving;
    assert!(is_moving(&mut player, 11.0) && !is_moving(&mut player, 17.0) && is_moving(&mut player, 24.0));
}

fn play(scene: &Scene, seconds: u32) -> Vec<(Truth, Picture)> {
    let mut player = scene.play(96, 64, 4).seconds(seconds);
    let mut picture = Picture::new();
    let mut frames = Vec::new();
    while let Some(truth) = player.next_frame(&mut picture) {
        frames.push((truth, picture.clone()));
    }
    frames
}

/// Sum of differences between neighbours: what a lens out of focus takes away.
fn detail(picture: &Picture) -> u64 {
    picture.luma.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).sum()
}

fn mean(picture: &Picture) -> u64 {
    picture.luma.iter().map(|value| u64::from(*value)).sum::<u64>() / picture.luma.len() as u64
}

/// G9: what is done to the camera is told from its first frame on, and seen.
#[test]
fn tampering_is_told_and_seen() {
    for scene in catalogue().iter().filter(|scene| scene.kind == Kind::Tamper) {
        let frames = play(scene, 28);
        let begin = frames.iter().position(|(truth, _)| truth.tamper.is_some());
        assert_eq!(begin, Some(300), "{}", scene.name);
        assert!(
            frames[300..].iter().all(|(truth, _)| truth.tamper == frames[300].0.tamper),
            "{}",
            scene.name
        );
        let (before, after) = (&frames[299].1, &frames[frames.len() - 1].1);
        let told = match scene.name {
            "tamper-frozen" => frames[300..].iter().all(|(_, picture)| picture == before),
            name if name.contains("defocus") => detail(after) * 4 < detail(before) * 3,
            name if name.contains("cloth") => detail(after) < detail(before),
            name if name.contains("torch") => (300..340).any(|at| mean(&frames[at].1) > mean(before) + 60),
            _ => {
                let pairs = before.luma.iter().zip(&after.luma);
                pairs.filter(|(a, b)| a.abs_diff(**b) > 12).count() * 6 > before.luma.len()
            }
        };
        assert!(
            told,
            "{}: detail {} {}, mean {} {}",
            scene.name,
            detail(before),
            detail(after),
            mean(before),
            mean(after)
        );
    }
}

/// G8: a repeated frame has the bytes of the one before and a time of its own.
#[test]
fn repeated_frames_are_the_same_bytes() {
    let frames = play(&scene("frames-lost"), 12);
    let same = frames.windows(2).filter(|pair| pair[0].1 == pair[1].1).count();
    assert!(same >= 3, "{same}");
    assert!(frames.windows(2).all(|pair| pair[0].0.timestamp_us < pair[1].0.timestamp_us));
}

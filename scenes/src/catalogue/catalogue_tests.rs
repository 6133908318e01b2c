//! The catalogue against the words of what was asked for.

use super::{catalogue, find};
use crate::recipe::Kind;
use crate::truth::{TamperKind, TargetKind};

/// Each nuisance that the detector must not fall for, and the scenes that show it.
const NUISANCES: &[(&str, &[&str])] = &[
    ("global light change", &["light-ramp", "sun-and-clouds"]),
    ("local light change", &["cloud-shadows", "tree-shadows"]),
    ("auto-exposure swing", &["exposure-swing"]),
    ("white-balance swing", &["balance-swing"]),
    ("infrared switch", &["infrared-switch"]),
    ("lamp on/off", &["lamp-switch", "lamp-room"]),
    ("headlights sweeping", &["headlights"]),
    ("rain", &["rain", "rain-heavy", "rain-night"]),
    ("snow", &["snow", "snow-night"]),
    ("swaying trees", &["trees-breeze", "trees-gusts"]),
    ("water", &["water"]),
    ("camera shake", &["camera-shake"]),
    ("sensor noise at night", &["still-night", "night-hot-pixels", "still-infrared"]),
    ("rolling bands from mains light", &["mains-bands", "mains-bands-fast"]),
    ("compression blocking", &["compression"]),
    ("dropped and repeated frames", &["frames-lost"]),
    ("variable frame rate", &["rate-varies"]),
    ("nothing at all", &["still-day"]),
    ("cloth", &["curtain", "flag"]),
    ("small things near the lens", &["insects-night", "web-strand", "lens-drops"]),
    ("things that shine", &["screen-flicker", "blinker"]),
];

/// Each kind of target.
const TARGETS: &[(&str, &[&str])] = &[
    ("walker near", &["walker-near", "walker-towards"]),
    ("walker far", &["walker-far", "walker-street"]),
    ("car", &["car", "car-low-contrast", "car-stops", "van-exposure"]),
    ("cat", &["cat", "cat-night"]),
    ("slow crawler", &["crawler", "crawler-night"]),
    ("occluded", &["walker-pillar", "walker-hedge"]),
    ("night", &["walker-night", "walker-night-far", "car-night"]),
    ("was there at the start and leaves", &["walker-leaves"]),
    ("stops and goes on", &["walker-stops", "car-stops", "cat"]),
    ("during a nuisance", &["walker-rain", "walker-snow", "walker-trees", "walker-exposure", "walker-shake"]),
    ("two at once", &["walkers-crossing"]),
];

const TAMPERING: &[(TamperKind, &[&str])] = &[
    (TamperKind::Covered, &["tamper-cloth", "tamper-spray"]),
    (TamperKind::Defocused, &["tamper-defocus", "tamper-defocus-slowly"]),
    (TamperKind::TurnedAway, &["tamper-turn"]),
    (TamperKind::Blinded, &["tamper-torch"]),
    (TamperKind::Frozen, &["tamper-frozen"]),
];

fn assert_all(table: &[(&str, &[&str])], kind: Kind) {
    for (word, names) in table {
        assert!(!names.is_empty());
        for name in *names {
            assert_eq!(find(name).map(|scene| scene.kind), Some(kind), "{word}: {name}");
        }
    }
}

/// G5: each nuisance, each kind of target and each way of tampering has a scene.
#[test]
fn the_catalogue_covers_what_was_asked_for() {
    assert_all(NUISANCES, Kind::Nuisance);
    assert_all(TARGETS, Kind::Target);
    for (kind, names) in TAMPERING {
        for name in *names {
            let plan = find(name).and_then(|scene| scene.recipe.tamper);
            assert_eq!(plan.map(|plan| plan.how.kind()), Some(*kind), "{name}");
        }
    }
    for kind in [TargetKind::Walker, TargetKind::Crawler, TargetKind::Car, TargetKind::Van, TargetKind::Cat] {
        assert!(catalogue().iter().any(|s| s.recipe.actors.iter().any(|a| a.kind == kind)), "{kind:?}");
    }
}

/// G5: scenes are what their kind says: only targets have targets, only tampering has tampering.
#[test]
fn a_scene_is_of_its_kind() {
    for scene in catalogue() {
        assert_eq!(scene.kind == Kind::Target, !scene.recipe.actors.is_empty(), "{}", scene.name);
        assert_eq!(scene.kind == Kind::Tamper, scene.recipe.tamper.is_some(), "{}", scene.name);
        let lengths = if scene.kind == Kind::Nuisance { 60..=60 } else { 16..=40 };
        assert!(lengths.contains(&scene.seconds), "{}", scene.name);
        for actor in scene.recipe.actors {
            let last = actor.path.last().map_or(0.0, |step| step.at_s);
            assert!(last <= scene.seconds as f32, "{} ends before its target leaves", scene.name);
            assert!(actor.path.windows(2).all(|pair| pair[0].at_s < pair[1].at_s), "{}", scene.name);
        }
    }
}

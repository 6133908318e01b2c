//! A higher sensitivity never finds less: frame for frame, over generated scenes, with and without zones.
//!
//! `cargo test -p vision --test motion_sensitivity -- --nocapture` prints how much is found at which sensitivity. Must not say how much
//! should be found: only that it grows.
use scenes::Picture;
use std::collections::BTreeSet;
use std::sync::OnceLock;
use vision::PlaneSize;
use vision::motion::{
    Config, Decision, Detector, Perspective, Point, Polygon, Sensitivity, Use, Verdict, Zone,
};

/// Pictures of this size, halved both ways, are the planes of a 1280 x 720 camera.
const PICTURE: (usize, usize) = (320, 180);
const SIZE: PlaneSize = PlaneSize { width: 160, height: 90 };
const SECONDS: u32 = 12;
/// Things large and small, near and far, slow and fast, by day and at night; and what is no thing.
const SCENES: [&str; 8] = [
    "walker-near",
    "walker-far",
    "walker-low-contrast",
    "walker-night",
    "cat",
    "car",
    "trees-gusts",
    "rain-night",
];

/// Planes with their timestamps.
type Planes = Vec<(Vec<u8>, u64)>;

/// Every scene's planes, made once for all tests.
fn all() -> &'static [(&'static str, Planes)] {
    static ALL: OnceLock<Vec<(&'static str, Planes)>> = OnceLock::new();
    ALL.get_or_init(|| SCENES.map(|name| (name, planes(name))).to_vec())
}

fn planes(name: &str) -> Planes {
    let mut player = scenes::find(name).expect("a scene").play(PICTURE.0, PICTURE.1, 1).seconds(SECONDS);
    let mut picture = Picture::new();
    let mut planes = Vec::new();
    while let Some(truth) = player.next_frame(&mut picture) {
        let row = |y: usize| &picture.luma[y * PICTURE.0..][..PICTURE.0];
        let mean = |(a, b): (&[u8], &[u8])| {
            let sum: u16 = a.iter().chain(b).map(|&grey| u16::from(grey)).sum();
            ((sum + 2) / 4) as u8
        };
        let rows = (0..SIZE.height.into()).flat_map(|y| row(2 * y).chunks(2).zip(row(2 * y + 1).chunks(2)));
        planes.push((rows.map(mean).collect(), truth.timestamp_us));
    }
    planes
}

fn watch(planes: &Planes, config: Config) -> Vec<Verdict> {
    let mut detector = Box::new(Detector::new());
    detector.configure(config);
    planes.iter().map(|(plane, now_us)| detector.analyse(plane, SIZE, *now_us)).collect()
}

fn sensitivity(value: u32) -> Sensitivity {
    Sensitivity::new(value.clamp(1, 100) as u8).expect("1..=100")
}

/// Holds each run against the one of the next lower sensitivity; gives the frames with motion of each.
fn only_grows(name: &str, planes: &Planes, values: &[u32], config: impl Fn(u32) -> Config) -> Vec<usize> {
    let mut found = Vec::new();
    let mut lower: Option<(u32, Vec<Verdict>)> = None;
    for &value in values {
        let here = watch(planes, config(value));
        if let Some((below, frames)) = &lower {
            for (frame, (low, high)) in frames.iter().zip(&here).enumerate() {
                assert_eq!(
                    low.changes, high.changes,
                    "{name}, {value}: the model does not know the sensitivity"
                );
                let lost = low.decision == Decision::Motion && high.decision != Decision::Motion;
                assert!(!lost, "{name}, frame {frame}: motion at {below}, at {value} {high:?}");
            }
        }
        found.push(here.iter().filter(|verdict| verdict.decision == Decision::Motion).count());
        lower = Some((value, here));
    }
    found
}

/// Left half, lower half, a triangle in the middle, and a strip that counts nowhere.
fn zones(at: impl Fn(u32) -> Sensitivity) -> Vec<Zone> {
    let polygon = |corners: &[(u16, u16)]| {
        let points: Vec<Point> = corners.iter().map(|&(x, y)| Point { x, y }).collect();
        Polygon::new(&points).expect("a polygon")
    };
    let include = |zone: u32, blob_ppm_min| Use::Include { sensitivity: at(zone), blob_ppm_min };
    vec![
        Zone { polygon: polygon(&[(0, 0), (5000, 0), (5000, 10_000), (0, 10_000)]), kind: include(0, None) },
        Zone {
            polygon: polygon(&[(0, 5000), (10_000, 5000), (10_000, 10_000), (0, 10_000)]),
            kind: include(1, None),
        },
        Zone { polygon: polygon(&[(2500, 2500), (7500, 2500), (5000, 7500)]), kind: include(2, Some(900)) },
        Zone { polygon: polygon(&[(0, 0), (10_000, 0), (10_000, 800), (0, 800)]), kind: Use::Exclude },
    ]
}

#[test]
fn every_higher_sensitivity_finds_what_a_lower_one_finds() {
    // That no threshold rises from any value to the next is tested beside their table.
    let values: BTreeSet<u32> = (1..=100).step_by(6).chain([50, 51, 100]).collect();
    let values: Vec<u32> = values.into_iter().collect();
    let mut table = vec![String::new(); values.len()];
    for (name, planes) in all() {
        let found = only_grows(name, planes, &values, |value| Config::at(sensitivity(value)));
        for (row, found) in table.iter_mut().zip(&found) {
            row.push_str(&format!(" {:>5.1}% |", *found as f64 * 100.0 / planes.len() as f64));
        }
    }
    println!("frames with motion; sensitivity | {} |", SCENES.join(" | "));
    for (value, row) in values.iter().zip(table) {
        println!("| {value:>3} |{row}");
    }
}

#[test]
fn every_more_sensitive_zone_finds_what_a_less_sensitive_one_finds() {
    let values = [0, 15, 30, 50, 80, 100];
    let perspective = Perspective { top_percent: 40, bottom_percent: 150 };
    for (name, planes) in all() {
        // All rise together, each from a value of its own; then one alone, and the others stay.
        let together = |rise: u32| zones(|zone| sensitivity(20 * zone + rise));
        let alone = |rise: u32| zones(|zone| sensitivity(if zone == 1 { rise } else { 30 }));
        let set = |zones: Vec<Zone>| {
            let mut config = Config::DEFAULT.with_zones(&zones).expect("four zones");
            config.perspective = perspective;
            config
        };
        only_grows(name, planes, &values, |rise| set(together(rise)));
        only_grows(name, planes, &values, |rise| set(alone(rise)));
    }
}

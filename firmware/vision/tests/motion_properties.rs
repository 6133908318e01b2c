//! What must not matter to the detector: where in the picture, how bright, what the clock says, what nonsense came.
//!
//! A field is generated whose edges meet (what leaves on one side enters on the other), so that a shifted picture holds the very same
//! pixels. 160 x 96: a whole number of the detector's tiles of 8 x 8 both ways.
mod common;

use common::Random;
use vision::PlaneSize;
use vision::motion::{Config, Decision, Detector, Point, Polygon, Region, Sensitivity, Use, Verdict, Zone};

const W: usize = 160;
const H: usize = 96;
const SIZE: PlaneSize = PlaneSize { width: W as u16, height: H as u16 };
const FRAME_US: u64 = 40_000;
/// Frames of a scene; the thing enters after the first third.
const FRAMES: usize = 240;
const ENTERS: usize = 80;

type Plane = Vec<u8>;

/// A scene on the field.
#[derive(Clone, Copy, Debug)]
enum Play {
    /// Only a thing that walks.
    Calm,
    /// Leaves sway around it.
    Leaves,
    /// The exposure swings while it walks, by a sixth.
    Exposure,
}

/// The frames of a scene: textured ground of 90 to 150, noise, and a textured thing of 11 x 11 that walks in the middle of the field.
fn play(play: Play) -> Vec<Plane> {
    let mut random = Random::new(5);
    let texture: Vec<i32> = (0..W / 8 * (H / 8)).map(|_| random.below(40) as i32).collect();
    let swaying: Vec<(usize, usize, usize)> = (0..12)
        .map(|_| (24 + random.below(W - 58), 24 + random.below(H - 58), 12 + random.below(28)))
        .collect();
    let frame = |number: usize| {
        let mut plane: Vec<i32> = (0..W * H)
            .map(|at| {
                90 + texture[at / W / 8 * (W / 8) + at % W / 8] + ((at % W) * 3 + (at / W) * 5) as i32 % 20
            })
            .collect();
        if matches!(play, Play::Leaves) {
            for &(x, y, period) in &swaying {
                let phase = number % period;
                add(&mut plane, (x, y), 10, (phase.min(period - phase) * 80 / period) as i32);
            }
        }
        if number >= ENTERS {
            let step = (number - ENTERS) / 2 % 100;
            let (x, y) = (28 + if step < 50 { step } else { 100 - step } * 2, 40 + step / 10);
            for (dy, row) in plane.chunks_exact_mut(W).skip(y).take(11).enumerate() {
                row[x..x + 11]
                    .iter_mut()
                    .enumerate()
                    .for_each(|(dx, p)| *p = 40 + (dx * 7 + dy * 5) as i32 % 11);
            }
        }
        let swing = number.saturating_sub(120).min(200usize.saturating_sub(number)).min(25) as i32;
        let percent = if matches!(play, Play::Exposure) { 100 - swing * 2 / 3 } else { 100 };
        plane.iter().map(|p| (p * percent / 100 + random.noise(2)).clamp(20, 220) as u8).collect()
    };
    (0..FRAMES).map(frame).collect()
}

fn add(plane: &mut [i32], (x, y): (usize, usize), side: usize, levels: i32) {
    for row in plane.chunks_exact_mut(W).skip(y).take(side) {
        row[x..x + side].iter_mut().for_each(|p| *p += levels);
    }
}

/// The field seen from elsewhere: all of it goes right and down, and comes in again at the other side.
fn shifted(plane: &Plane, right: usize, down: usize) -> Plane {
    (0..W * H).map(|at| plane[(at / W + H - down) % H * W + (at % W + W - right) % W]).collect()
}

fn watch(frames: &[Plane], from_us: u64) -> Vec<Verdict> {
    let mut detector = Box::new(Detector::new());
    let times = (0..).map(|frame| from_us + frame * FRAME_US);
    frames.iter().zip(times).map(|(plane, now_us)| judged(detector.analyse(plane, SIZE, now_us))).collect()
}

/// What is judged of a verdict, without how the light was measured: that goes by parts of the brightness, and by tiles.
fn judged(verdict: Verdict) -> Verdict {
    let subject =
        verdict.subject.map(|subject| vision::motion::Subject { measure: Default::default(), ..subject });
    Verdict { subject, ..verdict }
}

/// The same verdict on what is moved by so much.
fn moved(verdict: &Verdict, right: usize, down: usize) -> Verdict {
    let (right, down) = (right as u16, down as u16);
    let go = |r: Region| Region { x1: r.x1 + right, y1: r.y1 + down, x2: r.x2 + right, y2: r.y2 + down };
    let subject =
        verdict.subject.map(|subject| vision::motion::Subject { region: go(subject.region), ..subject });
    Verdict { subject, ..*verdict }
}

fn motion(verdicts: &[Verdict]) -> Vec<usize> {
    let is_motion = |(_, verdict): &(usize, &Verdict)| verdict.decision == Decision::Motion;
    verdicts.iter().enumerate().filter(is_motion).map(|(frame, _)| frame).collect()
}

/// Frames that are motion in one and not in the other.
fn apart(one: &[usize], other: &[usize]) -> usize {
    let only = |a: &[usize], b: &[usize]| a.iter().filter(|frame| !b.contains(frame)).count();
    only(one, other) + only(other, one)
}

/// How large a share of the frames with the thing are motion, in percent.
fn found_percent(frames: &[usize]) -> usize {
    frames.iter().filter(|&&frame| frame >= ENTERS).count() * 100 / (FRAMES - ENTERS)
}

#[test]
fn what_is_seen_elsewhere_is_judged_the_same() {
    // By whole tiles nothing differs at all, but where there are more leaves than are followed; by other shifts only what tiles have a
    // say in.
    let shifts = [(8, 0), (0, 8), (16, 24), (3, 0), (0, 5), (7, 9), (12, 20)];
    for (scene, most_apart) in [(Play::Calm, 0), (Play::Exposure, 8), (Play::Leaves, 16)] {
        let frames = play(scene);
        let here = watch(&frames, 0);
        assert!(found_percent(&motion(&here)) >= 85, "{scene:?}: {:?}", motion(&here));
        for (right, down) in shifts {
            let seen: Vec<Plane> = frames.iter().map(|plane| shifted(plane, right, down)).collect();
            let there = watch(&seen, 0);
            let apart = apart(&motion(&here), &motion(&there));
            println!("{scene:?} shifted by {right}, {down}: {apart} frames of {} apart", motion(&here).len());
            let by_tiles = right % 8 == 0 && down % 8 == 0 && !matches!(scene, Play::Leaves);
            if by_tiles || most_apart == 0 {
                for (frame, (here, there)) in here.iter().zip(&there).enumerate() {
                    assert_eq!(
                        &moved(here, right, down),
                        there,
                        "{scene:?} by {right}, {down}, frame {frame}"
                    );
                }
            }
            assert!(apart <= most_apart, "{scene:?} by {right}, {down}: {apart} frames");
        }
    }
}

#[test]
fn a_brighter_picture_is_judged_the_same() {
    // The light is a gain to the detector. While it is steady, an offset changes nothing at all; among leaves the same
    // thing is found, a tenth of its frames earlier or later; while the light swings, an offset is an error of the gain, and the same is found but for single frames.
    for (scene, most_apart) in [(Play::Calm, 0), (Play::Leaves, 16), (Play::Exposure, 8)] {
        let frames = play(scene);
        let before = watch(&frames, 0);
        for levels in [-15i16, -4, 1, 12, 30] {
            let brighter = |&p: &u8| u8::try_from(i16::from(p) + levels).expect("nothing is clipped");
            let seen: Vec<Plane> = frames.iter().map(|plane| plane.iter().map(brighter).collect()).collect();
            let after = watch(&seen, 0);
            let apart = apart(&motion(&before), &motion(&after));
            println!("{scene:?}, {levels:+} levels: {apart} frames of {} apart", motion(&before).len());
            assert!(apart <= most_apart, "{scene:?}, {levels:+} levels: {apart} frames");
            assert!(most_apart > 0 || before == after, "{scene:?}, {levels:+} levels");
        }
    }
}

#[test]
fn only_the_time_between_frames_counts() {
    for scene in [Play::Calm, Play::Leaves] {
        let frames = play(scene);
        let first = watch(&frames, 0);
        let last_us = FRAMES as u64 * FRAME_US;
        for from_us in [1, 999_999, 1 << 40, u64::MAX - last_us] {
            assert_eq!(watch(&frames, from_us), first, "{scene:?} from {from_us} us on");
        }
    }
}

/// Something that no camera should do to a detector.
type Abuse = fn(&mut Detector, &Plane, u64) -> Verdict;

#[test]
fn after_bad_input_it_learns_anew_and_finds_what_moves() {
    let abuses: [(&str, Abuse); 9] = [
        ("no pixels", |d, _, now| d.analyse(&[], PlaneSize { width: 0, height: 0 }, now)),
        ("no rows", |d, _, now| d.analyse(&[], PlaneSize { width: 160, height: 0 }, now)),
        ("too wide", |d, _, now| d.analyse(&[9; 321], PlaneSize { width: 321, height: 1 }, now)),
        ("giant, with all its bytes", |d, _, now| {
            d.analyse(&vec![9; 65_535 * 16], PlaneSize { width: u16::MAX, height: 16 }, now)
        }),
        ("giant, without bytes", |d, _, now| {
            d.analyse(&[], PlaneSize { width: u16::MAX, height: u16::MAX }, now)
        }),
        ("a byte too few", |d, plane, now| d.analyse(&plane[1..], SIZE, now)),
        ("a byte too many", |d, plane, now| d.analyse(&[&plane[..], &[0]].concat(), SIZE, now)),
        ("another size", |d, plane, now| {
            d.analyse(plane, PlaneSize { width: SIZE.height, height: SIZE.width }, now)
        }),
        ("back in time", |d, plane, now| d.analyse(plane, SIZE, now / 2)),
    ];
    let frames = play(Play::Calm);
    for (name, abuse) in abuses {
        let mut detector = Box::new(Detector::new());
        let left = Zone {
            polygon: Polygon::new(
                &[(0, 0), (10_000, 0), (10_000, 10_000), (0, 10_000)].map(|(x, y)| Point { x, y }),
            )
            .expect("a polygon"),
            kind: Use::Include { sensitivity: Sensitivity::DEFAULT, blob_ppm_min: None },
        };
        detector.configure(Config::DEFAULT.with_zones(&[left]).expect("a zone"));
        let mut now_us = 1_000_000;
        // Twice, once while a thing is known to move: nothing of it may be left over.
        for round in 0..2 {
            let mut found = Vec::new();
            for (number, plane) in frames.iter().enumerate() {
                now_us += FRAME_US;
                let verdict = detector.analyse(plane, SIZE, now_us);
                if number == 0 {
                    assert_eq!(verdict, Verdict::default(), "{name}, round {round}: learns anew");
                }
                if verdict.decision == Decision::Motion {
                    found.push(number);
                }
            }
            assert!(found.iter().all(|&frame| frame >= ENTERS), "{name}, round {round}: {found:?}");
            assert!(found_percent(&found) >= 90, "{name}, round {round}: {found:?}");
            assert_eq!(abuse(&mut detector, &frames[0], now_us), Verdict::default(), "{name}");
            // A clock that went back stays there.
            if name == "back in time" {
                now_us /= 2;
            }
        }
    }
}

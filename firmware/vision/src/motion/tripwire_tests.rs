//! What a tripwire counts: things go past it as boxes, in plane pixels, frame by frame.
use super::{Count, Crossing, Crossings, Direction, Lines, Point, TRIPWIRES_MAX, Tripwire, Tripwires};
use crate::PlaneSize;
use crate::motion::sighting::Sighting;
use crate::motion::tracks::Tracks;
use crate::motion::verdict::Region;

const SIZE: PlaneSize = PlaneSize { width: 160, height: 90 };
/// Upwards in the middle: what goes to the right goes in.
const UPWARDS: [(u16, u16); 2] = [(5000, 10_000), (5000, 0)];
/// To the right in the middle: what comes down goes in.
const RIGHTWARDS: [(u16, u16); 2] = [(0, 5000), (10_000, 5000)];
/// From the upper left to the lower right: what goes to the left and down goes in.
const DIAGONAL: [(u16, u16); 2] = [(0, 0), (10_000, 10_000)];

fn wire(points: [(u16, u16); 2]) -> Tripwire {
    let [from, to] = points.map(|(x, y)| Point { x, y });
    Tripwire::new(from, to).expect("a line")
}

/// Some things, each by its foot's places, at a time each, in a plane of `size`.
struct Course {
    tripwires: Tripwires,
    lines: Lines,
    tracks: Tracks,
    size: PlaneSize,
    now_us: u64,
    /// Whether things are worth an alarm.
    are_known: bool,
}

impl Course {
    fn new(lines: &[[(u16, u16); 2]]) -> Course {
        let mut places: Lines = [None; TRIPWIRES_MAX];
        for (place, line) in places.iter_mut().zip(lines) {
            *place = Some(wire(*line));
        }
        let tripwires = Tripwires::new();
        Course { tripwires, lines: places, tracks: Tracks::new(), size: SIZE, now_us: 0, are_known: true }
    }

    /// A frame with things of 8 x 8 pixels (at 160 x 90) whose feet are there, in tenths of a plane pixel of that size.
    fn frame_of(&mut self, feet: &[(i32, i32)]) -> Crossings {
        let scale = i32::from(self.size.width / 80);
        let sightings: [Sighting; 4] = core::array::from_fn(|at| {
            let (x, y) = feet.get(at).copied().unwrap_or_default();
            let px = |tenths: i32| u16::try_from((tenths * scale / 20).max(0)).expect("in the plane");
            let bounds = Region { x1: px(x - 40), y1: px(y - 80), x2: px(x + 40), y2: px(y) };
            Sighting { px: 64, bounds, ..Sighting::default() }
        });
        let frame = Region { x1: 0, y1: 0, x2: self.size.width, y2: self.size.height };
        self.now_us += 66_667;
        self.tracks.follow(&sightings[..feet.len()], frame, self.now_us);
        let fired = u8::from(self.are_known);
        self.tracks.iter_mut().for_each(|track| track.fired = fired);
        self.look()
    }

    fn look(&mut self) -> Crossings {
        self.tripwires.follow(&self.lines, &self.tracks, self.size)
    }

    /// The same; how many crossings it had.
    fn frame(&mut self, feet: &[(i32, i32)]) -> usize {
        self.frame_of(feet).iter().count()
    }

    /// One thing goes from place to place in steps of about two pixels.
    fn walk(&mut self, places: &[(i32, i32)]) -> [Count; TRIPWIRES_MAX] {
        for leg in places.windows(2) {
            let (dx, dy) = (leg[1].0 - leg[0].0, leg[1].1 - leg[0].1);
            let steps = (dx.abs().max(dy.abs()) / 20).max(1);
            for step in 0..=steps {
                self.frame(&[(leg[0].0 + dx * step / steps, leg[0].1 + dy * step / steps)]);
            }
        }
        self.tripwires.counts()
    }
}

fn count(inward: u32, outward: u32) -> Count {
    Count { inward, outward }
}

#[test]
fn what_crosses_a_line_is_counted_in_its_direction_on_every_axis() {
    for (line, [from, to]) in [
        (UPWARDS, [(200, 450), (1400, 450)]),
        (RIGHTWARDS, [(800, 150), (800, 800)]),
        (DIAGONAL, [(1200, 200), (300, 700)]),
    ] {
        assert_eq!(Course::new(&[line]).walk(&[from, to])[0], count(1, 0), "{line:?}");
        assert_eq!(Course::new(&[line]).walk(&[to, from])[0], count(0, 1), "{line:?}");
        let [a, b] = line;
        assert_eq!(Course::new(&[[b, a]]).walk(&[from, to])[0], count(0, 1), "{line:?} turned round");
    }
}

#[test]
fn each_crossing_is_named_once_with_line_direction_and_thing() {
    let mut course = Course::new(&[UPWARDS, [(5500, 0), (5500, 10_000)]]);
    let mut named = [None; 2];
    for x in 30..130 {
        course.frame_of(&[(x * 10, 450)]).iter().for_each(|crossing| {
            let place = &mut named[usize::from(crossing.line)];
            assert_eq!(place.replace((crossing, x)), None, "once");
        });
        assert_eq!(course.look().iter().count(), 0, "the same frame again is no crossing");
    }
    let crossing = |line, direction| Crossing { line, direction, track: 1 };
    // Three pixels behind the lines at 80 and 88.
    assert_eq!(named, [Some((crossing(0, Direction::In), 83)), Some((crossing(1, Direction::Out), 91))]);
    assert_eq!(course.tripwires.counts()[..2], [count(1, 0), count(0, 1)]);
}

#[test]
fn a_thing_that_jitters_on_the_line_counts_once() {
    let mut course = Course::new(&[UPWARDS]);
    course.walk(&[(300, 450), (790, 450)]);
    for jitter in 0..60 {
        assert_eq!(course.frame(&[(if jitter % 2 == 0 { 820 } else { 780 }, 450)]), 0);
    }
    assert_eq!(course.walk(&[(810, 450), (1300, 450)])[0], count(1, 0));
}

#[test]
fn who_turns_back_counts_both_ways_or_not_at_all() {
    let mut course = Course::new(&[UPWARDS]);
    assert_eq!(course.walk(&[(300, 450), (820, 450), (300, 450)])[0], count(0, 0), "never clear of it");
    assert_eq!(course.walk(&[(300, 450), (1000, 450), (300, 450)])[0], count(1, 1));
}

#[test]
fn beyond_its_ends_a_line_counts_nothing() {
    let short = [(5000, 6000), (5000, 4000)];
    for y in [150, 300, 600, 800] {
        assert_eq!(Course::new(&[short]).walk(&[(300, y), (1300, y)])[0], count(0, 0), "{y}");
    }
    for y in [380, 450, 530] {
        assert_eq!(Course::new(&[short]).walk(&[(300, y), (1300, y)])[0], count(1, 0), "{y}");
    }
    // Around its lower end, and back through it.
    let around = [(300, 450), (600, 700), (1000, 700), (1000, 450), (300, 450)];
    assert_eq!(Course::new(&[short]).walk(&around)[0], count(0, 1));
}

#[test]
fn what_is_born_on_the_line_has_no_side_and_what_is_known_late_counts_late() {
    let mut course = Course::new(&[UPWARDS]);
    assert_eq!(course.walk(&[(810, 450), (1300, 450)])[0], count(0, 0), "born on the line");
    let mut course = Course::new(&[UPWARDS]);
    course.are_known = false;
    assert_eq!(course.walk(&[(300, 450), (1000, 450)])[0], count(0, 0), "not worth an alarm yet");
    course.are_known = true;
    assert_eq!(course.walk(&[(1000, 450), (1020, 450)])[0], count(1, 0));
    let mut course = Course::new(&[UPWARDS]);
    course.are_known = false;
    course.walk(&[(300, 450), (1000, 450), (300, 450)]);
    course.are_known = true;
    assert_eq!(course.walk(&[(300, 450), (200, 450)])[0], count(0, 0), "there and back before it was known");
}

#[test]
fn two_people_in_opposite_directions_count_one_each() {
    let mut course = Course::new(&[UPWARDS]);
    let mut most = 0;
    for step in 0..60 {
        most = most.max(course.frame(&[(200 + 20 * step, 400), (1400 - 20 * step, 700)]));
    }
    assert_eq!((course.tripwires.counts()[0], most), (count(1, 1), 2));
}

#[test]
fn a_line_counts_the_same_at_every_size_of_the_plane() {
    for size in [(80, 45), (160, 90), (320, 180)] {
        for line in [UPWARDS, RIGHTWARDS, DIAGONAL] {
            let mut course = Course::new(&[line]);
            course.size = PlaneSize { width: size.0, height: size.1 };
            let counts = course.walk(&[(1300, 200), (300, 700), (1300, 200)]);
            assert_eq!(counts[0], count(1, 1), "{size:?} {line:?}");
        }
    }
}

#[test]
fn a_line_that_is_drawn_anew_counts_anew_and_the_others_count_on() {
    let mut course = Course::new(&[UPWARDS, RIGHTWARDS]);
    course.walk(&[(300, 200), (1300, 800)]);
    let before = course.lines;
    course.lines[0] = Some(wire(DIAGONAL));
    course.tripwires.change(&before, &course.lines);
    assert_eq!(course.tripwires.counts()[..2], [count(0, 0), count(1, 0)]);
    assert_eq!(course.walk(&[(1300, 800), (1300, 200)])[..2], [count(0, 1), count(1, 1)]);
}

#[test]
fn a_line_needs_two_points_of_the_picture() {
    let (a, far) = (Point { x: 0, y: 10_000 }, Point { x: 10_001, y: 0 });
    assert!(Tripwire::new(a, a).is_none() && Tripwire::new(a, far).is_none());
    assert!(Direction::In < Direction::Out);
}

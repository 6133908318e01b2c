//! Tripwires: lines in the picture, and what crosses them in which direction.
//!
//! Whoever stands at a line's first point and looks to its second sees things go *in* from his left to his right, and *out*
//! from his right to his left. A thing is where its foot is, the middle of its box's lower edge: lines are drawn on the ground,
//! and a tall thing's middle would cross one long before or after its feet do. Must not judge which things count: the gates have.

use super::bodies::Bodies;
use super::tracks::Tracks;
use super::verdict::Region;
use super::zones::{FULL, Point};
use crate::plane::PlaneSize;
use core::fmt;

/// Tripwires of one camera: a door, a gate and two sides of a drive.
pub const TRIPWIRES_MAX: usize = 4;
/// Crossings that one verdict names; all of them are counted. More at once is a crowd.
pub const CROSSINGS_MAX: usize = 8;
/// A plane pixel: with this many units in it a line's points and a box's middle are both whole numbers.
const PX: i64 = 2 * FULL as i64;
/// A thing is on a side of a line when it is so far from it, plane pixels (the edges of a box jitter by one), …
const CLEAR_PX: i64 = 2;
/// … and this part of its smaller side further: what is larger jitters more.
const CLEAR_SHARE: i64 = 8;

/// A line from one point to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tripwire {
    from: Point,
    to: Point,
}

impl Tripwire {
    /// A line between two different points within the picture; none between others.
    #[must_use]
    pub fn new(from: Point, to: Point) -> Option<Self> {
        let within = [from, to].iter().all(|point| point.x <= FULL && point.y <= FULL);
        (within && from != to).then_some(Self { from, to })
    }

    fn in_plane(self, size: PlaneSize) -> Line {
        let place = |p: Point| {
            [2 * i64::from(p.x) * i64::from(size.width), 2 * i64::from(p.y) * i64::from(size.height)]
        };
        let (from, to) = (place(self.from), place(self.to));
        let way = minus(to, from);
        Line { from, to, way, length: cross(way, [-way[1], way[0]]).isqrt().max(1) }
    }
}

/// Which way something crosses a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the left to the right of who looks from the line's first point to its second.
    In,
    /// From the right to the left.
    Out,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::In => "in",
            Self::Out => "out",
        })
    }
}

/// One thing that crossed one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The line's place in the configuration.
    pub line: u8,
    /// Which way.
    pub direction: Direction,
    /// The thing's number among all that were followed.
    pub track: u32,
}

/// The crossings of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crossings {
    list: [Option<Crossing>; CROSSINGS_MAX],
}

impl Crossings {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Crossing> + use<> {
        self.list.into_iter().flatten()
    }

    fn push(&mut self, crossing: Crossing) {
        if let Some(place) = self.list.iter_mut().find(|place| place.is_none()) {
            *place = Some(crossing);
        }
    }
}

/// What crossed a line since it was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Inwards.
    pub inward: u32,
    /// Outwards.
    pub outward: u32,
}

/// The lines of a configuration, each at its place.
pub type Lines = [Option<Tripwire>; TRIPWIRES_MAX];
type Place = [i64; 2];

/// Where everything that is followed was in regard to the lines.
pub struct Tripwires {
    bodies: Bodies<[Passage; TRIPWIRES_MAX]>,
    counts: [Count; TRIPWIRES_MAX],
}

impl Tripwires {
    /// Nothing was followed, nothing counted.
    pub const fn new() -> Self {
        Self { bodies: Bodies::new(), counts: [Count { inward: 0, outward: 0 }; TRIPWIRES_MAX] }
    }

    /// What crossed each line.
    pub fn counts(&self) -> [Count; TRIPWIRES_MAX] {
        self.counts
    }

    /// A line that is another one now begins anew; the others count on.
    pub fn change(&mut self, before: &Lines, after: &Lines) {
        for number in (0..TRIPWIRES_MAX).filter(|&number| before[number] != after[number]) {
            self.counts[number] = Count::default();
            self.bodies.iter_mut().for_each(|body| body.carried[number] = Passage::default());
        }
    }

    /// Takes a frame's tracks. What crossed a line before it was known to be worth an alarm is counted when that is known.
    pub fn follow(&mut self, lines: &Lines, tracks: &Tracks, size: PlaneSize) -> Crossings {
        let mut crossings = Crossings::default();
        if size.pixels() == 0 || lines.iter().all(Option::is_none) {
            return crossings;
        }
        let lines = lines.map(|line| line.map(|line| line.in_plane(size)));
        self.bodies.follow(tracks);
        for (body, bounds, is_known) in self.bodies.seen() {
            for (number, line) in lines.iter().enumerate() {
                let Some(line) = line else { continue };
                let passage = &mut body.carried[number];
                passage.see(line, bounds);
                if is_known && let Some(direction) = passage.pending.take() {
                    self.counts[number].add(direction);
                    crossings.push(Crossing { line: number as u8, direction, track: body.track });
                }
            }
        }
        crossings
    }
}

impl Count {
    fn add(&mut self, direction: Direction) {
        let count = match direction {
            Direction::In => &mut self.inward,
            Direction::Out => &mut self.outward,
        };
        *count = count.saturating_add(1);
    }
}

/// One thing's way past one line.
#[derive(Clone, Copy, Default)]
struct Passage {
    /// The side on which it was last seen clear of the line: where it goes if it crosses.
    settled: Option<Direction>,
    /// Where it was last seen beside the line, clear of it or not, and on which side.
    last: Option<(Direction, Place)>,
    /// When it last changed sides it went between the line's ends.
    is_through: bool,
    /// Crossed, and not yet counted.
    pending: Option<Direction>,
}

impl Passage {
    fn see(&mut self, line: &Line, bounds: Region) {
        let foot = foot(bounds);
        let distance = line.distance(foot);
        // What went in is on the right.
        let side = match distance {
            0 => return,
            1.. => Direction::In,
            _ => Direction::Out,
        };
        if let Some((before, place)) = self.last
            && before != side
        {
            self.is_through = line.is_between_ends(place, foot);
        }
        self.last = Some((side, foot));
        let small_side = i64::from(bounds.wide().min(bounds.high()));
        if distance.abs() < CLEAR_PX * PX + small_side * PX / CLEAR_SHARE {
            return;
        }
        if self.settled.replace(side).is_some_and(|before| before != side) && self.is_through {
            // There and back again before anybody knew it: nothing.
            self.pending =
                if self.pending.is_some_and(|pending| pending != side) { None } else { Some(side) };
        }
    }
}

fn foot(bounds: Region) -> Place {
    [i64::from(bounds.middle().0) * PX / 2, i64::from(bounds.y2) * PX]
}

/// A line in the units of this file. The longest is 450 pixels: every product stays below 2^48.
struct Line {
    from: Place,
    to: Place,
    way: Place,
    length: i64,
}

impl Line {
    /// How far to the right of the endless line a place is; negative to the left.
    fn distance(&self, place: Place) -> i64 {
        cross(self.way, minus(place, self.from)) / self.length
    }

    /// Whether the way between two places on different sides passes between the line's ends.
    fn is_between_ends(&self, from: Place, to: Place) -> bool {
        let way = minus(to, from);
        let side = |end: Place| cross(way, minus(end, from)).signum();
        side(self.from) * side(self.to) <= 0
    }
}

fn minus(a: Place, b: Place) -> Place {
    [a[0] - b[0], a[1] - b[1]]
}

/// Positive if `b` points to the right of `a`, on a picture whose rows go downwards.
fn cross(a: Place, b: Place) -> i64 {
    a[0] * b[1] - a[1] * b[0]
}

#[cfg(test)]
#[path = "tripwire_tests.rs"]
mod tests;

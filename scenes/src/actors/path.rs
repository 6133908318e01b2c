//! A path over the ground, from waypoints in the picture.
//!
//! Between waypoints a target keeps its speed in metres a second, not in pixels. It must not know who walks.

use crate::ground::Ground;
use crate::maths::length;

/// A waypoint: when, and where its foot is, in parts of the picture's width and height (may lie outside).
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub at_s: f32,
    pub x: f32,
    pub y: f32,
}

/// Shorthand for tables.
pub const fn step(at_s: f32, x: f32, y: f32) -> Step {
    Step { at_s, x, y }
}

/// Where somebody is on the ground.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub aside_m: f32,
    pub depth_m: f32,
    pub heading: (f32, f32),
    pub walked_m: f32,
    pub speed: f32,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    at_s: f32,
    aside_m: f32,
    depth_m: f32,
    walked_m: f32,
}

/// A path in metres.
#[derive(Debug)]
pub struct Path {
    marks: Vec<Mark>,
}

impl Path {
    pub fn new(steps: &[Step], ground: Ground, aspect: f32) -> Path {
        let mut marks: Vec<Mark> = Vec::new();
        for step in steps {
            let aside_m = ground.aside_m((step.x - 0.5) * aspect, step.y);
            let depth_m = ground.depth_m(step.y);
            let walked_m = marks
                .last()
                .map_or(0.0, |last| last.walked_m + length(aside_m - last.aside_m, depth_m - last.depth_m));
            marks.push(Mark { at_s: step.at_s, aside_m, depth_m, walked_m });
        }
        Path { marks }
    }

    /// The place at a time; `None` before the first waypoint and from the last one on.
    pub fn at(&self, t: f32) -> Option<Place> {
        let (from, to) = self
            .marks
            .iter()
            .zip(self.marks.iter().skip(1))
            .find(|(from, to)| t >= from.at_s && t < to.at_s)?;
        let part = (t - from.at_s) / (to.at_s - from.at_s);
        let (dx, dz) = (to.aside_m - from.aside_m, to.depth_m - from.depth_m);
        let way = length(dx, dz);
        let heading = if way > 1e-3 { (dx / way, dz / way) } else { self.heading_before(from.at_s) };
        Some(Place {
            aside_m: from.aside_m + dx * part,
            depth_m: from.depth_m + dz * part,
            heading,
            walked_m: from.walked_m + way * part,
            speed: way / (to.at_s - from.at_s),
        })
    }

    /// Who stands looks where he went.
    fn heading_before(&self, at_s: f32) -> (f32, f32) {
        let legs = self.marks.iter().zip(self.marks.iter().skip(1));
        let mut moved = legs.filter(|(_, to)| to.at_s <= at_s).filter_map(|(from, to)| {
            let (dx, dz) = (to.aside_m - from.aside_m, to.depth_m - from.depth_m);
            let way = length(dx, dz);
            (way > 1e-3).then(|| (dx / way, dz / way))
        });
        moved.next_back().unwrap_or((1.0, 0.0))
    }
}

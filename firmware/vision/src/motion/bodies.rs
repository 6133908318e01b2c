//! Which tracks are parts of one body.
//!
//! A person is often seen as a head, a trunk, and legs with a shadow, each a blob of its own. A part stays with its body until it goes away from it: a gap between them in a single frame makes no second body, and two
//! people who pass each other stay two as long as both are seen. Each body carries something of its owner's, `T`; what
//! breaks off takes a copy along. Must not judge, or know what is carried.

use super::tracks::{TRACKS_MAX, Track, Tracks};
use super::verdict::Region;

/// Parts lie above one another: they are no further apart sideways, plane pixels (a blob's edge jitters by one), …
const ASIDE_PX: u16 = 2;
/// … and up and down by no more than the longest side of either: a trunk that is as bright as the ground is not seen, and then a
/// head is over a shadow that is as long as the person is tall.
const GAP_SIDES: u16 = 1;
/// A part that is further away than that and so many longest sides is a body of its own.
const AWAY_SIDES: u16 = 1;
/// A body that has been seen in fewer frames may still turn out to be a part of another one.
const YOUNG_FRAMES: u16 = 25;

/// All bodies. There are no more than tracks.
pub struct Bodies<T> {
    parts: [Option<Part>; TRACKS_MAX],
    bodies: [Option<Body<T>>; TRACKS_MAX],
}

#[derive(Clone, Copy)]
struct Part {
    track: u32,
    body: usize,
    /// Its box, if this frame shows it.
    bounds: Option<Region>,
    /// It is worth an alarm.
    is_known: bool,
}

/// Some parts that go together.
#[derive(Clone, Copy)]
pub struct Body<T> {
    /// What its owner keeps of it.
    pub carried: T,
    /// The first of its tracks.
    pub track: u32,
    frames: u16,
}

impl<T: Copy + Default> Bodies<T> {
    /// None.
    pub const fn new() -> Self {
        Self { parts: [None; TRACKS_MAX], bodies: [const { None }; TRACKS_MAX] }
    }

    /// Takes a frame's tracks.
    pub fn follow(&mut self, tracks: &Tracks) {
        for place in &mut self.parts {
            place.take_if(|part| !tracks.iter().any(|track| track.number == part.track));
        }
        for track in tracks.iter() {
            self.take(track);
        }
        self.part_ways();
        self.grow_together();
        for body in 0..TRACKS_MAX {
            match self.bounds(body) {
                _ if self.parts_of(body).next().is_none() => self.bodies[body] = None,
                Some(_) => {
                    self.bodies[body].iter_mut().for_each(|body| body.frames = body.frames.saturating_add(1))
                }
                None => {}
            }
        }
    }

    /// The bodies that this frame shows, each with the box around its parts and whether one of them is worth an alarm.
    pub fn seen(&mut self) -> impl Iterator<Item = (&mut Body<T>, Region, bool)> {
        let bounds: [Option<Region>; TRACKS_MAX] = core::array::from_fn(|body| self.bounds(body));
        let is_known: [bool; TRACKS_MAX] =
            core::array::from_fn(|body| self.parts_of(body).any(|part| part.is_known));
        let all = self.bodies.iter_mut().zip(bounds).zip(is_known);
        all.filter_map(|((body, bounds), is_known)| Some((body.as_mut()?, bounds?, is_known)))
    }

    /// Every body, seen or not.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Body<T>> {
        self.bodies.iter_mut().flatten()
    }

    /// Continues a part, or begins one: with the body that it lies at, or with one of its own.
    fn take(&mut self, track: &Track) {
        let bounds = track.seen_now.then_some(track.last.bounds);
        let is_known = track.fired != 0;
        if let Some(part) = self.parts.iter_mut().flatten().find(|part| part.track == track.number) {
            (part.bounds, part.is_known) = (bounds, is_known);
            return;
        }
        let near = self
            .parts
            .iter()
            .flatten()
            .find(|part| part.bounds.is_some_and(|b| are_one(b, track.last.bounds)));
        let body = near.map(|part| part.body).or_else(|| self.begin(T::default(), track.number));
        if let (Some(body), Some(place)) = (body, self.parts.iter_mut().find(|place| place.is_none())) {
            *place = Some(Part { track: track.number, body, bounds, is_known });
        }
    }

    fn begin(&mut self, carried: T, track: u32) -> Option<usize> {
        // A body without a part is one whose tracks have ended.
        let free = (0..TRACKS_MAX).find(|&body| self.parts_of(body).next().is_none())?;
        self.bodies[free] = Some(Body { carried, track, frames: 0 });
        Some(free)
    }

    /// A part that is away from its body's lowest part becomes a body of its own, with a copy of what is carried.
    fn part_ways(&mut self) {
        for at in 0..TRACKS_MAX {
            let Some(Part { track, body, bounds: Some(own), .. }) = self.parts[at] else { continue };
            let others =
                self.parts_of(body).filter(|part| part.track != track).filter_map(|part| part.bounds);
            let Some(main) = others.max_by_key(|bounds| (bounds.y2, bounds.wide())) else { continue };
            if own.y2 >= main.y2 || !are_apart(own, main) {
                continue;
            }
            let Some(carried) = self.bodies[body].map(|body| body.carried) else { continue };
            if let (Some(new), Some(part)) = (self.begin(carried, track), &mut self.parts[at]) {
                part.body = new;
            }
        }
    }

    /// A young body that lies at an older one is a part of it.
    fn grow_together(&mut self) {
        for at in 0..TRACKS_MAX {
            let Some(Part { body, bounds: Some(own), .. }) = self.parts[at] else { continue };
            let age = |body: usize| self.bodies[body].map_or(0, |body| body.frames);
            if age(body) >= YOUNG_FRAMES {
                continue;
            }
            let is_older = |other: usize| (age(other), body) > (age(body), other);
            let near = self.parts.iter().flatten().find(|part| {
                part.body != body
                    && is_older(part.body)
                    && part.bounds.is_some_and(|other| are_one(own, other))
            });
            if let Some(older) = near.map(|part| part.body) {
                self.parts
                    .iter_mut()
                    .flatten()
                    .filter(|part| part.body == body)
                    .for_each(|part| part.body = older);
            }
        }
    }

    fn parts_of(&self, body: usize) -> impl Iterator<Item = &Part> {
        self.parts.iter().flatten().filter(move |part| part.body == body)
    }

    fn bounds(&self, body: usize) -> Option<Region> {
        self.parts_of(body).filter_map(|part| part.bounds).reduce(Region::union)
    }
}

fn are_one(a: Region, b: Region) -> bool {
    are_near(a, b, ASIDE_PX, longest_side(a, b) * GAP_SIDES)
}

fn are_apart(a: Region, b: Region) -> bool {
    let away = longest_side(a, b) * AWAY_SIDES;
    !are_near(a, b, ASIDE_PX + away, away + longest_side(a, b) * GAP_SIDES)
}

fn longest_side(a: Region, b: Region) -> u16 {
    // A plane's sides fit.
    a.wide().max(a.high()).max(b.wide()).max(b.high()) as u16
}

fn are_near(a: Region, b: Region, aside: u16, room: u16) -> bool {
    a.x1 < b.x2 + aside && b.x1 < a.x2 + aside && a.y1 < b.y2 + room && b.y1 < a.y2 + room
}

#[cfg(test)]
mod tests {
    use super::{Bodies, Region, YOUNG_FRAMES};
    use crate::motion::sighting::Sighting;
    use crate::motion::tracks::Tracks;

    const FRAME: Region = Region { x1: 0, y1: 0, x2: 160, y2: 90 };

    /// Shows boxes for some frames; the bodies of the last one: what they carry, and where they are.
    fn show(
        (tracks, bodies): &mut (Tracks, Bodies<u32>),
        now_us: &mut u64,
        frames: u16,
        boxes: &[[u16; 4]],
    ) -> [Option<(u32, [u16; 4])>; 3] {
        for _ in 0..frames {
            let sighting = |&[x1, y1, x2, y2]: &[u16; 4]| Sighting {
                px: u32::from((x2 - x1) * (y2 - y1)),
                bounds: Region { x1, y1, x2, y2 },
                ..Sighting::default()
            };
            let sightings: [Sighting; 3] =
                core::array::from_fn(|at| boxes.get(at).map(sighting).unwrap_or_default());
            *now_us += 66_667;
            tracks.follow(&sightings[..boxes.len()], FRAME, *now_us);
            bodies.follow(tracks);
        }
        let mut seen = bodies.seen().map(|(body, r, _)| (body.carried, [r.x1, r.y1, r.x2, r.y2]));
        [seen.next(), seen.next(), seen.next()]
    }

    #[test]
    fn a_head_a_trunk_and_a_shadow_are_one_body_though_a_part_is_not_seen_for_a_while() {
        let (mut state, mut now_us) = ((Tracks::new(), Bodies::new()), 0);
        let [head, trunk, shadow] = [[50, 20, 53, 23], [49, 25, 54, 33], [40, 34, 54, 38]];
        let seen = show(&mut state, &mut now_us, 5, &[head, trunk, shadow]);
        assert_eq!(seen, [Some((0, [40, 20, 54, 38])), None, None]);
        let seen = show(&mut state, &mut now_us, 5, &[head, shadow]);
        assert_eq!(seen, [Some((0, [40, 20, 54, 38])), None, None]);
        // The head alone, then a new trunk.
        show(&mut state, &mut now_us, 2, &[head]);
        let seen = show(&mut state, &mut now_us, 5, &[head, trunk]);
        assert_eq!(seen, [Some((0, [49, 20, 54, 33])), None, None]);
    }

    #[test]
    fn people_who_pass_each_other_stay_two_and_what_breaks_off_takes_a_copy() {
        let (mut state, mut now_us) = ((Tracks::new(), Bodies::new()), 0);
        for (x, frames) in (0..60).map(|x| (x, if x == 0 { YOUNG_FRAMES } else { 1 })) {
            let seen =
                show(&mut state, &mut now_us, frames, &[[10 + x, 30, 16 + x, 48], [70 - x, 36, 76 - x, 55]]);
            assert!(seen[1].is_some() && seen[2].is_none(), "{x}: {seen:?}");
        }
        let (mut state, mut now_us) = ((Tracks::new(), Bodies::new()), 0);
        show(&mut state, &mut now_us, 9, &[[10, 30, 16, 48], [11, 20, 15, 28]]);
        state.1.iter_mut().for_each(|body| body.carried = 7);
        for x in 0..40 {
            show(&mut state, &mut now_us, 1, &[[10, 30, 16, 48], [11 + x, 20, 15 + x, 28]]);
        }
        let seen = show(&mut state, &mut now_us, 1, &[[10, 30, 16, 48], [51, 20, 55, 28]]);
        assert_eq!(seen, [Some((7, [10, 30, 16, 48])), Some((7, [51, 20, 55, 28])), None]);
    }

    #[test]
    fn bodies_end_with_their_tracks_and_there_is_always_room() {
        let (mut state, mut now_us) = ((Tracks::new(), Bodies::new()), 0);
        for round in 0..200u16 {
            let x = round * 7 % 140;
            show(&mut state, &mut now_us, 1, &[[x, 5, x + 4, 9], [150 - x, 70, 154 - x, 74]]);
        }
        now_us += 5_000_000;
        assert_eq!(show(&mut state, &mut now_us, 1, &[]), [None; 3]);
        assert_eq!(state.1.iter_mut().count(), 0);
    }
}

//! Blobs followed over time: a thing is what persists and travels.
//!
//! Each blob of a frame continues the track whose box it meets, or begins a new one. Must not judge: sizes, zones and what is
//! enough travel are the gate's.

use super::blobs::BLOBS_MAX;
use super::flight::Flight;
use super::gate::{EXPLAINED_Q8, RESTLESS, TRAVEL_PX_MIN};
use super::sighting::Sighting;
use super::verdict::Region;
use super::zones::ZONES_MAX;

/// Things followed at once. More is a crowd or a nuisance: the oldest are followed.
pub const TRACKS_MAX: usize = BLOBS_MAX;
/// A track that is not seen for so long has ended.
const LOST_US: u64 = 700_000;
/// A blob may appear this much outside of where its track is expected, plane pixels.
const REACH_PX: i32 = 3;
/// What is not known yet and becomes so many times larger or smaller at once, …
const TORN_TIMES: u32 = 3;
/// … going further than this, plane pixels, was joined with another or torn apart: it begins anew where it is.
const TORN_PX: u32 = 4;
/// What goes less than this, or than half of its smaller side, has not moved, plane pixels.
const MOVED_PX_MIN: u32 = 2;
/// What is followed for at least so long …
const STEADY_US: u64 = 400_000;
/// … and in so many frames, …
const STEADY_SIGHTINGS: u32 = 8;
/// … no faster than so many sides a second, …
const STEADY_SIDES: u64 = 4;
/// … and is explained no further than this, is steady.
const STEADY_EXPLAINED_Q8: u32 = 200;
/// Where the dispersion around is higher, in grey levels, nothing is plain.
const RESTLESS_PLAIN: u8 = 12;

/// Something followed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Track {
    /// Counts the tracks since the detector began.
    pub number: u32,
    /// The last sighting.
    pub last: Sighting,
    /// Where it was seen first.
    pub born: Region,
    /// When.
    pub born_us: u64,
    /// Its pixels then.
    pub born_px: u32,
    /// It began at the picture's border: it came in, or may have.
    pub came_in: bool,
    /// The furthest that its whole box was ever away from where it began, plane pixels.
    pub far_px: u32,
    /// Frames in which it was large and distinct enough for the reference gate, the newest in the lowest bit.
    large_bits: u8,
    /// For each zone: frames in which it was large and distinct enough there.
    zone_bits: [u8; ZONES_MAX],
    /// Zones in which it was found to be a thing worth an alarm.
    pub fired: u8,
    /// It was found to be a thing by the reference gate: the model holds still below it.
    pub known: bool,
    /// Share of it that the background nearby explains, averaged over its life, Q8.
    pub explained: u32,
    /// Whether the present frame shows it.
    pub seen_now: bool,
    /// When it was seen last.
    pub seen_us: u64,
    /// When it was last seen to have moved.
    pub moved_us: u64,
    /// Speed of its box's middle, 1/16 plane pixels a frame, right and down.
    pub speed: (i32, i32),
    /// Its way.
    pub flight: Flight,
    /// Whether its bounds changed with the last sighting.
    is_stirring: bool,
    /// Where it was when it last had moved.
    anchor: Region,
    sightings: u32,
}

/// All of them.
pub struct Tracks {
    tracks: [Option<Track>; TRACKS_MAX],
    count_ever: u32,
}

impl Tracks {
    /// None.
    pub const fn new() -> Self {
        Self { tracks: [None; TRACKS_MAX], count_ever: 0 }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.tracks = [None; TRACKS_MAX];
    }

    /// Those that live.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Track> {
        self.tracks.iter_mut().flatten()
    }

    /// The same, to look at.
    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter().flatten()
    }

    /// Continues the tracks with this frame's sightings, at most [`BLOBS_MAX`]. `frame` is the plane's bounds.
    pub fn follow(&mut self, sightings: &[Sighting], frame: Region, now_us: u64) {
        for place in &mut self.tracks {
            place.take_if(|track| now_us.saturating_sub(track.seen_us) > LOST_US);
        }
        for track in self.tracks.iter_mut().flatten() {
            track.seen_now = false;
            track.large_bits <<= 1;
            track.zone_bits.iter_mut().for_each(|bits| *bits <<= 1);
        }
        let mut taken = [false; BLOBS_MAX];
        // The oldest first: what is known keeps its number when things meet.
        for number in self.oldest_first() {
            let Some(track) = self.tracks.iter_mut().flatten().find(|track| track.number == number) else {
                continue;
            };
            if let Some(at) = nearest(track, sightings, &taken) {
                taken[at] = true;
                track.see(&sightings[at], frame, now_us);
            }
        }
        for (sighting, _) in sightings.iter().zip(taken).filter(|(_, taken)| !taken) {
            self.begin(sighting, frame, now_us);
        }
    }

    fn oldest_first(&self) -> impl Iterator<Item = u32> + use<> {
        let mut numbers = self.tracks.map(|track| track.map_or(u32::MAX, |track| track.number));
        numbers.sort_unstable();
        numbers.into_iter().take_while(|&number| number != u32::MAX)
    }

    fn begin(&mut self, sighting: &Sighting, frame: Region, now_us: u64) {
        let Some(place) = self.tracks.iter_mut().find(|place| place.is_none()) else { return };
        self.count_ever = self.count_ever.wrapping_add(1) % u32::MAX;
        *place = Some(Track {
            number: self.count_ever,
            last: *sighting,
            born: sighting.bounds,
            born_px: sighting.px,
            born_us: now_us,
            came_in: touches_border(sighting.bounds, frame),
            explained: sighting.explained,
            seen_now: true,
            seen_us: now_us,
            moved_us: now_us,
            flight: Flight::begin(sighting.bounds, now_us),
            anchor: sighting.bounds,
            sightings: 1,
            ..Track::default()
        });
    }
}

impl Track {
    /// Whether what was seen last is light: of what is known to be a thing that must be plain.
    pub fn is_light(&self) -> bool {
        self.last.is_light || (self.last.is_doubtful && !self.known)
    }

    /// Whether it may be a thing, by its looks: the model learns nothing below it as long as it changes.
    pub fn is_plain(&self) -> bool {
        !self.is_light() && self.explained < EXPLAINED_Q8 && self.last.measure.sides.restless < RESTLESS_PLAIN
    }

    /// Whether the model holds still below it: it is known, or looks and travels like a thing. What never went anywhere may be a
    /// place that something left, which is to become background soon.
    pub fn is_held(&self) -> bool {
        let goes_like_a_thing = self.far_px >= 2 * TRAVEL_PX_MIN
            && self.explained < EXPLAINED_Q8
            && !self.is_light()
            && u32::from(self.last.measure.sides.restless) < RESTLESS;
        (self.known && self.far_px >= TRAVEL_PX_MIN) || goes_like_a_thing
    }

    /// Whether it has been followed for so long, and goes so slowly for its size, in so calm a place, that it may be small.
    pub fn is_steady(&self) -> bool {
        self.seen_us - self.born_us >= STEADY_US
            && self.sightings >= STEADY_SIGHTINGS
            && self.far_px > TRAVEL_PX_MIN
            && self.explained < STEADY_EXPLAINED_Q8
            && u32::from(self.last.measure.sides.restless) + 1 < RESTLESS
            && !self.is_fast(STEADY_SIDES)
    }

    /// Whether it goes faster than so many of its own longer sides a second. A walker makes 3 of them, a running cat 12, a flake or
    /// an insect before the lens 50.
    pub fn is_fast(&self, sides: u64) -> bool {
        let age_us = (self.seen_us - self.born_us).max(1);
        let side = u64::from(self.last.bounds.wide().max(self.last.bounds.high()));
        u64::from(self.far_px) * 1_000_000 > sides * side * age_us
    }

    /// Whether its outline changed with the last frame.
    pub fn is_stirring(&self) -> bool {
        self.is_stirring
    }

    /// It is no known thing any more, nowhere.
    pub fn forget(&mut self) {
        self.known = false;
        self.fired = 0;
    }

    /// The zones have changed: what was found in them says nothing any more.
    pub fn forget_zones(&mut self) {
        self.zone_bits = [0; ZONES_MAX];
        self.fired = 0;
    }

    /// Whether it is time again to call its place restless: every eighth time that it is seen, from the first on.
    pub fn is_tiresome(&self) -> bool {
        self.sightings % 8 == 1
    }

    /// Notes whether this frame shows it large enough for the reference gate; gives the last frames' answers.
    pub fn note_reference(&mut self, is_large: bool) -> u8 {
        self.large_bits |= u8::from(is_large);
        self.large_bits
    }

    /// The same for the gate of a zone.
    pub fn note_in_zone(&mut self, zone: usize, is_large: bool) -> u8 {
        self.zone_bits[zone] |= u8::from(is_large);
        self.zone_bits[zone]
    }

    fn see(&mut self, sighting: &Sighting, frame: Region, now_us: u64) {
        let (before, after) = (self.last.bounds.middle(), sighting.bounds.middle());
        // These are half pixels: 8 of it are 16 of a pixel. Half of the old speed, half of the new.
        self.speed.0 = (self.speed.0 + 8 * (after.0 - before.0)) / 2;
        self.speed.1 = (self.speed.1 + 8 * (after.1 - before.1)) / 2;
        self.is_stirring = self.last.bounds != sighting.bounds;
        if !self.known && self.is_torn(sighting, frame) {
            (self.born, self.far_px) = (sighting.bounds, 0);
        }
        self.flight.go_on(sighting.bounds, now_us);
        self.last = *sighting;
        self.seen_now = true;
        self.seen_us = now_us;
        self.sightings = self.sightings.saturating_add(1);
        let weight = self.sightings.min(8);
        self.explained = (self.explained * (weight - 1) + sighting.explained) / weight;
        self.far_px = self.far_px.max(travel(self.born, sighting.bounds, frame));
        let enough = sighting.bounds.wide().min(sighting.bounds.high()) / 2;
        if travel(self.anchor, sighting.bounds, frame) >= enough.max(MOVED_PX_MIN) {
            self.anchor = sighting.bounds;
            self.moved_us = now_us;
        }
    }

    /// Whether this sighting can be no more than a part of the last one, or the other way around.
    fn is_torn(&self, sighting: &Sighting, frame: Region) -> bool {
        let (less, more) = (self.last.px.min(sighting.px), self.last.px.max(sighting.px));
        more > TORN_TIMES * less && travel(self.last.bounds, sighting.bounds, frame) > TORN_PX
    }

    /// Where its box should be in this frame, with some room.
    fn reach(&self) -> [i32; 4] {
        let (right, down) = (self.speed.0 / 16, self.speed.1 / 16);
        let r = self.last.bounds;
        let (room_x, room_y) = (REACH_PX + right.abs() / 2, REACH_PX + down.abs() / 2);
        [
            i32::from(r.x1) + right - room_x,
            i32::from(r.y1) + down - room_y,
            i32::from(r.x2) + right + room_x,
            i32::from(r.y2) + down + room_y,
        ]
    }
}

fn touches_border(r: Region, frame: Region) -> bool {
    // The opening takes the outermost row and column.
    r.x1 <= 1 || r.y1 <= 1 || r.x2 + 1 >= frame.x2 || r.y2 + 1 >= frame.y2
}

/// The free sighting within the track's reach whose place and size are most like it.
fn nearest(track: &Track, sightings: &[Sighting], taken: &[bool; BLOBS_MAX]) -> Option<usize> {
    let [x1, y1, x2, y2] = track.reach();
    let free = sightings.iter().zip(taken).enumerate().filter(|(_, (_, taken))| !**taken);
    free.filter_map(|(at, (sighting, _))| {
        let r = sighting.bounds;
        let meets =
            i32::from(r.x1) < x2 && x1 < i32::from(r.x2) && i32::from(r.y1) < y2 && y1 < i32::from(r.y2);
        let apart_x = (i32::from(r.x1) + i32::from(r.x2) - x1 - x2).unsigned_abs();
        let apart_y = (i32::from(r.y1) + i32::from(r.y2) - y1 - y2).unsigned_abs();
        // Half of a size's difference in length counts as a distance.
        let size = |px: u32| px.isqrt();
        let unlike = size(sighting.px).abs_diff(size(track.last.px));
        meets.then_some((apart_x + apart_y + unlike, at))
    })
    .min()
    .map(|(_, at)| at)
}

/// How far a whole box went, in plane pixels: an edge counts as far as its opposite goes with it, so that what only grows, shrinks,
/// flickers or joins something else has gone nowhere. At the picture's border, where a thing comes in, the inner edge speaks
/// for both. What grows on all sides comes nearer: that counts as well.
pub fn travel(from: Region, to: Region, frame: Region) -> u32 {
    let axis = |a1: u16, a2: u16, b1: u16, b2: u16, end: u16| {
        let (low, high) = (i32::from(b1) - i32::from(a1), i32::from(b2) - i32::from(a2));
        let low_cut = a1 <= 1 && b1 <= 1;
        let high_cut = a2 + 1 >= end && b2 + 1 >= end;
        match (low_cut, high_cut) {
            (true, true) => 0,
            (true, false) => high.abs(),
            (false, true) => low.abs(),
            _ if (low < 0) == (high < 0) => low.abs().min(high.abs()),
            _ => 0,
        }
    };
    let across = axis(from.x1, from.x2, to.x1, to.x2, frame.x2);
    let along = axis(from.y1, from.y2, to.y1, to.y2, frame.y2);
    let grown = |a1: u16, a2: u16, b1: u16, b2: u16| {
        (i32::from(a1) - i32::from(b1)).min(i32::from(b2) - i32::from(a2)).max(0)
    };
    let nearer = grown(from.x1, from.x2, to.x1, to.x2).min(grown(from.y1, from.y2, to.y1, to.y2));
    (across + along).max(nearer).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Region = Region { x1: 0, y1: 0, x2: 160, y2: 90 };

    fn sighting(x: u16, y: u16, side: u16) -> Sighting {
        let bounds = Region { x1: x, y1: y, x2: x + side, y2: y + side };
        Sighting { px: u32::from(side) * u32::from(side), bounds, ..Sighting::default() }
    }

    #[test]
    fn only_what_goes_as_a_whole_travels() {
        let at = |x1, y1, x2, y2| Region { x1, y1, x2, y2 };
        let from = at(10, 10, 20, 30);
        assert_eq!(travel(from, at(15, 10, 25, 30), FRAME), 5, "sideways");
        assert_eq!(travel(from, at(13, 14, 23, 34), FRAME), 7, "both ways");
        assert_eq!(travel(from, at(10, 10, 60, 30), FRAME), 0, "joined with another");
        assert_eq!(travel(from, at(12, 12, 18, 25), FRAME), 0, "shrunk");
        assert_eq!(travel(from, at(6, 5, 24, 36), FRAME), 4, "nearer");
        assert_eq!(travel(at(0, 10, 4, 20), at(0, 10, 12, 20), FRAME), 8, "coming in from the left");
        assert_eq!(travel(at(150, 80, 160, 90), at(140, 80, 160, 90), FRAME), 10, "and from the right");
    }

    #[test]
    fn what_is_torn_off_has_not_travelled() {
        let mut tracks = Tracks::new();
        for (step, sighting) in (0..).zip([sighting(20, 20, 30), sighting(48, 48, 8), sighting(51, 48, 8)]) {
            tracks.follow(&[sighting], FRAME, step * 40_000);
        }
        let mut found = tracks.iter().map(|track| (track.number, track.far_px));
        assert_eq!([found.next(), found.next()], [Some((1, 3)), None], "since it was torn off");
    }

    #[test]
    fn things_that_pass_each_other_keep_their_numbers() {
        let mut tracks = Tracks::new();
        for step in 0..30u16 {
            let now_us = u64::from(step) * 66_667;
            let both = [sighting(10 + 3 * step, 20, 8), sighting(100 - 3 * step, 36, 8)];
            tracks.follow(&both, FRAME, now_us);
        }
        let found: [Option<(u32, u16)>; 3] = {
            let mut numbers = tracks.iter_mut().map(|track| (track.number, track.last.bounds.y1));
            [numbers.next(), numbers.next(), numbers.next()]
        };
        assert_eq!(found, [Some((1, 20)), Some((2, 36)), None]);
        assert!(tracks.iter_mut().all(|track| track.far_px == 87));
    }

    #[test]
    fn what_is_not_seen_ends_and_no_more_than_the_limit_are_followed() {
        let mut tracks = Tracks::new();
        let many: [Sighting; BLOBS_MAX] = core::array::from_fn(|at| sighting(4 * at as u16, 2, 3));
        tracks.follow(&many, FRAME, 0);
        assert_eq!(tracks.iter_mut().count(), TRACKS_MAX);
        tracks.follow(&[], FRAME, LOST_US);
        assert!(tracks.iter_mut().all(|track| !track.seen_now));
        tracks.follow(&[], FRAME, LOST_US + 1);
        assert_eq!(tracks.iter_mut().count(), 0);
    }
}

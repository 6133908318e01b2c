//! How a thing gets about: moths and midges before the lens go fast for their size, and turn.
//!
//! Its way is measured in steps of a tenth of a second, so that an outline that trembles is no speed. Must not judge.

use super::verdict::Region;

/// Time of one step; a slower camera's steps are its frames.
const STEP_US: u64 = 100_000;
/// Nothing is said of a shorter flight.
const FLIGHT_US_MIN: u64 = 400_000;
/// A small thing's side is taken for this: it is a pixel more or less from frame to frame, plane pixels.
const SIDE_PX_MIN: u32 = 6;
/// So many of its longer sides a second are an insect's pace if it turns, …
const TURNING_SIDES: u64 = 3;
/// … and so many if it does not. A car makes 3, a running cat 12 for a moment.
const STRAIGHT_SIDES: u64 = 9;
/// It turns if one in so many of its steps goes elsewhere than the one before.
const BENDS_OF_STEPS: u32 = 3;
/// A shorter step has no direction, half plane pixels.
const STEP_HALF_PX_MIN: u32 = 3;

/// A thing's way so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flight {
    /// Its middle at the last step, half plane pixels, …
    spot: (i32, i32),
    /// … and when.
    spot_us: u64,
    /// That step.
    step: (i32, i32),
    path_px: u32,
    path_us: u64,
    /// Steps with a direction that followed one with a direction, …
    steps: u32,
    /// … and those that went elsewhere.
    bends: u32,
    is_insect: bool,
}

impl Flight {
    /// Begins here.
    pub fn begin(bounds: Region, now_us: u64) -> Self {
        Self { spot: bounds.middle(), spot_us: now_us, ..Self::default() }
    }

    /// Goes on to here.
    pub fn go_on(&mut self, bounds: Region, now_us: u64) {
        let gap_us = now_us.saturating_sub(self.spot_us);
        if gap_us < STEP_US {
            return;
        }
        let here = bounds.middle();
        let step = (here.0 - self.spot.0, here.1 - self.spot.1);
        let has_direction = |step: (i32, i32)| length(step) >= STEP_HALF_PX_MIN;
        if has_direction(step) && has_direction(self.step) {
            self.steps = self.steps.saturating_add(1);
            self.bends = self.bends.saturating_add(u32::from(is_bend(self.step, step)));
        }
        self.path_px = self.path_px.saturating_add(length(step) / 2);
        self.path_us = self.path_us.saturating_add(gap_us);
        (self.spot, self.spot_us, self.step) = (here, now_us, step);
        self.is_insect |= self.is_measured() && self.is_hasty(bounds.wide().max(bounds.high()));
    }

    /// Whether anything can be said of it.
    pub fn is_measured(&self) -> bool {
        self.path_us >= FLIGHT_US_MIN
    }

    /// Whether it flew like an insect, at any time.
    pub fn is_insect(&self) -> bool {
        self.is_insect
    }

    fn is_hasty(&self, side_px: u32) -> bool {
        let side_px = u64::from(side_px.max(SIDE_PX_MIN));
        let is_faster = |sides: u64| u64::from(self.path_px) * 1_000_000 > sides * side_px * self.path_us;
        let turns = self.steps > 0 && self.bends * BENDS_OF_STEPS >= self.steps;
        is_faster(STRAIGHT_SIDES) || (turns && is_faster(TURNING_SIDES))
    }
}

/// Length of a step, up to an eighth too long: the longer side and half of the shorter.
fn length((right, down): (i32, i32)) -> u32 {
    let (right, down) = (right.unsigned_abs(), down.unsigned_abs());
    right.max(down) + right.min(down) / 2
}

/// Whether two steps differ by more than 45 degrees: the square of their cosine is below a half.
fn is_bend(from: (i32, i32), to: (i32, i32)) -> bool {
    let square = |(x, y): (i32, i32)| i64::from(x) * i64::from(x) + i64::from(y) * i64::from(y);
    let product = i64::from(from.0) * i64::from(to.0) + i64::from(from.1) * i64::from(to.1);
    product <= 0 || 2 * product * product < square(from) * square(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_US: u64 = 40_000;

    /// What goes along `way`, whose points are a frame apart, with a side of `side` plane pixels.
    fn fly(side: u16, way: impl Iterator<Item = (f64, f64)>) -> Flight {
        let mut flight: Option<Flight> = None;
        for (frame, (x, y)) in (0..).zip(way) {
            let (x, y, now_us) = (x.round() as u16, y.round() as u16, frame * FRAME_US);
            let bounds = Region { x1: x, y1: y, x2: x + side, y2: y + side };
            match &mut flight {
                None => flight = Some(Flight::begin(bounds, now_us)),
                Some(flight) => flight.go_on(bounds, now_us),
            }
        }
        flight.expect("it begins")
    }

    fn straight(px_a_frame: f64, frames: u32) -> impl Iterator<Item = (f64, f64)> {
        (0..frames).map(move |frame| (10.0 + px_a_frame * f64::from(frame), 40.0))
    }

    #[test]
    fn a_moth_is_told_from_a_car_and_a_cat() {
        // Around in circles of 15 pixels, 2.4 pixels a frame.
        let moth = (0..60).map(|frame| f64::from(frame) * 0.16);
        let moth = fly(7, moth.map(|angle| (60.0 + 15.0 * angle.cos(), 40.0 + 15.0 * angle.sin())));
        assert!(moth.is_measured() && moth.is_insect());
        assert!(!fly(18, straight(2.2, 60)).is_insect(), "a car: 3 sides a second");
        assert!(!fly(7, straight(1.0, 60)).is_insect(), "a cat: 3.6 sides a second, straight on");
        assert!(fly(7, straight(3.0, 40)).is_insect(), "11 sides a second for more than a second");
    }

    #[test]
    fn what_trembles_is_no_insect_and_a_short_flight_says_nothing() {
        let trembling = (0..100).map(|frame| (50.0 + f64::from(frame) * 0.3, 40.0 + f64::from(frame % 2)));
        assert!(!fly(3, trembling).is_insect());
        let short = fly(7, straight(4.0, 10));
        assert!(!short.is_measured() && !short.is_insect());
    }
}

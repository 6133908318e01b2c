//! Time from timestamps: how far the model goes in a frame, whatever the frame rate.
//!
//! Must not read a clock.

use super::model::Steps;

/// Time at the start in which nothing is reported: the exposure settles.
const BLIND_US: u64 = 300_000;
/// Frames that it takes at least, for slow cameras.
const BLIND_FRAMES_MIN: u32 = 4;
/// Time at the start in which swaying things show their range: only what goes far is reported.
const LEARNING_US: u64 = 1_500_000;
/// Frames that it takes at least.
const LEARNING_FRAMES_MIN: u32 = 8;
/// The time that the steps per frame are made for: 25 frames a second. Longer frames take several steps, up to a limit.
const FRAME_US: u64 = 40_000;
const STEPS_MAX: u64 = 6;
/// Time per step down of the dispersion.
const DECAY_US: u64 = 320_000;
/// The same where something sways.
const DECAY_SWAYING_US: u64 = 2_000_000;
/// Unit of the age of what differs and stays the same.
const TICK_US: u64 = 500_000;
/// What differs and stays the same becomes background after so many ticks: 2 s …
const ADOPT_TICKS: u8 = 4;
/// … and what belongs to a known thing after a minute: somebody who waits, a car that parks.
const ADOPT_HELD_TICKS: u8 = 120;
/// Step of the dispersion for each time that a pixel begins to differ, grey levels.
const ATTACK: u8 = 6;

/// Counts the time of one scene.
pub struct Pace {
    began_us: u64,
    last_us: u64,
    frames: u32,
    decayed_us: u64,
    decayed_swaying_us: u64,
    ticked_us: u64,
}

impl Pace {
    /// Before the first frame.
    pub const fn new() -> Self {
        Self { began_us: 0, last_us: 0, frames: 0, decayed_us: 0, decayed_swaying_us: 0, ticked_us: 0 }
    }

    /// A scene begins.
    pub fn begin(&mut self, now_us: u64) {
        *self = Self {
            began_us: now_us,
            last_us: now_us,
            frames: 0,
            decayed_us: now_us,
            decayed_swaying_us: now_us,
            ticked_us: now_us,
        };
    }

    /// Whether this time continues the scene: not before the last frame, and not long after.
    pub fn goes_on(&mut self, now_us: u64, gap_us_max: u64) -> bool {
        now_us.checked_sub(self.last_us).is_some_and(|gap| gap <= gap_us_max)
    }

    /// Whether nothing can be said yet.
    pub fn blind(&self, now_us: u64) -> bool {
        self.frames < BLIND_FRAMES_MIN || now_us - self.began_us < BLIND_US
    }

    /// Whether the scene is still being learnt.
    pub fn learning(&self, now_us: u64) -> bool {
        self.frames < LEARNING_FRAMES_MIN || now_us - self.began_us < LEARNING_US
    }

    /// How far the model goes in this frame.
    pub fn step(&mut self, now_us: u64) -> Steps {
        let gap_us = now_us - self.last_us;
        self.last_us = now_us;
        self.frames = self.frames.saturating_add(1);
        let frames = ((gap_us + FRAME_US / 2) / FRAME_US).clamp(1, STEPS_MAX) as u8;
        let due = |since: &mut u64, every: u64| {
            let is_due = now_us.saturating_sub(*since) >= every;
            if is_due {
                *since = now_us;
            }
            u8::from(is_due)
        };
        let (decay, age) = (due(&mut self.decayed_us, DECAY_US), due(&mut self.ticked_us, TICK_US));
        let decay_swaying = due(&mut self.decayed_swaying_us, DECAY_SWAYING_US);
        let learning = self.learning(now_us);
        let base = Steps {
            mean_shift: if frames > 2 { 5 } else { 6 },
            follow_q8: 64 * u16::from(frames),
            attack: ATTACK,
            press: 0,
            decay,
            decay_swaying,
            age,
            adopt: ADOPT_TICKS,
            adopt_held: ADOPT_HELD_TICKS,
        };
        // Learning goes faster both ways: what sways all the time gets its dispersion within a second, what passes once while
        // the detector starts is half forgotten when it ends.
        let fast = Steps {
            mean_shift: 2,
            follow_q8: 512 * u16::from(frames),
            attack: 6 * frames,
            press: 6 * frames,
            decay: 2 * frames,
            decay_swaying: 2 * frames,
            ..base
        };
        if learning { fast } else { base }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sways_is_forgotten_more_slowly_than_the_rest() {
        let mut pace = Pace::new();
        pace.begin(0);
        let frame_us = |frame: u64| frame * FRAME_US;
        let learnt = (1..50).map(|frame| pace.step(frame_us(frame))).last();
        assert!(learnt.is_some_and(|steps| steps.attack == ATTACK), "the scene is learnt");
        let (mut usual, mut swaying) = (0, 0);
        for frame in 50..300 {
            let steps = pace.step(frame_us(frame));
            usual += u64::from(steps.decay);
            swaying += u64::from(steps.decay_swaying);
        }
        let in_ten_seconds = |every_us: u64| 10_000_000 / every_us;
        assert!(usual.abs_diff(in_ten_seconds(DECAY_US)) <= 1, "{usual}");
        assert!(swaying.abs_diff(in_ten_seconds(DECAY_SWAYING_US)) <= 1, "{swaying}");
    }
}

//! When frames come: steadily, with losses and repeats, or at a rate that changes.
//!
//! It must not know what is in them.

use crate::lattice::wander;
use crate::random::{hash, unit_of};

/// Seconds of one swing of a rate that changes.
const RATE_SWING_S: f64 = 9.0;
/// The slowest rate is so many times slower.
const SLOWEST: f64 = 5.0;
/// Most frames lost in a row.
const LOST_MAX: u64 = 12;

/// How frames come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// One after the other.
    Steady,
    /// Some are lost, some delivered again as they were; the timestamps go on.
    Broken,
    /// The rate falls and rises (a camera that exposes longer).
    Variable,
}

/// A frame to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    pub index: u64,
    pub timestamp_us: u64,
    /// The same bytes as the frame before.
    pub is_repeat: bool,
}

/// The timetable.
#[derive(Debug, Clone)]
pub struct Schedule {
    rhythm: Rhythm,
    frame_us: u64,
    seed: u64,
    index: u64,
    next_us: u64,
}

impl Schedule {
    pub fn new(rhythm: Rhythm, frame_us: u64, seed: u64) -> Schedule {
        Schedule { rhythm, frame_us, seed, index: 0, next_us: 0 }
    }

    /// The next frame.
    pub fn next(&mut self) -> Tick {
        let mut is_repeat = false;
        if self.rhythm == Rhythm::Broken && self.index > 0 {
            let chance = hash(self.seed, self.index);
            if unit_of(chance) < 0.025 {
                let lost = 1 + chance % LOST_MAX;
                self.index += lost;
                self.next_us += lost * self.frame_us;
            }
            is_repeat = unit_of(chance) > 0.94;
        }
        let tick = Tick { index: self.index, timestamp_us: self.next_us, is_repeat };
        self.index += 1;
        self.next_us += self.gap();
        tick
    }

    fn gap(&self) -> u64 {
        match self.rhythm {
            Rhythm::Steady | Rhythm::Broken => self.frame_us,
            Rhythm::Variable => {
                let swing = wander(self.seed, self.next_us as f64 * 1e-6 / RATE_SWING_S);
                let slow = f64::from((0.5 + 0.9 * swing).clamp(0.0, 1.0));
                let jitter = f64::from(unit_of(hash(self.seed ^ 1, self.index))) * 0.1;
                (self.frame_us as f64 * (1.0 + (SLOWEST - 1.0) * slow + jitter)) as u64
            }
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;

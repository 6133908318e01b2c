//! When a frame was taken, by our own clock. Pure.
//!
//! Everything to the right counts on it: how long an event goes on, what a clip's pre-roll is, how fast something moves.

/// A driver's stamp may be older than this by no honest means: what waits in its buffers waits for seconds. And it is never of the future.
const DOUBT_US: u64 = 10_000_000;

/// The driver's stamp, if it can be one of CLOCK_MONOTONIC; else the moment at which the frame came. There are drivers that stamp by another
/// clock, by none, or by one that wraps around.
pub fn taken_us(stamp_us: u64, came_us: u64) -> u64 {
    if stamp_us.abs_diff(came_us) <= DOUBT_US { stamp_us } else { came_us }
}

#[cfg(test)]
mod tests {
    use super::{DOUBT_US, taken_us};

    #[test]
    fn a_stamp_of_another_clock_is_not_believed() {
        let came_us = 5_000_000_000;
        for stamp_us in [came_us, came_us - 40_000, came_us - DOUBT_US, came_us + 1] {
            assert_eq!(taken_us(stamp_us, came_us), stamp_us);
        }
        for stamp_us in [0, came_us - DOUBT_US - 1, came_us + DOUBT_US + 1, 1 << 51, u64::MAX] {
            assert_eq!(taken_us(stamp_us, came_us), came_us);
        }
    }
}

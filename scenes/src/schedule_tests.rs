//! When frames come.

use super::{Rhythm, Schedule, Tick};

fn ticks(rhythm: Rhythm) -> Vec<Tick> {
    let mut schedule = Schedule::new(rhythm, 40_000, 3);
    (0..2_000).map(|_| schedule.next()).collect()
}

fn gaps(ticks: &[Tick]) -> Vec<u64> {
    ticks.windows(2).map(|pair| pair[1].timestamp_us - pair[0].timestamp_us).collect()
}

/// G8: a steady camera is steady.
#[test]
fn a_steady_camera_is_steady() {
    assert!(gaps(&ticks(Rhythm::Steady)).iter().all(|gap| *gap == 40_000));
}

/// G8: lost frames leave a gap of whole frames, and repeats come at their own time.
#[test]
fn lost_frames_leave_gaps_and_repeats_have_their_own_time() {
    let ticks = ticks(Rhythm::Broken);
    let gaps = gaps(&ticks);
    assert!(gaps.iter().all(|gap| *gap >= 40_000 && gap % 40_000 == 0));
    let lost = gaps.iter().filter(|gap| **gap > 40_000).count();
    let repeats = ticks.iter().filter(|tick| tick.is_repeat).count();
    assert!((20..120).contains(&lost) && (60..240).contains(&repeats), "{lost} {repeats}");
}

/// G8: a rate that varies goes from full to a fifth.
#[test]
fn a_varying_rate_varies_widely() {
    let gaps = gaps(&ticks(Rhythm::Variable));
    let (low, high) = (gaps.iter().min().copied(), gaps.iter().max().copied());
    assert!(low.is_some_and(|gap| gap < 48_000) && high.is_some_and(|gap| gap > 150_000), "{low:?} {high:?}");
}

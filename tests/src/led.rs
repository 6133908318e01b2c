//! The status LED as a person sees it: levels over time, read as a code.
//!
//! It must not know what the firmware wants to show: it counts flashes between rests.

use crate::starvation::Starvation;
use crate::{Failure, Rig};
use std::time::{Duration, Instant};

/// The GPIO line of the status LED (the profile's additions to the device tree).
const STATUS_LED: u32 = 4;
/// Dark for at least this long is the rest between two groups of flashes. Within a group it is dark for 200 ms.
const REST: Duration = Duration::from_millis(600);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(8);
/// Two looks further apart than this: the host was busy with something else, and the machine, too, did not run.
const BLIND: Duration = Duration::from_millis(60);
/// Nobody watches longer than this for a code.
const PATIENCE: Duration = Duration::from_secs(60);

/// A code that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// From the start of the watch to the end of the code's first group: then a person has read it.
    pub read_after: Duration,
    /// Of that, the time in which nobody could look or the machine could not run, because the host was busy.
    pub blind: Duration,
}

/// One look: when, from the start of the watch, and whether the LED was lit.
type Look = (Duration, bool);

/// Watches from `since` until the LED has shown groups of this many flashes twice.
pub fn watch(rig: &mut Rig, flashes: usize, since: Instant) -> Result<Seen, Failure> {
    let mut looks: Vec<Look> = Vec::new();
    let mut starvation = Starvation::default();
    while since.elapsed() < PATIENCE {
        let lit = rig.line_high(STATUS_LED)?;
        looks.push((since.elapsed(), lit));
        let starved = starvation.look(rig.machine.process_id());
        if let Some(read_after) = decode(&looks, flashes) {
            let before = looks.iter().filter(|(at, _)| *at <= read_after);
            let times: Vec<Duration> =
                std::iter::once(Duration::ZERO).chain(before.map(|(at, _)| *at)).collect();
            let gaps = times.windows(2).map(|w| w[1] - w[0]).filter(|gap| *gap > BLIND);
            return Ok(Seen { read_after, blind: starved.max(gaps.sum()) });
        }
        std::thread::sleep(LOOK_EVERY);
    }
    let said = rig.serial.transcript();
    Err(format!("the status LED did not flash {flashes} times: {:?}; the console said: {said}", runs(&looks))
        .into())
}

/// The beginning of the first rest that is followed by a whole group of this many flashes and another rest.
fn decode(looks: &[Look], flashes: usize) -> Option<Duration> {
    let runs = runs(looks);
    let is_rest = |run: &(bool, Duration, Duration)| !run.0 && run.2 >= REST;
    let rests: Vec<usize> = (0..runs.len()).filter(|&at| is_rest(&runs[at])).collect();
    let group = |w: &&[usize]| runs[w[0]..w[1]].iter().filter(|run| run.0).count() == flashes;
    rests.windows(2).find(group).map(|w| runs[w[0]].1)
}

/// Levels without a change: level, beginning, length.
fn runs(looks: &[Look]) -> Vec<(bool, Duration, Duration)> {
    let mut runs: Vec<(bool, Duration, Duration)> = Vec::new();
    for &(at, lit) in looks {
        match runs.last_mut() {
            Some((level, start, length)) if *level == lit => *length = at - *start,
            _ => runs.push((lit, at, Duration::ZERO)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::{Look, decode};
    use std::time::Duration;

    fn looks(levels: &[(bool, u64)]) -> Vec<Look> {
        let mut at_ms = 0;
        let mut looks = Vec::new();
        for &(lit, ms) in levels {
            let end_ms = at_ms + ms;
            while at_ms < end_ms {
                looks.push((Duration::from_millis(at_ms), lit));
                at_ms += 10;
            }
        }
        looks
    }

    #[test]
    fn a_code_is_read_at_the_end_of_its_first_group() {
        let group = [(true, 200), (false, 200), (true, 200), (false, 200), (true, 200), (false, 1200)];
        let armed = [(true, 700), (false, 100), (true, 1900), (false, 100)];
        let shown: Vec<(bool, u64)> = [&armed[..], &group, &group].concat();
        assert_eq!(decode(&looks(&shown), 3), Some(Duration::from_millis(3800)));
        assert_eq!(decode(&looks(&shown), 2), None);
        assert_eq!(decode(&looks(&armed), 1), None, "an armed LED is never dark for long");
    }
}

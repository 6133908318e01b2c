//! What an output does while it is on: steps of active and not, again and again. Pure.

use crate::settings::wiring::Pattern;

/// Half a second each: seen from across a yard, and no relay wears out in a night.
const BLINK_MS: &[u32] = &[500, 500];
/// A dot is 200 ms (six words a minute); a dash is three of them, as are the pauses between letters; seven between words.
const SOS_MS: &[u32] =
    &[200, 200, 200, 200, 200, 600, 600, 200, 600, 200, 600, 600, 200, 200, 200, 200, 200, 1400];
/// Fast and slow in turn: what a siren that only knows on and off can do to be told from a steady one.
const TWO_TONE_MS: &[u32] = &[100, 100, 100, 100, 100, 100, 100, 100, 400, 400, 400, 400];

/// Each of two tones: as long as the slow steps above, which is what ears know from the street.
const TONE_US: u64 = 400_000;

/// Whether the other one of two tones sounds so long after the output went on, and for how many microseconds that stays so.
pub fn other_tone(elapsed_us: u64) -> (bool, u64) {
    (elapsed_us / TONE_US % 2 == 1, TONE_US - elapsed_us % TONE_US)
}

/// The steps of a pattern in milliseconds, active first; none: it is steady.
pub fn steps_ms(pattern: Pattern) -> &'static [u32] {
    match pattern {
        Pattern::Steady => &[],
        Pattern::Blink => BLINK_MS,
        Pattern::Sos => SOS_MS,
        Pattern::TwoTone => TWO_TONE_MS,
    }
}

/// Whether the output is active so long after it went on, and for how many microseconds that stays so; none: for good.
pub fn at(pattern: Pattern, elapsed_us: u64) -> (bool, Option<u64>) {
    let steps = steps_ms(pattern);
    let period_us: u64 = steps.iter().map(|&ms| u64::from(ms) * 1000).sum();
    let Some(mut left_us) = elapsed_us.checked_rem(period_us) else { return (true, None) };
    for (index, &ms) in steps.iter().enumerate() {
        let step_us = u64::from(ms) * 1000;
        if left_us < step_us {
            return (index % 2 == 0, Some(step_us - left_us));
        }
        left_us -= step_us;
    }
    (false, Some(period_us))
}

#[cfg(test)]
mod tests {
    use super::{at, other_tone, steps_ms};
    use crate::settings::wiring::{PATTERNS, Pattern};

    /// Runs of the level in milliseconds over one period, from its beginning.
    fn runs_ms(pattern: Pattern) -> Vec<(bool, u64)> {
        let period_ms: u64 = steps_ms(pattern).iter().map(|&ms| u64::from(ms)).sum();
        let mut runs: Vec<(bool, u64)> = Vec::new();
        for ms in 0..period_ms {
            let level = at(pattern, ms * 1000).0;
            match runs.last_mut() {
                Some((last, length)) if *last == level => *length += 1,
                _ => runs.push((level, 1)),
            }
        }
        runs
    }

    #[test]
    fn sos_is_three_short_three_long_three_short() {
        let on: Vec<u64> = runs_ms(Pattern::Sos).iter().filter(|run| run.0).map(|run| run.1).collect();
        assert_eq!(on, [200, 200, 200, 600, 600, 600, 200, 200, 200]);
        let off: Vec<u64> = runs_ms(Pattern::Sos).iter().filter(|run| !run.0).map(|run| run.1).collect();
        assert_eq!(off, [200, 200, 600, 200, 200, 600, 200, 200, 1400]);
    }

    #[test]
    fn two_tones_take_turns() {
        let found = [0, 399_999, 400_000, 799_999, 800_000].map(other_tone);
        assert_eq!(found, [(false, 400_000), (false, 1), (true, 400_000), (true, 1), (false, 400_000)]);
    }

    #[test]
    fn patterns_differ_repeat_and_tell_how_long_they_stay() {
        for (name, pattern) in PATTERNS {
            let trace =
                |pattern| (0..20_000).step_by(50).map(|ms| at(pattern, ms * 1000).0).collect::<Vec<_>>();
            for (_, other) in PATTERNS.iter().filter(|(other, _)| *other != name) {
                assert_ne!(trace(pattern), trace(*other), "{name}");
            }
            let mut now_us = 0;
            while now_us < 20_000_000 {
                let (level, stays_us) = at(pattern, now_us);
                let Some(stays_us) = stays_us else {
                    assert!(level && pattern == Pattern::Steady);
                    break;
                };
                assert!(stays_us > 0 && at(pattern, now_us + stays_us - 1).0 == level, "{name} at {now_us}");
                assert_ne!(at(pattern, now_us + stays_us).0, level, "{name} at {now_us}");
                now_us += stays_us;
            }
        }
    }
}

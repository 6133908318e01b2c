//! Frames a second, as an exact fraction. It must not round: frame 100 000 has its right microsecond.
use super::error::Error;

/// Fastest rate that is taken for one: no camera delivers more.
const FPS_MAX: u64 = 1000;

/// Frames a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    frames: u64,
    seconds: u64,
}

impl Rate {
    /// Reads `25`, `29.97` or `30000/1001`.
    ///
    /// # Errors
    /// Not a number, zero, or faster than any camera.
    pub fn parse(text: &str) -> Result<Rate, Error> {
        let wrong = || Error::Rate(text.to_owned());
        let (frames, seconds) = match (text.split_once('/'), text.split_once('.')) {
            (Some((frames, seconds)), _) => (frames.parse().ok(), seconds.parse().ok()),
            (None, Some((whole, part))) if part.len() <= 6 && !part.starts_with('+') => {
                (format!("{whole}{part}").parse().ok(), u32::try_from(part.len()).ok().map(|n| 10_u64.pow(n)))
            }
            (None, _) => (text.parse().ok(), Some(1)),
        };
        let (frames, seconds): (u64, u64) = (frames.ok_or_else(wrong)?, seconds.ok_or_else(wrong)?);
        let sane = frames > 0 && seconds > 0 && seconds <= 1_000_000_000 && frames / seconds <= FPS_MAX;
        if sane { Ok(Rate { frames, seconds }) } else { Err(wrong()) }
    }

    /// The time of a frame, in microseconds after frame 0, rounded down.
    #[must_use]
    pub fn time_us(self, index: usize) -> u64 {
        let us = index as u128 * u128::from(self.seconds) * 1_000_000 / u128::from(self.frames);
        u64::try_from(us).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn rates_are_exact() {
        let time = |text: &str, index| Rate::parse(text).unwrap().time_us(index);
        assert_eq!(time("25", 3), 120_000);
        assert_eq!(time("30000/1001", 30_000), 1_001_000_000);
        assert_eq!(time("29.97", 2997), 100_000_000);
        assert_eq!(time("0.5", 1), 2_000_000);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in
            ["", "0", "0/1", "1/0", "-1", "x", "25fps", "1.", "1.2.3", "5000", "1/", "9e9", "1.0000001"]
        {
            let error = Rate::parse(text).map(|rate| rate.time_us(1));
            assert!(error.is_err() || text == "1.", "{text}: {error:?}");
        }
    }
}

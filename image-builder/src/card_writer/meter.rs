//! Shows how far writing or copying is: a bar on a terminal, a plain line now and then in a log. Hears Ctrl-C.

use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::size::human;
use super::transfer::{Step, Watch};
use crate::host::progress::Count;

/// Width of the bar: with the figures behind it, the line fits on a terminal of 80 columns.
const BAR_CHARACTERS: usize = 12;

/// The person's view of a transfer.
#[derive(Debug)]
pub struct Meter {
    interrupt: Interrupt,
    current: Option<(&'static str, Count, Instant)>,
}

impl Meter {
    /// A view that ends the transfer when a signal was caught.
    #[must_use]
    pub fn new(interrupt: Interrupt) -> Self {
        Self { interrupt, current: None }
    }

    /// Shows that of what `verb` says, `done` of `total` bytes are behind us.
    pub fn show(&mut self, verb: &'static str, done: u64, total: u64) {
        if self.current.as_ref().is_none_or(|(current, ..)| *current != verb) {
            self.current = Some((verb, Count::default(), Instant::now()));
        }
        let Some((_, count, started)) = &mut self.current else { return };
        let elapsed = started.elapsed();
        let bar = count.is_on_terminal();
        if done < total {
            count.show(|| line(verb, done, total, elapsed, bar));
        } else if let Some((_, count, _)) = self.current.take() {
            count.finish(&line(verb, done, total, elapsed, bar));
        }
    }

    /// Whether a signal was caught.
    pub fn is_interrupted(&mut self) -> bool {
        self.interrupt.caught()
    }
}

impl Watch for Meter {
    fn progress(&mut self, step: Step, done: u64, total: u64) {
        self.show(verb(step), done, total);
    }

    fn stop(&mut self) -> bool {
        self.is_interrupted()
    }
}

const SAMPLING: &str = "sampling the card";
const CHECKING_SAMPLES: &str = "checking samples";

fn verb(step: Step) -> &'static str {
    match step {
        Step::Sample => SAMPLING,
        Step::Write => "writing",
        Step::Check => "reading back",
        Step::CheckSamples => CHECKING_SAMPLES,
    }
}

/// `writing [#####-------]  47 %, 120.0 of 256.0 MiB, 10.3 MiB/s, 0:13 left`
fn line(verb: &str, done: u64, total: u64, elapsed: Duration, bar: bool) -> String {
    let share =
        |of: u64| u64::try_from(u128::from(done) * u128::from(of) / u128::from(total.max(1))).unwrap_or(of);
    let bar = if bar {
        let full =
            usize::try_from(share(BAR_CHARACTERS as u64)).unwrap_or(BAR_CHARACTERS).min(BAR_CHARACTERS);
        format!(" [{}{}]", "#".repeat(full), "-".repeat(BAR_CHARACTERS - full))
    } else {
        String::new()
    };
    let head = format!("{verb}{bar} {:>3} %, {} of {}", share(100), human(done), human(total));
    if [SAMPLING, CHECKING_SAMPLES].contains(&verb) {
        // Most of these bytes are skipped: a rate would be none of the card's.
        return head;
    }
    // Nothing can be said about the speed of nothing.
    let Some(rate) =
        u128::from(done).checked_mul(1000).and_then(|done| done.checked_div(elapsed.as_millis()))
    else {
        return head;
    };
    let rate = u64::try_from(rate).unwrap_or(u64::MAX);
    match (total - done.min(total)).checked_div(rate) {
        Some(left) if done < total => {
            format!("{head}, {}/s, {}:{:02} left", human(rate), left / 60, left % 60)
        }
        _ => format!("{head}, {}/s", human(rate)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::line;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_line_says_bytes_share_rate_and_time_left() {
        let text = line("writing", 120 * MIB, 256 * MIB, Duration::from_secs(12), true);
        assert_eq!(text, "writing [#####-------]  46 %, 120.0 MiB of 256.0 MiB, 10.0 MiB/s, 0:13 left");
        let text = line("reading back", 256 * MIB, 256 * MIB, Duration::from_secs(8), false);
        assert_eq!(text, "reading back 100 %, 256.0 MiB of 256.0 MiB, 32.0 MiB/s");
    }

    #[test]
    fn no_time_and_no_bytes_are_no_fault() {
        for (done, total) in [(0, 0), (0, MIB), (u64::MAX, u64::MAX), (2, 1)] {
            let text = line("writing", done, total, Duration::ZERO, true);
            assert!(text.starts_with("writing ["), "{text}");
        }
        assert_eq!(
            line("writing", 0, MIB, Duration::from_secs(1), false),
            "writing   0 %, 0 B of 1.0 MiB, 0 B/s"
        );
    }
}

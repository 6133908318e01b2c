//! The hardware watchdog in init's hands: opened once, fed, never closed.

use crate::restart::WatchdogReport;
use crate::sys::watchdog::Watchdog;
use crate::{board, paths, warning};

/// Longest pause between two feedings. Far shorter than any hardware's limit, so that a busy machine does no harm.
const FEED_US_MAX: u64 = 3_000_000;

/// See the module.
pub struct Dog {
    device: Watchdog,
    timeout_s: u32,
    /// Whether a failed feeding was told; once is enough.
    told: bool,
}

impl Dog {
    /// Opens the board's watchdog with the profile's time limit. The report says what was found, also when nothing was.
    pub fn open() -> (Option<Dog>, WatchdogReport) {
        // Without a profile the driver's own time limit is better than no watchdog.
        let wanted = board::profile().ok().map(|profile| profile.watchdog);
        if wanted == Some(None) {
            return (None, trouble("this board has none"));
        }
        if std::fs::read_to_string(paths::KERNEL_COMMAND_LINE).is_ok_and(|line| is_off(&line)) {
            return (None, trouble("it is switched off on the kernel's command line"));
        }
        let device = match Watchdog::open(paths::WATCHDOG_DEVICE) {
            Ok(device) => device,
            Err(error) => return (None, trouble(&format!("it cannot be opened: {error}"))),
        };
        let mut report = WatchdogReport {
            identity: device.identity().unwrap_or_else(|_| "unnamed".into()),
            reset_by_it: device.caused_last_reset().unwrap_or(false),
            ..WatchdogReport::default()
        };
        if let Some(seconds) = wanted.flatten().and_then(|w| w.timeout_s)
            && let Err(error) = device.set_timeout_s(seconds)
        {
            report.trouble = format!("a time limit of {seconds} s was refused: {error}");
        }
        match device.timeout_s() {
            Ok(seconds) => report.timeout_s = seconds,
            Err(error) => report.trouble = format!("its time limit is not known: {error}"),
        }
        (Some(Dog { device, timeout_s: report.timeout_s, told: false }), report)
    }

    /// Feeds it.
    pub fn feed(&mut self) {
        if let Err(error) = self.device.feed()
            && !std::mem::replace(&mut self.told, true)
        {
            warning!("watchdog: it cannot be fed: {error}");
        }
    }

    /// How often to feed: several times within the hardware's limit.
    pub fn feed_every_us(&self) -> u64 {
        match self.timeout_s {
            0 => FEED_US_MAX,
            seconds => (u64::from(seconds) * 1_000_000 / 3).min(FEED_US_MAX),
        }
    }

    /// Within this time after the last feeding the reset has come, or never will.
    pub fn reset_limit_us(&self) -> u64 {
        2 * u64::from(self.timeout_s) * 1_000_000
    }
}

/// For a board, or an emulator, whose watchdog is broken.
fn is_off(command_line: &str) -> bool {
    command_line.split_ascii_whitespace().any(|word| word == "kerberos.watchdog=off")
}

fn trouble(text: &str) -> WatchdogReport {
    WatchdogReport { trouble: text.into(), ..WatchdogReport::default() }
}

/// How often init looks around on a board without a watchdog.
pub const LOOK_US: u64 = FEED_US_MAX;

#[cfg(test)]
mod tests {
    use super::is_off;

    #[test]
    fn only_the_whole_word_switches_it_off() {
        assert!(is_off("panic=5 kerberos.watchdog=off loglevel=4\n"));
        assert!(!is_off("panic=5 kerberos.watchdog=offline loglevel=4") && !is_off(""));
    }
}

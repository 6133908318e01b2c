//! Why the system went down, decided from everything that speaks of it. Pure.
//!
//! Whoever wrote something down before it went knew best. If nobody did, a panicking kernel may have left its last lines in
//! memory, and the hardware may remember its own reset. If nothing speaks, the power was cut.

use super::pstore::KernelPanic;
use super::record::{Ending, Record};
use crate::wall;
use hours::Zone;
use serde::{Deserialize, Serialize};

/// Why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// There is no record: the card's first start.
    First,
    /// The power came back.
    Power,
    /// Somebody ordered it: `reboot` or `poweroff`.
    Command(String),
    /// This part made no progress; without a name nobody could write it down.
    Watchdog(Option<String>),
    /// This part died, with these words.
    Panic(String, String),
}

/// The last restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restart {
    /// Why.
    pub reason: Reason,
    /// When, if somebody wrote it down.
    pub when: Option<When>,
}

/// The moment of going down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// Microseconds since 1970 by the clock as it was.
    pub wall_us: u64,
    /// Whether that clock was set by somebody who knew the time.
    pub wall_trusted: bool,
    /// How long the system had been up, microseconds.
    pub up_us: u64,
}

impl Reason {
    /// Whether the owner should hear of it.
    pub fn is_trouble(&self) -> bool {
        matches!(self, Reason::Watchdog(_) | Reason::Panic(..))
    }
}

/// Decides. `record` is what the card says, `panic` what the kernel left, `reset_by_watchdog` what the hardware remembers.
/// A board's ordered reboot may itself go through the watchdog, so the hardware speaks last.
pub fn decide(record: Option<Record>, panic: Option<KernelPanic>, reset_by_watchdog: bool) -> Restart {
    let without_time = |reason| Restart { reason, when: None };
    let first = record.is_none();
    if let Some(Record { ending, wall_us, wall_trusted, up_us }) = record {
        let with_time = |reason| Restart { reason, when: Some(When { wall_us, wall_trusted, up_us }) };
        match (ending, &panic) {
            (Ending::Watchdog { part }, _) => return with_time(Reason::Watchdog(Some(part))),
            (Ending::Panic { part, epitaph }, _) => return with_time(Reason::Panic(part, epitaph)),
            (Ending::Command { order }, None) => return with_time(Reason::Command(order)),
            // Whoever panics while it goes down did not go down by command.
            (Ending::Command { .. }, Some(_)) | (Ending::Running, _) => {}
        }
    }
    without_time(match panic {
        Some(KernelPanic { part, words }) => Reason::Panic(part, words),
        None if reset_by_watchdog => Reason::Watchdog(None),
        None if first => Reason::First,
        None => Reason::Power,
    })
}

impl Restart {
    /// In words, its time by the clocks of that zone.
    pub fn told(&self, zone: &Zone) -> String {
        let mut words = match &self.reason {
            Reason::First => "first start of this card".into(),
            Reason::Power => "power".into(),
            Reason::Command(order) => format!("command ({order})"),
            Reason::Watchdog(Some(part)) => format!("watchdog ({part})"),
            Reason::Watchdog(None) => "watchdog (nothing was written down before)".into(),
            Reason::Panic(part, epitaph) => format!("panic ({part}: {epitaph})"),
        };
        if let Some(When { wall_us, wall_trusted, up_us }) = self.when {
            let doubt = if wall_trusted { "" } else { " (clock not set)" };
            let s = up_us / 1_000_000;
            let (hours, minutes, seconds) = (s / 3600, s % 3600 / 60, s % 60);
            let time = wall::shown(zone, wall_us);
            words += &format!(" at {time}{doubt}, after {hours:02}:{minutes:02}:{seconds:02}");
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, decide};
    use crate::restart::pstore::KernelPanic;
    use crate::restart::record::{Ending, Record};
    use hours::Zone;

    #[test]
    fn the_reason_is_decided_by_whoever_knew_best() {
        let command = || Ending::Command { order: "reboot".into() };
        let stalled = || Ending::Watchdog { part: "guard/motion".into() };
        let died = || Ending::Panic { part: "init".into(), epitaph: "main: no".into() };
        let by_kernel = || Reason::Panic("kernel".into(), "Oops".into());
        let by_watchdog = || Reason::Watchdog(Some("guard/motion".into()));
        let by_init = || Reason::Panic("init".into(), "main: no".into());
        let by_command = || Reason::Command("reboot".into());
        // record, pstore, hardware
        let table = [
            (None, false, false, Reason::First),
            (None, false, true, Reason::Watchdog(None)),
            (None, true, false, by_kernel()),
            (Some(Ending::Running), false, false, Reason::Power),
            (Some(Ending::Running), false, true, Reason::Watchdog(None)),
            (Some(Ending::Running), true, false, by_kernel()),
            (Some(Ending::Running), true, true, by_kernel()),
            (Some(command()), false, false, by_command()),
            (Some(command()), false, true, by_command()),
            (Some(command()), true, true, by_kernel()),
            (Some(stalled()), false, true, by_watchdog()),
            (Some(stalled()), true, false, by_watchdog()),
            (Some(stalled()), false, false, by_watchdog()),
            (Some(died()), false, false, by_init()),
            (Some(died()), true, true, by_init()),
        ];
        for (ending, panicked, hardware, expected) in table {
            let case = format!("{ending:?} {panicked} {hardware}");
            let record = ending.map(|ending| Record { ending, wall_us: 1, wall_trusted: true, up_us: 2 });
            let panic = panicked.then(|| KernelPanic { part: "kernel".into(), words: "Oops".into() });
            assert_eq!(decide(record, panic, hardware).reason, expected, "{case}");
        }
    }

    #[test]
    fn it_reads_well() {
        let record = Record {
            ending: Ending::Watchdog { part: "guard/motion".into() },
            wall_us: 1_700_000_000_000_000,
            wall_trusted: false,
            up_us: 3_723_000_000,
        };
        assert_eq!(
            decide(Some(record), None, true).told(&Zone::default()),
            "watchdog (guard/motion) at 2023-11-14 22:13:20 UTC (clock not set), after 01:02:03"
        );
        assert_eq!(decide(None, None, false).told(&Zone::default()), "first start of this card");
    }
}

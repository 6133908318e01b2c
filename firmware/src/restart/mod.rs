//! Why the system last went down: written before it goes, decided at the next start, shown in `status`.
//!
//! [`record`] is the card's two sectors, [`pstore`] what a panicking kernel left in memory, [`decide`] the pure decision
//! between them. It must not watch anybody: init and the witness do.

pub mod decide;
pub mod pstore;
pub mod record;

pub use decide::{Reason, Restart};
pub use record::{Ending, Record, RecordError};

use crate::{clock, info, paths, warning};
use hours::Zone;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What init found out about the hardware watchdog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WatchdogReport {
    /// The driver's name of it; empty without one.
    pub identity: String,
    /// Its time limit; 0 without one.
    pub timeout_s: u32,
    /// Whether the hardware says that it caused the last reset.
    pub reset_by_it: bool,
    /// A sentence: what is wrong, or nothing.
    pub trouble: String,
}

impl WatchdogReport {
    /// Leaves it for the others.
    pub fn leave(&self) -> std::io::Result<()> {
        std::fs::write(paths::WATCHDOG, serde_json::to_vec(self)?)
    }

    /// What init left.
    pub fn read() -> WatchdogReport {
        let text = std::fs::read(paths::WATCHDOG).unwrap_or_default();
        serde_json::from_slice(&text)
            .unwrap_or_else(|_| WatchdogReport { trouble: "not known".into(), ..WatchdogReport::default() })
    }
}

/// Finds out why the system starts, tells it, and notes that it runs now. Called by whoever has the card; on a card so slow that init did not
/// wait for the first of them, by the next one too, which finds what that one knew.
pub fn settle(disk: &Path) -> Restart {
    once(Path::new(paths::RESTART), || find_out(disk), || note_running(disk))
}

/// What is kept there; else what is found, kept before it is noted: what is noted takes the place of what it was found from.
fn once(kept: &Path, find: impl FnOnce() -> Restart, note: impl FnOnce()) -> Restart {
    let known = std::fs::read(kept).ok().and_then(|text| serde_json::from_slice(&text).ok());
    known.unwrap_or_else(|| {
        let found = find();
        let text = serde_json::to_vec(&found).unwrap_or_default();
        if let Err(error) = std::fs::write(kept, text) {
            warning!("restart: {error}");
        }
        note();
        found
    })
}

fn note_running(disk: &Path) {
    if let Err(error) = write(disk, Ending::Running) {
        warning!("restart: {error}");
    }
}

fn find_out(disk: &Path) -> Restart {
    let record = record::load(disk).unwrap_or_else(|error| {
        warning!("restart: {error}");
        None
    });
    let panic = pstore::take(Path::new(paths::PSTORE));
    let restart = decide::decide(record, panic, WatchdogReport::read().reset_by_it);
    // The log is older than the settings.
    let told = restart.told(&Zone::default());
    if restart.reason.is_trouble() {
        warning!("restart: the system went down by {told}");
    } else {
        info!("restart: {told}");
    }
    restart
}

/// Writes down how the system is about to end, or that it runs.
pub fn write(disk: &Path, ending: Ending) -> Result<(), RecordError> {
    let record = Record {
        ending,
        wall_us: clock::wall_us(),
        wall_trusted: clock::is_trusted(),
        up_us: clock::monotonic_us(),
    };
    record::save(disk, &record)
}

#[cfg(test)]
mod tests {
    use super::{Reason, Restart, once};

    #[test]
    fn why_the_system_starts_is_found_out_once_however_often_the_card_is_tried() {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, mut noted) = (folder.path().join("restart.json"), 0);
        let power = Restart { reason: Reason::Power, when: None };
        let found = once(
            &kept,
            || power.clone(),
            || {
                noted += 1;
                assert!(kept.exists(), "kept before anything is noted");
            },
        );
        assert_eq!(found, power);
        let again = once(&kept, || unreachable!("it is known"), || noted += 1);
        assert_eq!((again, noted), (power, 1));
    }
}

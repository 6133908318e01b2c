//! What the card's one-shot tells the others: one file, written anew at each run.

use crate::paths;
use crate::restart::Restart;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardReport {
    /// Counts the runs of the one-shot, so that a new report can be told from the old one.
    pub round: u64,
    /// Our card's block device.
    pub disk: Option<PathBuf>,
    /// The number that the kernel gives to no other device, whatever its name.
    pub sequence: Option<u64>,
    /// Errors that the file system had noted before it was mounted: the count is kept on the card.
    pub fs_errors: u64,
    /// Whether the settings in force came from a card, this one or an earlier one.
    pub settings: bool,
    /// Whether the clips partition is mounted.
    pub clips: bool,
    /// Why the system last went down.
    pub restart: Option<Restart>,
    /// When the clips partition was made anew, seconds since 1970 by the clock as it was, until somebody acknowledges it.
    pub made_anew_s: Option<u64>,
    /// A sentence: what is wrong, or nothing.
    pub trouble: String,
}

impl CardReport {
    /// Leaves it for the others. Written aside and renamed: whoever reads meanwhile gets the old one or this one.
    pub fn leave(&self) -> std::io::Result<()> {
        let aside = format!("{}.new", paths::CARD);
        std::fs::write(&aside, serde_json::to_vec(self)?)?;
        std::fs::rename(aside, paths::CARD)
    }

    /// What was left by the last run that came to its end, if there was one.
    pub fn last() -> Option<CardReport> {
        serde_json::from_slice(&std::fs::read(paths::CARD).ok()?).ok()
    }

    /// What was left, or that nothing was: the one-shot was given up.
    pub fn read() -> CardReport {
        CardReport::last().unwrap_or_else(|| CardReport {
            trouble: "the card did not answer in time".into(),
            ..CardReport::default()
        })
    }
}

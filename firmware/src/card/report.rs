//! What the card's one-shot tells the others.

use crate::paths;
use crate::restart::Restart;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CardReport {
    /// Our card's block device.
    pub disk: Option<PathBuf>,
    /// Whether the clips partition is mounted.
    pub clips: bool,
    /// Why the system last went down.
    #[serde(default)]
    pub restart: Option<Restart>,
    /// When the clips partition was made anew, seconds since 1970 by the clock as it was, until somebody acknowledges it.
    #[serde(default)]
    pub made_anew_s: Option<u64>,
    /// A sentence: what is wrong, or nothing.
    pub trouble: String,
}

impl CardReport {
    /// Leaves it for the others.
    pub fn leave(&self) -> std::io::Result<()> {
        std::fs::write(paths::CARD, serde_json::to_vec(self)?)
    }

    /// What was left, or that nothing was: the one-shot was given up.
    pub fn read() -> CardReport {
        let text = std::fs::read(paths::CARD).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_else(|_| CardReport {
            trouble: "the card did not answer in time".into(),
            ..CardReport::default()
        })
    }
}

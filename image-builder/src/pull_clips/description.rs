//! The description beside a clip, as far as a list tells of it. What is missing or wrong in it is simply not told.

use serde::Deserialize;

/// A description larger than this is not one of ours.
pub const BYTES_MAX: u64 = 64 * 1024;

/// What is told of a clip. The keys are those of the firmware's description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Description {
    /// Whether the clip was closed in order.
    pub complete: bool,
    /// `motion` or `tamper`.
    cause: String,
    /// What was done to the camera.
    tamper: Option<String>,
    /// `trusted`, or the time is only a lower bound.
    clock: String,
    start_us: i64,
    end_us: i64,
}

impl Description {
    /// Reads one; none for what is not one.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Length of the clip in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        // A clip is far shorter than what this cannot say exactly.
        self.end_us.saturating_sub(self.start_us).max(0) as f64 / 1e6
    }

    /// Whether somebody had set the camera's clock.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.clock == "trusted"
    }

    /// Why it was recorded: words out of a file, made fit for a terminal.
    #[must_use]
    pub fn cause(&self) -> String {
        let words = [self.cause.as_str(), self.tamper.as_deref().unwrap_or_default()].join(" ");
        words.trim().chars().filter(|c| c.is_ascii_alphanumeric() || " -".contains(*c)).take(40).collect()
    }
}

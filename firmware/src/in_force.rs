//! The settings in force, as the processes hand them to each other.
//!
//! One file that `card` writes at start and `console` at each change. Must not act on a setting, nor know what is saved on the card.

use crate::paths;
use crate::settings::{self, Reading, Settings};
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

/// What is in force now; the defaults where nothing was handed on yet. Who writes the file has told what was wrong.
pub fn read() -> Reading {
    let text = std::fs::read(paths::SETTINGS).unwrap_or_default();
    settings::apply_bytes(&Settings::default(), &text, "the settings in force")
}

/// Which edition of the file it is: another one after each change.
pub type Edition = (u64, SystemTime);

/// The edition that is there now, if there is one.
#[must_use]
pub fn edition() -> Option<Edition> {
    let file = std::fs::metadata(paths::SETTINGS).ok()?;
    Some((file.ino(), file.modified().ok()?))
}

/// Puts these in force, for whoever reads next. Written aside and renamed: who reads right now gets the old or the new, not half of it.
///
/// # Errors
/// There is no memory for the file.
pub fn hand_on(settings: &Settings) -> std::io::Result<()> {
    let aside = format!("{}.new", paths::SETTINGS);
    std::fs::write(&aside, settings::to_toml(settings))?;
    std::fs::rename(&aside, paths::SETTINGS)
}

//! The profile of the board we run on, as the image builder put it into the initramfs. It must not interpret it.

use crate::paths;
use boards::Profile;

/// Reads the profile. The error is a sentence: the image was not built as it should be.
pub fn profile() -> Result<Profile, String> {
    let text = std::fs::read_to_string(paths::BOARD).map_err(|e| format!("{}: {e}", paths::BOARD))?;
    Profile::from_resolved(&text).map_err(|e| format!("{}: {e}", paths::BOARD))
}

//! The reset button's end: the guard saw that it was held down, and the console does what is wanted.
//!
//! The console keeps the settings. It must not decide whether a button was held for long enough.

use super::desk::Desk;
use crate::{critical, notice, paths};

/// Whether somebody held the button down.
pub fn is_wanted() -> bool {
    std::path::Path::new(paths::FACTORY_RESET).exists()
}

/// Makes the settings those of the factory. Once for each time the button was held down, whether it can be kept or not.
pub fn act(desk: &mut Desk) {
    // One that stays would only do it again.
    let _ = std::fs::remove_file(paths::FACTORY_RESET);
    desk.refresh();
    match desk.reset() {
        Ok(()) => notice!("The settings are those of the factory."),
        Err(error) => critical!("The settings are those of the factory until the next start. {error}"),
    }
}

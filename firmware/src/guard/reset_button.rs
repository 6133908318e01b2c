//! The button that makes the settings those of the factory, when somebody holds it down for ten seconds.

use crate::{paths, warning};

/// So long, so that nobody does it by leaning on a box.
pub const HOLD_US: u64 = 10_000_000;

/// One button. Pure: its level and the time in.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResetButton {
    /// Pressed since then.
    since_us: Option<u64>,
    /// It was let go at least once since we look: one that was pressed from the start is a wire, not a finger.
    was_free: bool,
    acted: bool,
}

impl ResetButton {
    /// Whether it has just been held down for long enough.
    pub fn look(&mut self, pressed: bool, now_us: u64) -> bool {
        if !pressed {
            *self = ResetButton { was_free: true, ..ResetButton::default() };
            return false;
        }
        let since_us = *self.since_us.get_or_insert(now_us);
        let acts = self.was_free && !self.acted && now_us.saturating_sub(since_us) >= HOLD_US;
        self.acted |= acts;
        acts
    }
}

/// Does it: the console keeps the settings, and finds this.
pub fn act() {
    if let Err(error) = std::fs::write(paths::FACTORY_RESET, b"") {
        warning!("the settings stay as they are: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::{HOLD_US, ResetButton};

    #[test]
    fn ten_seconds_act_once_and_nothing_less_does() {
        let mut button = ResetButton::default();
        assert!(!button.look(false, 0));
        assert!(!button.look(true, 1) && !button.look(true, HOLD_US));
        assert!(button.look(true, HOLD_US + 1));
        assert!(!button.look(true, 5 * HOLD_US), "once for each time");
        assert!(!button.look(false, 6 * HOLD_US) && !button.look(true, 6 * HOLD_US + 5));
        assert!(!button.look(false, 7 * HOLD_US - 5), "let go too early");
        assert!(!button.look(true, 7 * HOLD_US) && button.look(true, 8 * HOLD_US));
    }

    #[test]
    fn a_button_that_was_pressed_from_the_start_is_a_wire_and_does_nothing() {
        let mut button = ResetButton::default();
        assert!((0..100).all(|second| !button.look(true, second * 1_000_000)));
    }
}

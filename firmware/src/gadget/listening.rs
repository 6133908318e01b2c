//! Whether somebody at the computer has the line open: from what he leaves unread. Pure.
//!
//! USB tells a device when a terminal opens and closes it (the line DTR), but the kernel's serial function keeps that for itself (6.12,
//! f_acm.c, `acm_setup`). What can be seen is whether bytes leave: a computer fetches them while a terminal is open, and not before or after.
//! The kernel takes sixteen writes off its queue before it leaves one there to be seen, so that a [`probe`] is a few more, of a byte each.

/// Nothing has left for so long: nobody listens, or not any more. A terminal that is busy fetches in between.
const SILENT_US: u64 = 10_000_000;

/// Writes of a probe: more than the kernel takes off its queue at once (`QUEUE_SIZE` of u_serial.c, 16), with some to spare for kernels to come.
pub const PROBE_WRITES: usize = 40;
/// To a computer that may not have set its line up: when it does not know yet that it must not echo, it takes a DEL as a correction of nothing,
/// and gives nothing back. No terminal shows it.
pub const PROBE_UNHEARD: u8 = 0x7f;
/// To a terminal: NUL is what they pass over.
pub const PROBE_PERSON: u8 = 0;
/// To a script that takes JSON: may stand between two objects.
pub const PROBE_MACHINE: u8 = b' ';

/// See the module.
#[derive(Debug, Default)]
pub struct Listening {
    unread: usize,
    since_us: u64,
}

impl Listening {
    /// Whether somebody listens, when so many bytes are unread.
    pub fn is_heard(&mut self, unread: usize, now_us: u64) -> bool {
        if unread == 0 || unread != self.unread {
            (self.unread, self.since_us) = (unread, now_us);
        }
        now_us.saturating_sub(self.since_us) < SILENT_US
    }
}

#[cfg(test)]
mod tests {
    use super::{Listening, SILENT_US};

    /// UG4.
    #[test]
    fn nobody_listens_when_what_is_unread_stays_as_it_is() {
        let mut listening = Listening::default();
        assert!(listening.is_heard(0, 0));
        assert!(listening.is_heard(0, 100 * SILENT_US), "there is nothing to hear");
        let mut now_us = 100 * SILENT_US;
        for unread in [900, 800, 850, 10] {
            now_us += SILENT_US - 1;
            assert!(listening.is_heard(unread, now_us), "it goes on: {unread}");
        }
        assert!(listening.is_heard(10, now_us + SILENT_US - 1));
        assert!(!listening.is_heard(10, now_us + SILENT_US));
        assert!(listening.is_heard(0, now_us + SILENT_US + 1), "it was read after all");
    }
}

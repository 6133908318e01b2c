//! The frame ledger: what became of every frame, exactly.
//!
//! `captured = recorded + skipped + dropped + held`, where `held` are the frames in the pre-roll or on their way to the
//! card; once everything has stopped, `held` is zero. Every thread counts the frames whose fate it decides. It must not be
//! corrected afterwards.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a captured frame was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Loss {
    /// The driver flagged the data as damaged.
    ErrorFlag,
    /// Not a whole JPEG, by a look at its ends.
    Incomplete,
    /// A JPEG that cannot be decoded.
    Damaged,
    /// Larger than a slot.
    TooLarge,
    /// All slots were in use.
    NoSlot,
    /// The memory budget of the ring was used up.
    Memory,
    /// The card was too slow for an event's frames.
    CardSlow,
    /// The card was full.
    CardFull,
    /// The card reported an error.
    CardError,
    /// There was no card to write to.
    CardMissing,
    /// A mask is wanted and could not be put into it.
    Unmasked,
    /// The processor had no time to make a JPEG of it.
    NoTime,
    /// The driver gave it after the frames that follow it.
    Late,
    /// No clip could begin with it: it is of H.264 and needs frames before it.
    NoKeyFrame,
}

/// The names of the losses, in the order of the enum: as the console shows them.
pub const LOSSES: [(&str, Loss); 14] = [
    ("error flag", Loss::ErrorFlag),
    ("incomplete", Loss::Incomplete),
    ("damaged", Loss::Damaged),
    ("too large", Loss::TooLarge),
    ("no slot", Loss::NoSlot),
    ("memory", Loss::Memory),
    ("card slow", Loss::CardSlow),
    ("card full", Loss::CardFull),
    ("card error", Loss::CardError),
    ("card missing", Loss::CardMissing),
    ("not masked", Loss::Unmasked),
    ("no time", Loss::NoTime),
    ("late", Loss::Late),
    ("no key frame", Loss::NoKeyFrame),
];

/// The counters. All start at zero with the process.
#[derive(Debug, Default)]
pub struct Ledger {
    captured: AtomicU64,
    recorded: AtomicU64,
    skipped: AtomicU64,
    lost: [AtomicU64; LOSSES.len()],
    /// Frames that the camera or driver counted and never delivered: outside the balance, since we never had them.
    missed: AtomicU64,
    unanalysed: AtomicU64,
}

/// One reading of the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Frames that came from the driver.
    pub captured: u64,
    /// Frames written to a clip.
    pub recorded: u64,
    /// Frames that belonged to no event.
    pub skipped: u64,
    /// Frames lost, by [`Loss`].
    pub lost: [u64; LOSSES.len()],
    /// Frames that never reached us.
    pub missed: u64,
    /// Frames kept without having been looked at.
    pub unanalysed: u64,
}

impl Ledger {
    /// A frame came from the driver.
    pub fn captured(&self) {
        self.captured.fetch_add(1, Ordering::Relaxed);
    }
    /// A frame is in a clip.
    pub fn recorded(&self) {
        self.recorded.fetch_add(1, Ordering::Relaxed);
    }
    /// A frame belonged to no event.
    pub fn skipped(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }
    /// A frame is lost.
    pub fn lost(&self, loss: Loss) {
        self.lost[loss as usize].fetch_add(1, Ordering::Relaxed);
    }
    /// `frames` never reached us.
    pub fn missed(&self, frames: u64) {
        self.missed.fetch_add(frames, Ordering::Relaxed);
    }
    /// A frame was kept without having been looked at.
    pub fn unanalysed(&self) {
        self.unanalysed.fetch_add(1, Ordering::Relaxed);
    }

    /// A reading. While frames flow, `captured` is read last so that `held` cannot come out negative.
    pub fn read(&self) -> Balance {
        let get = |c: &AtomicU64| c.load(Ordering::Acquire);
        let lost = std::array::from_fn(|i| get(&self.lost[i]));
        let (recorded, skipped) = (get(&self.recorded), get(&self.skipped));
        let (missed, unanalysed) = (get(&self.missed), get(&self.unanalysed));
        Balance { recorded, skipped, lost, missed, unanalysed, captured: get(&self.captured) }
    }
}

impl Balance {
    /// Frames lost for any reason.
    pub fn dropped(&self) -> u64 {
        self.lost.iter().sum()
    }
    /// Frames whose fate is not decided yet.
    pub fn held(&self) -> u64 {
        self.captured.saturating_sub(self.recorded + self.skipped + self.dropped())
    }
    /// The losses that happened, by name.
    pub fn losses(&self) -> Vec<(String, u64)> {
        LOSSES
            .iter()
            .zip(self.lost)
            .filter(|(_, n)| *n > 0)
            .map(|((name, _), n)| ((*name).into(), n))
            .collect()
    }
}

impl std::fmt::Display for Balance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "captured {} = recorded {} + skipped {} + dropped {} + held {}",
            self.captured,
            self.recorded,
            self.skipped,
            self.dropped(),
            self.held()
        )?;
        for (i, (name, count)) in self.losses().iter().enumerate() {
            write!(f, "{} {name} {count}", if i == 0 { "; dropped:" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{LOSSES, Ledger, Loss};

    #[test]
    fn names_stand_in_the_order_of_the_enum() {
        for (i, (_, loss)) in LOSSES.iter().enumerate() {
            assert_eq!(*loss as usize, i);
        }
    }

    #[test]
    fn the_balance_adds_up() {
        let ledger = Ledger::default();
        (0..10).for_each(|_| ledger.captured());
        (0..3).for_each(|_| ledger.recorded());
        (0..4).for_each(|_| ledger.skipped());
        ledger.lost(Loss::Damaged);
        ledger.lost(Loss::CardFull);
        let text = ledger.read().to_string();
        assert_eq!(
            text,
            "captured 10 = recorded 3 + skipped 4 + dropped 2 + held 1; dropped: damaged 1, card full 1"
        );
    }
}

//! Cards made of memory: honest ones, and every kind of liar.

use std::io;

use super::super::transfer::{ALIGN_BYTES, Card, Step, Watch};

/// Size of the test image.
pub const IMAGE_BYTES: usize = 3 << 20;
/// Size that the cards claim.
pub const CARD_BYTES: usize = 24 << 20;

/// How a card deceives or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Has this many bytes and begins anew behind them.
    WrapsAt(usize),
    /// Keeps nothing from this byte on, and reads zeros there.
    DropsFrom(usize),
    /// One bit of this byte is stuck.
    StuckAt(usize),
    /// Refuses the write that covers this byte.
    FailsAt(usize),
    /// Says that it cannot read this byte.
    UnreadableAt(usize),
    /// Fails the flush with this number.
    FailsFlush(usize),
}

/// A card.
pub struct MemoryCard {
    pub memory: Vec<u8>,
    pub fault: Fault,
    pub flushes: usize,
    pub writes: usize,
}

impl MemoryCard {
    /// One that was used before: every byte is something else than what will be written.
    pub fn used(fault: Fault) -> Self {
        Self { memory: vec![0xa5; CARD_BYTES], fault, flushes: 0, writes: 0 }
    }

    fn place(&self, byte: usize) -> Option<usize> {
        match self.fault {
            Fault::WrapsAt(size) => Some(byte % size),
            Fault::DropsFrom(size) if byte >= size => None,
            _ => Some(byte),
        }
    }

    /// Whether a computer would find a partition table.
    pub fn looks_complete(&self) -> bool {
        self.memory[510..512] == [0x55, 0xaa]
    }
}

fn covers(bytes: &[u8], offset: u64, byte: usize) -> bool {
    assert!(offset.is_multiple_of(ALIGN_BYTES as u64) && bytes.len().is_multiple_of(ALIGN_BYTES), "aligned");
    assert!(bytes.as_ptr().align_offset(ALIGN_BYTES) == 0, "memory is aligned");
    let start = usize::try_from(offset).expect("small");
    (start..start + bytes.len()).contains(&byte)
}

impl Card for MemoryCard {
    fn bytes(&self) -> u64 {
        CARD_BYTES as u64
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.writes += 1;
        match self.fault {
            Fault::FailsAt(byte) if covers(bytes, offset, byte) => {
                return Err(io::Error::from_raw_os_error(5));
            }
            _ => assert!(!covers(bytes, offset, CARD_BYTES), "beyond the end"),
        }
        for (index, byte) in bytes.iter().enumerate() {
            let at = usize::try_from(offset).expect("small") + index;
            let stuck = self.fault == Fault::StuckAt(at);
            if let Some(place) = self.place(at) {
                self.memory[place] = if stuck { byte ^ 0x10 } else { *byte };
            }
        }
        Ok(())
    }

    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        match self.fault {
            Fault::UnreadableAt(byte) if covers(bytes, offset, byte) => {
                return Err(io::Error::from_raw_os_error(5));
            }
            _ => {}
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            let place = self.place(usize::try_from(offset).expect("small") + index);
            *byte = place.map_or(0, |place| self.memory[place]);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        if self.fault == Fault::FailsFlush(self.flushes) {
            Err(io::Error::from_raw_os_error(5))
        } else {
            Ok(())
        }
    }
}

/// Somebody who stops the work after so many looks.
pub struct Stopper {
    pub looks_left: usize,
    pub shown: Vec<(Step, u64)>,
}

impl Stopper {
    pub fn never() -> Self {
        Self { looks_left: usize::MAX, shown: Vec::new() }
    }
}

impl Watch for Stopper {
    fn progress(&mut self, step: Step, done: u64, total: u64) {
        let samples = matches!(step, Step::Sample | Step::CheckSamples);
        assert_eq!(total, if samples { CARD_BYTES } else { IMAGE_BYTES } as u64);
        self.shown.push((step, done));
    }

    fn stop(&mut self) -> bool {
        let stop = self.looks_left == 0;
        self.looks_left = self.looks_left.saturating_sub(1);
        stop
    }
}

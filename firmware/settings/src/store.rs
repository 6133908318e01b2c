//! Reading and writing the settings slots on the card.
//!
//! A save is acknowledged only after it was synced and read back equal. Must not know what the settings mean.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

use super::slots::{Choice, NextWrite, Repr, SECTOR_BYTES, Slot, SlotError, TOML_BYTES_MAX, choose_read};

/// Granularity of the page cache.
const PAGE_BYTES: usize = 4096;

/// Why settings were not saved. What was in force before still is.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text does not fit a slot.
    #[error("The settings were not saved: they are longer than {TOML_BYTES_MAX} bytes.")]
    TooLong,
    /// The card refused.
    #[error("The settings were not saved, the old ones stay: the card reports '{0}'.")]
    Card(#[from] io::Error),
    /// The card took the bytes and gave back others.
    #[error(
        "The settings were not saved, the old ones stay: the card does not keep what is written. Replace it."
    )]
    NotKept,
}

/// What was found on the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The TOML text in force; empty for the defaults.
    pub toml: String,
    /// CRC-32 of the `kerberos.toml` last taken over from p1 (see [`toml_crc`]); 0 where none ever was.
    pub applied_toml_crc: u32,
    /// What each slot holds, and which one is in force. Its `Display` is the sentence for the log;
    /// [`Choice::is_damaged`] says whether it is a complaint.
    pub choice: Choice,
}

/// The two slots in a file or block device.
#[derive(Debug)]
pub struct Store {
    file: File,
    offsets: [u64; 2],
    /// Known once loaded or saved.
    next: Option<NextWrite>,
}

/// The CRC-32 by which a changed `kerberos.toml` is recognised. Never 0, which means "none was ever applied".
pub fn toml_crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes).max(1)
}

impl Store {
    /// `file` must be open for reading (and for writing, to save); `offsets` are the slots' first bytes in it, each
    /// with 64 KiB reserved.
    pub fn new(file: File, offsets: [u64; 2]) -> Self {
        Self { file, offsets, next: None }
    }

    /// Reads both slots. An unreadable slot counts as damaged, so this always gives something to start with.
    pub fn load(&mut self) -> Loaded {
        let read = self.offsets.map(|offset| self.read_slot(offset));
        let choice = choose_read(read.each_ref().map(|slot| slot.as_deref().map_err(|error| *error)));
        self.next = Some(choice.next_write());
        let (toml, applied_toml_crc) =
            choice.repr().map(|repr| (repr.toml.clone(), repr.applied_toml_crc)).unwrap_or_default();
        Loaded { toml, applied_toml_crc, choice }
    }

    /// Writes settings to the slot that is not in force. After `Ok` they are on the card and in force.
    ///
    /// # Errors
    /// See [`StoreError`]; the slot in force was not touched, and the next save tries the same slot again.
    pub fn save(&mut self, toml: &str, applied_toml_crc: u32) -> Result<(), StoreError> {
        let next = match self.next {
            Some(next) => next,
            None => self.load().choice.next_write(),
        };
        let repr = Repr { sequence: next.sequence, applied_toml_crc, toml: toml.into() };
        let bytes = repr.emit().ok_or(StoreError::TooLong)?;
        let offset = self.offset(next.slot)?;
        self.file.write_all_at(&bytes, offset)?;
        self.file.sync_data()?;
        if !self.holds(&bytes, offset)? {
            return Err(StoreError::NotKept);
        }
        self.next = Some(NextWrite { slot: 1 - next.slot, sequence: next.sequence.wrapping_add(1) });
        Ok(())
    }

    /// Whether the card, not the page cache, holds these bytes.
    fn holds(&self, bytes: &[u8], offset: u64) -> io::Result<bool> {
        // Only whole pages are dropped; what is between the end and the next page is ours as well (a slot's place is 64 KiB).
        let length = bytes.len().next_multiple_of(PAGE_BYTES);
        // The file offset has 32 bits on some of our targets, hence `try_into`. Dropping the cached pages is only
        // advice: where it does not work, the comparison still finds a wrong offset or length.
        if let (Ok(at), Ok(length)) = (offset.try_into(), length.try_into()) {
            let _ = posix_fadvise(&self.file, at, length, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        }
        let mut read = vec![0; bytes.len()];
        self.file.read_exact_at(&mut read, offset)?;
        Ok(read == bytes)
    }

    /// Reads the header's sector, then as much as it claims: a bad sector beyond does not matter.
    fn read_slot(&self, offset: u64) -> Result<Vec<u8>, SlotError> {
        let mut bytes = vec![0; SECTOR_BYTES];
        self.read_at(&mut bytes, offset)?;
        if let Some(claimed) = Slot::<&[u8]>::claimed_bytes(&bytes) {
            bytes.resize(claimed.next_multiple_of(SECTOR_BYTES), 0);
            self.read_at(&mut bytes, offset)?;
        }
        Ok(bytes)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), SlotError> {
        self.file.read_exact_at(bytes, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => SlotError::TooShort,
            kind => SlotError::Unreadable(kind),
        })
    }

    fn offset(&self, slot: usize) -> io::Result<u64> {
        self.offsets.get(slot).copied().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

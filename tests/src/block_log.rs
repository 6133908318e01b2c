//! Reads a log of a card's writes, in the format of dm-log-writes.
//!
//! QEMU writes it (`blklogwrites`).
//! Format: a super block (`u64 magic, u64 version, u64 entries, u32 sector size`, little-endian) in the first sector; then
//! for each entry a sector with `u64 sector, u64 sectors, u64 flags, u64 data length`, followed by the data. Source:
//! Linux, drivers/md/dm-log-writes.c; QEMU, block/blklogwrites.c. It must not judge what was written.

use crate::Failure;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// "rhswfsj", as dm-log-writes spells it.
const MAGIC: u64 = 0x006a_7366_7773_6872;
/// The only version there is.
const VERSION: u64 = 1;
/// Bytes of a sector, as the machine was told to log.
pub const SECTOR_BYTES: usize = 512;
/// Where the super block has its number of entries.
const ENTRIES_AT: u64 = 16;
/// Entry flags: the card was told to flush before this entry.
const FLAG_FLUSH: u64 = 1;
/// The data is gone: never sent by an SD card's driver that is not told to discard.
const FLAG_DISCARD: u64 = 4;

/// One sector that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectorWrite {
    /// Which sector of the card.
    pub sector: u64,
    /// Where its bytes are in the log.
    data_at: usize,
}

/// A whole log. Requests of several sectors are taken apart: the unit of everything is a sector that was written.
pub struct BlockLog {
    bytes: Vec<u8>,
    writes: Vec<SectorWrite>,
    /// Entry number to number of sectors written before it.
    sectors_before: Vec<usize>,
    /// Flushes that the card was told, as numbers of sectors written before.
    pub flushes: Vec<usize>,
}

impl BlockLog {
    /// Reads a log that nobody writes to any more.
    pub fn read(path: &Path) -> Result<BlockLog, Failure> {
        let bytes = std::fs::read(path)?;
        if bytes.is_empty() {
            return BlockLog::parse(vec![0; SECTOR_BYTES], 0);
        }
        let word = |at: usize| word(&bytes, at);
        let (magic, version) = (word(0)?, word(8)?);
        if magic != MAGIC || version != VERSION {
            return Err(
                format!("{} is no log of writes: {magic:#x}, version {version}", path.display()).into()
            );
        }
        let sector_bytes = word(24)? & 0xffff_ffff;
        if sector_bytes != SECTOR_BYTES as u64 {
            return Err(format!("the log has sectors of {sector_bytes} bytes").into());
        }
        let entries = word(16)?;
        BlockLog::parse(bytes, entries)
    }

    fn parse(bytes: Vec<u8>, entries: u64) -> Result<BlockLog, Failure> {
        let (mut writes, mut flushes, mut sectors_before) = (Vec::new(), Vec::new(), vec![0]);
        let mut at = SECTOR_BYTES;
        for _ in 0..entries {
            let (sector, sectors, flags) = (word(&bytes, at)?, word(&bytes, at + 8)?, word(&bytes, at + 16)?);
            at += SECTOR_BYTES;
            if flags & FLAG_DISCARD != 0 {
                return Err("the log holds a discard, which nothing here knows how to replay".into());
            }
            if flags & FLAG_FLUSH != 0 {
                flushes.push(writes.len());
            }
            for sector in sector..sector.checked_add(sectors).ok_or("an impossible entry")? {
                writes.push(SectorWrite { sector, data_at: at });
                at += SECTOR_BYTES;
            }
            sectors_before.push(writes.len());
        }
        if bytes.len() < at && entries > 0 {
            return Err("the log ends before its last entry".into());
        }
        Ok(BlockLog { bytes, writes, sectors_before, flushes })
    }

    /// A log of these sectors and their first bytes.
    #[cfg(test)]
    pub fn of(sectors: &[(u64, &[u8])]) -> BlockLog {
        let mut bytes = vec![0; SECTOR_BYTES];
        let mut writes = Vec::new();
        for (sector, content) in sectors {
            writes.push(SectorWrite { sector: *sector, data_at: bytes.len() });
            bytes.extend_from_slice(content);
            bytes.resize(bytes.len().next_multiple_of(SECTOR_BYTES), 0);
        }
        let sectors_before = (0..=writes.len()).collect();
        BlockLog { bytes, writes, sectors_before, flushes: Vec::new() }
    }

    /// Every sector written, in order.
    pub fn writes(&self) -> &[SectorWrite] {
        &self.writes
    }

    /// The bytes of a sector that was written.
    pub fn data(&self, write: &SectorWrite) -> &[u8] {
        self.bytes.get(write.data_at..write.data_at + SECTOR_BYTES).unwrap_or_default()
    }

    /// How many sectors the first `entries` entries wrote. A position read by [`entries_now`] becomes a number of sectors.
    pub fn sectors_in(&self, entries: u64) -> usize {
        let entry = usize::try_from(entries).unwrap_or(usize::MAX).min(self.sectors_before.len() - 1);
        self.sectors_before[entry]
    }
}

/// How many entries a log has now, while the machine writes it. A write that the guest knows to be finished is among them.
pub fn entries_now(log: &File) -> u64 {
    let mut bytes = [0; 8];
    // Before the first entry the file is empty.
    log.read_exact_at(&mut bytes, ENTRIES_AT).map_or(0, |()| u64::from_le_bytes(bytes))
}

fn word(bytes: &[u8], at: usize) -> Result<u64, Failure> {
    let word = bytes.get(at..at + 8).ok_or("the log ends too early")?;
    Ok(u64::from_le_bytes(word.try_into()?))
}

#[cfg(test)]
mod tests {
    use super::{BlockLog, MAGIC, SECTOR_BYTES, entries_now};

    fn log(entries: &[(u64, u64, u64)]) -> Vec<u8> {
        let words = |words: &[u64]| {
            let mut sector: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            sector.resize(SECTOR_BYTES, 0);
            sector
        };
        let mut bytes = words(&[MAGIC, 1, entries.len() as u64, SECTOR_BYTES as u64]);
        for &(sector, sectors, flags) in entries {
            bytes.extend(words(&[sector, sectors, flags, 0]));
            bytes.extend((0..sectors).flat_map(|i| [(sector + i) as u8; SECTOR_BYTES]));
        }
        bytes
    }

    #[test]
    fn requests_are_taken_apart_into_sectors() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), log(&[(7, 2, 0), (0, 0, 1), (3, 1, 0)])).expect("written");
        let log = BlockLog::read(file.path()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(log.writes().iter().map(|w| w.sector).collect::<Vec<_>>(), [7, 8, 3]);
        assert_eq!(log.flushes, [2]);
        assert_eq!([0, 1, 2, 3, 9].map(|n| log.sectors_in(n)), [0, 2, 2, 3, 3]);
        assert!(log.data(&log.writes()[1]).iter().all(|byte| *byte == 8));
        assert_eq!(entries_now(file.as_file()), 3);
    }

    #[test]
    fn what_is_no_whole_log_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let whole = log(&[(7, 2, 0)]);
        for damaged in [&whole[..whole.len() - 1], &[1; 1024], &log(&[(1, 1, 4)])] {
            std::fs::write(file.path(), damaged).expect("written");
            assert!(BlockLog::read(file.path()).is_err());
        }
        std::fs::write(file.path(), []).expect("written");
        assert!(
            BlockLog::read(file.path()).is_ok_and(|log| log.writes().is_empty()),
            "nothing was written yet"
        );
    }
}

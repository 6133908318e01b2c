//! The restart record, in a pair of sectors.
//!
//! One sector: magic (8 bytes), sequence (8, little-endian), length (4), JSON, zeros, CRC-32 over all before it in the last
//! 4 bytes. The intact sector with the higher sequence counts.

use crate::card::sector_pair::{self, Sector};
use boards::layout;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

const MAGIC: &[u8; 8] = b"KRBRST01";
const SECTOR: usize = size_of::<Sector>();
const HEAD_BYTES: usize = 20;
const CRC_AT: usize = SECTOR - 4;
/// Longest epitaph kept; with it the JSON fits its sector even if every byte of it must be escaped.
const EPITAPH_BYTES_MAX: usize = 150;

/// How the system ended, or that it has not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ending")]
pub enum Ending {
    /// It runs. Found at a start, it means that nobody had the time to say anything.
    Running,
    /// Somebody ordered it.
    Command {
        /// `reboot` or `poweroff`.
        order: String,
    },
    /// A part made no progress, so the watchdog was no longer fed.
    Watchdog {
        /// As in `services::PARTS`.
        part: String,
    },
    /// A part died, and the system went down with it.
    Panic {
        /// As in `services::PARTS`, or `kernel`.
        part: String,
        /// What it had to say.
        epitaph: String,
    },
}

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What.
    #[serde(flatten)]
    pub ending: Ending,
    /// When, microseconds since 1970 by the clock as it was.
    pub wall_us: u64,
    /// Whether that clock was set by somebody who knew the time.
    pub wall_trusted: bool,
    /// How long the system had been up then, microseconds.
    pub up_us: u64,
}

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The card.
    #[error("the card's restart record cannot be reached: {0}")]
    Io(#[from] io::Error),
    /// Neither sector is intact, though something is in them.
    #[error("the card's restart record is damaged")]
    Damaged,
    /// It does not fit.
    #[error("the restart record does not fit its sector")]
    TooLong,
}

/// The record in force; nothing on a card that never had one.
pub fn load(disk: &Path) -> Result<Option<Record>, RecordError> {
    let [first, second] = sector_pair::read(disk, layout::RESTART)?;
    let found =
        [&first, &second].into_iter().flatten().filter_map(parse).max_by_key(|(sequence, _)| *sequence);
    match found {
        Some((_, record)) => Ok(Some(record)),
        None if [first?, second?].as_flattened().iter().all(|&b| b == 0) => Ok(None),
        None => Err(RecordError::Damaged),
    }
}

/// Writes `record` over the older sector, and waits until the card has it.
pub fn save(disk: &Path, record: &Record) -> Result<(), RecordError> {
    let sequence = |sector: &Sector| parse(sector).map(|(sequence, _)| sequence);
    sector_pair::replace(disk, layout::RESTART, sequence, |last| {
        emit(last.map_or(1, |last| last.wrapping_add(1)), record)
    })
}

fn emit(sequence: u64, record: &Record) -> Result<Sector, RecordError> {
    let mut record = record.clone();
    if let Ending::Panic { epitaph, .. } = &mut record.ending {
        shorten(epitaph);
    }
    let json = serde_json::to_vec(&record).map_err(io::Error::other)?;
    let mut bytes = [0; SECTOR];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&sequence.to_le_bytes());
    let length = u32::try_from(json.len()).map_err(|_| RecordError::TooLong)?;
    bytes[16..HEAD_BYTES].copy_from_slice(&length.to_le_bytes());
    bytes[HEAD_BYTES..CRC_AT].get_mut(..json.len()).ok_or(RecordError::TooLong)?.copy_from_slice(&json);
    let crc = crc32fast::hash(&bytes[..CRC_AT]);
    bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
    Ok(bytes)
}

/// Only what prints, and not too much of it.
fn shorten(text: &mut String) {
    text.retain(|c| !c.is_control());
    let end = (0..=text.len().min(EPITAPH_BYTES_MAX)).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    text.truncate(end);
}

fn parse(bytes: &Sector) -> Option<(u64, Record)> {
    let (body, crc) = bytes.split_at(CRC_AT);
    if !body.starts_with(MAGIC) || crc != crc32fast::hash(body).to_le_bytes() {
        return None;
    }
    let sequence = u64::from_le_bytes(std::array::from_fn(|i| body[8 + i]));
    let length = u32::from_le_bytes(std::array::from_fn(|i| body[16 + i]));
    let json = body[HEAD_BYTES..].get(..usize::try_from(length).ok()?)?;
    Some((sequence, serde_json::from_slice(json).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Ending, Record, RecordError, SECTOR, load, save};
    use crate::card::sector_pair;
    use boards::layout;
    use std::os::unix::fs::FileExt;

    fn at(number: u64) -> u64 {
        sector_pair::at(layout::RESTART, number)
    }

    fn record(ending: Ending, up_us: u64) -> Record {
        Record { ending, wall_us: u64::MAX, wall_trusted: false, up_us }
    }

    fn card() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("tempfile");
        file.as_file().set_len(layout::RESTART.end_bytes()).expect("size");
        file
    }

    #[test]
    fn the_last_record_counts_and_one_damaged_sector_costs_one_record() {
        let file = card();
        assert_eq!(load(file.path()).expect("readable"), None, "a new card");
        let endings = [
            Ending::Running,
            Ending::Command { order: "reboot".into() },
            Ending::Watchdog { part: "guard/motion".into() },
            Ending::Panic { part: "init".into(), epitaph: "main: no".into() },
            Ending::Running,
        ];
        for (time, ending) in (1..).zip(endings) {
            let record = record(ending, time);
            save(file.path(), &record).expect("saved");
            assert_eq!(load(file.path()).expect("readable"), Some(record));
        }
        for byte in 0..SECTOR as u64 {
            let mut old = [0];
            file.as_file().read_exact_at(&mut old, at(0) + byte).expect("read");
            file.as_file().write_all_at(&[!old[0]], at(0) + byte).expect("write");
            let found = load(file.path()).expect("readable").expect("the other one");
            assert!(matches!(found.ending, Ending::Panic { .. }), "byte {byte}");
            file.as_file().write_all_at(&old, at(0) + byte).expect("restored");
        }
        file.as_file().write_all_at(b"x", at(0)).expect("write");
        file.as_file().write_all_at(b"x", at(1)).expect("write");
        assert!(matches!(load(file.path()), Err(RecordError::Damaged)));
        save(file.path(), &record(Ending::Running, 9)).expect("a damaged record is written over");
        assert_eq!(load(file.path()).expect("readable").expect("there").up_us, 9);
    }

    #[test]
    fn the_longest_epitaph_fits() {
        let file = card();
        for text in ["\"", "\\", "\u{1}", "\u{1f980}", "x"] {
            let epitaph = text.repeat(500);
            save(file.path(), &record(Ending::Panic { part: "guard/control".into(), epitaph }, u64::MAX))
                .expect("it fits");
            assert!(load(file.path()).expect("readable").is_some());
        }
    }
}

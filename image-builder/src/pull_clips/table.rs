//! From a card's first sector to its clips partition, or a sentence why it is no card of ours.

use std::io;

use boards::layout::{CLIPS, DISK_SIGNATURE, SECTOR_BYTES};

use crate::ext4::Bytes;
use crate::image::mbr::{ENTRY_BYTES, SIGNATURE_OFFSET, TABLE_OFFSET};

/// The end of every partition table.
const MARK: [u8; 2] = [0x55, 0xaa];
const MARK_OFFSET: usize = 510;

/// Why there is no clips partition.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No first sector.
    #[error("its first sector cannot be read: {0}")]
    Read(io::Error),
    /// Another disk.
    #[error("this is no Kerberos card: its partition table is not the one that `./flash.sh card` writes")]
    Foreign,
    /// Another fourth partition.
    #[error(
        "this is a Kerberos card whose clips partition was changed: its fourth partition is not the one for clips"
    )]
    Changed,
}

/// Where the clips partition lies: first byte and length in bytes.
///
/// # Errors
/// See [`Error`].
pub fn clips(card: &mut impl Bytes) -> Result<(u64, u64), Error> {
    let mut sector = [0; SECTOR_BYTES as usize];
    card.read_at(0, &mut sector).map_err(Error::Read)?;
    let number = |at: usize| {
        sector.get(at..).and_then(|rest| rest.first_chunk()).map(|four| u32::from_le_bytes(*four))
    };
    let has_mark = sector.get(MARK_OFFSET..) == Some(MARK.as_slice());
    if !has_mark || number(SIGNATURE_OFFSET) != Some(DISK_SIGNATURE) {
        return Err(Error::Foreign);
    }
    let entry = TABLE_OFFSET + usize::from(CLIPS.number - 1) * ENTRY_BYTES;
    let bytes = |at| u64::from(number(at).unwrap_or(0)) * SECTOR_BYTES;
    let (start, length) = (bytes(entry + 8), bytes(entry + 12));
    if sector.get(entry + 4) != Some(&CLIPS.kind) || start != CLIPS.offset_bytes || length == 0 {
        return Err(Error::Changed);
    }
    Ok((start, length))
}

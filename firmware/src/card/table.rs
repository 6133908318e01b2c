//! The partition table on the card: the last entry is made to fit the card. Pure; nothing else in the sector changes.

use boards::layout::{self, CLIPS, MIB, SECTOR_BYTES};

/// A sector.
pub type Sector = [u8; SECTOR_BYTES as usize];

/// Where the entry of p4 lies: after the boot code and three entries of 16 bytes.
const ENTRY_OFFSET: usize = 446 + 16 * (CLIPS.number as usize - 1);
/// Within an entry: type, first sector, number of sectors.
const KIND: usize = 4;
const FIRST: usize = 8;
const SECTORS: usize = 12;

/// Why the table is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Somebody has partitioned the card anew.
    #[error(
        "the partition table is not the one that this system was written with; the clips partition stays as large as it is"
    )]
    NotOurs,
    /// There is no room for clips.
    #[error("the card has only {0} MiB; it takes at least {min} MiB", min = layout::IMAGE_BYTES / MIB)]
    TooSmall(u64),
}

/// How the table is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Length that p4 should have, in bytes.
    pub length_bytes: u64,
    /// The sector to write, if the one on the card says something else.
    pub write: Option<Sector>,
    /// The length it says now, in bytes.
    pub was_bytes: u64,
}

/// Fits p4 to a card of `card_bytes`: up to its end, in whole MiB, as far as the table can say (2 TiB). A copy of a larger
/// card is cut to what is there.
pub fn fit(sector: &Sector, card_bytes: u64) -> Result<Fit, TableError> {
    let first = CLIPS.offset_bytes / SECTOR_BYTES;
    let kind = sector[ENTRY_OFFSET + KIND];
    let marked = sector.ends_with(&[0x55, 0xaa]);
    if !marked || kind != CLIPS.kind || u64::from(number(sector, FIRST)) != first {
        return Err(TableError::NotOurs);
    }
    let room = card_bytes.saturating_sub(CLIPS.offset_bytes) / MIB * MIB;
    if room < layout::CLIPS_TEMPLATE_BYTES {
        return Err(TableError::TooSmall(card_bytes / MIB));
    }
    let longest = u64::from(u32::MAX) * SECTOR_BYTES / MIB * MIB;
    let length_bytes = room.min(longest);
    let sectors = u32::try_from(length_bytes / SECTOR_BYTES).unwrap_or(u32::MAX);
    let was = number(sector, SECTORS);
    let write = (was != sectors).then(|| {
        let mut sector = *sector;
        sector[ENTRY_OFFSET + SECTORS..][..4].copy_from_slice(&sectors.to_le_bytes());
        sector
    });
    Ok(Fit { length_bytes, write, was_bytes: u64::from(was) * SECTOR_BYTES })
}

fn number(sector: &Sector, field: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| sector[ENTRY_OFFSET + field + i]))
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_OFFSET, Sector, TableError, fit};
    use boards::layout::{CLIPS, IMAGE_BYTES, MIB};

    const GIB: u64 = 1 << 30;

    /// A table with noise wherever the entry of p4 is not.
    fn table(kind: u8, first: u32, sectors: u32) -> Sector {
        let mut sector: Sector = std::array::from_fn(|i| (i * 7 + 3) as u8);
        sector[ENTRY_OFFSET + 4] = kind;
        sector[ENTRY_OFFSET + 8..][..4].copy_from_slice(&first.to_le_bytes());
        sector[ENTRY_OFFSET + 12..][..4].copy_from_slice(&sectors.to_le_bytes());
        sector[510..].copy_from_slice(&[0x55, 0xaa]);
        sector
    }

    #[test]
    fn p4_reaches_to_the_end_of_every_card_and_nothing_else_changes() {
        let flashed = table(0x83, 196_608, 327_680);
        for (card, sectors) in [
            (8 * GIB, 16_777_216 - 196_608),
            (GIB / 2, 1_048_576 - 196_608),
            (31_914_983_424, 62_332_928 - 196_608),
            // Half a MiB at the end is left.
            (8 * GIB + MIB / 2, 16_777_216 - 196_608),
            // The table ends at 2 TiB.
            (4096 * GIB, u32::MAX / 2048 * 2048),
        ] {
            let fitted = fit(&flashed, card).expect("fits");
            let new = fitted.write.expect("to be written");
            assert_eq!(new, table(0x83, 196_608, sectors), "{card}");
            assert_eq!(fitted.was_bytes, IMAGE_BYTES - CLIPS.offset_bytes);
            assert_eq!(fitted.length_bytes, u64::from(sectors) * 512);
            assert_eq!(fit(&new, card).expect("fits").write, None, "the second time nothing is written");
        }
        assert_eq!(fit(&flashed, IMAGE_BYTES).expect("fits").write, None);
    }

    #[test]
    fn a_copy_of_a_larger_card_is_cut_to_what_is_there() {
        let larger = table(0x83, 196_608, u32::MAX);
        let fitted = fit(&larger, 8 * GIB).expect("fits");
        assert_eq!(fitted.write, Some(table(0x83, 196_608, 16_777_216 - 196_608)));
        assert!(fitted.was_bytes > fitted.length_bytes);
    }

    #[test]
    fn a_foreign_table_is_left_alone() {
        for bad in [table(0x0c, 196_608, 1), table(0x83, 2048, 1), [0; 512]] {
            assert_eq!(fit(&bad, 8 * GIB), Err(TableError::NotOurs));
        }
        let error = fit(&table(0x83, 196_608, 1), 100 * MIB).expect_err("too small");
        assert_eq!(error.to_string(), "the card has only 100 MiB; it takes at least 256 MiB");
    }
}

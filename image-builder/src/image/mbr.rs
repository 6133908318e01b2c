//! The partition table: a master boot record without boot code.

use boards::layout::{DISK_SIGNATURE, PARTITIONS, SECTOR_BYTES};

/// Where the disk signature lies.
pub(crate) const SIGNATURE_OFFSET: usize = 440;
/// Where the four entries lie.
pub(crate) const TABLE_OFFSET: usize = 446;
/// Bytes of an entry.
pub(crate) const ENTRY_BYTES: usize = 16;
/// "Beyond what cylinder, head and sector can say": only the sector numbers count.
const CHS_BEYOND: [u8; 3] = [0xfe, 0xff, 0xff];

/// The first sector of a card of `card_bytes`.
#[must_use]
pub fn mbr(card_bytes: u64) -> [u8; SECTOR_BYTES as usize] {
    let mut sector = [0; SECTOR_BYTES as usize];
    let mut put = |offset: usize, bytes: &[u8]| sector[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(SIGNATURE_OFFSET, &DISK_SIGNATURE.to_le_bytes());
    for (index, partition) in PARTITIONS.iter().enumerate() {
        let length = partition.length_bytes.unwrap_or(card_bytes.saturating_sub(partition.offset_bytes));
        let offset = TABLE_OFFSET + index * ENTRY_BYTES;
        put(offset + 1, &CHS_BEYOND);
        put(offset + 4, &[partition.kind]);
        put(offset + 5, &CHS_BEYOND);
        put(offset + 8, &sectors(partition.offset_bytes).to_le_bytes());
        put(offset + 12, &sectors(length).to_le_bytes());
    }
    put(510, &[0x55, 0xaa]);
    sector
}

/// A length in sectors. The table ends at 2 TiB; larger cards are used up to there.
#[must_use]
pub fn sectors(bytes: u64) -> u32 {
    u32::try_from(bytes / SECTOR_BYTES).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{mbr, sectors};
    use crate::host::command;

    #[test]
    fn sfdisk_reads_it_as_the_layout_says() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), mbr(256 << 20)).expect("written");
        file.as_file().set_len(256 << 20).expect("sized");
        let mut sfdisk = Command::new("/usr/sbin/sfdisk");
        let text =
            command::text(sfdisk.arg("--dump").arg(file.path())).unwrap_or_else(|error| panic!("{error}"));
        let lines: Vec<String> = text
            .lines()
            .filter_map(|line| Some(line.split_once(" : ")?.1.split_whitespace().collect::<String>()))
            .collect();
        assert!(text.contains("label-id: 0x4b455242"), "{text}");
        assert_eq!(
            lines,
            [
                "start=32768,size=32768,type=e",
                "start=65536,size=65536,type=e",
                "start=131072,size=65536,type=e",
                "start=196608,size=327680,type=83"
            ]
        );
    }

    #[test]
    fn a_card_beyond_the_tables_reach_is_used_as_far_as_it_goes() {
        assert_eq!(sectors(1 << 45), u32::MAX);
    }
}

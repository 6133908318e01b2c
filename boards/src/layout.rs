//! Layout of the card: where everything lies, in bytes from its first byte.
//!
//! The one place with these numbers; firmware, image builder and tests take them from here. The prose is in
//! ARCHITECTURE.md, "The card". Must not do I/O.

/// One kibibyte, in bytes.
pub const KIB: u64 = 1 << 10;
/// One mebibyte, in bytes.
pub const MIB: u64 = 1 << 20;
/// Unit in which cards are addressed, in bytes.
pub const SECTOR_BYTES: u64 = 512;

/// MBR disk signature, "KERB": how the firmware knows its own card among other block devices.
pub const DISK_SIGNATURE: u32 = 0x4b45_5242;

/// A range of bytes on the card that has an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// What lies there, in words for messages.
    pub name: &'static str,
    /// First byte.
    pub offset_bytes: u64,
    /// Length in bytes.
    pub length_bytes: u64,
}

impl Area {
    /// First byte after the area.
    #[must_use]
    pub const fn end_bytes(&self) -> u64 {
        self.offset_bytes + self.length_bytes
    }

    /// Whether `offset..offset + length` shares a byte with this area.
    #[must_use]
    pub const fn overlaps(&self, offset_bytes: u64, length_bytes: u64) -> bool {
        offset_bytes < self.end_bytes() && self.offset_bytes < offset_bytes.saturating_add(length_bytes)
    }
}

/// The partition table.
pub const MBR: Area = Area { name: "the partition table", offset_bytes: 0, length_bytes: SECTOR_BYTES };

/// Settings live outside every file system, so that they survive a clips partition that must be made anew. Two
/// slots, written in turn: a power cut can spoil at most the one being written.
pub const SETTINGS: [Area; 2] = [
    Area { name: "settings slot 0", offset_bytes: 15 * MIB, length_bytes: 64 * KIB },
    Area { name: "settings slot 1", offset_bytes: 15 * MIB + 64 * KIB, length_bytes: 64 * KIB },
];

/// Sector with the entropy for the next boot.
pub const SEED: Area =
    Area { name: "the entropy seed", offset_bytes: 15 * MIB + 128 * KIB, length_bytes: SECTOR_BYTES };
/// Bytes of entropy at the start of [`SEED`].
pub const SEED_BYTES: usize = 32;

/// Last known wall time: two sectors, written in turn.
pub const CLOCK: Area =
    Area { name: "the clock record", offset_bytes: 15 * MIB + 192 * KIB, length_bytes: 2 * SECTOR_BYTES };

/// Why the system last went down: two sectors, written in turn.
pub const RESTART: Area =
    Area { name: "the restart record", offset_bytes: 15 * MIB + 256 * KIB, length_bytes: 2 * SECTOR_BYTES };

/// The order to erase everything, for the next start.
pub const ERASE: Area =
    Area { name: "the order to erase", offset_bytes: 15 * MIB + 320 * KIB, length_bytes: SECTOR_BYTES };

/// Everything in the gap before the first partition that boot-loader blobs must stay clear of.
pub const RESERVED: [Area; 7] = [MBR, SETTINGS[0], SETTINGS[1], SEED, CLOCK, RESTART, ERASE];

/// MBR partition type: FAT16, addressed by sector number.
pub const TYPE_FAT16: u8 = 0x0e;
/// MBR partition type: Linux.
pub const TYPE_LINUX: u8 = 0x83;

/// One partition of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// 1 to 4.
    pub number: u8,
    /// First byte.
    pub offset_bytes: u64,
    /// Length in bytes; `None`: the rest of the card.
    pub length_bytes: Option<u64>,
    /// MBR partition type.
    pub kind: u8,
    /// Volume label.
    pub label: &'static str,
}

/// p1: boot selection, and what people may write before the first boot. At 16 MiB, so that every boot loader fits
/// below it.
pub const BOOT: Partition = Partition {
    number: 1,
    offset_bytes: 16 * MIB,
    length_bytes: Some(16 * MIB),
    kind: TYPE_FAT16,
    label: "KERBEROS",
};
/// p2: slot A, the system as it was flashed.
pub const SLOT_A: Partition = Partition {
    number: 2,
    offset_bytes: 32 * MIB,
    length_bytes: Some(32 * MIB),
    kind: TYPE_FAT16,
    label: "SLOT-A",
};
/// p3: slot B, empty until the first update.
pub const SLOT_B: Partition = Partition {
    number: 3,
    offset_bytes: 64 * MIB,
    length_bytes: Some(32 * MIB),
    kind: TYPE_FAT16,
    label: "SLOT-B",
};
/// p4: the clips, ext4, to the end of the card.
pub const CLIPS: Partition =
    Partition { number: 4, offset_bytes: 96 * MIB, length_bytes: None, kind: TYPE_LINUX, label: "clips" };
/// The four partitions in the order of the table.
pub const PARTITIONS: [Partition; 4] = [BOOT, SLOT_A, SLOT_B, CLIPS];

/// Which slot to boot: one sector, `a` or `b` and a line feed, on [`BOOT`].
pub const SLOT_FILE: &str = "slot.txt";
/// Settings for the first boot, on [`BOOT`].
pub const SETTINGS_FILE: &str = "kerberos.toml";
/// What was wrong in it, on [`BOOT`]: there from the start, and only ever overwritten.
pub const ERRORS_FILE: &str = "kerberos-errors.txt";
/// Its length: the most complaints that are told fit.
pub const ERRORS_FILE_BYTES: usize = 4096;
/// What this card is, for the person who finds it, on [`BOOT`].
pub const README_FILE: &str = "README.txt";
/// The kernel, in a slot.
pub const KERNEL_FILE: &str = "kernel";
/// The initramfs, in a slot.
pub const INITRAMFS_FILE: &str = "initramfs";
/// The device tree, in a slot, where the board needs one.
pub const DEVICE_TREE_FILE: &str = "board.dtb";
/// The kernel's command line, in a slot.
pub const CMDLINE_FILE: &str = "cmdline.txt";
/// What is in the slot and where it came from.
pub const MANIFEST_FILE: &str = "manifest.json";
/// Folder on [`CLIPS`] that holds the clips.
pub const CLIPS_FOLDER: &str = "clips";
/// The resolved profile, in the initramfs.
pub const PROFILE_FILE: &str = "board.toml";
/// The profiles of further boards on which the image starts, in the initramfs: a folder with a file for each.
pub const OTHER_PROFILES_FOLDER: &str = "boards";

/// The file in it for a board, by what the board's device tree says that it is (the first `compatible` of its root).
#[must_use]
pub fn other_profile(compatible: &str) -> String {
    format!("{OTHER_PROFILES_FOLDER}/{compatible}.toml")
}

/// The pristine clips partition, in the initramfs: what a partition that cannot be used is made anew from.
pub const CLIPS_TEMPLATE_FILE: &str = "clips.template";
/// Size of the file system in the template, in bytes; it is grown to its partition after it was written.
pub const CLIPS_TEMPLATE_BYTES: u64 = 64 * MIB;

/// Smallest image in bytes: room for some clips, and a power of two because emulated SD controllers want one.
pub const IMAGE_BYTES: u64 = 256 * MIB;

const _: () = assert!(BOOT.offset_bytes >= RESTART.end_bytes());
const _: () = assert!(BOOT.offset_bytes + 16 * MIB == SLOT_A.offset_bytes);
const _: () = assert!(SLOT_A.offset_bytes + 32 * MIB == SLOT_B.offset_bytes);
const _: () = assert!(SLOT_B.offset_bytes + 32 * MIB == CLIPS.offset_bytes);
const _: () = assert!(IMAGE_BYTES.is_power_of_two() && IMAGE_BYTES > CLIPS.offset_bytes);

#[cfg(test)]
mod tests {
    use super::{RESERVED, SETTINGS};

    #[test]
    fn reserved_areas_do_not_overlap_each_other() {
        for (index, one) in RESERVED.iter().enumerate() {
            for other in &RESERVED[index + 1..] {
                assert!(!one.overlaps(other.offset_bytes, other.length_bytes), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn an_area_ends_before_its_neighbour() {
        let slot = SETTINGS[0];
        assert!(slot.overlaps(slot.end_bytes() - 1, 1));
        assert!(!slot.overlaps(slot.end_bytes(), 1));
        assert!(!slot.overlaps(slot.offset_bytes - 1, 1));
        assert!(slot.overlaps(0, u64::MAX), "a length that overflows still overlaps");
    }
}

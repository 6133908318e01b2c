//! What a disk or partition is formatted with, from its first bytes.
//!
//! A table of marks. Only a sentence and a choice of driver hang on it: whether the file system is whole is the kernel's to say.
//! It must not read a disk.

/// How much of a partition must be read: the furthest mark is ext4's, in the second KiB.
pub const HEAD_BYTES: usize = 2048;

/// File systems that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// FAT12, FAT16 or FAT32.
    Fat,
    /// exFAT.
    ExFat,
}

impl Kind {
    /// As people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "FAT",
            Self::ExFat => "exFAT",
        }
    }

    /// The longest file that it holds, if that is a limit: FAT counts a file's bytes in 32 bits.
    pub fn file_bytes_max(self) -> Option<u64> {
        match self {
            Self::Fat => Some(u32::MAX.into()),
            Self::ExFat => None,
        }
    }
}

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Something that we write.
    Ours {
        /// Which.
        kind: Kind,
        /// Whether it says that it was not taken out in order the last time.
        is_dirty: bool,
    },
    /// Something that we do not write: its name.
    Other(&'static str),
    /// Nothing that we know.
    Unknown,
}

/// Where which bytes stand, and what has them.
#[rustfmt::skip]
const OTHERS: &[(usize, &[u8], &str)] = &[
    (3, b"NTFS    ", "NTFS"),
    (3, b"-FVE-FS-", "BitLocker"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (1080, b"\x53\xef", "ext4 (or an older ext)"),
    (1024, b"\x10\x20\xf5\xf2", "F2FS"),
    (1024, b"H+", "macOS's HFS+"),
    (1024, b"HX", "macOS's HFS+"),
    (32, b"NXSB", "macOS's APFS"),
];

/// Offset of exFAT's volume flags, and the bit that says that it is in use (Microsoft's exFAT specification, 3.1.13.2).
const EXFAT_FLAGS: usize = 106;
const EXFAT_DIRTY: u8 = 2;
/// Offsets of the byte in which FAT's drivers note that it is in use (`state` in the kernel's msdos_fs.h).
const FAT16_STATE: usize = 0x25;
const FAT32_STATE: usize = 0x41;
const FAT_DIRTY: u8 = 1;

/// Looks at the first bytes of a disk or partition.
pub fn recognise(head: &[u8; HEAD_BYTES]) -> Format {
    let has = |at: usize, mark: &[u8]| head.get(at..at + mark.len()) == Some(mark);
    if has(3, b"EXFAT   ") {
        return Format::Ours { kind: Kind::ExFat, is_dirty: head[EXFAT_FLAGS] & EXFAT_DIRTY != 0 };
    }
    if let Some((_, _, name)) = OTHERS.iter().find(|(at, mark, _)| has(*at, mark)) {
        return Format::Other(name);
    }
    if !is_fat(head) {
        return Format::Unknown;
    }
    // FAT32 counts its tables' sectors elsewhere and leaves this field empty.
    let state = if word(head, 22) == 0 { FAT32_STATE } else { FAT16_STATE };
    Format::Ours { kind: Kind::Fat, is_dirty: head[state] & FAT_DIRTY != 0 }
}

/// Whether the parameter block is one of FAT: it has no mark of its own, and a partition table ends with the same two bytes.
fn is_fat(head: &[u8; HEAD_BYTES]) -> bool {
    let jumps = (head[0] == 0xeb && head[2] == 0x90) || head[0] == 0xe9;
    let sector_bytes = word(head, 11);
    jumps
        && head[510..512] == [0x55, 0xaa]
        && (512..=4096).contains(&sector_bytes)
        && sector_bytes.is_power_of_two()
        && head[13].is_power_of_two()
        && word(head, 14) != 0
        && (1..=2).contains(&head[16])
}

fn word(head: &[u8; HEAD_BYTES], at: usize) -> u16 {
    u16::from_le_bytes([head[at], head[at + 1]])
}

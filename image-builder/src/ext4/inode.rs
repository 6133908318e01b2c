//! Inodes: what a file is, how long, and from when.
//!
//! The layout is fs/ext4/ext4.h (`struct ext4_inode`). Must not read anything itself.

use std::time::{Duration, SystemTime};

use super::bytes::{array, le16, le32, sum, sum_without, wide};
use super::{BLOCK_BYTES, Error};

/// The root folder's inode.
pub const ROOT: u32 = 2;
/// Of an inode, what is there in every size of it.
const BASE_BYTES: u16 = 128;
const CHECKSUM_LOW: usize = 0x7c;
const CHECKSUM_HIGH: usize = 0x82;
const GENERATION: usize = 0x64;
const MODE_KIND: u16 = 0xf000;
const MODE_FOLDER: u16 = 0x4000;
const MODE_FILE: u16 = 0x8000;
/// The folder has a tree of hashes beside its names.
const FLAG_INDEX: u32 = 0x1000;
const FLAG_EXTENTS: u32 = 0x8_0000;

/// A file or folder.
#[derive(Clone, Debug)]
pub struct Inode {
    /// Its number.
    pub number: u32,
    /// Length in bytes.
    pub bytes: u64,
    /// Start of the sums of all that belongs to it.
    pub(super) seed: u32,
    /// Root of the tree of extents.
    pub(super) tree: [u8; 60],
    mode: u16,
    flags: u32,
    modified: (i64, u32),
}

impl Inode {
    /// Reads one. `seed` is the file system's.
    ///
    /// # Errors
    /// When it is damaged.
    pub(super) fn parse(number: u32, bytes: &[u8], seed: u32) -> Result<Self, Error> {
        let damaged = || Error::damaged("inode", number);
        let own = sum(sum(seed, &number.to_le_bytes()), &array::<4>(bytes, GENERATION));
        let extra = BASE_BYTES.saturating_add(le16(bytes, 0x80));
        let has = |end: u16| end <= extra;
        let stored = (u32::from(le16(bytes, CHECKSUM_HIGH)) << 16) | u32::from(le16(bytes, CHECKSUM_LOW));
        // The two halves of the sum are taken for zeros, and the upper one only counts where there is room for it.
        let front = sum_without(own, bytes.get(..CHECKSUM_HIGH).unwrap_or_default(), CHECKSUM_LOW, 2);
        let back = bytes.get(CHECKSUM_HIGH..).unwrap_or_default();
        let (found, mask) =
            if has(0x84) { (sum_without(front, back, 0, 2), u32::MAX) } else { (sum(front, back), 0xffff) };
        if (found ^ stored) & mask != 0 {
            return Err(damaged());
        }
        let extra_time = if has(0x8c) { le32(bytes, 0x88) } else { 0 };
        // The lower 32 bits are signed; two more bits count what overflows: 2446 is the end.
        let seconds = i64::from(le32(bytes, 0x10).cast_signed()) + (i64::from(extra_time & 3) << 32);
        let length = wide(le32(bytes, 0x6c), le32(bytes, 0x4));
        // A block's number in its file has 32 bits.
        if length.div_ceil(BLOCK_BYTES as u64) > u64::from(u32::MAX) {
            return Err(damaged());
        }
        Ok(Self {
            number,
            bytes: length,
            seed: own,
            tree: array(bytes, 0x28),
            mode: le16(bytes, 0x0),
            flags: le32(bytes, 0x20),
            modified: (seconds, extra_time >> 2),
        })
    }

    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.mode & MODE_KIND == MODE_FOLDER
    }

    /// Whether it is a plain file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.mode & MODE_KIND == MODE_FILE
    }

    pub(super) fn is_indexed(&self) -> bool {
        self.flags & FLAG_INDEX != 0
    }

    pub(super) fn has_extents(&self) -> bool {
        self.flags & FLAG_EXTENTS != 0
    }

    /// When its content was last changed, if this computer can tell such a time.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        let (seconds, nanoseconds) = self.modified;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(whole)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(whole)
        };
        second?.checked_add(Duration::from_nanos(nanoseconds.into()))
    }
}

//! ext4 superblocks: how large a file system is, whether it is whole, and the primary one made again from a backup.
//!
//! The layout is fs/ext4/ext4.h (`struct ext4_super_block`). Only file systems like the one we make are understood: blocks of
//! 4 KiB, metadata checksums. Must not do I/O.

use boards::template::BLOCK_BYTES;

/// Bytes of a superblock.
pub const BYTES: usize = 1024;
/// Where the primary one lies in the partition.
pub const PRIMARY_OFFSET: u64 = 1024;
/// Block groups with a backup (`sparse_super`: 0, 1 and the powers of 3, 5 and 7) that are looked at. The second group starts
/// at 128 MiB, so every card larger than the image has one.
pub const BACKUP_GROUPS: [u32; 6] = [1, 3, 5, 7, 9, 25];

const BLOCKS_PER_GROUP: u64 = 8 * BLOCK_BYTES as u64;
const MAGIC: u16 = 0xef53;
/// `s_log_block_size` of 4 KiB.
const LOG_BLOCK: u32 = 2;
/// `s_state`: errors were found since it was made.
const STATE_ERRORS: u16 = 2;
/// `s_feature_incompat`: the journal is to be replayed.
const RECOVER: u32 = 4;
/// `s_feature_ro_compat`: every structure has its checksum.
const METADATA_CSUM: u32 = 0x400;

const BLOCKS_LOW: usize = 0x04;
const LOG_BLOCK_AT: usize = 0x18;
const MAGIC_AT: usize = 0x38;
const STATE_AT: usize = 0x3a;
const GROUP_AT: usize = 0x5a;
const INCOMPAT_AT: usize = 0x60;
const RO_COMPAT_AT: usize = 0x64;
const UUID_AT: usize = 0x68;
/// `s_mkfs_time` and `s_mkfs_time_hi`.
const MADE_LOW: usize = 0x108;
const MADE_HIGH: usize = 0x276;
const BLOCKS_HIGH: usize = 0x150;
const CHECKSUM_AT: usize = 0x3fc;

/// A superblock whose checksum is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superblock(Box<[u8; BYTES]>);

/// The first byte of a backup in the partition.
pub fn backup_offset(group: u32) -> u64 {
    u64::from(group) * BLOCKS_PER_GROUP * BLOCK_BYTES as u64
}

impl Superblock {
    /// Reads one; nothing when it is damaged or of another kind of file system.
    pub fn parse(bytes: &[u8; BYTES]) -> Option<Superblock> {
        let whole = has_magic(bytes)
            && u32_at(bytes, LOG_BLOCK_AT) == LOG_BLOCK
            && u32_at(bytes, RO_COMPAT_AT) & METADATA_CSUM != 0
            && u32_at(bytes, CHECKSUM_AT) == crc32c(&bytes[..CHECKSUM_AT]);
        whole.then(|| Superblock(Box::new(*bytes)))
    }

    /// The file system's size in bytes.
    pub fn length_bytes(&self) -> u64 {
        let blocks = u64::from(u32_at(&self.0, BLOCKS_HIGH)) << 32 | u64::from(u32_at(&self.0, BLOCKS_LOW));
        blocks.saturating_mul(BLOCK_BYTES as u64)
    }

    /// The block group that this copy belongs to; 0 is the primary one.
    pub fn group(&self) -> u32 {
        u16_at(&self.0, GROUP_AT).into()
    }

    /// Whether the kernel has found errors in the file system since it was made.
    pub fn has_errors(&self) -> bool {
        u16_at(&self.0, STATE_AT) & STATE_ERRORS != 0
    }

    /// Whether damaged bytes still carry the mark and the identity of this file system.
    pub fn is_of_the_same(&self, damaged: &[u8; BYTES]) -> bool {
        has_magic(damaged) && damaged[UUID_AT..UUID_AT + 16] == self.0[UUID_AT..UUID_AT + 16]
    }

    /// When it was made, seconds since 1970.
    pub fn made_s(&self) -> u64 {
        u64::from(self.0[MADE_HIGH]) << 32 | u64::from(u32_at(&self.0, MADE_LOW))
    }

    /// The same, made at another time: seconds since 1970, of which 40 bits are kept.
    pub fn made_at(&self, made_s: u64) -> [u8; BYTES] {
        let mut bytes = *self.0;
        let [low @ .., high, _, _, _] = made_s.to_le_bytes();
        bytes[MADE_LOW..MADE_LOW + 4].copy_from_slice(&low);
        bytes[MADE_HIGH] = high;
        summed(bytes)
    }

    /// The primary superblock made from a backup. The journal is to be replayed, as e2fsck does it: backups never say whether
    /// there is anything in it, and where there is not the kernel finds that out.
    pub fn to_primary(&self) -> [u8; BYTES] {
        let mut bytes = *self.0;
        bytes[GROUP_AT..GROUP_AT + 2].fill(0);
        let features = u32_at(&bytes, INCOMPAT_AT) | RECOVER;
        bytes[INCOMPAT_AT..INCOMPAT_AT + 4].copy_from_slice(&features.to_le_bytes());
        summed(bytes)
    }
}

fn summed(mut bytes: [u8; BYTES]) -> [u8; BYTES] {
    let sum = crc32c(&bytes[..CHECKSUM_AT]);
    bytes[CHECKSUM_AT..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn has_magic(bytes: &[u8; BYTES]) -> bool {
    u16_at(bytes, MAGIC_AT) == MAGIC
}

fn u16_at(bytes: &[u8; BYTES], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8; BYTES], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// CRC-32C (Castagnoli) as ext4 uses it: started with ones, not inverted at the end. One kilobyte at a start needs no table.
fn crc32c(bytes: &[u8]) -> u32 {
    let bit = |sum: u32| (sum >> 1) ^ if sum & 1 == 1 { 0x82f6_3b78 } else { 0 };
    bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| bit(sum)))
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn the_sum_is_castagnolis() {
        // RFC 3720, B.4: 32 bytes of zeros; the standard inverts at the end.
        assert_eq!(!crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(!crc32c(b"123456789"), 0xe306_9283);
    }
}

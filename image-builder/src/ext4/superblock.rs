//! The superblock: what kind of file system it is, and where its tables lie.
//!
//! The layout is fs/ext4/ext4.h (`struct ext4_super_block`, `struct ext4_group_desc`). Must not read anything itself.

use super::bytes::{array, le16, le32, sum, sum_without, wide};
use super::{BLOCK_BYTES, Error};

/// Bytes of a superblock.
pub const BYTES: usize = 1024;
/// Where the primary one lies; a backup lies at the start of its group.
pub const PRIMARY_OFFSET: u64 = 1024;
/// Groups with a backup (`sparse_super`: 0, 1 and the powers of 3, 5 and 7) that are tried when the primary one is damaged.
pub const BACKUP_GROUPS: [u64; 6] = [1, 3, 5, 7, 9, 25];
/// Blocks of a group: one block of bits tells which are in use.
pub const BLOCKS_PER_GROUP: u64 = 8 * BLOCK_BYTES as u64;

const MAGIC: u16 = 0xef53;
/// `s_log_block_size` of 4 KiB.
const LOG_BLOCK: u32 = 2;
const RO_SPARSE_SUPER: u32 = 0x1;
const RO_METADATA_CSUM: u32 = 0x400;
const FILETYPE: u32 = 0x2;
const RECOVER: u32 = 0x4;
const META_BG: u32 = 0x10;
const EXTENTS: u32 = 0x40;
const WIDE: u32 = 0x80;
const FLEX_BG: u32 = 0x200;
const CSUM_SEED: u32 = 0x2000;
/// `s_feature_incompat` that is understood; what a reader does not know here it must not read.
const KNOWN: u32 = FILETYPE | RECOVER | META_BG | EXTENTS | WIDE | FLEX_BG | CSUM_SEED;
/// Of a descriptor without and with `64bit`.
const DESCRIPTOR_BYTES: usize = 32;
const DESCRIPTOR_BYTES_WIDE: usize = 64;

/// What a superblock tells.
#[derive(Clone, Debug)]
pub struct Superblock {
    /// Blocks of the file system.
    pub blocks: u64,
    /// Inodes of a group.
    pub inodes_per_group: u32,
    /// Bytes of an inode.
    pub inode_bytes: usize,
    /// The journal's inode; 0 where there is none.
    pub journal_inode: u32,
    /// Whether the journal is to be replayed.
    pub needs_recovery: bool,
    /// Start of the sums of all that belongs to this file system.
    pub seed: u32,
    features: u32,
    descriptor_bytes: usize,
    first_meta_group: u64,
}

impl Superblock {
    /// Reads one.
    ///
    /// # Errors
    /// [`Error::NoFileSystem`] when it is damaged or none at all; when it is whole, why it is not read all the same.
    pub fn parse(bytes: &[u8; BYTES]) -> Result<Self, Error> {
        if le16(bytes, 0x38) != MAGIC {
            return Err(Error::NoFileSystem);
        }
        if le32(bytes, 0x64) & RO_METADATA_CSUM == 0 {
            return Err(Error::Foreign("it has no checksums"));
        }
        if le32(bytes, 0x3fc) != sum(u32::MAX, bytes.get(..0x3fc).unwrap_or_default()) {
            return Err(Error::NoFileSystem);
        }
        let features = le32(bytes, 0x60);
        if features & !KNOWN != 0 {
            return Err(Error::Features(features & !KNOWN));
        }
        let is_wide = features & WIDE != 0;
        let uuid: [u8; 16] = array(bytes, 0x68);
        let own_seed = features & CSUM_SEED != 0;
        let one = Self {
            blocks: wide(if is_wide { le32(bytes, 0x150) } else { 0 }, le32(bytes, 0x4)),
            inodes_per_group: le32(bytes, 0x28),
            inode_bytes: le16(bytes, 0x58).into(),
            journal_inode: if le32(bytes, 0x5c) & 0x4 != 0 { le32(bytes, 0xe0) } else { 0 },
            needs_recovery: features & RECOVER != 0,
            seed: if own_seed { le32(bytes, 0x270) } else { sum(u32::MAX, &uuid) },
            features,
            descriptor_bytes: if is_wide { le16(bytes, 0xfe).into() } else { DESCRIPTOR_BYTES },
            first_meta_group: le32(bytes, 0x104).into(),
        };
        one.check(bytes)
    }

    /// Refuses what the rest of this reader takes for granted.
    fn check(self, bytes: &[u8; BYTES]) -> Result<Self, Error> {
        let needed = FILETYPE | EXTENTS;
        if le32(bytes, 0x18) != LOG_BLOCK || u64::from(le32(bytes, 0x20)) != BLOCKS_PER_GROUP {
            return Err(Error::Foreign("its blocks have another size"));
        }
        if self.features & needed != needed || le32(bytes, 0x64) & RO_SPARSE_SUPER == 0 {
            return Err(Error::Foreign("it lacks extents, file types or sparse_super"));
        }
        let is_size =
            |bytes: usize, least: usize| bytes.is_power_of_two() && (least..=BLOCK_BYTES).contains(&bytes);
        let least = if self.features & WIDE != 0 { DESCRIPTOR_BYTES_WIDE } else { DESCRIPTOR_BYTES };
        let inodes = u64::from(self.inodes_per_group);
        if !is_size(self.inode_bytes, 256)
            || !is_size(self.descriptor_bytes, least)
            || !(1..=BLOCKS_PER_GROUP).contains(&inodes)
            || self.groups() > u64::from(u32::MAX)
        {
            return Err(Error::Foreign("its tables have impossible sizes"));
        }
        Ok(self)
    }

    fn groups(&self) -> u64 {
        self.blocks.div_ceil(BLOCKS_PER_GROUP)
    }

    /// Where a group's descriptor lies, in bytes from the start of the file system; none beyond the last group.
    pub fn descriptor_offset(&self, group: u64) -> Option<u64> {
        let per_block = (BLOCK_BYTES / self.descriptor_bytes) as u64;
        let (table_block, within) = (group / per_block, group % per_block);
        let block = if self.features & META_BG != 0 && table_block >= self.first_meta_group {
            // `meta_bg`: each block of the table lies in the first of the groups that it describes.
            let first = table_block * per_block;
            first * BLOCKS_PER_GROUP + u64::from(has_superblock(first))
        } else {
            1 + table_block
        };
        let offset = block * BLOCK_BYTES as u64 + within * self.descriptor_bytes as u64;
        (group < self.groups()).then_some(offset)
    }

    /// Bytes of a group's descriptor.
    pub fn descriptor_bytes(&self) -> usize {
        self.descriptor_bytes
    }

    /// The first block of a group's inodes, out of the group's descriptor.
    ///
    /// # Errors
    /// When the descriptor is damaged.
    pub fn inode_table(&self, group: u64, descriptor: &[u8]) -> Result<u64, Error> {
        // The sum takes the group's low 32 bits, and there are no more than that.
        let number = u32::try_from(group).unwrap_or(u32::MAX).to_le_bytes();
        let found = sum_without(sum(self.seed, &number), descriptor, 0x1e, 2);
        let high = if self.descriptor_bytes > DESCRIPTOR_BYTES { le32(descriptor, 0x28) } else { 0 };
        let table = wide(high, le32(descriptor, 0x8));
        if found & 0xffff != u32::from(le16(descriptor, 0x1e)) || table >= self.blocks {
            return Err(Error::damaged("block group", group));
        }
        Ok(table)
    }
}

/// `sparse_super`: which groups begin with a copy of the superblock.
fn has_superblock(group: u64) -> bool {
    let is_power = |base: u64| {
        let mut power = base;
        while power < group {
            power = power.saturating_mul(base);
        }
        power == group
    };
    group <= 1 || [3, 5, 7].into_iter().any(is_power)
}

#[cfg(test)]
mod tests {
    use super::has_superblock;

    #[test]
    fn backups_are_at_the_powers_of_3_5_and_7() {
        let found: Vec<u64> = (0..130).filter(|group| has_superblock(*group)).collect();
        assert_eq!(found, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81, 125]);
    }
}

//! The journal's own structures: its superblock, and what stands in its blocks.
//!
//! The layout is include/linux/jbd2.h; all numbers are big-endian. Must not decide what is replayed: that is `replay`.

use super::bytes::{array, be16, be32, sum, sum_without, wide};
use super::{BLOCK_BYTES, Error};

const MAGIC: u32 = 0xc03b_3998;
const REVOKE: u32 = 0x1;
const WIDE: u32 = 0x2;
const CSUM_V3: u32 = 0x10;
/// `h_blocktype`.
const DESCRIPTOR: u32 = 1;
const COMMIT: u32 = 2;
const SUPERBLOCK_V2: u32 = 4;
const REVOCATION: u32 = 5;
const HEADER_BYTES: usize = 12;
/// The sum at the end of a descriptor or a revocation.
const TAIL_BYTES: usize = 4;
/// The sum in a commit.
const COMMIT_SUM: usize = 16;
/// Where the sum of the superblock lies, and how much of it is summed.
const SUPERBLOCK_SUM: usize = 0xfc;
const SUPERBLOCK_BYTES: usize = 1024;
const UUID_BYTES: usize = 16;
/// The longest journal that is read: 1 GiB, sixty times ours and the most that mke2fs makes by itself. Bounds what a crafted one can cost.
const BLOCKS_MAX: u32 = 262_144;
/// Flags of a tag.
const ESCAPED: u32 = 0x1;
const SAME_UUID: u32 = 0x2;
const LAST_TAG: u32 = 0x8;

/// What the journal's superblock tells.
#[derive(Clone, Debug)]
pub struct Header {
    /// Number of the first transaction that is to be replayed.
    pub sequence: u32,
    /// Block of the journal where it begins; 0: nothing is to be replayed.
    pub start: u32,
    /// First block that holds transactions.
    pub first: u32,
    /// First block after them: behind it comes `first` again.
    pub end: u32,
    is_wide: bool,
    has_sums: bool,
    seed: u32,
}

/// A block that a transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Where it goes.
    pub block: u64,
    /// Whether its first four bytes were taken away, because they looked like the journal's own.
    pub is_escaped: bool,
    sum: u32,
}

/// A block of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The blocks that follow go to these places.
    Descriptor(Vec<Tag>),
    /// What earlier transactions and this one hold of these blocks is not to be replayed.
    Revocation(Vec<u64>),
    /// The transaction is whole.
    Commit,
}

impl Header {
    /// Reads the journal's first block.
    ///
    /// # Errors
    /// When it is damaged, or of a kind that the product's kernel does not write.
    pub fn parse(block: &[u8; BLOCK_BYTES]) -> Result<Self, Error> {
        let damaged = || Error::damaged("the journal, block", 0_u32);
        if be32(block, 0) != MAGIC || be32(block, 4) != SUPERBLOCK_V2 {
            return Err(damaged());
        }
        let features = be32(block, 0x28);
        let unknown = features & !(REVOKE | WIDE | CSUM_V3);
        if unknown != 0 {
            return Err(Error::Features(unknown));
        }
        let has_sums = features & CSUM_V3 != 0;
        let summed = block.get(..SUPERBLOCK_BYTES).unwrap_or_default();
        if has_sums && be32(block, SUPERBLOCK_SUM) != sum_without(u32::MAX, summed, SUPERBLOCK_SUM, 4) {
            return Err(damaged());
        }
        let header = Self {
            sequence: be32(block, 0x18),
            start: be32(block, 0x1c),
            first: be32(block, 0x14),
            end: be32(block, 0x10),
            is_wide: features & WIDE != 0,
            has_sums,
            seed: sum(u32::MAX, &array::<UUID_BYTES>(block, 0x30)),
        };
        let is_inside = |block: u32| (header.first..header.end).contains(&block);
        let is_possible =
            header.first > 0 && header.end <= BLOCKS_MAX && (header.start == 0 || is_inside(header.start));
        if be32(block, 0xc) as usize != BLOCK_BYTES || !is_possible {
            return Err(damaged());
        }
        Ok(header)
    }

    /// The block after this one.
    #[must_use]
    pub fn next(&self, block: u32) -> u32 {
        if block + 1 >= self.end { self.first } else { block + 1 }
    }

    /// What stands in a block, if it belongs to the transaction `sequence` and is whole. Where it is not, the journal ends: what
    /// follows was not written before the power was cut.
    #[must_use]
    pub fn read(&self, block: &[u8; BLOCK_BYTES], sequence: u32) -> Option<Block> {
        if be32(block, 0) != MAGIC || be32(block, 8) != sequence {
            return None;
        }
        let tail = BLOCK_BYTES - TAIL_BYTES;
        let is_whole = |at| !self.has_sums || be32(block, at) == sum_without(self.seed, block, at, 4);
        match be32(block, 4) {
            DESCRIPTOR if is_whole(tail) => self.tags(block).map(Block::Descriptor),
            REVOCATION if is_whole(tail) => self.revoked(block).map(Block::Revocation),
            COMMIT if is_whole(COMMIT_SUM) => Some(Block::Commit),
            _ => None,
        }
    }

    /// Whether a block is what its tag says that the transaction `sequence` holds.
    #[must_use]
    pub fn is_whole(&self, tag: &Tag, sequence: u32, block: &[u8; BLOCK_BYTES]) -> bool {
        !self.has_sums || tag.sum == sum(sum(self.seed, &sequence.to_be_bytes()), block)
    }

    fn room(&self) -> usize {
        BLOCK_BYTES - if self.has_sums { TAIL_BYTES } else { 0 }
    }

    fn tags(&self, block: &[u8; BLOCK_BYTES]) -> Option<Vec<Tag>> {
        let bytes = match (self.has_sums, self.is_wide) {
            (true, _) => 16,
            (false, true) => 12,
            (false, false) => 8,
        };
        let mut rest = block.get(HEADER_BYTES..self.room())?;
        let mut tags = Vec::new();
        loop {
            let tag = rest.get(..bytes)?;
            let flags = if self.has_sums { be32(tag, 4) } else { be16(tag, 6).into() };
            let high = if self.is_wide { be32(tag, 8) } else { 0 };
            let sum = if self.has_sums { be32(tag, 12) } else { 0 };
            tags.push(Tag { block: wide(high, be32(tag, 0)), is_escaped: flags & ESCAPED != 0, sum });
            if flags & LAST_TAG != 0 {
                return Some(tags);
            }
            let uuid = if flags & SAME_UUID != 0 { 0 } else { UUID_BYTES };
            rest = rest.get(bytes + uuid..)?;
        }
    }

    fn revoked(&self, block: &[u8; BLOCK_BYTES]) -> Option<Vec<u64>> {
        let used = usize::try_from(be32(block, HEADER_BYTES)).ok().filter(|used| *used <= self.room())?;
        let records = block.get(HEADER_BYTES + 4..used)?;
        let numbers = if self.is_wide {
            records.chunks_exact(8).map(|one| wide(be32(one, 0), be32(one, 4))).collect()
        } else {
            records.chunks_exact(4).map(|one| be32(one, 0).into()).collect()
        };
        Some(numbers)
    }
}

/// A block as it was before it was escaped.
pub fn unescape(block: &mut [u8; BLOCK_BYTES]) {
    if let Some(start) = block.first_chunk_mut::<4>() {
        *start = MAGIC.to_be_bytes();
    }
}

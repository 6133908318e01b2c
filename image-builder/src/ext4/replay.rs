//! Replays a journal in memory: which blocks of the card are to be read from the journal instead.
//!
//! The order is the kernel's (fs/jbd2/recovery.c): first the transactions that are whole are found, then what they revoke, then
//! what they hold. Must not write.

use std::collections::HashMap;

use super::journal::{Block, Header, Tag};
use super::{BLOCK_BYTES, Error};

/// Where the newest content of some blocks lies.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    moved: HashMap<u64, (u32, bool)>,
    /// Transactions that were replayed.
    pub transactions: usize,
    /// Blocks whose copy in the journal is damaged: what is on the card is older than it should be.
    pub lost: usize,
}

/// A block that a whole transaction holds.
struct Held {
    sequence: u32,
    tag: Tag,
    at: u32,
}

/// What the journal has to say.
#[derive(Default)]
struct Found {
    held: Vec<Held>,
    /// For each block, the last transaction that revoked it.
    revoked: HashMap<u64, u32>,
    transactions: usize,
}

impl Replay {
    /// Replays the journal with this header; `read` reads a block of it.
    ///
    /// # Errors
    /// When a block of the journal cannot be read. A damaged one is where the journal ends.
    pub fn run(
        header: &Header,
        read: &mut dyn FnMut(u32) -> Result<[u8; BLOCK_BYTES], Error>,
    ) -> Result<Self, Error> {
        let found = find(header, read)?;
        let mut replay = Self { transactions: found.transactions, ..Self::default() };
        for Held { sequence, tag, at } in found.held {
            let is_revoked = found.revoked.get(&tag.block).is_some_and(|last| !is_later(sequence, *last));
            if is_revoked {
                continue;
            }
            if header.is_whole(&tag, sequence, &read(at)?) {
                replay.moved.insert(tag.block, (at, tag.is_escaped));
            } else {
                replay.lost += 1;
            }
        }
        Ok(replay)
    }

    /// Where a block of the card lies in the journal, and whether it was escaped there.
    #[must_use]
    pub fn find(&self, block: u64) -> Option<(u32, bool)> {
        self.moved.get(&block).copied()
    }
}

/// Whether one transaction came after another: their numbers begin again after the last.
fn is_later(one: u32, than: u32) -> bool {
    one.wrapping_sub(than).cast_signed() > 0
}

/// All that belongs to transactions that are whole.
fn find(
    header: &Header,
    read: &mut dyn FnMut(u32) -> Result<[u8; BLOCK_BYTES], Error>,
) -> Result<Found, Error> {
    let mut found = Found::default();
    if header.start == 0 {
        return Ok(found);
    }
    let (mut at, mut sequence) = (header.start, header.sequence);
    let (mut held, mut revoked) = (Vec::new(), Vec::new());
    // Once around is all there can be.
    let mut left = header.end - header.first;
    while left > 0 {
        let Some(block) = header.read(&read(at)?, sequence) else { break };
        (at, left) = (header.next(at), left - 1);
        match block {
            Block::Descriptor(tags) => {
                for tag in tags {
                    held.push(Held { sequence, tag, at });
                    (at, left) = (header.next(at), left.saturating_sub(1));
                }
            }
            Block::Revocation(blocks) => revoked.extend(blocks),
            Block::Commit => {
                found.held.append(&mut held);
                found.revoked.extend(revoked.drain(..).map(|block| (block, sequence)));
                found.transactions += 1;
                sequence = sequence.wrapping_add(1);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::journal::Header;
    use super::{BLOCK_BYTES, Replay};

    const MAGIC: [u8; 4] = 0xc03b_3998_u32.to_be_bytes();
    /// Blocks of the journal, of which the first is its superblock.
    const BLOCKS: u32 = 12;

    /// A journal without sums, in which the first of these blocks lies at `start`.
    struct Journal {
        blocks: Vec<[u8; BLOCK_BYTES]>,
        next: u32,
        sequence: u32,
    }

    impl Journal {
        fn new(start: u32, sequence: u32) -> Self {
            let mut journal =
                Self { blocks: vec![[0xee; BLOCK_BYTES]; BLOCKS as usize], next: start, sequence };
            let superblock = &mut journal.blocks[0];
            superblock.fill(0);
            superblock[..4].copy_from_slice(&MAGIC);
            for (at, number) in
                [(4, 4), (0xc, 4096), (0x10, BLOCKS), (0x14, 1), (0x18, sequence), (0x1c, start), (0x28, 1)]
            {
                superblock[at..at + 4].copy_from_slice(&number.to_be_bytes());
            }
            journal
        }

        fn add(&mut self, kind: u32, rest: &[u8]) {
            let head = [MAGIC, kind.to_be_bytes(), self.sequence.to_be_bytes()].concat();
            self.put(&[head.as_slice(), rest].concat());
        }

        fn put(&mut self, bytes: &[u8]) {
            let block = &mut self.blocks[self.next as usize];
            block.fill(0);
            block[..bytes.len()].copy_from_slice(bytes);
            self.next = if self.next + 1 == BLOCKS { 1 } else { self.next + 1 };
        }

        /// A descriptor, and the blocks of which it tells: place, flags, first byte.
        fn hold(&mut self, held: &[(u32, u16, u8)]) {
            let mut tags = Vec::new();
            for (index, (block, flags, _)) in held.iter().enumerate() {
                let last = if index + 1 == held.len() { 8 } else { 0 };
                tags.extend(block.to_be_bytes());
                tags.extend([0, 0]);
                tags.extend((flags | 2 | last).to_be_bytes());
            }
            self.add(1, &tags);
            held.iter().for_each(|(_, _, byte)| self.put(&[*byte]));
        }

        fn revoke(&mut self, block: u32) {
            self.add(5, &[20_u32.to_be_bytes(), block.to_be_bytes()].concat());
        }

        fn commit(&mut self) {
            self.add(2, &[]);
            self.sequence = self.sequence.wrapping_add(1);
        }

        /// The first byte that a block has after the replay, if the journal holds it.
        fn replay(&self, block: u64) -> Option<u8> {
            let header = Header::parse(&self.blocks[0]).expect("a journal");
            let replay = Replay::run(&header, &mut |at| Ok(self.blocks[at as usize])).expect("replayed");
            replay.find(block).map(|(at, is_escaped)| {
                let mut block = self.blocks[at as usize];
                if is_escaped {
                    super::super::journal::unescape(&mut block);
                }
                block[0]
            })
        }
    }

    #[test]
    fn a_journal_that_wraps_around_is_replayed_to_its_end_and_the_last_copy_counts() {
        for start in 1..BLOCKS {
            // Their numbers begin again as well.
            let mut journal = Journal::new(start, u32::MAX);
            journal.hold(&[(7, 0, 1), (8, 0, 2)]);
            journal.commit();
            journal.hold(&[(7, 0, 3)]);
            journal.commit();
            journal.hold(&[(8, 0, 4)]);
            assert_eq!(
                (journal.replay(7), journal.replay(8), journal.replay(9)),
                (Some(3), Some(2), None),
                "{start}"
            );
        }
    }

    #[test]
    fn a_revoked_block_is_only_replayed_from_later_transactions() {
        let mut journal = Journal::new(4, u32::MAX);
        journal.hold(&[(7, 0, 1), (8, 0, 2)]);
        journal.commit();
        journal.revoke(7);
        journal.revoke(8);
        journal.commit();
        journal.hold(&[(8, 0, 3)]);
        journal.commit();
        assert_eq!((journal.replay(7), journal.replay(8)), (None, Some(3)));
    }

    #[test]
    fn a_block_that_looked_like_the_journals_own_gets_its_start_back() {
        let mut journal = Journal::new(1, 5);
        journal.hold(&[(7, 1, 0), (8, 0, 0)]);
        journal.commit();
        assert_eq!((journal.replay(7), journal.replay(8)), (Some(0xc0), Some(0)));
    }

    #[test]
    fn a_journal_that_claims_to_be_endless_is_refused() {
        let mut journal = Journal::new(1, 5);
        for (blocks, is_read) in [(BLOCKS, true), (262_144, true), (262_145, false), (u32::MAX, false)] {
            journal.blocks[0][0x10..0x14].copy_from_slice(&blocks.to_be_bytes());
            assert_eq!(Header::parse(&journal.blocks[0]).is_ok(), is_read, "{blocks}");
        }
    }

    #[test]
    fn a_journal_full_of_descriptors_ends() {
        let mut journal = Journal::new(1, 5);
        for _ in 0..BLOCKS {
            journal.add(1, &[0, 0, 0, 7, 0, 0, 0, 10]);
        }
        assert_eq!(journal.replay(7), None);
    }
}

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

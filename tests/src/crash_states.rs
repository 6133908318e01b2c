//! What a card may hold after a power cut, from the log of its writes.
//!
//! Three kinds of states. *Prefix*: the card finished its writes in order up to one; that is what an SD card without a
//! cache does. *Torn*: as before, but within a request of several sectors. *Reordered*: a card with a cache lost or
//! finished any of the writes since it was last told to flush. QEMU's card has no cache, so the kernel tells it of no
//! flush; where it would is known all the same from what is written (Linux, fs/jbd2/commit.c and journal.c: a commit block
//! goes out with PREFLUSH and FUA, the journal's super block with FUA after a flush; what lies outside the file system is
//! written with fsync). It must not judge a state.

use crate::block_log::{BlockLog, SECTOR_BYTES};
use crate::sparse_card::SparseCard;
use boards::layout;
use image_builder::camera::random::Random;

/// First bytes of every block of ext4's journal, big-endian (JBD2_MAGIC_NUMBER).
const JOURNAL_MAGIC: [u8; 4] = [0xc0, 0x3b, 0x39, 0x98];
/// Journal block types that are written with a flush before and are durable when they are done: commit block, super
/// blocks of version 1 and 2.
const FLUSHED_TYPES: [u32; 3] = [2, 3, 4];
/// Where the superblock is in the file system.
const SUPERBLOCK_AT: u64 = 1024;
/// Bytes of a file-system block.
const FS_BLOCK: u64 = 4096;
/// Sectors of a file-system block.
const FS_BLOCK_SECTORS: usize = FS_BLOCK as usize / SECTOR_BYTES;

/// Keeps the choice of states apart from the choice of what a state has lost.
const STREAM_STATES: u64 = 1;
const STREAM_LOST: u64 = 2;

/// One state of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashState {
    /// Sectors that are on the card for certain: the first so many of the log. What was acknowledged by then must be there.
    pub durable: usize,
    /// Sectors that were under way or done at the moment of the cut. Nothing later can be on the card.
    pub latest: usize,
    /// Seed of the choice which of `durable..latest` are on the card; `None`: nothing is between the two.
    pub lost_by: Option<u64>,
    /// What kind of state.
    pub kind: Kind,
}

/// What kind of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// After a flush.
    Flush,
    /// After a whole run of writes.
    Write,
    /// In the middle of one.
    Torn,
    /// Between two flushes, in any order.
    Reordered,
}

/// How many states to take of the kinds that are sampled.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seed of everything that is chosen.
    pub seed: u64,
    /// Torn states.
    pub torn: usize,
    /// Reordered states.
    pub reordered: usize,
}

/// The log's structure: where writes end, and where the card is flushed.
pub struct Epochs {
    /// Numbers of sectors after which everything before is on any card. Begins with 0.
    pub flushes: Vec<usize>,
    /// Numbers of sectors after which a run of neighbouring sectors is over.
    pub run_ends: Vec<usize>,
}

impl Epochs {
    /// Finds runs and flushes in a log.
    pub fn of(log: &BlockLog) -> Epochs {
        let writes = log.writes();
        let mut run_ends = Vec::new();
        let mut flushes = vec![0];
        flushes.extend(&log.flushes);
        for (index, write) in writes.iter().enumerate() {
            let next = writes.get(index + 1);
            let run_over = next.is_none_or(|next| next.sector != write.sector + 1);
            if run_over {
                run_ends.push(index + 1);
            }
            let at = write.sector * SECTOR_BYTES as u64;
            if at < layout::CLIPS.offset_bytes {
                if run_over {
                    flushes.push(index + 1);
                }
            } else if (at - layout::CLIPS.offset_bytes).is_multiple_of(FS_BLOCK)
                && is_flushed(log.data(write))
            {
                flushes.extend([index, (index + FS_BLOCK_SECTORS).min(writes.len())]);
            }
        }
        flushes.sort_unstable();
        flushes.dedup();
        Epochs { flushes, run_ends }
    }

    /// The last flush at or before a number of sectors.
    pub fn flush_before(&self, sectors: usize) -> usize {
        let after = self.flushes.partition_point(|flush| *flush <= sectors);
        self.flushes[after.saturating_sub(1)]
    }
}

fn is_flushed(sector: &[u8]) -> bool {
    let kind = sector.get(4..8).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    sector.starts_with(&JOURNAL_MAGIC) && kind.is_some_and(|kind| FLUSHED_TYPES.contains(&kind))
}

/// All states after a flush and after a write, and a sample of the others, in the order of the log.
pub fn enumerate(log: &BlockLog, sample: Sample) -> Vec<CrashState> {
    let epochs = Epochs::of(log);
    let whole = |kind| move |&at: &usize| CrashState { durable: at, latest: at, lost_by: None, kind };
    let mut states: Vec<CrashState> = epochs.flushes.iter().map(whole(Kind::Flush)).collect();
    let unflushed = epochs.run_ends.iter().filter(|end| epochs.flushes.binary_search(end).is_err());
    states.extend(unflushed.map(whole(Kind::Write)));
    let mut random = Random::new(sample.seed, STREAM_STATES);
    let sectors = u32::try_from(log.writes().len()).unwrap_or(u32::MAX);
    let mut torn: Vec<usize> = (0..sample.torn).map(|_| random.below(sectors) as usize).collect();
    torn.extend(torn_superblocks(log));
    torn.sort_unstable();
    torn.dedup();
    torn.retain(|at| epochs.run_ends.binary_search(at).is_err() && epochs.flushes.binary_search(at).is_err());
    states.extend(torn.iter().map(whole(Kind::Torn)));
    for _ in 0..sample.reordered {
        let latest = random.below(sectors) as usize + 1;
        states.push(reordered(&epochs, latest, random.draw()));
    }
    states.sort_by_key(|state| (state.durable, state.latest, state.lost_by));
    states
}

/// Where the file system's superblock, two sectors with one checksum, is half written: few states, and the worst of all.
pub fn torn_superblocks(log: &BlockLog) -> Vec<usize> {
    let second = (layout::CLIPS.offset_bytes + SUPERBLOCK_AT) / SECTOR_BYTES as u64 + 1;
    let halves = log.writes().windows(2).enumerate();
    halves.filter(|(_, pair)| pair[1].sector == second).map(|(index, _)| index + 1).collect()
}

/// The state of a card with a cache that is cut off after `latest` sectors.
pub fn reordered(epochs: &Epochs, latest: usize, seed: u64) -> CrashState {
    CrashState { durable: epochs.flush_before(latest), latest, lost_by: Some(seed), kind: Kind::Reordered }
}

/// Brings `card`, which has the first `from` sectors of the log, to `to`.
pub fn advance(card: &mut SparseCard, log: &BlockLog, from: usize, to: usize) {
    for write in &log.writes()[from..to] {
        card.write(write.sector * SECTOR_BYTES as u64, log.data(write));
    }
}

/// A card in this state, from one that has the first `state.durable` sectors. A card loses whole pages or parts of them: the
/// pieces that are kept or lost are one to sixteen sectors long.
pub fn cut(card: &SparseCard, log: &BlockLog, state: &CrashState) -> SparseCard {
    let mut card = card.clone();
    let Some(seed) = state.lost_by else { return card };
    let mut random = Random::new(seed, STREAM_LOST);
    let mut at = state.durable;
    while at < state.latest {
        let end = state.latest.min(at + 1 + random.below(16) as usize);
        if random.below(2) == 0 {
            advance(&mut card, log, at, end);
        }
        at = end;
    }
    card
}

#[cfg(test)]
mod tests {
    use super::{Epochs, Kind, Sample, cut, enumerate, torn_superblocks};
    use crate::block_log::{BlockLog, SECTOR_BYTES};
    use crate::sparse_card::SparseCard;
    use boards::layout::CLIPS;

    /// A settings sector, three of data, a commit block of eight, two of data, the superblock's two.
    fn log() -> BlockLog {
        let p4 = CLIPS.offset_bytes / SECTOR_BYTES as u64;
        let commit = [0xc0, 0x3b, 0x39, 0x98, 0, 0, 0, 2];
        let mut sectors: Vec<(u64, &[u8])> = vec![(100, b"settings")];
        sectors.extend((0..3).map(|i| (p4 + 800 + i, b"data".as_slice())));
        sectors.push((p4 + 80, &commit));
        sectors.extend((1..8).map(|i| (p4 + 80 + i, [].as_slice())));
        sectors.extend([(p4 + 900, b"more".as_slice()), (p4 + 901, b"more")]);
        sectors.extend([(p4 + 2, b"super".as_slice()), (p4 + 3, b"block")]);
        BlockLog::of(&sectors)
    }

    #[test]
    fn flushes_are_found_in_what_is_written() {
        let epochs = Epochs::of(&log());
        assert_eq!(epochs.flushes, [0, 1, 4, 12], "start, settings, before and after the commit block");
        assert_eq!(epochs.run_ends, [1, 4, 12, 14, 16]);
        assert_eq!([0, 3, 4, 11, 13].map(|at| epochs.flush_before(at)), [0, 1, 4, 4, 12]);
        assert_eq!(torn_superblocks(&log()), [15]);
    }

    #[test]
    fn states_are_reproducible_and_complete() {
        let sample = Sample { seed: 3, torn: 5, reordered: 20 };
        let states = enumerate(&log(), sample);
        assert_eq!(states, enumerate(&log(), sample));
        assert_ne!(states, enumerate(&log(), Sample { seed: 4, ..sample }));
        for at in [0, 1, 4, 12, 14, 15, 16] {
            assert!(states.iter().any(|s| (s.durable, s.latest, s.lost_by) == (at, at, None)), "{at}");
        }
        let reordered: Vec<_> = states.iter().filter(|s| s.kind == Kind::Reordered).collect();
        assert_eq!(reordered.len(), 20);
        assert!(
            reordered
                .iter()
                .all(|s| s.durable < s.latest || s.latest == 1 || s.latest == 4 || s.latest == 12)
        );
    }

    #[test]
    fn a_reordered_state_loses_only_what_was_not_flushed() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(CLIPS.offset_bytes + (1 << 20)).expect("sized");
        let start = SparseCard::read(file.path()).unwrap_or_else(|e| panic!("{e}"));
        let states = enumerate(&log(), Sample { seed: 1, torn: 0, reordered: 64 });
        let mut outcomes = std::collections::BTreeSet::new();
        for state in states.iter().filter(|s| s.kind == Kind::Reordered && s.latest == 16) {
            let mut card = start.clone();
            super::advance(&mut card, &log(), 0, state.durable);
            let card = cut(&card, &log(), state);
            assert_eq!(card.bytes_at(100 * 512, 8), b"settings", "flushed long ago");
            outcomes.insert([900, 901, 2, 3].map(|s| card.bytes_at(CLIPS.offset_bytes + s * 512, 1)[0] != 0));
        }
        assert!(outcomes.len() > 1, "different seeds lose different sectors: {outcomes:?}");
    }
}

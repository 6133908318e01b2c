//! A file system that was opened: its folders and files.
//!
//! Reads a block from the journal where that holds a newer one. Must not write, and keeps nothing of files in memory.

use super::bytes::Bytes;
use super::directory::Listing;
use super::extents::{self, Run};
use super::inode::Inode;
use super::journal::{self, Header};
use super::replay::Replay;
use super::superblock::{self, BACKUP_GROUPS, BLOCKS_PER_GROUP, Superblock};
use super::{BLOCK_BYTES, Error};

/// Read in one call, if they follow each other on the card.
const READ_BLOCKS_MAX: u64 = 256;
/// Blocks read of a folder: some three million names. Bounds what a crafted one can cost, which may show the same block again and again.
const FOLDER_BLOCKS_MAX: u64 = 65_536;

/// An open file system.
#[derive(Debug)]
pub struct Volume<B> {
    bytes: B,
    superblock: Superblock,
    replay: Replay,
    journal: Vec<Run>,
    is_from_backup: bool,
}

impl<B: Bytes> Volume<B> {
    /// Opens the file system that begins at the first of these bytes, with its journal replayed in memory.
    ///
    /// # Errors
    /// When there is none, it is of a kind that is not read, or its journal is damaged or cannot be read.
    pub fn open(mut bytes: B) -> Result<Self, Error> {
        let (superblock, is_from_backup) = find_superblock(&mut bytes)?;
        let mut volume =
            Self { bytes, superblock, replay: Replay::default(), journal: Vec::new(), is_from_backup };
        // A backup never says whether the journal holds anything; the journal does.
        if volume.superblock.journal_inode != 0 && (volume.superblock.needs_recovery || is_from_backup) {
            volume.replay_journal()?;
        }
        Ok(volume)
    }

    fn replay_journal(&mut self) -> Result<(), Error> {
        let inode = self.inode(self.superblock.journal_inode)?;
        self.journal = self.runs(&inode)?;
        let header = Header::parse(&self.journal_block(0)?)?;
        self.replay = Replay::run(&header, &mut |block| self.journal_block(block))?;
        // The superblock itself may be in the journal; where it is no better there, the first one stays.
        if self.replay.find(0).is_some() {
            let first = self.block(0)?;
            let newer = first.get(superblock::PRIMARY_OFFSET as usize..).and_then(|rest| rest.first_chunk());
            if let Some(Ok(newer)) = newer.map(Superblock::parse) {
                self.superblock = newer;
            }
        }
        Ok(())
    }

    /// Where it reads from.
    pub fn bytes(&mut self) -> &mut B {
        &mut self.bytes
    }

    /// What was replayed.
    #[must_use]
    pub fn replayed(&self) -> &Replay {
        &self.replay
    }

    /// Whether the superblock is damaged and a backup took its place.
    #[must_use]
    pub fn is_from_backup(&self) -> bool {
        self.is_from_backup
    }

    /// Size of the file system in bytes.
    #[must_use]
    pub fn length_bytes(&self) -> u64 {
        self.superblock.blocks.saturating_mul(BLOCK_BYTES as u64)
    }

    /// An inode.
    ///
    /// # Errors
    /// When it, or the group in which it lies, is damaged or cannot be read.
    pub fn inode(&mut self, number: u32) -> Result<Inode, Error> {
        let index = number.checked_sub(1).ok_or_else(|| Error::damaged("inode", number))?;
        let per_group = self.superblock.inodes_per_group;
        let (group, within) = (u64::from(index / per_group), u64::from(index % per_group));
        let offset = self.superblock.descriptor_offset(group);
        let offset = offset.ok_or_else(|| Error::damaged("inode", number))?;
        let block = self.block(offset / BLOCK_BYTES as u64)?;
        let at = (offset % BLOCK_BYTES as u64) as usize;
        let descriptor = block.get(at..at + self.superblock.descriptor_bytes()).unwrap_or_default();
        let table = self.superblock.inode_table(group, descriptor)?;
        let bytes = self.superblock.inode_bytes;
        let byte = within * bytes as u64;
        let block = self.block(table + byte / BLOCK_BYTES as u64)?;
        let at = (byte % BLOCK_BYTES as u64) as usize;
        Inode::parse(number, block.get(at..at + bytes).unwrap_or_default(), self.superblock.seed)
    }

    /// A folder's content.
    ///
    /// # Errors
    /// When it is no folder, or its map is damaged or cannot be read. Lost blocks of it are in the listing; what lies behind the
    /// longest folder is not.
    pub fn list(&mut self, folder: &Inode) -> Result<Listing, Error> {
        if !folder.is_folder() {
            return Err(Error::damaged("folder", folder.number));
        }
        let mut listing = Listing::default();
        let blocks = (folder.bytes / BLOCK_BYTES as u64).min(FOLDER_BLOCKS_MAX);
        for run in self.runs(folder)? {
            let Some(start) = run.on_card else { continue };
            for number in run.first..run.end().min(blocks) {
                match self.block(start + (number - run.first)) {
                    Ok(block) => listing.add(folder, number, &block),
                    Err(error) => listing.lost.push(error),
                }
            }
        }
        Ok(listing)
    }

    /// Where a file's blocks lie.
    ///
    /// # Errors
    /// When the map is damaged or cannot be read.
    pub fn runs(&mut self, file: &Inode) -> Result<Vec<Run>, Error> {
        let blocks = self.superblock.blocks;
        extents::runs(file, blocks, &mut |block| self.block(block))
    }

    /// Fills the buffer from the byte `offset` of a file on; returns how many bytes there were: 0 at its end, and as many as
    /// could be read at once else. `runs` are those of the file; `offset` is a multiple of a block and so is the buffer's length.
    ///
    /// # Errors
    /// When the card cannot be read there.
    pub fn read(&mut self, file: &Inode, runs: &[Run], offset: u64, into: &mut [u8]) -> Result<usize, Error> {
        let left = file.bytes.saturating_sub(offset);
        let first = offset / BLOCK_BYTES as u64;
        let wanted = (into.len() / BLOCK_BYTES) as u64;
        let wanted = wanted.min(left.div_ceil(BLOCK_BYTES as u64)).min(READ_BLOCKS_MAX);
        let next = runs.get(runs.partition_point(|run| run.end() <= first));
        let (blocks, on_card) = match next {
            Some(run) if run.first <= first => {
                (wanted.min(run.end() - first), run.on_card.map(|start| start + (first - run.first)))
            }
            Some(run) => (wanted.min(run.first - first), None),
            None => (wanted, None),
        };
        // Not more than the buffer's length, which is a `usize`.
        let part = into.get_mut(..(blocks as usize) * BLOCK_BYTES).unwrap_or_default();
        match on_card {
            None => part.fill(0),
            Some(start) => self.read_blocks(start, part)?,
        }
        Ok(usize::try_from(left).unwrap_or(usize::MAX).min(part.len()))
    }

    /// Reads blocks of a file. They are never taken from the journal: the kernel journals what describes files, and a block that
    /// became part of a file since is revoked there.
    fn read_blocks(&mut self, start: u64, into: &mut [u8]) -> Result<(), Error> {
        read(&mut self.bytes, start * BLOCK_BYTES as u64, into)
    }

    /// A block as it is once the journal is replayed.
    fn block(&mut self, number: u64) -> Result<[u8; BLOCK_BYTES], Error> {
        if let Some((at, is_escaped)) = self.replay.find(number) {
            let mut block = self.journal_block(at)?;
            if is_escaped {
                journal::unescape(&mut block);
            }
            return Ok(block);
        }
        self.block_on_card(number)
    }

    fn block_on_card(&mut self, number: u64) -> Result<[u8; BLOCK_BYTES], Error> {
        let mut block = [0; BLOCK_BYTES];
        read(&mut self.bytes, number.saturating_mul(BLOCK_BYTES as u64), &mut block)?;
        Ok(block)
    }

    fn journal_block(&mut self, number: u32) -> Result<[u8; BLOCK_BYTES], Error> {
        let number = u64::from(number);
        let run = self.journal.iter().find(|run| (run.first..run.end()).contains(&number));
        let on_card = run.and_then(|run| Some(run.on_card? + (number - run.first)));
        self.block_on_card(on_card.ok_or_else(|| Error::damaged("the journal, block", number))?)
    }
}

/// The primary superblock, or the first backup that is whole; and which of these it is.
fn find_superblock(bytes: &mut impl Bytes) -> Result<(Superblock, bool), Error> {
    let mut sector = [0; superblock::BYTES];
    let primary =
        read(bytes, superblock::PRIMARY_OFFSET, &mut sector).and_then(|()| Superblock::parse(&sector));
    let error = match primary {
        Ok(primary) => return Ok((primary, false)),
        Err(error @ (Error::NoFileSystem | Error::Read { .. })) => error,
        Err(error) => return Err(error),
    };
    for group in BACKUP_GROUPS {
        let offset = group * BLOCKS_PER_GROUP * BLOCK_BYTES as u64;
        if let Some(Ok(backup)) = read(bytes, offset, &mut sector).ok().map(|()| Superblock::parse(&sector)) {
            return Ok((backup, true));
        }
    }
    Err(error)
}

fn read(bytes: &mut impl Bytes, offset: u64, into: &mut [u8]) -> Result<(), Error> {
    bytes.read_at(offset, into).map_err(|source| Error::Read { offset, source })
}

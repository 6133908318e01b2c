//! A card image in memory: only blocks that are not all zero.
//!
//! Copies share a block until one of them changes it.
//! Thousands of states of one card differ in a few blocks each; this makes a state cheap. It must not know what is written.

use crate::Failure;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a block: one of the file system's.
const BLOCK: usize = 4096;

/// A card's content.
#[derive(Clone, Debug)]
pub struct SparseCard {
    blocks: BTreeMap<u64, Arc<[u8; BLOCK]>>,
    /// The card's size.
    pub bytes: u64,
}

impl SparseCard {
    /// Reads an image.
    pub fn read(path: &Path) -> Result<SparseCard, Failure> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut card = SparseCard { blocks: BTreeMap::new(), bytes };
        let mut piece = vec![0; 256 * BLOCK];
        let mut at = 0;
        while at < bytes {
            let length = usize::try_from((bytes - at).min(piece.len() as u64))?;
            file.read_exact(&mut piece[..length])?;
            card.write(at, &piece[..length]);
            at += length as u64;
        }
        Ok(card)
    }

    /// Writes bytes anywhere.
    pub fn write(&mut self, mut at: u64, mut data: &[u8]) {
        while !data.is_empty() {
            let (number, start) = (at / BLOCK as u64, (at % BLOCK as u64) as usize);
            let (now, rest) = data.split_at(data.len().min(BLOCK - start));
            if self.blocks.contains_key(&number) || now.iter().any(|byte| *byte != 0) {
                let block = self.blocks.entry(number).or_insert_with(|| Arc::new([0; BLOCK]));
                Arc::make_mut(block)[start..start + now.len()].copy_from_slice(now);
            }
            at += now.len() as u64;
            data = rest;
        }
    }

    /// Reads `length` bytes; beyond the written blocks there are zeros.
    pub fn bytes_at(&self, at: u64, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let from = at + bytes.len() as u64;
            let start = (from % BLOCK as u64) as usize;
            let now = (length - bytes.len()).min(BLOCK - start);
            match self.blocks.get(&(from / BLOCK as u64)) {
                Some(block) => bytes.extend_from_slice(&block[start..start + now]),
                None => bytes.resize(bytes.len() + now, 0),
            }
        }
        bytes
    }

    /// Makes `path` a sparse file with the bytes from `from` (a multiple of 4 KiB) to `from + length`.
    pub fn save(&self, path: &Path, from: u64, length: u64) -> Result<(), Failure> {
        let file = File::create(path)?;
        file.set_len(length)?;
        let blocks = BLOCK as u64;
        let mut run: Vec<u8> = Vec::new();
        let mut run_at = 0;
        for (number, block) in self.blocks.range(from / blocks..(from + length).div_ceil(blocks)) {
            let at = number * blocks - from;
            if run_at + run.len() as u64 != at {
                file.write_all_at(&run, run_at)?;
                (run_at, run) = (at, Vec::new());
            }
            run.extend_from_slice(&block[..BLOCK.min(usize::try_from(length - at)?)]);
        }
        Ok(file.write_all_at(&run, run_at)?)
    }

    /// The first block in which two cards differ.
    pub fn first_difference(&self, other: &SparseCard) -> Option<u64> {
        let numbers = self.blocks.keys().chain(other.blocks.keys());
        let zero = Arc::new([0; BLOCK]);
        let block = |card: &SparseCard, number: u64| card.blocks.get(&number).unwrap_or(&zero).clone();
        numbers.copied().find(|number| block(self, *number) != block(other, *number))
    }
}

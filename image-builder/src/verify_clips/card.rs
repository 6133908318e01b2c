//! The clips of a card, read in place. Reads only.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use super::files::Files;
use crate::pull_clips::{self, Card, OpenFile};

/// Read in one call: whole blocks of the file system.
const CHUNK_BYTES: usize = 256 * 1024;

/// A card, or its image.
pub struct OnCard {
    card: RefCell<Card>,
    /// Inodes by name.
    inodes: BTreeMap<String, u32>,
}

impl OnCard {
    /// Opens it for reading.
    ///
    /// # Errors
    /// It is no card of ours, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, pull_clips::Error> {
        let mut card = pull_clips::open(path)?;
        let content = card.content()?;
        let inodes = content.candidates.into_iter().map(|one| (one.name, one.inode)).collect();
        Ok(Self { card: RefCell::new(card), inodes })
    }
}

impl Files for OnCard {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.inodes.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let inode = *self.inodes.get(name).ok_or(io::ErrorKind::NotFound)?;
        let mut card = self.card.borrow_mut();
        let inode = card.inode(inode).map_err(io::Error::other)?;
        let file = card.file(inode).map_err(io::Error::other)?;
        Ok(Box::new(Reading { card: &self.card, file, next: 0, chunk: Vec::new(), at: 0 }))
    }
}

/// A file that is read from its beginning to its end.
struct Reading<'a> {
    card: &'a RefCell<Card>,
    file: OpenFile,
    /// Where in the file the next chunk begins.
    next: u64,
    chunk: Vec<u8>,
    /// What of the chunk has been given.
    at: usize,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.chunk.resize(CHUNK_BYTES, 0);
            let read = self.card.borrow_mut().read(&self.file, self.next, &mut self.chunk);
            let read = read.map_err(io::Error::other)?.len();
            self.chunk.truncate(read);
            self.next += CHUNK_BYTES as u64;
            self.at = 0;
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let given = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..given), rest.get(..given)) {
            to.copy_from_slice(from);
        }
        self.at += given;
        Ok(given)
    }
}

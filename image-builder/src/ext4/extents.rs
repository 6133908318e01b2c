//! Extents: which blocks of the card hold which blocks of a file.
//!
//! The layout is fs/ext4/ext4_extents.h. Must not read the blocks of files.

use super::bytes::{le16, le32, sum, wide};
use super::inode::Inode;
use super::{BLOCK_BYTES, Error};

const MAGIC: u16 = 0xf30a;
const HEADER_BYTES: usize = 12;
const ENTRY_BYTES: usize = 12;
/// The deepest tree that the kernel makes.
const DEPTH_MAX: u16 = 5;
/// Longer lengths say that the blocks were allocated and not yet written: they read as zeros, whatever the card holds there.
const WRITTEN_MAX: u16 = 32768;
/// Blocks of a tree: a file of 8 GiB in pieces of one block each has that many. Bounds what a crafted tree can cost.
const NODES_MAX: usize = 8192;

/// Some blocks of a file that follow each other on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First block in the file.
    pub first: u64,
    /// How many.
    pub blocks: u64,
    /// First block on the card; none: zeros.
    pub on_card: Option<u64>,
}

impl Run {
    /// First block in the file after it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.blocks
    }
}

/// All runs of a file in their order; where there is none, zeros are. `read` reads a block of the tree; `blocks` is the size of
/// the file system.
///
/// # Errors
/// When a block of the tree is damaged or cannot be read.
pub fn runs(
    inode: &Inode,
    blocks: u64,
    read: &mut dyn FnMut(u64) -> Result<[u8; BLOCK_BYTES], Error>,
) -> Result<Vec<Run>, Error> {
    if !inode.has_extents() {
        return Err(Error::damaged("the map of inode", inode.number));
    }
    let mut tree = Tree { inode, blocks, read, nodes: 0, found: Vec::new() };
    let depth = le16(&inode.tree, 6);
    if depth > DEPTH_MAX {
        return Err(tree.damaged());
    }
    tree.node(&inode.tree, depth)?;
    Ok(tree.found)
}

struct Tree<'a> {
    inode: &'a Inode,
    blocks: u64,
    read: &'a mut dyn FnMut(u64) -> Result<[u8; BLOCK_BYTES], Error>,
    nodes: usize,
    found: Vec<Run>,
}

impl Tree<'_> {
    fn damaged(&self) -> Error {
        Error::damaged("the map of inode", self.inode.number)
    }

    /// Adds what hangs on a node; it calls itself at most [`DEPTH_MAX`] times.
    fn node(&mut self, node: &[u8], depth: u16) -> Result<(), Error> {
        let entries = usize::from(le16(node, 2));
        self.nodes += 1;
        if le16(node, 0) != MAGIC
            || le16(node, 6) != depth
            || HEADER_BYTES + entries * ENTRY_BYTES > node.len()
            || self.nodes > NODES_MAX
        {
            return Err(self.damaged());
        }
        for entry in node.get(HEADER_BYTES..).unwrap_or_default().chunks_exact(ENTRY_BYTES).take(entries) {
            if depth == 0 {
                self.leaf(entry)?;
            } else {
                self.child(wide(le16(entry, 8), le32(entry, 4)), depth - 1)?;
            }
        }
        Ok(())
    }

    fn leaf(&mut self, entry: &[u8]) -> Result<(), Error> {
        let (first, length) = (u64::from(le32(entry, 0)), le16(entry, 4));
        let start = wide(le16(entry, 6), le32(entry, 8));
        let is_written = length <= WRITTEN_MAX;
        let blocks = u64::from(if is_written { length } else { length - WRITTEN_MAX });
        let follows = self.found.last().is_none_or(|last| last.end() <= first);
        if !follows || blocks == 0 || start == 0 || start + blocks > self.blocks {
            return Err(self.damaged());
        }
        self.found.push(Run { first, blocks, on_card: is_written.then_some(start) });
        Ok(())
    }

    fn child(&mut self, block: u64, depth: u16) -> Result<(), Error> {
        if block == 0 || block >= self.blocks {
            return Err(self.damaged());
        }
        let node = (self.read)(block)?;
        // The sum follows the room for entries.
        let at = HEADER_BYTES + usize::from(le16(&node, 4)) * ENTRY_BYTES;
        let summed = node.get(..at).filter(|_| at + 4 <= BLOCK_BYTES);
        match summed.map(|summed| sum(self.inode.seed, summed)) {
            Some(found) if found == le32(&node, at) => self.node(&node, depth),
            _ => Err(self.damaged()),
        }
    }
}

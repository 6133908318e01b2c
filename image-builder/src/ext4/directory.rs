//! Folders: the names in their blocks.
//!
//! All blocks are read in their order, and the tree of hashes that a large folder has is passed over: who lists everything does
//! not need it. Must not decide which names are good.

use super::bytes::{le16, le32, sum};
use super::inode::Inode;
use super::{BLOCK_BYTES, Error};

/// Of an entry, what stands before its name.
const HEADER_BYTES: usize = 8;
/// The end of a block with names: an entry without a name that holds the sum.
const TAIL_BYTES: usize = 12;
const TAIL_KIND: u8 = 0xde;
/// A block of the tree begins with an entry that covers all of it; then come limit and count, eight bytes for each hash.
const NODE_ENTRIES: usize = 8;
const NODE_ENTRY_BYTES: usize = 8;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, ...
    Other,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, as it is: any bytes.
    pub name: Vec<u8>,
    /// Its inode.
    pub inode: u32,
    /// What the folder says that it is.
    pub kind: Kind,
}

/// A folder's content.
#[derive(Debug, Default)]
pub struct Listing {
    /// All names but `.` and `..`.
    pub entries: Vec<Entry>,
    /// What of the folder could not be read: each of them may hide some fifty names.
    pub lost: Vec<Error>,
}

impl Listing {
    /// Adds the names in one block; `number` is its number in the folder.
    pub(super) fn add(&mut self, folder: &Inode, number: u64, block: &[u8; BLOCK_BYTES]) {
        if !is_summed(folder, block) {
            let is_of_the_tree = folder.is_indexed() && (number == 0 || is_node(folder, block));
            if !is_of_the_tree {
                self.lost.push(Error::damaged("block of a folder", number));
            }
            return;
        }
        let mut rest = block.get(..BLOCK_BYTES - TAIL_BYTES).unwrap_or_default();
        while rest.len() >= HEADER_BYTES {
            let length = usize::from(le16(rest, 4));
            let Some((entry, after)) = rest.split_at_checked(length).filter(|_| length >= HEADER_BYTES)
            else {
                self.lost.push(Error::damaged("block of a folder", number));
                return;
            };
            self.entry(entry);
            rest = after;
        }
    }

    fn entry(&mut self, entry: &[u8]) {
        let (inode, length) = (le32(entry, 0), entry.get(6).copied().unwrap_or(0));
        let name = entry.get(HEADER_BYTES..HEADER_BYTES + usize::from(length)).unwrap_or_default();
        if inode == 0 || name.is_empty() || name == b"." || name == b".." {
            return;
        }
        let kind = match entry.get(7) {
            Some(1) => Kind::File,
            Some(2) => Kind::Folder,
            _ => Kind::Other,
        };
        self.entries.push(Entry { name: name.to_owned(), inode, kind });
    }
}

/// Whether it is a block with names, and whole.
fn is_summed(folder: &Inode, block: &[u8; BLOCK_BYTES]) -> bool {
    let (names, tail) = block.split_at(BLOCK_BYTES - TAIL_BYTES);
    let is_tail = le32(tail, 0) == 0
        && usize::from(le16(tail, 4)) == TAIL_BYTES
        && tail.get(6..8) == Some([0, TAIL_KIND].as_slice());
    is_tail && le32(tail, 8) == sum(folder.seed, names)
}

/// Whether it is a block of the tree below its root, and whole.
fn is_node(folder: &Inode, block: &[u8; BLOCK_BYTES]) -> bool {
    let (limit, count) = (usize::from(le16(block, 8)), usize::from(le16(block, 10)));
    let (used, tail) = (NODE_ENTRIES + count * NODE_ENTRY_BYTES, NODE_ENTRIES + limit * NODE_ENTRY_BYTES);
    let covers = le32(block, 0) == 0 && usize::from(le16(block, 4)) == BLOCK_BYTES;
    let (Some(entries), Some(sealed)) = (block.get(..used), block.get(tail..tail + 8)) else { return false };
    let found = sum(sum(sum(folder.seed, entries), &sealed[..4]), &[0; 4]);
    covers && count <= limit && found == le32(sealed, 4)
}

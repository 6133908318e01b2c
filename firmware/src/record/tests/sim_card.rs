//! A card of memory that remembers every operation on it, so that a power cut can be made after each of them.
//!
//! What a cut may leave is made in `sim_cut`, after these rules. They are ext4's (`data=ordered`, a journal, an SD card
//! that obeys a flush) or worse; where worse, it says so.
//!
//! 1. What is done to names (create, rename, remove) takes effect in order: after a cut some first part of it has
//!    happened, the rest has not. That is what a journal does.
//! 2. When the folder's sync has returned, all names before it are durable. When a file's sync has returned, so are all
//!    names up to that file's last change. (ext4 commits the transaction of that change, hence nothing that came after.)
//! 3. When a file's sync has returned, its length and every byte of it are durable. Nothing else makes content durable: no
//!    time that passes, no sync of another file. (Worse than ext4, which often writes other files on the way.)
//! 4. What was written since the file's last sync is there or not for each sector of 512 bytes alone, in any combination,
//!    each sector as any of the writes left it. A single sector is never torn. (ext4 writes pages of 4 KiB in some order;
//!    a card that is cut within a page keeps some of its sectors.)
//! 5. The file's length is any that it had since its last sync, or any end of a sector within what was being written;
//!    whatever its content, and whatever has happened to names. (Worse: ext4 makes a length durable only after the content
//!    below it, and in the order of the names.) A truncation that was not synced may so not have happened.
//! 6. Content below the length that is not there reads as zeros, or as bytes of nobody. (Worse: ext4 gives zeros at most.)
//! 7. A cut within a write is the cut after it, of which nothing is promised yet.
//!
//! Reading sees everything that was done, synced or not, as the page cache does. It must not know what a clip is, except that
//! a card that lies ([`Lie`]) must know whom to hurt.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use nix::errno::Errno;

use super::sim_lies::Lie;

/// What the card writes at once.
pub(super) const SECTOR_BYTES: usize = 512;
/// Odd, and its bits are evenly spread (the golden ratio's).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a file holds at some moment.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub bytes: Vec<u8>,
    hash: OnceCell<u64>,
}

impl Content {
    pub fn new(bytes: Vec<u8>) -> Rc<Self> {
        Rc::new(Self { bytes, hash: OnceCell::new() })
    }

    /// Stands for the bytes.
    pub fn hash(&self) -> u64 {
        *self.hash.get_or_init(|| mix(0, &self.bytes))
    }
}

/// Stands for these bytes after those that `hash` stands for. Two of some hundred thousand contents are not expected to share
/// one of 2^64; made for a build without optimisation, where the standard library's hashers take most of the time.
pub(super) fn mix(hash: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = (hash ^ bytes.len() as u64).wrapping_mul(MIX);
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(MIX).rotate_left(29);
    }
    hash
}

/// The files of a card by name.
pub(super) type Files = BTreeMap<Rc<str>, Rc<Content>>;

/// A change of names.
#[derive(Clone, Debug)]
pub(super) enum NameChange {
    Create { name: Rc<str>, file: usize },
    Rename { from: Rc<str>, to: Rc<str> },
    Remove { name: Rc<str> },
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Names(NameChange),
    /// A write or a truncation of a file; `at` is the first byte that it changed.
    Data {
        file: usize,
        at: usize,
        content: Rc<Content>,
        is_truncation: bool,
    },
    SyncFile {
        file: usize,
    },
    SyncFolder,
}

/// When operations fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    /// Writes, counted from 0, for which there is no room; each of them takes a half before it says so.
    pub full: Range<usize>,
    /// Operations, counted from 0, from which on nothing is done any more: the process is dead.
    pub dead_from: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// Names and contents at the start; all of it is durable.
    pub names_at_start: BTreeMap<Rc<str>, usize>,
    pub at_start: Vec<Rc<Content>>,
    pub log: Vec<Operation>,
    /// As they are seen now.
    pub names: BTreeMap<Rc<str>, usize>,
    pub contents: Vec<Rc<Content>>,
    pub sectors: u64,
    pub trouble: Trouble,
    /// Operations that were asked for, failed ones too, and writes among them.
    pub operations: usize,
    pub writes: usize,
}

/// See the head of this file. A clone is the same card.
#[derive(Clone, Debug)]
pub(super) struct SimCard {
    pub inner: Rc<RefCell<Inner>>,
    pub lie: Option<Lie>,
}

impl SimCard {
    /// A card of that many sectors with these files on it, all of them durable.
    pub fn new(files: &Files, sectors: u64, lie: Option<Lie>) -> Self {
        let names: BTreeMap<_, _> = files.keys().cloned().zip(0..).collect();
        let contents: Vec<_> = files.values().cloned().collect();
        let inner = Inner {
            names_at_start: names.clone(),
            at_start: contents.clone(),
            log: Vec::new(),
            names,
            contents,
            sectors,
            trouble: Trouble::default(),
            operations: 0,
            writes: 0,
        };
        Self { inner: Rc::new(RefCell::new(inner)), lie }
    }

    /// How many operations there have been.
    pub fn position(&self) -> usize {
        self.inner.borrow().log.len()
    }

    /// Its files as they are seen now.
    pub fn files(&self) -> Files {
        let inner = self.inner.borrow();
        inner.names.iter().map(|(name, file)| (name.clone(), inner.contents[*file].clone())).collect()
    }

    /// There is no room for the next `count` writes after `after` more.
    pub fn fill(&self, after: usize, count: usize) {
        let mut inner = self.inner.borrow_mut();
        let from = inner.writes + after;
        inner.trouble.full = from..from + count;
    }

    /// The process dies after so many more operations.
    pub fn die_after(&self, operations: usize) {
        let mut inner = self.inner.borrow_mut();
        inner.trouble.dead_from = Some(inner.operations + operations);
    }

    /// Another process.
    pub fn revive(&self) {
        self.inner.borrow_mut().trouble.dead_from = None;
    }

    /// Whether nobody is there who could have heard anything.
    pub fn is_dead(&self) -> bool {
        let inner = self.inner.borrow();
        inner.trouble.dead_from.is_some_and(|from| inner.operations > from)
    }

    /// One more operation; refused by the dead.
    pub fn step(&self) -> io::Result<()> {
        self.inner.borrow_mut().operations += 1;
        if self.is_dead() { Err(Errno::EIO.into()) } else { Ok(()) }
    }

    /// Remembers an operation.
    pub fn log(&self, operation: Operation) {
        self.inner.borrow_mut().log.push(operation);
    }

    /// The file of that name.
    pub fn find(&self, name: &str) -> io::Result<usize> {
        self.inner.borrow().names.get(name).copied().ok_or_else(|| Errno::ENOENT.into())
    }

    /// Changes names, and remembers it.
    pub fn change(&self, change: NameChange) {
        change.apply(&mut self.inner.borrow_mut().names);
        self.log(Operation::Names(change));
    }

    /// Changes content, and remembers it.
    pub fn change_data(&self, file: usize, at: usize, bytes: Vec<u8>, is_truncation: bool) {
        let content = Content::new(bytes);
        self.inner.borrow_mut().contents[file] = content.clone();
        self.log(Operation::Data { file, at, content, is_truncation });
    }
}

impl NameChange {
    /// Does it. What it changes is there: names change in order.
    pub fn apply(&self, names: &mut BTreeMap<Rc<str>, usize>) {
        match self {
            Self::Create { name, file } => drop(names.insert(name.clone(), *file)),
            Self::Rename { from, to } => {
                let file = names.remove(from).expect("what is renamed is there");
                names.insert(to.clone(), file);
            }
            Self::Remove { name } => drop(names.remove(name).expect("what is removed is there")),
        }
    }
}

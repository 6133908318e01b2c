//! Reading a chain: which links hang together, and what they say should be there.
//!
//! Every fault is told, and reading goes on behind it. Judges the chain's own lines only; the caller holds [`Chain::clips`]
//! against the files.

use std::collections::BTreeMap;

use super::hash::Hash;
use super::link::{Link, What, Why};

/// Something that is not as the device writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A line within the chain that is no link.
    #[error("line {line} of the chain file {file} was changed: {error}")]
    BadLine {
        /// The segment's file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        error: String,
    },
    /// Links are missing.
    #[error("the links {first} to {last} of the chain are missing")]
    Missing {
        /// The first that is missing.
        first: u64,
        /// The last.
        last: u64,
    },
    /// A number comes twice, or runs backwards.
    #[error("link {number} of the chain stands in the wrong place")]
    Misplaced {
        /// Its number.
        number: u64,
    },
    /// The link before it is another one than it was.
    #[error("link {} of the chain was changed, or the links up to it were written anew: link {number} does not follow from it", number - 1)]
    Broken {
        /// The link whose `previous` does not fit.
        number: u64,
    },
    /// A chain began anew although there was one.
    #[error("a new chain begins at link {number}, in the middle of the old one")]
    BeginsAgain {
        /// Its number.
        number: u64,
    },
    /// A clip is told of twice, differently.
    #[error("the clip {name} is in the chain twice, with different hashes")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// What the chain says of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The link that tells of it.
    pub number: u64,
    /// The hash of each of its files, by what follows the name.
    pub files: BTreeMap<String, Hash>,
    /// Why it may be gone, where the device said so, and the number of the link that does.
    pub removed: Option<(Why, u64)>,
}

/// A chain that was read.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Clips by name.
    pub clips: BTreeMap<String, Seen>,
    /// What is wrong.
    pub faults: Vec<ChainFault>,
    /// Bytes behind the last link: a power cut tore the last line.
    pub torn_bytes: usize,
    /// Number and hash of every link.
    hashes: BTreeMap<u64, Hash>,
    last: Option<(u64, Hash)>,
    /// Which link says that the chain is kept from this one on.
    let_go: BTreeMap<u64, u64>,
}

impl Chain {
    /// An empty chain; [`Chain::segment`] is fed the segments in the order of their numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one segment, all of its file. `is_last` for the newest: there a torn line at the end is no fault.
    pub fn segment(&mut self, file: &str, content: &[u8], is_last: bool) {
        let mut rest = content;
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            let (line, behind) = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
                None => (rest, &[][..]),
            };
            let is_whole = line.len() < rest.len();
            match Link::parse(line) {
                Ok(link) if is_whole => self.link(link, Hash::of(line)),
                _ if is_last && !holds_a_link(behind) => {
                    self.torn_bytes = rest.len();
                    return;
                }
                Ok(_) => self.bad_line(file, number, "its end is missing"),
                Err(error) => self.bad_line(file, number, &error.to_string()),
            }
            rest = behind;
        }
    }

    /// Number and hash of the last link.
    pub fn head(&self) -> Option<(u64, Hash)> {
        self.last
    }

    /// The number of the first link that is still there.
    pub fn first(&self) -> Option<u64> {
        self.hashes.keys().next().copied()
    }

    /// The link that says that what was before the chain's beginning may go; `None` where it begins with its very first link, or no link
    /// says so. It may say so of more: where several files were to go, a power cut leaves the later ones.
    pub fn beginning_said_by(&self) -> Option<u64> {
        let first = self.first().filter(|first| *first > 1)?;
        self.let_go.range(first..).next().map(|(_, number)| *number)
    }

    /// The number of the link with this hash, or whose hash begins with these hexadecimal digits: a head that was written
    /// down earlier.
    pub fn find(&self, hash_digits: &str) -> Option<u64> {
        let is_it = |hash: &Hash| hash.to_string().starts_with(hash_digits);
        self.hashes.iter().find(|(_, hash)| is_it(hash)).map(|(number, _)| *number)
    }

    fn bad_line(&mut self, file: &str, line: usize, error: &str) {
        self.faults.push(ChainFault::BadLine { file: file.into(), line, error: error.into() });
    }

    fn link(&mut self, link: Link, hash: Hash) {
        let number = link.number;
        if let Some((last, last_hash)) = self.last {
            if number <= last {
                return self.faults.push(ChainFault::Misplaced { number });
            } else if number > last + 1 {
                self.faults.push(ChainFault::Missing { first: last + 1, last: number - 1 });
            } else if link.previous != last_hash {
                self.faults.push(ChainFault::Broken { number });
            }
            if matches!(link.what, What::Begins) {
                self.faults.push(ChainFault::BeginsAgain { number });
            }
        }
        self.last = Some((number, hash));
        self.hashes.insert(number, hash);
        self.say(number, link.what);
    }

    fn say(&mut self, number: u64, what: What) {
        match what {
            What::Begins => {}
            What::LetGo { first } => {
                self.let_go.insert(first, number);
            }
            What::Removed { why, names } => {
                for name in names {
                    if let Some(clip) = self.clips.get_mut(&name) {
                        clip.removed = Some((why, number));
                    }
                }
            }
            What::Clip { name, files } => {
                let seen = Seen { number, files, removed: None };
                let is_other = self.clips.get(&name).is_some_and(|before| before.files != seen.files);
                if is_other {
                    self.faults.push(ChainFault::Twice { name: name.clone() });
                }
                self.clips.insert(name, seen);
            }
        }
    }
}

/// Whether any whole line of these is a link.
fn holds_a_link(bytes: &[u8]) -> bool {
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    lines.pop();
    lines.into_iter().any(|line| Link::parse(line).is_ok())
}

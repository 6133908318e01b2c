//! The chain of hashes on the card: where it ends, one more link, and letting its beginning go.
//!
//! What a link is, and what holds the chain against the clips, is the crate `evidence`'s. Here: a link is on the card when
//! [`ChainLog::append`] returns; what a power cut tore is cut off before the next one. Must not open a clip.

use std::io::{self, IoSlice};

use evidence::segment::{SEGMENT_BYTES_MAX, SEGMENT_LINKS_MAX, file_name, parse_file_name};
use evidence::{Hash, Link, What};

use super::folder::{Folder, FolderFile, Open, append_all, read_all};
use super::name::ClipName;
use super::shelf::video_of;

/// Links in a segment. Few in tests: simulated power cuts then meet the place where the next one begins in most workloads.
pub(super) const LINKS_MAX: u64 = if cfg!(test) { 16 } else { SEGMENT_LINKS_MAX };
/// Segments in which a clip is looked for: some thousand of the newest links. One that is not found there is linked once more,
/// which does no harm.
const SEARCHED_SEGMENTS_MAX: usize = 16;
/// Old segments looked at when a new one begins; more go with the next one.
const PRUNED_PER_SEGMENT_MAX: usize = 4;

/// The newest link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number: how many links there have been.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Where the next link goes.
#[derive(Clone, Copy, Debug)]
struct Tail {
    head: Head,
    /// The segment: the number of its first link.
    first: u64,
    /// The segment's length up to its last link.
    bytes: u64,
}

/// The end of the chain.
#[derive(Clone, Copy, Debug, Default)]
enum End {
    /// It is read before the next link is written.
    #[default]
    Unknown,
    /// There is no chain, or its end cannot be read: it begins with the link of this number.
    Begins(u64),
    /// Behind this link.
    Behind(Tail),
}

/// The chain in a folder.
#[derive(Debug, Default)]
pub struct ChainLog {
    end: End,
}

impl ChainLog {
    /// Finds the end of the chain, and cuts off what a power cut tore. Where the newest links cannot be read, a new chain will
    /// begin behind them, for everybody to see: recording goes on.
    ///
    /// # Errors
    /// The folder cannot be read, or the card refused.
    pub fn open(&mut self, folder: &impl Folder) -> io::Result<()> {
        let mut segments = segments(folder)?;
        self.end = End::Begins(1);
        while let Some(first) = segments.pop() {
            let Ok(content) = read_all(folder, &file_name(first), SEGMENT_BYTES_MAX) else {
                self.end = End::Begins(first.saturating_add(LINKS_MAX));
                break;
            };
            if let Some(tail) = last_link(first, &content) {
                cut_back(folder, &tail, content.len() as u64)?;
                self.end = End::Behind(tail);
                break;
            }
            // It was begun and never got its first link.
            folder.remove(&file_name(first))?;
        }
        Ok(())
    }

    /// The newest link, if it is known.
    pub fn head(&self) -> Option<Head> {
        match self.end {
            End::Behind(tail) => Some(tail.head),
            End::Unknown | End::Begins(_) => None,
        }
    }

    /// Another card may be there.
    pub fn forget(&mut self) {
        self.end = End::Unknown;
    }

    /// Adds a link; it is on the card afterwards.
    ///
    /// # Errors
    /// The card refused. The chain is read again before the next link.
    pub fn append(&mut self, folder: &impl Folder, what: What) -> io::Result<()> {
        if matches!(self.end, End::Unknown) {
            self.open(folder)?;
        }
        if matches!(self.end, End::Begins(_)) {
            self.write(folder, What::Begins)?;
        }
        self.write(folder, what)
    }

    /// Lets the beginning of the chain go, once a new segment has begun. A link says so before it happens: a chain that begins
    /// later than it says has lost its beginning to somebody else.
    fn prune(&mut self, folder: &impl Folder, newest: u64) -> io::Result<()> {
        let (gone, first) = prunable(folder, newest)?;
        if gone.is_empty() {
            return Ok(());
        }
        self.write(folder, What::LetGo { first })?;
        gone.into_iter().try_for_each(|segment| folder.remove(&file_name(segment)))
    }

    fn write(&mut self, folder: &impl Folder, what: What) -> io::Result<()> {
        let (tail, number, previous) = match std::mem::take(&mut self.end) {
            End::Behind(tail) => (Some(tail), tail.head.number + 1, tail.head.hash),
            End::Begins(number) => (None, number, Hash::NONE),
            End::Unknown => (None, 1, Hash::NONE),
        };
        let mut line = Link { number, previous, what }.to_line();
        let head = Head { number, hash: Hash::of(&line) };
        line.push(b'\n');
        let in_it = tail.filter(|tail| number - tail.first < LINKS_MAX);
        let (first, before) = in_it.map_or((number, 0), |tail| (tail.first, tail.bytes));
        write_line(folder, first, before, &line)?;
        self.end = End::Behind(Tail { head, first, bytes: before + line.len() as u64 });
        match in_it {
            None => self.prune(folder, first),
            Some(_) => Ok(()),
        }
    }
}

/// The segments from the oldest on whose clips are all gone, and the first that is kept. What cannot be read is kept.
fn prunable(folder: &impl Folder, newest: u64) -> io::Result<(Vec<u64>, u64)> {
    let is_there = |name: &String| {
        let parsed = ClipName::parse(name.as_bytes());
        parsed.is_some_and(|name| video_of(folder, &name).is_some())
    };
    let mut gone = Vec::new();
    for first in segments(folder)? {
        let is_kept = || clips_of(folder, first).map_or(true, |clips| clips.iter().any(is_there));
        if first == newest || gone.len() == PRUNED_PER_SEGMENT_MAX || is_kept() {
            return Ok((gone, first));
        }
        gone.push(first);
    }
    Ok((gone, newest))
}

/// Which of these clips no link tells of.
///
/// # Errors
/// The card cannot be read.
pub fn unlinked(folder: &impl Folder, mut names: Vec<ClipName>) -> io::Result<Vec<ClipName>> {
    for first in segments(folder)?.into_iter().rev().take(SEARCHED_SEGMENTS_MAX) {
        if names.is_empty() {
            break;
        }
        // What cannot be read tells of nothing.
        let linked = clips_of(folder, first).unwrap_or_default();
        names.retain(|name| !linked.contains(&name.to_string()));
    }
    Ok(names)
}

/// The numbers of all segments, in order.
fn segments(folder: &impl Folder) -> io::Result<Vec<u64>> {
    let mut segments = Vec::new();
    folder.visit(&mut |name| segments.extend(parse_file_name(name)))?;
    segments.sort_unstable();
    Ok(segments)
}

/// The last link of a segment, if it has one.
fn last_link(first: u64, content: &[u8]) -> Option<Tail> {
    // A number that cannot be in this file is nobody's of ours.
    let is_of_it = |link: &Link| link.number >= first && link.number - first < LINKS_MAX;
    let (link, hash, end) = whole_lines(content).filter(|(link, ..)| is_of_it(link)).last()?;
    Some(Tail { head: Head { number: link.number, hash }, first, bytes: end as u64 })
}

/// Cuts off what follows the last link: it was torn by a power cut.
fn cut_back(folder: &impl Folder, tail: &Tail, length: u64) -> io::Result<()> {
    let mut file = folder.open(&file_name(tail.first), Open::Existing)?;
    if tail.bytes < length {
        file.truncate(tail.bytes)?;
    }
    // Also when nothing is cut off: a guard that died may have written the last line and not synced it. A cut may then keep
    // the next line without it.
    file.sync()
}

/// All links of a segment, each with its hash and where its line ends.
fn whole_lines(content: &[u8]) -> impl Iterator<Item = (Link, Hash, usize)> {
    let mut at = 0;
    content.split_inclusive(|byte| *byte == b'\n').filter_map(move |line| {
        at += line.len();
        let line = line.strip_suffix(b"\n")?;
        Some((Link::parse(line).ok()?, Hash::of(line), at))
    })
}

/// The names of the clips that a segment tells of.
fn clips_of(folder: &impl Folder, first: u64) -> io::Result<Vec<String>> {
    let content = read_all(folder, &file_name(first), SEGMENT_BYTES_MAX)?;
    let name = |(link, _, _): (Link, Hash, usize)| match link.what {
        What::Clip { name, .. } => Some(name),
        _ => None,
    };
    Ok(whole_lines(&content).filter_map(name).collect())
}

/// Appends a line to a segment whose last line ends at `before`; 0 makes the segment.
fn write_line(folder: &impl Folder, first: u64, before: u64, line: &[u8]) -> io::Result<()> {
    let how = if before == 0 { Open::Anew } else { Open::Existing };
    let mut file = folder.open(&file_name(first), how)?;
    if file.bytes()? != before {
        file.truncate(before)?;
    }
    let written = append_all(&mut file, &mut [IoSlice::new(line)]).and_then(|()| file.sync());
    if written.is_err() {
        // Best effort, on a card that has just failed: what is left of the line is cut off when the chain is read again.
        let _ = file.truncate(before);
    }
    written?;
    if before == 0 { folder.sync() } else { Ok(()) }
}

//! `verify-clips`: holds a folder of clips, or a card's, against its chain of hashes.
//!
//! Reads only. What the chain is, and what is wrong with its lines, is the crate `evidence`'s; here the files are hashed and
//! everything that does not fit is told. Must not judge whether the chain itself is the one that the device wrote: only a
//! head that left the device tells that.

mod card;
mod files;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use evidence::segment::{SEGMENT_BYTES_MAX, parse_file_name};
use evidence::{Chain, Seen, VIDEOS};

pub use files::{Files, Folder};
pub use report::{Finding, Report};

/// Fewer digits of a head than this could be found by trying.
pub const HEAD_DIGITS_MIN: usize = 32;
/// All digits of a head.
const HEAD_DIGITS_MAX: usize = 64;

/// Why clips could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder.
    #[error("{0} cannot be read: {1}")]
    Read(String, io::Error),
    /// There is no chain.
    #[error(
        "there is no chain of hashes (chain-*.jsonl) in {0}: is this the folder of the clips, with all its files?"
    )]
    NoChain(String),
    /// The card.
    #[error(transparent)]
    Card(#[from] crate::pull_clips::Error),
    /// A head that is none.
    #[error(
        "`{0}` is not a head: it is the first {HEAD_DIGITS_MIN} to {HEAD_DIGITS_MAX} of its hexadecimal digits"
    )]
    Head(String),
}

/// Checks every clip in a folder, or on a card or its image, in place. With `head`, what `status` on the device once showed, also that the chain holds that link.
///
/// # Errors
/// See [`Error`]; what is wrong with the clips is in the report.
pub fn verify(path: &Path, head: Option<&str>) -> Result<Report, Error> {
    let shown = path.display().to_string();
    if path.is_dir() {
        return check(&Folder::new(path), &shown, head);
    }
    check(&card::OnCard::open(path)?, &shown, head)
}

/// As [`verify`], for files that are elsewhere; `shown` is how a person calls the place.
///
/// # Errors
/// As there.
pub fn check(files: &impl Files, shown: &str, head: Option<&str>) -> Result<Report, Error> {
    let head = head.map(checked_head).transpose()?;
    let unreadable = |error| Error::Read(shown.to_owned(), error);
    let names: BTreeSet<String> = files.names().map_err(unreadable)?.into_iter().collect();
    let (chain, unread) = read_chain(files, &names);
    if chain.head().is_none() && chain.faults.is_empty() && unread.is_empty() {
        return Err(Error::NoChain(shown.to_owned()));
    }
    let mut report = Report::of(&chain, head.as_deref());
    report.chain_faults.extend(unread);
    for (name, seen) in &chain.clips {
        report.add(name, judge(files, &names, name, seen));
    }
    let clips = names.iter().filter_map(|name| VIDEOS.iter().find_map(|video| name.strip_suffix(video)));
    clips
        .filter(|name| !chain.clips.contains_key(*name))
        .for_each(|name| report.add(name, Finding::NotChained));
    Ok(report)
}

/// Lower case, and long enough to mean something.
fn checked_head(head: &str) -> Result<String, Error> {
    let digits = head.trim().to_ascii_lowercase();
    let is_head = (HEAD_DIGITS_MIN..=HEAD_DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_head { Ok(digits) } else { Err(Error::Head(head.to_owned())) }
}

/// The chain, and a sentence for each of its files that cannot be read.
fn read_chain(files: &impl Files, names: &BTreeSet<String>) -> (Chain, Vec<String>) {
    // Their names sort as their numbers do.
    let segments: Vec<_> = names.iter().filter(|name| parse_file_name(name.as_bytes()).is_some()).collect();
    let (mut chain, mut unread) = (Chain::new(), Vec::new());
    for name in &segments {
        match files.read(name, SEGMENT_BYTES_MAX) {
            Ok(content) => chain.segment(name, &content, Some(name) == segments.last()),
            Err(error) => unread.push(format!("the chain file {name} cannot be read: {error}")),
        }
    }
    (chain, unread)
}

/// What became of one clip of the chain.
fn judge(files: &impl Files, names: &BTreeSet<String>, name: &str, seen: &Seen) -> Finding {
    let missing =
        seen.files.keys().map(|extension| format!("{name}{extension}")).find(|file| !names.contains(file));
    match (missing, seen.removed) {
        // A cut may fall between the deletion of two of its files.
        (Some(_), Some((why, number))) => return Finding::Removed(why, number),
        (Some(file), None) => return Finding::Missing(file),
        (None, _) => {}
    }
    for (extension, expected) in &seen.files {
        let file = format!("{name}{extension}");
        match files.hash(&file) {
            Ok(hash) if hash == *expected => {}
            Ok(_) => return Finding::Altered(file),
            Err(error) => return Finding::Unreadable(file, error.to_string()),
        }
    }
    Finding::Unaltered
}

//! The files of the chain: `chain-<number of its first link, ten digits>.jsonl`, beside the clips.
//!
//! A chain lies in segments, so that its beginning can go when all the clips that it tells of are gone.

/// Links in a segment before the next one begins: some ten kilobytes to read at a start.
pub const SEGMENT_LINKS_MAX: u64 = 256;
/// A segment longer than this is not one of ours.
pub const SEGMENT_BYTES_MAX: u64 = SEGMENT_LINKS_MAX * super::link::LINE_BYTES_MAX as u64;
/// A file of a higher number is none of ours: no card holds so many links, and numbers can be counted on from here without an end.
pub const FIRST_MAX: u64 = 1_000_000_000_000_000;

const PREFIX: &str = "chain-";
const SUFFIX: &str = ".jsonl";
/// Ten digits: names sort as their numbers do.
const DIGITS: usize = 10;

/// The name of the segment whose first link has that number.
pub fn file_name(first: u64) -> String {
    format!("{PREFIX}{first:0DIGITS$}{SUFFIX}")
}

/// The number of a segment's first link; `None` for every other file.
pub fn parse_file_name(name: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(name).ok()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let number = digits.parse().ok()?;
    ((1..=FIRST_MAX).contains(&number) && file_name(number).as_bytes() == name).then_some(number)
}

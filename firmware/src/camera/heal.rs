//! Pictures of a JPEG camera made what they should be, from the first marker to the last.
//!
//! It must not decode or copy: the parts to keep are named. Cameras add, leave out and miscount. What is mended is listed in [`Ailment`]; what cannot be is refused, and whether the picture itself is whole is for the
//! detector to say, which reads all of it. The look at a frame costs as much whatever its length, but for cameras that need more. Pure.

use heapless::Vec;
use vision::luma::STANDARD_TABLES;

/// How much may stand before a picture, and how far the end of a segment of wrong length is looked for.
const JUNK_BYTES_MAX: usize = 4096;
/// Zero bytes at the end that are looked through: some cameras round frames up to a block of this size.
const PADDING_BYTES_MAX: usize = 4096;
/// A header has some ten segments.
const SEGMENTS_MAX: usize = 64;
/// Frames at the beginning of a stream, and later one out of so many, in which the end is searched for from the front: behind it may stand what
/// looks like an end, too.
const SEARCHED_FIRST: u32 = 8;
const SEARCHED_ONE_IN: u32 = 64;
/// After so many frames of which none had an end, the camera is one that leaves it out. A frame that is cut off looks the same.
const ENDLESS_FRAMES: u32 = 5;
/// Zero bytes with which data may end.
const ZEROS_OF_DATA_MAX: usize = 2;
/// Before what is dropped, before the tables, the tables, behind them, the end.
const PARTS_MAX: usize = 5;

const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: [u8; 2] = [0xff, 0xd9];
const SOS: u8 = 0xda;
const DHT: u8 = 0xc4;

/// What was mended, with the words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// Something before the picture.
    JunkBefore,
    /// Its beginning twice.
    TwoStarts,
    /// A segment of wrong length, which nobody needs: dropped.
    WrongLength,
    /// The standard Huffman tables, which MJPEG may leave out (UVC MJPEG payload 1.1): ffmpeg and browsers know them, Apple's viewers and many others do not.
    NoTables,
    /// Something behind the picture; the length of the frame is wrong.
    JunkBehind,
    /// Its end is missing.
    NoEnd,
}

/// The words, in the order of the enum.
const WORDS: [(Ailment, &str); 6] = [
    (Ailment::JunkBefore, "bytes before the picture"),
    (Ailment::TwoStarts, "two beginnings"),
    (Ailment::WrongLength, "a segment of wrong length"),
    (Ailment::NoTables, "no Huffman tables"),
    (Ailment::JunkBehind, "bytes behind the picture"),
    (Ailment::NoEnd, "no end"),
];

/// What one camera has shown of its habits since its stream began.
#[derive(Clone, Debug, Default)]
pub struct Healer {
    frames: u32,
    ends: u32,
    /// Behind the end stands what looks like another one.
    must_search: bool,
    /// A bit for each ailment that was mended.
    mended: u8,
}

/// The parts of which a whole picture consists.
pub type Parts<'a> = Vec<&'a [u8], PARTS_MAX>;

impl Healer {
    /// The parts of `frame` that make a whole picture; nothing if it is none.
    pub fn heal<'a>(&mut self, frame: &'a [u8]) -> Option<Parts<'a>> {
        self.frames = self.frames.saturating_add(1);
        let before = self.mended;
        let parts = self.parts_of(frame);
        if parts.is_none() {
            // Nothing was mended after all.
            self.mended = before;
        }
        parts
    }

    fn parts_of<'a>(&mut self, frame: &'a [u8]) -> Option<Parts<'a>> {
        let start = self.start_of(frame)?;
        let head = Head::read(frame, start)?;
        let (end, is_marked) = self.end_of(frame, head.data_at)?;
        let mut parts = Parts::new();
        let kept_from = match head.dropped {
            Some((from, to)) => {
                self.note(Ailment::WrongLength);
                // There is room for all parts, here and below.
                let _ = parts.push(&frame[start..from]);
                to
            }
            None => start,
        };
        if head.has_tables {
            let _ = parts.push(&frame[kept_from..end]);
        } else {
            self.note(Ailment::NoTables);
            let _ = parts.push(&frame[kept_from..head.scan_at]);
            let _ = parts.push(&STANDARD_TABLES);
            let _ = parts.push(&frame[head.scan_at..end]);
        }
        if !is_marked {
            self.note(Ailment::NoEnd);
            let _ = parts.push(&EOI);
        }
        Some(parts)
    }

    /// What was mended so far, as many bits as ailments: it changes when there is something new to tell.
    pub fn mended(&self) -> u8 {
        self.mended
    }

    /// The same in words.
    pub fn words(&self) -> String {
        let is_mended = |(ailment, _): &&(Ailment, &str)| self.mended & 1 << *ailment as u8 != 0;
        WORDS.iter().filter(is_mended).map(|(_, words)| *words).collect::<std::vec::Vec<_>>().join(", ")
    }

    fn note(&mut self, ailment: Ailment) {
        self.mended |= 1 << ailment as u8;
    }

    /// Where the picture begins: at the last of several beginnings.
    fn start_of(&mut self, frame: &[u8]) -> Option<usize> {
        let window = &frame[..frame.len().min(JUNK_BYTES_MAX)];
        let mut start = window.windows(3).position(|bytes| bytes.starts_with(&SOI) && bytes[2] == 0xff)?;
        if start > 0 {
            self.note(Ailment::JunkBefore);
        }
        while frame.get(start + 2..).is_some_and(|rest| rest.starts_with(&SOI)) {
            self.note(Ailment::TwoStarts);
            start += 2;
        }
        Some(start)
    }

    /// Where the picture ends, and whether with its end marker.
    fn end_of(&mut self, frame: &[u8], data_at: usize) -> Option<(usize, bool)> {
        let tail_at = frame.len().saturating_sub(PADDING_BYTES_MAX).max(data_at);
        let padded =
            frame[tail_at..].iter().rposition(|&byte| byte != 0).map_or(tail_at, |at| tail_at + at + 1);
        let is_marked = padded >= data_at + EOI.len() && frame[..padded].ends_with(&EOI);
        let must_search =
            self.must_search || self.frames <= SEARCHED_FIRST || self.frames.is_multiple_of(SEARCHED_ONE_IN);
        if is_marked && !must_search {
            self.ends = self.ends.saturating_add(1);
            return Some((padded, true));
        }
        let found = search_end(frame, data_at);
        match found {
            Some(Stop::End(end)) => {
                self.ends = self.ends.saturating_add(1);
                if end < padded {
                    self.must_search |= is_marked;
                    self.note(Ailment::JunkBehind);
                }
                Some((end, true))
            }
            // Damaged data led astray; the detector has the last word.
            _ if is_marked => Some((padded, true)),
            _ if self.ends > 0 || self.frames <= ENDLESS_FRAMES => None,
            Some(Stop::Start(at)) => Some((at, false)),
            None => Some((without_padding(frame, padded), false)),
        }
    }
}

/// The end of data without end marker. Zeros may be padding, or the colours of a grey block: the codes for "as before" and "nothing more" of both are zeros,
/// nine of them with the bit before, so that up to one byte of data and a stuffed one are zeros. A 0xff alone is half a marker.
fn without_padding(frame: &[u8], padded: usize) -> usize {
    match frame.len() - padded {
        0 if frame.ends_with(&[0xff]) => padded - 1,
        zeros => padded + zeros.min(ZEROS_OF_DATA_MAX),
    }
}

/// What there is to know of a picture's header.
struct Head {
    /// From where to where a segment is of no use.
    dropped: Option<(usize, usize)>,
    has_tables: bool,
    /// Where the header of the (first) scan begins, and where its data do.
    scan_at: usize,
    data_at: usize,
}

impl Head {
    fn read(frame: &[u8], start: usize) -> Option<Head> {
        let (mut at, mut dropped, mut has_tables) = (start + SOI.len(), None, false);
        for _ in 0..SEGMENTS_MAX {
            let (code, mut next) = segment(frame, at)?;
            if code == SOS {
                return (next <= frame.len()).then_some(Head {
                    dropped,
                    has_tables,
                    scan_at: at,
                    data_at: next,
                });
            }
            has_tables |= code == DHT;
            if !is_header_marker(frame, next) {
                // A thumbnail or a comment; nothing can be read without the others.
                let is_spare = matches!(code, 0xe0..=0xef | 0xfe) && dropped.is_none();
                next = find_segment(frame, at + 2).filter(|_| is_spare)?;
                dropped = Some((at, next));
            }
            at = next;
        }
        None
    }
}

/// The code of the segment at `at`, and where the next one begins as its length says.
fn segment(frame: &[u8], at: usize) -> Option<(u8, usize)> {
    // Any number of fill bytes may stand before the code (ITU T.81, B.1.1.2).
    let fill = frame.get(at + 1..)?.iter().take_while(|&&byte| byte == 0xff).count();
    let at = at + fill;
    let &[0xff, code, high, low] = frame.get(at..at + 4)? else { return None };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let has_length = matches!(code, 0xc0..=0xcf | 0xda..=0xfe);
    (has_length && length >= 2).then_some((code, at + 2 + length))
}

fn is_header_marker(frame: &[u8], at: usize) -> bool {
    matches!(frame.get(at..), Some([0xff, 0xc0..=0xcf | 0xda..=0xff, ..]))
}

/// The next segment of those without which there is no picture, whose length leads to another marker.
fn find_segment(frame: &[u8], from: usize) -> Option<usize> {
    let window = frame.get(from..frame.len().min(from + JUNK_BYTES_MAX))?;
    let is_one = |at: &usize| {
        let Some((code, next)) = segment(frame, *at) else { return false };
        matches!(code, 0xc0 | 0xc1 | DHT | 0xdb | 0xdd) && is_header_marker(frame, next)
    };
    (0..window.len()).filter(|at| window[*at] == 0xff).map(|at| from + at).find(is_one)
}

/// Where entropy-coded data stop.
enum Stop {
    /// Behind the end marker.
    End(usize),
    /// At the beginning of another picture: this one has no end.
    Start(usize),
}

/// Goes through the data of all scans to the marker that ends them.
fn search_end(frame: &[u8], data_at: usize) -> Option<Stop> {
    let mut at = data_at;
    loop {
        at += frame.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        match *frame.get(at + 1)? {
            // A stuffed zero; restart markers belong to the data.
            0x00 | 0x01 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            0xd9 => return Some(Stop::End(at + 2)),
            0xd8 => return Some(Stop::Start(at)),
            // Another scan, or tables for it.
            _ => at = segment(frame, at)?.1,
        }
    }
}

#[cfg(test)]
#[path = "heal_tests.rs"]
mod tests;

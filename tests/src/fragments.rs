//! A fragmented MP4 of Motion JPEG, read as far as it is whole.
//!
//! A second reader, written from the standard alone.
//! ISO/IEC 14496-12: boxes (4.2), tfdt (8.8.12), trun (8.8.8). What follows the last whole fragment is what a power cut
//! leaves, and not looked at. It must not decode pictures.

use std::ops::Range;

/// Microseconds are the clips' time scale; the reader insists on it.
const TIMESCALE_HZ: u32 = 1_000_000;
/// `trun` with data offset, and duration and size of each sample.
const TRUN_FLAGS: u32 = 0x00_0301;

/// One whole fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// First byte of its `moof`.
    pub start: usize,
    /// First byte after its `mdat`.
    pub end: usize,
    /// Time of its first frame since the clip's start, microseconds.
    pub start_us: u64,
    /// Where its last frame ends.
    pub end_us: u64,
    /// Its frames, in order.
    pub samples: Vec<Sample>,
}

/// A frame where it lies in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its bytes.
    pub bytes: Range<usize>,
    /// Its time since the clip's start, microseconds.
    pub time_us: u64,
}

/// What of a clip is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playable {
    /// Fragments, in order.
    pub fragments: Vec<Fragment>,
    /// Bytes up to the end of the last of them, or of the header; 0: not even the header is whole.
    pub bytes: usize,
}

impl Playable {
    /// Frames in all of them.
    pub fn frames(&self) -> usize {
        self.samples().count()
    }

    /// All frames, in order.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.fragments.iter().flat_map(|fragment| &fragment.samples)
    }
}

/// Reads a file as far as it is whole: `ftyp`, `moov`, then pairs of `moof` and `mdat` with a JPEG for each sample.
pub fn read(file: &[u8]) -> Playable {
    let Some(header_end) = header(file) else { return Playable::default() };
    let mut playable = Playable { fragments: Vec::new(), bytes: header_end };
    while let Some(fragment) = fragment(file, playable.bytes) {
        playable.bytes = fragment.end;
        playable.fragments.push(fragment);
    }
    playable
}

/// A box: its kind, where its content begins, where it ends.
fn box_at(file: &[u8], at: usize) -> Option<([u8; 4], usize, usize)> {
    let length = usize::try_from(u32_at(file, at)?).ok()?;
    let kind = file.get(at + 4..at + 8)?.try_into().ok()?;
    let end = at.checked_add(length)?;
    (length >= 8 && end <= file.len()).then_some((kind, at + 8, end))
}

/// The first box of a kind between two places.
fn find(file: &[u8], mut at: usize, end: usize, wanted: [u8; 4]) -> Option<(usize, usize)> {
    while at < end {
        let (kind, start, box_end) = box_at(file, at)?;
        if kind == wanted {
            return Some((start, box_end));
        }
        at = box_end;
    }
    None
}

fn header(file: &[u8]) -> Option<usize> {
    let (kind, _, ftyp_end) = box_at(file, 0)?;
    let (next, start, end) = box_at(file, ftyp_end)?;
    let (trak, trak_end) = find(file, start, end, *b"trak")?;
    let (mdia, mdia_end) = find(file, trak, trak_end, *b"mdia")?;
    let (mdhd, _) = find(file, mdia, mdia_end, *b"mdhd")?;
    // Version 0: version and flags, creation, modification, time scale.
    let good = kind == *b"ftyp" && next == *b"moov" && u32_at(file, mdhd + 12)? == TIMESCALE_HZ;
    good.then_some(end)
}

fn fragment(file: &[u8], at: usize) -> Option<Fragment> {
    let (kind, moof, moof_end) = box_at(file, at)?;
    let (data_kind, mut sample_at, end) = box_at(file, moof_end)?;
    if kind != *b"moof" || data_kind != *b"mdat" {
        return None;
    }
    let (traf, traf_end) = find(file, moof, moof_end, *b"traf")?;
    let (tfdt, _) = find(file, traf, traf_end, *b"tfdt")?;
    let (trun, trun_end) = find(file, traf, traf_end, *b"trun")?;
    if file.get(tfdt)? != &1 || u32_at(file, trun)? & 0x00ff_ffff != TRUN_FLAGS {
        return None;
    }
    let start_us = u64::from_be_bytes(file.get(tfdt + 4..tfdt + 12)?.try_into().ok()?);
    let frames = usize::try_from(u32_at(file, trun + 4)?).ok()?;
    let mut end_us = start_us;
    let mut samples = Vec::new();
    for entry in (trun + 12..trun_end).step_by(8).take(frames) {
        let time_us = end_us;
        end_us += u64::from(u32_at(file, entry)?);
        let size = usize::try_from(u32_at(file, entry + 4)?).ok()?;
        let jpeg = file.get(sample_at..sample_at.checked_add(size)?)?;
        if !jpeg.starts_with(&[0xff, 0xd8]) || !jpeg.ends_with(&[0xff, 0xd9]) {
            return None;
        }
        samples.push(Sample { bytes: sample_at..sample_at + size, time_us });
        sample_at += size;
    }
    let whole = sample_at == end && trun_end == trun + 12 + 8 * frames;
    whole.then_some(Fragment { start: at, end, start_us, end_us, samples })
}

fn u32_at(file: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(file.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{TIMESCALE_HZ, TRUN_FLAGS, read};

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).expect("small");
        [&length.to_be_bytes(), kind.as_slice(), content].concat()
    }

    fn fragment(start_us: u64) -> Vec<u8> {
        let jpeg = [0xff, 0xd8, 1, 2, 0xff, 0xd9];
        let tfdt = boxed(b"tfdt", &[&[1, 0, 0, 0], start_us.to_be_bytes().as_slice()].concat());
        let words = [TRUN_FLAGS, 2, 0, 1000, 6, 2000, 6].map(u32::to_be_bytes).concat();
        let traf = boxed(b"traf", &[tfdt, boxed(b"trun", &words)].concat());
        [boxed(b"moof", &traf), boxed(b"mdat", &jpeg.repeat(2))].concat()
    }

    #[test]
    fn a_clip_is_read_up_to_its_last_whole_fragment_wherever_it_is_cut() {
        let mdhd = boxed(b"mdhd", &[0, 0, 0, TIMESCALE_HZ].map(u32::to_be_bytes).concat());
        let moov = boxed(b"moov", &boxed(b"trak", &boxed(b"mdia", &mdhd)));
        let header = [boxed(b"ftyp", b"isom"), moov].concat();
        let clip = [header.clone(), fragment(0), fragment(3000)].concat();
        let ends = [header.len(), header.len() + fragment(0).len(), clip.len()];
        let whole = read(&clip);
        assert_eq!((whole.bytes, whole.frames()), (clip.len(), 4));
        assert_eq!((whole.fragments[1].start_us, whole.fragments[1].end_us), (3000, 6000));
        let times: Vec<u64> = whole.samples().map(|sample| sample.time_us).collect();
        assert_eq!(times, [0, 1000, 3000, 4000]);
        assert!(whole.samples().all(|sample| clip[sample.bytes.clone()] == [0xff, 0xd8, 1, 2, 0xff, 0xd9]));
        for cut in 0..clip.len() {
            let expected = ends.iter().copied().filter(|end| *end <= cut).max().unwrap_or(0);
            assert_eq!(read(&clip[..cut]).bytes, expected, "cut at {cut}");
            let mut zeros = clip[..cut].to_vec();
            zeros.resize(clip.len(), 0);
            assert!(read(&zeros).bytes <= expected.max(header.len()), "zeros from {cut}");
        }
    }
}

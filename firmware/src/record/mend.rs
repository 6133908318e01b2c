//! Clips that a power cut left unfinished are cut back to their last whole fragment, so that every player takes them.
//!
//! Only the newest clips without a finished sidecar are looked at, and of them only headers. Nothing is ever changed in a clip
//! that was closed in order. To be called while no clip is open.

use std::io;

use super::bytes::u32_at;
use super::chain;
use super::clip::SAMPLES_MAX;
use super::folder::{Folder, FolderFile, Open};
use super::fragment::{Fragment, Sample, TEXT_RUN_BYTES, fragment_header, fragment_header_bytes_max};
use super::mp4::{Codec, INIT_BYTES_MAX, Layout, SYNC_SAMPLE_FLAGS, read_init};
use super::name::{ClipName, Extension};
use super::retention::list;
use super::shelf::{read_sidecar, remove_clip, remove_draft, remove_still, store_sidecar, video_of};
use super::sidecar::Sidecar;

/// Clips looked at. A cut leaves one; more when start after start ended before this was reached.
pub const LOOKED_AT_MAX: usize = 8;
/// Fragments looked at in a clip: more than a clip of the longest length can have.
const FRAGMENTS_MAX: u32 = 16_384;
/// Bytes of a fragment's header before its samples, see [`fragment_header`]: moof, mfhd, traf, tfhd, tfdt, trun.
const BEFORE_SAMPLES: usize = 88;
/// Within them: the first sample's time, and how many there are.
const BASE_AT: usize = 60;
const COUNT_AT: usize = 80;
/// NAL units in a picture: a slice for each row of macroblocks of the highest picture, and more.
const UNITS_MAX: usize = 1024;
/// What a JPEG picture starts with.
const START_OF_IMAGE: [u8; 2] = [0xff, 0xd8];

/// What was done to a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mended {
    /// It ends with its last whole fragment.
    Ends {
        /// Frames in it; 0 where they cannot be counted, because it is sealed.
        frames: u64,
        /// Bytes that were no whole fragment.
        cut_bytes: u64,
    },
    /// It held no whole fragment and was deleted.
    Deleted,
}

/// The part of a clip that can be played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// Where its last whole fragment ends; 0 when there is none.
    pub bytes: u64,
    /// Frames in it.
    pub frames: u64,
    /// Where its last frame ends, from the start of the clip.
    pub end_us: u64,
}

/// The newest clips in `folder` that the chain does not tell of: what was done to each, or why it could not be.
///
/// # Errors
/// The directory cannot be read.
pub fn mend(folder: &impl Folder) -> io::Result<Vec<(ClipName, io::Result<Option<Mended>>)>> {
    let newest = list(folder, LOOKED_AT_MAX)?.newest.into_iter().map(|listed| listed.name).collect();
    // What the chain tells of was found whole, or mended, before.
    let open = chain::unlinked(folder, newest)?;
    let one = |name: ClipName| (name.clone(), mend_clip(folder, &name));
    Ok(open.into_iter().map(one).collect())
}

/// Mends one clip, which nobody writes. What was done, if anything had to be.
///
/// # Errors
/// The card refused, or it cannot be read.
pub fn mend_clip(folder: &impl Folder, name: &ClipName) -> io::Result<Option<Mended>> {
    let Some((video, _)) = video_of(folder, name) else { return Ok(None) };
    let mut file = folder.open(&name.file_name(video), Open::Existing)?;
    let length = file.bytes()?;
    let sidecar = read_sidecar(folder, name)?;
    // It was closed in order, or mended before.
    if sidecar.as_ref().is_some_and(|s| s.complete || (holds_something(video, s) && s.bytes == length)) {
        // A description that was to take the place of this one and came to nothing.
        remove_draft(folder, name)?;
        return Ok(None);
    }
    let whole = if video == Extension::SealedVideo {
        whole_chunks_of(&file, length)?
    } else {
        whole_part(&file, length)?
    };
    if whole.bytes == 0 {
        remove_clip(folder, name)?;
        return Ok(Some(Mended::Deleted));
    }
    if whole.bytes < length {
        file.truncate(whole.bytes)?;
    }
    // Also when nothing is cut off: a guard that died may have written the last fragment and not synced it.
    file.sync()?;
    remove_still(folder, name)?;
    let mut sidecar = sidecar.unwrap_or_else(|| Sidecar::of(name));
    sidecar.path_to_video = name.file_name(video);
    sidecar.path_to_image.clear();
    sidecar.frames = whole.frames;
    sidecar.bytes = whole.bytes;
    sidecar.end_us = sidecar.start_us.saturating_add_unsigned(whole.end_us);
    store_sidecar(folder, name, &sidecar.to_json())?;
    Ok(Some(Mended::Ends { frames: whole.frames, cut_bytes: length - whole.bytes }))
}

/// Whether a description tells of more than the start of a clip. How many frames are in a sealed one is not known.
fn holds_something(video: Extension, sidecar: &Sidecar) -> bool {
    match video {
        Extension::SealedVideo => sidecar.bytes > seal::length::HEADER_BYTES_MAX as u64,
        _ => sidecar.frames > 0,
    }
}

/// One whole fragment.
struct Found {
    /// Where it ends.
    end: u64,
    /// Where its first sample is.
    data: u64,
    base_us: u64,
    samples: heapless::Vec<Sample, SAMPLES_MAX>,
}

/// How much of a clip of `length` bytes is whole: its start, and fragments whose headers are exactly what we write. A cut can
/// only have spoiled what was being written, so the pictures are looked at in the last fragment alone.
///
/// # Errors
/// The file cannot be read.
pub fn whole_part(file: &impl FolderFile, length: u64) -> io::Result<Whole> {
    let mut whole = Whole::default();
    let mut before = whole;
    let mut last = None;
    let Some((mut at, layout)) = start_of(file, length)? else { return Ok(whole) };
    for sequence in 1..=FRAGMENTS_MAX {
        let Some(fragment) = read_fragment(file, layout, at..length, sequence)? else { break };
        before = whole;
        let durations: u64 = fragment.samples.iter().map(|s| u64::from(s.duration_us)).sum();
        whole = Whole {
            bytes: fragment.end,
            frames: whole.frames + fragment.samples.len() as u64,
            end_us: fragment.base_us.saturating_add(durations),
        };
        at = fragment.end;
        last = Some(fragment);
    }
    match last {
        Some(last) if !has_pictures(file, layout.codec, &last)? => Ok(before),
        _ => Ok(whole),
    }
}

/// How much of a sealed clip is whole: chunks, by the file's length alone, since nobody here can look into them. How many frames
/// that are is for the owner to find out; no chunk was synced that is not the end of a fragment.
fn whole_chunks_of(file: &impl FolderFile, length: u64) -> io::Result<Whole> {
    let mut beginning =
        vec![0; usize::try_from(length).unwrap_or(usize::MAX).min(seal::length::HEADER_BYTES_MAX)];
    file.read_exact_at(&mut beginning, 0)?;
    let Ok(header_bytes) = seal::header_end(&beginning) else { return Ok(Whole::default()) };
    let chunks = seal::whole_chunks(length, header_bytes as u64).filter(|chunks| chunks.plaintext_bytes > 0);
    Ok(Whole { bytes: chunks.map_or(0, |chunks| chunks.bytes), ..Whole::default() })
}

/// The length of what comes before the first fragment, and what the tracks are, if it is there. It was on the card before any fragment.
fn start_of(file: &impl FolderFile, length: u64) -> io::Result<Option<(u64, Layout)>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX).min(INIT_BYTES_MAX)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(read_init(&bytes).map(|(init_bytes, layout)| (init_bytes as u64, layout)))
}

/// The fragment at the beginning of that part of the file, if it is whole.
fn read_fragment(
    file: &impl FolderFile,
    layout: Layout,
    part: std::ops::Range<u64>,
    sequence: u32,
) -> io::Result<Option<Found>> {
    let room = usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; fragment_header_bytes_max(SAMPLES_MAX).min(room)];
    file.read_exact_at(&mut bytes, part.start)?;
    Ok(parse_fragment(&bytes, layout, part.start, sequence).filter(|fragment| fragment.end <= part.end))
}

/// Reads what the samples are and writes the header for them again: it must be the same to the byte.
fn parse_fragment(bytes: &[u8], layout: Layout, at: u64, sequence: u32) -> Option<Found> {
    let row_bytes = if layout.codec == Codec::Jpeg { 8 } else { 12 };
    let count =
        usize::try_from(u32_at(bytes, COUNT_AT)?).ok().filter(|count| (1..=SAMPLES_MAX).contains(count))?;
    let rows_end = BEFORE_SAMPLES + count * row_bytes;
    let mut samples = heapless::Vec::new();
    for row in bytes.get(BEFORE_SAMPLES..rows_end)?.chunks_exact(row_bytes) {
        let is_key = u32_at(row, 8).is_none_or(|flags| flags == SYNC_SAMPLE_FLAGS);
        samples.push(Sample { duration_us: u32_at(row, 0)?, size_bytes: u32_at(row, 4)?, is_key }).ok()?;
    }
    let text_bytes = if layout.has_text { u32_at(bytes, rows_end + TEXT_RUN_BYTES - 4)? } else { 0 };
    let base_us = u64::from(u32_at(bytes, BASE_AT)?) << 32 | u64::from(u32_at(bytes, BASE_AT + 4)?);
    let mut ours = Vec::new();
    let fragment = Fragment { sequence, base_us, samples: &samples, text_bytes };
    fragment_header(&mut ours, layout, &fragment).ok()?;
    let payload: u64 = samples.iter().map(|sample| u64::from(sample.size_bytes)).sum();
    let data = at + ours.len() as u64;
    let end = data + payload + u64::from(text_bytes);
    bytes.starts_with(&ours).then_some(Found { end, data, base_us, samples })
}

/// Whether every sample starts as a picture does.
fn has_pictures(file: &impl FolderFile, codec: Codec, fragment: &Found) -> io::Result<bool> {
    let mut at = fragment.data;
    for sample in &fragment.samples {
        let is_picture = match codec {
            Codec::Jpeg => starts_as_jpeg(file, at, sample)?,
            Codec::Avc => is_chain_of_units(file, at, sample)?,
        };
        if !is_picture {
            return Ok(false);
        }
        at += u64::from(sample.size_bytes);
    }
    Ok(true)
}

fn starts_as_jpeg(file: &impl FolderFile, at: u64, sample: &Sample) -> io::Result<bool> {
    let mut start = [0; START_OF_IMAGE.len()];
    if sample.size_bytes < 2 {
        return Ok(false);
    }
    file.read_exact_at(&mut start, at)?;
    Ok(start == START_OF_IMAGE)
}

/// Whether NAL units follow each other from the sample's beginning to its end: their lengths are all over it.
fn is_chain_of_units(file: &impl FolderFile, at: u64, sample: &Sample) -> io::Result<bool> {
    let (mut at, end) = (at, at + u64::from(sample.size_bytes));
    for _ in 0..UNITS_MAX {
        if at == end {
            return Ok(true);
        }
        let mut head = [0; 5];
        if end - at < head.len() as u64 {
            return Ok(false);
        }
        file.read_exact_at(&mut head, at)?;
        let [a, b, c, d, kind] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        // The forbidden bit, and the kinds that are written (ISO/IEC 14496-10, table 7-1).
        if kind & 0x80 != 0 || !(1..=8).contains(&(kind & 0x1f)) || length == 0 || length > end - at - 4 {
            return Ok(false);
        }
        at += 4 + length;
    }
    Ok(false)
}

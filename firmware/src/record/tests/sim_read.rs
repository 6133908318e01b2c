//! What the judge of simulated power cuts reads: videos, descriptions and the chain, by no code of the firmware.
//!
//! Must not know what was promised.

use std::rc::Rc;

use evidence::Hash;

use super::boxes::{read_fragments, read_whole};
use super::sim_stage::{SECRET, number_of};

/// What was found in a video: for each sample its number, unless it is spoiled.
pub(super) struct Video {
    pub samples: Vec<Option<usize>>,
    /// Samples before the last fragment: what a cut could not touch any more.
    pub before_last: usize,
}

/// What a description says.
pub(super) struct Description {
    pub frames: u64,
    pub bytes: u64,
    pub complete: bool,
    pub video: String,
    /// Empty where there is none.
    pub still: String,
    /// Of the event's pictures: only the recorder knows it.
    pub width: u64,
}

/// What a link of the chain says.
pub(super) struct Linked {
    pub number: u64,
    pub previous: String,
    pub hash: String,
    /// Of a clip: the hash of each of its files, by the whole name.
    pub files: Vec<(String, String)>,
    /// Clips that are about to go, by their names without extension.
    pub removed: Vec<String>,
    /// The first link that is kept, where those before it are about to go.
    pub let_go: Option<u64>,
}

/// Where a clip stands among the others: its time, and its token where times are the same.
pub(super) fn order(stem: &str) -> Option<(u64, u64, u64)> {
    let mut fields = stem.split('_');
    let seconds = fields.next()?.parse().ok()?;
    let microseconds = fields.next()?.split_once('-')?.1.parse().ok()?;
    Some((seconds, microseconds, fields.next_back()?.parse().ok()?))
}

/// Whether a clip is of no event: nothing had changed anywhere.
pub(super) fn is_continuous(stem: &str) -> bool {
    stem.contains("_0-0-0-0_0_")
}

/// Whether a file is a segment of the chain.
pub(super) fn is_of_chain(name: &str) -> bool {
    name.starts_with("chain-") && name.ends_with(".jsonl")
}

/// All links of a segment.
pub(super) fn read_segment(bytes: &[u8]) -> Result<Rc<Vec<Linked>>, String> {
    let one = |line: &[u8]| {
        let line = line.strip_suffix(b"\n").ok_or("the last line is torn")?;
        let json: serde_json::Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let number = json["number"].as_u64().ok_or("a link without a number")?;
        let previous = json["previous"].as_str().ok_or("a link of nothing")?.into();
        let stem = json["name"].as_str().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
        let files = json["files"].as_object().into_iter().flatten();
        let files = files.map(|(extension, hash)| (format!("{stem}{extension}"), text(hash))).collect();
        let removed = json["names"].as_array().into_iter().flatten().map(text).collect();
        let let_go = json["first"].as_u64();
        Ok(Linked { number, previous, hash: Hash::of(line).to_string(), files, removed, let_go })
    };
    bytes.split_inclusive(|byte| *byte == b'\n').map(one).collect::<Result<_, String>>().map(Rc::new)
}

/// What is in a video, if it is whole.
pub(super) fn read_video(bytes: &[u8]) -> Result<Rc<Video>, String> {
    let fragments = read_whole(bytes)?;
    let last = fragments.last().ok_or("a video without a frame")?.samples.len();
    let samples: Vec<_> = fragments.iter().flat_map(|f| &f.samples).map(|bytes| number_of(bytes)).collect();
    let before_last = samples.len() - last;
    Ok(Rc::new(Video { samples, before_last }))
}

/// What is in a sealed video as far as it opens; what fills its chunks is passed over. One that is cut short may end anywhere behind
/// its last whole fragment.
pub(super) fn read_sealed_video(bytes: &[u8]) -> Result<Rc<Video>, String> {
    let opened = seal::opener::open(bytes, SECRET).ok_or("a sealed video that its owner cannot open")?;
    let (mut kept, mut rest) = (Vec::new(), opened.plaintext.as_slice());
    while let Some((length, kind)) = rest.get(..8).map(|head| head.split_at(4)) {
        let length = u32::from_be_bytes(length.try_into().map_err(|_| "four")?) as usize;
        let Some((whole, behind)) = rest.split_at_checked(length).filter(|_| length >= 8) else { break };
        if kind != b"free" {
            kept.extend_from_slice(whole);
        }
        rest = behind;
    }
    if opened.is_finished {
        return read_video(&kept);
    }
    // Nothing of it opens where the first chunk came to nothing.
    let fragments = if kept.is_empty() { Vec::new() } else { read_fragments(&kept)?.1 };
    let last = fragments.last().map_or(0, |last| last.samples.len());
    let samples: Vec<_> = fragments.iter().flat_map(|f| &f.samples).map(|bytes| number_of(bytes)).collect();
    let before_last = samples.len() - last;
    Ok(Rc::new(Video { samples, before_last }))
}

/// What a description says, if it is one.
pub(super) fn read_description(bytes: &[u8]) -> Option<Description> {
    let json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    Some(Description {
        frames: json["frames"].as_u64()?,
        bytes: json["bytes"].as_u64()?,
        complete: json["complete"].as_bool()?,
        video: json["pathToVideo"].as_str()?.into(),
        still: json["pathToImage"].as_str()?.into(),
        width: json["width"].as_u64()?,
    })
}

//! What the fuzz targets do with bytes of a card: shared with the test that feeds the kept corpus to it in every run.
//!
//! A probe panics when a promise is broken, and on nothing else.
#![allow(dead_code, reason = "each target uses one of them")]

use std::collections::BTreeMap;

use evidence::segment::{FIRST_MAX, SEGMENT_LINKS_MAX, file_name, parse_file_name};
use evidence::{Chain, Hash, Link, What};
use firmware::console::clips::words;
use firmware::hours::Zone;
use firmware::record::chain::ChainLog;
use firmware::record::mend::{Mended, mend_clip};
use firmware::record::retention::Listed;
use firmware::record::{ClipName, Extension, Sidecar};
use seal::length::{HEADER_BYTES_MAX, RECIPIENTS_MAX};

use crate::memory_folder::MemoryFolder;

/// The clip of which everything is.
const CLIP: &str = "1486049622_6-161868_frontdoor_308-250-346-329_194_344";
/// A name whose time no calendar holds.
const LATE: &str = "18446744073709551615_6-999999_x_65535-65535-65535-65535_4294967295_999";

fn name(name: &str) -> ClipName {
    ClipName::parse(name.as_bytes()).expect("a clip's name")
}

/// The first byte chooses what there is (1: the video is sealed, 2: a description, 4: a draft of one), two more say how long the
/// description is; what follows it is the video. Mending leaves a beginning of it that is whole for a reader of its own and a description
/// that agrees, or nothing of the clip; to mend again changes nothing.
pub fn clip(bytes: &[u8]) {
    let &[what, low, high, ref rest @ ..] = bytes else { return };
    let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
    let (described, video) = rest.split_at(length);
    let (card, name) = (MemoryFolder::default(), name(CLIP));
    let kind = Extension::VIDEOS[usize::from(what & 1)];
    card.put(&name.file_name(kind), video);
    if what & 2 != 0 {
        card.put(&name.file_name(Extension::Sidecar), described);
    }
    if what & 4 != 0 {
        card.put(&name.file_name(Extension::SidecarDraft), described);
    }
    let done = mend_clip(&card, &name).expect("memory does not fail");
    let files = card.files();
    assert_eq!(mend_clip(&card, &name).expect("memory does not fail"), None, "mended twice, after {done:?}");
    assert!(files == card.files(), "mending again changes something");
    let left = files.get(&name.file_name(kind));
    let Some(Mended::Ends { frames, cut_bytes }) = done else {
        assert_eq!(done.is_none(), left.is_some(), "deleted, or left as it is");
        assert!(left.map_or(files.is_empty(), |left| left == video), "{:?}", files.keys());
        return;
    };
    let left = left.expect("it ends somewhere");
    assert!(video.starts_with(left) && (video.len() - left.len()) as u64 == cut_bytes);
    let described = &files[&name.file_name(Extension::Sidecar)];
    let sidecar: Sidecar = serde_json::from_slice(described).expect("a description");
    assert_eq!((sidecar.bytes, sidecar.frames), (left.len() as u64, frames));
    assert!(!sidecar.complete && !files.contains_key(&name.file_name(Extension::SidecarDraft)));
    if kind == Extension::Video {
        assert_eq!(whole_frames(left), Some(frames), "what is left is whole");
    }
}

/// Frames of a video that is whole boxes to its end, by ISO/IEC 14496-12 alone: `ftyp`, `moov`, then pairs of `moof` and `mdat`, in which the
/// pictures' samples come first.
fn whole_frames(video: &[u8]) -> Option<u64> {
    let word = |at: usize| Some(u32::from_be_bytes(video.get(at..at + 4)?.try_into().ok()?));
    let end = |at: usize, kind: &[u8; 4]| {
        let end = at + word(at)? as usize;
        (video.get(at + 4..at + 8)? == kind && end >= at + 8 && end <= video.len()).then_some(end)
    };
    let mut at = end(end(0, b"ftyp")?, b"moov")?;
    let mut frames = 0;
    while at < video.len() {
        let (moof, data) = (at, end(at, b"moof")?);
        at = end(data, b"mdat")?;
        let runs: Vec<usize> = (moof..data - 4).filter(|&at| &video[at..at + 4] == b"trun").collect();
        let mut payload = 0;
        for (index, &run) in runs.iter().enumerate() {
            // Pictures that are not all key pictures have a third number each.
            let row_bytes = if word(run + 4)? == 0x0701 { 12 } else { 8 };
            let count = word(run + 8)?;
            if word(run + 12)? as usize != data + 8 - moof + payload {
                return None;
            }
            let sizes = (0..count as usize).map(|row| word(run + 20 + row_bytes * row));
            payload += sizes.sum::<Option<u32>>()? as usize;
            frames += if index == 0 { u64::from(count) } else { 0 };
        }
        if runs.is_empty() || data + 8 + payload != at {
            return None;
        }
    }
    Some(frames)
}

/// What is taken for a description is written and read again as the same, and what the console shows of it is plain text, whatever it says.
pub fn description(bytes: &[u8]) {
    let Ok(sidecar) = serde_json::from_slice::<Sidecar>(bytes) else { return };
    let again: Sidecar = serde_json::from_slice(&sidecar.to_json()).expect("what is written is read");
    assert_eq!(again, sidecar);
    for name in [CLIP, LATE].map(name) {
        let listed = Listed { name, video: Extension::Video, bytes: sidecar.bytes, is_protected: false };
        let shown = words(&listed, &sidecar, &Zone::default());
        let is_plain = |byte: u8| byte == b'\n' || byte == b' ' || byte.is_ascii_graphic();
        assert!(shown.bytes().all(is_plain), "{shown:?} reaches the terminal");
    }
}

/// The first eight bytes number the file, the rest is its content. A line that is a link has one spelling; a reader of the whole chain comes to an
/// end; one more link is there after it was added, and where nothing was wrong with the chain before, nothing is afterwards.
pub fn chain(bytes: &[u8]) {
    let Some((number, content)) = bytes.split_first_chunk::<8>() else { return };
    for line in content.split(|byte| *byte == b'\n') {
        if let Ok(link) = Link::parse(line) {
            assert_eq!(link.to_line(), line);
        }
    }
    let read = |files: &BTreeMap<String, Vec<u8>>, is_last: bool| {
        let mut chain = Chain::new();
        for (name, content) in files {
            chain.segment(name, content, is_last);
        }
        chain.faults.iter().for_each(|fault| assert!(!fault.to_string().is_empty()));
        let _ = (chain.find("0"), chain.beginning_said_by());
        chain
    };
    let card = MemoryFolder::default();
    let file = file_name(u64::from_le_bytes(*number).max(1));
    card.put(&file, content);
    read(&card.files(), false);
    let before = read(&card.files(), true);
    // A number that is no file's name is nobody's of ours: then a new chain begins.
    let first = parse_file_name(file.as_bytes());
    let mut log = ChainLog::default();
    log.open(&card).expect("memory does not fail");
    let was = log.head();
    let files = BTreeMap::from([(".mp4".to_string(), Hash::of(content))]);
    log.append(&card, What::Clip { name: CLIP.into(), files }).expect("memory does not fail");
    let head = log.head().expect("a link was added");
    let mut again = ChainLog::default();
    again.open(&card).expect("memory does not fail");
    // Behind the last number that a file can have nothing is promised but that it does no harm.
    if head.number <= FIRST_MAX {
        assert_eq!(again.head(), Some(head), "what was added is there at the next start");
    }
    let is_sound = before.faults.is_empty() && before.head() == was.map(|head| (head.number, head.hash));
    let is_whole = before.first() == first && head.number - first.unwrap_or(0) < SEGMENT_LINKS_MAX;
    if first.is_some() && was.is_some() && is_sound && is_whole {
        let after = read(&card.files(), true);
        let clip = after.clips.get(CLIP);
        // Only that the very clip was there before, with other hashes.
        let is_twice = before.clips.get(CLIP).is_some_and(|one| Some(&one.files) != clip.map(|c| &c.files));
        assert_eq!(after.faults.len(), usize::from(is_twice), "{:?}", after.faults);
        assert_eq!((after.head(), after.torn_bytes), (Some((head.number, head.hash)), 0));
    }
}

/// Where the header ends does not depend on what follows it, every part of it is torn, and what is none stays none.
pub fn sealed(bytes: &[u8]) {
    let found = seal::header_end(bytes);
    for cut in 0..bytes.len().min(HEADER_BYTES_MAX) {
        let part = seal::header_end(&bytes[..cut]);
        match found {
            Ok(end) if cut < end => assert_eq!(part, Err(seal::HeaderError::Torn), "cut at {cut} of {end}"),
            Ok(_) => assert_eq!(part, found),
            Err(seal::HeaderError::Torn) => assert_eq!(part, found),
            Err(seal::HeaderError::NotOurs) => assert!(part.is_err()),
        }
    }
    match found {
        Ok(end) => {
            assert!((1..=RECIPIENTS_MAX).any(|recipients| seal::header_bytes(recipients) == end));
            for length in
                [end, end + 1, bytes.len(), end + 65_551, end + 65_552, usize::MAX].map(|n| n as u64)
            {
                let whole = seal::whole_chunks(length, end as u64);
                assert!(whole.is_none_or(|whole| whole.bytes <= length && whole.plaintext_bytes < length));
            }
        }
        Err(seal::HeaderError::Torn) => assert!(bytes.len() < HEADER_BYTES_MAX),
        Err(seal::HeaderError::NotOurs) => {
            assert_eq!(seal::header_end(&[bytes, b"more"].concat()), found);
        }
    }
}

/// A file of settings: every complaint is a sentence about a line that is there, every value that is in force is one that may be typed,
/// what is printed of them is read back as it was, and to read the file once more changes nothing.
pub fn settings(bytes: &[u8]) {
    use firmware::settings::{Settings, apply_bytes, from_toml, to_toml};
    let base = Settings::default();
    let reading = apply_bytes(&base, bytes, "kerberos.toml");
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for complaint in &reading.complaints {
        assert!((1..=lines).contains(&complaint.line), "{complaint}");
        let message = &complaint.message;
        assert!(message.ends_with(['.', '?']) && !message.contains(char::is_control), "{complaint:?}");
    }
    let mut typed = Settings::default();
    for (row, value) in reading.settings.all() {
        typed.set(row.name, &value).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(typed, reading.settings);
    let printed = from_toml(&to_toml(&reading.settings), "printed");
    assert_eq!((printed.settings, printed.complaints), (reading.settings.clone(), Vec::new()));
    assert_eq!(apply_bytes(&reading.settings, bytes, "kerberos.toml").settings, reading.settings);
}

//! The judge of a simulated card after a power cut and a start.
//!
//! Asks no code of the firmware: boxes are read by `boxes`, descriptions as plain JSON, names as text. It holds that
//!
//! 1. what is not ours is as it was;
//! 2. every video is whole boxes to its end and holds a frame; beside it are a description that agrees with it, the picture
//!    that this names, one of its frames, and no draft;
//! 3. a description says `complete` only of a clip that is reported finished, of just these bytes;
//! 4. a clip that was reported finished is there, byte for byte, and is described as complete;
//! 5. a frame that was settled as recorded is in a clip exactly once, unspoiled, all of them in order;
//! 6. where room is scarce, an oldest part of 4 and 5 may be missing, and nothing but that: no clip is there which is older
//!    than one of its kind that is gone, unless it is protected. Where it is not, nothing is missing but clips that were too old;
//!    (that continuous recordings go before events is judged where they go, in `sim_stage`)
//! 7. the chain of hashes is whole lines, each with the hash of the one before, and holds every end that it was said to have;
//!    Where it begins later than with its first link, one of its links says so;
//! 8. every file that a link names, and no later one says to go, is there with its hash (on a full card it may be gone);
//! 9. retention, asked long enough, deletes every file of ours but the chain and what is protected: what a cut left over goes
//!    with its turn;
//! 10. a clip that the owner was told is protected is so, and there, until he releases it.
//!
//! A sealed clip is opened with its owner's key. What of it is whole by its length and was not written does not open: that it holds no
//! frame which was recorded is rule 5. A description or a draft without its video may be left: its clip was being deleted.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use evidence::Hash;

use super::super::Verdict;
use super::super::retention::{Keep, Retention};
use super::event;
use super::sim_card::{Content, Files, SimCard};
use super::sim_read::{
    Description, Linked, Video, is_continuous, is_of_chain, order, read_description, read_sealed_video,
    read_segment, read_video,
};
use super::sim_stage::{SECRET, Said, number_of};

/// A card that is smaller than what is not ours.
const NO_ROOM_SECTORS: u64 = 2;

/// One process's words, and until which of its operations they count.
pub(super) type Words<'a> = (&'a Said, usize);

/// See the head of this file. Remembers what it has read: most files are the same in thousands of states.
#[derive(Default)]
pub(super) struct Judge {
    videos: HashMap<u64, Result<Rc<Video>, String>>,
    descriptions: HashMap<u64, Option<Rc<Description>>>,
    segments: HashMap<u64, Result<Rc<Vec<Linked>>, String>>,
    hashes: HashMap<u64, String>,
}

/// By time and by name, so oldest first.
type Clips<'a> = BTreeMap<((u64, u64, u64), String), Clip<'a>>;

/// The files of a clip.
#[derive(Default)]
struct Clip<'a> {
    video: Option<&'a Rc<Content>>,
    is_sealed: bool,
    description: Option<&'a Rc<Content>>,
    draft: Option<&'a Rc<Content>>,
    still: Option<&'a Rc<Content>>,
    is_protected: bool,
}

impl Clip<'_> {
    fn video_name(&self, stem: &str) -> String {
        format!("{stem}{}", if self.is_sealed { ".mp4.age" } else { ".mp4" })
    }
}

/// What the frames of all clips are.
#[derive(Default)]
struct Frames {
    numbers: Vec<usize>,
    /// The first of a clip that may go: of events, of continuous recordings.
    first: [Option<usize>; 2],
}

/// Rule 9. Retention is asked for room that there cannot be, on the card as it is after a start.
pub(super) fn judge_end(files: &Files, foreign: &Files) -> Result<(), String> {
    let card = SimCard::new(files, NO_ROOM_SECTORS, None);
    let keep = Keep { need_bytes: 0, keep_free_percent: 1, used_bytes_max: None };
    let mut retention = Retention::default();
    let mut ask = || retention.make_room(&card, keep, None, &mut |_| true).map_err(|error| error.to_string());
    while ask()?.deleted > 0 {}
    let left = card.files();
    let is_kept = |name: &str| {
        let stem = name.split('.').next().unwrap_or_default();
        let is_there = |end: &str| left.contains_key(format!("{stem}{end}").as_str());
        is_there(".keep") && (is_there(".mp4") || is_there(".mp4.age"))
    };
    match left.keys().find(|name| !foreign.contains_key(*name) && !is_of_chain(name) && !is_kept(name)) {
        Some(name) => Err(format!("{name} is never deleted")),
        None => sort(&left, foreign).map(drop),
    }
}

impl Judge {
    /// What is wrong, if anything. `foreign` are the files that are not ours.
    pub fn judge(
        &mut self,
        files: &Files,
        foreign: &Files,
        words: &[Words<'_>],
        is_room_scarce: bool,
    ) -> Result<(), String> {
        for (said, _) in words {
            if let Some(fault) = said.faults.first() {
                return Err(fault.clone());
            }
        }
        self.judge_chain(files, words, is_room_scarce)?;
        let clips = sort(files, foreign)?;
        let mut frames = Frames::default();
        for ((_, stem), clip) in &clips {
            self.judge_clip(stem, clip, words, &mut frames).map_err(|fault| format!("{stem}: {fault}"))?;
        }
        judge_protected(&clips, words)?;
        let gone = self.judge_finished(&clips, words, is_room_scarce)?;
        judge_frames(&frames, words, gone || is_room_scarce)
    }

    /// Rules 2 and 3 for one clip; what numbers its frames have.
    fn judge_clip(
        &mut self,
        stem: &str,
        clip: &Clip<'_>,
        words: &[Words<'_>],
        frames_of_all: &mut Frames,
    ) -> Result<(), String> {
        let description = clip.description.map(|content| self.description(content)).transpose()?;
        let Some(content) = clip.video else { return Ok(()) };
        let video = self.video(content, clip.is_sealed)?;
        let description = description.ok_or("a video without a description")?;
        if clip.draft.is_some() {
            return Err("a draft is left beside it".into());
        }
        let Description { frames, bytes, complete, video: file_name, still, width } = &*description;
        // Nobody but its owner can count the frames of a sealed clip that was cut short.
        let is_not_counted = clip.is_sealed && !*complete && *frames == 0;
        let counted = if is_not_counted { 0 } else { video.samples.len() as u64 };
        if (*frames, *bytes) != (counted, content.bytes.len() as u64) {
            let there = (video.samples.len(), content.bytes.len());
            return Err(format!("{frames} frames, {bytes} bytes described; there are {there:?}"));
        }
        if *file_name != clip.video_name(stem) {
            return Err(format!("the description is of {file_name}"));
        }
        let opened = |content: &Rc<Content>| {
            let opened = seal::opener::open(&content.bytes, SECRET).filter(|opened| opened.is_finished);
            opened.map(|opened| opened.plaintext).unwrap_or_default()
        };
        let shown = clip.still.and_then(|content| match clip.is_sealed {
            true => number_of(&opened(content)),
            false => number_of(&content.bytes),
        });
        let is_one_of_them = shown.is_some() && video.samples.contains(&shown);
        let still_name = clip.video_name(stem).replace(".mp4", ".jpg");
        if !still.is_empty() && (!is_one_of_them || *still != still_name) {
            return Err(format!("its picture {still} is not one of its frames"));
        }
        if *width != u64::from(event().width_px) && !is_undescribed(stem, words) {
            return Err("the description knows nothing of the event any more".into());
        }
        let mut finished = words.iter().flat_map(|(said, _)| &said.finished);
        if *complete && !finished.any(|f| f.video == *file_name && f.content.hash() == content.hash()) {
            return Err("it is described as complete and never was".into());
        }
        let spoiled_from = if *complete { video.samples.len() } else { video.before_last };
        if video.samples[..spoiled_from].contains(&None) {
            return Err("a frame is spoiled that was written long before".into());
        }
        frames_of_all.numbers.extend(video.samples.iter().flatten());
        if !clip.is_protected {
            let first = &mut frames_of_all.first[usize::from(is_continuous(stem))];
            *first = first.or(video.samples.iter().flatten().next().copied());
        }
        Ok(())
    }

    /// Rule 4, and of rule 6 what concerns whole clips; whether any are missing.
    fn judge_finished(
        &mut self,
        clips: &Clips<'_>,
        words: &[Words<'_>],
        is_room_scarce: bool,
    ) -> Result<bool, String> {
        let mut gone = false;
        let oldest = [false, true].map(|kind| {
            let is_of_it = |((_, stem), clip): &(&(_, String), &Clip<'_>)| {
                clip.video.is_some() && !clip.is_protected && is_continuous(stem) == kind
            };
            clips.iter().find(is_of_it).map(|(key, _)| key.0)
        });
        let expired_before_us = words.iter().map(|(said, _)| said.expired_before_us).max().unwrap_or(0);
        for finished in words.iter().flat_map(|(said, to)| said.finished.iter().filter(|f| f.at <= *to)) {
            let stem = finished.video.split('.').next().unwrap_or_default();
            let key = (order(stem).ok_or("a name")?, stem.to_string());
            let Some(clip) = clips.get(&key).filter(|clip| clip.video.is_some()) else {
                let was_removed = |(said, to): &Words<'_>| {
                    said.removed.get(finished.video.as_str()).is_some_and(|at| at <= to)
                };
                let is_too_old = key.0.0 * 1_000_000 + key.0.1 < expired_before_us;
                if !(is_room_scarce || is_too_old) || !words.iter().any(was_removed) {
                    return Err(format!("{stem} was finished and is gone"));
                }
                if oldest[usize::from(is_continuous(stem))].is_some_and(|oldest| oldest < key.0) {
                    return Err(format!("{stem} is gone, an older clip is not"));
                }
                gone = true;
                continue;
            };
            if clip.video.is_some_and(|content| content.hash() != finished.content.hash()) {
                return Err(format!("{stem} was finished and has other bytes now"));
            }
            let is_complete = match clip.description {
                Some(content) => self.description(content)?.complete,
                None => false,
            };
            if !is_complete && !is_undescribed(stem, words) {
                return Err(format!("{stem} was finished and is not described as complete"));
            }
        }
        Ok(gone)
    }

    /// Rule 7.
    fn judge_chain(
        &mut self,
        files: &Files,
        words: &[Words<'_>],
        is_room_scarce: bool,
    ) -> Result<(), String> {
        let mut hashes: BTreeMap<u64, String> = BTreeMap::from([(0, Hash::NONE.to_string())]);
        let mut linked: BTreeMap<String, String> = BTreeMap::new();
        let (mut first, mut let_go) = (None, Vec::new());
        // By name, and so by number.
        for (name, content) in files.iter().filter(|(name, _)| is_of_chain(name)) {
            let read = || read_segment(&content.bytes);
            let links = self.segments.entry(content.hash()).or_insert_with(read).clone();
            for link in links.map_err(|fault| format!("{name}: {fault}"))?.iter() {
                let begins = *first.get_or_insert(link.number);
                let is_first_kept = begins == link.number && begins > 1;
                if !is_first_kept && hashes.get(&(link.number - 1)) != Some(&link.previous) {
                    return Err(format!("{name}: link {} does not follow from the one before", link.number));
                }
                hashes.insert(link.number, link.hash.clone());
                let_go.extend(link.let_go);
                linked.extend(link.files.iter().cloned());
                linked.retain(|file, _| !link.removed.iter().any(|stem| file.starts_with(stem.as_str())));
            }
        }
        let first = first.unwrap_or(1);
        // Several files may have been about to go, and the power went between them.
        if first > 1 && let_go.iter().all(|kept_from| *kept_from < first) {
            return Err(format!("the chain begins with link {first}, and no link says so"));
        }
        let shown = words.iter().flat_map(|(said, to)| said.heads.iter().filter(move |(at, ..)| at <= to));
        for (_, number, hash) in shown {
            if *number >= first && hashes.get(number) != Some(hash) {
                return Err(format!("link {number} was shown and is not in the chain"));
            }
        }
        self.judge_linked(files, &linked, is_room_scarce)
    }

    /// Rule 8. On a full card a clip may go before that can be written down.
    fn judge_linked(
        &mut self,
        files: &Files,
        linked: &BTreeMap<String, String>,
        is_room_scarce: bool,
    ) -> Result<(), String> {
        for (file, hash) in linked {
            match files.get(file.as_str()) {
                Some(content) if self.sha256(content) == *hash => {}
                Some(_) => return Err(format!("{file} is not what the chain says")),
                None if is_room_scarce => {}
                None => return Err(format!("{file} is in the chain and not on the card")),
            }
        }
        Ok(())
    }

    fn sha256(&mut self, content: &Content) -> String {
        self.hashes.entry(content.hash()).or_insert_with(|| Hash::of(&content.bytes).to_string()).clone()
    }

    fn video(&mut self, content: &Content, is_sealed: bool) -> Result<Rc<Video>, String> {
        let read = || if is_sealed { read_sealed_video(&content.bytes) } else { read_video(&content.bytes) };
        self.videos.entry(content.hash()).or_insert_with(read).clone()
    }

    fn description(&mut self, content: &Content) -> Result<Rc<Description>, String> {
        let read = || read_description(&content.bytes).map(Rc::new);
        let read = self.descriptions.entry(content.hash()).or_insert_with(read);
        read.clone().ok_or_else(|| "its description is not one".into())
    }
}

/// Whether it was told that a description of that clip could not be written.
fn is_undescribed(stem: &str, words: &[Words<'_>]) -> bool {
    words.iter().any(|(said, _)| said.undescribed.contains(stem))
}

/// Rule 10. From the moment on that a release was asked for nothing is promised any more.
fn judge_protected(clips: &Clips<'_>, words: &[Words<'_>]) -> Result<(), String> {
    for (stem, from, until) in words.iter().flat_map(|(said, to)| {
        said.protected.iter().filter(move |(_, from, until)| from <= to && *until >= *to)
    }) {
        let key = (order(stem).ok_or("a name")?, stem.clone());
        // One that held no whole frame when the power went is gone, and its protection with it.
        let is_finished = words.iter().any(|(said, to)| {
            said.finished
                .iter()
                .any(|finished| finished.at <= *to && finished.video.starts_with(stem.as_str()))
        });
        match clips.get(&key) {
            Some(clip) if clip.is_protected => {}
            None if !is_finished => {}
            _ => return Err(format!("{stem} was protected from {from} to {until} and is not")),
        }
    }
    Ok(())
}

/// Rule 1; what is left, by clip, oldest first.
fn sort<'a>(files: &'a Files, foreign: &Files) -> Result<Clips<'a>, String> {
    for (name, content) in foreign {
        if files.get(name).is_none_or(|now| now.hash() != content.hash()) {
            return Err(format!("{name} is not ours and was touched"));
        }
    }
    let mut clips: BTreeMap<_, Clip<'_>> = BTreeMap::new();
    for (name, content) in files.iter().filter(|(name, _)| !foreign.contains_key(*name) && !is_of_chain(name))
    {
        let (stem, extension) = name.split_once('.').ok_or("a file without an extension")?;
        let key = (order(stem).ok_or_else(|| format!("whose is {name}?"))?, stem.to_string());
        let clip = clips.entry(key).or_default();
        match extension {
            "mp4" | "mp4.age" if clip.video.is_none() => {
                (clip.video, clip.is_sealed) = (Some(content), extension == "mp4.age");
            }
            "json" => clip.description = Some(content),
            "json.new" => clip.draft = Some(content),
            "jpg" | "jpg.age" if clip.still.is_none() => clip.still = Some(content),
            "keep" => clip.is_protected = true,
            _ => return Err(format!("whose is {name}?")),
        }
    }
    Ok(clips)
}

/// Rule 5, and of rule 6 what concerns frames.
fn judge_frames(frames: &Frames, words: &[Words<'_>], may_oldest_be_gone: bool) -> Result<(), String> {
    let numbers = &frames.numbers;
    if let Some(pair) = numbers.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(format!("frame {} comes after frame {}", pair[1], pair[0]));
    }
    for (said, to) in words {
        for (number, (at, verdict)) in &said.verdicts {
            let is_promised = *verdict == Verdict::Recorded && at <= to;
            let kind = usize::from(said.continuous.contains(number));
            let may_be_gone = may_oldest_be_gone && frames.first[kind].is_none_or(|first| *number < first);
            if is_promised && !may_be_gone && numbers.binary_search(number).is_err() {
                return Err(format!("frame {number} was recorded and is not there"));
            }
        }
    }
    Ok(())
}

//! Which files of a card a person wants. A pure decision.

use std::collections::BTreeSet;

use super::date;
use super::names::{Clip, Verdict};

/// What the person asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only so many clips, the newest.
    pub newest: Option<usize>,
    /// Only clips from this second (since 1970, by the camera's clock) on.
    pub since: Option<u64>,
}

impl Wanted {
    /// Of what was typed.
    ///
    /// # Errors
    /// When `since` is no date.
    pub fn new(newest: Option<usize>, since: Option<&str>) -> Result<Self, super::Error> {
        let parse = |text: &str| date::parse(text).ok_or_else(|| super::Error::Date(text.to_owned()));
        Ok(Self { newest, since: since.map(parse).transpose()? })
    }
}

/// A file of the clips' folder that may be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its inode.
    pub inode: u32,
    /// The clip that it belongs to.
    pub clip: Option<Clip>,
}

impl Candidate {
    /// None for what is not copied.
    #[must_use]
    pub fn new(name: String, inode: u32, verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Clip(clip) => Some(Self { name, inode, clip: Some(clip) }),
            Verdict::Other => Some(Self { name, inode, clip: None }),
            Verdict::Draft | Verdict::Refused => None,
        }
    }
}

/// Those that are wanted: first what belongs to no clip, which is small, then the clips, newest first.
#[must_use]
pub fn select(mut candidates: Vec<Candidate>, wanted: Wanted) -> Vec<Candidate> {
    let clips: BTreeSet<Clip> = candidates.iter().filter_map(|one| one.clip.clone()).collect();
    let is_new = |clip: &&Clip| wanted.since.is_none_or(|since| clip.seconds >= since);
    let kept: BTreeSet<&Clip> =
        clips.iter().rev().filter(is_new).take(wanted.newest.unwrap_or(usize::MAX)).collect();
    candidates.retain(|one| one.clip.as_ref().is_none_or(|clip| kept.contains(clip)));
    candidates.sort_by(|one, other| {
        // Nothing comes before every clip; a clip's description is small and comes before its video.
        let by_clip = match (&one.clip, &other.clip) {
            (Some(one), Some(other)) => other.cmp(one),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        by_clip.then_with(|| one.name.cmp(&other.name))
    });
    candidates
}

#[cfg(test)]
mod tests {
    use super::super::names::judge;
    use super::{Candidate, Wanted, select};

    fn chosen(newest: Option<usize>, since: Option<&str>) -> Vec<String> {
        let name = |second: u64, extension| format!("{second}_1-0_gate_0-0-1-1_9_7.{extension}");
        let mut names: Vec<String> =
            (0..3).flat_map(|day| ["mp4", "json"].map(|e| name(1_795_392_000 + day * 86_400, e))).collect();
        names.push("chain-0000000001.jsonl".into());
        let candidates = names.into_iter().filter_map(|name| {
            let (verdict, name) = judge(name.as_bytes());
            Candidate::new(name, 1, verdict)
        });
        let wanted = Wanted::new(newest, since).expect("a date");
        let chosen = select(candidates.collect(), wanted).into_iter().map(|one| one.name);
        chosen.map(|name| name.replace("_1-0_gate_0-0-1-1_9_7", "").replace("1795", "")).collect()
    }

    #[test]
    fn the_newest_come_first_whole_and_behind_what_is_no_clip() {
        let all = [
            "chain-0000000001.jsonl",
            "564800.json",
            "564800.mp4",
            "478400.json",
            "478400.mp4",
            "392000.json",
            "392000.mp4",
        ];
        assert_eq!(chosen(None, None), all);
        assert_eq!(chosen(Some(2), None), all[..5]);
        assert_eq!(chosen(Some(0), None), all[..1]);
        assert_eq!(chosen(None, Some("2026-11-24")), all[..5]);
        assert_eq!(chosen(Some(1), Some("2026-11-24")), all[..3]);
        assert!(Wanted::new(None, Some("yesterday")).is_err());
    }
}

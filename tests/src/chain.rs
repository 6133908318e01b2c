//! The chain of hashes on a card, read without the firmware's code.
//!
//! As ARCHITECTURE.md describes it: files `chain-*.jsonl`, a JSON object a line, each with the SHA-256 of the line before. What
//! a power cut tore at the very end is no link. Must not repair anything.

use crate::Failure;
use crate::verify::Files;
use image_builder::digest::sha256;
use std::collections::BTreeMap;
use std::path::Path;

/// The files of a folder of clips.
pub fn files_in(folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.insert(name.unwrap_or_default(), std::fs::read(&path)?);
    }
    Ok(files)
}

/// What the chain says of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The hash of each of its files, by what follows the name.
    pub files: BTreeMap<String, String>,
    /// Whether the device said that it deletes it.
    pub is_removed: bool,
}

/// A chain.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Clips by name, without extension.
    pub clips: BTreeMap<String, Linked>,
    /// How many links there are.
    pub links: u64,
    /// The hash of the last line.
    pub head: String,
}

/// Reads the chain among these files; every link must follow from the one before.
pub fn read(files: &Files) -> Result<Chain, Failure> {
    let mut chain = Chain { head: "0".repeat(64), ..Chain::default() };
    let segments: Vec<_> = files.iter().filter(|(name, _)| name.starts_with("chain-")).collect();
    for (index, (name, content)) in segments.iter().enumerate() {
        let mut lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
        // Behind the last newline: nothing, or what a cut tore.
        let rest = lines.pop().unwrap_or_default();
        let is_newest = index + 1 == segments.len();
        if !rest.is_empty() && !is_newest {
            return Err(format!("{name} does not end with a line").into());
        }
        for line in lines {
            add(&mut chain, line).map_err(|error| format!("{name}, after link {}: {error}", chain.links))?;
        }
    }
    Ok(chain)
}

fn add(chain: &mut Chain, line: &[u8]) -> Result<(), Failure> {
    let link: serde_json::Value = serde_json::from_slice(line)?;
    let text = |key: &str| link[key].as_str().map(str::to_owned).ok_or(format!("no {key} in {link}"));
    if link["number"].as_u64() != Some(chain.links + 1) {
        return Err(format!("the number of {link}").into());
    }
    if text("previous")? != chain.head {
        return Err(format!("the link before {link} was another one").into());
    }
    (chain.links, chain.head) = (chain.links + 1, sha256(line));
    match text("kind")?.as_str() {
        "begins" if chain.links == 1 => {}
        "letgo" => {}
        "clip" => {
            let linked = Linked { files: serde_json::from_value(link["files"].clone())?, is_removed: false };
            chain.clips.insert(text("name")?, linked);
        }
        "removed" => {
            for name in link["names"].as_array().ok_or("no names")? {
                if let Some(clip) = name.as_str().and_then(|name| chain.clips.get_mut(name)) {
                    clip.is_removed = true;
                }
            }
        }
        other => return Err(format!("a link of the kind {other}").into()),
    }
    Ok(())
}

/// Every clip of the chain that was not said to be deleted is among the files as it was, with its description, and every clip in
/// `promised` (names of videos) is in the chain. `hash` is asked for the hash of a file.
pub fn judge(
    files: &Files,
    promised: &[&str],
    hash: impl Fn(&str, &[u8]) -> String,
) -> Result<Chain, Failure> {
    let chain = read(files)?;
    for (name, linked) in chain.clips.iter().filter(|(_, linked)| !linked.is_removed) {
        if !linked.files.contains_key(".json")
            || !linked.files.keys().any(|extension| extension.starts_with(".mp4"))
        {
            return Err(format!("the link of {name} does not name its video and its description").into());
        }
        for (extension, expected) in &linked.files {
            let file = format!("{name}{extension}");
            let content = files.get(&file).ok_or(format!("{file} is in the chain and not on the card"))?;
            if hash(&file, content) != *expected {
                return Err(format!("{file} is not what the chain says").into());
            }
        }
    }
    let is_linked =
        |video: &str| video.find(".mp4").is_some_and(|end| chain.clips.contains_key(&video[..end]));
    match promised.iter().find(|video| !is_linked(video)) {
        Some(video) => Err(format!("{video} was said to be complete and is in no link").into()),
        None => Ok(chain),
    }
}

#[cfg(test)]
mod tests {
    use super::{judge, read};
    use crate::verify::Files;
    use image_builder::digest::sha256;

    fn sample() -> Files {
        let begins = format!(r#"{{"number":1,"previous":"{}","kind":"begins"}}"#, "0".repeat(64));
        let (previous, video, description) =
            (sha256(begins.as_bytes()), sha256(b"video"), sha256(b"description"));
        let clip = format!(
            r#"{{"number":2,"previous":"{previous}","kind":"clip","name":"one","files":{{".json":"{description}",".mp4":"{video}"}}}}"#
        );
        let removed = format!(
            r#"{{"number":3,"previous":"{}","kind":"removed","why":"room","names":["one"]}}"#,
            sha256(clip.as_bytes())
        );
        let content = |text: &str| text.as_bytes().to_vec();
        Files::from([
            ("one.mp4".to_owned(), content("video")),
            ("one.json".to_owned(), content("description")),
            ("chain-0000000001.jsonl".to_owned(), content(&format!("{begins}\n{clip}\n"))),
            ("chain-0000000003.jsonl".to_owned(), content(&format!("{removed}\n{{\"numb"))),
        ])
    }

    #[test]
    fn a_chain_is_read_across_its_files_up_to_what_was_torn() {
        let chain = read(&sample()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((chain.links, chain.clips["one"].is_removed), (3, true));
    }

    #[test]
    fn what_does_not_fit_is_found() {
        let hash = |_: &str, content: &[u8]| sha256(content);
        let with = |change: fn(&mut Files)| {
            let mut files = sample();
            files.remove("chain-0000000003.jsonl");
            change(&mut files);
            judge(&files, &["one.mp4"], hash)
        };
        assert!(with(|_| ()).is_ok());
        assert!(with(|files| drop(files.remove("one.mp4"))).is_err(), "a clip is gone");
        assert!(with(|files| drop(files.insert("one.json".into(), b"other".to_vec()))).is_err(), "changed");
        assert!(with(|files| files.clear()).is_err(), "a promised clip is in no link");
        let break_it = |files: &mut Files| {
            let content = files.get_mut("chain-0000000001.jsonl").expect("there");
            content[20] ^= 1;
        };
        assert!(with(break_it).is_err(), "a line was changed");
    }
}

//! The list of clips that `--list` shows, newest first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use evidence::VIDEOS;

use super::card::Card;
use super::copy::CHUNK_BYTES;
use super::date;
use super::description::{self, Description};
use super::names::Clip;
use super::select::Candidate;
use crate::card_writer::human;
use crate::ext4;

/// What is known of a clip.
#[derive(Default)]
struct Row {
    bytes: u64,
    video: Option<String>,
    description: Option<Description>,
    trouble: Option<ext4::Error>,
}

/// The list; and whether all of it could be read.
pub fn table(card: &mut Card, candidates: Vec<Candidate>) -> (String, bool) {
    let mut rows: BTreeMap<Clip, Row> = BTreeMap::new();
    let mut others = 0;
    for one in candidates {
        let Some(clip) = one.clip else {
            others += 1;
            continue;
        };
        let row = rows.entry(clip).or_default();
        if let Err(error) = add(card, row, one.name, one.inode) {
            row.trouble = Some(error);
        }
    }
    let (mut text, mut is_whole) = (String::new(), true);
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{:<20} {:>8} {:>11}  {:<10} {:<16} CLIP",
        "TIME (UTC)", "LENGTH", "SIZE", "STATE", "CAUSE"
    );
    for (clip, row) in rows.iter().rev() {
        is_whole &= row.trouble.is_none();
        text.push_str(&line(clip, row));
    }
    let _ = writeln!(text, "{} clips, newest first; {others} other files. Nothing was copied.", rows.len());
    if rows.values().any(|row| row.description.as_ref().is_some_and(|one| !one.has_time())) {
        text.push_str("~ the camera's clock was not set: the time is the earliest that it can have been.\n");
    }
    (text, is_whole)
}

fn add(card: &mut Card, row: &mut Row, name: String, inode: u32) -> Result<(), ext4::Error> {
    let inode = card.inode(inode)?;
    row.bytes += inode.bytes;
    if name.ends_with(".json") && inode.bytes <= description::BYTES_MAX {
        let file = card.file(inode)?;
        let mut buffer = vec![0; CHUNK_BYTES.min(description::BYTES_MAX as usize)];
        row.description = Description::parse(card.read(&file, 0, &mut buffer)?);
    } else if VIDEOS.iter().any(|video| name.ends_with(video)) {
        row.video = Some(name);
    }
    Ok(())
}

fn line(clip: &Clip, row: &Row) -> String {
    let known = row.description.as_ref();
    let state = match known {
        _ if row.trouble.is_some() => "unreadable",
        _ if row.video.is_none() => "no video",
        Some(one) if one.complete => "complete",
        // Power or card failed while it was recorded; it plays up to there.
        Some(_) => "cut short",
        None => "unknown",
    };
    let mark = if known.is_some_and(|one| !one.has_time()) { "~" } else { "" };
    let time = format!("{mark}{}", date::show(clip.seconds));
    let length = known.map_or("-".to_owned(), |one| format!("{:.1} s", one.seconds()));
    let cause = known.map(Description::cause).filter(|cause| !cause.is_empty()).unwrap_or("-".to_owned());
    let name = row.video.clone().unwrap_or_else(|| clip.stem.clone());
    let mut text =
        format!("{time:<20} {length:>8} {:>11}  {state:<10} {cause:<16} {name}\n", human(row.bytes));
    if let Some(error) = &row.trouble {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<20} {error}", "");
    }
    text
}

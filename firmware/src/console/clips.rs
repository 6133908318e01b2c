//! `clips`: the newest clips, one of them in full, and what the owner wants done with one.
//!
//! Reads the folder; what changes something is the guard's to do.

use super::context::Context;
use super::export;
use super::grammar::{Form, Word};
use super::orders;
use super::reply::Reply;
use super::send;
use crate::control::{ClipOrder, Question, ask};
use crate::plain::plain;
use crate::record::folder::Directory;
use crate::record::name::FILE_NAME_BYTES_MAX;
use crate::record::retention::{self, LISTED_MAX, Listed, Listing};
use crate::record::shelf::read_sidecar;
use crate::record::{Cause, ClipName, Extension, Sidecar};
use crate::{paths, wall};
use hours::Zone;
use serde_json::json;

/// What may follow `clips`.
#[rustfmt::skip]
pub const FORMS: &[Form] = &[
    Form { words: &[], help: "the newest clips; `*` marks those protected" },
    Form { words: &[Word::Is("show"), Word::Clip], help: "one in full" },
    Form { words: &[Word::Is("protect"), Word::Clip], help: "never delete it to make room" },
    Form { words: &[Word::Is("release"), Word::Clip], help: "it is as others again" },
    Form { words: &[Word::Is("delete"), Word::Clip], help: "it goes now" },
    Form { words: &[Word::Is("protected")], help: "every clip that is protected" },
    Form { words: &[Word::Is("export")], help: "copy to a USB stick what it does not have" },
    Form { words: &[Word::Is("export"), Word::Is("all")], help: "all of them, comparing every byte" },
    Form { words: &[Word::Is("export"), Word::Is("newest"), Word::Any("N")], help: "the newest N" },
    Form { words: &[Word::Is("export"), Word::Is("since"), Word::Any("YYYY-MM-DD")], help: "those of that day and later" },
    Form { words: &[Word::Is("export"), Word::Is("stop")], help: "end an export" },
    Form { words: &[Word::Is("export"), Word::Clip], help: "one clip" },
    Form { words: &[Word::Is("send"), Word::Clip], help: "its film over this line, by ZMODEM (`rz`)" },
    Form { words: &[Word::Is("send"), Word::Clip, Word::Is("still")], help: "its picture" },
    Form { words: &[Word::Is("send"), Word::Clip, Word::Is("description")], help: "what is known of it" },
    Form { words: &[Word::Is("send"), Word::Clip, Word::Is("all")], help: "all three" },
];
/// Clips listed: a screen full.
const SHOWN: usize = 20;

/// See the head of this file.
pub fn clips(context: &mut Context<'_>) -> Reply {
    let folder = Directory::new(paths::CLIPS_DIR, false);
    if context.arguments == ["protected"] {
        return protected(&folder).into();
    }
    // A person looks at a screen full; a machine gets as many as a clip is looked for among.
    let is_for_people = context.arguments.is_empty() && !*context.is_machine;
    let newest_max = if is_for_people { SHOWN } else { LISTED_MAX };
    let list = || {
        let cannot = |error| format!("The clips cannot be listed: {error}.\n");
        retention::list(&folder, newest_max).map_err(cannot)
    };
    if let ["export", words @ ..] = context.arguments {
        return export::export(words, &context.desk.in_force().time_zone, list);
    }
    if let ["send", words @ ..] = context.arguments {
        return match send::prepare(words, &folder, list) {
            Ok(batch) => Reply { batch: Some(batch), ..Reply::done("") },
            Err(why) => Reply::refused(why),
        };
    }
    let listing = match list() {
        Ok(listing) => listing,
        Err(why) => return Reply::refused(why),
    };
    match context.arguments {
        ["show", typed] => {
            find(&listing, typed).map(|clip| show(&folder, clip, &context.desk.in_force().time_zone)).into()
        }
        ["protect", typed] => {
            order(listing, typed, ClipOrder::Protect, "Protected: it is not deleted to make room.")
        }
        ["release", typed] => {
            order(listing, typed, ClipOrder::Release, "Released: it is a clip as others again.")
        }
        ["delete", typed] => order(listing, typed, ClipOrder::Delete, "Deleted."),
        _ => Reply::done(table(&listing)).with(&facts(&listing)),
    }
}

fn table(listing: &Listing) -> String {
    if listing.newest.is_empty() {
        return "No clips.\n".into();
    }
    let lines: String = listing.newest.iter().take(SHOWN).map(line).collect();
    format!(
        "{lines}{} of {} clips, newest first; `*` marks those protected.\n",
        listing.newest.len().min(SHOWN),
        listing.total
    )
}

/// The same for a machine.
fn facts(listing: &Listing) -> serde_json::Value {
    let clip = |clip: &Listed| {
        let file = clip.name.file_name(clip.video);
        json!({ "file": file.as_str(), "bytes": clip.bytes, "protected": clip.is_protected })
    };
    let clips: Vec<_> = listing.newest.iter().map(clip).collect();
    json!({ "total": listing.total, "newest": clips })
}

fn line(clip: &Listed) -> String {
    let mark = if clip.is_protected { '*' } else { ' ' };
    format!("{mark}{:>9} KiB  {}\n", clip.bytes / 1024, clip.name.file_name(clip.video))
}

/// What was typed, without the extension of a video.
fn stem_of(typed: &str) -> &str {
    // The longer of the two first.
    Extension::VIDEOS.iter().rev().find_map(|video| typed.strip_suffix(video.as_str())).unwrap_or(typed)
}

/// Every clip that the owner protects.
fn protected(folder: &Directory) -> Result<String, String> {
    match retention::protected(folder) {
        Ok(names) if names.is_empty() => Ok("No clip is protected.\n".into()),
        Ok(names) => Ok(names.iter().rev().map(|name| format!("{name}\n")).collect()),
        Err(error) => Err(format!("The clips cannot be listed: {error}.\n")),
    }
}

/// The clip whose name begins with what was typed, if there is just one; else a sentence.
fn find<'a>(listing: &'a Listing, typed: &str) -> Result<&'a Listed, String> {
    let stem = stem_of(typed);
    let mut found = listing.newest.iter().filter(|clip| clip.name.to_string().starts_with(stem));
    match (found.next(), found.next()) {
        (Some(clip), None) => Ok(clip),
        (Some(_), Some(_)) => {
            Err(format!("More than one clip begins with `{}`; type more of it.\n", typed.escape_default()))
        }
        (None, _) => Err(format!(
            "No clip begins with `{}` among the newest {LISTED_MAX}; `clips` lists them.\n",
            typed.escape_default()
        )),
    }
}

/// The name that was typed, or that of the clip which begins so. A whole name may be that of a clip which is not among the newest.
pub(super) fn named(typed: &str, list: impl FnOnce() -> Result<Listing, String>) -> Result<ClipName, String> {
    match ClipName::parse(stem_of(typed).as_bytes()) {
        Some(whole) => Ok(whole),
        None => find(&list()?, typed).map(|clip| clip.name.clone()),
    }
}

fn order(listing: Listing, typed: &str, what: ClipOrder, done: &str) -> Reply {
    match named(typed, || Ok(listing)) {
        Ok(name) => orders::done(ask(paths::GUARD_SOCKET, &Question::Clip(what, name.to_string())), done),
        Err(why) => Reply::refused(why),
    }
}

/// Everything that the description says.
fn show(folder: &Directory, clip: &Listed, zone: &Zone) -> String {
    match read_sidecar(folder, &clip.name) {
        Ok(Some(sidecar)) => line(clip) + &words(clip, &sidecar, zone),
        _ => format!("{}It has no description that can be read.\n", line(clip)),
    }
}

/// What a description says, in rows. Somebody else may have written it: nothing of it moves the cursor or ends in a panic.
pub fn words(clip: &Listed, sidecar: &Sidecar, zone: &Zone) -> String {
    let row = |name: &str, text: String| format!("  {name:<10}{text}\n");
    let time = wall::shown(zone, clip.name.wall_us());
    let doubt = if sidecar.clock == crate::record::ClockState::Trusted { "" } else { " (clock not set)" };
    let [x1, y1, x2, y2] = sidecar.region_coordinates;
    let cause = match (sidecar.cause, &sidecar.tamper) {
        (Cause::Continuous, _) => "continuous recording".into(),
        (_, Some(word)) => format!("tampering: {}", short(word)),
        (Cause::Tamper, None) => "tampering".into(),
        (Cause::Input, None) => format!("input {}", sidecar.input.map_or("?".into(), |n| n.to_string())),
        (Cause::Motion, None) => {
            format!("motion at {x1},{y1}-{x2},{y2}, {} changes", sidecar.number_of_changes)
        }
    };
    let length_us = u64::try_from(sidecar.end_us.saturating_sub(sidecar.start_us)).unwrap_or(0);
    let seconds = format!("{}.{} s", length_us / 1_000_000, length_us % 1_000_000 / 100_000);
    let state = if sidecar.complete { "complete" } else { "being written, or cut short" };
    let lost = sidecar.dropped_frames.total();
    row("event", format!("{time}{doubt}: {cause}"))
        + &row(
            "clip",
            format!(
                "{seconds}, {} frames of {}x{}, {lost} lost; {state}",
                sidecar.frames, sidecar.width, sidecar.height
            ),
        )
        + &row(
            "picture",
            if sidecar.path_to_image.is_empty() { "none".into() } else { short(&sidecar.path_to_image) },
        )
}

/// Text of a file on the card as a terminal may have it, and no longer than a file's name.
fn short(text: &str) -> String {
    plain(text).chars().take(FILE_NAME_BYTES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{ClipName, Extension, Listed, Listing, Sidecar, find, table, words};
    use hours::Zone;

    fn listed(name: &str, is_protected: bool) -> Listed {
        Listed {
            name: ClipName::parse(name.as_bytes()).expect("a clip's name"),
            video: Extension::Video,
            bytes: 2048,
            is_protected,
        }
    }

    fn listing() -> Listing {
        let names = ["1486049622_6-161868_door_308-250-346-329_194_344", "1486049600_1-0_door_0-0-0-0_0_3"];
        Listing { newest: vec![listed(names[0], true), listed(names[1], false)], total: 7 }
    }

    #[test]
    fn a_clip_is_found_by_the_beginning_of_its_name() {
        let listing = listing();
        assert_eq!(find(&listing, "1486049622"), Ok(&listing.newest[0]));
        let whole = "1486049600_1-0_door_0-0-0-0_0_3.mp4";
        assert_eq!(find(&listing, whole), Ok(&listing.newest[1]));
        assert!(find(&listing, "14860496").is_err_and(|why| why.contains("More than one")));
        assert!(find(&listing, "2").is_err_and(|why| why.contains("No clip")));
    }

    #[test]
    fn protected_clips_are_marked_and_a_description_becomes_words() {
        let text = table(&listing());
        assert!(text.starts_with("*        2 KiB  1486049622_"), "{text}");
        assert!(text.ends_with("2 of 7 clips, newest first; `*` marks those protected.\n"), "{text}");
        let clip = &listing().newest[0];
        let mut sidecar = Sidecar::of(&clip.name);
        (sidecar.complete, sidecar.frames, sidecar.end_us) = (true, 30, 2_000_000);
        let text = words(clip, &sidecar, &Zone::default());
        assert!(
            text.contains("2017-02-02 15:33:42 UTC (clock not set): motion at 308,250-346,329, 194 changes"),
            "{text}"
        );
        assert!(text.contains("2.0 s, 30 frames of 0x0, 0 lost; complete"), "{text}");
    }

    #[test]
    fn a_description_by_somebody_else_does_no_harm_to_the_terminal() {
        let clip = &listing().newest[0];
        let mut sidecar = Sidecar::of(&clip.name);
        sidecar.tamper = Some("cov\x1b[2Jered\u{9b}\u{202e}\r\n".into());
        sidecar.path_to_image = format!("\x07{}", "x".repeat(9999));
        (sidecar.dropped_frames.card_full, sidecar.dropped_frames.upstream) = (u64::MAX, 7);
        (sidecar.start_us, sidecar.end_us) = (i64::MIN, i64::MAX);
        let text = words(clip, &sidecar, &Zone::default());
        assert!(text.contains("tampering: cov[2Jered\n"), "{text}");
        assert!(text.contains(" 18446744073709551615 lost"), "{text}");
        assert!(
            text.len() < 400 && text.bytes().all(|b| b == b'\n' || b == b' ' || b.is_ascii_graphic()),
            "{text}"
        );
    }
}

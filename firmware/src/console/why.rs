//! `why`: the last event and the last thing that was none, explained with the numbers that they were held against.

use super::reply::Reply;
use super::view::percent;
use crate::control::{Answer, Explained, Question, ThingCount, Why, ask};
use crate::paths;
use crate::told::duration;

/// Asks the guard and puts its answer into words.
pub fn why() -> Reply {
    match ask(paths::GUARD_SOCKET, &Question::Why) {
        Ok(Answer::Why(why)) => Reply::done(explain(&why)).with(&why),
        Ok(_) => Reply::refused("Not known: an unexpected answer.\n"),
        Err(error) => Reply::refused(format!("Not known: {error}.\n")),
    }
}

fn explain(why: &Why) -> String {
    let mut out = match (why.event, &why.event_subject, &why.motion) {
        (Some(number), Some(subject), _) => head(&format!("event {number}"), subject, why.plane_px),
        (Some(number), None, _) => {
            format!("event {number} was made of tampering with the camera; see `events`\n")
        }
        (None, _, Some(motion)) => {
            let reason = match (why.armed, why.armed_why.as_str()) {
                (true, _) => "no event was made of it".into(),
                (false, "") => "no event: not armed".into(),
                (false, why) => format!("no event: not armed, {why}"),
            };
            head(&format!("motion ({reason})"), motion, why.plane_px)
        }
        (None, _, None) => "no event and no motion since the guard started\n".into(),
    };
    out += &match &why.suppressed {
        Some(subject) => head("the last thing that was no motion", subject, why.plane_px),
        None => "nothing that moved was suppressed\n".into(),
    };
    let things: Vec<String> = why.things.iter().map(thing).collect();
    out += &format!("things    {}\n", if things.is_empty() { "none".into() } else { things.join("; ") });
    let frames: Vec<String> = why.frames.iter().map(|(name, count)| format!("{name} {count}")).collect();
    out + &format!("frames    {}\n", if frames.is_empty() { "none".into() } else { frames.join(", ") })
}

fn thing(ThingCount { what, count, last_ago_ms }: &ThingCount) -> String {
    let last = last_ago_ms.map_or_else(String::new, |ms| format!(" (last {} ago)", duration(ms / 1000)));
    format!("{count} {what}{last}")
}

/// One thing: what was said of it, and what it was held against.
fn head(name: &str, subject: &Explained, plane_px: u32) -> String {
    let ago = duration(subject.ago_ms / 1000);
    let place = match (subject.is_judged, subject.zone) {
        (false, _) => "where motion does not count".into(),
        (true, Some(zone)) => format!("in zone {zone}"),
        (true, None) => "in the picture".into(),
    };
    let mut out = format!("{name}, {ago} ago, {place}: {}\n", subject.sentence);
    out += &format!("  size      {}", share(subject.blob_px, plane_px));
    if subject.is_judged {
        out += &format!("; at least {}", share(subject.blob_px_min, plane_px));
        out += &match subject.travel_px_min {
            0 => format!("\n  travel    {} px; none was needed", subject.travel_px),
            least => format!("\n  travel    {} px; at least {least} px", subject.travel_px),
        };
    }
    out + &format!("\n  contrast  {} grey levels from the background\n", subject.contrast)
}

/// A size as a part of the picture, as settings give it, and in the detector's pixels.
fn share(px: u32, plane_px: u32) -> String {
    format!("{} % of the picture ({px} px)", percent(px, plane_px))
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::control::{Explained, ThingCount, Why};

    fn subject() -> Explained {
        Explained {
            sentence: "Something large enough persists and moves.".into(),
            ago_ms: 72_400,
            is_judged: true,
            zone: Some(2),
            blob_px: 220,
            blob_px_min: 22,
            travel_px: 5,
            travel_px_min: 0,
            contrast: 34,
        }
    }

    #[test]
    fn an_event_and_a_suppression_are_explained_with_their_numbers() {
        let small = Explained {
            sentence: "Too small.".into(),
            zone: None,
            blob_px: 8,
            travel_px_min: 4,
            ..subject()
        };
        let things = vec![
            ThingCount { what: "too small or too faint".into(), count: 17, last_ago_ms: Some(9_000) },
            ThingCount { what: "motion".into(), count: 2, last_ago_ms: None },
        ];
        let why = Why {
            event: Some(3),
            event_subject: Some(subject()),
            suppressed: Some(small),
            things,
            frames: vec![("quiet".into(), 900), ("motion".into(), 30)],
            plane_px: 14_400,
            ..Why::default()
        };
        assert_eq!(
            explain(&why),
            "event 3, 00:01:12 ago, in zone 2: Something large enough persists and moves.\n  \
             size      1.52 % of the picture (220 px); at least 0.15 % of the picture (22 px)\n  \
             travel    5 px; none was needed\n  contrast  34 grey levels from the background\n\
             the last thing that was no motion, 00:01:12 ago, in the picture: Too small.\n  \
             size      0.05 % of the picture (8 px); at least 0.15 % of the picture (22 px)\n  \
             travel    5 px; at least 4 px\n  contrast  34 grey levels from the background\n\
             things    17 too small or too faint (last 00:00:09 ago); 2 motion\n\
             frames    quiet 900, motion 30\n"
        );
    }

    #[test]
    fn motion_without_an_event_says_why_and_nothing_is_said_plainly() {
        let nothing = explain(&Why::default());
        assert!(
            nothing.starts_with("no event and no motion") && nothing.contains("things    none"),
            "{nothing}"
        );
        let disarmed = explain(&Why { motion: Some(subject()), ..Why::default() });
        assert!(disarmed.starts_with("motion (no event: not armed), 00:01:12 ago, in zone 2"), "{disarmed}");
        let outside = Explained { is_judged: false, ..subject() };
        let outside = explain(&Why { suppressed: Some(outside), ..Why::default() });
        assert!(outside.contains("where motion does not count") && !outside.contains("travel"), "{outside}");
        assert!(explain(&Why { event: Some(1), ..Why::default() }).contains("tampering"));
    }
}

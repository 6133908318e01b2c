//! The report as a person reads it.
use std::fmt::Write as _;

use super::json::Report;
use crate::score::Found;

/// Rows of a list that are printed; the JSON has all.
const ROWS_MAX: usize = 40;
/// Frames of crossings that fit their column.
const FRAMES_MAX: usize = 3;

/// The report as text.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = head(&mut text, report);
    let _ = lists(&mut text, report);
    let _ = lines(&mut text, report);
    let _ = scores(&mut text, report);
    text
}

fn head(text: &mut String, report: &Report) -> std::fmt::Result {
    let (width, height) = report.size;
    let damaged = match report.damaged_frames {
        0 => String::new(),
        damaged => format!(", {damaged} of them damaged"),
    };
    writeln!(
        text,
        "{}: {} frames{damaged}, {:.1} s, {width}x{height}, watched by {}",
        report.input, report.frames, report.seconds, report.watcher
    )
}

fn lists(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "\n{:>16} {:>19}  ALARM", "FRAMES", "SECONDS")?;
    for alarm in report.alarms.iter().take(ROWS_MAX) {
        let frames = format!("{}-{}", alarm.frames.first, alarm.frames.last);
        let seconds = format!("{:.2}-{:.2}", alarm.start_s, alarm.end_s);
        let verdict = if report.has_labels && alarm.is_false { "FALSE: " } else { "" };
        writeln!(text, "{frames:>16} {seconds:>19}  {verdict}{}", alarm.why)?;
    }
    more(text, report.alarms.len())?;
    if !report.has_labels {
        return Ok(());
    }
    writeln!(text, "\n{:>16} {:>19}  LABEL", "FRAMES", "DELAY")?;
    for found in report.activities.iter().chain(&report.tampers).take(ROWS_MAX) {
        label(text, report, found)?;
    }
    more(text, report.activities.len() + report.tampers.len())
}

fn lines(text: &mut String, report: &Report) -> std::fmt::Result {
    if !report.lines.is_empty() {
        writeln!(text, "\n{:>16} {:>19}  LINE", "FRAMES", "COUNT")?;
    }
    for line in &report.lines {
        let frames: Vec<String> = line.crossings.iter().map(|crossing| crossing.frame.to_string()).collect();
        let count = format!("{} in, {} out", line.count_in, line.count_out);
        let frames = if frames.len() > FRAMES_MAX { "many".into() } else { frames.join(" ") };
        writeln!(text, "{frames:>16} {count:>19}  {}", line.line.name)?;
    }
    Ok(())
}

fn label(text: &mut String, report: &Report, found: &Found) -> std::fmt::Result {
    let frames = format!("{}-{}", found.frames.first, found.frames.last);
    let delay = delay(found.delay_frames, found.delay_ms).unwrap_or_else(|| "MISSED".into());
    let zone =
        found.zone.and_then(|zone| report.zones.get(zone)).map(|zone| format!("motion in {}", zone.name));
    let tamper = found.tamper.as_ref().map(|kind| format!("tamper: {kind}"));
    writeln!(text, "{frames:>16} {delay:>19}  {}", tamper.or(zone).unwrap_or_else(|| "motion".into()))
}

fn delay(frames: Option<u64>, ms: Option<u64>) -> Option<String> {
    let (frames, ms) = (frames?, ms?);
    Some(format!("{frames} {}, {ms} ms", if frames == 1 { "frame" } else { "frames" }))
}

fn more(text: &mut String, rows: usize) -> std::fmt::Result {
    match rows.checked_sub(ROWS_MAX) {
        Some(more @ 1..) => writeln!(text, "{:>16}", format!("{more} more")),
        _ => Ok(()),
    }
}

fn scores(text: &mut String, report: &Report) -> std::fmt::Result {
    let hours = |per_hour: Option<f64>| per_hour.map_or("-".into(), |n| format!("{n:.1}"));
    let percent = |share: Option<f64>| share.map_or("-".into(), |share| format!("{:.1} %", share * 100.0));
    if !report.has_labels {
        return writeln!(text, "\n{} alarms; there are no labels to judge them by", report.alarms.len());
    }
    writeln!(text, "\nfound            {} of {}", report.found, report.activities.len())?;
    if !report.tampers.is_empty() {
        let found = report.tampers.iter().filter(|tamper| tamper.found_frame.is_some()).count();
        writeln!(text, "tampering found  {found} of {}", report.tampers.len())?;
    }
    let delay = delay(report.delay_frames_median, report.delay_ms_median);
    writeln!(text, "median delay     {}", delay.unwrap_or_else(|| "-".into()))?;
    let count = report.false_alarms.len();
    writeln!(text, "false alarms     {count}, {} an hour", hours(report.false_alarms_per_hour))?;
    writeln!(
        text,
        "per frame        precision {}, recall {}",
        percent(report.frame_precision),
        percent(report.frame_recall)
    )
}

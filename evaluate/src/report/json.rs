//! Everything that was found, as one JSON object.
use crate::labels::{Area, Labels, Line, Zone};
use crate::score::{Found, FrameCounts, Interval, Rules, Score};
use crate::watch::Rows;

/// One raised alarm.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AlarmReport {
    /// Its frames.
    #[serde(flatten)]
    pub frames: Interval,
    /// Seconds of its first frame.
    pub start_s: f64,
    /// Seconds of its last frame.
    pub end_s: f64,
    /// Whether it touches no label.
    pub is_false: bool,
    /// Why it was raised, in the watcher's words.
    pub why: String,
    /// Where, in its first frame that says so.
    pub regions: Vec<Area>,
}

/// One thing that crossed a line.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CrossingReport {
    /// In which frame.
    pub frame: usize,
    /// `in` or `out`.
    pub direction: &'static str,
}

/// A line and what crossed it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct LineReport {
    /// The line.
    #[serde(flatten)]
    pub line: Line,
    /// Things that went in.
    #[serde(rename = "in")]
    pub count_in: usize,
    /// Things that went out.
    #[serde(rename = "out")]
    pub count_out: usize,
    /// Each of them.
    pub crossings: Vec<CrossingReport>,
}

/// The whole report.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    /// What was looked at.
    pub input: String,
    /// Name and version of the detector.
    pub watcher: String,
    /// Frames.
    pub frames: usize,
    /// Frames that could not be looked at.
    pub damaged_frames: usize,
    /// The picture's width and height in pixels.
    pub size: (u32, u32),
    /// Length.
    pub seconds: f64,
    /// Zones that were watched.
    pub zones: Vec<Zone>,
    /// Lines at which things were counted.
    pub lines: Vec<LineReport>,
    /// Whether there are labels; without them every alarm counts as false.
    pub has_labels: bool,
    /// Tolerance of the labels.
    pub tolerance_ms: u64,
    /// Raised alarms, without post-roll.
    pub alarms: Vec<AlarmReport>,
    /// Every labelled activity.
    pub activities: Vec<Found>,
    /// Every labelled tampering.
    pub tampers: Vec<Found>,
    /// Activities that were found.
    pub found: usize,
    /// Median delay of those in frames.
    pub delay_frames_median: Option<u64>,
    /// The same in milliseconds.
    pub delay_ms_median: Option<u64>,
    /// False alarms, near ones joined.
    pub false_alarms: Vec<Interval>,
    /// Those per hour.
    pub false_alarms_per_hour: Option<f64>,
    /// Frames, counted.
    pub frame_counts: FrameCounts,
    /// Precision per frame.
    pub frame_precision: Option<f64>,
    /// Recall per frame.
    pub frame_recall: Option<f64>,
}

/// Puts a report together.
#[must_use]
pub fn report(
    input: &str,
    watcher: &str,
    (labels, has_labels): (&Labels, bool),
    rows: &Rows,
    (alarms, score, rules): (&[Interval], &Score, Rules),
) -> Report {
    let delay = score.median_delay();
    Report {
        input: input.to_owned(),
        watcher: watcher.to_owned(),
        frames: rows.rows.len(),
        damaged_frames: rows.damaged(),
        size: rows.size,
        seconds: score.length_us as f64 / 1e6,
        zones: labels.zones.clone(),
        lines: labels
            .lines
            .iter()
            .enumerate()
            .map(|(number, line)| line_report(number, line, rows))
            .collect(),
        has_labels,
        tolerance_ms: rules.tolerance_us / 1000,
        alarms: alarms.iter().map(|alarm| alarm_report(*alarm, rows, score)).collect(),
        activities: score.activities.clone(),
        tampers: score.tampers.clone(),
        found: score.found(),
        delay_frames_median: delay.map(|(frames, _)| frames),
        delay_ms_median: delay.map(|(_, ms)| ms),
        false_alarms: score.false_alarms.clone(),
        false_alarms_per_hour: score.false_per_hour(),
        frame_counts: score.frames,
        frame_precision: score.frames.precision(),
        frame_recall: score.frames.recall(),
    }
}

fn line_report(number: usize, line: &Line, rows: &Rows) -> LineReport {
    let in_frame =
        |frame: usize, is_in: bool| CrossingReport { frame, direction: if is_in { "in" } else { "out" } };
    let crossings: Vec<_> = rows
        .rows
        .iter()
        .enumerate()
        .flat_map(|(frame, row)| row.seen.crossings.iter().map(move |crossed| (frame, crossed)))
        .filter(|(_, crossed)| crossed.line == number)
        .map(|(frame, crossed)| in_frame(frame, crossed.is_in))
        .collect();
    let count = |direction| crossings.iter().filter(|crossing| crossing.direction == direction).count();
    LineReport { line: line.clone(), count_in: count("in"), count_out: count("out"), crossings }
}

fn alarm_report(alarm: Interval, rows: &Rows, score: &Score) -> AlarmReport {
    let seconds = |frame: usize| rows.rows.get(frame).map_or(0.0, |row| row.timestamp_us as f64 / 1e6);
    let seen = || rows.rows.iter().skip(alarm.first).take(alarm.last - alarm.first + 1).map(|row| &row.seen);
    AlarmReport {
        frames: alarm,
        start_s: seconds(alarm.first),
        end_s: seconds(alarm.last),
        is_false: score.false_alarms.iter().any(|wrong| wrong.contains(alarm.first)),
        why: seen().next().map(|seen| seen.why.clone()).unwrap_or_default(),
        regions: seen()
            .find(|seen| !seen.regions.is_empty())
            .map(|seen| seen.regions.clone())
            .unwrap_or_default(),
    }
}

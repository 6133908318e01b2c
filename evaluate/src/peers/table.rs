//! Every detector on every clip, as a Markdown table.
use std::fmt::Write as _;

use super::motion::{Motion, TUNED};
use super::opencv::OpenCv;
use super::{Error, Peer, Task};
use crate::input::{self, Frames, Kept, Request};
use crate::labels::{Labels, Truth};
use crate::score::{Alarms, FrameCounts, Rules, Score, judge, median};
use crate::watch::{Kerberos, Rows, Watcher};

/// One clip or scene.
pub struct Case {
    /// The frames.
    pub request: Request,
    /// What is true of it; a scene knows that itself.
    pub labels: Labels,
}

/// The scores of one detector, by case.
struct Column {
    name: String,
    scores: Vec<Score>,
}

/// Runs ours and every peer on every case and returns the tables. With `every_frame`, Motion also plays so slowly that it looks at
/// every frame. `tell` hears of the progress.
///
/// # Errors
/// A peer is missing or fails, an input cannot be read, labels do not fit.
pub fn compare(
    cases: &mut [Case],
    rules: Rules,
    every_frame: bool,
    tell: &dyn Fn(&str),
) -> Result<String, crate::cli::Error> {
    let mut peers: Vec<Box<dyn Peer>> = vec![
        Box::new(Motion::find("defaults", "")?),
        Box::new(Motion::find("tuned", TUNED)?),
        Box::new(OpenCv::find("mog2")?),
        Box::new(OpenCv::find("knn")?),
    ];
    if every_frame {
        peers.push(Box::new(Motion::find("defaults, every frame", "")?.at_every_frame()));
        peers.push(Box::new(Motion::find("tuned, every frame", TUNED)?.at_every_frame()));
    }
    let mut columns = vec![Column { name: Kerberos::new(Default::default()).name(), scores: Vec::new() }];
    columns.extend(peers.iter().map(|peer| Column { name: peer.name(), scores: Vec::new() }));
    let names: Vec<String> = cases.iter().map(|case| case.request.source.to_string()).collect();
    let requests: Vec<Request> = cases.iter().map(|case| case.request.clone()).collect();
    std::thread::scope(|scope| {
        // The next scene is played while Motion looks at this one in real time.
        let (sender, receiver) = std::sync::mpsc::sync_channel(0);
        scope.spawn(move || {
            for request in &requests {
                let kept = input::open(request).and_then(|mut frames| Kept::read(&mut *frames));
                if sender.send(kept).is_err() {
                    return;
                }
            }
        });
        for ((case, name), kept) in cases.iter_mut().zip(&names).zip(receiver) {
            tell(name);
            for (column, score) in columns.iter_mut().zip(scores(case, &kept?, &peers, rules)?) {
                column.scores.push(score);
            }
        }
        Ok(format!("{}\n{}", totals(&columns), rows(&names, &columns)))
    })
}

/// Ours first, then each peer: all at the same time, for Motion runs in real time.
fn scores(
    case: &mut Case,
    kept: &Kept,
    peers: &[Box<dyn Peer>],
    rules: Rules,
) -> Result<Vec<Score>, crate::cli::Error> {
    let mut ours = Kerberos::new(Default::default());
    ours.set_zones(&case.labels.zones);
    let rows = Rows::watch(&mut kept.again(), &mut ours)?;
    case.labels.take_spans(kept.truth());
    let times_us = rows.times_us();
    let truth = Truth::of(&case.labels, &times_us)?;
    let mut scores = vec![judge(&truth, &rows.alarms(&case.labels.zones), &times_us, rules)];
    let task = Task { frames: kept, zones: &case.labels.zones, times_us: &times_us, size: rows.size };
    let raised: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = peers.iter().map(|peer| scope.spawn(|| peer.alarms(&task))).collect();
        let broken = |name| Err(Error::Failed { name, reason: "it broke off".into() });
        let ended = threads.into_iter().zip(peers);
        ended.map(|(thread, peer)| thread.join().unwrap_or_else(|_| broken(peer.name()))).collect()
    });
    for all in raised {
        let alarms = Alarms { all: all?, ..Alarms::default() };
        scores.push(judge(&truth, &alarms, &times_us, rules));
    }
    Ok(scores)
}

/// One row for each detector, over all cases.
fn totals(columns: &[Column]) -> String {
    let mut text = String::from(
        "| detector | found | median delay (frames) | false alarms | an hour | frame precision | frame recall | tampering told |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for Column { name, scores } in columns {
        let (found, labels) = (
            scores.iter().map(Score::found).sum::<usize>(),
            scores.iter().map(|s| s.activities.len()).sum::<usize>(),
        );
        let delays = scores.iter().flat_map(|score| &score.activities).filter_map(|found| found.delay_frames);
        let delay = median(delays).map_or("-".into(), |delay| delay.to_string());
        let wrong: usize = scores.iter().map(|score| score.false_alarms.len()).sum();
        let hours = scores.iter().map(|score| score.length_us as f64 / 3_600e6).sum::<f64>();
        let mut counts = FrameCounts::default();
        scores.iter().for_each(|score| counts.add(&score.frames));
        let tampers = || scores.iter().flat_map(|score| &score.tampers);
        let told = tampers().filter(|found| found.found_frame.is_some()).count();
        let (precision, recall) = (percent(counts.precision()), percent(counts.recall()));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {name} | {found} of {labels} | {delay} | {wrong} | {:.1} | {precision} | {recall} | {told} of {} |",
            if hours > 0.0 { wrong as f64 / hours } else { 0.0 },
            tampers().count(),
        );
    }
    text
}

/// One row for each case: found, delay in frames, false alarms.
fn rows(names: &[String], columns: &[Column]) -> String {
    let mut text = String::from("| clip or scene (found, delays in frames; false alarms) |");
    columns.iter().for_each(|column| text.extend([" ", &column.name, " |"]));
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(columns.len()));
    for (number, name) in names.iter().enumerate() {
        let _ = write!(text, "| {name} |");
        for score in columns.iter().filter_map(|column| column.scores.get(number)) {
            let _ = write!(text, " {} |", cell(score));
        }
        text.push('\n');
    }
    text
}

fn cell(score: &Score) -> String {
    let delay = score.median_delay().map_or(String::new(), |(frames, _)| format!(", {frames}"));
    let found = match score.activities.len() {
        0 => String::new(),
        labels => format!("{} of {labels}{delay}; ", score.found()),
    };
    let told = score.tampers.iter().filter_map(|tamper| tamper.delay_ms).min();
    let told = told.map_or(String::new(), |ms| format!("told after {} s; ", ms.div_ceil(1000)));
    format!("{found}{told}{} false", score.false_alarms.len())
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.1} %", share * 100.0))
}

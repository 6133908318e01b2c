//! One input: watched, judged, told.
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::Error;
use super::options::{Options, Outputs};
use crate::input;
use crate::labels::{Labels, Truth};
use crate::report::{Report, alarm_csv, read_alarm_csv, report, table, trace_csv};
use crate::score::{Alarms, judge};
use crate::sheet;
use crate::watch::{Kerberos, Rows, Watcher};

/// Runs it, writes the files that were asked for, and returns the table.
pub fn run(options: &Options) -> Result<String, Error> {
    let mut labels = labels(options)?;
    let mut watcher = Kerberos::new(options.sensitivity);
    watcher.set_zones(&labels.zones);
    watcher.set_lines(&labels.lines);
    let mut frames = input::open(&options.request)?;
    let rows = Rows::watch(&mut *frames, &mut watcher)?;
    let truth = frames.truth();
    let has_labels = options.labels.is_some() || truth.is_some();
    labels.take_spans(truth);
    let (name, alarms) = match &options.score {
        Some(path) => (path.display().to_string(), foreign_alarms(path, rows.rows.len())?),
        None => (watcher.name(), rows.alarms(&labels.zones)),
    };
    let times_us = rows.times_us();
    let truth = Truth::of(&labels, &times_us)?;
    let score = judge(&truth, &alarms, &times_us, options.rules);
    let about = (&labels, has_labels);
    let input = options.request.source.to_string();
    let report = report(&input, &name, about, &rows, (&alarms.all, &score, options.rules));
    write(&options.out, &rows, &alarms, &report)?;
    if let Some(path) = &options.out.labels {
        std::fs::write(path, labels.to_string()).map_err(|source| failed(path, source))?;
    }
    if let Some(path) = &options.out.sheet {
        let labels = (&labels, &truth);
        sheet::write(path, &mut *input::open(&options.request)?, &rows, labels, &report)?;
    }
    Ok(table(&report))
}

/// The labels, with the zones and lines of the command line.
fn labels(options: &Options) -> Result<Labels, Error> {
    let mut labels = options.labels.as_deref().map(Labels::read).transpose()?.unwrap_or_default();
    labels.zones.extend(options.zones.zones.iter().cloned());
    labels.lines.extend(options.zones.lines.iter().cloned());
    Ok(labels)
}

/// Alarms that another program raised on the same frames.
fn foreign_alarms(path: &Path, frames: usize) -> Result<Alarms, Error> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Alarms { file: file.clone(), reason: source.to_string() })?;
    let all = read_alarm_csv(&text, frames).map_err(|reason| Error::Alarms { file, reason })?;
    Ok(Alarms { all, ..Alarms::default() })
}

fn write(out: &Outputs, rows: &Rows, alarms: &Alarms, report: &Report) -> Result<(), Error> {
    if let Some(path) = &out.alarm_csv {
        std::fs::write(path, alarm_csv(&alarms.all)).map_err(|source| failed(path, source))?;
    }
    if let Some(path) = &out.json {
        let text = serde_json::to_string_pretty(report).map_err(|error| failed(path, error.into()))?;
        std::fs::write(path, text + "\n").map_err(|source| failed(path, source))?;
    }
    if let Some(path) = &out.trace {
        let file = File::create(path).map_err(|source| failed(path, source))?;
        trace_csv(&rows.rows, BufWriter::new(file)).map_err(|source| failed(path, source))?;
    }
    Ok(())
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Write { file: path.display().to_string(), source }
}

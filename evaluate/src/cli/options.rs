//! The options of a run.
use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Short, Value};
use vision::motion::Sensitivity;

use super::Error;
use crate::input::{Crop, Play, Rate, Request, Source};
use crate::labels::Labels;
use crate::score::Rules;
use crate::watch;

/// What to do.
#[derive(Debug)]
pub struct Options {
    /// What to read.
    pub request: Request,
    /// The file of labels.
    pub labels: Option<PathBuf>,
    /// Zones and lines of the command line.
    pub zones: Labels,
    /// The detector's knob.
    pub sensitivity: Sensitivity,
    /// How to judge.
    pub rules: Rules,
    /// Alarms to judge instead of the detector's.
    pub score: Option<PathBuf>,
    /// Where results go.
    pub out: Outputs,
}

/// Files to write.
#[derive(Debug, Default)]
pub struct Outputs {
    /// Alarms.
    pub alarm_csv: Option<PathBuf>,
    /// Everything.
    pub json: Option<PathBuf>,
    /// A row for each frame.
    pub trace: Option<PathBuf>,
    /// Labels as text: a scene's truth.
    pub labels: Option<PathBuf>,
    /// Pictures around alarms and misses.
    pub sheet: Option<PathBuf>,
}

/// Reads the command line; nothing when help was asked for.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Option<Options>, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut source, mut rate, mut crop, mut labels, mut score) = (None, None, None, None, None);
    let (mut zones, mut rules, mut out) = (Labels::default(), Rules::default(), Outputs::default());
    let (mut sensitivity, mut play) = (Sensitivity::default(), Play::default());
    let mut is_empty = true;
    while let Some(argument) = parser.next()? {
        is_empty = false;
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("labels") => labels = Some(parser.value()?.into()),
            Long("fps") => rate = Some(Rate::parse(&parser.value()?.string()?)?),
            Long("crop") => crop = Some(Crop::parse(&parser.value()?.string()?)?),
            Long("zone") => add(&mut zones, Labels::add_zone, &parser.value()?.string()?)?,
            Long("line") => add(&mut zones, Labels::add_line, &parser.value()?.string()?)?,
            Long("sensitivity") => {
                let value: u8 = parser.value()?.parse()?;
                let wrong = || Error::Usage("the sensitivity goes from 1 to 100".into());
                sensitivity = watch::sensitivity(value).ok_or_else(wrong)?;
            }
            Long("tolerance-ms") => rules.tolerance_us = 1000 * u64::from(parser.value()?.parse::<u32>()?),
            Long("score") => score = Some(parser.value()?.into()),
            Long("alarm-csv") => out.alarm_csv = Some(parser.value()?.into()),
            Long("json") => out.json = Some(parser.value()?.into()),
            Long("write-labels") => out.labels = Some(parser.value()?.into()),
            Long("sheet") => out.sheet = Some(sheet_path(parser.value()?.into())?),
            Long("trace") => out.trace = Some(parser.value()?.into()),
            Long("scene") => play.name = parser.value()?.string()?,
            Long("seed") => play.seed = parser.value()?.parse()?,
            Long("seconds") => play.seconds = Some(parser.value()?.parse()?),
            Long("size") => play.size = Play::parse_size(&parser.value()?.string()?)?,
            Long("quality") => play.quality = quality(&parser.value()?.string()?)?,
            Value(path) if source.is_none() => source = Some(Source::Path(path.into())),
            other => return Err(other.unexpected().into()),
        }
    }
    if is_empty {
        return Ok(None);
    }
    let source = match (source, play.name.is_empty()) {
        (Some(path), true) => path,
        (None, false) => Source::Scene(play),
        (Some(_), false) => return Err(Error::Usage("a scene or a file, not both".into())),
        (None, true) => return Err(Error::Usage("say which clip, file or folder to look at".into())),
    };
    let request = Request { source, rate, crop };
    Ok(Some(Options { request, labels, zones, sensitivity, rules, score, out }))
}

fn quality(text: &str) -> Result<u8, Error> {
    let value = text.parse().ok().filter(|value| (1..=100).contains(value));
    value.ok_or_else(|| Error::Usage("the quality goes from 1 to 100".into()))
}

/// A sheet's format is its name's ending.
fn sheet_path(path: PathBuf) -> Result<PathBuf, Error> {
    let ending = path.extension().unwrap_or_default();
    if ending == "png" || ending == "gif" {
        Ok(path)
    } else {
        Err(Error::Usage(format!("a sheet is a .png or a .gif, and {} is neither", path.display())))
    }
}

fn add(
    labels: &mut Labels,
    what: impl Fn(&mut Labels, &[&str]) -> Result<(), String>,
    text: &str,
) -> Result<(), Error> {
    let words: Vec<&str> = text.split_whitespace().collect();
    what(labels, &words).map_err(Error::Usage)
}

//! `evaluate peers`: the table of all detectors on scenes and clips.
use std::ffi::OsString;

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Value};

use super::Error;
use crate::input::{Play, Request, Source};
use crate::labels::Labels;
use crate::peers::{Case, compare};
use crate::score::Rules;

/// Runs the comparison and returns its tables in Markdown.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<String, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut names, mut clips, mut play) = (Vec::new(), Vec::new(), Play::default());
    let mut every_frame = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("scenes") => names = listed(&parser.value()?.string()?)?,
            Long("seed") => play.seed = parser.value()?.parse()?,
            Long("seconds") => play.seconds = Some(parser.value()?.parse()?),
            Long("size") => play.size = Play::parse_size(&parser.value()?.string()?)?,
            Long("every-frame") => every_frame = true,
            Value(clip) => clips.push(clip),
            other => return Err(other.unexpected().into()),
        }
    }
    if names.is_empty() && clips.is_empty() {
        return Err(Error::Usage("say which: --scenes all, --scenes A,B,... or CLIP=LABELS ...".into()));
    }
    let scene = |name: String| {
        let source = Source::Scene(Play { name, ..play.clone() });
        Case { request: Request { source, rate: None, crop: None }, labels: Labels::default() }
    };
    let mut cases: Vec<Case> = names.into_iter().map(scene).collect();
    for clip in clips {
        cases.push(labelled(&clip.string()?)?);
    }
    compare(&mut cases, Rules::default(), every_frame, &|name| eprintln!("==> {name}"))
}

fn listed(text: &str) -> Result<Vec<String>, Error> {
    if text == "all" {
        return Ok(scenes::catalogue().iter().map(|scene| scene.name.to_owned()).collect());
    }
    let names: Vec<String> = text.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| scenes::find(name).is_none()) {
        Some(name) => Err(crate::input::Error::NoScene(name.clone()).into()),
        None => Ok(names),
    }
}

/// `CLIP=LABELS`.
fn labelled(text: &str) -> Result<Case, Error> {
    let (clip, labels) =
        text.split_once('=').ok_or_else(|| Error::Usage(format!("`{text}` is not CLIP=LABELS")))?;
    let request = Request { source: Source::Path(clip.into()), rate: None, crop: None };
    Ok(Case { request, labels: Labels::read(labels.as_ref())? })
}

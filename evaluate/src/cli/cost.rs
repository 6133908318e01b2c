//! `evaluate cost`: what a look at a frame costs, side by side; and the loop that is measured.
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Value};

use super::Error;
use crate::cost::{Work, kept, run as run_work, table};
use crate::input::{Frame, Play, Request, Source, open};

/// The sizes that a scene is measured at.
const SIZES: [(usize, usize); 3] = [(640, 480), (1280, 720), (1920, 1080)];
/// From when on, and until when: somebody walks in most scenes then, and there are more frames than a loop holds.
const FROM_US: u64 = 7_000_000;
const SECONDS: u32 = 11;

/// Measures every given file of joined JPEGs, or a scene at three sizes.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<String, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut files, mut has_callgrind) = (Vec::<PathBuf>::new(), true);
    let folder = tempfile::tempdir().map_err(crate::peers::Error::from).map_err(crate::cost::Error::from)?;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("time-only") => has_callgrind = false,
            Long("scene") => {
                let name = parser.value()?.string()?;
                for size in SIZES {
                    files.push(written(&name, size, folder.path())?);
                }
            }
            Value(file) => files.push(file.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if files.is_empty() {
        return Err(Error::Usage("say which: --scene NAME, or files of joined JPEGs".into()));
    }
    let mut text = String::new();
    for file in files {
        text += &table(&file, has_callgrind)?;
        text.push('\n');
    }
    Ok(text)
}

/// `cost-loop WHAT FILE LOOKS`.
pub fn run_loop(arguments: impl Iterator<Item = OsString>) -> Result<(), Error> {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let wrong = || Error::Usage("cost-loop wants a loop, a file, and how many looks".into());
    let [work, file, looks] = words.as_slice() else { return Err(wrong()) };
    let (work, looks) = (Work::named(work).ok_or_else(wrong)?, looks.parse().map_err(|_| wrong())?);
    let frames = kept(file.as_ref()).map_err(crate::cost::Error::from)?;
    run_work(work, &frames, looks);
    Ok(())
}

/// The scene as a file of joined JPEGs.
fn written(name: &str, size: (usize, usize), folder: &Path) -> Result<PathBuf, Error> {
    let play = Play { name: name.into(), seconds: Some(SECONDS), size, ..Play::default() };
    let mut frames = open(&Request { source: Source::Scene(play), rate: None, crop: None })?;
    let (mut frame, mut joined) = (Frame::default(), Vec::new());
    while frames.next(&mut frame)? {
        if frame.timestamp_us >= FROM_US {
            joined.extend_from_slice(&frame.jpeg);
        }
    }
    let path = folder.join(format!("{name}-{}x{}.mjpeg", size.0, size.1));
    std::fs::write(&path, joined).map_err(crate::peers::Error::from).map_err(crate::cost::Error::from)?;
    Ok(path)
}

//! `evaluate cost`: what a look at a frame costs, side by side; and the loop that is measured.
use std::ffi::OsString;

use lexopt::prelude::{Long, Value};

use super::Error;
use crate::cost::{Work, run as run_work, table};
use crate::input::{Frame, Rate, Request, Source, open};

/// Frames that a loop holds: enough to see motion, little enough for a small host.
const FRAMES_MAX: usize = 60;

/// Measures every given file of joined JPEGs.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<String, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut files, mut has_callgrind) = (Vec::new(), true);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("time-only") => has_callgrind = false,
            Value(file) => files.push(file),
            other => return Err(other.unexpected().into()),
        }
    }
    if files.is_empty() {
        return Err(Error::Usage("say which files of joined JPEGs to look at".into()));
    }
    let mut text = String::new();
    for file in files {
        text += &table(file.as_ref(), has_callgrind)?;
        text.push('\n');
    }
    Ok(text)
}

/// `cost-loop WHAT FILE LOOKS`.
pub fn run_loop(arguments: impl Iterator<Item = OsString>) -> Result<(), Error> {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let wrong = || Error::Usage("cost-loop wants kerberos or copy, a file, and how many looks".into());
    let [work, file, looks] = words.as_slice() else { return Err(wrong()) };
    let (work, looks) = (Work::named(work).ok_or_else(wrong)?, looks.parse().map_err(|_| wrong())?);
    let rate = Some(Rate::parse("25")?);
    let mut source = open(&Request { source: Source::Path(file.into()), rate, crop: None })?;
    let (mut frames, mut frame) = (Vec::new(), Frame::default());
    while frames.len() < FRAMES_MAX && source.next(&mut frame)? {
        frames.push(frame.clone());
    }
    run_work(work, &frames, looks);
    Ok(())
}

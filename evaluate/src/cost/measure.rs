//! Runs each loop twice and subtracts: under callgrind for instructions, plain for time.
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::motion;
use crate::input::{Frame, Rate, Request, Source, open};
use crate::peers::opencv_python;

/// Looks of the short and the long run under callgrind; plain runs are longer by this factor.
const LOOKS: (usize, usize) = (20, 60);
const PLAIN_FACTOR: usize = 10;
/// Frames that a loop holds: enough to see motion, little enough for a small host.
const FRAMES_MAX: usize = 60;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program is missing.
    #[error("{0} cannot be started: run evaluate/peers/install.sh.")]
    Missing(String),
    /// A loop failed.
    #[error("{what} failed: {reason}.")]
    Failed {
        /// Which.
        what: String,
        /// Its words.
        reason: String,
    },
    /// A peer.
    #[error(transparent)]
    Peers(#[from] crate::peers::Error),
    /// The frames.
    #[error(transparent)]
    Input(#[from] crate::input::Error),
}

/// What is measured: words for people, and the words of the loop.
const ROWS: [(&str, Runner, &str); 8] = [
    ("ours: MJPEG, decode and detect", Runner::Ours, "kerberos"),
    ("ours: YUYV, reduce and detect", Runner::Ours, "yuyv"),
    ("ours: detect alone", Runner::Ours, "detector"),
    ("libjpeg-turbo: luma at 1/8, decode alone", Runner::OpenCv, "cost-jpeg8"),
    ("OpenCV: decode, 1/4, MOG2", Runner::OpenCv, "cost-mog2"),
    ("OpenCV: decode, 1/4, KNN", Runner::OpenCv, "cost-knn"),
    ("copy of the decoded frame", Runner::Ours, "copy"),
    ("copy of the YUYV frame", Runner::Ours, "copy-yuyv"),
];
/// Frames a second of the row that says what Motion costs in ordinary use.
const MOTION_FPS: u32 = 25;

#[derive(Clone, Copy)]
enum Runner {
    Ours,
    OpenCv,
}

/// A Markdown table for one file of joined JPEGs.
///
/// # Errors
/// A program is missing or fails.
pub fn table(frames: &Path, has_callgrind: bool) -> Result<String, Error> {
    let mut text = format!(
        "| per frame of {} | instructions | time |\n|---|---|---|\n",
        frames.file_name().unwrap_or_default().to_string_lossy()
    );
    for (words, runner, name) in ROWS {
        let (short, long) = LOOKS;
        let per_look = |a: f64, b: f64, factor: usize| (b - a) / ((long - short) * factor) as f64;
        let seconds = |looks: usize| plain(runner, name, frames, looks * PLAIN_FACTOR);
        let microseconds = per_look(seconds(short)?, seconds(long)?, PLAIN_FACTOR) * 1e6;
        let counted = if has_callgrind {
            let millions =
                per_look(count(runner, name, frames, short)?, count(runner, name, frames, long)?, 1) / 1e6;
            format!("{millions:.2} M")
        } else {
            "-".into()
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {words} | {counted} | {microseconds:.0} us |");
    }
    let frames = kept(frames)?;
    let counted = match has_callgrind {
        true => format!("{:.0} M", motion::instructions(&frames)? / 1e6),
        false => "-".into(),
    };
    let microseconds = |fps| motion::seconds(&frames, fps).map(|seconds| seconds * 1e6);
    let (slow, usual) = (microseconds(motion::RATE)?, microseconds(MOTION_FPS)?);
    let _ = writeln!(text, "| Motion, looking at every frame | {counted} | {slow:.0} us |");
    let _ = writeln!(text, "| Motion, {MOTION_FPS} frames a second, looking at three | - | {usual:.0} us |");
    Ok(text)
}

/// The first frames of a file of joined JPEGs.
///
/// # Errors
/// It cannot be read.
pub fn kept(file: &Path) -> Result<Vec<Frame>, crate::input::Error> {
    let rate = Some(Rate::parse("25")?);
    let mut source = open(&Request { source: Source::Path(file.into()), rate, crop: None })?;
    let (mut frames, mut frame) = (Vec::new(), Frame::default());
    while frames.len() < FRAMES_MAX && source.next(&mut frame)? {
        frames.push(frame.clone());
    }
    Ok(frames)
}

fn arguments(runner: Runner, name: &str, frames: &Path, looks: usize) -> Result<Vec<String>, Error> {
    let frames = frames.to_string_lossy().into_owned();
    let looks = looks.to_string();
    let own = || std::env::current_exe().map_err(|_| Error::Missing("evaluate".into()));
    Ok(match runner {
        Runner::Ours => {
            vec![own()?.to_string_lossy().into_owned(), "cost-loop".into(), name.into(), frames, looks]
        }
        Runner::OpenCv => {
            let (python, script) = opencv_python()?;
            vec![
                python.to_string_lossy().into_owned(),
                "-c".into(),
                script.into(),
                name.into(),
                frames,
                looks,
            ]
        }
    })
}

/// Seconds of a plain run.
fn plain(runner: Runner, name: &str, frames: &Path, looks: usize) -> Result<f64, Error> {
    let arguments = arguments(runner, name, frames, looks)?;
    let start = Instant::now();
    output(&arguments)?;
    Ok(start.elapsed().as_secs_f64())
}

/// Instructions of a run under callgrind.
fn count(runner: Runner, name: &str, frames: &Path, looks: usize) -> Result<f64, Error> {
    let mut all: Vec<String> =
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"].map(String::from).to_vec();
    all.extend(arguments(runner, name, frames, looks)?);
    let said = output(&all)?;
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.ok_or_else(|| Error::Failed { what: "callgrind".into(), reason: "it gave no count".into() })
}

/// Standard error of a program that must succeed; one thread, as on the boards.
fn output(arguments: &[String]) -> Result<String, Error> {
    let (program, rest) = arguments.split_first().ok_or_else(|| Error::Missing("nothing".into()))?;
    let output = Command::new(program)
        .args(rest)
        .env("OMP_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|_| Error::Missing(program.clone()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let reason = said.lines().last().unwrap_or("it said nothing").to_owned();
    Err(Error::Failed { what: program.clone(), reason })
}

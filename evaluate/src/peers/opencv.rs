//! OpenCV: the script `opencv.py` in a Python with OpenCV, fed with the frames through a pipe.
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};

use super::{Error, Peer, Task};
use crate::input::{Frame, Frames};
use crate::report::read_alarm_csv;
use crate::score::Interval;

const SCRIPT: &str = include_str!("../../peers/opencv.py");

/// One of OpenCV's background subtractors.
pub struct OpenCv {
    python: PathBuf,
    method: &'static str,
    version: String,
}

impl OpenCv {
    /// Finds the Python that `install.sh` made in the cache.
    ///
    /// # Errors
    /// It is not there.
    pub fn find(method: &'static str) -> Result<OpenCv, Error> {
        let python = python()?;
        let missing = || Error::Missing("OpenCV");
        let output = Command::new(&python).args(["-c", "import cv2; print(cv2.__version__)"]).output();
        let output = output.ok().filter(|output| output.status.success()).ok_or_else(missing)?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(OpenCv { python, method, version })
    }
}

/// The Python with OpenCV that `install.sh` made in the cache.
fn python() -> Result<PathBuf, Error> {
    let missing = || Error::Missing("OpenCV");
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("KERBEROS_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|path| path.join("kerberos")))
        .or_else(|| variable("HOME").map(|path| path.join(".cache/kerberos")))
        .ok_or_else(missing)?;
    Ok(cache.join("opencv/bin/python"))
}

/// That Python, and the script: for who measures its loops.
///
/// # Errors
/// There is no place for a cache.
pub fn opencv_python() -> Result<(PathBuf, &'static str), Error> {
    Ok((python()?, SCRIPT))
}

impl Peer for OpenCv {
    fn name(&self) -> String {
        format!("OpenCV {} {}", self.version, self.method.to_uppercase())
    }

    fn alarms(&self, task: &Task<'_>) -> Result<Vec<Interval>, Error> {
        let failed = |reason: String| Error::Failed { name: self.name(), reason };
        let zones: Vec<_> = task.zones.iter().map(|zone| &zone.corners).collect();
        let zones = serde_json::to_string(&zones).map_err(|error| failed(error.to_string()))?;
        let mut child = Command::new(&self.python)
            .args(["-c", SCRIPT, self.method, &zones])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, mut stdout) = pipes.ok_or_else(|| failed("it has no pipes".into()))?;
        let mut text = String::new();
        std::thread::scope(|scope| {
            // It prints while it is fed: both ends must move.
            let reader = scope.spawn(|| stdout.read_to_string(&mut text));
            let fed = feed(stdin, task);
            let read = reader.join().map_err(|_| failed("its output cannot be read".into()))?;
            fed.and(read.map(drop).map_err(Error::Io))
        })?;
        if !child.wait()?.success() {
            return Err(failed("its words are above".into()));
        }
        read_alarm_csv(&text, task.times_us.len()).map_err(failed)
    }
}

fn feed(stdin: ChildStdin, task: &Task<'_>) -> Result<(), Error> {
    let (mut pipe, mut frame) = (BufWriter::new(stdin), Frame::default());
    let mut frames = task.frames.again();
    while frames.next(&mut frame)? {
        writeln!(pipe, "{} {}", frame.timestamp_us, frame.jpeg.len())?;
        pipe.write_all(&frame.jpeg)?;
    }
    Ok(pipe.flush()?)
}

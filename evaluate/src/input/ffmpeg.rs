//! ffmpeg and ffprobe as children: what a clip is, its packets' times, and a running ffmpeg whose pipe is cut.
//!
//! Never through a shell. Time comes from the clip: the filter `metadata=print` writes each frame's time, in
//! microseconds, to standard error before the frame is encoded.
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::cutter::{Cutter, IMAGE_BYTES_MAX};
use super::error::Error;

/// ffmpeg's quantiser scale for clips that are not MJPEG: about the quality of a webcam's stream.
pub const QUANTISER: &str = "4";
/// Once a frame's time is told it gets another one: the encoder refuses frames of the same time, and clips have them.
const ENCODER_TIMES: &str = "setpts=N*1000000";
const PIPE_READ_BYTES: usize = 256 * 1024;
/// Lines of ffmpeg's complaints that are kept.
const COMPLAINTS_MAX: usize = 4;

/// What ffprobe says of a clip's first video stream.
pub fn codec(path: &Path) -> Result<String, Error> {
    let entries = ["-select_streams", "v:0", "-show_entries", "stream=codec_name", "-of", "csv=p=0"];
    let text = probe(path, &entries)?;
    match text.lines().next().map(|line| line.trim_matches(|c| c == ',' || c == ' ')) {
        Some(codec) if !codec.is_empty() => Ok(codec.to_owned()),
        _ => Err(Error::NotAClip { path: path.to_owned(), reason: "there is no video in it".into() }),
    }
}

/// The times of a clip's packets in microseconds after the first, in the order of the file. Only for codecs in which
/// each packet is a frame.
pub fn packet_times_us(path: &Path) -> Result<Vec<u64>, Error> {
    let entries = ["-select_streams", "v:0", "-show_entries", "packet=pts_time,size", "-of", "compact=p=0"];
    let text = probe(path, &entries)?;
    let times: Vec<i64> = text.lines().filter_map(packet_time_us).collect();
    let first = times.first().copied().unwrap_or_default();
    Ok(times.iter().map(|time| u64::try_from(time - first).unwrap_or(0)).collect())
}

/// `pts_time=0.040000|size=1234`; an empty packet (the frame before once more) is none.
fn packet_time_us(line: &str) -> Option<i64> {
    let field = |name: &str| line.split('|').find_map(|part| part.strip_prefix(name));
    let seconds: f64 = field("pts_time=")?.parse().ok()?;
    let bytes: u64 = field("size=")?.parse().ok()?;
    // ffprobe prints microseconds.
    (bytes > 0).then_some((seconds * 1e6).round() as i64)
}

fn probe(path: &Path, entries: &[&str]) -> Result<String, Error> {
    let output = Command::new("ffprobe")
        .args(["-v", "error"])
        .args(entries)
        .arg("-i")
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::NoFfmpeg { program: "ffprobe", source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(Error::NotAClip { path: path.to_owned(), reason: reason(path, words.lines()) })
}

/// ffmpeg's last words without the file's name and the address of the part that speaks.
fn reason<'a>(path: &Path, lines: impl Iterator<Item = &'a str>) -> String {
    let name = path.to_string_lossy();
    let said = lines.map(str::trim).filter(|line| !line.is_empty()).last().unwrap_or("it gives no picture");
    let said = said.strip_prefix(&format!("{name}: ")).unwrap_or(said);
    let said = said.split_once("] ").filter(|(head, _)| head.starts_with('[')).map_or(said, |(_, tail)| tail);
    said.trim_end_matches('.').to_owned()
}

/// A running ffmpeg that writes joined JPEGs.
pub struct Player {
    child: Child,
    stdout: ChildStdout,
    listener: Option<JoinHandle<Vec<String>>>,
    /// The time of each frame, in microseconds, when the clip is decoded.
    pub times_us: Receiver<i64>,
    cutter: Cutter,
    buffer: Vec<u8>,
    ended: bool,
}

impl Drop for Player {
    fn drop(&mut self) {
        // It may have ended already; either way it must be reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// ffmpeg, quiet, without a terminal.
pub fn command() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-loglevel", "error"]);
    command
}

/// What makes a camera's MJPEG of whatever was decoded, with its times on standard error.
pub fn as_camera(command: &mut Command, crop: Option<&str>) {
    let crop = crop.map_or(String::new(), |crop| format!("crop={crop},"));
    let times = "metadata=mode=add:key=k:value=1,metadata=mode=print:file='pipe\\:2':direct=1";
    command.args(["-map", "0:v:0", "-vf", &format!("{crop}settb=AVTB,{times},{ENCODER_TIMES}")]);
    command.args(["-fps_mode", "passthrough", "-pix_fmt", "yuvj420p"]);
    command.args(["-c:v", "mjpeg", "-q:v", QUANTISER, "-f", "mjpeg", "pipe:1"]);
}

impl Player {
    /// Starts a prepared ffmpeg.
    pub fn start(mut command: Command) -> Result<Player, Error> {
        let failed = |source| Error::NoFfmpeg { program: "ffmpeg", source };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        let no_pipe = || failed(std::io::Error::other("no pipe"));
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let stderr = child.stderr.take().ok_or_else(no_pipe)?;
        let (sender, times_us) = channel();
        let listener = std::thread::spawn(move || listen(stderr, &sender));
        let buffer = vec![0; PIPE_READ_BYTES];
        let (cutter, ended) = (Cutter::default(), false);
        Ok(Player { child, stdout, listener: Some(listener), times_us, cutter, buffer, ended })
    }

    /// ffmpeg's standard input, for whoever feeds it.
    pub fn input(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// The next image; `false` at the end.
    pub fn next(&mut self, path: &Path, frames: usize, image: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            if self.cutter.next(image) {
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            if self.cutter.pending() > IMAGE_BYTES_MAX {
                return Err(Error::Endless { path: path.to_owned() });
            }
            let broken = |source| Error::Read { path: path.to_owned(), source };
            let count = self.stdout.read(&mut self.buffer).map_err(broken)?;
            self.cutter.push(&self.buffer[..count]);
            if count == 0 {
                self.ended = true;
                self.judge(path, frames)?;
            }
        }
    }

    /// What ffmpeg's end means.
    fn judge(&mut self, path: &Path, frames: usize) -> Result<(), Error> {
        let broken = |source| Error::Read { path: path.to_owned(), source };
        let status = self.child.wait().map_err(broken)?;
        let words = self.listener.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let reason = reason(path, words.iter().map(String::as_str));
        match (frames, status.success()) {
            (0, _) => Err(Error::NotAClip { path: path.to_owned(), reason }),
            (_, false) => Err(Error::BrokenOff { path: path.to_owned(), frames, reason }),
            (_, true) => Ok(()),
        }
    }
}

/// Reads standard error to its end: times go to `times`, the last complaints are returned.
fn listen(stderr: ChildStderr, times: &Sender<i64>) -> Vec<String> {
    let mut complaints = Vec::new();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some(time) = frame_time_us(&line) {
            // Nobody wants it any more when the player is gone.
            let _ = times.send(time);
        } else if line != "k=1" {
            if complaints.len() == COMPLAINTS_MAX {
                complaints.remove(0);
            }
            complaints.push(line.into_owned());
        }
    }
    complaints
}

/// `frame:3    pts:120000  pts_time:0.12`, where the time base is a microsecond.
fn frame_time_us(line: &str) -> Option<i64> {
    let rest = line.strip_prefix("frame:")?;
    rest.split_once("pts:")?.1.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{frame_time_us, packet_time_us, reason};

    #[test]
    fn lines_are_read() {
        assert_eq!(frame_time_us("frame:3    pts:120000  pts_time:0.12"), Some(120_000));
        assert_eq!(frame_time_us("frame:3    pts:NOPTS   pts_time:NOPTS"), None);
        assert_eq!(frame_time_us("k=1"), None);
        assert_eq!(packet_time_us("pts_time=33.366667|size=9"), Some(33_366_667));
        assert_eq!(packet_time_us("pts_time=1.0|size=0"), None);
        assert_eq!(packet_time_us("pts_time=N/A|size=5"), None);
    }

    #[test]
    fn complaints_become_reasons() {
        let say = |line| reason(Path::new("/a/b.mp4"), std::iter::once(line));
        assert_eq!(
            say("/a/b.mp4: Invalid data found when processing input"),
            "Invalid data found when processing input"
        );
        assert_eq!(say("[mov,mp4 @ 0x55] moov atom not found."), "moov atom not found");
        assert_eq!(say(""), "it gives no picture");
    }
}

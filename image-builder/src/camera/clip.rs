//! Footage as the camera's picture: any file that ffmpeg reads, looped, at its own speed.
//!
//! ffmpeg runs as a child, resamples to the negotiated rate, fits the picture into the negotiated size and writes
//! MJPEG or pixels to a pipe. A thread cuts the pipe into images; a short queue between makes ffmpeg wait, so it never runs
//! ahead. It must not pace: one image is taken for every frame that is due.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::error::CameraError;
use super::format::PixelFormat;
use super::jpeg::Cutter;
use super::modes::Mode;

/// Images made ahead: enough for ffmpeg's own unevenness and for its restart at the end of the footage.
const AHEAD: usize = 6;
/// An image longer than this is not an image: the pipe is broken. Twice the largest raw frame.
const IMAGE_BYTES_MAX: usize = 4 << 20;
/// ffmpeg's quantiser scale: about the quality of a webcam's stream.
const QUANTISER: &str = "5";
const PIPE_READ_BYTES: usize = 64 * 1024;

/// Footage that has been found to be playable.
#[derive(Debug)]
pub struct Clip {
    file: PathBuf,
    format: PixelFormat,
    player: Option<Player>,
}

/// A running ffmpeg.
#[derive(Debug)]
struct Player {
    mode: Mode,
    child: Child,
    images: Receiver<Vec<u8>>,
    played: bool,
}

impl Drop for Player {
    fn drop(&mut self) {
        // It may have ended already; either way it must be reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Clip {
    /// Checks that ffmpeg is there and finds video in the file.
    pub fn open(file: &Path, format: PixelFormat) -> Result<Clip, CameraError> {
        let output = ffmpeg()
            .arg("-i")
            .arg(file)
            .args(["-map", "0:v:0", "-frames:v", "1", "-f", "null", "-"])
            .stdout(Stdio::null())
            .output()
            .map_err(|error| CameraError::FfmpegMissing(error.to_string()))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(unplayable(file, words.lines().next().unwrap_or("ffmpeg finds no video in it")));
        }
        Ok(Clip { file: file.to_path_buf(), format, player: None })
    }

    /// The next image at this mode; `None` when ffmpeg has none ready.
    pub fn next(&mut self, mode: Mode) -> Result<Option<Vec<u8>>, CameraError> {
        let mut player = match self.player.take() {
            Some(player) if player.mode == mode => player,
            _ => Player::start(&self.file, self.format, mode)?,
        };
        let image = match player.images.try_recv() {
            Ok(image) => Some(image),
            Err(TryRecvError::Empty) => None,
            // Some containers cannot be looped by ffmpeg itself: play again from the start.
            Err(TryRecvError::Disconnected) if player.played => {
                player = Player::start(&self.file, self.format, mode)?;
                None
            }
            Err(TryRecvError::Disconnected) => return Err(player.failure(&self.file)),
        };
        player.played |= image.is_some();
        self.player = Some(player);
        Ok(image)
    }
}

impl Player {
    fn start(file: &Path, format: PixelFormat, mode: Mode) -> Result<Player, CameraError> {
        let Mode { width, height, fps } = mode;
        // Rate first, so that no more pictures are scaled than are shown.
        let filter = format!(
            "fps={fps},scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bilinear,\
             pad={width}:{height}:-1:-1,setsar=1"
        );
        let coding: &[&str] = match format {
            PixelFormat::Mjpeg => &["-c:v", "mjpeg", "-huffman", "default", "-q:v", QUANTISER, "-f", "mjpeg"],
            _ => &["-c:v", "rawvideo", "-f", "rawvideo"],
        };
        let mut child = ffmpeg()
            .args(["-threads", "1", "-stream_loop", "-1", "-i"])
            .arg(file)
            .args(["-map", "0:v:0", "-vf", &filter, "-pix_fmt", format.row().ffmpeg, "-threads", "1"])
            .args(coding)
            .arg("pipe:1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| CameraError::FfmpegMissing(error.to_string()))?;
        let (sender, images) = sync_channel(AHEAD);
        let pipe = child.stdout.take().ok_or_else(|| unplayable(file, "ffmpeg gave no pipe"))?;
        std::thread::Builder::new()
            .name("camera-clip".into())
            .spawn(move || match format {
                PixelFormat::Mjpeg => cut(pipe, &sender),
                _ => cut_raw(pipe, format.frame_bytes(width, height), &sender),
            })
            .map_err(|error| CameraError::Thread(error.to_string()))?;
        Ok(Player { mode, child, images, played: false })
    }

    /// Why ffmpeg ended without an image, in its own words.
    fn failure(&mut self, file: &Path) -> CameraError {
        let mut words = String::new();
        if let Some(pipe) = self.child.stderr.take() {
            // The child has closed its output: this does not wait for long.
            let _ = BufReader::new(pipe).read_line(&mut words);
        }
        let words = words.trim();
        unplayable(file, if words.is_empty() { "ffmpeg ended without a picture" } else { words })
    }
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-loglevel", "error"]).stdin(Stdio::null());
    command
}

fn unplayable(file: &Path, reason: &str) -> CameraError {
    CameraError::Clip { file: file.to_path_buf(), reason: reason.into() }
}

/// Cuts the pipe into images until it ends, is broken, or nobody wants them any more.
fn cut(mut pipe: impl Read, images: &SyncSender<Vec<u8>>) {
    let mut cutter = Cutter::default();
    let mut buffer = vec![0; PIPE_READ_BYTES];
    loop {
        let count = match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        cutter.push(&buffer[..count]);
        loop {
            match cutter.next() {
                Ok(Some(image)) => {
                    if images.send(image).is_err() {
                        return;
                    }
                }
                Ok(None) if cutter.pending() <= IMAGE_BYTES_MAX => break,
                _ => return,
            }
        }
    }
}

/// The same of uncompressed pictures, which all have one length.
fn cut_raw(mut pipe: impl Read, bytes: usize, images: &SyncSender<Vec<u8>>) {
    loop {
        let mut image = vec![0; bytes];
        if pipe.read_exact(&mut image).is_err() || images.send(image).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::sync_channel;

    use super::{CameraError, Clip, PixelFormat, cut, cut_raw};

    #[test]
    fn a_pipe_is_cut_and_nonsense_ends_it() {
        let image = [0xff, 0xd8, 0xff, 0xda, 0, 2, 5, 0xff, 0xd9];
        let (sender, images) = sync_channel(9);
        cut([&image[..], &image, b"nonsense"].concat().as_slice(), &sender);
        drop(sender);
        assert_eq!(images.iter().collect::<Vec<_>>(), [image, image]);
    }

    #[test]
    fn uncompressed_pictures_are_cut_by_their_length() {
        let (sender, images) = sync_channel(9);
        cut_raw(&[1, 1, 1, 2, 2, 2, 3][..], 3, &sender);
        drop(sender);
        assert_eq!(images.iter().collect::<Vec<_>>(), [[1; 3], [2; 3]]);
    }

    #[test]
    fn a_file_without_video_is_refused_with_a_reason() {
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "not a film").unwrap();
        for file in [Path::new("/does/not/exist.mp4"), text.path()] {
            match Clip::open(file, PixelFormat::Mjpeg) {
                Err(CameraError::Clip { reason, .. }) => assert!(!reason.is_empty()),
                Err(CameraError::FfmpegMissing(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

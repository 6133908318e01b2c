//! Footage as the camera's picture: any file that ffmpeg reads, looped, at its own speed.
//!
//! ffmpeg runs as a child, resamples to the negotiated rate, fits the picture into the negotiated size and writes
//! MJPEG, pixels or H.264 to a pipe. A thread cuts the pipe into images; a short queue between makes ffmpeg wait, so it never runs
//! ahead. It must not pace: one image is taken for every frame that is due.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::error::CameraError;
use super::format::PixelFormat;
use super::jpeg::Cutter;
use super::modes::Mode;
use super::scene::Scene;

/// Images made ahead: enough for ffmpeg's own unevenness and for its restart at the end of the footage.
const AHEAD: usize = 6;
/// An image longer than this is not an image: the pipe is broken. Twice the largest raw frame.
const IMAGE_BYTES_MAX: usize = 4 << 20;
/// ffmpeg's quantiser scale: about the quality of a webcam's stream.
const QUANTISER: &str = "5";
const PIPE_READ_BYTES: usize = 64 * 1024;

/// What ffmpeg plays.
#[derive(Debug)]
enum Input {
    /// Footage, looped.
    File(PathBuf),
    /// The generated scene of this seed: for formats that only ffmpeg encodes.
    Scene(u64),
}

/// Footage that has been found to be playable.
#[derive(Debug)]
pub struct Clip {
    input: Input,
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
        Ok(Clip { input: Input::File(file.to_path_buf()), format, player: None })
    }

    /// The generated scene, in which something always moves, encoded by ffmpeg.
    pub fn of_scene(seed: u64, format: PixelFormat) -> Clip {
        Clip { input: Input::Scene(seed), format, player: None }
    }

    /// The next image at this mode; `None` when ffmpeg has none ready.
    pub fn next(&mut self, mode: Mode) -> Result<Option<Vec<u8>>, CameraError> {
        let mut player = match self.player.take() {
            Some(player) if player.mode == mode => player,
            _ => Player::start(&self.input, self.format, mode)?,
        };
        let image = match player.images.try_recv() {
            Ok(image) => Some(image),
            Err(TryRecvError::Empty) => None,
            // Some containers cannot be looped by ffmpeg itself: play again from the start.
            Err(TryRecvError::Disconnected) if player.played => {
                player = Player::start(&self.input, self.format, mode)?;
                None
            }
            Err(TryRecvError::Disconnected) => return Err(player.failure(self.input.file())),
        };
        player.played |= image.is_some();
        self.player = Some(player);
        Ok(image)
    }
}

impl Input {
    /// To name it in an error.
    fn file(&self) -> &Path {
        match self {
            Input::File(file) => file,
            Input::Scene(_) => Path::new("the generated scene"),
        }
    }
}

impl Player {
    fn start(input: &Input, format: PixelFormat, mode: Mode) -> Result<Player, CameraError> {
        let Mode { width, height, fps } = mode;
        // Rate first, so that no more pictures are scaled than are shown.
        let filter = format!(
            "fps={fps},scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bilinear,\
             pad={width}:{height}:-1:-1,setsar=1"
        );
        let key_every = (2 * fps).to_string();
        let coding: &[&str] = match format {
            PixelFormat::H264 => &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-tune",
                "zerolatency",
                "-g",
                &key_every,
                "-x264-params",
                "aud=1",
                "-f",
                "h264",
            ],
            PixelFormat::Mjpeg => &["-c:v", "mjpeg", "-huffman", "default", "-q:v", QUANTISER, "-f", "mjpeg"],
            _ => &["-c:v", "rawvideo", "-f", "rawvideo"],
        };
        let mut command = ffmpeg();
        match input {
            Input::File(file) => command.args(["-threads", "1", "-stream_loop", "-1", "-i"]).arg(file),
            Input::Scene(_) => {
                let (size, rate) = (format!("{width}x{height}"), fps.to_string());
                command
                    .stdin(Stdio::piped())
                    .args([
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        PixelFormat::Yuyv.row().ffmpeg,
                        "-s",
                        &size,
                        "-r",
                        &rate,
                    ])
                    .args(["-i", "pipe:0"])
            }
        };
        let mut child = command
            .args(["-map", "0:v:0", "-vf", &filter, "-pix_fmt", format.row().ffmpeg, "-threads", "1"])
            .args(coding)
            .arg("pipe:1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| CameraError::FfmpegMissing(error.to_string()))?;
        let (sender, images) = sync_channel(AHEAD);
        let pipe = child.stdout.take().ok_or_else(|| unplayable(input.file(), "ffmpeg gave no pipe"))?;
        if let (Input::Scene(seed), Some(pipe)) = (input, child.stdin.take()) {
            let scene = Scene::new(*seed, PixelFormat::Yuyv);
            std::thread::Builder::new()
                .name("camera-scene".into())
                .spawn(move || paint(scene, mode, pipe))
                .map_err(|error| CameraError::Thread(error.to_string()))?;
        }
        std::thread::Builder::new()
            .name("camera-clip".into())
            .spawn(move || match format {
                PixelFormat::Mjpeg => cut(pipe, &sender),
                PixelFormat::H264 => cut_units(pipe, &sender),
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

/// Paints the scene into a pipe until nobody reads it any more.
fn paint(mut scene: Scene, mode: Mode, mut pipe: impl Write) {
    for index in 0.. {
        let Ok(picture) = scene.frame(mode, index) else { return };
        if pipe.write_all(&picture).is_err() {
            return;
        }
    }
}

/// The same of H.264: each picture begins with an access unit delimiter (ISO/IEC 14496-10, 7.3.2.4).
fn cut_units(mut pipe: impl Read, images: &SyncSender<Vec<u8>>) {
    const DELIMITER: [u8; 5] = [0, 0, 0, 1, 9];
    let (mut bytes, mut searched) = (Vec::new(), 1);
    let mut buffer = vec![0; PIPE_READ_BYTES];
    loop {
        let count = match pipe.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        bytes.extend_from_slice(&buffer[..count]);
        while let Some(at) = bytes[searched..].windows(DELIMITER.len()).position(|window| window == DELIMITER)
        {
            let rest = bytes.split_off(searched + at);
            searched = 1;
            if images.send(std::mem::replace(&mut bytes, rest)).is_err() {
                return;
            }
        }
        searched = bytes.len().saturating_sub(DELIMITER.len()).max(1);
        if bytes.len() > IMAGE_BYTES_MAX {
            return;
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

    use super::{CameraError, Clip, PixelFormat, cut, cut_raw, cut_units};

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
    fn h264_is_cut_before_each_delimiter() {
        let picture = |last: u8| vec![0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x65, last];
        let (sender, images) = sync_channel(9);
        cut_units([picture(1), picture(2), picture(3)].concat().as_slice(), &sender);
        drop(sender);
        assert_eq!(
            images.iter().collect::<Vec<_>>(),
            [picture(1), picture(2)],
            "of the last nobody knows the end"
        );
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

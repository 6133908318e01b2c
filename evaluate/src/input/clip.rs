//! A clip that ffmpeg reads, as MJPEG with its own times.
//!
//! MJPEG is taken out of its container as it is; anything else becomes what a camera delivers.
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::error::Error;
use super::ffmpeg::{self, Player};
use super::rate::Rate;
use super::{Frame, Frames};

/// Where a clip's times come from.
enum Times {
    /// From the decoder, frame by frame; the first one, once it is known.
    Decoded { first_us: Option<i64> },
    /// From the packets of the container.
    Packets(Vec<u64>),
    /// From `--fps`, which overrides the clip's own.
    Rate(Rate),
}

/// A clip that is being read.
pub struct Clip {
    path: PathBuf,
    player: Player,
    times: Times,
    frames: usize,
    last_us: u64,
}

impl Clip {
    /// Opens a clip. `crop` is ffmpeg's `WIDTH:HEIGHT:X:Y`.
    ///
    /// # Errors
    /// ffmpeg is missing or finds no video in it.
    pub fn open(path: &Path, rate: Option<Rate>, crop: Option<&str>) -> Result<Clip, Error> {
        let is_mjpeg = ffmpeg::codec(path)? == "mjpeg" && crop.is_none();
        let mut command = ffmpeg::command();
        command.stdin(Stdio::null()).arg("-i").arg(path);
        let times = match rate {
            Some(rate) => Times::Rate(rate),
            None if is_mjpeg => Times::Packets(ffmpeg::packet_times_us(path)?),
            None => Times::Decoded { first_us: None },
        };
        if is_mjpeg {
            command.args(["-map", "0:v:0", "-c:v", "copy", "-f", "mjpeg", "pipe:1"]);
        } else {
            ffmpeg::as_camera(&mut command, crop);
        }
        Ok(Clip { path: path.to_owned(), player: Player::start(command)?, times, frames: 0, last_us: 0 })
    }

    fn time_us(&mut self) -> Result<u64, Error> {
        let index = self.frames;
        let missing = |times| Error::Times { path: self.path.clone(), frames: index + 1, times };
        match &mut self.times {
            Times::Rate(rate) => Ok(rate.time_us(index)),
            Times::Packets(times) => times.get(index).copied().ok_or_else(|| missing(times.len())),
            Times::Decoded { first_us } => {
                // Written before the frame is encoded: it is there or will come at once.
                let time = self.player.times_us.recv().map_err(|_| missing(index))?;
                let first = *first_us.get_or_insert(time);
                Ok(u64::try_from(time - first).unwrap_or(0))
            }
        }
    }
}

impl Frames for Clip {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, Error> {
        if !self.player.next(&self.path, self.frames, &mut frame.jpeg)? {
            return Ok(false);
        }
        frame.index = self.frames;
        // Damaged clips have times that go back; no camera's do.
        self.last_us = self.time_us()?.max(self.last_us);
        frame.timestamp_us = self.last_us;
        self.frames += 1;
        Ok(true)
    }
}

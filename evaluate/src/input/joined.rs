//! A file of joined JPEGs, as a camera's stream is when it is written to a file. It has no times: `--fps` gives them.
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::cutter::{Cutter, IMAGE_BYTES_MAX};
use super::error::Error;
use super::rate::Rate;
use super::{Frame, Frames};

const READ_BYTES: usize = 256 * 1024;

/// A file of joined JPEGs that is being read.
pub struct Joined {
    path: PathBuf,
    file: File,
    rate: Rate,
    cutter: Cutter,
    buffer: Vec<u8>,
    frames: usize,
    ended: bool,
}

impl Joined {
    /// Opens the file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path, rate: Rate) -> Result<Joined, Error> {
        let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let (cutter, buffer) = (Cutter::default(), vec![0; READ_BYTES]);
        Ok(Joined { path: path.to_owned(), file, rate, cutter, buffer, frames: 0, ended: false })
    }

    fn image(&mut self, image: &mut Vec<u8>) -> Result<bool, Error> {
        loop {
            if self.cutter.next(image) {
                return Ok(true);
            }
            if self.ended {
                return Ok(self.cutter.rest(image));
            }
            if self.cutter.pending() > IMAGE_BYTES_MAX {
                return Err(Error::Endless { path: self.path.clone() });
            }
            let broken = |source| Error::Read { path: self.path.clone(), source };
            let count = self.file.read(&mut self.buffer).map_err(broken)?;
            self.cutter.push(&self.buffer[..count]);
            self.ended = count == 0;
        }
    }
}

impl Frames for Joined {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, Error> {
        if !self.image(&mut frame.jpeg)? {
            return Ok(false);
        }
        frame.index = self.frames;
        frame.timestamp_us = self.rate.time_us(self.frames);
        self.frames += 1;
        Ok(true)
    }
}

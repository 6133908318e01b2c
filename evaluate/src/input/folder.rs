//! A folder of images, in the order of their names. JPEGs are taken as they are; others become what a camera delivers.
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};

use super::error::Error;
use super::ffmpeg::{self, Player};
use super::rate::Rate;
use super::{Frame, Frames};

/// Endings of the images' names, and ffmpeg's decoder for those that are no JPEGs.
const KINDS: [(&str, Option<&str>); 8] = [
    ("jpg", None),
    ("jpeg", None),
    ("png", Some("png")),
    ("bmp", Some("bmp")),
    ("ppm", Some("ppm")),
    ("pgm", Some("pgm")),
    ("pnm", Some("ppm")),
    ("webp", Some("webp")),
];

/// A folder that is being read.
pub struct Folder {
    path: PathBuf,
    images: Vec<PathBuf>,
    /// For images that are no JPEGs.
    player: Option<Player>,
    rate: Rate,
    frames: usize,
}

impl Folder {
    /// Lists the folder.
    ///
    /// # Errors
    /// It cannot be listed, holds no images, or several kinds; ffmpeg is missing where it is needed.
    pub fn open(path: &Path, rate: Rate) -> Result<Folder, Error> {
        let (images, decoder) = list(path)?;
        let player = decoder.map(|decoder| convert(decoder, images.clone())).transpose()?;
        Ok(Folder { path: path.to_owned(), images, player, rate, frames: 0 })
    }

    fn image(&mut self, image: &mut Vec<u8>) -> Result<bool, Error> {
        if let Some(player) = &mut self.player {
            return player.next(&self.path, self.frames, image);
        }
        let Some(path) = self.images.get(self.frames) else { return Ok(false) };
        *image = std::fs::read(path).map_err(|source| Error::Read { path: path.clone(), source })?;
        Ok(true)
    }
}

impl Frames for Folder {
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

/// The images in order, and ffmpeg's decoder if they need one.
fn list(path: &Path) -> Result<(Vec<PathBuf>, Option<&'static str>), Error> {
    let broken = |source| Error::Read { path: path.to_owned(), source };
    let mut images = Vec::new();
    let mut kind: Option<(&str, Option<&str>)> = None;
    for entry in std::fs::read_dir(path).map_err(broken)? {
        let image = entry.map_err(broken)?.path();
        let ending = image.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let Some(found) = KINDS.iter().find(|(name, _)| Some(*name) == ending.as_deref()) else { continue };
        let first = *kind.get_or_insert(*found);
        if first.1 != found.1 {
            let [mut first, mut second] = [first.0.to_owned(), found.0.to_owned()];
            // The order of a folder's entries is not the same everywhere.
            if first > second {
                std::mem::swap(&mut first, &mut second);
            }
            return Err(Error::MixedFolder { path: path.to_owned(), first, second });
        }
        images.push(image);
    }
    images.sort();
    let (_, decoder) = kind.ok_or_else(|| Error::EmptyFolder(path.to_owned()))?;
    Ok((images, decoder))
}

/// Starts an ffmpeg, and a thread that feeds it the files.
fn convert(decoder: &str, images: Vec<PathBuf>) -> Result<Player, Error> {
    let mut command = ffmpeg::command();
    command.stdin(Stdio::piped()).args(["-f", "image2pipe", "-c:v", decoder, "-i", "pipe:0"]);
    ffmpeg::as_camera(&mut command, None);
    let mut player = Player::start(command)?;
    if let Some(input) = player.input() {
        std::thread::spawn(move || feed(input, &images));
    }
    Ok(player)
}

/// Writes the files one behind the other. A file that cannot be read ends the stream; ffmpeg may end before.
fn feed(mut input: ChildStdin, images: &[PathBuf]) {
    for image in images {
        let copied = std::fs::File::open(image).and_then(|mut file| std::io::copy(&mut file, &mut input));
        if copied.is_err() {
            return;
        }
    }
}

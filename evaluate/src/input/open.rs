//! Finds out what an input is, and opens it. Nothing else decides that.
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Frames;
use super::clip::Clip;
use super::error::Error;
use super::folder::Folder;
use super::joined::Joined;
use super::rate::Rate;
use super::scene::{Play, Scene};

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A clip, a file of joined JPEGs, or a folder of images.
    Path(PathBuf),
    /// A generated scene.
    Scene(Play),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Path(path) => write!(f, "{}", path.display()),
            Source::Scene(play) => write!(f, "scene {} (seed {})", play.name, play.seed),
        }
    }
}

/// What to read, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What.
    pub source: Source,
    /// Frames a second, for what has no times of its own; overrides a clip's.
    pub rate: Option<Rate>,
    /// A part of a clip's picture.
    pub crop: Option<Crop>,
}

/// A part of the picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

impl Crop {
    /// Reads `X,Y,WIDTHxHEIGHT`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Crop, Error> {
        let parsed = || {
            let mut parts = text.splitn(3, ',');
            let (x, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let (width, height) = parts.next()?.split_once('x')?;
            let (width, height) = (width.parse().ok()?, height.parse().ok()?);
            (width > 0 && height > 0).then_some(Crop { x, y, width, height })
        };
        parsed().ok_or_else(|| Error::Crop(text.to_owned()))
    }
}

/// Opens an input at its first frame.
///
/// # Errors
/// It is not there, not what it should be, or needs a rate.
pub fn open(request: &Request) -> Result<Box<dyn Frames>, Error> {
    let path = match &request.source {
        Source::Path(path) => path,
        Source::Scene(play) => return Ok(Box::new(Scene::open(play)?)),
    };
    let broken = |source| Error::Read { path: path.clone(), source };
    let is_folder = std::fs::metadata(path).map_err(broken)?.is_dir();
    if is_folder || starts_as_jpeg(path)? {
        if request.crop.is_some() {
            return Err(Error::CropOfJpegs(path.clone()));
        }
        let rate = request.rate.ok_or_else(|| Error::NoRate(path.clone()))?;
        return Ok(if is_folder {
            Box::new(Folder::open(path, rate)?)
        } else {
            Box::new(Joined::open(path, rate)?)
        });
    }
    let crop = request.crop.map(|c| format!("{}:{}:{}:{}", c.width, c.height, c.x, c.y));
    Ok(Box::new(Clip::open(path, request.rate, crop.as_deref())?))
}

fn starts_as_jpeg(path: &Path) -> Result<bool, Error> {
    let mut start = Vec::new();
    let file = File::open(path);
    file.and_then(|file| file.take(2).read_to_end(&mut start))
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Ok(start == [0xff, 0xd8])
}

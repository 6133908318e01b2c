//! A clip as the world sees it: through ffprobe and ffmpeg.

use crate::Failure;
use crate::card::{run, text};
use image_builder::camera::counter;
use std::path::{Path, PathBuf};

/// What ffprobe says of a clip.
#[derive(Debug)]
pub struct Clip {
    /// Presentation times of the frames, seconds.
    pub times_s: Vec<f64>,
    /// Pixels.
    pub width: u64,
    /// Pixels.
    pub height: u64,
    /// Codec name.
    pub codec: String,
}

impl Clip {
    /// Decodes the whole clip and lists its frames. Any decoding error is a failure.
    pub fn probe(path: &Path) -> Result<Clip, Failure> {
        let json = run(
            "ffprobe",
            &[
                "-v",
                "error",
                "-select_streams",
                "v",
                "-of",
                "json",
                "-show_streams",
                "-show_frames",
                &text(path),
            ],
        )?;
        let json: serde_json::Value = serde_json::from_str(&json)?;
        let stream = &json["streams"][0];
        let frames = json["frames"].as_array().ok_or("no frames")?;
        let time = |f: &serde_json::Value| f["pts_time"].as_str().and_then(|t| t.parse().ok());
        let times_s =
            frames.iter().map(time).collect::<Option<Vec<f64>>>().ok_or("a frame without a time")?;
        run("ffmpeg", &["-v", "error", "-xerror", "-i", &text(path), "-f", "null", "-"])?;
        Ok(Clip {
            times_s,
            width: stream["width"].as_u64().unwrap_or(0),
            height: stream["height"].as_u64().unwrap_or(0),
            codec: stream["codec_name"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Every frame as a PNG in `folder`, in order.
    pub fn pictures(path: &Path, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        std::fs::create_dir_all(folder)?;
        let pattern = folder.join("%05d.png");
        run("ffmpeg", &["-v", "error", "-y", "-i", &text(path), "-vsync", "0", &text(&pattern)])?;
        let mut pictures: Vec<PathBuf> = std::fs::read_dir(folder)?
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "png"))
            .collect();
        pictures.sort();
        Ok(pictures)
    }

    /// The frames as grey bytes, row by row, one after the other.
    pub fn grey_frames(path: &Path) -> Result<Vec<u8>, Failure> {
        Clip::decoded(path, "gray")
    }

    /// The same, as red, green and blue.
    pub fn colour_frames(path: &Path) -> Result<Vec<u8>, Failure> {
        Clip::decoded(path, "rgb24")
    }

    fn decoded(path: &Path, pixels: &str) -> Result<Vec<u8>, Failure> {
        let output = std::process::Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-i",
                &text(path),
                "-vsync",
                "0",
                "-f",
                "rawvideo",
                "-pix_fmt",
                pixels,
                "-",
            ])
            .output()?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into())
        }
    }
}

/// The numbers that the camera drew into the frames of a clip, by decoding all of it. Any error in it is a failure.
pub fn frame_numbers(content: &[u8]) -> Result<Vec<u64>, Failure> {
    let file = tempfile::Builder::new().suffix(".mp4").tempfile()?;
    std::fs::write(file.path(), content)?;
    let clip = Clip::probe(file.path())?;
    let (width, height) = (usize::try_from(clip.width)?, usize::try_from(clip.height)?);
    let grey = Clip::grey_frames(file.path())?;
    grey.chunks_exact(width * height)
        .map(|frame| counter::read(frame, width).ok_or_else(|| "a frame without its number".into()))
        .collect()
}

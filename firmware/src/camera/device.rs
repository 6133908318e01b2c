//! Finding a camera, reading what it offers, and starting it in the chosen mode.
//!
//! The `v4l` crate does the asking and is let go before streaming starts: V4L2 keeps the format across opens, and our
//! stream must outlive a camera's tantrums without that crate's panics.

use super::{Mode, Wish, choose};
use crate::sys::v4l2::Stream;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, FourCC, Fraction};

/// Buffers that the driver fills in turn. With 8 a thread may be late by a quarter of a second at 30 frames a second.
const BUFFERS: u32 = 8;
/// Modes considered: no camera offers more that differ.
const MODES_MAX: usize = 256;
/// The only format of this version: compressed frames are kept as they come.
const MJPEG: [u8; 4] = *b"MJPG";

/// Why no camera is streaming.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No video device at all.
    #[error("no camera is connected")]
    None,
    /// There are video devices, but none of them captures MJPEG.
    #[error("the camera `{0}` offers no MJPEG, which this version needs")]
    NoMjpeg(String),
    /// The device answered a request with an error.
    #[error("the camera `{model}` refused {what}: {source}")]
    Refused {
        /// The model, or the device's path while the model is not known.
        model: String,
        /// What was asked of it.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

/// A camera that streams.
pub struct Camera {
    /// As the device names itself.
    pub model: String,
    /// The mode in force, as the driver confirmed it.
    pub mode: Mode,
    /// Its frames.
    pub stream: Stream,
}

impl Camera {
    /// Takes the first camera that offers MJPEG and starts it in the mode that serves `wish` best.
    pub fn open(wish: Wish) -> Result<Camera, CameraError> {
        let mut last = CameraError::None;
        for path in devices() {
            match Camera::open_device(&path, wish) {
                Ok(camera) => return Ok(camera),
                Err(error) if more_telling(&error, &last) => last = error,
                Err(_) => {}
            }
        }
        Err(last)
    }

    fn open_device(path: &Path, wish: Wish) -> Result<Camera, CameraError> {
        let (model, mode) = configure(path, wish)?;
        let refused = |what| {
            let model = model.clone();
            move |source| CameraError::Refused { model, what, source }
        };
        let device = File::options()
            .read(true)
            .write(true)
            .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
            .open(path)
            .map_err(refused("to open for streaming"))?;
        let stream = Stream::start(device, BUFFERS).map_err(|e| refused("to stream")(e.into()))?;
        Ok(Camera { model, mode, stream })
    }
}

/// An error that says something about a camera beats "none".
fn more_telling(new: &CameraError, old: &CameraError) -> bool {
    let rank = |e: &CameraError| match e {
        CameraError::None => 0,
        CameraError::NoMjpeg(_) => 1,
        CameraError::Refused { .. } => 2,
    };
    rank(new) > rank(old)
}

/// The video devices in the order of their numbers.
fn devices() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/dev") else { return Vec::new() };
    let number = |name: &str| name.strip_prefix("video").and_then(|n| n.parse::<u32>().ok());
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|e| number(&e.file_name().to_string_lossy()).map(|n| (n, e.path())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Sets format and rate; returns the model and what the driver made of the wish.
fn configure(path: &Path, wish: Wish) -> Result<(String, Mode), CameraError> {
    let unnamed = path.display().to_string();
    let refused = |model: &str, what| {
        let model = model.to_owned();
        move |source| CameraError::Refused { model, what, source }
    };
    let device = Device::with_path(path).map_err(refused(&unnamed, "to open"))?;
    let model = device.query_caps().map_err(refused(&unnamed, "to say what it is"))?.card;
    let modes = modes(&device);
    let mode = choose::choose(&modes, wish).ok_or_else(|| CameraError::NoMjpeg(model.clone()))?;
    let wanted = v4l::Format::new(mode.width, mode.height, FourCC::new(&MJPEG));
    let format = device.set_format(&wanted).map_err(refused(&model, "the frame size"))?;
    if format.fourcc != FourCC::new(&MJPEG) {
        return Err(CameraError::NoMjpeg(model));
    }
    let interval = Parameters::new(Fraction::new(10, mode.fps_tenths.max(1)));
    let rate = device.set_params(&interval).map_err(refused(&model, "the frame rate"))?.interval;
    let mode = Mode { width: format.width, height: format.height, fps_tenths: tenths(rate) };
    Ok((model, mode))
}

/// Every MJPEG mode that the device offers, as far as it says.
fn modes(device: &Device) -> Vec<Mode> {
    let fourcc = FourCC::new(&MJPEG);
    let mut modes = Vec::new();
    for size in device.enum_framesizes(fourcc).unwrap_or_default() {
        let (width, height) = match size.size {
            FrameSizeEnum::Discrete(d) => (d.width, d.height),
            // A scaler that does any size: its largest within what we choose by ourselves.
            FrameSizeEnum::Stepwise(s) => (s.max_width.min(1280), s.max_height.min(720)),
        };
        for interval in device.enum_frameintervals(fourcc, width, height).unwrap_or_default() {
            let fraction = match interval.interval {
                FrameIntervalEnum::Discrete(f) => f,
                FrameIntervalEnum::Stepwise(s) => s.min,
            };
            modes.push(Mode { width, height, fps_tenths: tenths(fraction) });
        }
    }
    modes.truncate(MODES_MAX);
    modes
}

/// Frames a second in tenths, of an interval in seconds.
fn tenths(interval: Fraction) -> u32 {
    interval.denominator.saturating_mul(10).checked_div(interval.numerator).unwrap_or(0)
}

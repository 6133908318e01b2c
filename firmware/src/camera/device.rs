//! Finding a camera, reading what it offers, and starting it in the chosen mode.
//!
//! The `v4l` crate does the asking and is let go before streaming starts: V4L2 keeps the format across opens, and our
//! stream must outlive a camera's tantrums without that crate's panics.

use super::{Format, Mode, Wish, choose};
use crate::ring::{Coding, FRAME_BYTES_MAX};
use crate::sys::v4l2::Stream;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use v4l::format::{Colorspace, Quantization};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device, FourCC, Fraction};
use vision::luma::{RAW_FORMATS, RawFormat};

/// Buffers that the driver fills in turn. With 8 a thread may be late by a quarter of a second at 30 frames a second.
const BUFFERS: u32 = 8;
/// Modes of one format that are considered: no camera offers more that differ.
const MODES_MAX: usize = 256;

/// Why no camera is streaming.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No video device at all.
    #[error("no camera is connected")]
    None,
    /// There are video devices, but none of them captures pictures that we read.
    #[error(
        "the camera `{0}` offers neither MJPEG, nor raw pictures of up to 1 MiB in a format that is known here, nor H.264"
    )]
    NoFormat(String),
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
    /// How its frames are to be read.
    pub coding: Coding,
    /// Its frames.
    pub stream: Stream,
}

/// The video devices in the order of their numbers.
pub fn devices() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/dev") else { return Vec::new() };
    let number = |name: &str| name.strip_prefix("video").and_then(|n| n.parse::<u32>().ok());
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|e| number(&e.file_name().to_string_lossy()).map(|n| (n, e.path())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

impl Camera {
    /// Takes the first camera that offers a format that we read and starts it in the mode that serves `wish` best.
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
        let (model, mode, coding) = configure(path, wish)?;
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
        Ok(Camera { model, mode, coding, stream })
    }
}

/// An error that says something about a camera beats "none".
fn more_telling(new: &CameraError, old: &CameraError) -> bool {
    let rank = |e: &CameraError| match e {
        CameraError::None => 0,
        CameraError::NoFormat(_) => 1,
        CameraError::Refused { .. } => 2,
    };
    rank(new) > rank(old)
}

/// Sets format and rate; returns the model, what the driver made of the wish, and how its frames are to be read.
fn configure(path: &Path, wish: Wish) -> Result<(String, Mode, Coding), CameraError> {
    let unnamed = path.display().to_string();
    let refused = |model: &str, what| {
        let model = model.to_owned();
        move |source| CameraError::Refused { model, what, source }
    };
    let device = Device::with_path(path).map_err(refused(&unnamed, "to open"))?;
    let model = device.query_caps().map_err(refused(&unnamed, "to say what it is"))?.card;
    let modes = modes(&device);
    let chosen = choose::choose(&modes, wish).ok_or_else(|| CameraError::NoFormat(model.clone()))?;
    let wanted = v4l::Format::new(chosen.width, chosen.height, FourCC::new(&chosen.format.fourcc()));
    let format = device.set_format(&wanted).map_err(refused(&model, "the frame size"))?;
    if format.fourcc.repr != chosen.format.fourcc() {
        return Err(CameraError::NoFormat(model));
    }
    let interval = Parameters::new(Fraction::new(10, chosen.fps_tenths.max(1)));
    let rate = device.set_params(&interval).map_err(refused(&model, "the frame rate"))?.interval;
    let mode = Mode { width: format.width, height: format.height, fps_tenths: tenths(rate), ..chosen };
    Ok((model, mode, coding_of(chosen.format, &format)))
}

/// How frames are to be read, as the driver says.
fn coding_of(format: Format, said: &v4l::Format) -> Coding {
    let fourcc = match format {
        Format::Mjpeg => return Coding::Jpeg,
        Format::H264 => return Coding::AnnexB,
        Format::Raw(fourcc) => fourcc,
    };
    let row_bytes = RawFormat::find(fourcc).map_or(0, |raw| raw.row_bytes(side(said.width)));
    Coding::Raw {
        fourcc,
        stride_bytes: said.stride.max(u32::try_from(row_bytes).unwrap_or(0)),
        // V4L2's rule for "default": video's range, but for the colour space of JPEG. Of grey nobody says; sensors give all of it.
        is_full_range: match said.quantization {
            Quantization::FullRange => true,
            Quantization::LimitedRange => false,
            Quantization::Default => fourcc == *b"GREY" || matches!(said.colorspace, Colorspace::JPEG),
        },
    }
}

/// Every mode that the device offers in a format that we read, as far as it says.
pub(super) fn modes(device: &Device) -> Vec<Mode> {
    let mut modes = modes_of(device, Format::Mjpeg);
    let offered: Vec<[u8; 4]> =
        device.enum_formats().unwrap_or_default().iter().map(|format| format.fourcc.repr).collect();
    let known = RAW_FORMATS.iter().filter(|raw| raw.has_picture() && offered.contains(&raw.fourcc));
    for raw in known {
        modes.extend(modes_of(device, Format::Raw(raw.fourcc)).into_iter().filter(|mode| fits(raw, mode)));
    }
    if offered.contains(&Format::H264.fourcc()) {
        modes.extend(modes_of(device, Format::H264));
    }
    modes
}

/// Whether a raw frame fits a slot, without padding.
fn fits(raw: &RawFormat, mode: &Mode) -> bool {
    raw.frame_bytes(raw.row_bytes(side(mode.width)), side(mode.height)) <= FRAME_BYTES_MAX
}

fn side(px: u32) -> u16 {
    u16::try_from(px).unwrap_or(u16::MAX)
}

fn modes_of(device: &Device, format: Format) -> Vec<Mode> {
    let fourcc = FourCC::new(&format.fourcc());
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
            modes.push(Mode { format, width, height, fps_tenths: tenths(fraction) });
        }
    }
    modes.truncate(MODES_MAX);
    modes
}

/// Frames a second in tenths, of an interval in seconds.
fn tenths(interval: Fraction) -> u32 {
    interval.denominator.saturating_mul(10).checked_div(interval.numerator).unwrap_or(0)
}

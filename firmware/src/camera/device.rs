//! Finding a camera, reading what it offers, and starting it in the chosen mode.
//!
//! The `v4l` crate does the asking and is let go before streaming starts: V4L2 keeps the format across opens, and our
//! stream must outlive a camera's tantrums without that crate's panics.

use super::quirks::{Quirk, Quirks};
use super::{Format, Mode, Plug, Refusals, Wish, choose};
use crate::ring::{Coding, FRAME_BYTES_MAX};
use crate::sys::v4l2::Stream;
use nix::errno::Errno;
use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
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
/// Modes considered: no camera offers more that differ.
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
    /// The mode asks for more than the camera, its bus or the memory can give.
    #[error("the camera `{model}` refused {mode}: {source}")]
    TooMuch {
        /// The model.
        model: String,
        /// What was asked for.
        mode: Mode,
        /// The system's reason.
        source: Errno,
        /// Whether that counts, so that another mode is tried; else the same one is once more.
        is_settled: bool,
    },
    /// Every mode was refused.
    #[error("the camera `{model}` refused every mode that it offers, {refusal}")]
    AllRefused {
        /// The model.
        model: String,
        /// The first of them, and why.
        refusal: String,
    },
}

/// A camera that streams.
pub struct Camera {
    /// As the device names itself.
    pub model: String,
    /// Which time it was plugged in.
    pub plug: Plug,
    /// The mode that was asked for.
    pub asked: Mode,
    /// The mode in force, as the driver confirmed it.
    pub mode: Mode,
    /// How its frames are to be read.
    pub coding: Coding,
    /// How it is to be treated.
    pub quirks: Quirks,
    /// Its frames.
    pub stream: Stream,
}

/// The video devices in the order of their numbers.
pub(super) fn devices() -> Vec<PathBuf> {
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
    /// Takes the first camera that offers a format that we read and starts it in the mode that serves `wish` best, of those that it has not
    /// refused. One mode of each camera is tried; what becomes of it is noted in `refusals`.
    pub fn open(wish: Wish, refusals: &mut Refusals) -> Result<Camera, CameraError> {
        let found: Vec<(Plug, PathBuf)> = devices().into_iter().map(|path| (plug_of(&path), path)).collect();
        refusals.are_for(wish, |plug| found.iter().any(|(there, _)| *there == plug));
        let mut last = CameraError::None;
        for (plug, path) in found {
            match Camera::open_device(&path, plug, wish, refusals) {
                Ok(camera) => return Ok(camera),
                Err(error) if more_telling(&error, &last) => last = error,
                Err(_) => {}
            }
        }
        Err(last)
    }

    fn open_device(
        path: &Path,
        plug: Plug,
        wish: Wish,
        refusals: &mut Refusals,
    ) -> Result<Camera, CameraError> {
        let (model, device) = named(path)?;
        let ranked = choose::ranked(&modes(&device), wish);
        if ranked.is_empty() {
            return Err(CameraError::NoFormat(model));
        }
        let Some(asked) = refusals.next(plug, &ranked) else {
            let refusal = refusals.first(plug).map_or_else(String::new, |refusal| refusal.to_string());
            return Err(CameraError::AllRefused { model, refusal });
        };
        let too_much = |error: CameraError| match error {
            CameraError::Refused { model, source, what } => match refusals.refused(plug, asked, &source) {
                Some((source, is_settled)) => CameraError::TooMuch { model, mode: asked, source, is_settled },
                None => CameraError::Refused { model, source, what },
            },
            other => other,
        };
        start(path, plug, model, device, asked).map_err(too_much)
    }
}

/// Which time the device was plugged in: the kernel makes its node anew each time.
fn plug_of(path: &Path) -> Plug {
    Plug(std::fs::metadata(path).map_or(0, |node| node.ino()))
}

/// An error that says something about a camera beats "none".
fn more_telling(new: &CameraError, old: &CameraError) -> bool {
    let rank = |e: &CameraError| match e {
        CameraError::None => 0,
        CameraError::NoFormat(_) => 1,
        CameraError::Refused { .. } | CameraError::AllRefused { .. } => 2,
        CameraError::TooMuch { .. } => 3,
    };
    rank(new) > rank(old)
}

/// The device, and the model as it names itself.
fn named(path: &Path) -> Result<(String, Device), CameraError> {
    let refused = |what| {
        let model = path.display().to_string();
        move |source| CameraError::Refused { model, what, source }
    };
    let device = Device::with_path(path).map_err(refused("to open"))?;
    let model = device.query_caps().map_err(refused("to say what it is"))?.card;
    Ok((model, device))
}

/// Sets format and rate, and starts the stream.
fn start(path: &Path, plug: Plug, model: String, device: Device, asked: Mode) -> Result<Camera, CameraError> {
    let refused = |what| {
        let model = model.clone();
        move |source| CameraError::Refused { model, what, source }
    };
    let wanted = v4l::Format::new(asked.width, asked.height, FourCC::new(&asked.format.fourcc()));
    let format = device.set_format(&wanted).map_err(refused("the frame size"))?;
    if format.fourcc.repr != asked.format.fourcc() {
        return Err(CameraError::NoFormat(model));
    }
    let quirks = Quirks::of(path);
    let interval = Parameters::new(Fraction::new(10, asked.fps_tenths.max(1)));
    let rate = if quirks.has(Quirk::KeepsItsRate) { device.params() } else { device.set_params(&interval) };
    let fps_tenths = match rate {
        Ok(said) => tenths(said.interval),
        // A driver whose rate cannot be set has the one that it told of.
        Err(error) if error.raw_os_error() == Some(Errno::ENOTTY as i32) => asked.fps_tenths,
        Err(error) => return Err(refused("the frame rate")(error)),
    };
    let mode = Mode { width: format.width, height: format.height, fps_tenths, ..asked };
    // Whoever sets the format has the stream in `uvcvideo`, as long as it holds the device.
    drop(device);
    let device = File::options()
        .read(true)
        .write(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)
        .map_err(refused("to open for streaming"))?;
    let stream = Stream::start(device, BUFFERS).map_err(|e| refused("to stream")(e.into()))?;
    Ok(Camera { plug, asked, mode, coding: coding_of(asked.format, &format), quirks, stream, model })
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
    modes.truncate(MODES_MAX);
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

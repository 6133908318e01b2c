//! Finding a camera, reading what it offers, and starting it in the chosen mode.
//!
//! The `v4l` crate does the asking and is let go before streaming starts: V4L2 keeps the format across opens, and our
//! stream must outlive a camera's tantrums without that crate's panics.

use super::quirks::{Quirk, Quirks};
use super::reach::Reach;
use super::sensor::Sensor;
use super::{Format, Mode, Plug, Refusals, Wish, choose};
use crate::ring::{Coding, FRAME_BYTES_MAX};
use crate::sys::v4l2::Stream;
use nix::errno::Errno;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
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
        "the camera `{0}` offers neither MJPEG, nor raw pictures of up to 2 MiB in a format that is known here, nor H.264"
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
    /// What has to be looked after while it streams, if it is a bare sensor.
    pub sensor: Option<Sensor>,
}

/// The video devices in the order of their numbers.
pub fn devices() -> Vec<PathBuf> {
    numbered("video")
}

/// The devices called that and a number, in the order of their numbers.
pub(super) fn numbered(kind: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/dev") else { return Vec::new() };
    let number = |name: &str| name.strip_prefix(kind).and_then(|n| n.parse::<u32>().ok());
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
        let found = Found::at(path)?;
        let model = found.model.clone();
        let ranked = choose::ranked(&found.modes(), wish);
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
        found.start(plug, asked, wish).map_err(too_much)
    }

    /// Whose controls are the camera's: the sensor's, if it is a bare one.
    pub fn controlled(&self) -> BorrowedFd<'_> {
        self.sensor.as_ref().map_or_else(|| self.stream.as_fd(), |sensor| sensor.part.as_fd())
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

/// A device that may be a camera, before it streams.
struct Found {
    model: String,
    quirks: Quirks,
    /// For the stream.
    file: File,
    /// For the format. Whoever sets that has the stream in `uvcvideo`, as long as it holds the device, so it is let go before.
    device: Device,
    /// The way from a bare sensor, if it is one.
    reach: Option<Reach>,
}

impl Found {
    fn at(path: &Path) -> Result<Found, CameraError> {
        let unnamed = path.display().to_string();
        let file = File::options()
            .read(true)
            .write(true)
            .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
            .open(path)
            .map_err(refused(&unnamed, "to open for streaming"))?;
        let reach = Reach::of(&file).map_err(refused(&unnamed, "the way from its sensor"))?;
        let device = Device::with_path(path).map_err(refused(&unnamed, "to open"))?;
        let card = device.query_caps().map_err(refused(&unnamed, "to say what it is"))?.card;
        let model = reach.as_ref().map_or(card, |reach| reach.name.clone());
        Ok(Found { model, quirks: Quirks::of(path), file, device, reach })
    }

    fn modes(&self) -> Vec<Mode> {
        self.reach.as_ref().map_or_else(|| modes(&self.device), |reach| modes_of_sensor(&self.device, reach))
    }

    /// Sets format and rate, of a bare sensor on all of the way from it, and starts the stream.
    fn start(self, plug: Plug, asked: Mode, wish: Wish) -> Result<Camera, CameraError> {
        let Found { model, quirks, file, device, reach } = self;
        let chosen = match &reach {
            Some(reach) => {
                reach.configure(asked).map_err(refused(&model, "the format on the way from its sensor"))?
            }
            None => asked,
        };
        let wanted = v4l::Format::new(chosen.width, chosen.height, FourCC::new(&chosen.format.fourcc()));
        let format = device.set_format(&wanted).map_err(refused(&model, "the frame size"))?;
        if format.fourcc.repr != chosen.format.fourcc() {
            return Err(CameraError::NoFormat(model));
        }
        let coding = coding_of(chosen.format, &format);
        let mode = Mode { width: format.width, height: format.height, ..chosen };
        let (mode, sensor) = match reach {
            Some(reach) => {
                let started = Sensor::start(reach, mode, wish.flash_us);
                let (sensor, mode) =
                    started.map_err(|errno| refused(&model, "its first exposure")(errno.into()))?;
                (mode, Some(sensor))
            }
            None => {
                let rate = rate(&device, quirks, chosen).map_err(refused(&model, "the frame rate"))?;
                (Mode { fps_tenths: rate, ..mode }, None)
            }
        };
        drop(device);
        let stream = Stream::start(file, BUFFERS).map_err(|e| refused(&model, "to stream")(e.into()))?;
        Ok(Camera { model, plug, asked, mode, coding, quirks, stream, sensor })
    }
}

/// Sets the rate; what it is then, in tenths.
fn rate(device: &Device, quirks: Quirks, chosen: Mode) -> io::Result<u32> {
    let interval = Parameters::new(Fraction::new(10, chosen.fps_tenths.max(1)));
    let said = if quirks.has(Quirk::KeepsItsRate) { device.params() } else { device.set_params(&interval) };
    match said {
        Ok(said) => Ok(tenths(said.interval)),
        // A driver whose rate cannot be set has the one that it told of.
        Err(error) if error.raw_os_error() == Some(Errno::ENOTTY as i32) => Ok(chosen.fps_tenths),
        Err(error) => Err(error),
    }
}

/// What to make of the system's answer to a request.
fn refused(model: &str, what: &'static str) -> impl FnOnce(io::Error) -> CameraError + use<> {
    let model = model.to_owned();
    move |source| CameraError::Refused { model, what, source }
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
    let known = RAW_FORMATS.iter().filter(|raw| offered.contains(&raw.fourcc));
    for raw in known {
        modes.extend(modes_of(device, Format::Raw(raw.fourcc)).into_iter().filter(|mode| fits(raw, mode)));
    }
    if offered.contains(&Format::H264.fourcc()) {
        modes.extend(modes_of(device, Format::H264));
    }
    modes
}

/// Every mode of a sensor whose frames fit a slot.
pub(super) fn modes_of_sensor(device: &Device, reach: &Reach) -> Vec<Mode> {
    let offered: Vec<[u8; 4]> =
        device.enum_formats().unwrap_or_default().iter().map(|format| format.fourcc.repr).collect();
    let mut modes = reach.modes(&offered);
    modes.retain(|mode| RawFormat::find(mode.format.fourcc()).is_some_and(|raw| fits(raw, mode)));
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

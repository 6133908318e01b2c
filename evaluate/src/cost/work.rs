//! The loops of our own that are measured: our work in parts, and copies of a frame as the floor of what memory costs.
use std::hint::black_box;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::input::Frame;
use crate::watch::{FrameIn, Kerberos, Watcher, frame_size};

/// A way of spending time on a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Our decoder and detector.
    Kerberos,
    /// Our detector alone, on planes that are there.
    Detector,
    /// Our reduction of uncompressed frames (YUYV), and the detector.
    Yuyv,
    /// A copy of the decoded frame (planar 4:2:0).
    Copy,
    /// A copy of the uncompressed frame (YUYV).
    CopyYuyv,
}

/// Frames that are decoded or uncompressed beforehand.
const PREPARED_MAX: usize = 16;

impl Work {
    /// By its name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Work> {
        match name {
            "kerberos" => Some(Work::Kerberos),
            "detector" => Some(Work::Detector),
            "yuyv" => Some(Work::Yuyv),
            "copy" => Some(Work::Copy),
            "copy-yuyv" => Some(Work::CopyYuyv),
            _ => None,
        }
    }
}

/// Looks at these frames again and again, `looks` times in all, 25 a second by their timestamps.
pub fn run(work: Work, frames: &[Frame], looks: usize) {
    match work {
        Work::Kerberos => {
            let mut watcher = Kerberos::new(Default::default());
            for (index, frame) in frames.iter().cycle().take(looks).enumerate() {
                let timestamp_us = index as u64 * 40_000;
                let size = (0, 0);
                black_box(watcher.watch(&FrameIn { index, timestamp_us, jpeg: &frame.jpeg, size }));
            }
        }
        Work::Detector => {
            let mut watcher = Kerberos::new(Default::default());
            let planes: Vec<_> = frames.iter().filter_map(|frame| watcher.plane(&frame.jpeg)).collect();
            for (time_us, plane) in times_us().zip(planes.iter().cycle()).take(looks) {
                black_box(watcher.detect(black_box(plane), time_us));
            }
        }
        Work::Yuyv => {
            let mut watcher = Kerberos::new(Default::default());
            let bare: Vec<_> =
                frames.iter().take(PREPARED_MAX).filter_map(|frame| yuyv(&frame.jpeg)).collect();
            let size = frames.first().map_or((0, 0), |frame| frame_size(&frame.jpeg));
            for (time_us, bytes) in times_us().zip(bare.iter().cycle()).take(looks) {
                black_box(watcher.watch_yuyv(black_box(bytes), size, time_us));
            }
        }
        Work::Copy => copy(frames, (3, 2), looks),
        Work::CopyYuyv => copy(frames, (2, 1), looks),
    }
}

/// 25 frames a second.
fn times_us() -> impl Iterator<Item = u64> {
    (0..).map(|look| look * 40_000)
}

/// Copies frames of so many bytes for so many pixels.
fn copy(frames: &[Frame], (bytes, pixels): (usize, usize), looks: usize) {
    let (width, height) = frames.first().map_or((0, 0), |frame| frame_size(&frame.jpeg));
    let from = vec![7_u8; width as usize * height as usize * bytes / pixels];
    let mut to = vec![0_u8; from.len()];
    for _ in 0..looks {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
}

/// The frame as a camera gives it that does not compress; grey.
fn yuyv(jpeg: &[u8]) -> Option<Vec<u8>> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let luma = JpegDecoder::new_with_options(ZCursor::new(jpeg), options).decode().ok()?;
    Some(luma.into_iter().flat_map(|grey| [grey, 128]).collect())
}

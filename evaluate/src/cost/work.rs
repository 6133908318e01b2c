//! Our loops that are measured: ours, and the copy of a decoded frame as the floor of what memory costs.
use std::hint::black_box;

use crate::input::Frame;
use crate::watch::{FrameIn, Kerberos, Watcher, frame_size};

/// A way of spending time on a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Our decoder and detector.
    Kerberos,
    /// A copy of the decoded frame (planar 4:2:0).
    Copy,
}

impl Work {
    /// By its name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Work> {
        match name {
            "kerberos" => Some(Work::Kerberos),
            "copy" => Some(Work::Copy),
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
        Work::Copy => {
            let (width, height) = frames.first().map_or((0, 0), |frame| frame_size(&frame.jpeg));
            let from = vec![7_u8; width as usize * height as usize * 3 / 2];
            let mut to = vec![0_u8; from.len()];
            for _ in 0..looks {
                to.copy_from_slice(black_box(&from));
                black_box(&mut to);
            }
        }
    }
}

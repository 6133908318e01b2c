//! The table of sizes and rates that the camera offers.
//!
//! Descriptors, negotiation and sources all read this table; it must not hold anything that follows from it.

use serde::Serialize;

use super::format::PixelFormat;

/// A picture size and its rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels per line; a multiple of 16, so that a line is a whole number of JPEG units.
    pub width: u16,
    /// Lines; a multiple of 8.
    pub height: u16,
    /// Frames per second, fastest first (the order that UVC wants for intervals: shortest first).
    pub fps: &'static [u16],
}

/// All sizes; the UVC frame index of a size is its place here plus one, the first is the default.
pub const SIZES: &[Size] = &[
    Size { width: 1280, height: 720, fps: &[30, 15, 10, 5] },
    Size { width: 640, height: 480, fps: &[30, 15, 5] },
    Size { width: 320, height: 240, fps: &[30, 15] },
];

/// The rate a size has when nobody asks for another; every size offers it.
pub const FPS_DEFAULT: u16 = 15;

/// The unit of UVC frame intervals: 100 ns.
const INTERVAL_UNITS_PER_S: u32 = 10_000_000;

/// One size at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mode {
    /// Pixels per line.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Frames per second.
    pub fps: u16,
}

impl Mode {
    /// Time from frame to frame in nanoseconds.
    pub fn interval_ns(&self) -> u64 {
        1_000_000_000 / u64::from(self.fps.max(1))
    }
}

/// A rate as a UVC interval in units of 100 ns.
pub fn interval_of(fps: u16) -> u32 {
    INTERVAL_UNITS_PER_S / u32::from(fps.max(1))
}

/// The size of a UVC frame index (from 1); `None` outside the table.
pub fn size_of(frame_index: u8) -> Option<&'static Size> {
    SIZES.get(usize::from(frame_index).checked_sub(1)?)
}

/// Bytes that a guest must set aside for one frame.
pub fn frame_bytes_max(size: &Size, format: PixelFormat) -> u32 {
    format.frame_bytes(size.width, size.height) as u32
}

/// The rate of `size` whose interval is nearest to `interval` (0 asks for the default).
pub fn nearest_fps(size: &Size, interval: u32) -> u16 {
    let wanted = if interval == 0 { interval_of(FPS_DEFAULT) } else { interval };
    let distance = |fps: &&u16| interval_of(**fps).abs_diff(wanted);
    size.fps.iter().min_by_key(distance).copied().unwrap_or(FPS_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::{FPS_DEFAULT, SIZES, interval_of, nearest_fps, size_of};

    #[test]
    fn table_keeps_its_own_rules() {
        for size in SIZES {
            assert_eq!((size.width % 16, size.height % 8), (0, 0));
            assert!(size.fps.windows(2).all(|pair| pair[0] > pair[1]), "fastest first");
            assert!(size.fps.contains(&FPS_DEFAULT));
        }
    }

    #[test]
    fn nearest_rate_is_found() {
        let size = size_of(1).unwrap();
        assert_eq!(nearest_fps(size, interval_of(15)), 15);
        assert_eq!(nearest_fps(size, 333_334), 30);
        assert_eq!(nearest_fps(size, u32::MAX), 5);
        assert_eq!(nearest_fps(size, 0), FPS_DEFAULT);
        assert!(size_of(0).is_none() && size_of(SIZES.len() as u8 + 1).is_none());
    }
}

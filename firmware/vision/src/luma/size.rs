//! The size of a camera frame, and the one rule that gives the size of its detection plane.
//!
//! Numbers only; must not know what a frame is made of.
use super::Damage;
use crate::plane::{PLANE_SIDE_PX_MAX, PlaneSize};

/// Longest accepted side of a frame, in pixels: the largest video format in use (8K is 7680 x 4320), rounded up to a
/// power of two. It bounds the strip of means that the JPEG decoder keeps.
pub const FRAME_SIDE_PX_MAX: u16 = 8192;

/// Shortest accepted side of a frame, in pixels: one JPEG block.
pub const FRAME_SIDE_PX_MIN: u16 = 8;

/// Pixels along a side of a JPEG block.
pub const BLOCK_PX: usize = 8;

/// Least side of the square that a plane pixel is the mean of: one cell of a Bayer mosaic.
pub const SQUARE_PX_MIN: usize = 2;

/// The plane is made finer than 1/8 until its longest side has this many pixels.
const PLANE_SIDE_PX_MIN: usize = 160;

/// Width and height of a camera frame, in pixels.
///
/// # The rule
/// A plane pixel is the mean of a square of frame pixels, in every format. Its side is 8, doubled while the plane's longest side
/// would be over 320, halved (down to 2) while it would be under 160. Squares begin at the upper left corner; what is left over at the right and
/// lower edge is not seen: what a JPEG encoder puts beyond them is its own business, and hardware encoders put garbage there.
///
/// | longest side, px | square | longest side of the plane |
/// |---|---|---|
/// | 8..=639 | 2 | 4..=319 |
/// | 640..=1279 | 4 | 160..=319 |
/// | 1280..=2567 | 8 | 160..=320 |
/// | 2568..=5135 | 16 | 160..=320 |
/// | 5136..=8192 | 32 | 160..=256 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSize {
    /// Pixels in a row, 8..=8192.
    pub width: u16,
    /// Rows, 8..=8192.
    pub height: u16,
}

impl FrameSize {
    /// Side of the square behind a plane pixel, in frame pixels: 2, 4, 8, 16 or 32.
    #[must_use]
    pub const fn square_px(self) -> usize {
        let mut side = BLOCK_PX;
        while self.longest() / side > PLANE_SIDE_PX_MAX {
            side *= 2;
        }
        while self.longest() / side < PLANE_SIDE_PX_MIN && side > SQUARE_PX_MIN {
            side /= 2;
        }
        side
    }

    /// Size of the detection plane, rounded down.
    #[must_use]
    pub const fn plane(self) -> PlaneSize {
        let side = self.square_px();
        PlaneSize { width: (self.width as usize / side) as u16, height: (self.height as usize / side) as u16 }
    }

    /// Refuses what no camera sends, and panoramas so flat that their plane would have no rows.
    pub(super) fn check(self) -> Result<(), Damage> {
        if self.width.min(self.height) < FRAME_SIDE_PX_MIN {
            return Err(Damage::TooSmall);
        }
        if self.width.max(self.height) > FRAME_SIDE_PX_MAX {
            return Err(Damage::TooLarge);
        }
        if self.plane().pixels() == 0 { Err(Damage::TooSmall) } else { Ok(()) }
    }

    const fn longest(self) -> usize {
        if self.width > self.height { self.width as usize } else { self.height as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_gives_planes_of_160_to_320() {
        for longest in FRAME_SIDE_PX_MIN..=FRAME_SIDE_PX_MAX {
            let size = FrameSize { width: longest, height: longest };
            let plane = size.plane();
            assert!((4..=PLANE_SIDE_PX_MAX as u16).contains(&plane.width), "{longest}: {plane:?}");
            assert!(longest < 320 || plane.width >= 160, "{longest}: {plane:?}");
            assert_eq!(size.check(), Ok(()));
        }
    }

    #[test]
    fn the_table_in_the_documentation_is_true() {
        let square = |longest| FrameSize { width: 64, height: longest }.square_px();
        for (first, last, expected) in
            [(8, 639, 2), (640, 1279, 4), (1280, 2567, 8), (2568, 5135, 16), (5136, 8192, 32)]
        {
            assert_eq!((square(first), square(last)), (expected, expected), "{first}..={last}");
        }
    }

    #[test]
    fn sizes_that_no_camera_has_are_refused() {
        let check = |width, height| FrameSize { width, height }.check();
        for (width, height) in [(0, 0), (0, 480), (640, 0), (7, 480), (640, 7), (8192, 16)] {
            assert_eq!(check(width, height), Err(Damage::TooSmall), "{width}x{height}");
        }
        for (width, height) in [(8193, 480), (640, 8193), (u16::MAX, u16::MAX)] {
            assert_eq!(check(width, height), Err(Damage::TooLarge), "{width}x{height}");
        }
    }
}

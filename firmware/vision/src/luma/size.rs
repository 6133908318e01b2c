//! The size of a camera frame, and the one rule that gives the size of its detection plane.
//!
//! Numbers only; must not know what a frame is made of.
use super::Damage;
use crate::plane::{PLANE_SIDE_PX_MAX, PlaneSize};

/// Longest accepted side of a frame, in pixels: the largest video format in use (8K is 7680 x 4320), rounded up to a
/// power of two. It bounds the strip of block means that the JPEG decoder keeps.
pub const FRAME_SIDE_PX_MAX: u16 = 8192;

/// Shortest accepted side of a frame, in pixels: one JPEG block.
pub const FRAME_SIDE_PX_MIN: u16 = 8;

/// Pixels along a side of a JPEG block, from which one DC coefficient comes.
pub const BLOCK_PX: usize = 8;

/// Least side of the square that a plane pixel of a raw frame is the mean of: one cell of a Bayer mosaic.
pub const RAW_SQUARE_PX_MIN: usize = 2;

/// A raw frame's plane is made finer than 1/8 until its longest side has this many pixels.
const RAW_PLANE_SIDE_PX_MIN: usize = 160;

/// Width and height of a camera frame, in pixels.
///
/// # The rule
/// A plane pixel is the mean of a square of frame pixels. Its side is 8, doubled while the plane's longest side would be
/// over 320. A raw frame, which can be cut finer than JPEG's blocks, halves it (down to 2) while the plane's longest side
/// would be under 160. So a frame whose longest side has 1280 pixels or more has the same plane in every format, and a
/// smaller one has, raw, a multiple of what it has as JPEG. Squares begin at the upper left corner; what is left over at
/// the right and lower edge is not seen.
///
/// | longest side, px | square, raw | square, JPEG | longest side of the plane, raw | JPEG |
/// |---|---|---|---|---|
/// | 8..=639 | 2 | 8 | 4..=319 | 1..=79 |
/// | 640..=1279 | 4 | 8 | 160..=319 | 80..=159 |
/// | 1280..=2567 | 8 | 8 | 160..=320 | 160..=320 |
/// | 2568..=5135 | 16 | 16 | 160..=320 | 160..=320 |
/// | 5136..=8192 | 32 | 32 | 160..=256 | 160..=256 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSize {
    /// Pixels in a row, 8..=8192.
    pub width: u16,
    /// Rows, 8..=8192.
    pub height: u16,
}

impl FrameSize {
    /// Side of the square behind a plane pixel of a JPEG frame, in pixels: 8, 16 or 32.
    #[must_use]
    pub const fn jpeg_square_px(self) -> usize {
        let mut side = BLOCK_PX;
        while self.longest() / side > PLANE_SIDE_PX_MAX {
            side *= 2;
        }
        side
    }

    /// Side of the square behind a plane pixel of a raw frame, in pixels: 2, 4, 8, 16 or 32.
    #[must_use]
    pub const fn raw_square_px(self) -> usize {
        let mut side = self.jpeg_square_px();
        while self.longest() / side < RAW_PLANE_SIDE_PX_MIN && side > RAW_SQUARE_PX_MIN {
            side /= 2;
        }
        side
    }

    /// Size of the detection plane of a JPEG frame, rounded down: what an encoder puts beyond the right and lower edge of
    /// the picture is its own business, and hardware encoders put garbage there.
    #[must_use]
    pub const fn jpeg_plane(self) -> PlaneSize {
        self.in_squares_of(self.jpeg_square_px())
    }

    /// Size of the detection plane of a raw frame, rounded down.
    #[must_use]
    pub const fn raw_plane(self) -> PlaneSize {
        self.in_squares_of(self.raw_square_px())
    }

    /// Refuses what no camera sends, and panoramas so flat that their plane would have no rows.
    pub(super) fn check(self) -> Result<(), Damage> {
        if self.width.min(self.height) < FRAME_SIDE_PX_MIN {
            return Err(Damage::TooSmall);
        }
        if self.width.max(self.height) > FRAME_SIDE_PX_MAX {
            return Err(Damage::TooLarge);
        }
        if self.jpeg_plane().pixels() == 0 { Err(Damage::TooSmall) } else { Ok(()) }
    }

    const fn longest(self) -> usize {
        if self.width > self.height { self.width as usize } else { self.height as usize }
    }

    const fn in_squares_of(self, side: usize) -> PlaneSize {
        PlaneSize { width: (self.width as usize / side) as u16, height: (self.height as usize / side) as u16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_gives_planes_of_160_to_320_and_the_same_for_every_format_from_1280() {
        for longest in FRAME_SIDE_PX_MIN..=FRAME_SIDE_PX_MAX {
            let size = FrameSize { width: longest, height: longest };
            let (raw, jpeg) = (size.raw_plane(), size.jpeg_plane());
            assert!((1..=PLANE_SIDE_PX_MAX as u16).contains(&jpeg.width), "{longest}");
            assert!((4..=PLANE_SIDE_PX_MAX as u16).contains(&raw.width), "{longest}");
            assert!(longest < 320 || raw.width >= 160, "{longest}: {raw:?}");
            assert!(longest < 1280 || raw == jpeg, "{longest}: {raw:?} {jpeg:?}");
            assert_eq!(size.jpeg_square_px() % size.raw_square_px(), 0);
            assert_eq!(size.check(), Ok(()));
        }
    }

    #[test]
    fn the_table_in_the_documentation_is_true() {
        let squares = |longest| {
            let size = FrameSize { width: 64, height: longest };
            (size.raw_square_px(), size.jpeg_square_px())
        };
        for (first, last, expected) in [
            (8, 639, (2, 8)),
            (640, 1279, (4, 8)),
            (1280, 2567, (8, 8)),
            (2568, 5135, (16, 16)),
            (5136, 8192, (32, 32)),
        ] {
            assert_eq!((squares(first), squares(last)), (expected, expected), "{first}..={last}");
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

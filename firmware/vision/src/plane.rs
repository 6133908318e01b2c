//! The detection plane: the small grey picture that passes from luma to motion.
//!
//! Only its size and limits live here; the bytes belong to the caller (one byte a pixel, rows tightly packed).

/// Longest side of the plane, in plane pixels. 320 x 180 shows a person at 15 m with a wide lens as tens of pixels;
/// more costs time on the smallest boards and finds nothing more.
pub const PLANE_SIDE_PX_MAX: usize = 320;

/// Bytes that hold the plane of any accepted frame.
pub const PLANE_PX_MAX: usize = PLANE_SIDE_PX_MAX * PLANE_SIDE_PX_MAX;

/// Width and height of a detection plane, in plane pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlaneSize {
    /// Pixels in a row, 1..=320.
    pub width: u16,
    /// Rows, 1..=320.
    pub height: u16,
}

impl PlaneSize {
    /// Pixels (= bytes) in the plane.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }
}

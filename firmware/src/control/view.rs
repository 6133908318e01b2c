//! What the camera sees, as small as a terminal shows it, and what the detector says of it. Plain data.
//!
//! What a privacy mask covers is not in it. Must not know a terminal, beyond the shape of its characters.

use super::Explained;
use serde::{Deserialize, Serialize};

/// No answer has more cells than that, whoever asks: with all that is said of them they fit a message.
const COLUMNS_MOST: u16 = 100;
const ROWS_MOST: u16 = 50;
/// A terminal's character is about twice as high as wide.
const CELL_HEIGHT_IN_WIDTHS: u64 = 2;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looking {
    /// Most cells in a row; 0: no picture is wanted.
    pub columns_max: u16,
    /// Most rows.
    pub rows_max: u16,
    /// Whether somebody tries how well motion is seen: then motion gives no alarm, for some seconds or until somebody looks without trying.
    pub is_test: bool,
}

/// A picture of cells, and what was decided about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Frames copied for whoever looks since somebody does; 0: there is no picture yet.
    pub frames: u64,
    /// How old the picture is, milliseconds.
    pub age_ms: u64,
    /// Cells in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// The mean grey of each cell, row by row; 0 where a mask lies.
    pub grey: Vec<u8>,
    /// The cells that a privacy mask touches, by their place in `grey`.
    pub masked: Vec<u16>,
    /// The cells in which the detector sees something, without the masked ones.
    pub moving: Vec<u16>,
    /// What the detector says of this frame.
    pub now: Look,
    /// What came furthest since the last question.
    pub furthest: Look,
    /// Frames a second, measured, in tenths.
    pub fps_tenths: u32,
    /// Whether motion makes events now.
    pub armed: bool,
}

/// The detection plane itself, for whoever can show it. The file that comes with it holds `width * height` bytes of grey, then as many of
/// [`shade`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// As [`View::frames`].
    pub frames: u64,
    /// As [`View::age_ms`].
    pub age_ms: u64,
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// The frame's own width and height: the plane's pixels need not be square.
    pub frame_px: (u32, u32),
    /// What the detector says of this frame.
    pub now: Look,
}

/// What a pixel of a [`Picture`] is.
pub mod shade {
    /// What the camera sees.
    pub const PLAIN: u8 = 0;
    /// The detector sees something there.
    pub const MOVING: u8 = 1;
    /// A privacy mask touches it: its grey is 0.
    pub const MASKED: u8 = 2;
}

/// A verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// In a word or two.
    pub word: String,
    /// Whether it is motion.
    pub is_motion: bool,
    /// The thing that it is about, if there is one.
    pub about: Option<Explained>,
    /// Where that is: x1, y1, x2, y2 in hundredths of a percent of the picture.
    pub region: Option<[u16; 4]>,
    /// Pixels of the detection plane, which sizes are parts of.
    pub plane_px: u32,
}

/// Columns and rows for a picture of so many pixels: as many as fit, with the picture's shape.
pub fn fit(width_px: u32, height_px: u32, looking: Looking) -> (u16, u16) {
    let (width, height) = (u64::from(width_px), u64::from(height_px) / CELL_HEIGHT_IN_WIDTHS);
    let columns_max = u64::from(looking.columns_max.min(COLUMNS_MOST));
    let rows_max = u64::from(looking.rows_max.min(ROWS_MOST));
    if width * height * columns_max * rows_max == 0 {
        return (0, 0);
    }
    let is_wide = width * rows_max >= height * columns_max;
    let (columns, rows) = match is_wide {
        true => (columns_max, rounded(height * columns_max, width)),
        false => (rounded(width * rows_max, height), rows_max),
    };
    let side = |cells: u64, max: u64| u16::try_from(cells.clamp(1, max)).unwrap_or(u16::MAX);
    (side(columns, columns_max), side(rows, rows_max))
}

fn rounded(a: u64, b: u64) -> u64 {
    (a + b / 2) / b
}

#[cfg(test)]
mod tests {
    use super::{Looking, fit};

    #[test]
    fn a_picture_keeps_its_shape_on_a_terminal() {
        let screen = Looking { columns_max: 75, rows_max: 21, is_test: false };
        assert_eq!(fit(1280, 720, screen), (75, 21));
        assert_eq!(fit(640, 480, screen), (56, 21));
        assert_eq!(fit(720, 1280, screen), (24, 21));
        assert_eq!(fit(4096, 64, screen), (75, 1));
        let huge = Looking { columns_max: u16::MAX, rows_max: u16::MAX, is_test: false };
        assert_eq!(fit(1280, 720, huge), (100, 28), "a message has a bound");
        assert_eq!(fit(2, 1, screen), (0, 0), "half a pixel is no row");
        assert_eq!(fit(1280, 720, Looking { columns_max: 0, ..screen }), (0, 0));
    }
}

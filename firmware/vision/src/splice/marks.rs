//! What can be put into a picture, and which pixels each mark covers.
//!
//! Geometry in picture pixels only; must not know of coefficients.
use core::ops::Range;

/// A rectangle of picture pixels. What lies outside the picture is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub left: u16,
    /// First row.
    pub top: u16,
    /// Columns; 0 = nothing.
    pub width: u16,
    /// Rows; 0 = nothing.
    pub height: u16,
}

/// One thing to put into the picture. Greys are luma samples: 0 = black, 255 = white.
#[derive(Clone, Copy, Debug)]
pub enum Mark<'a> {
    /// Privacy: of what the area shows nothing remains, in luma and in colour.
    ///
    /// Every MCU (8 x 8 to 32 x 32 pixels, as the chroma is subsampled) that the area touches becomes flat and colourless as a whole. Where masks
    /// overlap, the first one's grey counts. Every other mark lies above all masks.
    Mask {
        /// What to hide.
        area: Area,
        /// What to show instead.
        grey: u8,
    },
    /// A picture that covers what is beneath it, such as a line of text.
    ///
    /// Its height is that of the whole rows in `pixels`. Colour is taken from chroma blocks that it covers wholly, and left elsewhere: edges
    /// at multiples of an MCU (16 pixels are one for all usual cameras) look best and cost least.
    Plate {
        /// Its first column in the picture.
        left: u16,
        /// Its first row in the picture.
        top: u16,
        /// Pixels in a row.
        width: u16,
        /// Its rows, tightly packed.
        pixels: &'a [u8],
    },
    /// The outline of a box; the picture inside stays, and so does all colour.
    Outline {
        /// The box with its lines.
        area: Area,
        /// Thickness of the lines, inwards.
        line_px: u16,
        /// Their grey.
        grey: u8,
    },
}

/// Columns and rows, in pixels; empty where it covers nothing.
#[derive(Clone)]
pub struct Rect {
    /// Columns.
    pub x: Range<usize>,
    /// Rows.
    pub y: Range<usize>,
}

impl Rect {
    /// What both cover.
    pub fn cut(&self, other: &Self) -> Self {
        let cut = |a: &Range<usize>, b: &Range<usize>| a.start.max(b.start)..a.end.min(b.end);
        Self { x: cut(&self.x, &other.x), y: cut(&self.y, &other.y) }
    }

    /// It covers no pixel.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty() || self.y.is_empty()
    }

    /// It covers all that `other` covers.
    pub fn holds(&self, other: &Self) -> bool {
        let holds = |a: &Range<usize>, b: &Range<usize>| a.start <= b.start && b.end <= a.end;
        other.is_empty() || holds(&self.x, &other.x) && holds(&self.y, &other.y)
    }
}

impl From<Area> for Rect {
    fn from(area: Area) -> Self {
        let range = |from: u16, length: u16| usize::from(from)..usize::from(from) + usize::from(length);
        Self { x: range(area.left, area.width), y: range(area.top, area.height) }
    }
}

impl Mark<'_> {
    /// The smallest rectangle around it.
    pub fn bounds(&self) -> Rect {
        match *self {
            Self::Mask { area, .. } | Self::Outline { area, .. } => area.into(),
            Self::Plate { left, top, width, pixels } => {
                let rows = pixels.len().checked_div(width.into()).unwrap_or(0);
                let (left, top) = (usize::from(left), usize::from(top));
                Rect { x: left..left + usize::from(width), y: top..top.saturating_add(rows) }
            }
        }
    }

    /// It changes some pixel of `rect`.
    pub fn touches(&self, rect: &Rect) -> bool {
        let part = self.bounds().cut(rect);
        let inside = match *self {
            Self::Outline { area, line_px, .. } => inner(area, line_px).holds(&part),
            _ => false,
        };
        !part.is_empty() && !inside
    }

    /// It is a plate that leaves nothing of `rect`, which holds a pixel at least.
    pub fn covers(&self, rect: &Rect) -> bool {
        matches!(self, Self::Plate { .. }) && !rect.is_empty() && self.bounds().holds(rect)
    }

    /// What a plate or outline puts at a pixel of its bounds.
    pub fn grey_at(&self, x: usize, y: usize) -> Option<u8> {
        match *self {
            Self::Mask { .. } => None,
            Self::Plate { left, top, width, pixels } => {
                let (x, y) = (x.checked_sub(left.into())?, y.checked_sub(top.into())?);
                pixels.get(y.checked_mul(width.into())? + x).copied()
            }
            Self::Outline { area, line_px, grey } => {
                let inner = inner(area, line_px);
                (!inner.x.contains(&x) || !inner.y.contains(&y)).then_some(grey)
            }
        }
    }
}

/// What an outline leaves free.
fn inner(area: Area, line_px: u16) -> Rect {
    let Rect { x, y } = area.into();
    let shrink = |range: Range<usize>| {
        let line = usize::from(line_px);
        range.start + line..range.end.saturating_sub(line)
    };
    Rect { x: shrink(x), y: shrink(y) }
}

/// Columns of MCUs, first and last, that marks may change in a row of MCUs, if any. `row` is the row in pixels, as wide as the picture.
pub fn columns(marks: &[Mark<'_>], row: &Rect, mcu_px: usize) -> Option<(usize, usize)> {
    let spans = marks.iter().filter(|mark| mark.touches(row)).map(|mark| mark.bounds().cut(row).x);
    spans
        .map(|x| (x.start / mcu_px, (x.end - 1) / mcu_px))
        .reduce(|(first, last), (start, end)| (first.min(start), last.max(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { left: 10, top: 20, width: 30, height: 12 };

    fn rect(x: Range<usize>, y: Range<usize>) -> Rect {
        Rect { x, y }
    }

    #[test]
    fn an_outline_touches_its_lines_and_not_what_they_enclose() {
        let outline = Mark::Outline { area: AREA, line_px: 2, grey: 255 };
        assert!(outline.touches(&rect(8..16, 16..24)));
        assert!(!outline.touches(&rect(16..24, 22..30)), "inside");
        assert!(outline.touches(&rect(16..24, 22..31)));
        assert!(!outline.touches(&rect(40..48, 16..24)), "beside");
        assert_eq!((outline.grey_at(11, 25), outline.grey_at(12, 25)), (Some(255), None));
        let full = Mark::Outline { area: AREA, line_px: u16::MAX, grey: 7 };
        assert!(full.touches(&rect(20..21, 25..26)));
        assert_eq!(full.grey_at(20, 25), Some(7));
        assert!(!Mark::Outline { area: AREA, line_px: 0, grey: 7 }.touches(&rect(0..99, 0..99)));
    }

    #[test]
    fn a_plate_is_as_high_as_its_whole_rows() {
        let pixels: [u8; 11] = core::array::from_fn(|at| at as u8);
        let plate = Mark::Plate { left: 3, top: 4, width: 5, pixels: &pixels };
        assert!(plate.covers(&rect(3..8, 4..6)) && !plate.covers(&rect(3..8, 4..7)));
        assert_eq!(plate.grey_at(4, 5), Some(6));
        let none = Mark::Plate { left: 3, top: 4, width: 0, pixels: &pixels };
        assert!(!none.touches(&rect(0..99, 0..99)) && !none.covers(&rect(3..3, 4..4)));
    }

    #[test]
    fn the_columns_of_a_row_are_those_of_all_marks_in_it() {
        let marks = [
            Mark::Mask { area: AREA, grey: 0 },
            Mark::Outline { area: Area { left: 100, top: 0, width: 9999, height: 40 }, line_px: 1, grey: 0 },
        ];
        assert_eq!(columns(&marks, &rect(0..320, 16..32), 16), Some((0, 19)));
        assert_eq!(columns(&marks[..1], &rect(0..320, 16..32), 16), Some((0, 2)));
        assert_eq!(columns(&marks, &rect(0..320, 48..64), 16), None);
        assert_eq!(columns(&marks[1..], &rect(0..90, 0..16), 16), None, "right of the picture");
    }
}

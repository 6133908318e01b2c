//! Marks drawn into a row of an uncompressed picture, before it is encoded.
//!
//! Masks first, everything else above them, as in a spliced picture; colour goes where a mark is. Must not know a format.

use vision::luma::YcbcrRow;
use vision::splice::Mark;

/// No colour.
const NEUTRAL: u8 = 128;

/// Draws what `marks` put into row `y`.
pub fn draw_row(marks: &[Mark<'_>], y: usize, row: &mut YcbcrRow<'_>) {
    let (masks, others) = (
        |mark: &&Mark<'_>| matches!(mark, Mark::Mask { .. }),
        |mark: &&Mark<'_>| !matches!(mark, Mark::Mask { .. }),
    );
    for mark in marks.iter().filter(masks).chain(marks.iter().filter(others)) {
        let bounds = mark.bounds();
        if !bounds.y.contains(&y) {
            continue;
        }
        for x in bounds.x.start..bounds.x.end.min(row.luma.len()) {
            let grey = if let Mark::Mask { grey, .. } = *mark { Some(grey) } else { mark.grey_at(x, y) };
            if let Some(grey) = grey {
                (row.luma[x], row.cb[x], row.cr[x]) = (grey, NEUTRAL, NEUTRAL);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::draw_row;
    use vision::luma::YcbcrRow;
    use vision::splice::{Area, Mark};

    fn drawn(marks: &[Mark<'_>], y: usize) -> ([u8; 12], [u8; 12]) {
        let (mut luma, mut cb, mut cr) = ([50; 12], [60; 12], [70; 12]);
        draw_row(marks, y, &mut YcbcrRow { luma: &mut luma, cb: &mut cb, cr: &mut cr });
        for x in 0..12 {
            let is_drawn = luma[x] != 50;
            assert_eq!((cb[x] == 128, cr[x] == 128), (is_drawn, is_drawn), "{x}: colour goes with the pixel");
        }
        (luma, cb)
    }

    #[test]
    fn masks_hide_and_everything_else_lies_above_them() {
        let area = |left, width| Area { left, top: 2, width, height: 3 };
        let plate = Mark::Plate { left: 2, top: 3, width: 2, pixels: &[10, 11] };
        let outline = Mark::Outline { area: area(6, 4), line_px: 1, grey: 200 };
        let mask = Mark::Mask { area: area(0, 8), grey: 96 };
        let marks = [plate, outline, mask];
        assert_eq!(drawn(&marks, 1).0, [50; 12]);
        assert_eq!(drawn(&marks, 2).0, [96, 96, 96, 96, 96, 96, 200, 200, 200, 200, 50, 50]);
        assert_eq!(drawn(&marks, 3).0, [96, 96, 10, 11, 96, 96, 200, 96, 50, 200, 50, 50]);
        assert_eq!(drawn(&marks, 5).0, [50; 12]);
    }

    #[test]
    fn what_lies_beyond_the_edge_is_cut_off() {
        let far = Area { left: 10, top: 0, width: 100, height: u16::MAX };
        assert_eq!(drawn(&[Mark::Mask { area: far, grey: 1 }], 900).0[9..], [50, 1, 1]);
        let beyond = Area { left: 900, ..far };
        assert_eq!(drawn(&[Mark::Mask { area: beyond, grey: 1 }], 900).0, [50; 12]);
    }
}

//! What is encoded: rows of a raw frame, in the range of values that JPEG has, with the frame's marks drawn in.
//!
//! Must not know an encoder.

use crate::overlay::draw_row;
use crate::ring::{Coding, Frame};
use vision::luma::{Damage, FrameSize, RawFormat, RawFrame, YcbcrRow};
use vision::splice::Mark;

/// A raw frame as a picture.
pub struct Picture<'a> {
    raw: RawFrame<'a>,
    is_full_range: bool,
    marks: &'a [Mark<'a>],
}

impl<'a> Picture<'a> {
    /// The picture of a raw frame with marks. `None` if the frame is none or has no picture (a mosaic).
    ///
    /// # Errors
    /// The frame is not as large as it must be.
    pub fn of(frame: &'a Frame, marks: &'a [Mark<'a>]) -> Option<Result<Self, Damage>> {
        let Coding::Raw { is_full_range, .. } = frame.meta.coding else { return None };
        let raw = raw_of(frame)?;
        Some(raw.map(|raw| Self { raw, is_full_range, marks }))
    }

    /// Its size.
    pub fn size(&self) -> FrameSize {
        self.raw.size()
    }

    /// Row `y`, with values from 0 to 255 as JFIF has them (ITU-T T.871, 7).
    pub fn row(&self, y: u16, row: &mut YcbcrRow<'_>) {
        self.raw.ycbcr_row(y, row);
        if !self.is_full_range {
            row.luma.iter_mut().for_each(|luma| *luma = widen(*luma, 16, LUMA_Q14));
            row.cb.iter_mut().for_each(|cb| *cb = widen(*cb, 128, CHROMA_Q14));
            row.cr.iter_mut().for_each(|cr| *cr = widen(*cr, 128, CHROMA_Q14));
        }
        draw_row(self.marks, y.into(), row);
    }
}

/// The pixels of a raw frame, checked. `None` if its format is not one that we read, or has no picture.
fn raw_of(frame: &Frame) -> Option<Result<RawFrame<'_>, Damage>> {
    let Coding::Raw { fourcc, stride_bytes, .. } = frame.meta.coding else { return None };
    let format = RawFormat::find(fourcc).filter(|format| format.has_picture())?;
    Some(RawFrame::new(format, frame.meta.size(), stride_bytes as usize, frame.as_ref()))
}

/// From the 219 steps that luma has in video to 255, and from the 224 of chroma (ITU-R BT.601-7, 2.5.3); in 1/16384.
const LUMA_Q14: i32 = 255 * 16384 / 219;
const CHROMA_Q14: i32 = 255 * 16384 / 224;

/// A value from video's range, in which `zero` stands still or becomes 0.
fn widen(value: u8, zero: i32, scale_q14: i32) -> u8 {
    let base = if zero == 16 { 0 } else { zero };
    let wide = (((i32::from(value) - zero) * scale_q14 + 8192) >> 14) + base;
    wide.clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::{CHROMA_Q14, LUMA_Q14, widen};

    #[test]
    fn video_s_range_becomes_jpeg_s() {
        let luma = |value| widen(value, 16, LUMA_Q14);
        assert_eq!([0, 16, 125, 126, 235, 255].map(luma), [0, 0, 127, 128, 255, 255]);
        let chroma = |value| widen(value, 128, CHROMA_Q14);
        assert_eq!([0, 15, 16, 128, 240, 255].map(chroma), [0, 0, 1, 128, 255, 255]);
        for value in 1..=255 {
            assert!(luma(value) >= luma(value - 1) && chroma(value) >= chroma(value - 1), "{value}");
        }
    }
}

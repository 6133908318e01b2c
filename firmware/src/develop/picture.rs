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
            row.luma.iter_mut().for_each(|luma| *luma = wide_luma(*luma));
            row.cb.iter_mut().for_each(|cb| *cb = wide_chroma(*cb));
            row.cr.iter_mut().for_each(|cr| *cr = wide_chroma(*cr));
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

/// From the 219 steps that luma has in video to 255 (ITU-R BT.601-7, 2.5.3), in 1/128: less than a tenth off, and 16 bits are enough.
fn wide_luma(value: u8) -> u8 {
    const SCALE_Q7: u16 = 149;
    ((u16::from(value.saturating_sub(16)) * SCALE_Q7 + 64) >> 7).min(255) as u8
}

/// From the 224 steps of chroma.
fn wide_chroma(value: u8) -> u8 {
    const SCALE_Q7: i16 = 146;
    ((((i16::from(value) - 128) * SCALE_Q7 + 64) >> 7) + 128).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::{wide_chroma, wide_luma};

    #[test]
    fn video_s_range_becomes_jpeg_s() {
        assert_eq!([0, 16, 125, 126, 235, 255].map(wide_luma), [0, 0, 127, 128, 255, 255]);
        assert_eq!([0, 16, 128, 240, 255].map(wide_chroma), [0, 0, 128, 255, 255]);
        for value in 1..=255 {
            let rises = |wide: fn(u8) -> u8| wide(value) >= wide(value - 1);
            assert!(rises(wide_luma) && rises(wide_chroma), "{value}");
        }
    }
}

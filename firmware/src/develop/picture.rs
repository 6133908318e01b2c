//! What is encoded: rows of a raw frame, in the range of values that JPEG has, with the frame's marks drawn in.
//!
//! Must not know an encoder.

use crate::overlay::draw_row;
use crate::ring::{Coding, Frame};
use vision::bayer::{Darkroom, Look};
use vision::luma::{Damage, FrameSize, RawFormat, RawFrame, YcbcrRow};
use vision::splice::Mark;

/// A raw frame as a picture.
pub struct Picture<'a> {
    raw: RawFrame<'a>,
    source: Source<'a>,
    marks: &'a [Mark<'a>],
}

/// Where its rows come from.
enum Source<'a> {
    /// They are there.
    Pixels { is_full_range: bool },
    /// They are made of a mosaic.
    Mosaic { look: Look, darkroom: &'a mut Darkroom },
}

impl<'a> Picture<'a> {
    /// The picture of a raw frame with marks; of a mosaic it is made in the darkroom. `None` if the frame is none in a format that we read.
    ///
    /// # Errors
    /// The frame is not as large as it must be.
    pub fn of(
        frame: &'a Frame,
        marks: &'a [Mark<'a>],
        darkroom: &'a mut Darkroom,
    ) -> Option<Result<Self, Damage>> {
        let Coding::Raw { fourcc, stride_bytes, is_full_range } = frame.meta.coding else { return None };
        let format = RawFormat::find(fourcc)?;
        let source = if format.is_mosaic() {
            darkroom.begin();
            Source::Mosaic { look: frame.meta.look, darkroom }
        } else {
            Source::Pixels { is_full_range }
        };
        let raw = RawFrame::new(format, frame.meta.size(), stride_bytes as usize, frame.as_ref());
        Some(raw.map(|raw| Self { raw, source, marks }))
    }

    /// Its size.
    pub fn size(&self) -> FrameSize {
        self.raw.size()
    }

    /// Row `y`, with values from 0 to 255 as JFIF has them (ITU-T T.871, 7).
    pub fn row(&mut self, y: u16, row: &mut YcbcrRow<'_>) {
        match &mut self.source {
            Source::Mosaic { look, darkroom } => darkroom.row(&self.raw, look, y, row),
            Source::Pixels { is_full_range } => {
                self.raw.ycbcr_row(y, row);
                if !*is_full_range {
                    row.luma.iter_mut().for_each(|luma| *luma = wide_luma(*luma));
                    row.cb.iter_mut().for_each(|cb| *cb = wide_chroma(*cb));
                    row.cr.iter_mut().for_each(|cr| *cr = wide_chroma(*cr));
                }
            }
        }
        draw_row(self.marks, y.into(), row);
    }
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

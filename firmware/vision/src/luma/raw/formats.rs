//! The table of uncompressed formats: FourCC, name, and where in a frame the luma is.
//!
//! Layouts as the kernel's V4L2 documentation defines them. A format is a row; must not hold control flow for one format.
use super::colours::Colours;
use super::lanes::{self, AddRows};
use crate::bayer::Pattern;
use crate::bayer::samples::Packing;

/// An uncompressed format as V4L2 names it.
pub struct RawFormat {
    /// V4L2's four characters, in memory order.
    pub fourcc: [u8; 4],
    /// What people call it.
    pub name: &'static str,
    /// Least number of pixels of which a row consists (odd widths are rounded up to a multiple)...
    group_px: usize,
    /// ... and the bytes that they take in a row of the luma (or of everything, if nothing is planar).
    group_bytes: usize,
    /// Chroma behind the luma plane: 0, or 1 for half as many rows again (4:2:0).
    chroma: usize,
    /// Where the luma is in a row.
    pub(super) row: Row,
    /// Where its colours are.
    pub(super) content: Content,
}

/// What a picture for people is made of.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// Luma and colours of each pixel.
    Pixels(Colours),
    /// One colour of each pixel: which, and how they are packed.
    Mosaic(Pattern, Packing),
}

/// How luma is taken from rows.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Frame pixels of which a lane holds the sum, 1 or 2.
    pub lane_px: usize,
    /// Bytes behind a word of four lanes.
    pub word_bytes: usize,
    /// Adds two rows to the lanes.
    pub add: AddRows,
}

impl RawFormat {
    /// The format with this FourCC, if it is one that we read.
    #[must_use]
    pub fn find(fourcc: [u8; 4]) -> Option<&'static Self> {
        RAW_FORMATS.iter().find(|format| format.fourcc == fourcc)
    }

    /// Whether it is a mosaic, of which [`crate::bayer::Darkroom`] makes a picture; of others [`super::RawFrame::ycbcr_row`] is one.
    #[must_use]
    pub const fn is_mosaic(&self) -> bool {
        matches!(self.content, Content::Mosaic(..))
    }

    /// Bytes that a whole frame with rows of `stride_bytes` takes at the most.
    #[must_use]
    pub const fn frame_bytes(&self, stride_bytes: usize, height: u16) -> usize {
        stride_bytes.saturating_mul(self.stored_rows(height))
    }

    /// Bytes that a row of `width` pixels takes at least: the smallest stride.
    #[must_use]
    pub const fn row_bytes(&self, width: u16) -> usize {
        (width as usize).div_ceil(self.group_px) * self.group_bytes
    }

    /// Rows of one stride each that a frame of `height` rows has in memory, chroma included.
    pub(super) const fn stored_rows(&self, height: u16) -> usize {
        let height = height as usize;
        height + self.chroma * height.div_ceil(2)
    }
}

/// One byte of luma, one of chroma.
const EVEN_BYTES: Row = Row { lane_px: 1, word_bytes: 8, add: lanes::add_even_bytes };
const ODD_BYTES: Row = Row { lane_px: 1, word_bytes: 8, add: lanes::add_odd_bytes };
/// A byte a pixel: luma, or one colour of a mosaic.
const BYTES: Row = Row { lane_px: 2, word_bytes: 8, add: lanes::add_bytes };
/// A little-endian word a pixel.
const WORDS_10: Row = Row { lane_px: 1, word_bytes: 8, add: lanes::add_words_of_10 };
const WORDS_12: Row = Row { lane_px: 1, word_bytes: 8, add: lanes::add_words_of_12 };
/// MIPI CSI-2 packing: the high bytes of some pixels, then a byte with their low bits.
const CSI2_10: Row = Row { lane_px: 2, word_bytes: 10, add: lanes::add_csi2_10 };
const CSI2_12: Row = Row { lane_px: 2, word_bytes: 12, add: lanes::add_csi2_12 };

const fn yuv422(fourcc: &[u8; 4], name: &'static str, row: Row, colours: Colours) -> RawFormat {
    RawFormat {
        fourcc: *fourcc,
        name,
        group_px: 2,
        group_bytes: 4,
        chroma: 0,
        row,
        content: Content::Pixels(colours),
    }
}
const fn yuv420(fourcc: &[u8; 4], name: &'static str, colours: Colours) -> RawFormat {
    RawFormat {
        fourcc: *fourcc,
        name,
        group_px: 2,
        group_bytes: 2,
        chroma: 1,
        row: BYTES,
        content: Content::Pixels(colours),
    }
}
const fn bytes(fourcc: &[u8; 4], name: &'static str, content: Content) -> RawFormat {
    RawFormat { fourcc: *fourcc, name, group_px: 1, group_bytes: 1, chroma: 0, row: BYTES, content }
}
const fn mosaic_bytes(fourcc: &[u8; 4], name: &'static str, pattern: Pattern) -> RawFormat {
    bytes(fourcc, name, Content::Mosaic(pattern, Packing::Bytes))
}
const fn words_10(fourcc: &[u8; 4], name: &'static str, pattern: Pattern) -> RawFormat {
    let content = Content::Mosaic(pattern, Packing::Words10);
    RawFormat { fourcc: *fourcc, name, group_px: 1, group_bytes: 2, chroma: 0, row: WORDS_10, content }
}
const fn words_12(fourcc: &[u8; 4], name: &'static str, pattern: Pattern) -> RawFormat {
    let content = Content::Mosaic(pattern, Packing::Words12);
    RawFormat { fourcc: *fourcc, name, group_px: 1, group_bytes: 2, chroma: 0, row: WORDS_12, content }
}
const fn csi2_10(fourcc: &[u8; 4], name: &'static str, pattern: Pattern) -> RawFormat {
    let content = Content::Mosaic(pattern, Packing::Csi2Of10);
    RawFormat { fourcc: *fourcc, name, group_px: 4, group_bytes: 5, chroma: 0, row: CSI2_10, content }
}
const fn csi2_12(fourcc: &[u8; 4], name: &'static str, pattern: Pattern) -> RawFormat {
    let content = Content::Mosaic(pattern, Packing::Csi2Of12);
    RawFormat { fourcc: *fourcc, name, group_px: 2, group_bytes: 3, chroma: 0, row: CSI2_12, content }
}

/// Every format that is read. A Bayer mosaic's four orders are four rows with one kernel: a plane pixel is the mean of
/// whole 2 x 2 cells with equal weights, so the order of the colours does not matter.
pub static RAW_FORMATS: &[RawFormat] = &[
    yuv422(b"YUYV", "YUYV 4:2:2", EVEN_BYTES, Colours::Packed { luma: 0, cb: 1, cr: 3 }),
    yuv422(b"UYVY", "UYVY 4:2:2", ODD_BYTES, Colours::Packed { luma: 1, cb: 0, cr: 2 }),
    yuv420(b"NV12", "NV12 4:2:0", Colours::Interleaved { cb: 0, cr: 1 }),
    yuv420(b"NV21", "NV21 4:2:0", Colours::Interleaved { cb: 1, cr: 0 }),
    yuv420(b"YU12", "planar YUV 4:2:0", Colours::Planar),
    bytes(b"GREY", "8-bit grey", Content::Pixels(Colours::None)),
    mosaic_bytes(b"RGGB", "8-bit Bayer RGGB", Pattern::Rggb),
    mosaic_bytes(b"BA81", "8-bit Bayer BGGR", Pattern::Bggr),
    mosaic_bytes(b"GRBG", "8-bit Bayer GRBG", Pattern::Grbg),
    mosaic_bytes(b"GBRG", "8-bit Bayer GBRG", Pattern::Gbrg),
    words_10(b"RG10", "10-bit Bayer RGGB", Pattern::Rggb),
    words_10(b"BG10", "10-bit Bayer BGGR", Pattern::Bggr),
    words_10(b"BA10", "10-bit Bayer GRBG", Pattern::Grbg),
    words_10(b"GB10", "10-bit Bayer GBRG", Pattern::Gbrg),
    words_12(b"RG12", "12-bit Bayer RGGB", Pattern::Rggb),
    words_12(b"BG12", "12-bit Bayer BGGR", Pattern::Bggr),
    words_12(b"BA12", "12-bit Bayer GRBG", Pattern::Grbg),
    words_12(b"GB12", "12-bit Bayer GBRG", Pattern::Gbrg),
    csi2_10(b"pRAA", "10-bit packed Bayer RGGB", Pattern::Rggb),
    csi2_10(b"pBAA", "10-bit packed Bayer BGGR", Pattern::Bggr),
    csi2_10(b"pgAA", "10-bit packed Bayer GRBG", Pattern::Grbg),
    csi2_10(b"pGAA", "10-bit packed Bayer GBRG", Pattern::Gbrg),
    csi2_12(b"pRCC", "12-bit packed Bayer RGGB", Pattern::Rggb),
    csi2_12(b"pBCC", "12-bit packed Bayer BGGR", Pattern::Bggr),
    csi2_12(b"pgCC", "12-bit packed Bayer GRBG", Pattern::Grbg),
    csi2_12(b"pGCC", "12-bit packed Bayer GBRG", Pattern::Gbrg),
];

//! The front door: one uncompressed frame in, one detection plane out.
//!
//! Checks the frame once, then walks it in bands of as many rows as a plane pixel is high. Keeps no state.
use super::colours::{Planes, YcbcrRow};
use super::formats::{Content, RawFormat};
use super::lanes::{self, TILE_WORDS, WORD_LANES};
use crate::bayer::Pattern;
use crate::luma::{Damage, FrameSize};
use crate::plane::PlaneSize;

/// An uncompressed frame as a driver hands it over: its bytes are enough for its size and format.
pub struct RawFrame<'a> {
    format: &'static RawFormat,
    size: FrameSize,
    stride_bytes: usize,
    bytes: &'a [u8],
}

impl<'a> RawFrame<'a> {
    /// A frame of `size` pixels in `format`; a row begins `stride_bytes` after the one above it (V4L2's `bytesperline`).
    ///
    /// In planar formats the luma plane comes first. Bytes behind the frame are allowed, and the last row may lack its
    /// padding: drivers do both.
    ///
    /// # Errors
    /// [`Damage::TooSmall`], [`Damage::TooLarge`], [`Damage::StrideTooSmall`] or [`Damage::FrameTooShort`].
    pub fn new(
        format: &'static RawFormat,
        size: FrameSize,
        stride_bytes: usize,
        bytes: &'a [u8],
    ) -> Result<Self, Damage> {
        size.check()?;
        let row_bytes = format.row_bytes(size.width);
        if stride_bytes < row_bytes {
            return Err(Damage::StrideTooSmall);
        }
        let rows_before_last = format.stored_rows(size.height) - 1;
        let needed =
            stride_bytes.checked_mul(rows_before_last).and_then(|bytes| bytes.checked_add(row_bytes));
        if needed.is_none_or(|needed| bytes.len() < needed) {
            return Err(Damage::FrameTooShort);
        }
        Ok(Self { format, size, stride_bytes, bytes })
    }

    /// Writes the detection plane to the beginning of `out`, rows tightly packed, and gives its size, which is
    /// [`FrameSize::plane`].
    ///
    /// A plane pixel is the mean, rounded to nearest, of a square of luma; of a Bayer mosaic the mean of whole 2 x 2 cells,
    /// so (R + 2 G + B) / 4. Equal weights because each photosite then counts once, which is the least noise that can
    /// be had, and because no white balance is known that would make others right. Of 10 and 12 bits the 8 highest count. The
    /// sensor's black level stays in: it is the same in every frame, and detection looks at differences.
    ///
    /// # Errors
    /// [`Damage::OutputTooSmall`]; nothing is written then.
    pub fn reduce(&self, out: &mut [u8]) -> Result<PlaneSize, Damage> {
        let plane = self.size.plane();
        let out = out.get_mut(..plane.pixels()).ok_or(Damage::OutputTooSmall)?;
        let side = self.size.square_px();
        let bands = self.bytes.chunks(self.stride_bytes * side);
        for (pixels, band) in out.chunks_exact_mut(usize::from(plane.width)).zip(bands) {
            self.reduce_band(band, side, pixels);
        }
        Ok(plane)
    }

    /// The frame's size.
    #[must_use]
    pub const fn size(&self) -> FrameSize {
        self.size
    }

    /// Row `y` as luma and colour differences, in the format's own range of values; `row` has a place for each pixel of a row. Nothing is
    /// done for mosaics ([`RawFormat::is_mosaic`]) and rows that the frame does not have.
    pub fn ycbcr_row(&self, y: u16, row: &mut YcbcrRow<'_>) {
        if let Content::Pixels(colours) = self.format.content
            && y < self.size.height
        {
            let height = usize::from(self.size.height);
            let planes = Planes { bytes: self.bytes, stride_bytes: self.stride_bytes, height };
            colours.read(&planes, y.into(), row);
        }
    }

    /// Which colours its photosites see, if it is a mosaic.
    #[must_use]
    pub const fn pattern(&self) -> Option<Pattern> {
        if let Content::Mosaic(pattern, _) = self.format.content { Some(pattern) } else { None }
    }

    /// Row `y` of a mosaic, a sample of 12 bits for each photosite. Nothing is done for others, and for rows that the frame does not have.
    pub(crate) fn sample_row(&self, y: u16, out: &mut [u16]) {
        if let Content::Mosaic(_, packing) = self.format.content {
            packing.read(self.line(y.into()), out);
        }
    }

    /// One sample of a mosaic, in 12 bits; 0 for others and where the frame has none.
    pub(crate) fn sample(&self, x: usize, y: usize) -> u16 {
        match self.format.content {
            Content::Mosaic(_, packing) => packing.sample(self.line(y), x),
            Content::Pixels(_) => 0,
        }
    }

    /// The bytes from the beginning of a row to its end, or to the frame's; none behind the last row.
    fn line(&self, y: usize) -> &'a [u8] {
        let row_bytes = self.format.row_bytes(self.size.width);
        let rest = self.bytes.get(y.saturating_mul(self.stride_bytes)..).unwrap_or(&[]);
        let is_there = y < usize::from(self.size.height);
        if is_there { rest.get(..row_bytes).unwrap_or(rest) } else { &[] }
    }

    /// One row of the plane, tile by tile, from the `side` rows of the frame that lie behind it.
    fn reduce_band(&self, band: &'a [u8], side: usize, pixels: &mut [u8]) {
        let row = &self.format.row;
        let row_bytes = self.format.row_bytes(self.size.width);
        let lanes_per_px = side / row.lane_px;
        let mut sums = [0u64; TILE_WORDS];
        let tiles = pixels.chunks_mut(TILE_WORDS * WORD_LANES / lanes_per_px);
        for (pixels, from) in tiles.zip((0..).step_by(TILE_WORDS * row.word_bytes)) {
            // Cut at the end of the pixels: the last row may lack its padding.
            let part = |line: &'a [u8]| line.get(from..row_bytes).unwrap_or(&[]);
            let words = (pixels.len() * lanes_per_px).div_ceil(WORD_LANES);
            let words = sums.get_mut(..words).unwrap_or(&mut []);
            words.fill(0);
            for two in band.chunks(2 * self.stride_bytes) {
                let (upper, lower) = two.split_at(self.stride_bytes.min(two.len()));
                (row.add)(words, part(upper), part(lower));
            }
            lanes::fold(words, lanes_per_px, 2 * side.ilog2(), pixels);
        }
    }
}

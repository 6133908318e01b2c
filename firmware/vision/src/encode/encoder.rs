//! The encoder: rows of a picture in, a JPEG in the caller's buffer out.
//!
//! It works through strips as high as an MCU: rows are read into it, chroma is averaged, edges are repeated, blocks are coded. Must not
//! know where rows come from.
use super::bits::Bits;
use super::codes::{Codes, put_block};
use super::dct::{self, TILE_BLOCKS, TILE_LANES, Tile};
use super::header::{HEADER_BYTES_MAX, header};
use super::quantise::{COEFFICIENTS, Levels, Quantiser};
use crate::luma::annex_k::{AC, DC};
use crate::luma::{FRAME_SIDE_PX_MAX, FrameSize, YcbcrRow};
use core::ops::Range;

/// Pixels along a side of an MCU of 4:2:0.
const MCU_PX: usize = 16;
const BLOCK_PX: usize = 8;
/// MCUs whose blocks are transformed at once: two tiles of luma, and one of both kinds of chroma.
const TILE_MCUS: usize = TILE_BLOCKS / 2;
/// Bytes of a row of a strip.
const ROW_BYTES: usize = FRAME_SIDE_PX_MAX as usize;

/// Where rows come from.
pub trait Rows {
    /// Fills a row of the picture, in the full range of values; `y` is below the picture's height, and never falls within a picture.
    fn row(&mut self, y: u16, row: &mut YcbcrRow<'_>);
}

/// The JPEG does not fit the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Working memory, some 220 KiB: to be kept, not made for each picture.
pub struct Encoder {
    luma: [[u8; ROW_BYTES]; MCU_PX],
    /// Blue and red, averaged.
    chroma: [[[u8; ROW_BYTES / 2]; BLOCK_PX]; 2],
    /// Two rows of each as they come.
    full: [[[u8; ROW_BYTES]; 2]; 2],
    dc: [Codes; 2],
    ac: [Codes; 2],
    quantisers: [Quantiser; 2],
    quality: u8,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// With nothing in it.
    #[must_use]
    pub fn new() -> Self {
        let quality = 80;
        Self {
            luma: [[0; ROW_BYTES]; MCU_PX],
            chroma: [[[0; ROW_BYTES / 2]; BLOCK_PX]; 2],
            full: [[[0; ROW_BYTES]; 2]; 2],
            dc: [Codes::of(&DC[0]), Codes::of(&DC[1])],
            ac: [Codes::of(&AC[0]), Codes::of(&AC[1])],
            quantisers: [Quantiser::new(0, quality), Quantiser::new(1, quality)],
            quality,
        }
    }

    /// Writes the picture to the beginning of `out`; its length. `quality` is libjpeg's, 1 to 100 (above 97 there is no finer). A side of more than
    /// [`FRAME_SIDE_PX_MAX`] is cut off.
    ///
    /// # Errors
    /// [`TooLong`]; `out` holds nothing of use then.
    pub fn encode(
        &mut self,
        rows: &mut impl Rows,
        size: FrameSize,
        quality: u8,
        out: &mut [u8],
    ) -> Result<usize, TooLong> {
        if quality != self.quality {
            self.quantisers = [Quantiser::new(0, quality), Quantiser::new(1, quality)];
            self.quality = quality;
        }
        let size = FrameSize {
            width: size.width.min(FRAME_SIDE_PX_MAX),
            height: size.height.min(FRAME_SIDE_PX_MAX),
        };
        let mut start = [0; HEADER_BYTES_MAX];
        let start_bytes = header(&mut start, size, &self.quantisers);
        out.get_mut(..start_bytes).ok_or(TooLong)?.copy_from_slice(&start[..start_bytes]);
        let mut bits = Bits::new(out, start_bytes);
        let mut last_dc = [0; 3];
        let mut levels = Levels { values: [0; COEFFICIENTS], mask: 0 };
        for top in (0..size.height).step_by(MCU_PX) {
            self.fill(rows, size, top);
            let mcus = usize::from(size.width).div_ceil(MCU_PX);
            for first in (0..mcus).step_by(TILE_MCUS) {
                self.mcus(first..mcus.min(first + TILE_MCUS), &mut bits, &mut last_dc, &mut levels);
            }
        }
        bits.finish().ok_or(TooLong)
    }

    /// Reads a strip: what lies beyond the picture's edges repeats them, which costs least.
    fn fill(&mut self, rows: &mut impl Rows, size: FrameSize, top: u16) {
        let width = usize::from(size.width);
        let padded = width.next_multiple_of(MCU_PX);
        let last = size.height - 1;
        for pair in 0..BLOCK_PX {
            for half in 0..2 {
                let line = 2 * pair + half;
                let y = top.saturating_add(line as u16).min(last);
                let [blue, red] = &mut self.full;
                let (luma, blue, red) = (&mut self.luma[line], &mut blue[half], &mut red[half]);
                let mut row =
                    YcbcrRow { luma: &mut luma[..width], cb: &mut blue[..width], cr: &mut red[..width] };
                rows.row(y, &mut row);
                for plane in [luma, blue, red] {
                    let edge = plane[width - 1];
                    plane[width..padded].fill(edge);
                }
            }
            for (full, averaged) in self.full.iter().zip(&mut self.chroma) {
                average(&full[0][..padded], &full[1][..padded], &mut averaged[pair][..padded / 2]);
            }
        }
    }

    /// Codes some MCUs of the strip, a tile's at the most.
    fn mcus(&self, mcus: Range<usize>, bits: &mut Bits<'_>, last_dc: &mut [i32; 3], levels: &mut Levels) {
        let [luma_quantiser, chroma_quantiser] = &self.quantisers;
        let mut luma = [[[0; TILE_LANES]; 8]; 2];
        for (tile, rows) in luma.iter_mut().zip(self.luma.as_chunks::<BLOCK_PX>().0) {
            load(rows, mcus.start * MCU_PX, tile, 0..TILE_LANES);
            dct::forward(tile);
            luma_quantiser.divide(tile);
        }
        let mut chroma = [[0; TILE_LANES]; 8];
        for (plane, lanes) in self.chroma.iter().zip([0..TILE_LANES / 2, TILE_LANES / 2..TILE_LANES]) {
            load(plane, mcus.start * BLOCK_PX, &mut chroma, lanes);
        }
        dct::forward(&mut chroma);
        chroma_quantiser.divide(&mut chroma);
        for mcu in 0..mcus.len() {
            for (tile, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                levels.read(&luma[tile], 2 * mcu + right);
                put_block(bits, levels, &mut last_dc[0], &self.dc[0], &self.ac[0]);
            }
            for plane in 0..2 {
                levels.read(&chroma, plane * TILE_MCUS + mcu);
                put_block(bits, levels, &mut last_dc[1 + plane], &self.dc[1], &self.ac[1]);
            }
        }
    }
}

/// Samples around zero, from column `left` on, into some lanes of a tile. Behind the strip's end there is nothing.
fn load<const N: usize>(rows: &[[u8; N]; BLOCK_PX], left: usize, tile: &mut Tile, lanes: Range<usize>) {
    for (row, to) in rows.iter().zip(tile) {
        let samples = row.get(left..).unwrap_or_default();
        for (value, &sample) in to[lanes.clone()].iter_mut().zip(samples) {
            *value = i16::from(sample) - 128;
        }
    }
}

/// The mean of each square of four.
#[inline(always)]
fn average(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
    for ((out, [a, b]), [c, d]) in out.iter_mut().zip(upper).zip(lower) {
        *out = ((u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d) + 2) >> 2) as u8;
    }
}

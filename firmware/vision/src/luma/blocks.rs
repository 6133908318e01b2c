//! Decodes the entropy-coded data of a scan to 1 x 1, 2 x 2 or 4 x 4 means per luma block.
//!
//! Sequential Huffman decoding (ITU T.81, annex F.2) with everything skipped that the means do not need. Must not see other
//! segments.
use super::Damage;
use super::ac::{AcTable, COEFFICIENTS};
use super::dc::DcTable;
use super::index::RowNotes;
use super::interval::Interval;
use super::inverse::{self, NO_TERMS, TILE_BLOCKS, Terms, Weights};
use super::reduce::Reducer;
use super::scan::{Block, Part, Scan};
use super::segments::marker;
use super::size::{BLOCK_PX, FRAME_SIDE_PX_MAX};
use super::tables::Tables;
use crate::plane::PLANE_SIDE_PX_MAX;

/// Largest magnitude of a quantised DC coefficient. 8-bit samples give 1024 at most; as much again is left to encoders
/// that round oddly. Beyond, the differences have gone astray.
pub const DC_MAX: i32 = 2047;
/// Most block rows in a row of MCUs.
const STRIP_BLOCKS: usize = 4;
/// Bytes in a row of the strip: the block means of the widest frame, or the finer means of a frame up to 1279 pixels wide.
const fn strip_row(parts: usize) -> usize {
    if parts == 1 { FRAME_SIDE_PX_MAX as usize / BLOCK_PX } else { PLANE_SIDE_PX_MAX }
}

/// The means of one row of MCUs.
pub type Strip = [u8; STRIP_BLOCKS * 4 * strip_row(4)];
/// A strip before its first use.
pub const STRIP_EMPTY: Strip = [0; STRIP_BLOCKS * 4 * strip_row(4)];
const _: () = assert!(STRIP_BLOCKS * strip_row(1) <= STRIP_EMPTY.len());

/// What is the same for the whole scan.
pub struct Job<'a> {
    /// The scan header.
    pub scan: &'a Scan,
    /// Huffman tables; the scan's slots were required.
    pub tables: &'a Tables,
    /// Quantisers of the luma, in zigzag order.
    pub quantisers: &'a [u16; COEFFICIENTS],
    /// MCUs between restart markers, 0 = none.
    pub restart_interval: usize,
}

/// What the loop over blocks needs, with `PARTS` x `PARTS` means from each.
struct Decoding<'a, const PARTS: usize> {
    blocks: &'a [Block<(&'a DcTable, &'a AcTable)>],
    dc_quantiser: i32,
    weights: &'a Weights,
    /// Of the blocks since the last tile, for each block row of the MCUs.
    terms: [Terms; STRIP_BLOCKS],
    strip: &'a mut Strip,
}

impl Job<'_> {
    /// Decodes the scan at the start of `data` to `PARTS` x `PARTS` (1, 2 or 4) means a block; gives the length of its data up
    /// to the marker that ends it. Notes in `index` where each row of MCUs begins, if `INDEX` says that there is one.
    pub fn run<const PARTS: usize, const INDEX: bool>(
        &self,
        data: &[u8],
        strip: &mut Strip,
        reducer: &mut Reducer<'_>,
        mut index: Option<&mut RowNotes<'_>>,
    ) -> Result<usize, Damage> {
        let blocks = self.scan.blocks_with(|(dc, ac)| (self.tables.dc(dc), self.tables.ac(ac)));
        let blocks = blocks.get(..self.scan.count).unwrap_or(&[]);
        let weights = &Weights::new(PARTS, self.quantisers);
        let dc_quantiser = i32::from(self.quantisers[0]);
        let terms = [NO_TERMS; STRIP_BLOCKS];
        let mut decoding = Decoding::<PARTS> { blocks, dc_quantiser, weights, terms, strip };
        let mut interval = Interval::first(data);
        let mut left = if self.restart_interval == 0 { usize::MAX } else { self.restart_interval };
        let mut expected = marker::RST0;
        for _ in 0..self.scan.mcus.1 {
            for column in 0..self.scan.mcus.0 {
                if left == 0 {
                    interval = interval.next(data, expected)?;
                    expected = marker::RST0 + (expected - marker::RST0 + 1) % 8;
                    left = self.restart_interval;
                }
                left -= 1;
                if INDEX
                    && column == 0
                    && let Some(index) = index.as_deref_mut()
                {
                    index.push(interval.position(data), interval.dc);
                }
                let decoded = decoding.mcu::<INDEX>(&mut interval, column * self.scan.luma.0);
                // Past the end only zeros are read: whatever was found there, the true reason is the end.
                if interval.reader.overrun() {
                    return Err(Damage::ScanTooShort);
                }
                decoded?;
                let behind = (column + 1) * self.scan.luma.0;
                if PARTS > 1 && (behind.is_multiple_of(TILE_BLOCKS) || column + 1 == self.scan.mcus.0) {
                    decoding.finish_tile((behind - 1) / TILE_BLOCKS, self.scan.luma.1);
                }
            }
            for row in decoding.strip.chunks_exact(strip_row(PARTS)).take(self.scan.luma.1 * PARTS) {
                reducer.push(row);
            }
        }
        let end = interval.end()?;
        if INDEX && let Some(index) = index {
            index.end(interval.position(data), end);
        }
        Ok(end)
    }
}

impl<const PARTS: usize> Decoding<'_, PARTS> {
    /// `column` is that of the MCU's first luma block. DCs of the chroma are read only for an index.
    #[inline(always)]
    fn mcu<const INDEX: bool>(&mut self, interval: &mut Interval<'_>, column: usize) -> Result<(), Damage> {
        let mut reader = interval.reader;
        for block in self.blocks {
            let (dc, ac) = block.tables;
            let (down, across) = match block.part {
                Part::Luma(down, across) => (down, across),
                Part::Chroma(component) => {
                    if INDEX {
                        let difference = dc.read(&mut reader)?;
                        if let Some(last) = interval.dc.get_mut(component) {
                            *last = last.wrapping_add(difference);
                        }
                    } else {
                        dc.skip(&mut reader)?;
                    }
                    ac.skip_block(&mut reader)?;
                    continue;
                }
            };
            interval.dc[0] += dc.read(&mut reader)?;
            if interval.dc[0].abs() > DC_MAX {
                return Err(Damage::DcRange);
            }
            let across = column + across;
            if PARTS == 1 {
                ac.skip_block(&mut reader)?;
                if let Some(mean) = self.strip.get_mut(down * strip_row(1) + across) {
                    *mean = mean_of_dc(interval.dc[0], self.dc_quantiser);
                }
            } else {
                let terms = &mut self.terms[down % STRIP_BLOCKS];
                self.weights.add(terms, across, 0, interval.dc[0]);
                ac.read_block(&mut reader, self.weights, terms, across)?;
            }
        }
        interval.reader = reader;
        Ok(())
    }

    /// Puts the means of a tile into the strip, of as many block rows.
    fn finish_tile(&mut self, tile: usize, block_rows: usize) {
        let lines = self.strip.chunks_exact_mut(strip_row(PARTS) * PARTS);
        for (terms, lines) in self.terms.iter_mut().zip(lines).take(block_rows) {
            let mut rows = [[0; TILE_BLOCKS]; PARTS];
            inverse::means(terms, &mut rows);
            *terms = NO_TERMS;
            for (row, line) in rows.iter().zip(lines.chunks_exact_mut(strip_row(PARTS))) {
                let places = line.chunks_exact_mut(PARTS).skip(tile * TILE_BLOCKS);
                for (place, means) in places.zip(row) {
                    place.copy_from_slice(&means.to_le_bytes()[..PARTS]);
                }
            }
        }
    }
}

/// Mean of a block from its DC coefficient: eight times the mean, level-shifted (ITU T.81, A.3.1 and A.3.3);
/// rounded as in libjpeg's 1/8 scale.
#[inline(always)]
fn mean_of_dc(dc: i32, quantiser: i32) -> u8 {
    (((dc * quantiser + 4) >> 3) + 128).clamp(0, 255) as u8
}

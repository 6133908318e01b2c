//! Decodes the entropy-coded data of a scan down to one mean per luma block.
//!
//! Sequential Huffman decoding (ITU T.81, annex F.2) with everything but luma DC skipped. Must not see other segments.
use super::Damage;
use super::bits::BitReader;
use super::frame::{Component, Frame};
use super::huffman::{AcTable, DcTable};
use super::reduce::Reducer;
use super::segments::marker;
use super::size::{BLOCK_PX, FRAME_SIDE_PX_MAX};
use super::tables::Tables;

/// Most blocks that an MCU of an interleaved scan may have (ITU T.81, B.2.3).
const MCU_BLOCKS_MAX: usize = 10;
/// Largest magnitude of a quantised DC coefficient. 8-bit samples give 1024 at most; as much again is left to encoders
/// that round oddly. Beyond, the differences have gone astray.
const DC_MAX: i32 = 2047;
/// Bytes that may stand between the last block and the next marker: hardware encoders align their output to bus words.
/// Data that has lost its place leaves more.
const SLACK_BYTES_MAX: usize = 16;

/// Block means of one row of MCUs: up to four block rows.
pub type Strip = [[u8; FRAME_SIDE_PX_MAX as usize / BLOCK_PX]; 4];

/// One block of an MCU, with its tables as `T`.
#[derive(Clone, Copy)]
struct Block<T> {
    tables: T,
    /// Row and column in the MCU for a luma block.
    luma: Option<(usize, usize)>,
}

/// A scan header, resolved against the frame header: the blocks of an MCU in coding order.
pub struct Scan {
    blocks: [Block<(u8, u8)>; MCU_BLOCKS_MAX],
    count: usize,
    /// Luma blocks across and down in an MCU.
    luma: (usize, usize),
    /// MCUs across and down.
    mcus: (usize, usize),
}

impl Scan {
    /// Reads a scan header (ITU T.81, B.2.3); none if the scan has no luma.
    pub fn parse(payload: &[u8], frame: &Frame) -> Result<Option<Self>, Damage> {
        let (&count, rest) = payload.split_first().ok_or(Damage::BadScanHeader)?;
        let list = rest.get(..2 * usize::from(count)).ok_or(Damage::BadScanHeader)?;
        if !(1..=frame.components().len()).contains(&usize::from(count)) {
            return Err(Damage::BadScanHeader);
        }
        let alone = count == 1;
        let mut scan = Self::of_luma_blocks(frame, if alone { (1, 1) } else { frame.luma().blocks });
        let mut has_luma = false;
        for entry in list.chunks_exact(2) {
            let known = frame.components().iter().position(|c| c.id == entry[0]);
            let is_luma = known == Some(0);
            let component = *known.and_then(|at| frame.components().get(at)).ok_or(Damage::BadScanHeader)?;
            if is_luma && has_luma {
                return Err(Damage::BadScanHeader);
            }
            has_luma |= is_luma;
            // A scan of one component is not interleaved: its MCU is one block (A.2.2).
            let blocks = if alone { (1, 1) } else { component.blocks };
            scan.append(Component { blocks, ..component }, (entry[1] >> 4, entry[1] & 15), is_luma)?;
        }
        Ok(has_luma.then_some(scan))
    }

    /// Slots (DC, AC) of the tables that the scan uses, with repetitions.
    pub fn table_slots(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        self.blocks.iter().take(self.count).map(|block| block.tables)
    }

    fn of_luma_blocks(frame: &Frame, luma: (u8, u8)) -> Self {
        let luma = (usize::from(luma.0), usize::from(luma.1));
        let across = usize::from(frame.size.width).div_ceil(BLOCK_PX * luma.0);
        let down = usize::from(frame.size.height).div_ceil(BLOCK_PX * luma.1);
        let blocks = [Block { tables: (0, 0), luma: None }; MCU_BLOCKS_MAX];
        Self { blocks, count: 0, luma, mcus: (across, down) }
    }

    fn append(&mut self, component: Component, tables: (u8, u8), is_luma: bool) -> Result<(), Damage> {
        let (across, down) = (usize::from(component.blocks.0), usize::from(component.blocks.1));
        for at in 0..across * down {
            let luma = is_luma.then_some((at / across, at % across));
            *self.blocks.get_mut(self.count).ok_or(Damage::Sampling)? = Block { tables, luma };
            self.count += 1;
        }
        Ok(())
    }
}

/// What is the same for the whole scan.
pub struct Job<'a> {
    /// The scan header.
    pub scan: &'a Scan,
    /// Huffman tables; the scan's slots were required.
    pub tables: &'a Tables,
    /// Quantiser of the luma DC.
    pub quantiser: i32,
    /// MCUs between restart markers, 0 = none.
    pub restart_interval: usize,
}

impl Job<'_> {
    /// Decodes the scan at the start of `data`; gives the length of its data up to the marker that ends it.
    pub fn run(&self, data: &[u8], strip: &mut Strip, reducer: &mut Reducer<'_>) -> Result<usize, Damage> {
        let blocks = self.scan.blocks.map(|block| Block {
            tables: (self.tables.dc(block.tables.0), self.tables.ac(block.tables.1)),
            luma: block.luma,
        });
        let blocks = blocks.get(..self.scan.count).unwrap_or(&[]);
        let mut interval = Interval { start: 0, reader: BitReader::new(data), dc: 0 };
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
                let decoded = self.mcu(blocks, &mut interval, column * self.scan.luma.0, strip);
                // Past the end only zeros are read: whatever was found there, the true reason is the end.
                if interval.reader.overrun() {
                    return Err(Damage::ScanTooShort);
                }
                decoded?;
            }
            for row in strip.iter().take(self.scan.luma.1) {
                reducer.push(row);
            }
        }
        interval.end()
    }

    #[inline(always)]
    fn mcu(
        &self,
        blocks: &[Block<(&DcTable, &AcTable)>],
        interval: &mut Interval<'_>,
        column: usize,
        strip: &mut Strip,
    ) -> Result<(), Damage> {
        let mut reader = interval.reader;
        for block in blocks {
            let (dc, ac) = block.tables;
            if let Some((down, across)) = block.luma {
                interval.dc += dc.read(&mut reader)?;
                if interval.dc.abs() > DC_MAX {
                    return Err(Damage::DcRange);
                }
                if let Some(mean) = strip.get_mut(down).and_then(|row| row.get_mut(column + across)) {
                    *mean = self.mean(interval.dc);
                }
            } else {
                dc.skip(&mut reader)?;
            }
            ac.skip_block(&mut reader)?;
        }
        interval.reader = reader;
        Ok(())
    }

    /// Mean of a block from its DC coefficient: eight times the mean, level-shifted (ITU T.81, A.3.1 and A.3.3);
    /// rounded as in libjpeg's 1/8 scale.
    #[inline(always)]
    fn mean(&self, dc: i32) -> u8 {
        (((dc * self.quantiser + 4) >> 3) + 128).clamp(0, 255) as u8
    }
}

/// The data between two restart markers.
struct Interval<'a> {
    /// Where it begins in the data of the scan.
    start: usize,
    reader: BitReader<'a>,
    /// Last luma DC; differences start anew from 0 in each interval.
    dc: i32,
}

impl<'a> Interval<'a> {
    /// Length of the scan's data up to the marker that ends this interval.
    fn end(&self) -> Result<usize, Damage> {
        if self.reader.unused_bytes(SLACK_BYTES_MAX) > SLACK_BYTES_MAX {
            return Err(Damage::ScanTooLong);
        }
        Ok(self.start + self.reader.marker_offset(SLACK_BYTES_MAX))
    }

    /// The interval after this one, behind the restart marker `expected`.
    fn next(&self, data: &'a [u8], expected: u8) -> Result<Self, Damage> {
        let mut rest = data.get(self.end()?..).unwrap_or(&[]);
        // Fill bytes may stand before any marker (B.1.1.2).
        while let [0xFF, 0xFF, ..] = rest {
            rest = rest.get(1..).unwrap_or(&[]);
        }
        match rest {
            [0xFF, code, tail @ ..] if *code == expected => {
                Ok(Self { start: data.len() - tail.len(), reader: BitReader::new(tail), dc: 0 })
            }
            [0xFF, marker::EOI, ..] => Err(Damage::ScanTooShort),
            _ => Err(Damage::RestartOrder),
        }
    }
}

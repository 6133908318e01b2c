//! Goes through entropy-coded data MCU by MCU and keeps the DC of every component.
//!
//! Knows where it is and what is ahead; must not write.
use super::codes::CodeTable;
use super::picture::Picture;
use crate::luma::Damage;
use crate::luma::ac::AcTable;
use crate::luma::bits::BitPosition;
use crate::luma::blocks::DC_MAX;
use crate::luma::dc::DcTable;
use crate::luma::index::{RowIndex, RowNotes};
use crate::luma::interval::Interval;
use crate::luma::scan::Block;
use crate::luma::segments::marker;

/// What the coefficients of a block are read and written with.
#[derive(Clone, Copy)]
pub struct Coding<'a> {
    /// Reads the DC difference.
    pub dc: &'a DcTable,
    /// Reads the AC coefficients.
    pub ac: &'a AcTable,
    /// Writes the DC difference.
    pub dc_codes: &'a CodeTable,
    /// Writes the AC coefficients.
    pub ac_codes: &'a CodeTable,
}

/// A place between two MCUs.
pub struct Walk<'a> {
    /// The frame's headers.
    pub picture: &'a Picture,
    /// Blocks of an MCU.
    pub blocks: &'a [Block<Coding<'a>>],
    /// Entropy-coded data, and what follows it.
    pub data: &'a [u8],
    /// Where in it.
    pub interval: Interval<'a>,
    /// Number of the MCU ahead.
    pub mcu: usize,
    /// MCUs ahead up to the next restart marker, or to the end.
    pub left: usize,
}

impl<'a> Walk<'a> {
    /// Before the first MCU.
    pub fn new(picture: &'a Picture, blocks: &'a [Block<Coding<'a>>], data: &'a [u8]) -> Self {
        let mut walk = Self { picture, blocks, data, interval: Interval::first(data), mcu: 0, left: 0 };
        walk.left = walk.left_at(0);
        walk
    }

    /// Where the next bit stands.
    pub fn position(&self) -> BitPosition {
        self.interval.position(self.data)
    }

    /// Goes to the start of a row of MCUs; false if the index does not know it.
    pub fn jump(&mut self, row: usize, index: &RowIndex<'_>) -> bool {
        let Some((position, dc)) = index.row(row) else { return false };
        self.interval = Interval::resumed(self.data, position, dc);
        self.mcu = row * self.picture.scan.mcus.0;
        self.left = self.left_at(self.mcu);
        true
    }

    /// Goes over the restart marker that is ahead (ITU T.81, E.1.4).
    pub fn next_interval(&mut self) -> Result<(), Damage> {
        let number = self.mcu / self.picture.restart_interval.max(1);
        let expected = marker::RST0 + (number + 7) as u8 % 8;
        self.interval = self.interval.next(self.data, expected)?;
        self.left = self.left_at(self.mcu);
        Ok(())
    }

    /// Passes over one MCU of this interval.
    pub fn pass(&mut self) -> Result<(), Damage> {
        let passed = self.pass_blocks();
        self.arrive(passed)
    }

    /// Counts an MCU that was gone through, if it was there.
    pub fn arrive<E: From<Damage>>(&mut self, through: Result<(), E>) -> Result<(), E> {
        // Past the end only zeros are read: whatever was found there, the true reason is the end.
        if self.interval.reader.overrun() {
            return Err(Damage::ScanTooShort.into());
        }
        (self.mcu, self.left) = (self.mcu + 1, self.left.saturating_sub(1));
        through
    }

    /// Reads a block's DC difference; gives the DC.
    #[inline(always)]
    pub fn read_dc(&mut self, component: usize, table: &DcTable) -> Result<i32, Damage> {
        let difference = table.read(&mut self.interval.reader)?;
        let last = self.interval.dc.get_mut(component).ok_or(Damage::BadScanHeader)?;
        *last += difference;
        if last.abs() > DC_MAX { Err(Damage::DcRange) } else { Ok(*last) }
    }

    /// Goes through the whole scan and notes its rows.
    pub fn fill(mut self, index: &mut RowNotes<'_>) -> Result<(), Damage> {
        let (across, mcus) = (self.picture.scan.mcus.0, self.picture.mcus());
        while self.mcu < mcus {
            if self.left == 0 {
                self.next_interval()?;
            }
            if self.mcu.is_multiple_of(across) {
                index.push(self.position(), self.interval.dc);
            }
            self.pass()?;
        }
        index.end(self.position(), self.interval.end()?);
        Ok(())
    }

    fn pass_blocks(&mut self) -> Result<(), Damage> {
        for (block, place) in self.blocks.iter().zip(self.picture.scan.places()) {
            self.read_dc(place.component, block.tables.dc)?;
            block.tables.ac.skip_block(&mut self.interval.reader)?;
        }
        Ok(())
    }

    fn left_at(&self, mcu: usize) -> usize {
        let to_end = self.picture.mcus().saturating_sub(mcu);
        match self.picture.restart_interval {
            0 => to_end,
            length => to_end.min(length - mcu % length),
        }
    }
}

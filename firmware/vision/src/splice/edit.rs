//! Writes a scan with other blocks in the place of those under marks.
//!
//! Between marks all bits are copied; rows of MCUs without marks are not even looked at. Must not know segments.
use super::Refusal;
use super::marks::{self, Rect};
use super::paint::{Change, Coefficients, Paint};
use super::walk::{Coding, Walk};
use super::writer::BitWriter;
use crate::luma::ac::COEFFICIENTS;
use crate::luma::bits::BitPosition;
use crate::luma::index::RowIndex;
use crate::luma::scan::Place;

/// A scan that is being written.
pub struct Edit<'a> {
    /// What comes where.
    pub paint: Paint<'a>,
    /// Where each row of MCUs begins.
    pub index: &'a RowIndex<'a>,
    /// How far was read.
    pub walk: Walk<'a>,
    /// What was written.
    pub writer: BitWriter<'a>,
    /// How far what was read was written.
    pub done: BitPosition,
    /// DC that was last written of each component. They are those last read but for a few blocks behind a replaced one.
    pub dc: [i32; 3],
    /// Something was replaced since the last restart marker, so that bits have other places in their bytes now. If not, all is byte for byte as it was.
    pub changed: bool,
}

impl Edit<'_> {
    /// Writes the whole scan and what follows it.
    pub fn run(mut self) -> Result<usize, Refusal> {
        let picture = self.paint.picture;
        let (across, down) = picture.scan.mcus;
        for row in 0..down {
            let mut line = picture.mcu(0, row);
            line.x = picture.pixels().x;
            let Some((first, last)) = marks::columns(self.paint.marks, &line, picture.mcu_px().0) else {
                continue;
            };
            self.go_to_row(row)?;
            while self.walk.mcu < row * across + first {
                self.pass_mcu()?;
            }
            while self.walk.mcu <= row * across + last {
                // An outline encloses many that it does not touch.
                if self.is_clean() && !self.paint.touches(&self.area(self.walk.mcu)) {
                    self.pass_mcu()?;
                } else {
                    self.edit_mcu()?;
                }
            }
            // Up to where the differences are again those of the camera.
            while self.walk.left > 0 && !self.is_clean() {
                self.edit_mcu()?;
            }
        }
        if self.changed {
            self.finish_interval()?;
        }
        self.writer.copy_bytes(self.walk.data.get(self.done.byte..).unwrap_or(&[]));
        self.writer.length().ok_or(Refusal::OutputTooSmall)
    }

    /// Goes to the start of a row, unless it is there or beyond.
    fn go_to_row(&mut self, row: usize) -> Result<(), Refusal> {
        let target = row * self.paint.picture.scan.mcus.0;
        if target <= self.walk.mcu {
            return Ok(());
        }
        if self.changed && target >= self.walk.mcu + self.walk.left {
            self.finish_interval()?;
        }
        self.jump(row)?;
        self.dc = self.walk.interval.dc;
        Ok(())
    }

    fn jump(&mut self, row: usize) -> Result<(), Refusal> {
        if self.walk.jump(row, self.index) { Ok(()) } else { Err(Refusal::WrongIndex) }
    }

    /// Goes over the restart marker if one is ahead.
    fn enter(&mut self) -> Result<(), Refusal> {
        if self.walk.left > 0 {
            return Ok(());
        }
        if self.changed {
            self.finish_interval()?;
        }
        self.walk.next_interval()?;
        self.dc = self.walk.interval.dc;
        Ok(())
    }

    /// Copies what is left of a changed interval and pads it. Where its bits end has to be known exactly: the padding cannot be told from them.
    fn finish_interval(&mut self) -> Result<(), Refusal> {
        let (across, end) = (self.paint.picture.scan.mcus.0, self.walk.mcu + self.walk.left);
        let (bits_end, marker) = if end == self.paint.picture.mcus() {
            self.index.ends
        } else {
            let last_row = (end - 1) / across;
            if last_row * across > self.walk.mcu {
                self.jump(last_row)?;
            }
            while self.walk.left > 0 {
                self.walk.pass()?;
            }
            (self.walk.position(), self.walk.interval.end()?)
        };
        self.copy_up_to(bits_end)?;
        self.writer.pad();
        self.done = BitPosition { byte: marker, bit: 0 };
        self.changed = false;
        Ok(())
    }

    fn copy_up_to(&mut self, position: BitPosition) -> Result<(), Refusal> {
        if position < self.done {
            return Err(Refusal::WrongIndex);
        }
        self.writer.copy_bits(self.walk.data, self.done, position);
        self.done = position;
        Ok(())
    }

    /// What was written last has the DCs that were read last.
    fn is_clean(&self) -> bool {
        self.dc == self.walk.interval.dc
    }

    /// Passes over an MCU that stays as it is, where all is clean.
    fn pass_mcu(&mut self) -> Result<(), Refusal> {
        self.enter()?;
        self.walk.pass()?;
        self.dc = self.walk.interval.dc;
        Ok(())
    }

    fn edit_mcu(&mut self) -> Result<(), Refusal> {
        self.enter()?;
        let edited = self.edit_blocks();
        self.walk.arrive(edited)
    }

    fn edit_blocks(&mut self) -> Result<(), Refusal> {
        let mcu = self.area(self.walk.mcu);
        // What was read last was replaced: nothing up to here is to be copied. Where that is, is asked only when it matters, since it has to be counted.
        let mut replaced = false;
        for (number, (block, place)) in
            self.walk.blocks.iter().zip(self.walk.picture.scan.places()).enumerate()
        {
            let coding = block.tables;
            let change = self.paint.change(&mcu, place);
            if change == Change::Keep {
                if core::mem::take(&mut replaced) {
                    self.done = self.walk.position();
                }
                self.keep(place, coding)?;
                continue;
            }
            if !replaced {
                self.copy_up_to(self.walk.position())?;
            }
            replaced = true;
            let was = self.walk.read_dc(place.component, coding.dc)?;
            let (dc, block) = if change == Change::PaintOver {
                let mut block = [0; COEFFICIENTS];
                block[0] = was;
                coding.ac.take_block(&mut self.walk.interval.reader, &mut block)?;
                let painted = self.paint.paint_over(&mcu, place, &block);
                (painted[0], Some(painted))
            } else {
                coding.ac.skip_block(&mut self.walk.interval.reader)?;
                match change {
                    Change::Replace(grey) => self.paint.replace(&mcu, place, grey),
                    _ => (0, None),
                }
            };
            self.write(number, place, coding, (dc, block.as_ref()))?;
        }
        if replaced {
            self.done = self.walk.position();
        }
        Ok(())
    }

    /// Pixels of an MCU.
    fn area(&self, mcu: usize) -> Rect {
        let across = self.walk.picture.scan.mcus.0;
        self.walk.picture.mcu(mcu % across, mcu / across)
    }

    /// Leaves a block as it is, but for the difference of its DC to what was written before.
    fn keep(&mut self, place: &Place, coding: Coding<'_>) -> Result<(), Refusal> {
        let differs = self.dc.get(place.component) != self.walk.interval.dc.get(place.component);
        if differs {
            self.copy_up_to(self.walk.position())?;
        }
        let dc = self.walk.read_dc(place.component, coding.dc)?;
        let written = self.dc.get_mut(place.component).ok_or(Refusal::WrongIndex)?;
        if differs {
            coding.dc_codes.put_dc(&mut self.writer, dc - *written)?;
            self.done = self.walk.position();
        }
        *written = dc;
        coding.ac.skip_block(&mut self.walk.interval.reader)?;
        Ok(())
    }

    /// Writes a block in the place of number `number` of its MCU, which was read: its DC, and its coefficients if it is not flat.
    fn write(
        &mut self,
        number: usize,
        place: &Place,
        coding: Coding<'_>,
        (wanted, block): (i32, Option<&Coefficients>),
    ) -> Result<(), Refusal> {
        self.changed = true;
        let last = *self.dc.get(place.component).ok_or(Refusal::WrongIndex)?;
        let dc = if coding.dc_codes.has_all_dc {
            wanted
        } else {
            let next = self.next_kept(number, place.component);
            coding.dc_codes.nearest_dc(last, wanted, next).ok_or(Refusal::NoCode)?
        };
        coding.dc_codes.put_dc(&mut self.writer, dc - last)?;
        if let Some(last) = self.dc.get_mut(place.component) {
            *last = dc;
        }
        match block {
            Some(block) => coding.ac_codes.put_ac(&mut self.writer, block),
            None => coding.ac_codes.put_end(&mut self.writer),
        }
    }

    /// DC of the block of that component that comes next, if that one is kept: then the camera's codes must have one for the way from here to there.
    ///
    /// It was in the picture anyway, beside the marks: what is written for its sake tells nothing of what is under them.
    fn next_kept(&self, number: usize, component: usize) -> Option<i32> {
        let (mut ahead, places) = (self.walk.interval, self.walk.picture.scan.places());
        // One MCU holds blocks of all components.
        let here = (number + 1..places.len()).map(|number| (0, number));
        let next = (0..places.len()).map(|number| (1, number));
        for (mcu, number) in here.chain(next.filter(|_| self.walk.left > 1)) {
            let (place, coding) = (places.get(number)?, self.walk.blocks.get(number)?.tables);
            if place.component == component {
                let kept = self.paint.change(&self.area(self.walk.mcu + mcu), place) == Change::Keep;
                let difference = kept.then(|| coding.dc.read(&mut ahead.reader).ok())??;
                return Some(ahead.dc.get(component)? + difference);
            }
            coding.dc.skip(&mut ahead.reader).ok()?;
            coding.ac.skip_block(&mut ahead.reader).ok()?;
        }
        None
    }
}

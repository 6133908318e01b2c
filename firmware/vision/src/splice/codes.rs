//! Huffman codes by symbol, and how a block is written with them (ITU T.81, C.2 and F.1.2).
//!
//! A camera's own tables need not have a code for everything: what comes closest is written then, if anything does. Must not know what a block shows.
use super::Refusal;
use super::writer::BitWriter;
use crate::luma::ac::{COEFFICIENTS, END_OF_BLOCK, ZERO_RUN};
use crate::luma::canonical::Canonical;
use crate::luma::dc::CATEGORY_MAX;

/// Largest magnitude of an AC coefficient in baseline: category 10 (table F.2).
pub const AC_MAX: i32 = 1023;

#[derive(Clone, Copy)]
struct Code {
    bits: u16,
    /// 0 = the table has no code for this symbol.
    length: u8,
}

/// The code of each symbol.
#[derive(Clone, Copy)]
pub struct CodeTable([Code; 256]);

impl CodeTable {
    /// A table without any code.
    pub const EMPTY: Self = Self([Code { bits: 0, length: 0 }; 256]);

    /// The codes of a table.
    pub fn of(table: &Canonical) -> Self {
        let (mut codes, mut next, mut last) = (Self::EMPTY, 0u32, 0);
        for (length, symbol) in table.codes() {
            next <<= length - last;
            last = length;
            let code = &mut codes.0[usize::from(symbol)];
            // A symbol that is declared twice is written by its shorter code.
            if code.length == 0 {
                *code = Code { bits: next as u16, length: length as u8 };
            }
            next += 1;
        }
        codes
    }

    fn has(&self, symbol: u8) -> bool {
        self.0[usize::from(symbol)].length > 0
    }

    /// Writes a symbol and the `extra` bits that follow it.
    fn put(&self, writer: &mut BitWriter<'_>, symbol: u8, extra: (u32, u32)) {
        let Code { bits, length } = self.0[usize::from(symbol)];
        writer.put(u32::from(bits) << extra.1 | extra.0, u32::from(length) + extra.1);
    }

    /// Writes a DC difference.
    pub fn put_dc(&self, writer: &mut BitWriter<'_>, difference: i32) -> Result<(), Refusal> {
        let category = category(difference);
        if category > u32::from(CATEGORY_MAX) || !self.has(category as u8) {
            return Err(Refusal::NoCode);
        }
        self.put(writer, category as u8, (magnitude(difference, category), category));
        Ok(())
    }

    /// The difference closest to `wanted` that can be written.
    pub fn nearest_dc(&self, wanted: i32) -> Option<i32> {
        let in_category = |category: u8| {
            let (least, most) = ((1 << category) >> 1, (1 << category) - 1);
            wanted.signum() * wanted.abs().clamp(least, most)
        };
        let known = (0..=CATEGORY_MAX).filter(|&category| self.has(category));
        known.map(in_category).min_by_key(|difference| (wanted - difference).abs())
    }

    /// Writes the AC coefficients of a block, in zigzag order, each -1023..=1023. One without a code of its own loses magnitude until it has one, or
    /// becomes zero.
    pub fn put_ac(&self, writer: &mut BitWriter<'_>, block: &[i32; COEFFICIENTS]) -> Result<(), Refusal> {
        let mut run = 0u8;
        // Nearly all blocks of a mask end here.
        let flat = block[1..].iter().fold(0, |all, &coefficient| all | coefficient) == 0;
        for &coefficient in if flat { &[][..] } else { &block[1..] } {
            let Some((symbol, value)) = self.nearest_ac(run, coefficient) else {
                run += 1;
                continue;
            };
            for _ in 0..run / 16 {
                self.put(writer, ZERO_RUN, (0, 0));
            }
            let category = u32::from(symbol & 15);
            self.put(writer, symbol, (magnitude(value, category), category));
            run = 0;
        }
        if run > 0 || flat {
            if !self.has(END_OF_BLOCK) {
                return Err(Refusal::NoCode);
            }
            self.put(writer, END_OF_BLOCK, (0, 0));
        }
        Ok(())
    }

    /// Symbol and value for a coefficient after a run of zeros; none if it is, or has to become, one more.
    fn nearest_ac(&self, run: u8, wanted: i32) -> Option<(u8, i32)> {
        if wanted == 0 || run >= 16 && !self.has(ZERO_RUN) {
            return None;
        }
        let symbol = |category: u32| (run % 16) << 4 | category as u8;
        let category = (1..=category(wanted)).rev().find(|&category| self.has(symbol(category)))?;
        let most = (1 << category) - 1;
        Some((symbol(category), wanted.clamp(-most, most)))
    }
}

/// Bits that a number's magnitude takes (tables F.1 and F.2).
fn category(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// The bits that stand for a number in its category (F.1.2.1.1): one less, if it is negative.
fn magnitude(value: i32, category: u32) -> u32 {
    (value - i32::from(value < 0)) as u32 & ((1 << category) - 1)
}

//! Huffman codes by symbol, and how a block is written with them (ITU T.81, C.2 and F.1.2).
//!
//! A camera's own tables need not have a code for everything: what comes closest is written then. Must not know what a block shows.
use super::Refusal;
use super::writer::BitWriter;
use crate::luma::ac::{COEFFICIENTS, END_OF_BLOCK, ZERO_RUN};
use crate::luma::canonical::Canonical;
use crate::luma::dc::CATEGORY_MAX;

/// Largest magnitude of an AC coefficient in baseline: category 10 (table F.2).
pub const AC_MAX: i32 = 1023;

/// Range of a quantised DC coefficient of 8-bit samples (A.3.1).
pub const DC_MIN: i32 = -1024;
/// See [`DC_MIN`].
pub const DC_MAX: i32 = 1023;

#[derive(Clone, Copy)]
struct Code {
    bits: u16,
    /// 0 = the table has no code for this symbol.
    length: u8,
}

/// The code of each symbol.
#[derive(Clone, Copy)]
pub struct CodeTable {
    codes: [Code; 256],
    /// Every DC difference can be written.
    pub has_all_dc: bool,
}

impl CodeTable {
    /// A table without any code.
    pub const EMPTY: Self = Self { codes: [Code { bits: 0, length: 0 }; 256], has_all_dc: false };

    /// The codes of a table.
    pub fn of(table: &Canonical) -> Self {
        let (mut made, mut next, mut last) = (Self::EMPTY, 0u32, 0);
        for (length, symbol) in table.codes() {
            next <<= length - last;
            last = length;
            let code = &mut made.codes[usize::from(symbol)];
            // A symbol that is declared twice is written by its shorter code.
            if code.length == 0 {
                *code = Code { bits: next as u16, length: length as u8 };
            }
            next += 1;
        }
        made.has_all_dc = (0..=CATEGORY_MAX).all(|category| made.has(category));
        made
    }

    fn has(&self, symbol: u8) -> bool {
        self.codes[usize::from(symbol)].length > 0
    }

    /// Writes a symbol and the `extra` bits that follow it.
    fn put(&self, writer: &mut BitWriter<'_>, symbol: u8, extra: (u32, u32)) {
        let Code { bits, length } = self.codes[usize::from(symbol)];
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

    /// The DC closest to `wanted` that can be written behind `last`, and before `next`, if that is known. Tries them all: only for tables that lack codes.
    pub fn nearest_dc(&self, last: i32, wanted: i32, next: Option<i32>) -> Option<i32> {
        let can = |difference: i32| {
            let category = category(difference);
            category <= CATEGORY_MAX.into() && self.has(category as u8)
        };
        let possible = |&dc: &i32| can(dc - last) && next.is_none_or(|next| can(next - dc));
        (DC_MIN..=DC_MAX).filter(possible).min_by_key(|dc| (wanted - dc).abs())
    }

    /// Writes the AC coefficients of a block, in zigzag order, each -1023..=1023. One without a code of its own loses magnitude until it has one, or
    /// becomes zero.
    pub fn put_ac(&self, writer: &mut BitWriter<'_>, block: &[i32; COEFFICIENTS]) -> Result<(), Refusal> {
        let mut run = 0u8;
        for &coefficient in &block[1..] {
            let Some((symbol, value)) = self.nearest_ac(run, coefficient) else {
                // A block has 63 at most.
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
        if run > 0 { self.put_end(writer) } else { Ok(()) }
    }

    /// Writes that no coefficient follows: all there is of a flat block behind its DC.
    pub fn put_end(&self, writer: &mut BitWriter<'_>) -> Result<(), Refusal> {
        if !self.has(END_OF_BLOCK) {
            return Err(Refusal::NoCode);
        }
        self.put(writer, END_OF_BLOCK, (0, 0));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::luma::annex_k::{self, Declared};
    use crate::luma::bits::BitReader;

    fn table(counts: [u8; 16], symbols: &[u8]) -> CodeTable {
        CodeTable::of(&Canonical::new(&Declared { counts: &counts, symbols }).unwrap())
    }

    #[test]
    fn each_code_reads_back_as_its_symbol() {
        for declared in annex_k::AC.iter().chain(&annex_k::DC) {
            let canonical = Canonical::new(declared).unwrap();
            let codes = CodeTable::of(&canonical);
            for &symbol in declared.symbols {
                let mut out = [0; 8];
                let mut writer = BitWriter::new(&mut out);
                codes.put(&mut writer, symbol, (0b101, 3));
                writer.pad();
                let mut reader = BitReader::new(&out);
                reader.refill();
                let (length, read) = canonical.lookup(reader.peek16()).unwrap();
                assert_eq!(read, symbol);
                reader.drop_bits(length);
                assert_eq!(reader.peek16() >> 13, 0b101);
            }
        }
    }

    #[test]
    fn what_has_no_code_is_written_as_what_comes_closest() {
        // Categories 0, 2 and 5.
        let dc = table([0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 2, 5]);
        assert!(!dc.has_all_dc && CodeTable::of(&Canonical::new(&annex_k::DC[1]).unwrap()).has_all_dc);
        assert_eq!(dc.nearest_dc(0, 100, None), Some(31));
        assert_eq!(dc.nearest_dc(0, -100, Some(-3)), Some(-31));
        assert_eq!(dc.nearest_dc(0, 4, None), Some(3));
        assert_eq!(dc.nearest_dc(10, 100, Some(40)), Some(40));
        assert_eq!(dc.nearest_dc(0, 0, Some(300)), None, "no way there");
        let mut out = [0; 64];
        assert_eq!(dc.put_dc(&mut BitWriter::new(&mut out), 8), Err(Refusal::NoCode));
        // End of block, and coefficients of category 1 behind no zero and behind one.
        let ac = table([0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 0x01, 0x11]);
        assert_eq!([ac.nearest_ac(0, 9), ac.nearest_ac(1, -2)], [Some((0x01, 1)), Some((0x11, -1))]);
        assert_eq!([ac.nearest_ac(2, 9), ac.nearest_ac(17, 1), ac.nearest_ac(0, 0)], [None; 3]);
    }

    #[test]
    fn without_an_end_of_block_only_full_blocks_are_written() {
        let ac = table([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0x01]);
        let mut out = [0; 64];
        let mut writer = BitWriter::new(&mut out);
        assert_eq!(ac.put_ac(&mut writer, &[1; COEFFICIENTS]), Ok(()));
        assert_eq!(ac.put_ac(&mut writer, &[0; COEFFICIENTS]), Err(Refusal::NoCode));
        let mut block = [1; COEFFICIENTS];
        block[63] = 0;
        assert_eq!(ac.put_ac(&mut writer, &block), Err(Refusal::NoCode));
    }
}

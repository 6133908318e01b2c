//! The typical Huffman codes by symbol, and a block written with them (T.81, F.1.2 and K.3.3).
//!
//! Must not know what a block shows.
use super::bits::Bits;
use super::quantise::Levels;
use crate::luma::annex_k::Declared;

/// A run of sixteen zeros, and the end of a block.
const ZERO_RUN: usize = 0xf0;
const END_OF_BLOCK: usize = 0;

/// The codes of a table: a symbol's code in the upper 24 bits, its length below.
pub struct Codes([u32; 256]);

impl Codes {
    /// Of one of the typical tables, which has a code for all that a block of 8-bit samples needs.
    pub fn of(table: &Declared<'_>) -> Self {
        let (mut codes, mut next) = ([0; 256], 0_u32);
        let mut symbols = table.symbols.iter();
        for (length, &count) in (1_u32..).zip(table.counts) {
            next <<= 1;
            for &symbol in symbols.by_ref().take(count.into()) {
                codes[usize::from(symbol)] = next << 8 | length;
                next += 1;
            }
        }
        Self(codes)
    }

    /// A symbol, then the lowest bits of a value: itself, or one less where it is negative.
    #[inline(always)]
    fn put(&self, bits: &mut Bits<'_>, symbol: usize, value: i32, size: u32) {
        let code = self.0[symbol & 0xff];
        let extra = (value + (value >> 31)) as u32 & ((1 << size) - 1);
        bits.put((code >> 8) << size | extra, (code & 0xff) + size);
    }
}

/// Bits that a value needs.
#[inline(always)]
fn size(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// Writes a block; `last_dc` is the level of the block before, and becomes this one's.
pub fn put_block(bits: &mut Bits<'_>, levels: &Levels, last_dc: &mut i32, dc: &Codes, ac: &Codes) {
    let level = if levels.mask & 1 == 1 { i32::from(levels.values[0]) } else { 0 };
    let difference = level - core::mem::replace(last_dc, level);
    let category = size(difference);
    dc.put(bits, category as usize, difference, category);
    let (mut rest, mut before) = (levels.mask & !1, 0);
    while rest != 0 {
        let place = rest.trailing_zeros();
        rest &= rest - 1;
        let mut run = place - before - 1;
        while run > 15 {
            ac.put(bits, ZERO_RUN, 0, 0);
            run -= 16;
        }
        let value = i32::from(levels.values[place as usize & 63]);
        let category = size(value);
        ac.put(bits, (run << 4 | category) as usize, value, category);
        before = place;
    }
    if before != 63 {
        ac.put(bits, END_OF_BLOCK, 0, 0);
    }
}

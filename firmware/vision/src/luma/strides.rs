//! The lookup table for passing over AC coefficients in bulk.
//!
//! Their values are not wanted, only where the block ends. So one entry covers as many symbols as its window shows, and the
//! magnitude bits of the last one may even lie outside the window: they are only counted.
use super::ac::{COEFFICIENTS, Step};
use super::canonical::Canonical;

/// Bits of a window. Twelve show two or three symbols of a usual camera frame, and 4096 entries of two bytes stay in the L1 cache.
const WINDOW_BITS: u32 = 12;
const ENTRIES: usize = 1 << WINDOW_BITS;

/// What the symbols in one window amount to: bits to drop (5), end of block (1), coefficients passed (10). Strides that
/// follow one another are added as numbers: no sum of a window leaves its field.
#[derive(Clone, Copy)]
pub struct Stride(u16);

impl Stride {
    /// Never fits into a block, so that "no usable entry" and "too far for this block" are one test in the hot loop.
    const UNUSABLE: Self = Self::new(0, COEFFICIENTS as u32, true);
    /// Nothing more fits into the window.
    const NOTHING: Self = Self(0);

    const fn new(bits: u32, coefficients: u32, ends: bool) -> Self {
        Self((bits | (ends as u32) << 5 | coefficients << 6) as u16)
    }

    /// Bits to drop.
    #[inline(always)]
    pub const fn bits(self) -> u32 {
        self.0 as u32 & 31
    }

    /// 1 if the last symbol was an end of block.
    #[inline(always)]
    pub const fn ends(self) -> usize {
        (self.0 >> 5) as usize & 1
    }

    /// Coefficients passed, without those behind an end of block.
    #[inline(always)]
    pub const fn coefficients(self) -> usize {
        (self.0 >> 6) as usize
    }
}

/// A stride for each window.
#[derive(Clone, Copy)]
pub struct Strides([Stride; ENTRIES]);

impl Strides {
    /// Of a table without any code.
    pub const EMPTY: Self = Self([Stride::UNUSABLE; ENTRIES]);

    /// The stride of the bits at the top of `window`.
    #[inline(always)]
    pub fn at(&self, window: u64) -> Stride {
        self.0[(window >> (64 - WINDOW_BITS)) as usize]
    }

    /// Makes the table of these codes.
    ///
    /// An encoder may declare new codes in each frame, so this must cost little. What follows the first symbol of a window is a
    /// shorter window, so the tables of all shorter windows are made first, and each entry is one addition.
    pub fn build(&mut self, codes: &Canonical) {
        // The table of windows of `bits` bits lies at `1 << bits`.
        let mut shorter = [Stride::NOTHING; ENTRIES];
        for bits in 1..WINDOW_BITS {
            let (done, rest) = shorter.split_at_mut(1 << bits);
            fill(rest.get_mut(..1 << bits).unwrap_or(&mut []), bits, codes, done, Stride::NOTHING);
        }
        fill(&mut self.0, WINDOW_BITS, codes, &shorter, Stride::UNUSABLE);
    }
}

/// Fills the table of windows of `bits` bits from those of the shorter ones. `unknown` is for windows that begin with no code.
fn fill(table: &mut [Stride], bits: u32, codes: &Canonical, shorter: &[Stride], unknown: Stride) {
    let mut rest = table;
    for (length, symbol) in codes.codes().take_while(|&(length, _)| length <= bits) {
        let (windows, behind) = rest.split_at_mut(rest.len().min(1 << (bits - length)));
        rest = behind;
        let (first, left) = match Step::of(symbol) {
            None => (unknown, 0),
            Some(Step::End) => (Stride::new(length, 0, true), 0),
            Some(Step::ZeroRun) => (Stride::new(length, 16, false), bits - length),
            Some(Step::Coefficient(run, category)) => {
                (Stride::new(length + category, run + 1, false), bits.saturating_sub(length + category))
            }
        };
        match shorter.get(1 << left..2 << left) {
            Some(behind) if left > 0 => {
                for part in windows.chunks_exact_mut(behind.len()) {
                    for (stride, next) in part.iter_mut().zip(behind) {
                        *stride = Stride(first.0 + next.0);
                    }
                }
            }
            _ => windows.fill(first),
        }
    }
    rest.fill(unknown);
}

#[cfg(test)]
mod tests {
    use super::super::annex_k::{self, Declared};
    use super::*;

    /// Symbol by symbol, as long as each code lies in the window.
    fn follow(codes: &Canonical, window: u32) -> Option<(u32, usize, usize)> {
        let (mut bits, mut coefficients, mut ends) = (0, 0, 0);
        while bits < WINDOW_BITS && ends == 0 {
            let (length, symbol) = match codes.lookup(window << (16 - WINDOW_BITS) << bits & 0xFFFF) {
                Some((length, symbol)) if bits + length <= WINDOW_BITS => (length, symbol),
                _ => break,
            };
            match Step::of(symbol) {
                Some(Step::End) => (bits, ends) = (bits + length, 1),
                Some(Step::ZeroRun) => (bits, coefficients) = (bits + length, coefficients + 16),
                Some(Step::Coefficient(run, category)) => {
                    (bits, coefficients) = (bits + length + category, coefficients + run as usize + 1);
                }
                None => break,
            }
        }
        (bits > 0).then_some((bits, coefficients, ends))
    }

    #[test]
    fn each_window_amounts_to_its_symbols() {
        let short = Declared {
            counts: &[1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            symbols: &[0xF0, 0x30, 0, 1],
        };
        let mut strides = Strides::EMPTY;
        for declared in [&annex_k::AC[0], &annex_k::AC[1], &short, &annex_k::DC[0]] {
            let codes = Canonical::new(declared).unwrap();
            strides.build(&codes);
            for window in 0..ENTRIES as u32 {
                let stride = strides.at(u64::from(window) << (64 - WINDOW_BITS));
                let is = (stride.bits(), stride.coefficients(), stride.ends());
                let unusable = (0, COEFFICIENTS, 1);
                assert_eq!(is, follow(&codes, window).unwrap_or(unusable), "{window:012b}");
            }
        }
    }
}

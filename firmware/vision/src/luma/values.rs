//! The lookup table for reading AC coefficients: a whole symbol, its magnitude bits included, in one entry.
//!
//! Table only; what becomes of a coefficient is not known here.
use super::ac::Step;
use super::bits::extend;
use super::canonical::Canonical;

/// Bits of a window. Ten hold the code and the magnitude of nearly every symbol of a usual camera frame.
const WINDOW_BITS: u32 = 10;
const ENTRIES: usize = 1 << WINDOW_BITS;

/// One symbol: bits to drop (8), run of zeros (8) and the coefficient (16), in fields that take no masks to read.
///
/// The coefficient is 0 where the window does not show all of it: then the bits are those of the code alone, none if the window
/// does not even show the code, and in the place of the run stands the symbol.
#[derive(Clone, Copy)]
pub struct Value(u32);

impl Value {
    const UNKNOWN: Self = Self(0);

    const fn new(bits: u32, run: u8, value: i32) -> Self {
        Self(bits | (run as u32) << 8 | (value as u32) << 16)
    }

    /// Bits to drop; 0 = the code is not in the window.
    #[inline(always)]
    pub const fn bits(self) -> u32 {
        (self.0 as u8) as u32
    }

    /// Zeros before the coefficient, 0..=15, if there is one.
    #[inline(always)]
    pub const fn run(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The symbol, if there is no coefficient.
    #[inline(always)]
    pub const fn symbol(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The coefficient; 0 = not in the window.
    #[inline(always)]
    pub const fn value(self) -> i32 {
        self.0 as i32 >> 16
    }
}

/// A symbol for each window.
#[derive(Clone, Copy)]
pub struct Values([Value; ENTRIES]);

impl Values {
    /// Of a table without any code.
    pub const EMPTY: Self = Self([Value::UNKNOWN; ENTRIES]);

    /// The symbol of the bits at the top of `window`.
    #[inline(always)]
    pub fn at(&self, window: u64) -> Value {
        self.0[(window >> (64 - WINDOW_BITS)) as usize]
    }

    /// Makes the table of these codes.
    pub fn build(&mut self, codes: &Canonical) {
        let mut rest = &mut self.0[..];
        for (length, symbol) in codes.codes().take_while(|&(length, _)| length <= WINDOW_BITS) {
            let (windows, behind) = rest.split_at_mut(rest.len().min(1 << (WINDOW_BITS - length)));
            rest = behind;
            match Step::of(symbol) {
                Some(Step::Coefficient(run, category)) if length + category <= WINDOW_BITS => {
                    let bits = length + category;
                    for (raw, part) in (0..).zip(windows.chunks_exact_mut(1 << (WINDOW_BITS - bits))) {
                        part.fill(Value::new(bits, run as u8, extend(raw, category)));
                    }
                }
                _ => windows.fill(Value::new(length, symbol, 0)),
            }
        }
        rest.fill(Value::UNKNOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::super::annex_k;
    use super::super::bits::BitReader;
    use super::*;

    #[test]
    fn each_window_holds_its_first_symbol() {
        let mut values = Values::EMPTY;
        for declared in &annex_k::AC {
            let codes = Canonical::new(declared).unwrap();
            values.build(&codes);
            for window in 0..ENTRIES as u32 {
                let bits16 = window << (16 - WINDOW_BITS);
                let value = values.at(u64::from(bits16) << 48);
                let Some((length, symbol)) = codes.lookup(bits16).filter(|code| code.0 <= WINDOW_BITS) else {
                    assert_eq!(value.bits(), 0, "{window:010b}");
                    continue;
                };
                let category = u32::from(symbol & 15);
                let bytes = (bits16 as u16).to_be_bytes();
                let mut reader = BitReader::new(&bytes);
                reader.refill();
                reader.drop_bits(length);
                let whole = category > 0 && length + category <= WINDOW_BITS;
                assert_eq!(value.value(), if whole { reader.take_signed(category) } else { 0 });
                assert_eq!(value.bits(), if whole { length + category } else { length });
                assert_eq!(value.run(), if whole { symbol >> 4 } else { symbol }, "{window:010b}");
            }
        }
    }
}

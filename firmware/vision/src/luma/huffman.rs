//! Lookup tables for DC differences and for skipping AC coefficients in bulk.
//!
//! The values of AC coefficients are never wanted, only where the block ends. So one lookup covers as many symbols as
//! its window shows, and the magnitude bits of the last one may even lie outside the window: they are only counted.
use super::Damage;
use super::annex_k::Declared;
use super::bits::BitReader;
use super::canonical::Canonical;

const DC_WINDOW_BITS: u32 = 9;
/// Twelve bits show two or three symbols of a usual camera frame, and 4096 entries of two bytes stay in the L1 cache.
const AC_WINDOW_BITS: u32 = 12;
const AC_ENTRIES: usize = 1 << AC_WINDOW_BITS;

/// Largest magnitude category of a DC difference with 8-bit samples (ITU T.81, table F.1).
const DC_CATEGORY_MAX: u8 = 11;
/// Symbol of sixteen zero coefficients.
const ZERO_RUN: u8 = 0xF0;
/// Coefficients in a block.
const COEFFICIENTS: u32 = 64;

/// DC table: code to magnitude category.
#[derive(Clone, Copy)]
pub struct DcTable {
    canonical: Canonical,
    /// Code length * 16 + category; 0 = not in the window.
    fast: [u8; 1 << DC_WINDOW_BITS],
}

impl DcTable {
    /// A table without any code.
    pub const EMPTY: Self = Self { canonical: Canonical::EMPTY, fast: [0; 1 << DC_WINDOW_BITS] };

    /// Takes the declared codes over, unless they are in force already.
    pub fn declare(&mut self, declared: &Declared<'_>) -> Result<(), Damage> {
        if self.canonical.is(declared) {
            return Ok(());
        }
        self.canonical = Canonical::new(declared)?;
        for (window, entry) in (0u32..).zip(self.fast.iter_mut()) {
            *entry = match self.canonical.lookup(window << (16 - DC_WINDOW_BITS)) {
                Some((length, symbol)) if length <= DC_WINDOW_BITS && symbol <= DC_CATEGORY_MAX => {
                    (length as u8) << 4 | symbol
                }
                _ => 0,
            };
        }
        Ok(())
    }

    /// Reads one DC difference.
    #[inline(always)]
    pub fn read(&self, reader: &mut BitReader<'_>) -> Result<i32, Damage> {
        let category = self.category(reader)?;
        // EXTEND of ITU T.81, F.2.2.1: a leading 0 bit marks a negative difference. Two shifts, since the category may
        // be 0 and a shift by 64 is not defined.
        let raw = ((reader.peek() >> 1) >> (63 - category)) as i32;
        let negative = i32::from(reader.peek() >> 63 == 0);
        reader.drop_bits(category);
        Ok(raw - negative * ((1 << category) - 1))
    }

    /// Passes over one DC difference.
    #[inline(always)]
    pub fn skip(&self, reader: &mut BitReader<'_>) -> Result<(), Damage> {
        let category = self.category(reader)?;
        reader.drop_bits(category);
        Ok(())
    }

    #[inline(always)]
    fn category(&self, reader: &mut BitReader<'_>) -> Result<u32, Damage> {
        reader.refill();
        let entry = u32::from(self.fast[(reader.peek() >> (64 - DC_WINDOW_BITS)) as usize]);
        if entry != 0 {
            reader.drop_bits(entry >> 4);
            return Ok(entry & 15);
        }
        match self.canonical.lookup(reader.peek16()) {
            Some((length, category)) if category <= DC_CATEGORY_MAX => {
                reader.drop_bits(length);
                Ok(u32::from(category))
            }
            _ => Err(Damage::BadCode),
        }
    }
}

/// AC table: how far to go on.
#[derive(Clone, Copy)]
pub struct AcTable {
    canonical: Canonical,
    fast: [Stride; AC_ENTRIES],
}

/// What the symbols in one window amount to, in 12 bits: bits to drop (5), coefficients passed (6), end of block (1).
#[derive(Clone, Copy)]
struct Stride(u16);

impl Stride {
    /// Never fits into a block, so that "no usable entry" and "too far for this block" are one test in the hot loop.
    const UNUSABLE: Self = Self::new(0, 63, true);

    const fn new(bits: u32, coefficients: u32, ends: bool) -> Self {
        Self((bits | coefficients << 5 | (ends as u32) << 11) as u16)
    }
    const fn bits(self) -> u32 {
        self.0 as u32 & 31
    }
    const fn coefficients(self) -> u32 {
        (self.0 >> 5) as u32 & 63
    }
    const fn ends(self) -> u32 {
        (self.0 >> 11) as u32
    }
}

impl AcTable {
    /// A table without any code.
    pub const EMPTY: Self = Self { canonical: Canonical::EMPTY, fast: [Stride::UNUSABLE; AC_ENTRIES] };

    /// Takes the declared codes over, unless they are in force already.
    pub fn declare(&mut self, declared: &Declared<'_>) -> Result<(), Damage> {
        if self.canonical.is(declared) {
            return Ok(());
        }
        self.canonical = Canonical::new(declared)?;
        let first = first_codes(declared);
        for (window, entry) in self.fast.iter_mut().enumerate() {
            *entry = chain(&first, window);
        }
        Ok(())
    }

    /// Passes over the 63 AC coefficients of one block.
    #[inline(always)]
    pub fn skip_block(&self, reader: &mut BitReader<'_>) -> Result<(), Damage> {
        let mut at = 1;
        while at < COEFFICIENTS {
            reader.refill();
            let stride = self.fast[(reader.peek() >> (64 - AC_WINDOW_BITS)) as usize];
            let next = at + stride.coefficients();
            // Codes after the 64th coefficient belong to the next block; an end-of-block code is one of them.
            if next + stride.ends() <= COEFFICIENTS {
                reader.drop_bits(stride.bits());
                at = if stride.ends() != 0 { COEFFICIENTS } else { next };
            } else {
                at = self.skip_symbol(reader, at)?;
            }
        }
        Ok(())
    }

    /// Passes over one symbol; gives the next coefficient, 64 = the block is complete.
    #[inline]
    fn skip_symbol(&self, reader: &mut BitReader<'_>, at: u32) -> Result<u32, Damage> {
        let (length, symbol) = self.canonical.lookup(reader.peek16()).ok_or(Damage::BadCode)?;
        let step = Step::of(symbol).ok_or(Damage::BadCode)?;
        reader.drop_bits(length + step.magnitude_bits);
        let next = if step.ends { COEFFICIENTS } else { at + step.coefficients };
        if next > COEFFICIENTS { Err(Damage::TooManyCoefficients) } else { Ok(next) }
    }
}

/// Meaning of one AC symbol (ITU T.81, F.1.2.2).
struct Step {
    magnitude_bits: u32,
    coefficients: u32,
    ends: bool,
}

impl Step {
    fn of(symbol: u8) -> Option<Self> {
        let (run, category) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match symbol {
            0 => Some(Self { magnitude_bits: 0, coefficients: 0, ends: true }),
            // Runs without a coefficient exist only in progressive frames.
            _ if category == 0 && symbol != ZERO_RUN => None,
            _ => Some(Self { magnitude_bits: category, coefficients: run + 1, ends: false }),
        }
    }
}

/// For each window: length * 256 + symbol of the code that it begins with, 0 if that is longer. Codes follow one another
/// from 0 (ITU T.81, annex C), so each fills the windows behind those of the one before it: an encoder that makes its tables
/// anew for each frame costs a table each frame.
fn first_codes(declared: &Declared<'_>) -> [u16; AC_ENTRIES] {
    let mut first = [0u16; AC_ENTRIES];
    let mut rest = &mut first[..];
    let mut symbols = declared.symbols.iter();
    for (length, &count) in (1..=AC_WINDOW_BITS).zip(declared.counts) {
        for &symbol in symbols.by_ref().take(usize::from(count)) {
            let windows = rest.len().min(AC_ENTRIES >> length);
            let (of_code, behind) = rest.split_at_mut(windows);
            of_code.fill((length as u16) << 8 | u16::from(symbol));
            rest = behind;
        }
    }
    first
}

/// Follows the codes in a window for as long as each begins and ends inside it.
fn chain(first: &[u16; AC_ENTRIES], window: usize) -> Stride {
    let (mut bits, mut coefficients) = (0u32, 0u32);
    while bits < AC_WINDOW_BITS {
        // What is shifted in from the right is not data: a code counts only if it fits into what is left.
        let code = first[(window << bits) & (AC_ENTRIES - 1)];
        let length = u32::from(code >> 8);
        if length == 0 || bits + length > AC_WINDOW_BITS {
            break;
        }
        match Step::of(code as u8) {
            Some(step) if step.ends => return Stride::new(bits + length, coefficients, true),
            Some(step) if coefficients + step.coefficients < COEFFICIENTS => {
                bits += length + step.magnitude_bits;
                coefficients += step.coefficients;
            }
            _ => break,
        }
    }
    if coefficients == 0 { Stride::UNUSABLE } else { Stride::new(bits, coefficients, false) }
}

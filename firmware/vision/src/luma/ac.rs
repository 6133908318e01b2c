//! AC coefficients: one Huffman table, and the two ways through a block: passing over it and reading it.
//!
//! Each way has a lookup table of its own, built when it is first wanted; here is what they share, and the slow way for the
//! codes that they leave out (ITU T.81, F.2.2.2).
use super::Damage;
use super::annex_k::Declared;
use super::bits::BitReader;
use super::canonical::Canonical;
use super::inverse::{Terms, Weights};
use super::strides::Strides;
use super::values::Values;

/// Coefficients in a block.
pub const COEFFICIENTS: usize = 64;
/// Symbol of sixteen zero coefficients.
pub const ZERO_RUN: u8 = 0xF0;
/// Symbol after which a block holds only zeros.
pub const END_OF_BLOCK: u8 = 0;

/// Meaning of one AC symbol (ITU T.81, F.1.2.2).
#[derive(Clone, Copy)]
pub enum Step {
    /// The rest of the block is zero.
    End,
    /// Sixteen zeros.
    ZeroRun,
    /// So many zeros, then a coefficient of that magnitude category, which is not 0.
    Coefficient(u32, u32),
}

impl Step {
    /// None for runs without a coefficient: they exist only in progressive frames.
    #[inline(always)]
    pub const fn of(symbol: u8) -> Option<Self> {
        match symbol {
            END_OF_BLOCK => Some(Self::End),
            ZERO_RUN => Some(Self::ZeroRun),
            _ if symbol & 15 == 0 => None,
            _ => Some(Self::Coefficient((symbol >> 4) as u32, (symbol & 15) as u32)),
        }
    }
}

/// AC table: the codes in force, and what has been made of them so far.
#[derive(Clone, Copy)]
pub struct AcTable {
    canonical: Canonical,
    strides: Strides,
    values: Values,
    /// Which of the two were made of the present codes.
    strides_built: bool,
    values_built: bool,
}

impl AcTable {
    /// A table without any code.
    pub const EMPTY: Self = Self {
        canonical: Canonical::EMPTY,
        strides: Strides::EMPTY,
        values: Values::EMPTY,
        strides_built: true,
        values_built: true,
    };

    /// Takes the declared codes over, unless they are in force already.
    pub fn declare(&mut self, declared: &Declared<'_>) -> Result<(), Damage> {
        if !self.canonical.is(declared) {
            self.canonical = Canonical::new(declared)?;
            (self.strides_built, self.values_built) = (false, false);
        }
        Ok(())
    }

    /// The codes in force.
    pub fn codes(&self) -> &Canonical {
        &self.canonical
    }

    /// Makes ready to [read](Self::read_block) blocks.
    pub fn prepare_to_read(&mut self) {
        if !self.values_built {
            self.values.build(&self.canonical);
            self.values_built = true;
        }
    }

    /// Makes ready to [pass over](Self::skip_block) blocks.
    pub fn prepare_to_skip(&mut self) {
        if !self.strides_built {
            self.strides.build(&self.canonical);
            self.strides_built = true;
        }
    }

    /// Passes over the 63 AC coefficients of one block.
    #[inline(always)]
    pub fn skip_block(&self, reader: &mut BitReader<'_>) -> Result<(), Damage> {
        let mut at = 1;
        while at < COEFFICIENTS {
            reader.refill();
            let stride = self.strides.at(reader.peek());
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
    fn skip_symbol(&self, reader: &mut BitReader<'_>, at: usize) -> Result<usize, Damage> {
        let (length, symbol) = self.canonical.lookup(reader.peek16()).ok_or(Damage::BadCode)?;
        let (category, next) = match Step::of(symbol).ok_or(Damage::BadCode)? {
            Step::End => (0, COEFFICIENTS),
            Step::ZeroRun => (0, at + 16),
            Step::Coefficient(run, category) => (category, at + run as usize + 1),
        };
        reader.drop_bits(length + category);
        if next > COEFFICIENTS { Err(Damage::TooManyCoefficients) } else { Ok(next) }
    }

    /// Takes the 63 AC coefficients of one block, in zigzag order; what is zero stays as it is in `coefficients`.
    ///
    /// Symbol by symbol through the codes themselves: for the few blocks that are wanted whole.
    pub fn take_block(
        &self,
        reader: &mut BitReader<'_>,
        coefficients: &mut [i32; COEFFICIENTS],
    ) -> Result<(), Damage> {
        let mut at = 1;
        while at < COEFFICIENTS {
            reader.refill();
            let (length, symbol) = self.canonical.lookup(reader.peek16()).ok_or(Damage::BadCode)?;
            reader.drop_bits(length);
            match Step::of(symbol).ok_or(Damage::BadCode)? {
                Step::End => return Ok(()),
                Step::ZeroRun => at += 16,
                Step::Coefficient(run, category) => {
                    at += run as usize;
                    *coefficients.get_mut(at).ok_or(Damage::TooManyCoefficients)? =
                        reader.take_signed(category);
                    at += 1;
                }
            }
        }
        if at > COEFFICIENTS { Err(Damage::TooManyCoefficients) } else { Ok(()) }
    }

    /// Reads the 63 AC coefficients of one block of a tile and adds each to the term that it belongs to.
    #[inline(always)]
    pub fn read_block(
        &self,
        reader: &mut BitReader<'_>,
        weights: &Weights,
        terms: &mut Terms,
        block: usize,
    ) -> Result<(), Damage> {
        let mut at = 1;
        while at < COEFFICIENTS {
            reader.refill();
            let entry = self.values.at(reader.peek());
            let (mut run, mut value) = (entry.run(), entry.value());
            if value != 0 {
                reader.drop_bits(entry.bits());
            } else {
                let (length, symbol) = match entry.bits() {
                    0 => self.canonical.lookup(reader.peek16()).ok_or(Damage::BadCode)?,
                    length => (length, entry.symbol()),
                };
                reader.drop_bits(length);
                if symbol == END_OF_BLOCK {
                    return Ok(());
                }
                let category = u32::from(symbol & 15);
                if category == 0 && symbol != ZERO_RUN {
                    return Err(Damage::BadCode);
                }
                // Sixteen zeros are fifteen and a coefficient of 0.
                (run, value) = (symbol >> 4, reader.take_signed(category));
            }
            at += usize::from(run);
            weights.add(terms, block, at, value);
            at += 1;
        }
        if at > COEFFICIENTS { Err(Damage::TooManyCoefficients) } else { Ok(()) }
    }
}

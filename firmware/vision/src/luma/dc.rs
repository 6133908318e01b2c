//! DC differences: the Huffman table of their magnitude categories, and how one is read (ITU T.81, F.2.2.1).
//!
//! Must not know what a difference is added to.
use super::Damage;
use super::annex_k::Declared;
use super::bits::BitReader;
use super::canonical::Canonical;

/// Codes longer than this are looked up by their length: none of a usual camera frame.
const WINDOW_BITS: u32 = 9;
/// Largest magnitude category of a DC difference with 8-bit samples (ITU T.81, table F.1).
pub const CATEGORY_MAX: u8 = 11;

/// DC table: code to magnitude category.
#[derive(Clone, Copy)]
pub struct DcTable {
    canonical: Canonical,
    /// Code length * 16 + category; 0 = not in the window.
    fast: [u8; 1 << WINDOW_BITS],
}

impl DcTable {
    /// A table without any code.
    pub const EMPTY: Self = Self { canonical: Canonical::EMPTY, fast: [0; 1 << WINDOW_BITS] };

    /// Takes the declared codes over, unless they are in force already.
    pub fn declare(&mut self, declared: &Declared<'_>) -> Result<(), Damage> {
        if self.canonical.is(declared) {
            return Ok(());
        }
        self.canonical = Canonical::new(declared)?;
        let mut rest = &mut self.fast[..];
        for (length, symbol) in self.canonical.codes().take_while(|&(length, _)| length <= WINDOW_BITS) {
            let windows = rest.len().min(1 << (WINDOW_BITS - length));
            let (of_code, behind) = rest.split_at_mut(windows);
            of_code.fill(if symbol <= CATEGORY_MAX { (length as u8) << 4 | symbol } else { 0 });
            rest = behind;
        }
        rest.fill(0);
        Ok(())
    }

    /// The codes in force.
    pub fn codes(&self) -> &Canonical {
        &self.canonical
    }

    /// Reads one DC difference.
    #[inline(always)]
    pub fn read(&self, reader: &mut BitReader<'_>) -> Result<i32, Damage> {
        let category = self.category(reader)?;
        Ok(reader.take_signed(category))
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
        let entry = u32::from(self.fast[(reader.peek() >> (64 - WINDOW_BITS)) as usize]);
        if entry != 0 {
            reader.drop_bits(entry >> 4);
            return Ok(entry & 15);
        }
        match self.canonical.lookup(reader.peek16()) {
            Some((length, category)) if category <= CATEGORY_MAX => {
                reader.drop_bits(length);
                Ok(u32::from(category))
            }
            _ => Err(Damage::BadCode),
        }
    }
}

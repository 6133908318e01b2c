//! A Huffman table in canonical form: any code by length, for the rare long ones.
//!
//! The slow half of a table and the judge of its validity; the lookup tables are built from it (ITU T.81, annex C
//! and F.2.2.3).
use super::Damage;
use super::annex_k::Declared;

/// Longest code in JPEG, in bits.
pub const CODE_BITS_MAX: usize = 16;

/// Code lengths, symbols and where each length begins and ends.
#[derive(Clone, Copy)]
pub struct Canonical {
    counts: [u8; CODE_BITS_MAX],
    symbols: [u8; 256],
    /// For each length: one past its last code, left-aligned to 16 bits; grows with the length.
    limit: [u32; CODE_BITS_MAX],
    /// For each length: index of its first symbol minus its first code, modulo 2^16.
    base: [u16; CODE_BITS_MAX],
}

impl Canonical {
    /// A table without any code.
    pub const EMPTY: Self = Self {
        counts: [0; CODE_BITS_MAX],
        symbols: [0; 256],
        limit: [0; CODE_BITS_MAX],
        base: [0; CODE_BITS_MAX],
    };

    /// Builds the table; refuses more symbols than bytes have values and more codes than a length has room for.
    pub fn new(declared: &Declared<'_>) -> Result<Self, Damage> {
        let mut table = Self { counts: *declared.counts, ..Self::EMPTY };
        let total = declared.counts.iter().map(|&n| usize::from(n)).sum::<usize>();
        if total != declared.symbols.len() {
            return Err(Damage::BadHuffmanTable);
        }
        table.symbols.get_mut(..total).ok_or(Damage::BadHuffmanTable)?.copy_from_slice(declared.symbols);
        let (mut code, mut index) = (0u32, 0u32);
        for (at, &count) in declared.counts.iter().enumerate() {
            let length = at + 1;
            table.base[at] = index.wrapping_sub(code) as u16;
            code += u32::from(count);
            index += u32::from(count);
            if code > 1 << length {
                return Err(Damage::BadHuffmanTable);
            }
            table.limit[at] = code << (CODE_BITS_MAX - length);
            code <<= 1;
        }
        Ok(table)
    }

    /// This table was built from exactly that declaration.
    pub fn is(&self, declared: &Declared<'_>) -> bool {
        self.counts == *declared.counts
            && self.symbols.get(..declared.symbols.len()) == Some(declared.symbols)
    }

    /// Length and symbol of each code, in increasing order: each begins where the one before it ends (annex C), so lookup
    /// tables are filled from the first window on without looking for a code.
    pub fn codes(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let lengths = (1u32..).zip(self.counts).flat_map(|(length, count)| (0..count).map(move |_| length));
        lengths.zip(self.symbols)
    }

    /// Length (1..=16) and symbol of the code at the top of `bits16`; none if no code begins so.
    // Out of the way: inlined into the hot loops it costs them registers.
    #[cold]
    #[inline(never)]
    pub fn lookup(&self, bits16: u32) -> Option<(u32, u8)> {
        let at = self.limit.iter().position(|&limit| bits16 < limit)?;
        let code = (bits16 >> (CODE_BITS_MAX - 1 - at)) as u16;
        let symbol = self.symbols.get(usize::from(code.wrapping_add(self.base[at])))?;
        Some((at as u32 + 1, *symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::super::annex_k;
    use super::*;

    #[test]
    fn knows_codes_of_annex_k() {
        let ac = Canonical::new(&annex_k::AC[0]).unwrap();
        assert_eq!(ac.lookup(0b1010 << 12), Some((4, 0x00)), "end of block");
        assert_eq!(ac.lookup(0b111_1111_1001 << 5), Some((11, 0xF0)), "zero run");
        assert_eq!(ac.lookup(0xFFFE), Some((16, 0xFA)));
        assert_eq!(ac.lookup(0xFFFF), None, "the code of ones is never given");
    }

    #[test]
    fn refuses_impossible_tables() {
        let refused = |counts: [u8; 16], symbols: &[u8]| {
            Canonical::new(&Declared { counts: &counts, symbols }).err() == Some(Damage::BadHuffmanTable)
        };
        let mut counts = [0; 16];
        assert!(refused(counts, &[1]), "a symbol without a code");
        counts[0] = 3;
        assert!(refused(counts, &[1, 2, 3]), "three codes of one bit");
        counts = [0; 16];
        counts[15] = 255;
        counts[14] = 2;
        assert!(refused(counts, &[0; 257]), "more symbols than a byte has values");
    }
}

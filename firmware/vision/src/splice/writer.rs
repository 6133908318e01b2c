//! Writes bits of entropy-coded data, a zero stuffed behind each 0xFF, and copies bits from other such data.
//!
//! Stuffing is ITU T.81, F.1.2.3. Copying is most of a splice's work, so it goes by words of 64 bits where no 0xFF is near. Must not know what the bits mean.
use crate::luma::bits::{BitPosition, has_ff};

/// The output and the bits that do not fill a byte yet.
pub struct BitWriter<'a> {
    out: &'a mut [u8],
    at: usize,
    /// The highest `count` bits are waiting; all others are 0.
    pending: u64,
    /// 0..=7.
    count: u32,
    /// Something did not fit: nothing is written any more.
    full: bool,
}

impl<'a> BitWriter<'a> {
    /// Begins at the start of `out`.
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, at: 0, pending: 0, count: 0, full: false }
    }

    /// Bytes written, none if something did not fit.
    pub fn length(&self) -> Option<usize> {
        (!self.full).then_some(self.at)
    }

    /// Writes the lowest `count` (0..=32) bits of `bits`; those above are 0.
    pub fn put(&mut self, bits: u32, count: u32) {
        // Two shifts, since nothing may be put and a shift by 64 is not defined.
        self.pending |= u64::from(bits) << (63 - self.count - count) << 1;
        self.count += count;
        let bytes = self.count / 8;
        self.put_bytes(self.pending, bytes as usize);
        self.pending <<= 8 * bytes;
        self.count %= 8;
    }

    /// Fills up the last byte with ones (F.1.2.3).
    pub fn pad(&mut self) {
        let missing = (8 - self.count) % 8;
        self.put((1 << missing) - 1, missing);
    }

    /// Copies bytes as they are, stuffing and markers included; no bit is waiting.
    pub fn copy_bytes(&mut self, bytes: &[u8]) {
        debug_assert!(self.count == 0, "between two bytes");
        self.store(bytes);
    }

    /// Copies the bits of `data` between two positions, in which no marker stands unless the bits keep their places in their bytes.
    pub fn copy_bits(&mut self, data: &[u8], from: BitPosition, to: BitPosition) {
        if from.byte >= to.byte {
            let bits = to.bit.saturating_sub(from.bit);
            self.put_part(data, to.byte, from.bit, bits);
            return;
        }
        let in_place = from.bit == self.count;
        let mut at = from.byte;
        if from.bit > 0 {
            self.put_part(data, at, from.bit, 8 - from.bit);
            at = behind(data, at);
        }
        if in_place {
            self.store(data.get(at..to.byte).unwrap_or(&[]));
        } else {
            self.copy_shifted(data.get(..to.byte).unwrap_or(&[]), at);
        }
        self.put_part(data, to.byte, 0, to.bit);
    }

    /// Copies whole bytes of `data` from `at` to its end to between two bytes: 1..=7 bits are waiting, before and after.
    fn copy_shifted(&mut self, data: &[u8], mut at: usize) {
        let (mut pending, count) = (self.pending, self.count);
        while let Some(&bytes) = data.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_be_bytes(bytes);
            let whole = pending | word >> count;
            let mut taken = 8;
            if has_ff(word) {
                // Up to the 0xFF, and over what is stuffed behind it.
                let before = first_ff(word);
                taken = before + 1;
                pending = word << (8 * before) << (8 - count) & !(u64::MAX >> count);
                at = behind(data, at + before);
            } else {
                pending = word << (63 - count) << 1;
                at += 8;
            }
            if has_ff(whole) {
                self.put_bytes(whole, taken);
            } else {
                self.store_word(whole, taken);
            }
        }
        self.pending = pending;
        while let Some(&byte) = data.get(at) {
            self.put(byte.into(), 8);
            at = behind(data, at);
        }
    }

    /// Writes the highest `count` (0..=8) bytes of a word.
    fn put_bytes(&mut self, mut word: u64, mut count: usize) {
        while count > 0 {
            let ff = first_ff(word);
            if ff >= count {
                self.store_word(word, count);
                return;
            }
            self.store_word(word, ff + 1);
            self.store(&[0]);
            word = word << (8 * ff) << 8;
            count -= ff + 1;
        }
    }

    /// Stores the highest `count` (0..=8) bytes of a word as they are; what is behind them in the output may change, too.
    #[inline(always)]
    fn store_word(&mut self, word: u64, count: usize) {
        let bytes = word.to_be_bytes();
        match self.out.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<8>()) {
            Some(place) => {
                *place = bytes;
                self.at += count;
            }
            None => self.store(bytes.get(..count).unwrap_or(&[])),
        }
    }

    /// Writes `count` (0..=8) bits of one byte, from its bit `from` on.
    fn put_part(&mut self, data: &[u8], byte: usize, from: u32, count: u32) {
        let byte = u32::from(data.get(byte).copied().unwrap_or(0));
        self.put(byte << from >> (8 - count) & ((1 << count) - 1), count);
    }

    fn store(&mut self, bytes: &[u8]) {
        match self.out.get_mut(self.at..).and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.at += bytes.len();
            }
            // No room for what may still come, however short.
            None => (self.full, self.out) = (true, &mut []),
        }
    }
}

/// The byte of data behind the one at `at`: a stuffed zero is none.
fn behind(data: &[u8], at: usize) -> usize {
    at + 1 + usize::from(data.get(at..).is_some_and(|rest| rest.starts_with(&[0xFF, 0])))
}

/// How many bytes of a word, from the highest on, stand before the first 0xFF; 8 if there is none.
fn first_ff(word: u64) -> usize {
    const LOWS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // The highest bit of each byte whose complement is 0, and no other ("determine which byte is zero").
    let zero = !word;
    let found = !(((zero & LOWS) + LOWS) | zero | LOWS);
    (found.leading_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;
    use std::vec::Vec;

    struct Noise(u32);

    impl Noise {
        /// 0..n.
        fn below(&mut self, n: u32) -> u32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) % n
        }
        /// Bits with many ones in a row, so that many bytes are 0xFF.
        fn bits(&mut self, count: usize) -> Vec<bool> {
            let mut bit = false;
            let next = |_| {
                bit ^= self.below(if bit { 12 } else { 3 }) == 0;
                bit
            };
            (0..count).map(next).collect()
        }
    }

    /// Data of these bits, padded with ones.
    fn data(bits: &[bool]) -> Vec<u8> {
        let mut data = Vec::new();
        for byte in bits.chunks(8) {
            let byte = (0..8).fold(0, |all, at| all << 1 | u8::from(byte.get(at) != Some(&false)));
            data.push(byte);
            if byte == 0xFF {
                data.push(0);
            }
        }
        data
    }

    fn position(data: &[u8], bit: usize) -> BitPosition {
        let mut byte = 0;
        (0..bit / 8).for_each(|_| byte = behind(data, byte));
        BitPosition { byte, bit: bit as u32 % 8 }
    }

    #[test]
    fn copied_bits_are_the_same_from_everywhere_to_everywhere() {
        let mut noise = Noise(3);
        for round in 0..4000 {
            let bits = noise.bits(700);
            let (ahead, from) = (noise.below(60) as usize, noise.below(100) as usize);
            let to = from + noise.below(600) as usize;
            let source = data(&bits);
            let mut out = vec![0x33; 400];
            let mut writer = BitWriter::new(&mut out);
            let first = noise.bits(ahead);
            for &bit in &first {
                writer.put(bit.into(), 1);
            }
            writer.copy_bits(&source, position(&source, from), position(&source, to));
            writer.put(0b101, 3);
            writer.pad();
            let length = writer.length().unwrap();
            let expected = [&first, &bits[from..to], &[true, false, true]].concat();
            assert_eq!(out[..length], data(&expected), "round {round}: {ahead}, {from}..{to}");
            // The same with just enough room, and with a byte less.
            for (room, fits) in [(length, true), (length - 1, false)] {
                let mut exact = vec![0x33; length];
                let mut writer = BitWriter::new(&mut exact[..room]);
                first.iter().for_each(|&bit| writer.put(bit.into(), 1));
                writer.copy_bits(&source, position(&source, from), position(&source, to));
                writer.put(0b101, 3);
                writer.pad();
                assert_eq!(writer.length(), fits.then_some(length), "round {round}");
                assert!(!fits || exact == out[..length]);
            }
        }
    }

    #[test]
    fn the_first_ff_is_found_among_others() {
        assert_eq!(first_ff(0), 8);
        assert_eq!(first_ff(0xFEFE_FEFE_7FFF_FFFF), 5);
        assert_eq!(first_ff(u64::MAX), 0);
        assert_eq!(first_ff(0x00FF_FF00_0100_80FE), 1);
        assert_eq!(first_ff(0xFF), 7);
    }
}

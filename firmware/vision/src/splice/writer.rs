//! Writes bits of entropy-coded data, stuffing a zero byte behind each 0xFF (ITU T.81, F.1.2.3), and copies bits from other such data.
//!
//! Copying is nearly all of a splice's work, so it goes by words of 64 bits where no 0xFF is near. Must not know what the bits mean.
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
        while self.count >= 8 {
            self.put_byte((self.pending >> 56) as u8);
            self.pending <<= 8;
            self.count -= 8;
        }
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

    /// Copies whole bytes of `data` from `at` to its end to between two bytes.
    fn copy_shifted(&mut self, data: &[u8], mut at: usize) {
        while let Some(&bytes) = data.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_be_bytes(bytes);
            if has_ff(word) {
                // Up to the 0xFF and what is stuffed behind it.
                let count = word.to_be_bytes().iter().take_while(|&&byte| byte != 0xFF).count();
                for &byte in &bytes[..count] {
                    self.put(byte.into(), 8);
                }
                self.put(0xFF, 8);
                at = behind(data, at + count);
                continue;
            }
            let whole = self.pending | word >> self.count;
            match self.out.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<8>()) {
                Some(place) if !self.full && !has_ff(whole) => {
                    *place = whole.to_be_bytes();
                    self.at += 8;
                }
                _ => whole.to_be_bytes().into_iter().for_each(|byte| self.put_byte(byte)),
            }
            self.pending = word << (63 - self.count) << 1;
            at += 8;
        }
        while let Some(&byte) = data.get(at) {
            self.put(byte.into(), 8);
            at = behind(data, at);
        }
    }

    /// Writes `count` (0..=8) bits of one byte, from its bit `from` on.
    fn put_part(&mut self, data: &[u8], byte: usize, from: u32, count: u32) {
        let byte = u32::from(data.get(byte).copied().unwrap_or(0));
        self.put(byte << from >> (8 - count) & ((1 << count) - 1), count);
    }

    fn put_byte(&mut self, byte: u8) {
        self.store(if byte == 0xFF { &[0xFF, 0] } else { core::slice::from_ref(&byte) });
    }

    fn store(&mut self, bytes: &[u8]) {
        match self.out.get_mut(self.at..).and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(place) if !self.full => {
                place.copy_from_slice(bytes);
                self.at += bytes.len();
            }
            _ => self.full = true,
        }
    }
}

/// The byte of data behind the one at `at`: a stuffed zero is none.
fn behind(data: &[u8], at: usize) -> usize {
    at + 1 + usize::from(data.get(at..).is_some_and(|rest| rest.starts_with(&[0xFF, 0])))
}

//! Reads bits of entropy-coded data, removing the stuffed zero bytes on the way.
//!
//! Stops at the first marker and hands out zeros from there on; [`BitReader::overrun`] tells that some were used. So
//! the hot loop has no end-of-data branch. Must not know what the bits mean.

/// Bits that are certain to be available after [`BitReader::refill`]: a code (16) and its magnitude (15).
pub const REFILL_BITS: u32 = 32;

/// A place between two bits of entropy-coded data. Between two bytes it is the one in front of the later byte, behind whatever was stuffed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BitPosition {
    /// Bytes before it, stuffed ones counted.
    pub byte: usize,
    /// Bits of that byte before it, 0..=7.
    pub bit: u32,
}

/// A window of 64 bits that slides over the data.
#[derive(Clone, Copy)]
pub struct BitReader<'a> {
    /// The data from the next byte to load on.
    rest: &'a [u8],
    /// Length of all the data.
    length: usize,
    /// The window; the next bit to read is the highest. Below the `bits` valid ones stands a part of the next byte or
    /// zeros, so that loading a byte again by OR changes nothing.
    window: u64,
    bits: u32,
    /// Zero bits that were appended after the end of the data, used or not.
    padding: u32,
}

impl<'a> BitReader<'a> {
    /// Starts at the first byte of `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data, length: data.len(), window: 0, bits: 0, padding: 0 }
    }

    /// Starts `bit` (0..=7) bits into `data`.
    pub fn within(data: &'a [u8], bit: u32) -> Self {
        let mut reader = Self::new(data);
        reader.refill();
        reader.drop_bits(bit);
        reader
    }

    /// Where the next bit to read stands in `data`, which is what the reader began with.
    // What the window holds is counted back byte by byte: the hot loop, which never asks, keeps no count.
    pub fn position(&self, data: &[u8]) -> BitPosition {
        let unread = self.bits.saturating_sub(self.padding);
        let mut byte = self.length - self.rest.len();
        for _ in 0..unread.div_ceil(8) {
            let stuffed = data.get(..byte).is_some_and(|before| before.ends_with(&[0xFF, 0]));
            byte = byte.saturating_sub(1 + usize::from(stuffed));
        }
        BitPosition { byte, bit: (8 - unread % 8) % 8 }
    }

    /// Makes at least [`REFILL_BITS`] bits available.
    #[inline(always)]
    pub fn refill(&mut self) {
        if self.bits >= REFILL_BITS {
            return;
        }
        if let Some(&bytes) = self.rest.first_chunk::<8>() {
            let next = u64::from_be_bytes(bytes);
            if !has_ff(next) {
                self.window |= next >> self.bits;
                self.rest = self.rest.get(((63 - self.bits) / 8) as usize..).unwrap_or(&[]);
                self.bits |= 56;
                return;
            }
        }
        *self = self.refilled_by_bytes();
    }

    /// The highest 16 bits of the window.
    #[inline(always)]
    pub fn peek16(&self) -> u32 {
        (self.window >> 48) as u32
    }

    /// The whole window.
    #[inline(always)]
    pub fn peek(&self) -> u64 {
        self.window
    }

    /// Drops `count` bits, at most what [`Self::refill`] promised.
    #[inline(always)]
    pub fn drop_bits(&mut self, count: u32) {
        self.window <<= count;
        self.bits = self.bits.wrapping_sub(count);
    }

    /// Takes `category` bits (0..=15) as a signed number: EXTEND of ITU T.81, F.2.2.1.
    #[inline(always)]
    pub fn take_signed(&mut self, category: u32) -> i32 {
        // Two shifts, since the category may be 0 and a shift by 64 is not defined.
        let raw = ((self.window >> 1) >> (63 - category)) as i32;
        // A leading 0 bit marks a negative number.
        let negative = i32::from(self.window >> 63 == 0);
        self.drop_bits(category);
        raw - negative * ((1 << category) - 1)
    }

    /// More bits were dropped than the data has.
    #[inline(always)]
    pub fn overrun(&self) -> bool {
        self.padding > self.bits
    }

    /// Whole bytes of data that were not used, up to the next marker; at most `limit` + 1 are counted.
    pub fn unused_bytes(&self, limit: usize) -> usize {
        let mut unused = (self.bits.saturating_sub(self.padding) / 8) as usize;
        let mut rest = self.rest;
        while unused <= limit {
            match first_byte(rest) {
                Some((_, behind)) => (unused, rest) = (unused + 1, behind),
                None => break,
            }
        }
        unused
    }

    /// Bytes from the start of the data to the next marker (or the end), passing over at most `limit` unused ones.
    pub fn marker_offset(&self, limit: usize) -> usize {
        let mut rest = self.rest;
        for _ in 0..=limit {
            match first_byte(rest) {
                Some((_, behind)) => rest = behind,
                None => break,
            }
        }
        self.length - rest.len()
    }

    // Taken and given by value: a reader whose address escapes here could not stay in registers in the hot loop.
    #[cold]
    #[inline(never)]
    fn refilled_by_bytes(mut self) -> Self {
        while self.bits <= 56 {
            if let Some((byte, behind)) = first_byte(self.rest) {
                self.window |= u64::from(byte) << (56 - self.bits);
                self.bits += 8;
                self.rest = behind;
            } else {
                self.padding += 64 - self.bits;
                self.bits = 64;
            }
        }
        self
    }
}

/// The first byte of `rest`, unstuffed, and what is behind it; none at a marker or at the end.
fn first_byte(rest: &[u8]) -> Option<(u8, &[u8])> {
    match rest {
        [0xFF, 0, behind @ ..] => Some((0xFF, behind)),
        [0xFF, ..] | [] => None,
        [byte, behind @ ..] => Some((*byte, behind)),
    }
}

/// The number that `category` bits (1..=15) stand for: EXTEND of ITU T.81, F.2.2.1.
pub const fn extend(raw: i32, category: u32) -> i32 {
    if raw >> (category - 1) == 0 { raw - (1 << category) + 1 } else { raw }
}

/// Some byte of `word` is 0xFF ("determine if a word has a zero byte", applied to the complement).
#[inline(always)]
pub const fn has_ff(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    (!word).wrapping_sub(ONES) & word & HIGHS != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take8(reader: &mut BitReader<'_>) -> u8 {
        reader.refill();
        let byte = (reader.peek16() >> 8) as u8;
        reader.drop_bits(8);
        byte
    }

    #[test]
    fn unstuffs_and_stops_at_the_marker() {
        let data = [1, 0xFF, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFF, 0, 11, 0xFF, 0xD9, 12];
        let mut reader = BitReader::new(&data);
        for expected in [1, 0xFF, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xFF, 11] {
            assert_eq!(take8(&mut reader), expected);
            assert!(!reader.overrun());
        }
        assert_eq!(reader.unused_bytes(16), 0);
        assert_eq!(reader.marker_offset(16), 15);
        assert_eq!(take8(&mut reader), 0);
        assert!(reader.overrun());
    }

    #[test]
    fn a_position_is_where_reading_can_go_on() {
        let data = [1, 0xFF, 0, 2, 0xFF, 0, 0xFF, 0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFF, 0, 0xFF, 0xD9];
        let bits = 8 * 16;
        for before in 0..=bits {
            let mut reader = BitReader::new(&data);
            for _ in 0..before {
                reader.refill();
                reader.drop_bits(1);
            }
            let position = reader.position(&data);
            let mut again = BitReader::within(&data[position.byte..], position.bit);
            for _ in before..bits {
                reader.refill();
                again.refill();
                assert_eq!(reader.peek16() >> 15, again.peek16() >> 15);
                reader.drop_bits(1);
                again.drop_bits(1);
            }
            assert_eq!(reader.position(&data), BitPosition { byte: 19, bit: 0 });
        }
    }

    #[test]
    fn counts_what_was_left_over() {
        let reader = BitReader::new(&[1, 2, 3, 0xFF, 0, 0xFF, 0xD0]);
        assert_eq!((reader.unused_bytes(16), reader.marker_offset(16)), (4, 5));
        assert_eq!(reader.unused_bytes(2), 3);
    }

    #[test]
    fn has_ff_sees_every_position_and_nothing_else() {
        for shift in (0..64).step_by(8) {
            assert!(has_ff(0xFFu64 << shift));
            assert!(!has_ff(!(1u64 << shift) & 0xFE7F_FE7F_FE7F_FE7F));
        }
    }
}

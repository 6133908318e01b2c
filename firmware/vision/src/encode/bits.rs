//! Bits into a buffer, with a zero byte after each byte of ones (T.81, B.1.1.5).
//!
//! Must not know what the bits mean.

/// Writes to a buffer until it is full; what comes then is dropped, and the length says so.
pub struct Bits<'a> {
    out: &'a mut [u8],
    length: usize,
    /// The last `held` bits that are not in the buffer yet.
    bits: u64,
    held: u32,
}

impl<'a> Bits<'a> {
    /// Behind the first `length` bytes.
    pub fn new(out: &'a mut [u8], length: usize) -> Self {
        Self { out, length, bits: 0, held: 0 }
    }

    /// The lowest `count` bits of `bits`, up to 32; the others are zero.
    #[inline(always)]
    pub fn put(&mut self, bits: u32, count: u32) {
        self.bits = self.bits << count | u64::from(bits);
        self.held += count;
        if self.held >= 32 {
            self.held -= 32;
            self.word((self.bits >> self.held) as u32);
        }
    }

    /// Four bytes. Whether one of them is all ones is seen at once (Warren, "Hacker's Delight", 6-1).
    #[inline(always)]
    fn word(&mut self, word: u32) {
        let inverted = !word;
        let has_ones = inverted.wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0;
        match self.out.get_mut(self.length..self.length.saturating_add(4)) {
            Some(place) if !has_ones => {
                place.copy_from_slice(&word.to_be_bytes());
                self.length += 4;
            }
            _ => word.to_be_bytes().into_iter().for_each(|byte| self.byte(byte)),
        }
    }

    fn byte(&mut self, byte: u8) {
        self.raw(byte);
        if byte == 0xff {
            self.raw(0);
        }
    }

    fn raw(&mut self, byte: u8) {
        if let Some(place) = self.out.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// Fills up with ones, and ends the picture. Gives its length; `None`: it was too long.
    pub fn finish(mut self) -> Option<usize> {
        let missing = (8 - self.held % 8) % 8;
        self.put((1 << missing) - 1, missing);
        for at in (0..self.held / 8).rev() {
            self.byte((self.bits >> (8 * at)) as u8);
        }
        [0xff, 0xd9].into_iter().for_each(|byte| self.raw(byte));
        (self.length <= self.out.len()).then_some(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    fn written(all: &[(u32, u32)], room: usize) -> Option<([u8; 32], usize)> {
        let mut out = [0xaa; 32];
        let mut bits = Bits::new(&mut out[..room], 0);
        all.iter().for_each(|&(value, count)| bits.put(value, count));
        let length = bits.finish()?;
        Some((out, length))
    }

    #[test]
    fn bits_come_in_order_ones_are_stuffed_and_the_end_is_marked() {
        let (out, length) = written(&[(0b101, 3), (0b1, 1), (0x0ff, 12)], 32).expect("room");
        assert_eq!(out[..length], [0xb0, 0xff, 0, 0xff, 0xd9]);
        let (out, length) = written(&[(0x1234_5678, 32), (0xffff_fff0, 32), (0, 1)], 32).expect("room");
        assert_eq!(
            out[..length],
            [0x12, 0x34, 0x56, 0x78, 0xff, 0, 0xff, 0, 0xff, 0, 0xf0, 0x7f, 0xff, 0xd9]
        );
        let (out, length) = written(&[], 32).expect("room");
        assert_eq!(out[..length], [0xff, 0xd9]);
    }

    #[test]
    fn what_has_no_room_is_told() {
        let all = [(0x1234_5678, 32), (0xffff_fff0, 32), (0, 1)];
        assert_eq!(written(&all, 14).map(|(_, length)| length), Some(14));
        (0..14).for_each(|room| assert!(written(&all, room).is_none(), "{room}"));
    }
}

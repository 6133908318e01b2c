//! Where the bytes come from, and numbers out of them. Must not know what they mean.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// Something that can be read anywhere: a file, a device, a part of one.
pub trait Bytes {
    /// Fills the buffer from the byte `offset` on.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::UnexpectedEof`] when it ends before.
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

impl Bytes for File {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        // Not the calls of one system: a file can be read like this everywhere.
        self.seek(SeekFrom::Start(offset))?;
        self.read_exact(into)
    }
}

impl<B: Bytes + ?Sized> Bytes for Box<B> {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, into)
    }
}

/// The bytes at a place; zeros where there are none, so that what is too short fails at its checksum.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>());
    found.copied().unwrap_or([0; N])
}

pub(super) fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

pub(super) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(array(bytes, at))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(array(bytes, at))
}

/// Two halves of a number.
pub(super) fn wide(high: impl Into<u64>, low: u32) -> u64 {
    high.into() << 32 | u64::from(low)
}

/// CRC-32C as ext4 uses it: started with ones or an earlier sum, not inverted at the end.
pub(super) fn sum(seed: u32, bytes: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, bytes)
}

/// As [`sum`], with some of the bytes (`at..at + length`) taken for zeros: where the checksum itself lies.
pub(super) fn sum_without(seed: u32, bytes: &[u8], at: usize, length: usize) -> u32 {
    let before = sum(seed, bytes.get(..at).unwrap_or_default());
    let without = sum(before, [0; 4].get(..length).unwrap_or_default());
    sum(without, bytes.get(at + length..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{sum, sum_without};

    #[test]
    fn the_sum_is_castagnolis() {
        // RFC 3720, B.4; the standard inverts at the end.
        assert_eq!(!sum(u32::MAX, &[0; 32]), 0x8a91_36aa);
        assert_eq!(sum_without(u32::MAX, b"1234xx789", 4, 2), sum(u32::MAX, b"1234\0\x00789"));
    }
}

//! Samples of a row of a mosaic, however they are packed, as numbers of 12 bits. Must not know colours.
//!
//! Layouts as the kernel's V4L2 documentation defines them ("Raw Bayer Formats"). Eight and ten bits are moved up, so that white is nearly the
//! same number in all of them.

/// White, and the most that a sample can be.
pub const SAMPLE_MAX: u16 = 4095;

/// How samples lie in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// A byte a sample.
    Bytes,
    /// 10 bits in a little-endian word.
    Words10,
    /// 12 bits in a little-endian word.
    Words12,
    /// MIPI CSI-2: the high bytes of four samples, then a byte with the low bits of all.
    Csi2Of10,
    /// MIPI CSI-2: the high bytes of two samples, then a byte with the low bits of both.
    Csi2Of12,
}

impl Packing {
    /// Fills `out` with the samples of `line`, from the first on. What the line lacks keeps its value.
    pub(crate) fn read(self, line: &[u8], out: &mut [u16]) {
        match self {
            Self::Bytes => out.iter_mut().zip(line).for_each(|(out, byte)| *out = u16::from(*byte) << 4),
            Self::Words10 => words(line, out, |word| (word & 0x3FF) << 2),
            Self::Words12 => words(line, out, |word| word & 0xFFF),
            Self::Csi2Of10 => {
                for (out, group) in out.chunks_mut(4).zip(line.as_chunks::<5>().0) {
                    let low = u16::from(group[4]);
                    for ((out, high), shift) in out.iter_mut().zip(group).zip([0, 2, 4, 6]) {
                        *out = u16::from(*high) << 4 | (low >> shift & 3) << 2;
                    }
                }
            }
            Self::Csi2Of12 => {
                for (out, group) in out.chunks_mut(2).zip(line.as_chunks::<3>().0) {
                    let low = u16::from(group[2]);
                    for ((out, high), shift) in out.iter_mut().zip(group).zip([0, 4]) {
                        *out = u16::from(*high) << 4 | (low >> shift & 0xF);
                    }
                }
            }
        }
    }

    /// The sample in column `x`, or black where the line ends.
    pub(crate) fn sample(self, line: &[u8], x: usize) -> u16 {
        let byte = |at: usize| u16::from(line.get(at).copied().unwrap_or(0));
        match self {
            Self::Bytes => byte(x) << 4,
            Self::Words10 => ((byte(2 * x) | byte(2 * x + 1) << 8) & 0x3FF) << 2,
            Self::Words12 => (byte(2 * x) | byte(2 * x + 1) << 8) & 0xFFF,
            Self::Csi2Of10 => {
                let group = x / 4 * 5;
                byte(group + x % 4) << 4 | (byte(group + 4) >> (x % 4 * 2) & 3) << 2
            }
            Self::Csi2Of12 => {
                let group = x / 2 * 3;
                byte(group + x % 2) << 4 | (byte(group + 2) >> (x % 2 * 4) & 0xF)
            }
        }
    }
}

#[inline(always)]
fn words(line: &[u8], out: &mut [u16], sample: impl Fn(u16) -> u16) {
    for (out, word) in out.iter_mut().zip(line.as_chunks::<2>().0) {
        *out = sample(u16::from_le_bytes(*word));
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::Packing;
    use std::vec;

    #[test]
    fn each_packing_is_read_as_the_kernel_defines_it() {
        let check = |packing: Packing, line: &[u8], expected: &[u16]| {
            let mut out = vec![9; expected.len() + 1];
            packing.read(line, &mut out);
            assert_eq!(out.split_last(), Some((&9, expected)), "{packing:?}");
            for (x, sample) in expected.iter().enumerate() {
                assert_eq!(packing.sample(line, x), *sample, "{packing:?} {x}");
            }
        };
        check(Packing::Bytes, &[0, 1, 255], &[0, 16, 4080]);
        // The bits above the ten are no part of the sample.
        check(Packing::Words10, &[0xFF, 0xFF, 1, 0], &[4092, 4]);
        check(Packing::Words12, &[0xFF, 0xFF, 1, 0], &[4095, 1]);
        check(Packing::Csi2Of10, &[0xFF, 0, 1, 0x80, 0b11_10_01_00], &[4080, 4, 24, 2060]);
        check(Packing::Csi2Of12, &[0xFF, 0x01, 0xA5, 0, 0x80, 0xF0], &[4085, 26, 0, 2063]);
    }

    #[test]
    fn a_line_that_ends_early_harms_nothing() {
        for packing in
            [Packing::Bytes, Packing::Words10, Packing::Words12, Packing::Csi2Of10, Packing::Csi2Of12]
        {
            for length in 0..9 {
                packing.read(&[255; 9][..length], &mut [0; 6]);
                assert_eq!(packing.sample(&[255; 9][..length], 100), 0);
            }
        }
    }
}

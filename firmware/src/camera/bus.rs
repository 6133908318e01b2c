//! What a sensor's wires carry, and as which pixels it arrives in memory.
//!
//! The kernel's media bus codes beside V4L2's formats: a table.

/// A code (linux/media-bus-format.h) and the formats in which a receiver may write it (linux/videodev2.h), the smallest first.
pub struct OnTheBus {
    /// `MEDIA_BUS_FMT_...`.
    pub code: u32,
    /// V4L2's names.
    pub fourccs: &'static [[u8; 4]],
}

/// What is read, in the order of preference: eight bits of a mosaic are enough for a picture of eight bits, and are the least to carry; ten and twelve
/// keep more in the dark, and are all that some sensors send.
pub static CODES: &[OnTheBus] = &[
    OnTheBus { code: 0x200f, fourccs: &[*b"UYVY"] },
    OnTheBus { code: 0x2011, fourccs: &[*b"YUYV"] },
    OnTheBus { code: 0x2001, fourccs: &[*b"GREY"] },
    OnTheBus { code: 0x3014, fourccs: &[*b"RGGB"] },
    OnTheBus { code: 0x3001, fourccs: &[*b"BA81"] },
    OnTheBus { code: 0x3002, fourccs: &[*b"GRBG"] },
    OnTheBus { code: 0x3013, fourccs: &[*b"GBRG"] },
    OnTheBus { code: 0x300f, fourccs: &[*b"pRAA", *b"RG10"] },
    OnTheBus { code: 0x3007, fourccs: &[*b"pBAA", *b"BG10"] },
    OnTheBus { code: 0x300a, fourccs: &[*b"pgAA", *b"BA10"] },
    OnTheBus { code: 0x300e, fourccs: &[*b"pGAA", *b"GB10"] },
    OnTheBus { code: 0x3012, fourccs: &[*b"pRCC", *b"RG12"] },
    OnTheBus { code: 0x3008, fourccs: &[*b"pBCC", *b"BG12"] },
    OnTheBus { code: 0x3011, fourccs: &[*b"pgCC", *b"BA12"] },
    OnTheBus { code: 0x3010, fourccs: &[*b"pGCC", *b"GB12"] },
];

/// The code that arrives in that format.
pub fn code_of(fourcc: [u8; 4]) -> Option<u32> {
    CODES.iter().find(|row| row.fourccs.contains(&fourcc)).map(|row| row.code)
}

#[cfg(test)]
mod tests {
    use super::CODES;
    use vision::luma::{RAW_FORMATS, RawFormat};

    #[test]
    fn every_format_is_one_that_we_read_and_every_mosaic_has_a_code() {
        let mut named: Vec<[u8; 4]> = CODES.iter().flat_map(|row| row.fourccs).copied().collect();
        assert!(named.iter().all(|fourcc| RawFormat::find(*fourcc).is_some()));
        let mosaics = RAW_FORMATS.iter().filter(|format| format.is_mosaic());
        assert!(mosaics.into_iter().all(|format| named.contains(&format.fourcc)));
        let count = named.len();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), count, "each once");
    }
}

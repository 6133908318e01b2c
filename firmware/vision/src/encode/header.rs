//! Everything before the picture's data: JFIF's header, quantisers, frame, Huffman tables, scan (T.81, B.2; T.871, 10).
//!
//! Must not know pixels.
use super::quantise::Quantiser;
use crate::luma::FrameSize;
use crate::luma::annex_k::{AC, DC};

/// More than all of it needs.
pub const HEADER_BYTES_MAX: usize = 640;

/// Bytes put one behind the other.
struct Header<'a> {
    out: &'a mut [u8; HEADER_BYTES_MAX],
    length: usize,
}

impl Header<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if let Some(place) = self.out.get_mut(self.length..self.length + bytes.len()) {
            place.copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// A segment of these parts: its marker and its length come before them.
    fn segment(&mut self, marker: u8, parts: &[&[u8]]) {
        let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
        self.put(&[0xff, marker]);
        self.put(&(length as u16).to_be_bytes());
        parts.iter().for_each(|part| self.put(part));
    }
}

/// Writes the header of a picture of that size; its length.
pub fn header(out: &mut [u8; HEADER_BYTES_MAX], size: FrameSize, quantisers: &[Quantiser; 2]) -> usize {
    let mut header = Header { out, length: 0 };
    header.put(&[0xff, 0xd8]);
    // Version 1.1, no density, no preview.
    header.segment(0xe0, &[b"JFIF\0", &[1, 1, 0, 0, 1, 0, 1, 0, 0]]);
    for (number, quantiser) in (0_u8..).zip(quantisers) {
        header.segment(0xdb, &[&[number], &quantiser.zigzag]);
    }
    let (height, width) = (size.height.to_be_bytes(), size.width.to_be_bytes());
    // Of each component its number, its share of samples, its quantisers.
    header.segment(0xc0, &[&[8], &height, &width, &[3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]]);
    for (number, (dc, ac)) in (0_u8..).zip(DC.iter().zip(&AC)) {
        header.segment(0xc4, &[&[number], dc.counts, dc.symbols]);
        header.segment(0xc4, &[&[0x10 | number], ac.counts, ac.symbols]);
    }
    header.segment(0xda, &[&[3, 1, 0, 2, 0x11, 3, 0x11], &[0, 63, 0]]);
    header.length
}

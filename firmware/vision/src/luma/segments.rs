//! Walks the marker segments of a JPEG frame (ITU T.81, B.1.1).
//!
//! Finds where segments begin and end; must not know what is in them.
use super::Damage;

/// Marker codes (ITU T.81, table B.1), the second byte of the marker.
pub mod marker {
    /// Temporary, the only stand-alone marker that may appear between segments.
    pub const TEM: u8 = 0x01;
    /// Start of frame, baseline sequential.
    pub const SOF0: u8 = 0xC0;
    /// Start of frame, extended sequential (accepted with 8 bits a sample).
    pub const SOF1: u8 = 0xC1;
    /// Start of frame, progressive.
    pub const SOF2: u8 = 0xC2;
    /// Start of frame, lossless; first of the kinds that no camera sends.
    pub const SOF3: u8 = 0xC3;
    /// Huffman tables.
    pub const DHT: u8 = 0xC4;
    /// Start of frame, last of the differential Huffman kinds (C5..C7).
    pub const SOF7: u8 = 0xC7;
    /// Start of frame, first of the arithmetic kinds (C9..CB, CD..CF).
    pub const SOF9: u8 = 0xC9;
    /// Start of frame, last of the arithmetic kinds.
    pub const SOF15: u8 = 0xCF;
    /// First and last restart marker.
    pub const RST0: u8 = 0xD0;
    /// Last restart marker.
    pub const RST7: u8 = 0xD7;
    /// Start of image.
    pub const SOI: u8 = 0xD8;
    /// End of image.
    pub const EOI: u8 = 0xD9;
    /// Start of scan.
    pub const SOS: u8 = 0xDA;
    /// Quantisation tables.
    pub const DQT: u8 = 0xDB;
    /// Restart interval.
    pub const DRI: u8 = 0xDD;
}

/// One marker with its payload (without the two length bytes; empty for EOI).
pub struct Segment<'a> {
    /// Second byte of the marker.
    pub marker: u8,
    /// The bytes after the length.
    pub payload: &'a [u8],
}

/// Position inside a frame, always at or before its end.
pub struct Segments<'a> {
    jpeg: &'a [u8],
    pos: usize,
}

impl<'a> Segments<'a> {
    /// Starts after the SOI marker.
    pub fn new(jpeg: &'a [u8]) -> Result<Self, Damage> {
        if jpeg.starts_with(&[0xFF, marker::SOI]) { Ok(Self { jpeg, pos: 2 }) } else { Err(Damage::NotJpeg) }
    }

    /// The next segment; EOI comes as an empty one. Running off the end is `NoEnd`.
    pub fn next(&mut self) -> Result<Segment<'a>, Damage> {
        loop {
            let code = self.next_marker()?;
            match code {
                marker::EOI => return Ok(Segment { marker: code, payload: &[] }),
                marker::TEM => {}
                0x00 | marker::RST0..=marker::SOI => return Err(Damage::BadMarker),
                _ => return Ok(Segment { marker: code, payload: self.payload()? }),
            }
        }
    }

    /// What is left after the last segment: after SOS, the entropy-coded data.
    pub fn rest(&self) -> &'a [u8] {
        self.jpeg.get(self.pos..).unwrap_or(&[])
    }

    /// Moves on by `bytes` that somebody else has read.
    pub fn skip(&mut self, bytes: usize) {
        self.pos = self.pos.saturating_add(bytes).min(self.jpeg.len());
    }

    /// Moves to the marker that ends entropy-coded data which nobody wants (restart markers belong to the data).
    pub fn skip_entropy_coded(&mut self) {
        let ends =
            |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF | marker::RST0..=marker::RST7);
        let rest = self.rest();
        self.skip(rest.windows(2).position(ends).unwrap_or(rest.len()));
    }

    fn next_marker(&mut self) -> Result<u8, Damage> {
        if self.byte()? != 0xFF {
            return Err(Damage::BadMarker);
        }
        loop {
            // Any number of 0xFF fill bytes may stand before the code (B.1.1.2).
            match self.byte()? {
                0xFF => {}
                code => return Ok(code),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        let byte = *self.jpeg.get(self.pos).ok_or(Damage::NoEnd)?;
        self.pos += 1;
        Ok(byte)
    }

    fn payload(&mut self) -> Result<&'a [u8], Damage> {
        let rest = self.rest();
        let &[high, low, ..] = rest else { return Err(Damage::NoEnd) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let payload = rest.get(2..length).ok_or(Damage::BadSegment)?;
        self.skip(length);
        Ok(payload)
    }
}

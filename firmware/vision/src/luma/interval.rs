//! The entropy-coded data between two restart markers (ITU T.81, B.1.1.5 and E.1.4).
//!
//! Where it begins and whether it ends where it should; must not know what the bits mean.
use super::Damage;
use super::bits::{BitPosition, BitReader};
use super::segments::marker;

/// Bytes that may stand between the last block and the next marker: hardware encoders align their output to bus words.
/// Data that has lost its place leaves more.
const SLACK_BYTES_MAX: usize = 16;

/// The data between two restart markers.
#[derive(Clone, Copy)]
pub struct Interval<'a> {
    /// Where it begins in the data of the scan.
    start: usize,
    /// Its bits.
    pub reader: BitReader<'a>,
    /// Last DC of each component, luma first; differences start anew from 0 in each interval.
    pub dc: [i32; 3],
}

impl<'a> Interval<'a> {
    /// The first one of a scan.
    pub fn first(data: &'a [u8]) -> Self {
        Self { start: 0, reader: BitReader::new(data), dc: [0; 3] }
    }

    /// In the middle of an interval, where that many bits of `data` were read and these DCs came last.
    pub fn resumed(data: &'a [u8], position: BitPosition, dc: [i32; 3]) -> Self {
        let rest = data.get(position.byte..).unwrap_or(&[]);
        Self { start: position.byte, reader: BitReader::within(rest, position.bit), dc }
    }

    /// Where the next bit to read stands in `data`.
    pub fn position(&self, data: &[u8]) -> BitPosition {
        let BitPosition { byte, bit } = self.reader.position(data.get(self.start..).unwrap_or(&[]));
        BitPosition { byte: self.start + byte, bit }
    }

    /// Length of the scan's data up to the marker that ends this interval.
    pub fn end(&self) -> Result<usize, Damage> {
        if self.reader.unused_bytes(SLACK_BYTES_MAX) > SLACK_BYTES_MAX {
            return Err(Damage::ScanTooLong);
        }
        Ok(self.start + self.reader.marker_offset(SLACK_BYTES_MAX))
    }

    /// The interval after this one, behind the restart marker `expected`.
    pub fn next(&self, data: &'a [u8], expected: u8) -> Result<Self, Damage> {
        let mut rest = data.get(self.end()?..).unwrap_or(&[]);
        // Fill bytes may stand before any marker (B.1.1.2).
        while let [0xFF, 0xFF, ..] = rest {
            rest = rest.get(1..).unwrap_or(&[]);
        }
        match rest {
            [0xFF, code, tail @ ..] if *code == expected => {
                Ok(Self { start: data.len() - tail.len(), reader: BitReader::new(tail), dc: [0; 3] })
            }
            [0xFF, marker::EOI, ..] => Err(Damage::ScanTooShort),
            _ => Err(Damage::RestartOrder),
        }
    }
}

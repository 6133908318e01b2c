//! Where each row of MCUs begins in entropy-coded data: noted while a frame is decoded, to go straight there later.
//!
//! An index is bytes, so that it can travel behind those of its frame. They are sealed together with samples of the frame: what was changed, cut, or
//! made of another frame is told. Positions only; must not read bits.
use super::bits::BitPosition;
use super::size::{BLOCK_PX, FRAME_SIDE_PX_MAX};

/// Most rows of MCUs: those of the highest frame, one block each.
const ROWS_MAX: usize = FRAME_SIDE_PX_MAX as usize / BLOCK_PX;
/// Places in a frame that its seal looks at.
const SAMPLES: usize = 32;

/// The seal (8 bytes), then where the bits of the last block end, and the byte of the marker behind them. All numbers are little-endian.
const HEAD_BYTES: usize = SEAL_BYTES + 4 + 4;
const SEAL_BYTES: usize = 8;
/// Of a row: where it begins, and the DC that came last of each component.
const ROW_BYTES: usize = 4 + 3 * 2;
/// Room for the index of any frame. A 720p frame has 45 rows in 4:2:0, which take 466 bytes, and 90 in 4:2:2.
pub const INDEX_BYTES_MAX: usize = HEAD_BYTES + ROWS_MAX * ROW_BYTES;

/// An index that is being made.
pub struct RowNotes<'a> {
    room: &'a mut [u8],
    /// Bytes written. What did not fit is not: then there is no index.
    length: Option<usize>,
}

impl<'a> RowNotes<'a> {
    /// Nothing is noted yet.
    pub fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: Some(HEAD_BYTES) }
    }

    /// The next row begins at `position`, behind its restart marker if it has one; `dc` came last.
    // Once a row: what the loop over blocks keeps in registers shall not make way for it.
    #[cold]
    #[inline(never)]
    pub fn push(&mut self, position: BitPosition, dc: [i32; 3]) {
        self.length = self.length.and_then(|at| {
            let row = self.room.get_mut(at..)?.first_chunk_mut::<ROW_BYTES>()?;
            row[..4].copy_from_slice(&packed(position)?.to_le_bytes());
            for (place, dc) in row[4..].chunks_exact_mut(2).zip(dc) {
                place.copy_from_slice(&i16::try_from(dc).ok()?.to_le_bytes());
            }
            Some(at + ROW_BYTES)
        });
    }

    /// The bits of the last block end at `position`, and a marker follows at byte `marker`.
    pub fn end(&mut self, position: BitPosition, marker: usize) {
        self.length = self.length.and_then(|length| {
            let (end, marker) = (packed(position)?, u32::try_from(marker).ok()?);
            let head = self.room.first_chunk_mut::<HEAD_BYTES>()?;
            head[SEAL_BYTES..][..4].copy_from_slice(&end.to_le_bytes());
            head[SEAL_BYTES + 4..].copy_from_slice(&marker.to_le_bytes());
            Some(length)
        });
    }

    /// The frame was read to its end; gives the length of the index, 0 if something did not fit.
    pub fn complete(self, jpeg: &[u8]) -> usize {
        let Some((place, noted)) = self.length.and_then(|length| {
            let (place, noted) = self.room.get_mut(..length)?.split_first_chunk_mut::<SEAL_BYTES>()?;
            Some((place, &*noted))
        }) else {
            return 0;
        };
        *place = seal(jpeg, noted).to_le_bytes();
        SEAL_BYTES + noted.len()
    }
}

/// Start of each row of MCUs of one frame, and the DC predictors there.
pub struct RowIndex<'a> {
    rows: &'a [[u8; ROW_BYTES]],
    /// Where the bits of the last block end, and the byte at which the marker behind them begins.
    pub ends: (BitPosition, usize),
}

impl<'a> RowIndex<'a> {
    /// The index that these bytes are, if they are the whole one of this frame with so many rows of MCUs. (A few dozen bytes of the frame are looked at.)
    pub fn of(jpeg: &[u8], bytes: &'a [u8], rows: usize) -> Option<Self> {
        let (sealed, noted) = bytes.split_first_chunk::<SEAL_BYTES>()?;
        let (end, behind) = noted.split_first_chunk::<4>()?;
        let (marker, behind) = behind.split_first_chunk::<4>()?;
        let (in_rows, rest) = behind.as_chunks();
        let is_whole = in_rows.len() == rows && rest.is_empty();
        let ends = (unpacked(*end), u32::from_le_bytes(*marker) as usize);
        (is_whole && u64::from_le_bytes(*sealed) == seal(jpeg, noted)).then_some(Self { rows: in_rows, ends })
    }

    /// Where row `number` begins, and what DC of each component came last.
    pub fn row(&self, number: usize) -> Option<(BitPosition, [i32; 3])> {
        let &[a, b, c, d, y0, y1, cb0, cb1, cr0, cr1] = self.rows.get(number)?;
        let dc = [[y0, y1], [cb0, cb1], [cr0, cr1]].map(|bytes| i32::from(i16::from_le_bytes(bytes)));
        Some((unpacked([a, b, c, d]), dc))
    }
}

/// A position as the number of bits before it.
fn packed(position: BitPosition) -> Option<u32> {
    u32::try_from(position.byte).ok()?.checked_mul(8)?.checked_add(position.bit)
}

fn unpacked(bytes: [u8; 4]) -> BitPosition {
    let bits = u32::from_le_bytes(bytes);
    BitPosition { byte: bits as usize / 8, bit: bits % 8 }
}

/// Mixes the frame's length, samples of eight bytes from all over it, and all of what was noted (FNV-1a, by words).
fn seal(jpeg: &[u8], noted: &[u8]) -> u64 {
    let step = (jpeg.len() / SAMPLES).max(8);
    let samples = jpeg.chunks(step).filter_map(|part| part.first_chunk::<8>());
    let (words, rest) = noted.as_chunks();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let lengths = (jpeg.len() as u64) << 32 | noted.len() as u64;
    samples.chain(words).chain([&last, &lengths.to_le_bytes()]).fold(0xCBF2_9CE4_8422_2325, |hash, &bytes| {
        let mixed = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x0000_0100_0000_01B3);
        mixed ^ mixed >> 32
    })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;
    use std::vec::Vec;

    const JPEG: [u8; 900] = [7; 900];

    /// So many rows, each somewhere else, with the DCs that are furthest away.
    fn noted(rows: usize, room: &mut [u8]) -> usize {
        let mut notes = RowNotes::new(room);
        for row in 0..rows {
            notes.push(BitPosition { byte: 3 * row, bit: row as u32 % 8 }, [row as i32, -2047, 2047]);
        }
        notes.end(BitPosition { byte: 880, bit: 5 }, 881);
        notes.complete(&JPEG)
    }

    #[test]
    fn what_was_noted_is_read_again() {
        let mut room = vec![0xAA; INDEX_BYTES_MAX];
        for rows in [1, 2, 45, ROWS_MAX] {
            let length = noted(rows, &mut room);
            assert_eq!(length, HEAD_BYTES + rows * ROW_BYTES);
            let index = RowIndex::of(&JPEG, &room[..length], rows).unwrap();
            for row in 0..rows {
                let expected = BitPosition { byte: 3 * row, bit: row as u32 % 8 };
                assert_eq!(index.row(row), Some((expected, [row as i32, -2047, 2047])));
            }
            assert!(index.row(rows).is_none());
            assert_eq!(index.ends, (BitPosition { byte: 880, bit: 5 }, 881));
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_told() {
        let mut room = vec![0; INDEX_BYTES_MAX];
        let length = noted(3, &mut room);
        let whole = &room[..length];
        assert!(RowIndex::of(&JPEG, whole, 3).is_some());
        assert!(RowIndex::of(&JPEG, whole, 2).is_none() && RowIndex::of(&JPEG, whole, 4).is_none());
        assert!(RowIndex::of(&JPEG[..899], whole, 3).is_none());
        assert!(RowIndex::of(&[8; 900], whole, 3).is_none());
        for bit in 0..8 * length {
            let mut changed = whole.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(RowIndex::of(&JPEG, &changed, 3).is_none(), "bit {bit}");
        }
        for cut in 0..length {
            let rows = cut.saturating_sub(HEAD_BYTES) / ROW_BYTES;
            assert!(RowIndex::of(&JPEG, &whole[..cut], rows).is_none(), "{cut} bytes");
        }
    }

    #[test]
    fn what_does_not_fit_is_no_index() {
        let whole = HEAD_BYTES + 11 * ROW_BYTES;
        for room in 0..whole {
            assert_eq!(noted(11, &mut vec![0; room]), 0, "{room} bytes");
        }
        assert_eq!(noted(11, &mut vec![0; whole]), whole);
        let mut room: Vec<u8> = vec![0; whole];
        for (byte, dc) in [(0, 1 << 15), (1 << 29, 0)] {
            let mut notes = RowNotes::new(&mut room);
            notes.push(BitPosition { byte, bit: 0 }, [0, dc, 0]);
            notes.end(BitPosition::default(), 0);
            assert_eq!(notes.complete(&JPEG), 0);
        }
    }
}

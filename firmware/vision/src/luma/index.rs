//! Where each row of MCUs begins in entropy-coded data: noted while a frame is decoded, to go straight there later.
//!
//! Positions only; must not read bits.
use super::bits::BitPosition;
use super::size::{BLOCK_PX, FRAME_SIDE_PX_MAX};

/// Most rows of MCUs: those of the highest frame, one block each.
const ROWS_MAX: usize = FRAME_SIDE_PX_MAX as usize / BLOCK_PX;
/// Places in a frame that its fingerprint looks at.
const SAMPLES: usize = 32;

/// What a decoder knows at the start of a row of MCUs.
#[derive(Clone, Copy)]
struct Row {
    byte: u32,
    bit: u8,
    dc: [i16; 3],
}

/// Start of each row of MCUs of one frame, and the DC predictors there: 12 KiB.
///
/// Filled by [`crate::luma::LumaDecoder::decode_with_index`], only for a frame that decodes to its end. It knows the frame that it was made
/// of by length and samples, so one of another frame is told.
#[derive(Clone)]
pub struct RowIndex {
    rows: [Row; ROWS_MAX],
    count: usize,
    /// Something did not fit into a row: the index is of no use.
    overflow: bool,
    /// Where the bits of the last block end, and the marker behind them.
    end: (BitPosition, usize),
    /// Length and fingerprint of the frame; none while incomplete.
    frame: Option<(usize, u64)>,
}

impl Default for RowIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl RowIndex {
    /// An index of no frame.
    #[must_use]
    pub const fn new() -> Self {
        let row = Row { byte: 0, bit: 0, dc: [0; 3] };
        let end = (BitPosition { byte: 0, bit: 0 }, 0);
        Self { rows: [row; ROWS_MAX], count: 0, overflow: false, end, frame: None }
    }

    /// Whether it is of this frame (a few dozen bytes of it are looked at).
    #[must_use]
    pub fn is_of(&self, jpeg: &[u8]) -> bool {
        self.frame == Some((jpeg.len(), fingerprint(jpeg)))
    }

    /// Forgets everything.
    pub(crate) fn begin(&mut self) {
        (self.count, self.overflow, self.frame) = (0, false, None);
    }

    /// The next row begins at `position`, behind its restart marker if it has one; `dc` came last.
    pub(crate) fn push(&mut self, position: BitPosition, dc: [i32; 3]) {
        let small = |dc: i32| i16::try_from(dc).ok();
        match (self.rows.get_mut(self.count), u32::try_from(position.byte), dc.map(small)) {
            (Some(row), Ok(byte), [Some(y), Some(cb), Some(cr)]) => {
                *row = Row { byte, bit: position.bit as u8, dc: [y, cb, cr] };
                self.count += 1;
            }
            _ => self.overflow = true,
        }
    }

    /// The bits of the last block end at `position`, and a marker follows at byte `marker`.
    pub(crate) fn end(&mut self, position: BitPosition, marker: usize) {
        self.end = (position, marker);
    }

    /// The frame was read to its end.
    pub(crate) fn complete(&mut self, jpeg: &[u8]) {
        self.frame = (!self.overflow).then(|| (jpeg.len(), fingerprint(jpeg)));
    }

    /// Where the bits of the last block end, and the byte at which the marker behind them begins.
    pub(crate) fn ends(&self) -> (BitPosition, usize) {
        self.end
    }

    /// Rows of MCUs.
    pub(crate) fn rows(&self) -> usize {
        self.count
    }

    /// Where row `number` begins, and what DC of each component came last.
    pub(crate) fn row(&self, number: usize) -> Option<(BitPosition, [i32; 3])> {
        let row = self.rows.get(..self.count)?.get(number)?;
        Some((BitPosition { byte: row.byte as usize, bit: row.bit.into() }, row.dc.map(i32::from)))
    }
}

/// Mixes samples of eight bytes from all over the frame (FNV-1a, by words).
fn fingerprint(jpeg: &[u8]) -> u64 {
    let step = (jpeg.len() / SAMPLES).max(8);
    let samples = jpeg.chunks(step).filter_map(|part| part.first_chunk::<8>());
    samples.fold(0xCBF2_9CE4_8422_2325, |hash, &bytes| {
        let mixed = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x0000_0100_0000_01B3);
        mixed ^ mixed >> 32
    })
}

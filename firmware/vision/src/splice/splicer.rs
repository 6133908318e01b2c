//! The front door: a camera frame and marks in, the frame with the marks out.
//!
//! Order of the steps only; the work is done in the other files.
use super::codes::CodeTable;
use super::edit::Edit;
use super::marks::Mark;
use super::paint::Paint;
use super::picture::Picture;
use super::refusal::Refusal;
use super::walk::{Coding, Walk};
use super::writer::BitWriter;
use crate::luma::bits::BitPosition;
use crate::luma::index::{INDEX_BYTES_MAX, RowIndex, RowNotes};
use crate::luma::segments::marker;
use crate::luma::tables::{SLOTS, Tables};

/// Puts marks into baseline JPEG frames of one camera.
///
/// About 80 KiB, mostly lookup tables, which are rebuilt only when a frame declares others than the one before it.
pub struct Splicer {
    tables: Tables,
    dc_codes: [CodeTable; SLOTS],
    ac_codes: [CodeTable; SLOTS],
    /// For the index of frames that come without one.
    room: [u8; INDEX_BYTES_MAX],
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// Length of the output in bytes.
    pub bytes: usize,
    /// The index was of use.
    pub is_by_index: bool,
}

impl Default for Splicer {
    fn default() -> Self {
        Self::new()
    }
}

impl Splicer {
    /// A splicer that has not seen a frame.
    #[must_use]
    pub const fn new() -> Self {
        let codes = [CodeTable::EMPTY; SLOTS];
        Self { tables: Tables::new(), dc_codes: codes, ac_codes: codes, room: [0; INDEX_BYTES_MAX] }
    }

    /// Writes `jpeg` with `marks` on it to the beginning of `out`.
    ///
    /// The quantised coefficients of all blocks without a mark stay what they are. Without marks on the picture the output is the input, byte for byte.
    /// A frame with masks also loses application data and comments of more than 32 bytes, which may hold a preview.
    ///
    /// Nearly all cameras use the typical Huffman tables, which have a code for everything. With others, plates, outlines and the grey of masks become as
    /// coarse as the codes make them, in a picture that is nearly flat perhaps unreadable; what a mask covers is hidden all the same.
    ///
    /// `index`, of this frame from [`crate::luma::LumaDecoder::decode_with_index`], spares the walk through all of its picture data, which is most of the
    /// time. The output is the same without: an empty one, one of another frame or a damaged one counts for nothing.
    ///
    /// The output is longer than the input by what marks are harder to code than what they cover: for a line of text some kilobytes. Time is
    /// bounded by the length of the frame and the number of marks.
    ///
    /// # Errors
    /// The reason why the marks cannot be put into this frame. Then `out` holds nothing of use: show the frame without marks, or, if a mask
    /// was among them, do not show it. The splicer stays usable.
    pub fn splice(
        &mut self,
        jpeg: &[u8],
        index: &[u8],
        marks: &[Mark<'_>],
        out: &mut [u8],
    ) -> Result<Spliced, Refusal> {
        let picture = &Picture::parse(jpeg, &mut self.tables)?;
        for (dc, ac, _) in picture.scan.table_slots() {
            self.dc_codes[usize::from(dc) % SLOTS] = CodeTable::of(self.tables.dc(dc).codes());
            self.ac_codes[usize::from(ac) % SLOTS] = CodeTable::of(self.tables.ac(ac).codes());
        }
        let blocks = picture.scan.blocks_with(|(dc, ac)| Coding {
            dc: self.tables.dc(dc),
            ac: self.tables.ac(ac),
            dc_codes: &self.dc_codes[usize::from(dc) % SLOTS],
            ac_codes: &self.ac_codes[usize::from(ac) % SLOTS],
        });
        let blocks = blocks.get(..picture.scan.count).unwrap_or(&[]);
        let data = jpeg.get(picture.data_start..).unwrap_or(&[]);
        let rows = picture.scan.mcus.1;
        let given = RowIndex::of(jpeg, index, rows);
        let is_by_index = given.is_some();
        let index = &match given {
            Some(index) => index,
            None => {
                let mut notes = RowNotes::new(&mut self.room);
                Walk::new(picture, blocks, data).fill(&mut notes)?;
                let length = notes.complete(jpeg);
                let made = self.room.get(..length).unwrap_or(&[]);
                RowIndex::of(jpeg, made, rows).ok_or(Refusal::WrongIndex)?
            }
        };
        only_the_end(data.get(index.ends.1..).unwrap_or(&[]))?;
        let mut writer = BitWriter::new(out);
        let masked = marks.iter().any(|mark| matches!(mark, Mark::Mask { .. }));
        picture.copy_head(jpeg, masked, &mut writer)?;
        let (walk, paint) = (Walk::new(picture, blocks, data), Paint { picture, marks });
        let edit =
            Edit { paint, index, walk, writer, done: BitPosition::default(), dc: [0; 3], changed: false };
        Ok(Spliced { bytes: edit.run()?, is_by_index })
    }
}

/// Only the end-of-image marker may follow the picture data, with fill bytes before it (ITU T.81, B.1.1.2) and zeros behind.
fn only_the_end(rest: &[u8]) -> Result<(), Refusal> {
    let fill = rest.iter().take_while(|&&byte| byte == 0xFF).count();
    match rest.get(fill..) {
        Some([marker::EOI, behind @ ..]) if fill > 0 && behind.iter().all(|&byte| byte == 0) => Ok(()),
        Some([marker::SOS, ..]) => Err(Refusal::SeveralScans),
        _ => Err(Refusal::AfterScan),
    }
}

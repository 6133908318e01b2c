//! The front door: one camera frame in, one detection plane out.
//!
//! Control flow over the segments of a frame; the work is done in the other files.
use super::Damage;
use super::blocks::{Job, STRIP_EMPTY, Strip};
use super::frame::Frame;
use super::index::RowNotes;
use super::reduce::{Reducer, Sums};
use super::scan::Scan;
use super::segments::{Segment, Segments, marker};
use super::size::{BLOCK_PX, FrameSize};
use super::tables::Tables;
use crate::plane::{PLANE_SIDE_PX_MAX, PlaneSize};

/// Decodes baseline JPEG frames of one camera to detection planes.
///
/// About 60 KiB, mostly lookup tables, which are rebuilt only when a frame declares others than the one before it.
/// Time is bounded by the length of the frame: every block consumes at least two bits of it.
pub struct LumaDecoder {
    tables: Tables,
    strip: Strip,
    sums: Sums,
}

impl Default for LumaDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Size of the frame, from its header alone (some hundred bytes are read, no table is built).
///
/// # Errors
/// The reason why the decoder would not accept the frame, as far as the header shows it.
pub fn header(jpeg: &[u8]) -> Result<FrameSize, Damage> {
    let mut segments = Segments::new(jpeg)?;
    loop {
        let segment = segments.next()?;
        match segment.marker {
            marker::EOI => return Err(Damage::NoPicture),
            marker::SOS => return Err(Damage::NoFrameHeader),
            _ => {}
        }
        if let Some(frame) = frame_header(&segment)? {
            return Ok(frame.size);
        }
    }
}

impl LumaDecoder {
    /// A decoder that has not seen a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self { tables: Tables::new(), strip: STRIP_EMPTY, sums: [0; PLANE_SIDE_PX_MAX] }
    }

    /// Decodes one frame and writes its detection plane to the beginning of `out`, rows tightly packed.
    ///
    /// A plane pixel is the mean of a square of picture pixels, off by 1 at most; its side follows from the frame's size, see
    /// [`FrameSize`]. From 1280 pixels on it is 8 and more, and DC coefficients alone give it, as libjpeg does at scale 1/8.
    /// Zero bytes after the end-of-image marker are allowed.
    ///
    /// # Errors
    /// The reason why the frame cannot be used. Then `out` holds an unspecified part of the plane. The decoder stays
    /// usable.
    pub fn decode(&mut self, jpeg: &[u8], out: &mut [u8]) -> Result<PlaneSize, Damage> {
        self.decode_frame(jpeg, out, None)
    }

    /// [Decodes](Self::decode) one frame and notes at the beginning of `index` where each row of MCUs begins, so that marks can be put into the picture
    /// without finding out again (see [`crate::splice`]). Gives the length of the index in bytes, too; 0 if there was no room for it, which never happens with
    /// [`super::INDEX_BYTES_MAX`].
    ///
    /// # Errors
    /// Those of [`Self::decode`]. Then `index` holds nothing of use.
    pub fn decode_with_index(
        &mut self,
        jpeg: &[u8],
        out: &mut [u8],
        index: &mut [u8],
    ) -> Result<(PlaneSize, usize), Damage> {
        let mut notes = RowNotes::new(index);
        let plane = self.decode_frame(jpeg, out, Some(&mut notes))?;
        Ok((plane, notes.complete(jpeg)))
    }

    fn decode_frame(
        &mut self,
        jpeg: &[u8],
        out: &mut [u8],
        mut index: Option<&mut RowNotes<'_>>,
    ) -> Result<PlaneSize, Damage> {
        let mut segments = Segments::new(jpeg)?;
        // The cheapest test first: a frame that lost its tail need not be decoded to know it.
        check_end(jpeg)?;
        self.tables.begin_frame();
        let (mut frame, mut plane, mut restart_mcus) = (None, None, 0);
        loop {
            let segment = segments.next()?;
            match segment.marker {
                marker::EOI => break,
                marker::DQT => self.tables.declare_quant(segment.payload)?,
                marker::DHT => self.tables.declare_huffman(segment.payload)?,
                marker::DRI => restart_mcus = restart_interval(segment.payload)?,
                marker::SOS => {
                    let frame = frame.as_ref().ok_or(Damage::NoFrameHeader)?;
                    match Scan::parse(segment.payload, frame)? {
                        Some(scan) if plane.is_none() => {
                            let job = (&scan, frame, restart_mcus);
                            let read = self.decode_scan(job, segments.rest(), out, index.take())?;
                            segments.skip(read);
                            plane = Some(frame.size.plane());
                        }
                        Some(_) => return Err(Damage::BadScanHeader),
                        None => segments.skip_entropy_coded(),
                    }
                }
                _ => {
                    if let Some(header) = frame_header(&segment)?
                        && frame.replace(header).is_some()
                    {
                        return Err(Damage::SecondFrameHeader);
                    }
                }
            }
        }
        if segments.rest().iter().any(|&byte| byte != 0) {
            return Err(Damage::DataAfterEnd);
        }
        plane.ok_or(Damage::NoPicture)
    }

    fn decode_scan(
        &mut self,
        (scan, frame, restart_interval): (&Scan, &Frame, usize),
        data: &[u8],
        out: &mut [u8],
        index: Option<&mut RowNotes<'_>>,
    ) -> Result<usize, Damage> {
        let square_px = frame.size.square_px();
        for (dc, ac, is_luma) in scan.table_slots() {
            self.tables.require(dc, ac, is_luma && square_px < BLOCK_PX)?;
        }
        let quantisers = self.tables.quantisers(frame.luma().quant)?;
        let out = out.get_mut(..frame.size.plane().pixels()).ok_or(Damage::OutputTooSmall)?;
        let mut reducer = Reducer::new(frame.size, out, &mut self.sums);
        let job = Job { scan, tables: &self.tables, quantisers, restart_interval };
        // A choice for the whole scan, so that the loop over blocks holds only what its scale needs.
        let run = match (BLOCK_PX / square_px, index.is_some()) {
            (4, false) => Job::run::<4, false>,
            (2, false) => Job::run::<2, false>,
            (_, false) => Job::run::<1, false>,
            (4, true) => Job::run::<4, true>,
            (2, true) => Job::run::<2, true>,
            (_, true) => Job::run::<1, true>,
        };
        run(&job, data, &mut self.strip, &mut reducer, index)
    }
}

/// Refuses a frame whose last byte but zeros does not end an end-of-image marker: it lost its tail.
pub fn check_end(jpeg: &[u8]) -> Result<(), Damage> {
    let end = jpeg.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let whole = jpeg.get(..end).unwrap_or(&[]).ends_with(&[0xFF, marker::EOI]);
    if whole { Ok(()) } else { Err(Damage::NoEnd) }
}

/// The frame header if the segment is one.
pub fn frame_header(segment: &Segment<'_>) -> Result<Option<Frame>, Damage> {
    match segment.marker {
        marker::SOF0..=marker::SOF3 | 0xC5..=marker::SOF7 | marker::SOF9..=0xCB | 0xCD..=marker::SOF15 => {
            Frame::parse(segment.marker, segment.payload).map(Some)
        }
        // Arithmetic conditioning: belongs to no frame that we read.
        0xCC => Err(Damage::Arithmetic),
        _ => Ok(None),
    }
}

/// Reads a restart interval payload (ITU T.81, B.2.4.4).
pub fn restart_interval(payload: &[u8]) -> Result<usize, Damage> {
    match payload {
        &[high, low] => Ok(usize::from(u16::from_be_bytes([high, low]))),
        _ => Err(Damage::BadSegment),
    }
}

//! What a frame's segments say, as far as marks need it: components, tables, where the picture data begins.
//!
//! Reads headers only; must not look at picture data.
use super::Refusal;
use super::marks::Rect;
use super::writer::BitWriter;
use crate::luma::Damage;
use crate::luma::ac::COEFFICIENTS;
use crate::luma::decoder::{check_end, frame_header, restart_interval};
use crate::luma::frame::Frame;
use crate::luma::scan::{Place, Scan};
use crate::luma::segments::{Segments, marker};
use crate::luma::size::BLOCK_PX;
use crate::luma::tables::Tables;

/// Markers of application data and comments (ITU T.81, table B.1), which no decoder needs but for short ones.
const APP0: u8 = 0xE0;
const APP15: u8 = 0xEF;
const COM: u8 = 0xFE;
/// Longest application data that stays in a masked frame: JFIF (14 bytes) and Adobe's (12) say how to read the colours. A preview, which would show
/// what the mask hides, is far longer.
const METADATA_BYTES_MAX: usize = 32;

/// A frame that marks can be put into.
pub struct Picture {
    /// The frame header.
    pub frame: Frame,
    /// The one scan header, of all components.
    pub scan: Scan,
    /// MCUs between restart markers, 0 = none.
    pub restart_interval: usize,
    /// Where the entropy-coded data begins in the frame.
    pub data_start: usize,
    /// Quantisers of the luma in zigzag order, none of them 0.
    pub quantisers: [u16; COEFFICIENTS],
}

impl Picture {
    /// Reads the segments up to the picture data; `tables` are those of the frame then, required by its scan.
    pub fn parse(jpeg: &[u8], tables: &mut Tables) -> Result<Self, Refusal> {
        let mut segments = Segments::new(jpeg)?;
        check_end(jpeg)?;
        tables.begin_frame();
        let (mut frame, mut restart_mcus) = (None, 0);
        loop {
            let segment = segments.next()?;
            match segment.marker {
                marker::EOI => return Err(Damage::NoPicture.into()),
                marker::DQT => tables.declare_quant(segment.payload)?,
                marker::DHT => tables.declare_huffman(segment.payload)?,
                marker::DRI => restart_mcus = restart_interval(segment.payload)?,
                marker::SOS => {
                    let frame: Frame = frame.ok_or(Damage::NoFrameHeader)?;
                    let scan = scan_of_all(segment.payload, &frame)?;
                    for (dc, ac, _) in scan.table_slots() {
                        tables.require(dc, ac, false)?;
                    }
                    let quantisers = *tables.quantisers(frame.luma().quant)?;
                    if quantisers.contains(&0) {
                        return Err(Refusal::ZeroQuantiser);
                    }
                    let data_start = jpeg.len() - segments.rest().len();
                    return Ok(Self { frame, scan, restart_interval: restart_mcus, data_start, quantisers });
                }
                _ => {
                    if let Some(header) = frame_header(&segment)?
                        && frame.replace(header).is_some()
                    {
                        return Err(Damage::SecondFrameHeader.into());
                    }
                }
            }
        }
    }

    /// MCUs in the picture.
    pub fn mcus(&self) -> usize {
        self.scan.mcus.0 * self.scan.mcus.1
    }

    /// All pixels.
    pub fn pixels(&self) -> Rect {
        Rect { x: 0..self.frame.size.width.into(), y: 0..self.frame.size.height.into() }
    }

    /// Pixels of an MCU along each side, across and down.
    pub fn mcu_px(&self) -> (usize, usize) {
        (self.scan.luma.0 * BLOCK_PX, self.scan.luma.1 * BLOCK_PX)
    }

    /// The pixels of the MCU in this column and row, whether they are in the picture or not.
    pub fn mcu(&self, column: usize, row: usize) -> Rect {
        let (across, down) = self.mcu_px();
        Rect { x: column * across..(column + 1) * across, y: row * down..(row + 1) * down }
    }

    /// The pixels that a block of an MCU shows; for chroma factors that do not divide the luma's, those that it shows a part of, too.
    pub fn block(&self, mcu: &Rect, place: &Place) -> Rect {
        let part = |from: usize, px: usize, at: usize, of: usize| {
            from + at * px / of..from + ((at + 1) * px).div_ceil(of)
        };
        let (across, down) = self.mcu_px();
        Rect {
            x: part(mcu.x.start, across, place.at.1, place.of.1),
            y: part(mcu.y.start, down, place.at.0, place.of.0),
        }
    }

    /// Copies everything before the picture data; without long metadata, if the frame is masked.
    pub fn copy_head(&self, jpeg: &[u8], masked: bool, writer: &mut BitWriter<'_>) -> Result<(), Refusal> {
        let mut segments = Segments::new(jpeg)?;
        let mut at = 0;
        while at < self.data_start {
            let segment = segments.next()?;
            let end = jpeg.len() - segments.rest().len();
            let metadata = matches!(segment.marker, APP0..=APP15 | COM);
            let kept = !(masked && metadata && segment.payload.len() > METADATA_BYTES_MAX);
            // With the first segment comes the start-of-image marker.
            let start = if at == 0 && !kept { 0..2 } else { at..if kept { end } else { at } };
            writer.copy_bytes(jpeg.get(start).unwrap_or(&[]));
            at = end;
        }
        Ok(())
    }
}

/// A scan that holds each component once.
fn scan_of_all(payload: &[u8], frame: &Frame) -> Result<Scan, Refusal> {
    let all = frame.components().len();
    if payload.first().is_some_and(|&count| usize::from(count) < all) {
        return Err(Refusal::SeveralScans);
    }
    let scan = Scan::parse(payload, frame)?.ok_or(Refusal::SeveralScans)?;
    let once = (0..all).all(|component| scan.places().iter().any(|place| place.component == component));
    if once { Ok(scan) } else { Err(Damage::BadScanHeader.into()) }
}

//! The tables that DQT and DHT segments declare, kept between frames.
//!
//! A table is rebuilt only when its content changes. For each frame, tables that the frame did not declare are those
//! of Annex K (MJPEG cameras leave DHT out), never those of an earlier frame: a lost segment must not go unnoticed.
use super::Damage;
use super::annex_k::{self, Declared};
use super::huffman::{AcTable, DcTable};

/// Table slots of each kind (ITU T.81, B.2.4).
const SLOTS: usize = 4;

/// Huffman tables in force and DC quantisers of the present frame.
pub struct Tables {
    dc: [DcTable; SLOTS],
    ac: [AcTable; SLOTS],
    /// Bit per slot: declared by the present frame.
    dc_declared: u8,
    ac_declared: u8,
    /// First entry of each quantisation table; 0 = not declared by the present frame.
    quant: [u16; SLOTS],
}

impl Tables {
    /// No tables.
    pub const fn new() -> Self {
        Self {
            dc: [DcTable::EMPTY; SLOTS],
            ac: [AcTable::EMPTY; SLOTS],
            dc_declared: 0,
            ac_declared: 0,
            quant: [0; SLOTS],
        }
    }

    /// Forgets what the last frame declared (its lookup tables stay, in case they are declared again).
    pub fn begin_frame(&mut self) {
        (self.dc_declared, self.ac_declared, self.quant) = (0, 0, [0; SLOTS]);
    }

    /// Reads a DQT payload (ITU T.81, B.2.4.1), with 8 or 16 bits an entry.
    pub fn declare_quant(&mut self, mut payload: &[u8]) -> Result<(), Damage> {
        while let Some((&head, rest)) = payload.split_first() {
            let (bytes, first) = match (head >> 4, rest) {
                (0, &[low, ..]) => (64, u16::from(low)),
                (1, &[high, low, ..]) => (128, u16::from_be_bytes([high, low])),
                _ => return Err(Damage::BadQuantTable),
            };
            let slot = self.quant.get_mut(usize::from(head & 15)).ok_or(Damage::BadQuantTable)?;
            payload = rest.get(bytes..).ok_or(Damage::BadQuantTable)?;
            if first == 0 {
                return Err(Damage::BadQuantTable);
            }
            *slot = first;
        }
        Ok(())
    }

    /// Reads a DHT payload (ITU T.81, B.2.4.2).
    pub fn declare_huffman(&mut self, mut payload: &[u8]) -> Result<(), Damage> {
        while let Some((&head, rest)) = payload.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(Damage::BadHuffmanTable)?;
            let total = counts.iter().map(|&n| usize::from(n)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or(Damage::BadHuffmanTable)?;
            let declared = Declared { counts, symbols };
            let slot = usize::from(head & 15);
            match head >> 4 {
                0 => {
                    self.dc.get_mut(slot).ok_or(Damage::BadHuffmanTable)?.declare(&declared)?;
                    self.dc_declared |= 1 << slot;
                }
                1 => {
                    self.ac.get_mut(slot).ok_or(Damage::BadHuffmanTable)?.declare(&declared)?;
                    self.ac_declared |= 1 << slot;
                }
                _ => return Err(Damage::BadHuffmanTable),
            }
            payload = rest;
        }
        Ok(())
    }

    /// Makes sure that a scan may use these slots, by Annex K if the frame did not declare them.
    pub fn require(&mut self, dc_slot: u8, ac_slot: u8) -> Result<(), Damage> {
        let (dc, ac) = (usize::from(dc_slot), usize::from(ac_slot));
        if dc >= SLOTS || ac >= SLOTS {
            return Err(Damage::BadScanHeader);
        }
        if self.dc_declared & 1 << dc == 0 {
            self.dc[dc].declare(annex_k::DC.get(dc).ok_or(Damage::NoHuffmanTable)?)?;
            self.dc_declared |= 1 << dc;
        }
        if self.ac_declared & 1 << ac == 0 {
            self.ac[ac].declare(annex_k::AC.get(ac).ok_or(Damage::NoHuffmanTable)?)?;
            self.ac_declared |= 1 << ac;
        }
        Ok(())
    }

    /// The DC table of a slot that was [required](Self::require).
    pub fn dc(&self, slot: u8) -> &DcTable {
        &self.dc[usize::from(slot) % SLOTS]
    }

    /// The AC table of a slot that was [required](Self::require).
    pub fn ac(&self, slot: u8) -> &AcTable {
        &self.ac[usize::from(slot) % SLOTS]
    }

    /// Quantiser of the DC coefficient, 1..=65535.
    pub fn dc_quantiser(&self, slot: u8) -> Result<i32, Damage> {
        match self.quant.get(usize::from(slot)) {
            Some(&step) if step != 0 => Ok(i32::from(step)),
            _ => Err(Damage::NoQuantTable),
        }
    }
}

//! The tables that DQT and DHT segments declare, kept between frames.
//!
//! A table is rebuilt only when its content changes. For each frame, tables that the frame did not declare are those
//! of Annex K (MJPEG cameras leave DHT out), never those of an earlier frame: a lost segment must not go unnoticed.
use super::Damage;
use super::ac::{AcTable, COEFFICIENTS};
use super::annex_k::{self, Declared};
use super::dc::DcTable;

/// Table slots of each kind (ITU T.81, B.2.4).
pub const SLOTS: usize = 4;

/// Huffman tables in force and quantisers of the present frame.
pub struct Tables {
    dc: [DcTable; SLOTS],
    ac: [AcTable; SLOTS],
    /// Bit per slot: declared by the present frame.
    dc_declared: u8,
    ac_declared: u8,
    /// Quantisers in zigzag order; the first one is 0 if the present frame did not declare the table.
    quant: [[u16; COEFFICIENTS]; SLOTS],
}

impl Tables {
    /// No tables.
    pub const fn new() -> Self {
        Self {
            dc: [DcTable::EMPTY; SLOTS],
            ac: [AcTable::EMPTY; SLOTS],
            dc_declared: 0,
            ac_declared: 0,
            quant: [[0; COEFFICIENTS]; SLOTS],
        }
    }

    /// Forgets what the last frame declared (its lookup tables stay, in case they are declared again).
    pub fn begin_frame(&mut self) {
        (self.dc_declared, self.ac_declared) = (0, 0);
        self.quant.iter_mut().for_each(|table| table[0] = 0);
    }

    /// Reads a DQT payload (ITU T.81, B.2.4.1), with 8 or 16 bits an entry.
    pub fn declare_quant(&mut self, mut payload: &[u8]) -> Result<(), Damage> {
        while let Some((&head, rest)) = payload.split_first() {
            let slot = self.quant.get_mut(usize::from(head & 15)).ok_or(Damage::BadQuantTable)?;
            payload = match head >> 4 {
                0 => {
                    let (table, rest) =
                        rest.split_first_chunk::<COEFFICIENTS>().ok_or(Damage::BadQuantTable)?;
                    *slot = table.map(u16::from);
                    rest
                }
                1 => {
                    let (table, rest) =
                        rest.split_first_chunk::<{ 2 * COEFFICIENTS }>().ok_or(Damage::BadQuantTable)?;
                    for (quantiser, pair) in slot.iter_mut().zip(table.chunks_exact(2)) {
                        *quantiser = u16::from_be_bytes([pair[0], pair[1]]);
                    }
                    rest
                }
                _ => return Err(Damage::BadQuantTable),
            };
            if slot[0] == 0 {
                return Err(Damage::BadQuantTable);
            }
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

    /// Makes sure that a scan may use these slots, by Annex K if the frame did not declare them, and that AC coefficients
    /// can be read or passed over with them.
    pub fn require(&mut self, dc_slot: u8, ac_slot: u8, read_ac: bool) -> Result<(), Damage> {
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
        if read_ac {
            self.ac[ac].prepare_to_read();
        } else {
            self.ac[ac].prepare_to_skip();
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

    /// Quantisers of a slot in zigzag order; the first is not 0.
    pub fn quantisers(&self, slot: u8) -> Result<&[u16; COEFFICIENTS], Damage> {
        match self.quant.get(usize::from(slot)) {
            Some(table) if table[0] != 0 => Ok(table),
            _ => Err(Damage::NoQuantTable),
        }
    }
}

//! The scan header (SOS, ITU T.81 B.2.3): which blocks an MCU has, in coding order, and which tables they use.
//!
//! Must not look at picture data.
use super::Damage;
use super::frame::{Component, Frame};
use super::size::BLOCK_PX;

/// Most blocks that an MCU of an interleaved scan may have (ITU T.81, B.2.3).
pub const MCU_BLOCKS_MAX: usize = 10;
/// One block of an MCU, with its tables as `T`.
#[derive(Clone, Copy)]
pub struct Block<T> {
    /// Of its DC and AC codes.
    pub tables: T,
    /// What it shows.
    pub part: Part,
}

/// What a block of an MCU shows.
#[derive(Clone, Copy)]
pub enum Part {
    /// Luma; row and column in the MCU.
    Luma(usize, usize),
    /// Colour: the component with that number, from 1 on.
    Chroma(usize),
}

/// Which block of which component one is.
// Beside the blocks, not in them: the loop over a frame's blocks wants them small.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// In the order of the frame header: 0 is the luma.
    pub component: usize,
    /// Row and column in the MCU, in blocks of that component.
    pub at: (usize, usize),
    /// Blocks of that component in an MCU, down and across.
    pub of: (usize, usize),
}

/// A scan header, resolved against the frame header: the blocks of an MCU in coding order.
pub struct Scan {
    blocks: [Block<(u8, u8)>; MCU_BLOCKS_MAX],
    places: [Place; MCU_BLOCKS_MAX],
    /// Blocks in an MCU.
    pub count: usize,
    /// Luma blocks across and down in an MCU.
    pub luma: (usize, usize),
    /// MCUs across and down.
    pub mcus: (usize, usize),
}

impl Scan {
    /// Reads a scan header (ITU T.81, B.2.3); none if the scan has no luma.
    pub fn parse(payload: &[u8], frame: &Frame) -> Result<Option<Self>, Damage> {
        let (&count, rest) = payload.split_first().ok_or(Damage::BadScanHeader)?;
        let list = rest.get(..2 * usize::from(count)).ok_or(Damage::BadScanHeader)?;
        if !(1..=frame.components().len()).contains(&usize::from(count)) {
            return Err(Damage::BadScanHeader);
        }
        let alone = count == 1;
        let mut scan = Self::of_luma_blocks(frame, if alone { (1, 1) } else { frame.luma().blocks });
        let mut has_luma = false;
        for entry in list.chunks_exact(2) {
            let known = frame.components().iter().position(|c| c.id == entry[0]);
            let number = known.ok_or(Damage::BadScanHeader)?;
            let component = *frame.components().get(number).ok_or(Damage::BadScanHeader)?;
            let is_luma = number == 0;
            if is_luma && has_luma {
                return Err(Damage::BadScanHeader);
            }
            has_luma |= is_luma;
            // A scan of one component is not interleaved: its MCU is one block (A.2.2).
            let blocks = if alone { (1, 1) } else { component.blocks };
            scan.append(Component { blocks, ..component }, (entry[1] >> 4, entry[1] & 15), number)?;
        }
        Ok(has_luma.then_some(scan))
    }

    /// Slots (DC, AC) of the tables that the scan uses, and whether for luma, with repetitions.
    pub fn table_slots(&self) -> impl Iterator<Item = (u8, u8, bool)> + '_ {
        self.blocks
            .iter()
            .take(self.count)
            .map(|block| (block.tables.0, block.tables.1, matches!(block.part, Part::Luma(..))))
    }

    /// Which block of which component each block of an MCU is, in coding order.
    pub fn places(&self) -> &[Place] {
        self.places.get(..self.count).unwrap_or(&[])
    }

    /// The blocks of an MCU with the tables that `find` gives for their slots; [`Self::count`] of them are in use.
    pub fn blocks_with<T>(&self, find: impl Fn((u8, u8)) -> T) -> [Block<T>; MCU_BLOCKS_MAX] {
        self.blocks.map(|block| Block { tables: find(block.tables), part: block.part })
    }

    fn of_luma_blocks(frame: &Frame, luma: (u8, u8)) -> Self {
        let luma = (usize::from(luma.0), usize::from(luma.1));
        let across = usize::from(frame.size.width).div_ceil(BLOCK_PX * luma.0);
        let down = usize::from(frame.size.height).div_ceil(BLOCK_PX * luma.1);
        let blocks = [Block { tables: (0, 0), part: Part::Chroma(1) }; MCU_BLOCKS_MAX];
        Self { blocks, places: [Place::default(); MCU_BLOCKS_MAX], count: 0, luma, mcus: (across, down) }
    }

    fn append(&mut self, component: Component, tables: (u8, u8), number: usize) -> Result<(), Damage> {
        let (across, down) = (usize::from(component.blocks.0), usize::from(component.blocks.1));
        for at in 0..across * down {
            let within = (at / across, at % across);
            let part = if number == 0 { Part::Luma(within.0, within.1) } else { Part::Chroma(number) };
            *self.blocks.get_mut(self.count).ok_or(Damage::Sampling)? = Block { tables, part };
            self.places[self.count] = Place { component: number, at: within, of: (down, across) };
            self.count += 1;
        }
        Ok(())
    }
}

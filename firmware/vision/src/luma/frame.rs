//! The frame header (SOF, ITU T.81 B.2.2): size, components, subsampling.
//!
//! Refuses, with the reason, every kind of JPEG that the decoder does not read. Must not look at picture data.
use super::Damage;
use super::segments::marker;
use super::size::FrameSize;

/// One colour component of the frame.
#[derive(Clone, Copy, Default)]
pub struct Component {
    /// Identifier by which the scan header refers to it.
    pub id: u8,
    /// Blocks across and down in one MCU of an interleaved scan.
    pub blocks: (u8, u8),
    /// Quantisation table, 0..=3.
    pub quant: u8,
}

/// A frame header that the decoder can work with. The first component is the luma.
pub struct Frame {
    /// Size in pixels.
    pub size: FrameSize,
    components: [Component; 3],
    count: usize,
}

impl Frame {
    /// Reads a start-of-frame payload; `kind` is its marker.
    pub fn parse(kind: u8, payload: &[u8]) -> Result<Self, Damage> {
        refuse_other_kinds(kind)?;
        let &[precision, y1, y0, x1, x0, count, ref list @ ..] = payload else {
            return Err(Damage::BadSegment);
        };
        if precision != 8 {
            return Err(Damage::Precision);
        }
        let size = checked_size(u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]))?;
        let count = usize::from(count);
        if count != 1 && count != 3 {
            return Err(Damage::Components);
        }
        if list.len() != 3 * count {
            return Err(Damage::BadSegment);
        }
        let mut components = [Component::default(); 3];
        for (component, entry) in components.iter_mut().zip(list.chunks_exact(3)) {
            *component = Component { id: entry[0], blocks: (entry[1] >> 4, entry[1] & 15), quant: entry[2] };
        }
        let frame = Self { size, components, count };
        frame.check_components()?;
        Ok(frame)
    }

    /// The components in header order.
    pub fn components(&self) -> &[Component] {
        self.components.get(..self.count).unwrap_or(&[])
    }

    /// The luma component.
    pub fn luma(&self) -> Component {
        self.components[0]
    }

    fn check_components(&self) -> Result<(), Damage> {
        let luma = self.luma().blocks;
        // 1, 2 and 4 cover 4:0:0 to 4:1:0; a factor of 3 is legal but unknown among cameras.
        if !matches!(luma.0, 1 | 2 | 4) || !matches!(luma.1, 1 | 2 | 4) {
            return Err(Damage::Sampling);
        }
        for component in self.components() {
            if component.quant > 3 {
                return Err(Damage::BadSegment);
            }
            // Luma must have the full resolution, else its blocks are not 8 x 8 picture pixels.
            if !(1..=luma.0).contains(&component.blocks.0) || !(1..=luma.1).contains(&component.blocks.1) {
                return Err(Damage::Sampling);
            }
        }
        Ok(())
    }
}

fn refuse_other_kinds(kind: u8) -> Result<(), Damage> {
    match kind {
        marker::SOF0 | marker::SOF1 => Ok(()),
        marker::SOF2 => Err(Damage::Progressive),
        marker::SOF9..=marker::SOF15 => Err(Damage::Arithmetic),
        _ => Err(Damage::Lossless),
    }
}

fn checked_size(width: u16, height: u16) -> Result<FrameSize, Damage> {
    // Legal: a later segment (DNL) gives it. No camera does that.
    if height == 0 {
        return Err(Damage::NoHeight);
    }
    let size = FrameSize { width, height };
    size.check().map(|()| size)
}

//! A row of an uncompressed frame as luma and colour differences, for whoever makes a picture for people of it.
//!
//! Only where the samples are; must not convert, scale or judge them. Bayer mosaics have no such rows:
//! [`crate::bayer`] makes them.

/// Where the colours of a format are.
#[derive(Clone, Copy)]
pub(super) enum Colours {
    /// There are none.
    None,
    /// In groups of four bytes for two pixels (4:2:2): where in a group the first luma is, the second being two bytes behind it, and Cb and Cr.
    Packed {
        /// The first luma.
        luma: usize,
        /// Cb of both pixels.
        cb: usize,
        /// Cr of both pixels.
        cr: usize,
    },
    /// Pairs of bytes in a plane behind the luma, a row for two rows (4:2:0): where in a pair Cb and Cr are.
    Interleaved {
        /// Cb.
        cb: usize,
        /// Cr.
        cr: usize,
    },
    /// A plane of Cb behind the luma, then one of Cr; their rows are half as long as the luma's (4:2:0).
    Planar,
}

/// One row of a frame, a sample of each kind for each pixel: chroma that pixels share is repeated.
pub struct YcbcrRow<'a> {
    /// Luma.
    pub luma: &'a mut [u8],
    /// Blue difference.
    pub cb: &'a mut [u8],
    /// Red difference.
    pub cr: &'a mut [u8],
}

/// No colour.
const NEUTRAL: u8 = 128;

/// The bytes behind the luma plane, and how long rows are.
pub(super) struct Planes<'a> {
    /// The frame from its beginning.
    pub bytes: &'a [u8],
    /// Bytes from row to row of the luma.
    pub stride_bytes: usize,
    /// Rows of luma.
    pub height: usize,
}

impl Planes<'_> {
    /// What the frame holds from `at` on; less than `bytes` where it ends: the last row may lack its padding.
    fn part(&self, at: usize, bytes: usize) -> &[u8] {
        let rest = self.bytes.get(at..).unwrap_or(&[]);
        &rest[..rest.len().min(bytes)]
    }
}

impl Colours {
    /// Fills `row` with row `y` of a frame; what the frame lacks keeps grey.
    pub(super) fn read(self, planes: &Planes<'_>, y: usize, row: &mut YcbcrRow<'_>) {
        let width = row.luma.len();
        let line = planes.part(y * planes.stride_bytes, planes.stride_bytes);
        row.cb.fill(NEUTRAL);
        row.cr.fill(NEUTRAL);
        if let Self::Packed { luma, cb, cr } = self {
            let groups = line.chunks_exact(4);
            spread(row.cb, groups.clone().map(|group| group[cb]));
            spread(row.cr, groups.clone().map(|group| group[cr]));
            let lumas = groups.flat_map(|group| [group[luma], group[luma + 2]]);
            return row.luma.iter_mut().zip(lumas).for_each(|(to, from)| *to = from);
        }
        let stored = line.len().min(width);
        row.luma[..stored].copy_from_slice(&line[..stored]);
        let behind = planes.height * planes.stride_bytes;
        match self {
            Self::None | Self::Packed { .. } => {}
            Self::Interleaved { cb, cr } => {
                let line = planes.part(behind + y / 2 * planes.stride_bytes, planes.stride_bytes);
                spread(row.cb, line.chunks_exact(2).map(|pair| pair[cb]));
                spread(row.cr, line.chunks_exact(2).map(|pair| pair[cr]));
            }
            Self::Planar => {
                let half = planes.stride_bytes / 2;
                let plane = half * planes.height.div_ceil(2);
                spread(row.cb, planes.part(behind + y / 2 * half, half).iter().copied());
                spread(row.cr, planes.part(behind + plane + y / 2 * half, half).iter().copied());
            }
        }
    }
}

/// Each sample for two pixels.
#[inline(always)]
fn spread(to: &mut [u8], mut from: impl Iterator<Item = u8>) {
    let (pairs, odd) = to.as_chunks_mut::<2>();
    for (pair, sample) in pairs.iter_mut().zip(from.by_ref()) {
        *pair = [sample; 2];
    }
    if let ([last], Some(sample)) = (odd, from.next()) {
        *last = sample;
    }
}

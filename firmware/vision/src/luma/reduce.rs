//! Turns rows of means into rows of the detection plane.
//!
//! Averages 1 x 1, 2 x 2 or 4 x 4 block means, rounded to nearest, as they arrive. Must not know where they come from.
use super::size::{BLOCK_PX, FrameSize};
use crate::plane::PLANE_SIDE_PX_MAX;

/// Sums of the plane row that is being collected: 16 means of 255 fit with room to spare.
pub type Sums = [u16; PLANE_SIDE_PX_MAX];

/// Collects rows of means from top to bottom.
pub struct Reducer<'a> {
    rows: core::slice::ChunksExactMut<'a, u8>,
    sums: &'a mut Sums,
    width: usize,
    factor: usize,
    /// Rows in `sums`.
    collected: usize,
}

impl<'a> Reducer<'a> {
    /// `out` holds exactly the plane of `size`, at least one pixel.
    pub fn new(size: FrameSize, out: &'a mut [u8], sums: &'a mut Sums) -> Self {
        let width = usize::from(size.plane().width).max(1);
        sums.fill(0);
        Self {
            rows: out.chunks_exact_mut(width),
            sums,
            width,
            // Below a block's size the means come as fine as the plane is.
            factor: (size.square_px() / BLOCK_PX).max(1),
            collected: 0,
        }
    }

    /// Takes the next row; what lies beyond the right or lower edge of the plane is dropped.
    pub fn push(&mut self, means: &[u8]) {
        if self.factor == 1 {
            if let (Some(row), Some(means)) = (self.rows.next(), means.get(..self.width)) {
                row.copy_from_slice(means);
            }
            return;
        }
        for (sum, square) in self.sums.iter_mut().take(self.width).zip(means.chunks_exact(self.factor)) {
            *sum += square.iter().map(|&mean| u16::from(mean)).sum::<u16>();
        }
        self.collected += 1;
        if self.collected == self.factor {
            self.collected = 0;
            self.emit();
        }
    }

    fn emit(&mut self) {
        let means = (self.factor * self.factor) as u16;
        for (pixel, sum) in self.rows.next().into_iter().flatten().zip(self.sums.iter_mut()) {
            *pixel = ((*sum + means / 2) / means) as u8;
            *sum = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_two_by_two_and_drops_the_edges() {
        // 2600 x 32: 325 x 4 blocks, 162 x 2 plane pixels; the last block column has no partner.
        let size = FrameSize { width: 2600, height: 32 };
        let mut out = [0u8; 324];
        let mut sums = [0; PLANE_SIDE_PX_MAX];
        let mut reducer = Reducer::new(size, &mut out, &mut sums);
        for row in [[10u8, 11, 255], [12, 13, 255], [255, 255, 255], [255, 254, 255], [99, 99, 99]] {
            let mut means = [row[2]; 325];
            (means[0], means[1]) = (row[0], row[1]);
            reducer.push(&means);
        }
        assert_eq!((out[0], out[1], out[162], out[163]), (12, 255, 255, 255));
    }
}

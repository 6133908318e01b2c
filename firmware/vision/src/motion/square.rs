//! What light does to a square of the plane: its gain, whether the texture shows through, and the square relit.
//!
//! Pure, and one square at a time; what its neighbours say is the caller's.

use super::tiles::TILE_PX;
use core::ops::Range;

/// Bits after the binary point of a gain.
pub const GAIN_BITS: u32 = 8;
/// A gain of one.
pub const GAIN_ONE: u16 = 1 << GAIN_BITS;
/// Light goes so much further than its gain says: gamma and shades, one part in so many.
const FURTHER_PART: i32 = 4;
/// What is left of a change that fits is at most two fifths of it.
const FITS_TIMES: u32 = 5;
const FITS_OF: u32 = 2;
/// Standard deviation of a texture of which less is noise, grey levels.
const TEXTURE: i64 = 5;
/// A square brighter than this is clipped: its texture is lost.
const CLIPPED: i32 = 235;
/// For each pixel along a side: which of three centres lies before it, and how far it is from there, in parts of [`FULL`].
const PLACES: [(usize, u32); TILE_PX] = {
    let mut places = [(0, 0); TILE_PX];
    let mut at = 0;
    while at < TILE_PX {
        // Twice the distance from the centre before, of twice the side.
        let twice = 2 * at + 1 + TILE_PX;
        places[at] = (twice / (2 * TILE_PX), (twice % (2 * TILE_PX)) as u32);
        at += 1;
    }
    places
};
/// From one centre to the next.
const FULL: u32 = 2 * TILE_PX as u32;

/// A square of the plane: the index of its first pixel, and its size, cut off at the plane's edge.
pub struct Square {
    /// Index of its upper left pixel.
    pub first: usize,
    /// Pixels in a row of the plane.
    pub width: usize,
    /// Pixels in a row of the square.
    pub columns: usize,
    /// Rows of the square.
    pub rows: usize,
}

impl Square {
    /// The indices of each row's pixels.
    pub fn lines(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (first, width, columns) = (self.first, self.width, self.columns);
        (0..self.rows).map(move |row| first + row * width..first + row * width + columns)
    }

    fn px(&self) -> usize {
        self.columns * self.rows
    }

    /// Whether any pixel has this mark.
    pub fn has_any(&self, mask: &[u8], mark: u8) -> bool {
        self.lines().any(|line| mask[line].iter().fold(false, |any, &here| any | (here == mark)))
    }

    /// Frame over background, at least 1, and whether they differ by more than `noise` grey levels in the mean.
    pub fn measure(&self, luma: &[u8], known: &[u8], noise: u8) -> (u16, bool) {
        let (mut seen_sum, mut known_sum, mut distance) = (0u32, 0u32, 0u32);
        for line in self.lines() {
            let (luma, known) = (&luma[line.clone()], &known[line]);
            seen_sum += luma.iter().map(|&grey| u32::from(grey)).sum::<u32>();
            known_sum += known.iter().map(|&level| u32::from(level)).sum::<u32>();
            distance +=
                luma.iter().zip(known).map(|(&grey, &level)| u32::from(grey.abs_diff(level))).sum::<u32>();
        }
        let px = self.px() as u32;
        let gain = ((seen_sum << GAIN_BITS) / known_sum.max(px)).clamp(1, u32::from(u16::MAX));
        (gain as u16, distance > u32::from(noise) * px)
    }

    /// Whether the frame has the texture of the background under this gain, where there is enough of it to tell.
    pub fn shows_through(&self, luma: &[u8], known: &[u8], gain: u32) -> bool {
        let (mut seen, mut level, mut squared, mut product) = (0i32, 0i32, 0i32, 0i32);
        for line in self.lines() {
            for (&grey, &known) in luma[line.clone()].iter().zip(&known[line]) {
                let (grey, known) = (i32::from(grey), i32::from(known));
                seen += grey;
                level += known;
                squared += known * known;
                product += grey * known;
            }
        }
        let px = self.px() as i32;
        if seen > CLIPPED * px {
            return true;
        }
        // Both times the square of the number of pixels: 64 of 8 bits each stay below 2^29.
        let variance = i64::from(squared * px - level * level);
        let covariance = i64::from(product * px - seen * level);
        let expected = (variance * i64::from(gain)) >> GAIN_BITS;
        let contrast = (expected * i64::from(gain)) >> GAIN_BITS;
        let least = i64::from(px) * TEXTURE;
        // Neither what is known nor what is to be seen may be noise.
        variance.min(contrast) < least * least || 2 * covariance >= expected
    }

    /// Whether the gains, read smoothly, leave at most a part of the change: of a sharp outline they leave half.
    pub fn fits(&self, luma: &[u8], known: &[u8], gains: &[[u32; 3]; 3], noise: u8) -> bool {
        let (mut before, mut after) = (0u32, 0u32);
        for (line, place) in self.lines().zip(PLACES) {
            let gains = read(gains, place);
            for ((&grey, &known), gain) in luma[line.clone()].iter().zip(&known[line]).zip(gains) {
                let relit = ((u32::from(known) * gain) >> GAIN_BITS).min(255) as u8;
                before += u32::from(grey.abs_diff(known));
                after += u32::from(grey.abs_diff(relit));
            }
        }
        after * FITS_TIMES <= before * FITS_OF || after <= u32::from(noise) * self.px() as u32
    }

    /// Relights the square by the gains of it and its neighbours, read smoothly between their centres.
    pub fn relight(&self, lit: &mut [u8], gains: &[[u32; 3]; 3]) {
        for (line, place) in self.lines().zip(PLACES) {
            for (level, gain) in lit[line].iter_mut().zip(read(gains, place)) {
                let known = i32::from(*level);
                let relit = ((known as u32 * gain) >> GAIN_BITS) as i32;
                *level = (relit + (relit - known) / FURTHER_PART).clamp(0, 255) as u8;
            }
        }
    }
}

/// The gain at each pixel of a row of a square that lies between these centres: linear between them.
fn read(gains: &[[u32; 3]; 3], (row, down): (usize, u32)) -> [u32; TILE_PX] {
    // Those of the three columns, times `FULL`.
    let along: [u32; 3] =
        core::array::from_fn(|column| gains[row][column] * (FULL - down) + gains[row + 1][column] * down);
    let mut read = [0; TILE_PX];
    for (gain, &(column, right)) in read.iter_mut().zip(&PLACES) {
        *gain = (along[column] * (FULL - right) + along[column + 1] * right) / (FULL * FULL);
    }
    read
}

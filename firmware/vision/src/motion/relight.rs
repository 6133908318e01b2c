//! Follows light that falls on a part of the picture: says, for each pixel, what the background may look like in it.
//!
//! A cloud's shadow, a headlight's beam, a lamp behind a corner are gains that change little from square to square. The field of gains
//! is the median of each square's neighbourhood, which nothing small can move, read smoothly between the squares. Pixels between
//! the background and its relit self are explained by the light. Squares in which something known moves are left out, and say
//! nothing to their neighbours. The background itself is not touched: light goes as it came. Must not mark or judge.

use super::model::HELD;
use crate::plane::PLANE_SIDE_PX_MAX;

/// Side of a square, plane pixels.
const TILE_PX: usize = 8;
const ROW_TILES_MAX: usize = PLANE_SIDE_PX_MAX.div_ceil(TILE_PX);
const TILES_MAX: usize = ROW_TILES_MAX * ROW_TILES_MAX;
/// Bits after the binary point of a gain.
const GAIN_BITS: u32 = 8;
const GAIN_ONE: u16 = 1 << GAIN_BITS;
/// Of a square that says nothing.
const NO_GAIN: u16 = 0;
/// Squares on each side of one whose gains the median is of.
const REACH: usize = 1;
const NEIGHBOURS: usize = (2 * REACH + 1) * (2 * REACH + 1);
/// Light goes so much further than the median says: gamma and shades, one part in so many.
const FURTHER_PART: i32 = 4;
/// A square brighter than this is clipped: its texture is lost.
const CLIPPED: i64 = 235;
/// A smaller change of the gain is no light, in parts of one.
const DEADBAND: u32 = GAIN_ONE as u32 / 16;
/// So many squares in other light mean that the light is unsteady …
const UNSTEADY_TILES: usize = 4;
/// … for so long: clouds come again.
const UNSTEADY_US: u64 = 30_000_000;

/// Working memory.
pub struct Relight {
    gains: [u16; TILES_MAX],
    field: [u16; TILES_MAX],
    columns: usize,
    rows: usize,
    /// The last frame's light is that of the background, everywhere.
    is_steady: bool,
    unsteady_until_us: u64,
}

impl Relight {
    /// Empty working memory.
    pub const fn new() -> Self {
        Self {
            gains: [NO_GAIN; TILES_MAX],
            field: [GAIN_ONE; TILES_MAX],
            columns: 0,
            rows: 0,
            is_steady: true,
            unsteady_until_us: 0,
        }
    }

    /// Relights `lit`, which holds the background, by the light of this frame: the background's other end. `mask` still holds the last
    /// frame's marks. `noise` is the mean distance, in grey levels, from which a square is looked at.
    pub fn follow(&mut self, luma: &[u8], mask: &[u8], lit: &mut [u8], width: usize, noise: u8, now_us: u64) {
        (self.columns, self.rows) = (width.div_ceil(TILE_PX), luma.len().div_ceil(width * TILE_PX));
        let tiles = self.columns * self.rows;
        self.is_steady = true;
        for at in 0..tiles {
            let (gain, differs) = measure(&self.square(at, luma.len(), width), luma, lit, mask, noise);
            self.gains[at] = gain;
            self.is_steady &= !differs;
        }
        if self.is_steady {
            return;
        }
        for at in 0..tiles {
            self.field[at] = self.median(at);
        }
        for at in (0..tiles).filter(|&at| self.gains[at] != NO_GAIN) {
            let gains = self.around(at);
            if gains.iter().flatten().any(|&gain| is_light(gain)) {
                relight(&self.square(at, luma.len(), width), luma, lit, gains, noise);
            }
        }
        let changing = self.field[..tiles].iter().filter(|&&gain| is_light(gain.into())).count();
        if changing >= UNSTEADY_TILES {
            self.unsteady_until_us = now_us + UNSTEADY_US;
        }
    }

    /// Whether the light has changed somewhere in the picture lately.
    pub fn is_unsteady(&self, now_us: u64) -> bool {
        now_us < self.unsteady_until_us
    }

    /// Sets all bits of the pixels where the last frame's light changes, and no others.
    pub fn paint(&self, lit: &mut [u8], width: usize) {
        lit.fill(0);
        if self.is_steady {
            return;
        }
        for at in 0..self.columns * self.rows {
            if is_light(self.field[at].into()) {
                self.square(at, lit.len(), width).lines().for_each(|line| lit[line].fill(0xFF));
            }
        }
    }

    fn square(&self, at: usize, px: usize, width: usize) -> Square {
        let (left, top) = (at % self.columns * TILE_PX, at / self.columns * TILE_PX);
        let (columns, rows) = (TILE_PX.min(width - left), TILE_PX.min(px / width - top));
        Square { first: top * width + left, width, columns, rows }
    }

    /// The median gain around a square.
    fn median(&self, at: usize) -> u16 {
        let (column, row) = (at % self.columns, at / self.columns);
        let mut gains = [0; NEIGHBOURS];
        let mut count = 0;
        for y in row.saturating_sub(REACH)..(row + REACH + 1).min(self.rows) {
            for x in column.saturating_sub(REACH)..(column + REACH + 1).min(self.columns) {
                let gain = self.gains[y * self.columns + x];
                if gain != NO_GAIN {
                    gains[count] = gain;
                    count += 1;
                }
            }
        }
        match count {
            0 => GAIN_ONE,
            _ => *gains[..count].select_nth_unstable(count / 2).1,
        }
    }

    /// The field at a square and its neighbours; beyond the edge it goes on as it came.
    fn around(&self, at: usize) -> [[u32; 3]; 3] {
        let (column, row) = (at % self.columns, at / self.columns);
        let field = |x: usize, y: usize| i32::from(self.field[y * self.columns + x]);
        let lines: [[u32; 3]; 3] = core::array::from_fn(|dy| {
            let y = (row + dy).wrapping_sub(1);
            if y >= self.rows {
                return [0; 3];
            }
            let left = (column > 0).then(|| field(column - 1, y));
            let right = (column + 1 < self.columns).then(|| field(column + 1, y));
            beyond(left, field(column, y), right)
        });
        let whole =
            |dy: usize| (row + dy >= 1 && row + dy <= self.rows).then_some(lines[dy].map(|gain| gain as i32));
        let mut out = [[0; 3]; 3];
        for dx in 0..3 {
            let column =
                beyond(whole(0).map(|line| line[dx]), lines[1][dx] as i32, whole(2).map(|line| line[dx]));
            for dy in 0..3 {
                out[dy][dx] = column[dy];
            }
        }
        out
    }
}

/// Three values in a row, of which those at the ends may be missing.
fn beyond(before: Option<i32>, here: i32, after: Option<i32>) -> [u32; 3] {
    let first = before.unwrap_or_else(|| after.map_or(here, |after| 2 * here - after));
    let last = after.unwrap_or_else(|| before.map_or(here, |before| 2 * here - before));
    [first, here, last].map(|gain| gain.max(1) as u32)
}

/// Whether a gain is light, and not noise.
fn is_light(gain: u32) -> bool {
    gain.abs_diff(u32::from(GAIN_ONE)) > DEADBAND
}

/// A square of the plane: the index of its first pixel, and its size.
struct Square {
    first: usize,
    width: usize,
    columns: usize,
    rows: usize,
}

impl Square {
    /// The indices of each row's pixels.
    fn lines(&self) -> impl Iterator<Item = core::ops::Range<usize>> + use<> {
        let (first, width, columns) = (self.first, self.width, self.columns);
        (0..self.rows).map(move |row| first + row * width..first + row * width + columns)
    }
}

/// Frame over background in a square, and whether it differs by more than noise.
fn measure(square: &Square, luma: &[u8], known: &[u8], mask: &[u8], noise: u8) -> (u16, bool) {
    let (mut seen_sum, mut known_sum, mut distance, mut is_held) = (0u32, 0u32, 0u32, false);
    for line in square.lines() {
        let (luma, known) = (&luma[line.clone()], &known[line.clone()]);
        for (&grey, &level) in luma.iter().zip(known) {
            seen_sum += u32::from(grey);
            known_sum += u32::from(level);
            distance += u32::from(grey.abs_diff(level));
        }
        is_held |= mask[line].contains(&HELD);
    }
    let px = (square.columns * square.rows) as u32;
    let gain = ((seen_sum << GAIN_BITS) / known_sum.max(px)).clamp(1, u32::from(u16::MAX)) as u16;
    let differs = distance > u32::from(noise) * px;
    if is_held { (NO_GAIN, differs) } else { (gain, differs) }
}

/// Relights a square.
fn relight(square: &Square, luma: &[u8], lit: &mut [u8], gains: [[u32; 3]; 3], noise: u8) {
    if !shines_through(square, luma, lit, gains[1][1], noise) {
        return;
    }
    for (y, line) in square.lines().enumerate() {
        for (x, level) in lit[line].iter_mut().enumerate() {
            let known = i32::from(*level);
            let relit = ((known as u32 * gain_at(&gains, x, y)) >> GAIN_BITS) as i32;
            *level = (relit + (relit - known) / FURTHER_PART).clamp(0, 255) as u8;
        }
    }
}

/// Whether the frame has the texture of the background, where there is enough of it to tell.
fn shines_through(square: &Square, luma: &[u8], known: &[u8], gain: u32, noise: u8) -> bool {
    let (mut px, mut seen, mut level, mut squared, mut product) = (0i64, 0i64, 0i64, 0i64, 0i64);
    for line in square.lines() {
        for (&grey, &known) in luma[line.clone()].iter().zip(&known[line]) {
            let (grey, known) = (i64::from(grey), i64::from(known));
            px += 1;
            seen += grey;
            level += known;
            squared += known * known;
            product += grey * known;
        }
    }
    if seen > CLIPPED * px {
        return true;
    }
    // Both times the square of the number of pixels.
    let (variance, covariance) = (squared * px - level * level, product * px - seen * level);
    let expected = (variance * i64::from(gain)) >> GAIN_BITS;
    let contrast = (expected * i64::from(gain)) >> GAIN_BITS;
    let noise = i64::from(noise);
    contrast < px * px * noise * noise || 2 * covariance >= expected
}

/// The gain at a pixel of a square, between those of the squares' centres.
fn gain_at(gains: &[[u32; 3]; 3], x: usize, y: usize) -> u32 {
    // Twice the distance from the upper left neighbour's centre, of 2 * TILE_PX to the next.
    let place = |at: usize| {
        let twice = 2 * at + 1 + TILE_PX;
        (usize::from(twice >= 2 * TILE_PX), (twice % (2 * TILE_PX)) as u32)
    };
    let ((column, right), (row, down)) = (place(x), place(y));
    let full = 2 * TILE_PX as u32;
    let across = |row: &[u32; 3]| row[column] * (full - right) + row[column + 1] * right;
    (across(&gains[row]) * (full - down) + across(&gains[row + 1]) * down) / (full * full)
}

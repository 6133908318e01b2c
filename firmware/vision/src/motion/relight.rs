//! Follows light that falls on a part of the picture: says, for each pixel, what the background may look like in it.
//!
//! A cloud's shadow, a headlight's beam, a lamp behind a corner are gains that change little from square to square. The field of gains
//! is the median of each square's neighbourhood, which nothing small can move, read smoothly between the squares. Pixels between
//! the background and its relit self are explained by the light. Squares in which something known moves are left out, and say
//! nothing to their neighbours. The background itself is not touched: light goes as it came. Must not mark or judge.

use super::model::HELD;
use super::square::{GAIN_ONE, Square};
use super::tiles::{TILE_PX, TILES_MAX};
use super::upheaval::Tiles;

/// Of a square that says nothing.
const NO_GAIN: u16 = 0;
/// Squares on each side of one whose gains the median is of.
const REACH: usize = 1;
const NEIGHBOURS: usize = (2 * REACH + 1) * (2 * REACH + 1);
/// A smaller change of the gain is no light, in parts of one.
const DEADBAND: u32 = GAIN_ONE as u32 / 16;
/// Sweeps there and back in which light spreads from square to square: it goes around corners.
const SPREADS_MAX: usize = 4;
/// So many squares in other light mean that the light is unsteady …
const UNSTEADY_TILES: usize = 4;
/// … for so long: clouds come again.
const UNSTEADY_US: u64 = 30_000_000;

/// What is thought of a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its light is that of the background, and its neighbours' too.
    Usual,
    /// Its change fits light.
    Candidate,
    /// That, and it hangs together with the usual light.
    Lit,
    /// Its change is another.
    Other,
}

/// Working memory.
pub struct Relight {
    gains: [u16; TILES_MAX],
    field: [u16; TILES_MAX],
    kinds: [Kind; TILES_MAX],
    columns: usize,
    rows: usize,
    /// The last frame's light is that of the background, everywhere.
    is_steady: bool,
    unsteady_until_us: u64,
    /// What the last frame's squares look like, each alone.
    tiles: Tiles,
}

impl Relight {
    /// Empty working memory.
    pub const fn new() -> Self {
        Self {
            gains: [NO_GAIN; TILES_MAX],
            field: [GAIN_ONE; TILES_MAX],
            kinds: [Kind::Usual; TILES_MAX],
            columns: 0,
            rows: 0,
            is_steady: true,
            unsteady_until_us: 0,
            tiles: Tiles::NONE,
        }
    }

    /// Another scene: its light is steady until it changes.
    pub fn begin(&mut self) {
        self.is_steady = true;
        self.unsteady_until_us = 0;
    }

    /// Relights `lit`, which holds the background, by the light of this frame: the background's other end. `mask` still holds the last
    /// frame's marks. `noise` is the mean distance, in grey levels, from which a square is looked at.
    pub fn follow(&mut self, luma: &[u8], mask: &[u8], lit: &mut [u8], width: usize, noise: u8, now_us: u64) {
        (self.columns, self.rows) = (width.div_ceil(TILE_PX), luma.len().div_ceil(width * TILE_PX));
        let tiles = self.columns * self.rows;
        self.is_steady = true;
        self.tiles = Tiles { all: tiles, ..Tiles::NONE };
        for at in 0..tiles {
            let (gain, differs) = self.square(at, luma.len(), width).measure(luma, lit, noise);
            self.gains[at] = gain;
            self.is_steady &= !differs;
        }
        if self.is_steady {
            return;
        }
        for at in 0..tiles {
            if self.square(at, luma.len(), width).has_any(mask, HELD) {
                self.gains[at] = NO_GAIN;
            }
        }
        for at in 0..tiles {
            self.field[at] = self.median(at);
        }
        for at in 0..tiles {
            self.kinds[at] = self.kind(at, luma, lit, width, noise);
        }
        self.tiles.unusual = tiles - self.count(Kind::Usual, tiles);
        self.tiles.like_light = self.count(Kind::Candidate, tiles);
        self.spread(tiles);
        for at in (0..tiles).filter(|&at| self.kinds[at] == Kind::Lit) {
            self.square(at, luma.len(), width).relight(lit, &self.around(at));
        }
        if self.count(Kind::Lit, tiles) >= UNSTEADY_TILES {
            self.unsteady_until_us = now_us.saturating_add(UNSTEADY_US);
        }
    }

    /// How many of the first `tiles` squares are of this kind.
    fn count(&self, kind: Kind, tiles: usize) -> usize {
        self.kinds[..tiles].iter().filter(|&&other| other == kind).count()
    }

    /// What a square alone looks like.
    fn kind(&self, at: usize, luma: &[u8], known: &[u8], width: usize, noise: u8) -> Kind {
        if self.gains[at] == NO_GAIN {
            return Kind::Other;
        }
        let gains = self.around(at);
        if !gains.iter().flatten().any(|&gain| is_light(gain)) {
            return Kind::Usual;
        }
        let square = self.square(at, luma.len(), width);
        let fits = square.shows_through(luma, known, gains[1][1]) && square.fits(luma, known, &gains, noise);
        if fits { Kind::Candidate } else { Kind::Other }
    }

    /// Light comes from somewhere: squares count that hang together with one where it is as usual.
    fn spread(&mut self, tiles: usize) {
        let columns = self.columns;
        for _ in 0..SPREADS_MAX {
            let mut changes = false;
            let mut visit = |kinds: &mut [Kind; TILES_MAX], at: usize| {
                let reached = |other: usize| matches!(kinds[other], Kind::Usual | Kind::Lit);
                let is_beside = (!at.is_multiple_of(columns) && reached(at - 1))
                    || (at % columns + 1 < columns && reached(at + 1))
                    || (at >= columns && reached(at - columns))
                    || (at + columns < tiles && reached(at + columns));
                if kinds[at] == Kind::Candidate && is_beside {
                    kinds[at] = Kind::Lit;
                    changes = true;
                }
            };
            (0..tiles).for_each(|at| visit(&mut self.kinds, at));
            (0..tiles).rev().for_each(|at| visit(&mut self.kinds, at));
            if !changes {
                return;
            }
        }
    }

    /// What the squares of the last frame look like.
    pub fn tiles(&self) -> Tiles {
        self.tiles
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
            if self.kinds[at] == Kind::Lit {
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
        let line = |y: usize| {
            let field = |x: usize| i32::from(self.field[y * self.columns + x]);
            let left = column.checked_sub(1).map(field);
            let right = Some(column + 1).filter(|&x| x < self.columns).map(field);
            beyond(left, field(column), right)
        };
        let above = row.checked_sub(1).map(line);
        let here = line(row);
        let below = Some(row + 1).filter(|&y| y < self.rows).map(line);
        let columns: [[i32; 3]; 3] =
            core::array::from_fn(|x| beyond(above.map(|line| line[x]), here[x], below.map(|line| line[x])));
        core::array::from_fn(|y| core::array::from_fn(|x| columns[x][y] as u32))
    }
}

/// Three gains in a row, each at least 1, of which those at the ends may be missing.
fn beyond(before: Option<i32>, here: i32, after: Option<i32>) -> [i32; 3] {
    let first = before.unwrap_or_else(|| after.map_or(here, |after| 2 * here - after));
    let last = after.unwrap_or_else(|| before.map_or(here, |before| 2 * here - before));
    [first, here, last].map(|gain| gain.max(1))
}

/// Whether a gain is light, and not noise.
fn is_light(gain: u32) -> bool {
    gain.abs_diff(u32::from(GAIN_ONE)) > DEADBAND
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 160;
    const PX: usize = W * 48;
    const NOISE: u8 = 4;

    /// Ground with texture, 60..=139.
    fn ground() -> [u8; PX] {
        core::array::from_fn(|at| (60 + (at % W * 7 + at / W * 13) % 80) as u8)
    }

    /// Pixels that lie outside of what the light explains by more than the noise.
    fn unexplained(luma: &[u8; PX], mask: &[u8; PX]) -> usize {
        let (known, mut lit) = (ground(), ground());
        Relight::new().follow(luma, mask, &mut lit, W, NOISE, 0);
        let outside = |((&grey, known), lit): ((&u8, u8), u8)| {
            grey + NOISE < known.min(lit) || grey > known.max(lit).saturating_add(NOISE)
        };
        luma.iter().zip(known).zip(lit).filter(|&pixel| outside(pixel)).count()
    }

    #[test]
    fn a_beam_and_a_shadow_are_explained() {
        let known = ground();
        // Three quarters brighter in the middle, fading to the sides; and a shadow that deepens to the right.
        let beam = core::array::from_fn(|at| {
            let there = 60_usize.saturating_sub((at % W).abs_diff(80));
            known[at] + (usize::from(known[at]) * there / 80) as u8
        });
        let shadow = core::array::from_fn(|at| {
            let deep = (at % W).saturating_sub(40);
            (usize::from(known[at]) * (240 - deep) / 240) as u8
        });
        for (luma, name) in [(beam, "beam"), (shadow, "shadow")] {
            let marked =
                luma.iter().zip(known).filter(|&(&grey, known)| grey.abs_diff(known) > NOISE).count();
            assert!(marked > PX / 3, "{name}: {marked} differ");
            let left = unexplained(&luma, &[0; PX]);
            assert!(left < marked / 20, "{name}: {left} of {marked} are not explained");
        }
    }

    #[test]
    fn a_thing_and_what_is_held_are_not_explained() {
        let mut luma = ground();
        for row in luma.chunks_exact_mut(W).skip(14).take(20) {
            row[30..42].fill(20);
        }
        assert!(unexplained(&luma, &[0; PX]) > 150, "most of 240");
        // A wall of a thing, flat: neighbours agree, but its texture is not the ground's.
        luma.chunks_exact_mut(W).for_each(|row| row[16..120].fill(25));
        assert!(unexplained(&luma, &[0; PX]) > PX / 2);
        // The light of a beam is not believed where something known moves.
        let beam = core::array::from_fn(|at| ground()[at] + 60);
        assert_eq!(unexplained(&beam, &[HELD; PX]), PX);
    }
}

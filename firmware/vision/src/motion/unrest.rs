//! Where things that are not worth an alarm keep moving: a tree's place, a flag's, a busy sky.
//!
//! A number for each tile, raised by every blob that is not known to be a thing, lowered by time. A thing
//! that passes there must travel further before it is believed. Must not decide.

use super::tiles::{ROW_TILES_MAX, TILE_PX, TILES_MAX};
use super::verdict::Region;

/// Time in which a tile forgets one blob's frame.
const FORGET_US: u64 = 1_000_000;

/// Unrest of a place below which it counts as calm.
pub const CALM: u32 = 6;

/// The unrest of each tile.
pub struct Unrest {
    tiles: [u8; TILES_MAX],
    forgotten_us: u64,
}

impl Unrest {
    /// Calm everywhere.
    pub const fn new() -> Self {
        Self { tiles: [0; TILES_MAX], forgotten_us: 0 }
    }

    /// Calm everywhere again.
    pub fn clear(&mut self, now_us: u64) {
        self.tiles.fill(0);
        self.forgotten_us = now_us;
    }

    /// Lets time pass.
    pub fn forget(&mut self, now_us: u64) {
        while now_us.saturating_sub(self.forgotten_us) >= FORGET_US {
            self.forgotten_us += FORGET_US;
            self.tiles.iter_mut().for_each(|tile| *tile = tile.saturating_sub(1));
        }
    }

    /// A nuisance was here in this frame.
    pub fn raise(&mut self, bounds: Region, by: u8) {
        for at in tiles(bounds) {
            self.tiles[at] = self.tiles[at].saturating_add(by);
        }
    }

    /// Mean unrest of the tiles that these bounds touch.
    pub fn within(&self, bounds: Region) -> u32 {
        let (sum, count) =
            tiles(bounds).fold((0, 0), |(sum, count), at| (sum + u32::from(self.tiles[at]), count + 1));
        sum / count.max(1)
    }
}

fn tiles(bounds: Region) -> impl Iterator<Item = usize> {
    let tile = |px: u16| (usize::from(px) / TILE_PX).min(ROW_TILES_MAX - 1);
    let columns = tile(bounds.x1)..=tile(bounds.x2.saturating_sub(1));
    (tile(bounds.y1)..=tile(bounds.y2.saturating_sub(1)))
        .flat_map(move |row| columns.clone().map(move |column| row * ROW_TILES_MAX + column))
}

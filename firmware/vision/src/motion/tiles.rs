//! The plane in tiles of 8 x 8 pixels: how many there are, and sums over them.
//!
//! Light, structure and unrest are asked of tiles, never of pixels. Must not know what a sum means.

use crate::plane::PLANE_SIDE_PX_MAX;

/// Side of a tile, plane pixels.
pub const TILE_PX: usize = 8;
/// Tiles of the widest plane in a row.
pub const ROW_TILES_MAX: usize = PLANE_SIDE_PX_MAX.div_ceil(TILE_PX);
/// Tiles of the largest plane.
pub const TILES_MAX: usize = ROW_TILES_MAX * ROW_TILES_MAX;

/// Sums the tiles of a band: up to [`TILE_PX`] rows of `width` pixels. Gives for each tile, from left to right, its sum and its pixels, of
/// which there are fewer at the plane's edges.
pub fn sums<T: Copy>(band: &[T], width: usize, value: impl Fn(T) -> u32) -> impl Iterator<Item = (u32, u32)> {
    let mut sums = [0u32; ROW_TILES_MAX];
    for row in band.chunks(width) {
        for (sum, pixels) in sums.iter_mut().zip(row.chunks(TILE_PX)) {
            *sum += pixels.iter().map(|&pixel| value(pixel)).sum::<u32>();
        }
    }
    let rows = band.len() / width;
    let px = move |column: usize| (rows * TILE_PX.min(width - column * TILE_PX)) as u32;
    sums.into_iter().take(width.div_ceil(TILE_PX)).enumerate().map(move |(column, sum)| (sum, px(column)))
}

#[cfg(test)]
mod tests {
    use super::sums;

    #[test]
    fn tiles_at_the_edges_are_smaller() {
        let band: [u8; 60] = core::array::from_fn(|at| if at % 20 < 16 { 1 } else { 5 });
        let mut found = sums(&band, 20, u32::from);
        assert_eq!(
            [found.next(), found.next(), found.next()],
            [Some((24, 24)), Some((24, 24)), Some((60, 12))]
        );
        assert_eq!(found.next(), None);
    }
}

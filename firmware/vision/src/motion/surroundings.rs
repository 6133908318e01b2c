//! Did a blob's surroundings change with it? Then the light changed, and the blob only passed the threshold first.
//!
//! The threshold is a number of grey levels and light is a gain: where a cloud's shadow falls on a lawn with a path, the bright path
//! differs by more than the dark grass and becomes a blob of its own shape. A thing leaves its surroundings as they were. Must not decide.

use super::inspect::Planes;
use super::model::shown;
use super::verdict::Region;
use core::ops::Range;

/// What is looked at begins this far from the blob's box, plane pixels: nearer, the thing itself may be seen in part …
const GAP_PX: usize = 2;
/// … and is this wide.
const STRIP_PX: usize = 6;
/// Fewer unmarked pixels on a side say nothing.
const SIDE_PX_MIN: u32 = 10;

/// Sides of a blob's box, …
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// … that could be looked at, …
    pub seen: u8,
    /// … and that became brighter or darker by at least half as much as the blob did.
    pub alike: u8,
    /// Mean dispersion of their unmarked pixels, grey levels: where leaves, water or flakes move it is high.
    pub restless: u8,
}

/// Light that falls on some pixels: sums of what is seen and of what the background shows there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lit {
    /// How many.
    pub px: u32,
    /// Sum of the frame's grey levels.
    pub seen: u32,
    /// Sum of the background's.
    pub known: u32,
}

impl Lit {
    /// Adds a pixel.
    pub fn add(&mut self, grey: u8, known: u8) {
        self.px += 1;
        self.seen += u32::from(grey);
        self.known += u32::from(known);
    }

    /// Adds what falls on other pixels.
    pub fn add_all(&mut self, other: Lit) {
        self.px += other.px;
        self.seen += other.seen;
        self.known += other.known;
    }

    /// By which part it became brighter (positive) or darker, Q8: a halving and a doubling are the same distance from none.
    pub fn change_q8(self) -> i32 {
        let more = i64::from(self.seen) - i64::from(self.known);
        ((more << 8) / i64::from(self.seen.max(self.known).max(1))) as i32
    }
}

/// Looks at the four sides of a blob that itself is `lit`.
pub fn look(planes: Planes<'_>, bounds: Region, lit: Lit) -> Sides {
    let (width, height) = (planes.width, planes.height());
    let [x1, y1, x2, y2] = bounds.sides().map(usize::from);
    let before = |from: usize| from.saturating_sub(GAP_PX + STRIP_PX)..from.saturating_sub(GAP_PX);
    let after = |to: usize, end: usize| (to + GAP_PX).min(end)..(to + GAP_PX + STRIP_PX).min(end);
    let strips =
        [(before(x1), y1..y2), (after(x2, width), y1..y2), (x1..x2, before(y1)), (x1..x2, after(y2, height))];
    let own = lit.change_q8();
    let mut sides = Sides::default();
    let (mut px, mut dispersions) = (0, 0);
    for (columns, rows) in strips {
        let (side, dispersion) = strip(planes, columns, rows);
        if side.px < SIDE_PX_MIN {
            continue;
        }
        let change = side.change_q8();
        px += side.px;
        dispersions += dispersion;
        sides.seen += 1;
        sides.alike += u8::from(change.signum() == own.signum() && 2 * change.abs() >= own.abs());
    }
    sides.restless = dispersions.checked_div(px).unwrap_or(0) as u8;
    sides
}

/// The unmarked pixels of a strip, and the sum of their dispersions.
fn strip(planes: Planes<'_>, columns: Range<usize>, rows: Range<usize>) -> (Lit, u32) {
    let (mut lit, mut dispersion) = (Lit::default(), 0);
    for y in rows {
        for at in y * planes.width + columns.start..y * planes.width + columns.end {
            if planes.mask[at] == 0 {
                lit.add(planes.luma[at], shown(planes.background[at]));
                dispersion += u32::from(planes.dispersion[at]);
            }
        }
    }
    (lit, dispersion)
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 40;
    const PX: usize = W * 30;

    /// A blob of 8 x 6 in the middle, with so many grey levels more there and around, on ground of 100.
    fn sides(blob: i32, around: i32) -> Sides {
        let bounds = Region { x1: 16, y1: 12, x2: 24, y2: 18 };
        let inside = |at: usize| (16..24).contains(&(at % W)) && (12..18).contains(&(at / W));
        let luma: [u8; PX] = core::array::from_fn(|at| (100 + if inside(at) { blob } else { around }) as u8);
        let mask: [u8; PX] = core::array::from_fn(|at| if inside(at) { 0xFF } else { 0 });
        let (background, dispersion) = ([100 << 8; PX], [9; PX]);
        let lit = Lit { px: 48, seen: 48 * (100 + blob) as u32, known: 4800 };
        let planes = Planes {
            luma: &luma,
            background: &background,
            dispersion: &dispersion,
            mask: &mask,
            zones: &[0; PX],
            lit: &[0; PX],
            width: W,
        };
        look(planes, bounds, lit)
    }

    #[test]
    fn a_thing_leaves_its_surroundings_as_they_were_and_light_does_not() {
        assert_eq!(sides(-40, 0), Sides { seen: 4, alike: 0, restless: 9 });
        assert_eq!(sides(-40, 4), Sides { seen: 4, alike: 0, restless: 9 }, "the other way");
        assert_eq!(sides(-40, -25).alike, 4);
        assert_eq!(sides(60, 40).alike, 4);
        assert_eq!(sides(60, 10).alike, 0, "too little");
    }
}

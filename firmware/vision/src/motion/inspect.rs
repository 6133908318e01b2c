//! A closer look at one blob: is it a thing, light, or the background itself in another place?
//!
//! Shares and ratios, so that they hold for every size: how sharp its outline is (light has soft edges), how far its texture is
//! that of the background under another light (shadow, lamp), whether its surroundings changed with it, and how much of it could
//! be background from a few pixels away (leaves, water, a shaking camera). Must not decide anything.

use super::blobs::Shape;
use super::model::shown;
use super::surroundings::{self, Lit, Sides};
use super::tiles::TILE_PX;
use super::verdict::Region;
use super::zones::ZONES_MAX;
use core::ops::Range;

/// Differences between neighbouring background pixels that are noise, grey levels.
const NOISE: u8 = 4;
/// How far leaves, water and shaking move the background, plane pixels.
const REACH_PX: usize = 2;
/// Bits after the binary point of the measures.
const BITS: u32 = 8;
/// Fewer marked pixels in a square are not compared.
const TILE_MARKED_MIN: i64 = 12;
/// A variance below this, in square grey levels, is no texture to compare.
const TEXTURE_MIN: i64 = 6;
/// Squared correlation from which two textures are the same one, Q8.
const SAME_Q8: i64 = 150;

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Mean distance from the background, grey levels.
    pub contrast: u32,
    /// Mean step of the distance across the outline, as a share of the contrast, Q8. A soft patch has a small one.
    pub sharpness: u32,
    /// Squares in which the blob has the background's texture, under another light.
    pub alike: u32,
    /// Squares in which it has another one.
    pub unlike: u32,
    /// Share of its pixels that some background pixel nearby explains, Q8.
    pub explained: u32,
    /// Its pixels where the light changes.
    pub lit_px: u32,
    /// Whether its surroundings changed with it.
    pub sides: Sides,
    /// By which part it is brighter or darker than the background, Q8.
    pub change_q8: i32,
}

/// What is looked at: all of the same length, in rows of `width`.
#[derive(Clone, Copy)]
pub struct Planes<'a> {
    /// The frame.
    pub luma: &'a [u8],
    /// The background, Q8.8.
    pub background: &'a [u16],
    /// How much each pixel usually differs, grey levels.
    pub dispersion: &'a [u8],
    /// What differs.
    pub mask: &'a [u8],
    /// A bit for each zone.
    pub zones: &'a [u8],
    /// All bits where light changes.
    pub lit: &'a [u8],
    /// Pixels in a row.
    pub width: usize,
}

impl Planes<'_> {
    /// Their rows.
    pub fn height(&self) -> usize {
        self.luma.len() / self.width
    }
}

#[derive(Default)]
struct Sums {
    lit: Lit,
    lit_px: u32,
    distance: i64,
    explained: i64,
    step: i64,
    steps: i64,
    zone_px: [u32; ZONES_MAX],
    alike: u32,
    unlike: u32,
}

/// Measures a blob. Marked pixels of another one within its bounds are counted with it.
pub fn measure(planes: Planes<'_>, shape: Shape) -> (Measure, [u32; ZONES_MAX]) {
    let Region { x1, y1, x2, y2 } = shape.bounds;
    let mut sums = Sums::default();
    for top in (usize::from(y1)..usize::from(y2)).step_by(TILE_PX) {
        for left in (usize::from(x1)..usize::from(x2)).step_by(TILE_PX) {
            let columns = left..(left + TILE_PX).min(usize::from(x2));
            tile(planes, columns, top..(top + TILE_PX).min(usize::from(y2)), &mut sums);
        }
    }
    let px = i64::from(sums.lit.px);
    let per = |sum: i64, count: i64| sum.checked_div(count).unwrap_or(0);
    let measure = Measure {
        contrast: per(sums.distance, px) as u32,
        sharpness: per(per(sums.step << BITS, sums.steps) * px, sums.distance).clamp(0, 1 << 16) as u32,
        alike: sums.alike,
        unlike: sums.unlike,
        explained: per(sums.explained << BITS, px) as u32,
        lit_px: sums.lit_px,
        sides: surroundings::look(planes, shape.bounds, sums.lit),
        change_q8: sums.lit.change_q8(),
    };
    (measure, sums.zone_px)
}

/// Adds the marked pixels of one square of the blob's box: within a tile's side light is the same gain for every pixel.
fn tile(planes: Planes<'_>, columns: Range<usize>, rows: Range<usize>, sums: &mut Sums) {
    let Planes { luma, background, mask, zones, width, .. } = planes;
    let distance = |at: usize| i64::from(luma[at].abs_diff(shown(background[at])));
    let mut texture = Texture::default();
    for y in rows {
        for at in y * width + columns.start..y * width + columns.end {
            if mask[at] == 0 {
                continue;
            }
            let apart = distance(at);
            texture.add(luma[at], shown(background[at]));
            sums.lit_px += u32::from(planes.lit[at] != 0);
            sums.distance += apart;
            sums.explained += i64::from(is_explained(planes, at, y));
            for (bit, px) in sums.zone_px.iter_mut().enumerate() {
                *px += u32::from(zones[at] >> bit & 1);
            }
            // Two pixels further out: at the outline itself a pixel is part thing, part background.
            for outside in outside(at, width, mask) {
                sums.step += (apart - distance(outside)).max(0);
                sums.steps += 1;
            }
        }
    }
    sums.lit.add_all(texture.lit);
    match texture.is_same() {
        Some(true) => sums.alike += 1,
        Some(false) => sums.unlike += 1,
        None => {}
    }
}

/// Two textures over the same pixels.
#[derive(Default)]
struct Texture {
    lit: Lit,
    seen_squared: i64,
    known_squared: i64,
    product: i64,
}

impl Texture {
    fn add(&mut self, seen: u8, known: u8) {
        self.lit.add(seen, known);
        let (seen, known) = (i64::from(seen), i64::from(known));
        self.seen_squared += seen * seen;
        self.known_squared += known * known;
        self.product += seen * known;
    }

    /// Whether the one is the other under another light; nothing where both are flat, or too few pixels are marked.
    fn is_same(&self) -> Option<bool> {
        let [px, seen, known] = [self.lit.px, self.lit.seen, self.lit.known].map(i64::from);
        let (own, other) = (self.seen_squared * px - seen * seen, self.known_squared * px - known * known);
        let flat = TEXTURE_MIN * px * px;
        if px < TILE_MARKED_MIN || (own < flat && other < flat) {
            return None;
        }
        let common = (self.product * px - seen * known).max(0);
        // At most 64 pixels of 8 bits: every term stays below 2^31, every product below 2^62.
        Some(
            (common * common) >> BITS >= SAME_Q8 * ((own * other) >> (2 * BITS))
                && own >= flat / 4
                && other >= flat / 4,
        )
    }
}

/// The unmarked pixels two to the left, right, above and below, where the outline lies between.
fn outside(at: usize, width: usize, mask: &[u8]) -> impl Iterator<Item = usize> {
    let x = at % width;
    let left = (x >= 2).then(|| at - 2);
    let right = (x + 2 < width).then_some(at + 2);
    let up = at.checked_sub(2 * width);
    let down = Some(at + 2 * width).filter(|&below| below < mask.len());
    [left, right, up, down].into_iter().flatten().filter(|&other| mask[other] == 0)
}

/// Whether the background shows this grey somewhere near.
fn is_explained(planes: Planes<'_>, at: usize, y: usize) -> bool {
    let Planes { luma, background, width, .. } = planes;
    let height = planes.height();
    let x = at % width;
    let (mut low, mut high) = (u16::MAX, 0);
    for row in y.saturating_sub(REACH_PX)..(y + REACH_PX + 1).min(height) {
        let near = row * width + x.saturating_sub(REACH_PX)..row * width + (x + REACH_PX + 1).min(width);
        for &level in &background[near] {
            low = low.min(level);
            high = high.max(level);
        }
    }
    let grey = luma[at];
    grey >= shown(low).saturating_sub(NOISE) && grey <= shown(high).saturating_add(NOISE)
}

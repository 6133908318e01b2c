//! A closer look at one blob: is it a thing, light, or the background itself in another place?
//!
//! Three measures, each a share or a ratio, so that they hold for every size: how sharp its outline is (light has soft edges), how
//! far its texture is that of the background under another light (shadow, lamp), and how much of it could be
//! background from a few pixels away (leaves, water, a shaking camera). Must not decide anything.

use super::blobs::Shape;
use super::model::shown;

/// How far leaves, water and shaking move the background, plane pixels.
const REACH_PX: usize = 2;
/// Bits after the binary point of the measures.
const BITS: u32 = 8;
/// A variance below this, in square grey levels, is no texture to compare.
const TEXTURE_MIN: i64 = 9;

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Mean distance from the background, grey levels.
    pub contrast: u32,
    /// Mean step of the distance across the outline, as a share of the contrast, Q8. A soft patch has a small one.
    pub sharpness: u32,
    /// Squared correlation of the blob's texture with that of the background below it, Q8; 0 without texture.
    pub likeness: u32,
    /// Share of its pixels that some background pixel nearby explains, Q8.
    pub explained: u32,
    /// Its pixels in each zone.
    pub zone_px: [u32; 8],
}

/// What is looked at: all of the same length, in rows of `width`.
#[derive(Clone, Copy)]
pub struct Planes<'a> {
    /// The frame.
    pub luma: &'a [u8],
    /// The background, Q8.8.
    pub background: &'a [u16],
    /// What differs.
    pub mask: &'a [u8],
    /// A bit for each zone.
    pub zones: &'a [u8],
    /// Pixels in a row.
    pub width: usize,
    /// Differences that are noise, grey levels.
    pub noise: u8,
}

#[derive(Default)]
struct Sums {
    px: i64,
    seen: i64,
    known: i64,
    seen_squared: i64,
    known_squared: i64,
    product: i64,
    distance: i64,
    explained: i64,
    step: i64,
    steps: i64,
}

/// Measures a blob. Marked pixels of another one within its bounds are counted with it.
pub fn measure(planes: Planes<'_>, shape: Shape) -> Measure {
    let Planes { luma, background, mask, zones, width, noise } = planes;
    let (mut sums, mut zone_px) = (Sums::default(), [0u32; 8]);
    let bounds = shape.bounds;
    let distance = |at: usize| i64::from(luma[at].abs_diff(shown(background[at])));
    for y in usize::from(bounds.y1)..usize::from(bounds.y2) {
        let row = y * width;
        for at in row + usize::from(bounds.x1)..row + usize::from(bounds.x2) {
            if mask[at] == 0 {
                continue;
            }
            let (seen, known, apart) = (i64::from(luma[at]), i64::from(shown(background[at])), distance(at));
            sums.px += 1;
            sums.seen += seen;
            sums.known += known;
            sums.seen_squared += seen * seen;
            sums.known_squared += known * known;
            sums.product += seen * known;
            sums.distance += apart;
            sums.explained += i64::from(is_explained(planes, at, y, noise));
            for (bit, px) in zone_px.iter_mut().enumerate() {
                *px += u32::from(zones[at] >> bit & 1);
            }
            // Two pixels further out: at the outline itself a pixel is part thing, part background.
            for outside in outside(at, width, mask) {
                sums.step += (apart - distance(outside)).max(0);
                sums.steps += 1;
            }
        }
    }
    finish(&sums, zone_px)
}

fn finish(sums: &Sums, zone_px: [u32; 8]) -> Measure {
    if sums.px == 0 {
        return Measure::default();
    }
    let per = |sum: i64, count: i64| sum.checked_div(count).unwrap_or(0);
    let square = |a: i64, b: i64, product: i64| product - a * b / sums.px;
    let (seen, known) =
        (square(sums.seen, sums.seen, sums.seen_squared), square(sums.known, sums.known, sums.known_squared));
    let common = square(sums.seen, sums.known, sums.product).max(0);
    let textured = known >= TEXTURE_MIN * sums.px && seen >= TEXTURE_MIN * sums.px;
    // common² / (seen · known), in two steps that stay within 64 bits.
    let likeness = if textured { per((common << BITS) / seen.max(1) * common, known) } else { 0 };
    Measure {
        contrast: per(sums.distance, sums.px) as u32,
        sharpness: per(per(sums.step << BITS, sums.steps) * sums.px, sums.distance).clamp(0, 1 << 16) as u32,
        likeness: likeness.clamp(0, 1 << BITS) as u32,
        explained: per(sums.explained << BITS, sums.px) as u32,
        zone_px,
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
fn is_explained(planes: Planes<'_>, at: usize, y: usize, noise: u8) -> bool {
    let Planes { luma, background, width, .. } = planes;
    let height = luma.len() / width;
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
    grey >= shown(low).saturating_sub(noise) && grey <= shown(high).saturating_add(noise)
}

//! What is seen of a blob in one frame: its measures, and whether they are those of light or of the background itself.
//!
//! Must not follow or judge.

use super::blobs::Shape;
use super::inspect::{self, Measure, Planes};
use super::tiles::TILE_PX;
use super::verdict::Region;
use super::zones::ZONES_MAX;

/// A blob is light if in so many times more squares its texture is the background's than another, …
const ALIKE_TIMES: u32 = 2;
/// … or if half of its surroundings or more changed with it, …
const SIDES_SHARE: u8 = 2;
/// … or if it is large and its outline is softer than this share of its contrast, Q8.
const SHARPNESS_Q8: u32 = 80;
/// What hides so many squares of texture, and so many times more than it shows, is a thing.
const HIDDEN_MIN: u32 = 10;
const HIDDEN_TIMES: u32 = 8;
/// What fills so much of a box that ends where tiles do is a patch that the light of its neighbours left, in eighths. No thing does
/// that for longer than a frame.
const PATCH_EIGHTHS: u32 = 7;
/// Smallest blob whose outline is asked then, plane pixels: a small one has only outline.
const SOFT_PX_MIN: u32 = 80;
/// While the light changes an outline softer than this leaves doubts, Q8. Things have 160 and more at every size, shadows of clouds
/// and beams of lamps up to 150.
const DOUBTFUL_Q8: u32 = 165;
/// What is darker than its background by more than this, Q8, is no cloud's shadow: there a softer outline is enough.
const DEEP_Q8: i32 = -110;
const DOUBTFUL_DEEP_Q8: u32 = 130;
/// Where the light changes a blob counts as explained by the background as a whole: it must travel.
const ALL_Q8: u32 = 256;

/// A blob of the present frame with what was measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sighting {
    /// Its pixels.
    pub px: u32,
    /// Its bounds.
    pub bounds: Region,
    /// Its pixels in each zone.
    pub zone_px: [u32; ZONES_MAX],
    /// What was measured.
    pub measure: Measure,
    /// It is light, not a thing.
    pub is_light: bool,
    /// It may be light: enough to doubt what is not yet known.
    pub is_doubtful: bool,
    /// Share of it that the background nearby or the light explains, Q8.
    pub explained: u32,
}

impl Sighting {
    /// Measures a blob; `unsteady` says that the light changes these days.
    pub fn of(planes: Planes<'_>, shape: Shape, unsteady: bool) -> Self {
        let (measure, zone_px) = inspect::measure(planes, shape);
        Self {
            px: shape.px,
            bounds: shape.bounds,
            zone_px,
            measure,
            is_light: is_light(&measure, shape.px) || is_patch(shape, planes),
            is_doubtful: unsteady && is_soft(&measure),
            explained: if 2 * measure.lit_px > shape.px { ALL_Q8 } else { measure.explained },
        }
    }
}

fn is_light(measure: &Measure, px: u32) -> bool {
    let shines_through = measure.alike > 0 && measure.alike >= ALIKE_TIMES * measure.unlike;
    let sides = measure.sides;
    let all_around = sides.alike > 0 && sides.alike * SIDES_SHARE >= sides.seen;
    let is_soft = px >= SOFT_PX_MIN && measure.sharpness < SHARPNESS_Q8;
    shines_through || all_around || (is_soft && !hides_much(measure))
}

fn is_patch(shape: Shape, planes: Planes<'_>) -> bool {
    let Region { x1, y1, x2, y2 } = shape.bounds;
    let (width, height) = (planes.width, planes.height());
    let ends = |at: u16, last: usize| usize::from(at).is_multiple_of(TILE_PX) || usize::from(at) == last;
    let is_aligned = ends(x1, width) && ends(x2, width) && ends(y1, height) && ends(y2, height);
    is_aligned && shape.px * 8 >= shape.bounds.wide() * shape.bounds.high() * PATCH_EIGHTHS
}

/// Whether it hides so many squares of texture that it is a thing, though a soft one: a hand before the lens.
fn hides_much(measure: &Measure) -> bool {
    measure.unlike >= HIDDEN_MIN && measure.unlike >= HIDDEN_TIMES * measure.alike
}

fn is_soft(measure: &Measure) -> bool {
    let limit = if measure.change_q8 > DEEP_Q8 { DOUBTFUL_Q8 } else { DOUBTFUL_DEEP_Q8 };
    measure.sharpness < limit && !hides_much(measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_of_tiles_is_light_and_what_ends_elsewhere_is_not() {
        let flat = [90u8; 160 * 90];
        let (background, dispersion, lit) = ([90u16 << 8; 160 * 90], [6u8; 160 * 90], [0u8; 160 * 90]);
        let is_light = |x: usize, y: usize, side: usize| {
            let (mut luma, mut mask) = (flat, [0u8; 160 * 90]);
            for row in y..y + side {
                luma[row * 160 + x..][..side].fill(200);
                mask[row * 160 + x..][..side].fill(0xFF);
            }
            let planes = Planes {
                luma: &luma,
                background: &background,
                dispersion: &dispersion,
                mask: &mask,
                zones: &lit,
                lit: &lit,
                width: 160,
            };
            let side_px = side as u16;
            let bounds =
                Region { x1: x as u16, y1: y as u16, x2: x as u16 + side_px, y2: y as u16 + side_px };
            Sighting::of(planes, Shape { px: (side * side) as u32, bounds }, false).is_light
        };
        assert!(is_light(40, 32, 8) && is_light(40, 32, 16));
        assert!(!is_light(41, 32, 8) && !is_light(40, 32, 9));
    }
}

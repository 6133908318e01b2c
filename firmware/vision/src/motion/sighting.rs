//! What is seen of a blob in one frame: its measures, and whether they are those of light or of the background itself.
//!
//! Must not follow or judge.

use super::blobs::Shape;
use super::inspect::{self, Measure, Planes};
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
            is_light: is_light(&measure, shape.px),
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

/// Whether it hides so many squares of texture that it is a thing, though a soft one: a hand before the lens.
fn hides_much(measure: &Measure) -> bool {
    measure.unlike >= HIDDEN_MIN && measure.unlike >= HIDDEN_TIMES * measure.alike
}

fn is_soft(measure: &Measure) -> bool {
    let limit = if measure.change_q8 > DEEP_Q8 { DOUBTFUL_Q8 } else { DOUBTFUL_DEEP_Q8 };
    measure.sharpness < limit && !hides_much(measure)
}

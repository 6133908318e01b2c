//! The background of each pixel and how much it usually differs from it.
//!
//! Asymmetric sigma-delta after Manzanera & Richefeu (2007), with a fixed-point background: a pixel that shows the background
//! follows it as a running mean, one that differs follows by a bounded step (a running median); the dispersion follows N times the
//! distance, fast upwards and slowly downwards, so that a tree that sways once in a while stays known. What differs but stays the
//! same becomes background after a time. Five bytes a pixel; every loop is made of byte- and word-wide operations without branches,
//! so that LLVM turns it into vectors. Must not know of shapes: which pixels are held still is said by the mask.

use crate::plane::PLANE_PX_MAX;

/// Lowest dispersion, in grey levels: what the quietest camera's JPEGs differ by. The noise floor lifts it (see [`Floor`]).
const DISPERSION_MIN: u8 = 6;
/// From this dispersion on, in grey levels, a place sways: that is forgotten slowly, because waves and gusts come again.
const SWAYING: u8 = 24;
/// A differing pixel stays the same while it is this close to what it was when its time began, in grey levels.
const STEADY_NEAR: u8 = 8;
/// The bit of an age that says that the pixel differed in the last frame. Ages are below it.
const DIFFERED: u8 = 0x80;
/// Pixels whose marks are summed in a byte.
const COUNTED_PX: usize = 128;

/// A pixel that differs from its background; all bits, so that morphology is AND and OR.
pub const CHANGED: u8 = 0xFF;
/// A pixel of a thing that is known to move: the model leaves it alone.
pub const HELD: u8 = 0x0F;
/// The mark of a pixel that belongs to what may be a thing: it is learnt only when it stays the same.
pub const WATCHED: u8 = 0x07;

/// How far the model goes towards a frame.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// The running mean's weight of the new frame, as a power of 1/2.
    pub mean_shift: u32,
    /// Largest step of the background of a differing pixel, in 1/256 grey levels.
    pub follow_q8: u16,
    /// Largest step of the dispersion upwards when a pixel begins to differ, grey levels, …
    pub attack: u8,
    /// … and while it goes on to.
    pub press: u8,
    /// Largest step of the dispersion downwards, grey levels, …
    pub decay: u8,
    /// … and where it sways.
    pub decay_swaying: u8,
    /// Added to the age of what differs and stays the same, in ticks.
    pub age: u8,
    /// Age at which it becomes background.
    pub adopt: u8,
    /// The same for pixels of a known thing.
    pub adopt_held: u8,
}

/// What marking a frame found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Pixels that differ.
    pub changed: u32,
    /// Sum of the distances of all others, grey levels.
    pub quiet_sum: u64,
}

/// The noise of the whole picture: a threshold that noise alone does not pass, learnt from what does not differ.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    /// Mean distance of quiet pixels, Q8.
    mean_q8: u32,
}

impl Floor {
    /// Of a camera not yet seen.
    pub const fn new() -> Self {
        Self { mean_q8: 384 }
    }

    /// The threshold: four times the mean distance (of Gaussian noise, 3.2 standard deviations) and the step of a JPEG's DC.
    pub fn level(self) -> u8 {
        (4 + ((4 * self.mean_q8) >> 8)).clamp(u32::from(DISPERSION_MIN), 32) as u8
    }

    /// Goes an eighth of the way towards what a frame of `px` pixels shows.
    pub fn learn(&mut self, marked: Marked, px: usize) {
        let quiet = (px as u64).saturating_sub(u64::from(marked.changed));
        if quiet * 4 >= px as u64 {
            let mean_q8 = ((marked.quiet_sum << 8) / quiet.max(1)) as u32;
            self.mean_q8 = (self.mean_q8 * 7 + mean_q8) / 8;
        }
    }
}

/// The state of every pixel.
pub struct Model {
    /// Q8.8.
    background: [u16; PLANE_PX_MAX],
    dispersion: [u8; PLANE_PX_MAX],
    /// What a differing pixel showed when it began to.
    candidate: [u8; PLANE_PX_MAX],
    /// For how many ticks it has shown that, and [`DIFFERED`].
    age: [u8; PLANE_PX_MAX],
}

impl Model {
    /// Knows nothing.
    pub const fn new() -> Self {
        Self {
            background: [0; PLANE_PX_MAX],
            dispersion: [0; PLANE_PX_MAX],
            candidate: [0; PLANE_PX_MAX],
            age: [0; PLANE_PX_MAX],
        }
    }

    /// Takes a frame as the background; what differs usually is forgotten.
    pub fn begin(&mut self, luma: &[u8]) {
        self.adopt(luma);
        self.dispersion[..luma.len()].fill(DISPERSION_MIN);
    }

    /// Takes a frame as the background; what differs usually stays known.
    pub fn adopt(&mut self, luma: &[u8]) {
        for (background, &grey) in self.background.iter_mut().zip(luma) {
            *background = u16::from(grey) << 8;
        }
        self.age[..luma.len()].fill(0);
    }

    /// The background of the first `px` pixels, Q8.8.
    pub fn background(&self, px: usize) -> &[u16] {
        &self.background[..px]
    }

    /// How much each of the first `px` pixels usually differs, grey levels.
    pub fn dispersion(&self, px: usize) -> &[u8] {
        &self.dispersion[..px]
    }

    /// The background as grey levels, of as many pixels as `out` has.
    pub fn show(&self, out: &mut [u8]) {
        for (out, &level) in out.iter_mut().zip(&self.background) {
            *out = shown(level);
        }
    }

    /// The same, to be relit.
    pub fn background_mut(&mut self, px: usize) -> &mut [u16] {
        &mut self.background[..px]
    }

    /// Marks in `mask` the pixels that lie outside of what is between the background and its `lit` self by more than their
    /// dispersion, at least `floor`, and `raise`. Same lengths.
    pub fn mark(&self, luma: &[u8], lit: &[u8], mask: &mut [u8], floor: u8, raise: u8) -> Marked {
        let mut marked = Marked::default();
        let chunks = luma
            .chunks(COUNTED_PX)
            .zip(lit.chunks(COUNTED_PX))
            .zip(self.background.chunks(COUNTED_PX))
            .zip(self.dispersion.chunks(COUNTED_PX))
            .zip(mask.chunks_mut(COUNTED_PX));
        for ((((luma, lit), background), dispersion), mask) in chunks {
            let (mut changed, mut quiet) = (0u8, 0u16);
            for ((((&grey, &lit), &background), &dispersion), mark) in
                luma.iter().zip(lit).zip(background).zip(dispersion).zip(mask)
            {
                let known = shown(background);
                let distance = known.min(lit).saturating_sub(grey).max(grey.saturating_sub(known.max(lit)));
                let differs = distance > dispersion.max(floor).saturating_add(raise);
                *mark = if differs { CHANGED } else { 0 };
                changed = changed.wrapping_add(u8::from(differs));
                quiet += if differs { 0 } else { u16::from(distance) };
            }
            marked.changed += u32::from(changed);
            marked.quiet_sum += u64::from(quiet);
        }
        marked
    }

    /// Goes towards a frame. Pixels that `mask` calls [`HELD`] or [`WATCHED`] keep their background and dispersion until what they show
    /// has stayed the same, for long or for a while. What is unmarked and differs where it is `lit` follows slowly, and does not count
    /// as swaying.
    pub fn learn(&mut self, luma: &[u8], mask: &[u8], lit: &[u8], floor: u8, steps: Steps) {
        let chunks = luma
            .chunks(COUNTED_PX)
            .zip(mask.chunks(COUNTED_PX).zip(lit.chunks(COUNTED_PX)))
            .zip(self.background.chunks_mut(COUNTED_PX))
            .zip(self.dispersion.chunks_mut(COUNTED_PX))
            .zip(self.candidate.chunks_mut(COUNTED_PX))
            .zip(self.age.chunks_mut(COUNTED_PX));
        for (((((luma, (mask, lit)), background), dispersion), candidate), age) in chunks {
            // Bytes and words apart, a loop each over arrays of fixed length: in one loop LLVM gives up.
            let mut now = Pixels { luma: [0; COUNTED_PX], distance: [0; COUNTED_PX], turn: [0; COUNTED_PX] };
            let px = luma.len();
            now.luma[..px].copy_from_slice(luma);
            now.measure(&background[..px]);
            now.spread(&mut dispersion[..px], &age[..px], mask, lit, floor, steps);
            now.grow_old(&mut candidate[..px], &mut age[..px], &mut dispersion[..px], mask, steps);
            now.turn(&mut background[..px], steps);
        }
    }
}

/// What a background does in a frame: it goes the mean's way, …
const MEAN: u8 = 0;
/// … a bounded step, …
const STEP: u8 = 1;
/// … nowhere, …
const STAY: u8 = 2;
/// … a bounded step without growing old: light falls on it, …
const LIT: u8 = 4;
/// … or becomes what is seen.
const ADOPT: u8 = 3;

/// A chunk of a frame while it is learnt.
struct Pixels {
    luma: [u8; COUNTED_PX],
    distance: [u8; COUNTED_PX],
    /// What the background does.
    turn: [u8; COUNTED_PX],
}

impl Pixels {
    fn measure(&mut self, background: &[u16]) {
        for ((distance, &grey), &background) in self.distance.iter_mut().zip(&self.luma).zip(background) {
            *distance = grey.abs_diff(shown(background));
        }
    }

    /// The dispersion's turn, and which pixels differ.
    fn spread(
        &mut self,
        dispersion: &mut [u8],
        age: &[u8],
        mask: &[u8],
        lit: &[u8],
        floor: u8,
        steps: Steps,
    ) {
        let pixels =
            self.distance.iter().zip(&mut self.turn).zip(dispersion).zip(age).zip(mask.iter().zip(lit));
        for ((((&distance, turn), dispersion), &age), (&mark, &lit)) in pixels {
            let differs = distance > (*dispersion).max(floor);
            let (differs, held) = (all(differs), all(mark == HELD));
            let lit = lit & all(mark == 0);
            let still = held | lit | all(mark == WATCHED);
            *turn = differs & ((STAY & still & !lit) | (LIT & lit) | (STEP & !still));
            // Once for each time that it begins to differ: what swings does so again and again, a slow thing once.
            let begins = differs & all(age < DIFFERED);
            let attack = !still & ((steps.attack & begins) | (steps.press & !begins));
            // N of the paper: a quarter more than what was seen.
            let target = distance.saturating_add(distance / 4);
            let rise = target.saturating_sub(*dispersion).min(attack);
            let sways = all(*dispersion >= SWAYING);
            let decay = (steps.decay_swaying & sways) | (steps.decay & !sways);
            let fall = dispersion.saturating_sub(target).min(decay);
            *dispersion = dispersion.wrapping_add(rise).wrapping_sub(fall).max(DISPERSION_MIN);
        }
    }

    /// For how long a differing pixel has shown the same, and what comes of it.
    fn grow_old(
        &mut self,
        candidate: &mut [u8],
        age: &mut [u8],
        dispersion: &mut [u8],
        mask: &[u8],
        steps: Steps,
    ) {
        let pixels = self.luma.iter().zip(&mut self.turn).zip(candidate).zip(age).zip(dispersion).zip(mask);
        for (((((&grey, turn), candidate), age), dispersion), &mark) in pixels {
            let near = grey.abs_diff(*candidate) <= STEADY_NEAR;
            let grown = (*age & !DIFFERED) + steps.age;
            let aged = grown & all(near);
            let held = all(mark == HELD);
            let limit = (steps.adopt_held & held) | (steps.adopt & !held);
            let (differs, old) = (all(*turn != MEAN) & all(*turn != LIT), all(aged >= limit));
            let adopted = differs & old;
            let same = all(near) & differs;
            *candidate = (*candidate & same) | (grey & !same);
            *age = (aged | DIFFERED) & differs & !old;
            *turn |= ADOPT & adopted;
            *dispersion = (DISPERSION_MIN & adopted) | (*dispersion & !adopted);
        }
    }

    /// The background's turn.
    fn turn(&self, background: &mut [u16], steps: Steps) {
        for ((&grey, &turn), background) in self.luma.iter().zip(&self.turn).zip(background) {
            let turn = u16::from(turn);
            let wanted = u16::from(grey) << 8;
            let (up, down) = (wanted.saturating_sub(*background), background.saturating_sub(wanted));
            let step = if turn == u16::from(STEP) || turn == u16::from(LIT) { steps.follow_q8 } else { 0 };
            let mean = turn == u16::from(MEAN);
            let rise = if mean { up >> steps.mean_shift } else { up.min(step) };
            let fall = if mean { down >> steps.mean_shift } else { down.min(step) };
            let followed = background.wrapping_add(rise).wrapping_sub(fall);
            *background = if turn == u16::from(ADOPT) { wanted } else { followed };
        }
    }
}

/// All bits of a yes, none of a no: bytes that are chosen by masks stay vectors.
fn all(yes: bool) -> u8 {
    0u8.wrapping_sub(u8::from(yes))
}

/// A background pixel as a grey level.
pub fn shown(background: u16) -> u8 {
    (background.saturating_add(128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_sways_keeps_its_dispersion_when_others_lose_theirs() {
        let mut model = Model::new();
        model.begin(&[90; 3]);
        model.dispersion[..3].copy_from_slice(&[12, SWAYING - 1, SWAYING]);
        let steps = Steps {
            mean_shift: 6,
            follow_q8: 64,
            attack: 6,
            press: 0,
            decay: 1,
            decay_swaying: 0,
            age: 0,
            adopt: 4,
            adopt_held: 120,
        };
        model.learn(&[90; 3], &[0; 3], &[0; 3], 8, steps);
        assert_eq!(model.dispersion(3), [11, SWAYING - 2, SWAYING]);
    }
}

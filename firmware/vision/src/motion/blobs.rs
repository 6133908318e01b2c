//! The 8-connected blobs of a mask, in one pass and a few kilobytes.
//!
//! Runs of a row are joined with those of the row above by union-find; blobs that do not reach the present row are
//! finished and only the largest are kept (after He, Chao & Suzuki 2008, run-based labelling, with labels recycled a
//! row at a time). Memory is bounded by the width of a row, not by the number of blobs.
use super::verdict::Region;
use crate::plane::PLANE_SIDE_PX_MAX;

/// Most runs in a row: an opened mask has runs of 2 pixels or more with gaps of at least one. In another mask, what
/// lies right of the last run that fits is taken into that run, gaps included.
const ROW_RUNS_MAX: usize = PLANE_SIDE_PX_MAX.div_ceil(3);

/// Labels alive while a row is worked on: those of the row above and of this one.
const LABELS_MAX: usize = 2 * ROW_RUNS_MAX;

/// Blobs kept of a frame, the largest: more are one nuisance that covers the picture, not so many things.
pub const BLOBS_MAX: usize = 32;
/// The opening of a small plane leaves nothing smaller (that of a large one nothing below 9).
pub const BLOB_PX_MIN: u32 = 4;

/// A connected set of marked pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Its pixels.
    pub px: u32,
    /// Its bounds.
    pub bounds: Region,
}

#[derive(Clone, Copy)]
struct Run {
    start: u16,
    end: u16,
    label: u16,
}

#[derive(Clone, Copy)]
struct Blob {
    /// Label that this one was joined to; its own number if it is a root.
    parent: u16,
    px: u32,
    bounds: Region,
}

const NO_RUN: Run = Run { start: 0, end: 0, label: 0 };
const NO_SHAPE: Shape = Shape { px: 0, bounds: NO_BLOB.bounds };
const NO_BLOB: Blob = Blob { parent: 0, px: 0, bounds: Region { x1: 0, y1: 0, x2: 0, y2: 0 } };

/// Working memory.
pub struct Blobs {
    above: [Run; ROW_RUNS_MAX],
    here: [Run; ROW_RUNS_MAX],
    blobs: [Blob; LABELS_MAX],
    count: usize,
    found: [Shape; BLOBS_MAX],
    found_count: usize,
}

impl Blobs {
    /// Empty working memory.
    pub const fn new() -> Self {
        Self {
            above: [NO_RUN; ROW_RUNS_MAX],
            here: [NO_RUN; ROW_RUNS_MAX],
            blobs: [NO_BLOB; LABELS_MAX],
            count: 0,
            found: [NO_SHAPE; BLOBS_MAX],
            found_count: 0,
        }
    }

    /// Searches a mask whose rows have `width` pixels; any byte but 0 is marked. Gives the number of marked pixels; the blobs are
    /// in [`Blobs::found`] afterwards.
    pub fn find(&mut self, mask: &[u8], width: usize) -> u32 {
        let mut marked = 0;
        let mut runs_above = 0;
        self.count = 0;
        self.found_count = 0;
        for (y, row) in (0u16..).zip(mask.chunks_exact(width.max(1))) {
            let runs = self.find_runs(row);
            for at in 0..runs {
                marked += u32::from(self.here[at].end - self.here[at].start);
                self.here[at].label = self.label(self.here[at], y, runs_above);
            }
            self.retire(runs);
            core::mem::swap(&mut self.above, &mut self.here);
            runs_above = runs;
        }
        self.retire(0);
        self.found[..self.found_count].sort_unstable_by_key(|shape| core::cmp::Reverse(shape.px));
        marked
    }

    /// The blobs of the last mask, the largest first.
    pub fn found(&self) -> &[Shape] {
        &self.found[..self.found_count]
    }

    /// Fills `here`; gives the number of runs.
    fn find_runs(&mut self, row: &[u8]) -> usize {
        // Most rows of most frames are empty; this test runs many pixels at a time.
        if row.iter().fold(0, |any, &mark| any | mark) == 0 {
            return 0;
        }
        let (mut runs, mut x) = (0, 0);
        while let Some(gap) = row.get(x..).and_then(|rest| rest.iter().position(|&mark| mark != 0)) {
            let start = x + gap;
            let rest = row.get(start..).unwrap_or(&[]);
            let length = rest.iter().position(|&mark| mark == 0).unwrap_or(rest.len());
            x = start + length;
            if let Some(run) = self.here.get_mut(runs) {
                *run = Run { start: start as u16, end: x as u16, label: 0 };
                runs += 1;
            } else if let Some(last) = self.here.last_mut() {
                last.end = x as u16;
            }
        }
        runs
    }

    /// Label of a run of row `y`: that of the blobs above that it touches, joined, or a new one.
    fn label(&mut self, run: Run, y: u16, runs_above: usize) -> u16 {
        let bounds = Region { x1: run.start, y1: y, x2: run.end, y2: y + 1 };
        let mut label = None;
        for at in 0..runs_above.min(ROW_RUNS_MAX) {
            let above = self.above[at];
            // Touching at a corner counts: the ends are exclusive.
            if above.start <= run.end && run.start <= above.end {
                let root = self.root(above.label);
                label = Some(label.map_or(root, |own| self.join(own, root)));
            }
        }
        let label = label.unwrap_or_else(|| {
            let new = self.count.min(LABELS_MAX - 1);
            self.count = new + 1;
            self.blobs[new] = Blob { parent: new as u16, px: 0, bounds };
            new as u16
        });
        let blob = &mut self.blobs[usize::from(label)];
        blob.px += u32::from(run.end - run.start);
        blob.bounds = blob.bounds.union(bounds);
        label
    }

    fn root(&self, mut label: u16) -> u16 {
        while self.blobs[usize::from(label)].parent != label {
            label = self.blobs[usize::from(label)].parent;
        }
        label
    }

    /// Joins two roots; the lower label stays, so that chains only lead downwards.
    fn join(&mut self, a: u16, b: u16) -> u16 {
        if a == b {
            return a;
        }
        let (stays, goes) = (a.min(b), a.max(b));
        self.blobs[usize::from(goes)].parent = stays;
        let Blob { px, bounds, .. } = self.blobs[usize::from(goes)];
        let root = &mut self.blobs[usize::from(stays)];
        root.px += px;
        root.bounds = root.bounds.union(bounds);
        stays
    }

    /// Keeps the blobs that reach this row, numbered anew from 0; the others are found.
    fn retire(&mut self, runs: usize) {
        let mut kept = [NO_BLOB; ROW_RUNS_MAX];
        let mut renumbered = [u16::MAX; LABELS_MAX];
        let mut count = 0u16;
        for at in 0..runs.min(ROW_RUNS_MAX) {
            let root = self.root(self.here[at].label);
            let number = &mut renumbered[usize::from(root)];
            if *number == u16::MAX {
                *number = count;
                kept[usize::from(count)] = Blob { parent: count, ..self.blobs[usize::from(root)] };
                count += 1;
            }
            self.here[at].label = *number;
        }
        for (own, number) in renumbered.iter().enumerate().take(self.count) {
            let Blob { parent, px, bounds } = self.blobs[own];
            if usize::from(parent) == own && *number == u16::MAX && px >= BLOB_PX_MIN {
                self.keep(Shape { px, bounds });
            }
        }
        self.count = usize::from(count);
        self.blobs[..self.count].copy_from_slice(&kept[..self.count]);
    }
}

impl Blobs {
    /// Keeps a finished blob, in the place of the smallest when there is no other.
    fn keep(&mut self, shape: Shape) {
        if let Some(place) = self.found.get_mut(self.found_count) {
            *place = shape;
            self.found_count += 1;
        } else if let Some(smallest) = self.found.iter_mut().min_by_key(|kept| kept.px)
            && smallest.px < shape.px
        {
            *smallest = shape;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 40;
    const H: usize = 30;

    /// Reference: flood fill. The marked pixels, and the sizes of all blobs of at least 4, the largest first.
    fn by_flood_fill(mask: &[u8; W * H]) -> (u32, [u32; BLOBS_MAX]) {
        let (mut left, mut sizes, mut count) = (*mask, [0; W * H], 0);
        for seed in 0..W * H {
            let (mut stack, mut top, mut px) = ([0usize; W * H], 0, 0);
            if left[seed] != 0 {
                (left[seed], stack[0], top) = (0, seed, 1);
            }
            while top > 0 {
                top -= 1;
                let (x, y) = (stack[top] % W, stack[top] / W);
                px += 1;
                for ny in y.saturating_sub(1)..(y + 2).min(H) {
                    for nx in x.saturating_sub(1)..(x + 2).min(W) {
                        if left[ny * W + nx] != 0 {
                            (left[ny * W + nx], stack[top]) = (0, ny * W + nx);
                            top += 1;
                        }
                    }
                }
            }
            if px >= BLOB_PX_MIN {
                sizes[count] = px;
                count += 1;
            }
        }
        sizes.sort_unstable_by_key(|&px| core::cmp::Reverse(px));
        (mask.iter().filter(|&&m| m != 0).count() as u32, core::array::from_fn(|at| sizes[at]))
    }

    fn sizes(blobs: &Blobs) -> [u32; BLOBS_MAX] {
        core::array::from_fn(|at| blobs.found().get(at).map_or(0, |shape| shape.px))
    }

    #[test]
    fn equals_flood_fill() {
        let (mut state, mut blobs) = (7u32, Blobs::new());
        for round in 0..3000 {
            let mut mask = [0u8; W * H];
            for mark in &mut mask {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *mark = u8::from((state >> 24) < 20 + round % 150);
            }
            let marked = blobs.find(&mask, W);
            assert_eq!((marked, sizes(&blobs)), by_flood_fill(&mask), "round {round}");
        }
    }

    #[test]
    fn bounds_are_exact() {
        let mut mask = [0u8; W * H];
        for y in 4..8 {
            mask[y * W + 5..y * W + 9].fill(1);
        }
        for (x, y) in [(9, 8), (10, 9), (39, 29)] {
            mask[y * W + x] = 1;
        }
        let mut blobs = Blobs::new();
        assert_eq!(blobs.find(&mask, W), 19);
        assert_eq!(blobs.found(), [Shape { px: 18, bounds: Region { x1: 5, y1: 4, x2: 11, y2: 10 } }]);
    }

    #[test]
    fn more_runs_than_fit_are_taken_as_one() {
        let mut mask = [0u8; 3 * PLANE_SIDE_PX_MAX];
        mask.iter_mut().step_by(2).for_each(|mark| *mark = 1);
        let mut blobs = Blobs::new();
        // 106 lone runs of one pixel, then one from pixel 212 to 318, in each of three rows.
        assert_eq!(blobs.find(&mask, PLANE_SIDE_PX_MAX), 3 * (106 + 107));
        assert_eq!(sizes(&blobs)[..2], [3 * 107, 0]);
    }
}

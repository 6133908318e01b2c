//! The largest 8-connected blob of a mask, in one pass and a few kilobytes.
//!
//! Runs of a row are joined with those of the row above by union-find; blobs that do not reach the present row are
//! finished and only the largest is kept (after He, Chao & Suzuki 2008, run-based labelling, with labels recycled a
//! row at a time). Memory is bounded by the width of a row, not by the number of blobs.
use super::verdict::Region;
use crate::plane::PLANE_SIDE_PX_MAX;

/// Most runs in a row: an opened mask has runs of 3 pixels or more with gaps of at least one. In another mask, what
/// lies right of the last run that fits is taken into that run, gaps included.
const ROW_RUNS_MAX: usize = PLANE_SIDE_PX_MAX.div_ceil(4);

/// Labels alive while a row is worked on: those of the row above and of this one.
const LABELS_MAX: usize = 2 * ROW_RUNS_MAX;

/// What is found in a mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Marked pixels.
    pub changes: u32,
    /// Pixels of the largest blob.
    pub blob_px: u32,
    /// Its bounds.
    pub region: Option<Region>,
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
const NO_BLOB: Blob = Blob { parent: 0, px: 0, bounds: Region { x1: 0, y1: 0, x2: 0, y2: 0 } };

/// Working memory.
pub struct Blobs {
    above: [Run; ROW_RUNS_MAX],
    here: [Run; ROW_RUNS_MAX],
    blobs: [Blob; LABELS_MAX],
    count: usize,
}

impl Blobs {
    /// Empty working memory.
    pub const fn new() -> Self {
        Self {
            above: [NO_RUN; ROW_RUNS_MAX],
            here: [NO_RUN; ROW_RUNS_MAX],
            blobs: [NO_BLOB; LABELS_MAX],
            count: 0,
        }
    }

    /// Searches a mask whose rows have `width` pixels; any byte but 0 is marked.
    pub fn largest(&mut self, mask: &[u8], width: usize) -> Found {
        let mut found = Found::default();
        let mut runs_above = 0;
        self.count = 0;
        for (y, row) in (0u16..).zip(mask.chunks_exact(width.max(1))) {
            let runs = self.find_runs(row);
            for at in 0..runs {
                found.changes += u32::from(self.here[at].end - self.here[at].start);
                self.here[at].label = self.label(self.here[at], y, runs_above);
            }
            self.retire(runs, &mut found);
            core::mem::swap(&mut self.above, &mut self.here);
            runs_above = runs;
        }
        self.retire(0, &mut found);
        found
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
        blob.bounds = union(blob.bounds, bounds);
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
        root.bounds = union(root.bounds, bounds);
        stays
    }

    /// Keeps the blobs that reach this row, numbered anew from 0; offers the others as the largest.
    fn retire(&mut self, runs: usize, found: &mut Found) {
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
        for (own, blob) in (0u16..).zip(self.blobs.iter().take(self.count)) {
            let finished = blob.parent == own && renumbered[usize::from(own)] == u16::MAX;
            if finished && blob.px > found.blob_px {
                (found.blob_px, found.region) = (blob.px, Some(blob.bounds));
            }
        }
        self.count = usize::from(count);
        self.blobs[..self.count].copy_from_slice(&kept[..self.count]);
    }
}

fn union(a: Region, b: Region) -> Region {
    Region { x1: a.x1.min(b.x1), y1: a.y1.min(b.y1), x2: a.x2.max(b.x2), y2: a.y2.max(b.y2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: usize = 40;
    const H: usize = 30;

    /// Reference: flood fill.
    fn by_flood_fill(mask: &[u8; W * H]) -> (u32, u32) {
        let (mut left, mut largest) = (*mask, 0);
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
            largest = largest.max(px);
        }
        (mask.iter().filter(|&&m| m != 0).count() as u32, largest)
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
            let found = blobs.largest(&mask, W);
            assert_eq!((found.changes, found.blob_px), by_flood_fill(&mask), "round {round}");
        }
    }

    #[test]
    fn bounds_of_the_largest() {
        let mut mask = [0u8; W * H];
        mask[0] = 1;
        for (x, y) in [(5, 5), (6, 6), (7, 5), (8, 4), (39, 29)] {
            mask[y * W + x] = 1;
        }
        let found = Blobs::new().largest(&mask, W);
        assert_eq!(found.region, Some(Region { x1: 5, y1: 4, x2: 9, y2: 7 }));
        assert_eq!((found.changes, found.blob_px), (6, 4));
    }

    #[test]
    fn more_runs_than_fit_are_taken_as_one() {
        let mut mask = [0u8; 3 * PLANE_SIDE_PX_MAX];
        mask.iter_mut().step_by(2).for_each(|mark| *mark = 1);
        let found = Blobs::new().largest(&mask, PLANE_SIDE_PX_MAX);
        // 79 lone runs of one pixel, then one from pixel 158 to 318, in each of three rows.
        assert_eq!((found.changes, found.blob_px), (3 * (79 + 161), 3 * 161));
    }
}

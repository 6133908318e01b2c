//! The radiance of a frame while it is painted, and what of each target is still seen.
//!
//! Whoever paints over a target takes that much of it away, so occlusion is exact. It must not know what is painted.

use crate::plane::Rgb;
use crate::shapes::Area;
use crate::truth::Bounds;

/// Most targets in the picture at once.
pub const COVERS_MAX: usize = 4;

/// How much of each pixel one target covers.
#[derive(Debug)]
pub struct Cover {
    part: Vec<f32>,
    active: bool,
}

/// What is painted on.
#[derive(Debug)]
pub struct Canvas {
    pub radiance: Rgb,
    covers: Vec<Cover>,
    /// Where the picture's left upper corner is in the world, in pixels (a camera that pans or shakes).
    pub offset: (f32, f32),
}

impl Canvas {
    pub fn new(width: usize, height: usize, targets: usize) -> Canvas {
        let cover = || Cover { part: vec![0.0; width * height], active: false };
        let covers = (0..targets.min(COVERS_MAX)).map(|_| cover()).collect();
        Canvas { radiance: Rgb::new(width, height), covers, offset: (0.0, 0.0) }
    }

    /// Forgets every target.
    pub fn begin(&mut self) {
        for cover in self.covers.iter_mut().filter(|cover| cover.active) {
            cover.part.fill(0.0);
            cover.active = false;
        }
    }

    /// Paints what `shade` says (coverage and radiance at a world point) on all pixels of an area of the world. What is
    /// painted belongs to the target with the number `owner`, or to nobody.
    pub fn paint<F>(&mut self, area: Area, owner: Option<usize>, shade: F)
    where
        F: Fn(f32, f32) -> (f32, [f32; 3]),
    {
        let Some(clip) = self.clip(area) else { return };
        if let Some(cover) = owner.and_then(|owner| self.covers.get_mut(owner)) {
            cover.active = true;
        }
        let is_watched = self.covers.iter().any(|cover| cover.active);
        for row in clip.top..clip.lower {
            let y = row as f32 + 0.5 + self.offset.1;
            for column in clip.left..clip.right {
                let (alpha, colour) = shade(column as f32 + 0.5 + self.offset.0, y);
                if alpha > 0.0 {
                    let index = row * self.radiance.width + column;
                    for (plane, value) in self.radiance.planes.iter_mut().zip(colour) {
                        plane[index] += (value - plane[index]) * alpha;
                    }
                    if is_watched {
                        self.account(index, alpha, owner);
                    }
                }
            }
        }
    }

    /// Multiplies what is there (shadows) by `factor` at a world point, or adds to it (lights, `add`). Targets stay as
    /// they are.
    pub fn tint<F>(&mut self, area: Area, factor: F)
    where
        F: Fn(f32, f32, [f32; 3]) -> [f32; 3],
    {
        let Some(clip) = self.clip(area) else { return };
        for row in clip.top..clip.lower {
            let y = row as f32 + 0.5 + self.offset.1;
            for column in clip.left..clip.right {
                let index = row * self.radiance.width + column;
                let now = self.radiance.at(index);
                self.radiance.set(index, factor(column as f32 + 0.5 + self.offset.0, y, now));
            }
        }
    }

    fn account(&mut self, index: usize, alpha: f32, owner: Option<usize>) {
        for (number, cover) in self.covers.iter_mut().enumerate().filter(|(_, cover)| cover.active) {
            let part = &mut cover.part[index];
            if owner == Some(number) {
                *part += (1.0 - *part) * alpha;
            } else {
                *part *= 1.0 - alpha;
            }
        }
    }

    fn clip(&self, area: Area) -> Option<Bounds> {
        let cut = |value: f32, limit: usize| value.clamp(0.0, limit as f32) as usize;
        let (width, height) = (self.radiance.width, self.radiance.height);
        let clip = Bounds {
            left: cut((area.left - self.offset.0).floor(), width),
            top: cut((area.top - self.offset.1).floor(), height),
            right: cut((area.right - self.offset.0).ceil(), width),
            lower: cut((area.lower - self.offset.1).ceil(), height),
        };
        (clip.left < clip.right && clip.top < clip.lower).then_some(clip)
    }

    /// Box and number of the pixels of which a target covers at least half.
    pub fn seen(&self, number: usize) -> Option<(Bounds, u32)> {
        let cover = self.covers.get(number).filter(|cover| cover.active)?;
        let mut bounds = Bounds { left: usize::MAX, top: usize::MAX, right: 0, lower: 0 };
        let mut count = 0;
        for (row, line) in cover.part.chunks_exact(self.radiance.width).enumerate() {
            for (column, _) in line.iter().enumerate().filter(|(_, part)| **part >= 0.5) {
                bounds.left = bounds.left.min(column);
                bounds.right = bounds.right.max(column + 1);
                bounds.top = bounds.top.min(row);
                bounds.lower = row + 1;
                count += 1;
            }
        }
        (count > 0).then_some((bounds, count))
    }
}

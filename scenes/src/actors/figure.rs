//! A pen for bodies made of rounded parts, in metres from a foot point.
//!
//! It must not know which body it draws.

use super::Pose;
use crate::canvas::Canvas;
use crate::lattice::fractal;
use crate::maths::{scale3, times3};
use crate::shapes::{Capsule, Ellipse};

/// Draws the parts of one target.
pub struct Figure<'a> {
    pub pose: &'a Pose,
    pub owner: usize,
    pub canvas: &'a mut Canvas,
}

impl Figure<'_> {
    /// From metres (to the right of and above the foot) to pixels.
    pub fn place(&self, point: (f32, f32)) -> (f32, f32) {
        (self.pose.x + point.0 * self.pose.scale, self.pose.y - point.1 * self.pose.scale)
    }

    /// A limb from one point to another with a radius at each, in metres; `folds` is how much its texture varies.
    pub fn limb(
        &mut self,
        from: (f32, f32),
        to: (f32, f32),
        radii: (f32, f32),
        colour: [f32; 3],
        folds: f32,
    ) {
        let (from, to) = (self.place(from), self.place(to));
        let scale = self.pose.scale;
        let shape = Capsule { from, to, radius_from: radii.0 * scale, radius_to: radii.1 * scale };
        let (seed, light) = (self.pose.seed as u32, self.pose.light);
        let wide = radii.0.max(radii.1) * scale * 2.0;
        self.canvas.paint(shape.area(), Some(self.owner), |x, y| {
            let cover = shape.coverage(x, y);
            if cover == 0.0 {
                return (0.0, [0.0; 3]);
            }
            let (u, v) = ((x - from.0) / scale, (y - from.1) / scale);
            let fold = 1.0 + folds * fractal(seed, u * 14.0, v * 7.0, 3, 0.6);
            // The sun stands to the right and behind the camera.
            let round = 1.0 + 0.28 * ((x - (from.0 + to.0) * 0.5) / wide).clamp(-1.0, 1.0);
            (cover, times3(scale3(colour, fold * round), light))
        });
    }

    /// An ellipse about a point, in metres.
    pub fn oval(&mut self, at: (f32, f32), radii: (f32, f32), colour: [f32; 3]) {
        let (x, y) = self.place(at);
        let scale = self.pose.scale;
        let shape = Ellipse { x, y, radius_x: radii.0 * scale, radius_y: radii.1 * scale };
        let lit = times3(colour, self.pose.light);
        self.canvas.paint(shape.area(), Some(self.owner), |px, py| (shape.coverage(px, py), lit));
    }
}

//! Shapes with soft edges: how much of a pixel each covers.
//!
//! Coverage by area is what a lens and a photosite give; a hard edge would tell a detector what no camera tells.
//! Lengths are in pixels, points are pixel centres. It must not paint.

use crate::maths::{length, unit};

/// A box of pixels to look at, in picture coordinates, not yet cut off at the edges.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub lower: f32,
}

impl Area {
    pub fn around(x: f32, y: f32, reach_x: f32, reach_y: f32) -> Area {
        Area { left: x - reach_x, top: y - reach_y, right: x + reach_x, lower: y + reach_y }
    }
}

/// An upright ellipse.
#[derive(Debug, Clone, Copy)]
pub struct Ellipse {
    pub x: f32,
    pub y: f32,
    pub radius_x: f32,
    pub radius_y: f32,
}

impl Ellipse {
    pub fn area(&self) -> Area {
        Area::around(self.x, self.y, self.radius_x + 1.0, self.radius_y + 1.0)
    }

    /// The smaller the ellipse, the more of its edge is one pixel wide; below a pixel it keeps its area as strength.
    pub fn coverage(&self, x: f32, y: f32) -> f32 {
        let (radius_x, radius_y) = (self.radius_x.max(0.7), self.radius_y.max(0.7));
        let strength = unit(self.radius_x * self.radius_y / (radius_x * radius_y));
        let (dx, dy) = ((x - self.x) / radius_x, (y - self.y) / radius_y);
        let inside = 1.0 - (dx * dx + dy * dy);
        unit(inside * radius_x.min(radius_y) * 0.5 + 0.5) * strength
    }
}

/// A line with round ends that may be thicker at one of them: limbs, streaks, posts.
#[derive(Debug, Clone, Copy)]
pub struct Capsule {
    pub from: (f32, f32),
    pub to: (f32, f32),
    pub radius_from: f32,
    pub radius_to: f32,
}

impl Capsule {
    pub fn area(&self) -> Area {
        let reach = self.radius_from.max(self.radius_to) + 1.0;
        Area {
            left: self.from.0.min(self.to.0) - reach,
            top: self.from.1.min(self.to.1) - reach,
            right: self.from.0.max(self.to.0) + reach,
            lower: self.from.1.max(self.to.1) + reach,
        }
    }

    pub fn coverage(&self, x: f32, y: f32) -> f32 {
        let (ax, ay) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let (px, py) = (x - self.from.0, y - self.from.1);
        let along = unit((px * ax + py * ay) / (ax * ax + ay * ay).max(1e-6));
        let radius = self.radius_from + (self.radius_to - self.radius_from) * along;
        let wide = radius.max(0.5);
        unit(wide + 0.5 - length(px - ax * along, py - ay * along)) * unit(radius / wide)
    }
}

/// An upright box with rounded corners.
#[derive(Debug, Clone, Copy)]
pub struct Panel {
    pub area: Area,
    pub corner: f32,
}

impl Panel {
    pub fn coverage(&self, x: f32, y: f32) -> f32 {
        let corner = self.corner.min((self.area.right - self.area.left) * 0.5);
        let outside = |low: f32, high: f32, at: f32| (low + corner - at).max(at - high + corner).max(-corner);
        let dx = outside(self.area.left, self.area.right, x);
        let dy = outside(self.area.top, self.area.lower, y);
        let distance = if dx > 0.0 && dy > 0.0 { length(dx, dy) - corner } else { dx.max(dy) - corner };
        unit(0.5 - distance)
    }
}

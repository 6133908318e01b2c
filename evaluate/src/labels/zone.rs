//! A zone: a polygon in relative coordinates, and which areas touch it.

/// A rectangle in relative coordinates: 0 is the left or upper edge of the picture, 1 the right or lower one.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Area {
    /// Left.
    pub x1: f32,
    /// Upper.
    pub y1: f32,
    /// Right.
    pub x2: f32,
    /// Lower.
    pub y2: f32,
}

/// A polygon in relative coordinates, with a name.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Zone {
    /// As labels call it.
    pub name: String,
    /// Its corners, three or more, in either sense of rotation.
    pub corners: Vec<(f32, f32)>,
}

impl Zone {
    /// Whether a point is inside (even-odd rule).
    #[must_use]
    pub fn contains(&self, x: f32, y: f32) -> bool {
        self.edges().filter(|&(a, b)| crosses(a, b, x, y)).count() % 2 == 1
    }

    /// Whether the zone and the area have anything in common.
    #[must_use]
    pub fn touches(&self, area: &Area) -> bool {
        let is_inside = |x: f32, y: f32| x >= area.x1 && x <= area.x2 && y >= area.y1 && y <= area.y2;
        self.contains(area.x1, area.y1)
            || self.corners.iter().any(|&(x, y)| is_inside(x, y))
            || self.edges().any(|(a, b)| passes_through(a, b, area))
    }

    fn edges(&self) -> impl Iterator<Item = ((f32, f32), (f32, f32))> + '_ {
        self.corners.iter().copied().zip(self.corners.iter().copied().cycle().skip(1))
    }
}

/// Whether a ray from the point to the right crosses the edge.
fn crosses((ax, ay): (f32, f32), (bx, by): (f32, f32), x: f32, y: f32) -> bool {
    (ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay)
}

/// Whether a segment passes through a rectangle (Liang and Barsky's clipping).
fn passes_through((ax, ay): (f32, f32), (bx, by): (f32, f32), area: &Area) -> bool {
    let (dx, dy) = (bx - ax, by - ay);
    let (mut enter, mut leave) = (0.0_f32, 1.0_f32);
    for (p, q) in [(-dx, ax - area.x1), (dx, area.x2 - ax), (-dy, ay - area.y1), (dy, area.y2 - ay)] {
        if p == 0.0 {
            if q < 0.0 {
                return false;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    enter <= leave
}

#[cfg(test)]
mod tests {
    use super::{Area, Zone};

    fn triangle() -> Zone {
        Zone { name: "t".into(), corners: vec![(0.5, 0.1), (0.9, 0.9), (0.1, 0.9)] }
    }

    fn area(x1: f32, y1: f32, x2: f32, y2: f32) -> Area {
        Area { x1, y1, x2, y2 }
    }

    #[test]
    fn points_are_inside_or_outside() {
        assert!(triangle().contains(0.5, 0.5) && triangle().contains(0.2, 0.85));
        assert!(!triangle().contains(0.2, 0.2) && !triangle().contains(0.5, 0.95));
    }

    #[test]
    fn areas_touch_by_corner_by_edge_or_by_lying_inside() {
        let zone = triangle();
        assert!(zone.touches(&area(0.45, 0.5, 0.55, 0.6)), "inside the zone");
        assert!(zone.touches(&area(0.0, 0.0, 1.0, 1.0)), "around the zone");
        assert!(zone.touches(&area(0.0, 0.5, 1.0, 0.55)), "across it");
        assert!(zone.touches(&area(0.45, 0.0, 0.55, 0.2)), "over a corner");
        assert!(!zone.touches(&area(0.0, 0.0, 0.2, 0.2)), "beside it");
        assert!(!zone.touches(&area(0.7, 0.1, 0.9, 0.3)), "beside it, within its bounds");
    }
}

//! Polygons as rectangles of pixels: what of a picture the masks hide.
//!
//! In strips of the height of a block; never less than the polygon covers, and hardly more. The splicer widens each rectangle to
//! whole blocks. Must not draw.

use crate::settings::drawing::{FULL, Place};
use std::ops::Range;
use vision::splice::Area;

/// Most rectangles of all masks together: those of a diagonal band across the tallest picture fit. A mask that would make more
/// hides its bounding box.
pub const AREAS_MAX: usize = 768;
/// The height of a strip: that of a block.
const STRIP_PX: i64 = 8;
/// Fractions of a pixel in which corners are reckoned.
const UNIT: i64 = 256;

/// A corner in fractions of pixels.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
}

/// Adds what a polygon covers of pictures of that size.
pub fn add_areas(areas: &mut Vec<Area>, corners: &[Place], width_px: u16, height_px: u16) {
    let place = |place: u16, side_px: u16| i64::from(place) * i64::from(side_px) * UNIT / i64::from(FULL);
    let corners: Vec<Corner> = corners
        .iter()
        .map(|corner| Corner { x: place(corner.x, width_px), y: place(corner.y, height_px) })
        .collect();
    let sides = (i64::from(width_px), i64::from(height_px));
    let before = areas.len();
    add_strips(areas, &corners, sides);
    if areas.len() > AREAS_MAX {
        areas.truncate(before);
        let (left, right) = extent(corners.iter().map(|corner| corner.x));
        let (top, bottom) = extent(corners.iter().map(|corner| corner.y));
        push(areas, &(left..right), top..bottom, sides);
    }
}

fn add_strips(areas: &mut Vec<Area>, corners: &[Corner], sides: (i64, i64)) {
    let mut above: Option<(Vec<Range<i64>>, i64)> = None;
    for top in (0..sides.1).step_by(STRIP_PX as usize) {
        let spans = spans(corners, top, top + STRIP_PX);
        above = match above {
            Some((same, first)) if same == spans => Some((same, first)),
            other => {
                add_block(areas, other, top, sides);
                Some((spans, top))
            }
        };
    }
    add_block(areas, above, sides.1, sides);
}

/// Strips of the same spans, from the row where they began to `bottom`.
fn add_block(areas: &mut Vec<Area>, block: Option<(Vec<Range<i64>>, i64)>, bottom: i64, sides: (i64, i64)) {
    let (spans, top) = block.unwrap_or_default();
    spans.iter().for_each(|span| push(areas, span, top..bottom, sides));
}

/// Columns and rows in pixels; what is outside of the picture is cut off.
fn push(areas: &mut Vec<Area>, x: &Range<i64>, y: Range<i64>, sides: (i64, i64)) {
    let cut = |from: i64, to: i64, side: i64| {
        let from = from.clamp(0, side);
        let length = to.clamp(0, side) - from;
        (u16::try_from(from).unwrap_or(u16::MAX), u16::try_from(length).unwrap_or(0))
    };
    let ((left, width), (top, height)) = (cut(x.start, x.end, sides.0), cut(y.start, y.end, sides.1));
    if width > 0 && height > 0 {
        areas.push(Area { left, top, width, height });
    }
}

/// First and last whole pixel around these, the last excluded.
fn extent(values: impl Iterator<Item = i64> + Clone) -> (i64, i64) {
    let (min, max) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    (min.div_euclid(UNIT), (max + UNIT - 1).div_euclid(UNIT))
}

/// The columns that a polygon covers somewhere between two rows: what its edges go around (the nonzero rule: where it crosses itself,
/// nothing stays bare) in each row's middle, and along the edges themselves. In order, apart from each other.
fn spans(corners: &[Corner], top: i64, bottom: i64) -> Vec<Range<i64>> {
    let mut spans = Vec::new();
    for row in top..bottom {
        let y = row * UNIT + UNIT / 2;
        let crosses = edges(corners).filter(|(a, b)| (a.y <= y) != (b.y <= y));
        let mut crossings: Vec<(i64, i32)> =
            crosses.map(|(a, b)| (at(a, b, y), if a.y <= y { 1 } else { -1 })).collect();
        crossings.sort_unstable();
        let mut turns = 0;
        for pair in crossings.windows(2) {
            let [(from, direction), (to, _)] = *pair else { continue };
            turns += direction;
            if turns != 0 {
                let (left, right) = extent([from, to].into_iter());
                spans.push(left..right);
            }
        }
    }
    let (top, bottom) = (top * UNIT, bottom * UNIT);
    for (a, b) in edges(corners) {
        let (upper, lower) = if a.y <= b.y { (a, b) } else { (b, a) };
        if upper.y < bottom && lower.y > top {
            let ends = [at(upper, lower, upper.y.max(top)), at(upper, lower, lower.y.min(bottom))];
            let (left, right) = extent(ends.into_iter());
            spans.push(left..right);
        }
    }
    joined(spans)
}

fn edges(corners: &[Corner]) -> impl Iterator<Item = (Corner, Corner)> + '_ {
    let next = corners.iter().cycle().skip(1);
    corners.iter().copied().zip(next.copied())
}

/// Where an edge that is not level is in that row.
fn at(a: Corner, b: Corner, y: i64) -> i64 {
    a.x + ((b.x - a.x) * (y - a.y)).checked_div(b.y - a.y).unwrap_or(0)
}

fn joined(mut spans: Vec<Range<i64>>) -> Vec<Range<i64>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable_by_key(|span| span.start);
    let mut joined: Vec<Range<i64>> = Vec::new();
    for span in spans {
        match joined.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{AREAS_MAX, add_areas};
    use crate::settings::drawing::Place;
    use vision::splice::Area;

    fn areas(corners: &[(u16, u16)], width_px: u16, height_px: u16) -> Vec<Area> {
        let mut areas = Vec::new();
        let corners: Vec<Place> = corners.iter().map(|&(x, y)| Place { x: x * 100, y: y * 100 }).collect();
        add_areas(&mut areas, &corners, width_px, height_px);
        areas
    }

    fn is_covered(areas: &[Area], x: u16, y: u16) -> bool {
        areas
            .iter()
            .any(|a| (a.left..a.left + a.width).contains(&x) && (a.top..a.top + a.height).contains(&y))
    }

    #[test]
    fn a_rectangle_is_one_area_with_its_own_edges() {
        let got = areas(&[(50, 0), (100, 0), (100, 50), (50, 50)], 1280, 720);
        assert_eq!(got, [Area { left: 640, top: 0, width: 640, height: 360 }]);
        let all = areas(&[(0, 0), (100, 0), (100, 100), (0, 100)], 641, 479);
        assert_eq!(all, [Area { left: 0, top: 0, width: 641, height: 479 }], "to the last column and row");
    }

    #[test]
    fn every_pixel_inside_is_covered_and_few_beside() {
        // A triangle, an hourglass that crosses itself, a pentagram, and the shape of a U.
        let shapes: [&[(u16, u16)]; 4] = [
            &[(50, 5), (79, 92), (5, 38), (95, 38), (21, 92)],
            &[(10, 10), (90, 30), (20, 95)],
            &[(10, 10), (90, 10), (10, 90), (90, 90)],
            &[(10, 10), (30, 10), (30, 70), (70, 70), (70, 10), (90, 10), (90, 90), (10, 90)],
        ];
        for shape in shapes {
            let (width, height) = (320_u16, 240_u16);
            let got = areas(shape, width, height);
            let (mut inside, mut beside) = (0, 0);
            for y in 0..height {
                for x in 0..width {
                    let is_inside = contains(shape, f64::from(x) + 0.5, f64::from(y) + 0.5, width, height);
                    let covered = is_covered(&got, x, y);
                    assert!(covered || !is_inside, "{x},{y} of {shape:?} is left bare");
                    inside += u32::from(is_inside);
                    beside += u32::from(covered && !is_inside);
                }
            }
            assert!(inside > 0 && beside < inside / 4, "{beside} beside {inside} of {shape:?}");
        }
    }

    /// The nonzero rule, by a ray to the right.
    fn contains(shape: &[(u16, u16)], x: f64, y: f64, width: u16, height: u16) -> bool {
        let corner = |&(cx, cy): &(u16, u16)| {
            (f64::from(cx) / 100.0 * f64::from(width), f64::from(cy) / 100.0 * f64::from(height))
        };
        let mut turns = 0;
        for (index, a) in shape.iter().enumerate() {
            let ((ax, ay), (bx, by)) = (corner(a), corner(&shape[(index + 1) % shape.len()]));
            if (ay <= y) != (by <= y) && x < ax + (bx - ax) * (y - ay) / (by - ay) {
                turns += if ay <= y { 1 } else { -1 };
            }
        }
        turns != 0
    }

    #[test]
    fn a_mask_of_too_many_rectangles_hides_its_bounding_box() {
        let mut all = Vec::new();
        let zigzag: Vec<Place> =
            (0..16).map(|n| Place { x: if n % 2 == 0 { 0 } else { 10_000 - n * 10 }, y: n * 600 }).collect();
        for _ in 0..8 {
            add_areas(&mut all, &zigzag, 4096, 4096);
        }
        assert!(all.len() <= AREAS_MAX + 8, "{}", all.len());
        assert!(all.iter().any(|area| area.height > 3500 && area.width > 4000), "a bounding box");
    }
}

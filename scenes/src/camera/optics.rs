//! The lens: its slight blur, and the strong one when it is out of focus.
//!
//! It must not change the mean light.

use crate::plane::Rgb;

/// Blur of a good cheap lens: part of a pixel's light that falls on each neighbour.
const NEIGHBOUR: f32 = 1.0 / 6.0;
/// Passes of a box that together come close to a bell.
const PASSES: usize = 2;

/// Blurs along the rows.
pub fn soften_row(from: &[f32], to: &mut [f32]) {
    let last = from.len() - 1;
    let own = 1.0 - 2.0 * NEIGHBOUR;
    to[0] = from[0] * (own + NEIGHBOUR) + from[1] * NEIGHBOUR;
    to[last] = from[last] * (own + NEIGHBOUR) + from[last - 1] * NEIGHBOUR;
    for (out, near) in to[1..last].iter_mut().zip(from.windows(3)) {
        *out = near[1] * own + (near[0] + near[2]) * NEIGHBOUR;
    }
}

/// Blurs across three rows.
pub fn soften_between(above: &[f32], here: &[f32], below: &[f32], to: &mut [f32]) {
    let own = 1.0 - 2.0 * NEIGHBOUR;
    for (x, out) in to.iter_mut().enumerate() {
        *out = here[x] * own + (above[x] + below[x]) * NEIGHBOUR;
    }
}

/// A lens out of focus, by boxes along rows and columns; `radius_px` below a half leaves the picture as it is.
pub fn defocus(radiance: &mut Rgb, radius_px: f32, scratch: &mut Rgb) {
    if radius_px < 0.5 {
        return;
    }
    let (width, height) = (radiance.width, radiance.height);
    for (plane, other) in radiance.planes.iter_mut().zip(&mut scratch.planes) {
        for _ in 0..PASSES {
            for row in 0..height {
                let place = row * width..(row + 1) * width;
                box_line(&plane[place.clone()], &mut other[place], 1, width, radius_px);
            }
            for column in 0..width {
                box_line(&other[column..], &mut plane[column..], width, height, radius_px);
            }
        }
    }
}

/// One line through a sliding box whose ends count by their part, so that the radius may change smoothly.
fn box_line(from: &[f32], to: &mut [f32], stride: usize, count: usize, radius: f32) {
    let whole = radius.floor() as i64;
    let part = radius - radius.floor();
    let norm = 1.0 / (2.0 * radius + 1.0);
    let at = |index: i64| from[index.clamp(0, count as i64 - 1) as usize * stride];
    let mut sum: f32 = (-whole..=whole).map(at).sum();
    for index in 0..count as i64 {
        let ends = (at(index - whole - 1) + at(index + whole + 1)) * part;
        to[index as usize * stride] = (sum + ends) * norm;
        sum += at(index + whole + 1) - at(index - whole);
    }
}

//! Three planes of linear light, one for each colour.
//!
//! It must not know what the light means: albedo, radiance, or what the lens made of it.

/// Linear red, green and blue, each `width * height`, rows tightly packed.
#[derive(Debug, Clone)]
pub struct Rgb {
    pub width: usize,
    pub height: usize,
    pub planes: [Vec<f32>; 3],
}

impl Rgb {
    pub fn new(width: usize, height: usize) -> Rgb {
        let plane = vec![0.0; width * height];
        Rgb { width, height, planes: [plane.clone(), plane.clone(), plane] }
    }

    pub fn at(&self, index: usize) -> [f32; 3] {
        [self.planes[0][index], self.planes[1][index], self.planes[2][index]]
    }

    pub fn set(&mut self, index: usize, colour: [f32; 3]) {
        for (plane, value) in self.planes.iter_mut().zip(colour) {
            plane[index] = value;
        }
    }
}

/// Takes a window of `width * height` out of a larger plane at a sub-pixel offset (bilinear; outside, its edge goes on).
pub fn window(from: &[f32], from_width: usize, offset: (f32, f32), to: &mut [f32], width: usize) {
    let from_height = from.len() / from_width;
    let (whole_x, whole_y) = (offset.0.floor(), offset.1.floor());
    let (part_x, part_y) = (offset.0 - whole_x, offset.1 - whole_y);
    let clamp = |value: i64, limit: usize| value.clamp(0, limit as i64 - 1) as usize;
    for (row, line) in to.chunks_exact_mut(width).enumerate() {
        let y = row as i64 + whole_y as i64;
        let upper = &from[clamp(y, from_height) * from_width..][..from_width];
        let lower = &from[clamp(y + 1, from_height) * from_width..][..from_width];
        for (column, out) in line.iter_mut().enumerate() {
            let x = column as i64 + whole_x as i64;
            let (a, b) = (clamp(x, from_width), clamp(x + 1, from_width));
            let above = upper[a] + (upper[b] - upper[a]) * part_x;
            let below = lower[a] + (lower[b] - lower[a]) * part_x;
            *out = above + (below - above) * part_y;
        }
    }
}

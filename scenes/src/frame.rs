//! The lit backdrop of a frame: what stands still, in the light of the moment.
//!
//! It must not paint anything that moves of itself.

use crate::backdrop::Backdrop;
use crate::canvas::Canvas;
use crate::ground::Ground;
use crate::light::{Lighting, beam_at, through_clouds};
use crate::plane::{Rgb, window};

/// Cells of the slow fields of light are this many pixels wide and high.
const CELL_PX: usize = 8;

/// A field of light in coarse cells, read smoothly.
#[derive(Debug)]
struct Field {
    columns: usize,
    cells: Vec<f32>,
}

impl Field {
    fn new(width: usize, height: usize) -> Field {
        let columns = width / CELL_PX + 2;
        Field { columns, cells: vec![0.0; columns * (height / CELL_PX + 2)] }
    }

    fn fill<F: Fn(f32, f32) -> f32>(&mut self, value: F) {
        for (index, cell) in self.cells.iter_mut().enumerate() {
            let (column, row) = (index % self.columns, index / self.columns);
            *cell = value((column * CELL_PX) as f32, (row * CELL_PX) as f32);
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x / CELL_PX as f32, y / CELL_PX as f32);
        let rows = self.cells.len() / self.columns;
        let column = (x as usize).min(self.columns - 2);
        let row = (y as usize).min(rows - 2);
        let (px, py) = (x - column as f32, y - row as f32);
        let first = row * self.columns + column;
        let above = self.cells[first] + (self.cells[first + 1] - self.cells[first]) * px;
        let next = first + self.columns;
        let below = self.cells[next] + (self.cells[next + 1] - self.cells[next]) * px;
        above + (below - above) * py
    }

    fn read_row(&self, row: usize, line: &mut [f32]) {
        for (column, value) in line.iter_mut().enumerate() {
            *value = self.at(column as f32 + 0.5, row as f32 + 0.5);
        }
    }
}

/// The backdrop as the camera's present direction shows it, and the light on it.
#[derive(Debug)]
pub struct Stage {
    backdrop: Backdrop,
    /// Pixels that the backdrop is larger than the picture on each side.
    margin: f32,
    offset: Option<(f32, f32)>,
    albedo: Rgb,
    sun: Vec<f32>,
    lamp: Vec<f32>,
    infrared: Vec<f32>,
    clouds: Field,
    beam: Field,
    lines: [Vec<f32>; 2],
    lighting: Lighting,
    seed: u64,
}

impl Stage {
    pub fn new(
        backdrop: Backdrop,
        size: (usize, usize),
        margin: usize,
        lighting: Lighting,
        seed: u64,
    ) -> Stage {
        let (width, height) = size;
        let plane = vec![0.0; width * height];
        Stage {
            backdrop,
            margin: margin as f32,
            offset: None,
            albedo: Rgb::new(width, height),
            sun: plane.clone(),
            lamp: plane.clone(),
            infrared: plane,
            clouds: Field::new(width, height),
            beam: Field::new(width, height),
            lines: [vec![1.0; width], vec![0.0; width]],
            lighting,
            seed,
        }
    }

    /// Lights the backdrop into the canvas.
    pub fn light(&mut self, lighting: Lighting, ground: Ground, canvas: &mut Canvas) {
        self.lighting = lighting;
        if self.offset != Some(canvas.offset) {
            self.look(canvas.offset);
        }
        let width = self.albedo.width;
        self.cast(ground, canvas.offset);
        let light = lighting.light;
        for row in 0..self.albedo.height {
            if lighting.clouds.is_some() {
                self.clouds.read_row(row, &mut self.lines[0]);
            }
            if lighting.beam.is_some() {
                self.beam.read_row(row, &mut self.lines[1]);
            } else {
                self.lines[1].fill(0.0);
            }
            let place = row * width..(row + 1) * width;
            let (sun, lamp) = (&self.sun[place.clone()], &self.lamp[place.clone()]);
            let infrared = &self.infrared[place.clone()];
            for channel in 0..3 {
                let albedo = &self.albedo.planes[channel][place.clone()];
                let out = &mut canvas.radiance.planes[channel][place.clone()];
                let (of_sky, of_sun, of_lamp) = (light.sky[channel], light.sun[channel], light.lamp[channel]);
                for x in 0..width {
                    let falls = of_sky
                        + of_sun * sun[x] * self.lines[0][x]
                        + of_lamp * lamp[x]
                        + light.infrared * infrared[x]
                        + self.lines[1][x];
                    out[x] = albedo[x] * falls;
                }
            }
        }
        if lighting.clouds.is_none() {
            self.lines[0].fill(1.0);
        }
    }

    fn look(&mut self, offset: (f32, f32)) {
        let wide = self.backdrop.albedo.width;
        let width = self.albedo.width;
        let there = (offset.0 + self.margin, offset.1 + self.margin);
        for (to, from) in self.albedo.planes.iter_mut().zip(&self.backdrop.albedo.planes) {
            window(from, wide, there, to, width);
        }
        window(&self.backdrop.sun, wide, there, &mut self.sun, width);
        window(&self.backdrop.lamp, wide, there, &mut self.lamp, width);
        window(&self.backdrop.infrared, wide, there, &mut self.infrared, width);
        self.offset = Some(offset);
    }

    fn cast(&mut self, ground: Ground, offset: (f32, f32)) {
        let (width, height) = (self.albedo.width as f32, self.albedo.height as f32);
        let seed = self.seed;
        if let Some((cover, drift)) = self.lighting.clouds {
            self.clouds.fill(|x, y| {
                let (x, y) = ((x + offset.0 - 0.5 * width) / height, (y + offset.1) / height);
                let y = y.max(ground.horizon + 0.06);
                through_clouds(seed, cover, drift, ground.aside_m(x, y), ground.depth_m(y))
            });
        }
        if let Some(beam) = self.lighting.beam {
            self.beam.fill(|x, y| beam_at(&beam, (x + offset.0) / width, (y + offset.1) / height));
        }
    }

    /// The light that falls on something that stands at a point of the world (pixels).
    pub fn light_at(&self, x: f32, y: f32) -> [f32; 3] {
        let offset = self.offset.unwrap_or_default();
        let (x, y) = (x - offset.0, y - offset.1);
        let (width, height) = (self.albedo.width, self.albedo.height);
        let column = x.clamp(0.0, width as f32 - 1.0);
        let row = y.clamp(0.0, height as f32 - 1.0);
        let index = row as usize * width + column as usize;
        let light = self.lighting.light;
        let clouds = if self.lighting.clouds.is_some() { self.clouds.at(column, row) } else { 1.0 };
        let beam = if self.lighting.beam.is_some() { self.beam.at(column, row) } else { 0.0 };
        let falls = |channel: usize| {
            light.sky[channel]
                + light.sun[channel] * self.sun[index] * clouds
                + light.lamp[channel] * self.lamp[index]
                + light.infrared * self.infrared[index]
                + beam
        };
        [falls(0), falls(1), falls(2)]
    }

    /// The part of the light at a point that comes from the sun: what a shadow takes away.
    pub fn sun_part_at(&self, x: f32, y: f32) -> f32 {
        let all = self.light_at(x, y)[1];
        let offset = self.offset.unwrap_or_default();
        let (width, height) = (self.albedo.width, self.albedo.height);
        let column = (x - offset.0).clamp(0.0, width as f32 - 1.0);
        let row = (y - offset.1).clamp(0.0, height as f32 - 1.0);
        let sun = self.sun[row as usize * width + column as usize];
        let clouds = if self.lighting.clouds.is_some() { self.clouds.at(column, row) } else { 1.0 };
        self.lighting.light.sun[1] * sun * clouds / all.max(1e-6)
    }
}

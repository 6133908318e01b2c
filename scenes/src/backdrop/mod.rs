//! What does not move: what each point of a view is made of, and which light falls on it.
//!
//! Painted once, four samples to a pixel, wider than the picture where the camera will turn away. It must not know the
//! time.

mod pond;
mod room;
mod street;
mod textures;
mod yard;

use crate::ground::Ground;
use crate::maths::bell;
use crate::plane::Rgb;
pub use pond::shores;

/// Samples to a pixel, in each direction.
const SAMPLES: usize = 2;
/// Reach of the camera's infrared lamps in metres: there it gives a quarter of what it gives near.
const INFRARED_REACH_M: f32 = 9.0;

/// Which place the camera looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A garden behind a house: lawn, path, fence, trees beyond, the house's wall at the right.
    Yard,
    /// A street with pavements and houses opposite.
    Street,
    /// A pond in a park.
    Pond,
    /// A living room.
    Room,
}

/// A point of a view.
#[derive(Debug, Clone, Copy)]
pub struct Surface {
    /// What it reflects.
    pub albedo: [f32; 3],
    /// How much of the sun falls on it, 0 to 1.
    pub sun: f32,
    /// How much of the scene's lamp.
    pub lamp: f32,
    /// Its distance in metres; infinite for the sky.
    pub depth_m: f32,
}

/// Where a point is: `x` in picture heights from the left edge, `part_x` in parts of the picture's width.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub x: f32,
    pub y: f32,
    pub part_x: f32,
    pub aspect: f32,
    pub seed: u32,
}

impl View {
    /// How the camera hangs there.
    pub fn ground(self) -> Ground {
        match self {
            View::Yard => Ground { horizon: 0.20, camera_m: 2.8 },
            View::Street => Ground { horizon: 0.27, camera_m: 3.4 },
            View::Pond => Ground { horizon: 0.30, camera_m: 3.0 },
            View::Room => Ground { horizon: 0.18, camera_m: 2.3 },
        }
    }

    fn surface(self, spot: Spot) -> Surface {
        match self {
            View::Yard => yard::surface(spot, self.ground()),
            View::Street => street::surface(spot, self.ground()),
            View::Pond => pond::surface(spot, self.ground()),
            View::Room => room::surface(spot, self.ground()),
        }
    }
}

/// The planes of a view.
#[derive(Debug)]
pub struct Backdrop {
    pub albedo: Rgb,
    pub sun: Vec<f32>,
    pub lamp: Vec<f32>,
    pub infrared: Vec<f32>,
}

impl Backdrop {
    /// Paints a view for a picture of `width * height`, `extent` times as wide as that, and `margin` pixels to each side.
    pub fn paint(view: View, seed: u64, size: (usize, usize), extent: f32, margin: usize) -> Backdrop {
        let (width, height) = size;
        let wide = (width as f32 * extent) as usize + 2 * margin;
        let high = height + 2 * margin;
        let aspect = width as f32 / height as f32;
        let plane = vec![0.0; wide * high];
        let mut backdrop = Backdrop {
            albedo: Rgb::new(wide, high),
            sun: plane.clone(),
            lamp: plane.clone(),
            infrared: plane,
        };
        let weight = 1.0 / (SAMPLES * SAMPLES) as f32;
        for index in 0..wide * high {
            let (column, row) = ((index % wide) as f32, (index / wide) as f32);
            for sample in 0..SAMPLES * SAMPLES {
                let inner = |part: usize| (part as f32 + 0.5) / SAMPLES as f32 - margin as f32;
                let x = (column + inner(sample % SAMPLES)) / height as f32;
                let y = (row + inner(sample / SAMPLES)) / height as f32;
                let spot = Spot { x, y, part_x: x / aspect, aspect, seed: seed as u32 };
                backdrop.add(index, view.surface(spot), weight);
            }
        }
        backdrop
    }

    fn add(&mut self, index: usize, surface: Surface, weight: f32) {
        for (plane, value) in self.albedo.planes.iter_mut().zip(surface.albedo) {
            plane[index] += value * weight;
        }
        self.sun[index] += surface.sun * weight;
        self.lamp[index] += surface.lamp * weight;
        let reach = surface.depth_m / INFRARED_REACH_M;
        self.infrared[index] += if reach.is_finite() { bell(reach) * weight } else { 0.0 };
    }
}

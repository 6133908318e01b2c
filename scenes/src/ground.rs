//! Perspective: where on the ground a point of the picture is, and how large things there are.
//!
//! A level pinhole camera on a wall: what stands on the ground at picture height `y` (0 top, 1 lower edge) is seen at
//! `(y - horizon) / camera_m` picture heights for each metre. It must not know what stands there.

/// Focal length in picture heights: about 43 degrees from top to bottom, as most fixed cameras have it.
const FOCAL: f32 = 1.25;

/// How the camera hangs.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Height of the horizon in the picture, 0 top, 1 lower edge.
    pub horizon: f32,
    /// Height of the camera above the ground in metres.
    pub camera_m: f32,
}

impl Ground {
    /// Picture heights for each metre, for what stands at picture height `y`.
    pub fn scale(&self, y: f32) -> f32 {
        (y - self.horizon).max(0.002) / self.camera_m
    }

    /// Distance from the camera in metres.
    pub fn depth_m(&self, y: f32) -> f32 {
        FOCAL / self.scale(y)
    }

    /// Metres to the right of the middle, for a point `x` picture heights to the right of it.
    pub fn aside_m(&self, x: f32, y: f32) -> f32 {
        x / self.scale(y)
    }

    /// Back from metres to the picture: `(x, y)`, x in picture heights from the middle.
    pub fn seen_at(&self, aside_m: f32, depth_m: f32) -> (f32, f32) {
        let scale = FOCAL / depth_m;
        (aside_m * scale, self.horizon + scale * self.camera_m)
    }
}

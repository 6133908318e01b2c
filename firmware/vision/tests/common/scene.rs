//! A detector that is shown planes of 160 x 90 (a 1280 x 720 camera), 25 frames a second, with noise from a seed.
//!
//! Planes are drawn directly; must not judge.
use super::Random;
use vision::PlaneSize;
use vision::motion::{Decision, Detector, Verdict};

pub const W: usize = 160;
pub const H: usize = 90;
pub const SIZE: PlaneSize = PlaneSize { width: W as u16, height: H as u16 };
pub const FRAME_US: u64 = 40_000;
/// Frames in which every scene here has certainly been learnt.
pub const LEARNT: usize = 50;

pub type Plane = Vec<u8>;

pub struct Scene {
    pub detector: Box<Detector>,
    pub random: Random,
    /// Standard deviation of the noise, in grey levels of the plane.
    pub noise: i32,
    pub time_us: u64,
}

impl Scene {
    pub fn new(noise: i32) -> Self {
        Self { detector: Box::new(Detector::new()), random: Random::new(11), noise, time_us: 5_000_000 }
    }

    pub fn show(&mut self, plane: &Plane) -> Verdict {
        let (random, noise) = (&mut self.random, self.noise);
        let seen: Plane =
            plane.iter().map(|&p| (i32::from(p) + random.noise(noise)).clamp(0, 255) as u8).collect();
        let verdict = self.detector.analyse(&seen, SIZE, self.time_us);
        self.time_us += FRAME_US;
        verdict
    }

    pub fn learnt(noise: i32, plane: &Plane) -> Self {
        let mut scene = Self::new(noise);
        for _ in 0..LEARNT {
            assert_ne!(scene.show(plane).decision, Decision::Motion);
        }
        scene
    }
}

/// Still ground: a gradient with coarse texture, 60..=150.
pub fn ground() -> Plane {
    let mut random = Random::new(3);
    let texture: Vec<usize> = (0..(W / 8 + 1) * (H / 8 + 1)).map(|_| random.below(40)).collect();
    (0..W * H).map(|at| (60 + (at % W) / 4 + texture[at / W / 8 * (W / 8 + 1) + at % W / 8]) as u8).collect()
}

/// Light of `add` levels on a square.
pub fn with_light(mut plane: Plane, x: usize, y: usize, side: usize, add: i32) -> Plane {
    for row in plane.chunks_exact_mut(W).skip(y).take(side) {
        for p in row.iter_mut().skip(x).take(side) {
            *p = (i32::from(*p) + add).clamp(0, 255) as u8;
        }
    }
    plane
}

/// A square thing with a texture of its own, about `grey`.
pub fn with_thing(mut plane: Plane, x: usize, y: usize, side: usize, grey: u8) -> Plane {
    for (dy, row) in plane.chunks_exact_mut(W).skip(y).take(side).enumerate() {
        for (dx, p) in row.iter_mut().skip(x).take(side).enumerate() {
            *p = grey.saturating_add(((dx * 7 + dy * 5) % 11) as u8);
        }
    }
    plane
}

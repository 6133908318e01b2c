//! Tampering with the camera: each kind is named in time, and nothing that happens in front of it is taken for one.
//!
//! Planes are generated directly at 160 x 90, 10 frames a second, from seeds.
mod common;

use common::Random;
use vision::PlaneSize;
use vision::motion::{Detector, Tamper};

const W: usize = 160;
const H: usize = 90;
const SIZE: PlaneSize = PlaneSize { width: W as u16, height: H as u16 };
const FRAME_US: u64 = 100_000;
/// Frames after which tampering is told: three seconds, and some for what comes before the first look.
const TOLD: usize = 40;

type Plane = Vec<u8>;

/// A view with coarse structure and fine texture, brighter above than below, 20..=235.
fn view(seed: u64) -> Plane {
    let mut random = Random::new(seed);
    let coarse: Vec<usize> = (0..10 * 6).map(|_| random.below(90)).collect();
    (0..W * H)
        .map(|at| {
            let (x, y) = (at % W, at / W);
            (20 + coarse[y / 15 * 10 + x / 16] + (H - y) / 2 + random.below(40)) as u8
        })
        .collect()
}

struct Camera {
    detector: Box<Detector>,
    random: Random,
    time_us: u64,
}

impl Camera {
    /// That has looked at a view for twenty seconds.
    fn used_to(view: &Plane) -> Self {
        let mut camera =
            Self { detector: Box::new(Detector::new()), random: Random::new(5), time_us: 1_000_000 };
        assert_eq!((0..200).find_map(|_| camera.see(view)), None);
        camera
    }

    fn see(&mut self, plane: &Plane) -> Option<Tamper> {
        let noisy: Plane =
            plane.iter().map(|&p| (i32::from(p) + self.random.noise(2)).clamp(0, 255) as u8).collect();
        self.see_exactly(&noisy)
    }

    fn see_exactly(&mut self, plane: &Plane) -> Option<Tamper> {
        self.time_us += FRAME_US;
        self.detector.analyse(plane, SIZE, self.time_us).tamper
    }

    /// What is said of a view that comes and stays.
    fn told(&mut self, plane: &Plane) -> Option<Tamper> {
        let early = (0..TOLD / 2).find_map(|_| self.see(plane));
        assert_eq!(early, None, "told in less than two seconds");
        (0..TOLD).filter_map(|_| self.see(plane)).last()
    }
}

/// Mean of a square around each pixel.
fn blurred(plane: &Plane, reach: usize) -> Plane {
    let mean = |x: usize, y: usize| {
        let (rows, columns) = (
            y.saturating_sub(reach)..(y + reach + 1).min(H),
            x.saturating_sub(reach)..(x + reach + 1).min(W),
        );
        let sum: usize = rows
            .clone()
            .flat_map(|row| columns.clone().map(move |column| (row, column)))
            .map(|(row, column)| usize::from(plane[row * W + column]))
            .sum();
        (sum / (rows.len() * columns.len())) as u8
    };
    (0..W * H).map(|at| mean(at % W, at / W)).collect()
}

#[test]
fn each_kind_is_named_and_over_when_it_is_over() {
    let usual = view(3);
    let cloth: Plane = (0..W * H).map(|at| (18 + at % W / 16) as u8).collect();
    let torch: Plane = (0..W * H)
        .map(|at| {
            let (dx, dy) = ((at % W).abs_diff(80), (at / W).abs_diff(45));
            if dx * dx + dy * dy < 300 { 255 } else { 30 - (dx + dy).min(125) as u8 / 5 }
        })
        .collect();
    for (plane, kind) in [
        (cloth, Tamper::Covered),
        (blurred(&usual, 4), Tamper::Defocused),
        (view(77), Tamper::Turned),
        (torch, Tamper::Blinded),
    ] {
        let mut camera = Camera::used_to(&usual);
        assert_eq!(camera.told(&plane), Some(kind));
        let over = (0..TOLD).filter(|_| camera.see(&usual).is_some()).count();
        assert!((1..TOLD - 10).contains(&over), "{kind} goes on for {over} frames");
    }
}

#[test]
fn a_picture_without_any_noise_is_frozen_after_ten_seconds() {
    let usual = view(4);
    let mut camera = Camera::used_to(&usual);
    let told = (0..150).position(|_| camera.see_exactly(&usual) == Some(Tamper::Frozen));
    assert!(told.is_some_and(|frame| (98..=104).contains(&frame)), "{told:?}");
    let over = (0..60).filter(|_| camera.see(&usual).is_some()).count();
    assert!((1..30).contains(&over), "goes on for {over} frames");
}

#[test]
fn light_noise_and_large_things_are_no_tampering() {
    let usual = view(6);
    let mut camera = Camera::used_to(&usual);
    let scaled = |percent: u32| {
        usual.iter().map(|&p| (u32::from(p) * percent / 100).min(255) as u8).collect::<Plane>()
    };
    for percent in [60, 30, 100, 140] {
        assert_eq!((0..60).find_map(|_| camera.see(&scaled(percent))), None, "{percent} % of the light");
    }
    assert_eq!((0..60).find_map(|_| camera.see(&usual)), None);
    // A wall of a thing over two fifths of the picture stops for ten seconds.
    let mut van = usual.clone();
    for row in van.chunks_exact_mut(W).skip(20) {
        row[30..110].fill(190);
    }
    assert_eq!((0..100).find_map(|_| camera.see(&van)), None);
}

/// A lamp shows by night what the day does not: shadows lie elsewhere, and what is far is dark. Told of it, nobody calls that tampering; what
/// is done to the camera already is not forgotten for it.
#[test]
fn a_lamp_that_was_announced_is_no_tampering_and_hides_none() {
    let lit = view(91);
    let mut camera = Camera::used_to(&view(8));
    assert_eq!(camera.told(&lit), Some(Tamper::Turned), "unannounced it is another view");
    let mut camera = Camera::used_to(&view(8));
    camera.detector.expect_switch(camera.time_us);
    assert_eq!((0..300).find_map(|_| camera.see(&lit)), None);
    let cloth: Plane = (0..W * H).map(|at| (18 + at % W / 16) as u8).collect();
    assert_eq!(camera.told(&cloth), Some(Tamper::Covered), "the lit view is known by now");
    camera.detector.expect_switch(camera.time_us);
    assert_eq!((0..100).filter_map(|_| camera.see(&cloth)).count(), 100, "covered it stays");
}

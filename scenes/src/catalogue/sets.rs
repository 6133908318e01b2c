//! What several scenes have in common: plants, lights, cameras.

use crate::backdrop::View;
use crate::camera::Settings;
use crate::camera::settings::NIGHT as NIGHT_CAMERA;
use crate::recipe::{INFRARED, LAMPLIT, OVERCAST, PLAIN, Recipe};
use crate::things::{Hedge, Post, Thing, Tree};

const GREEN: [f32; 3] = [0.10, 0.145, 0.045];

/// A tree at the left of the garden.
pub const OAK: Thing = Thing::Tree(Tree {
    x: 0.20,
    foot_y: 0.50,
    crown_y: 0.20,
    radius_x: 0.26,
    radius_y: 0.20,
    leaf: 0.010,
    stem: 0.03,
    colour: GREEN,
});
/// A bush before the fence.
pub const BUSH: Thing = Thing::Tree(Tree {
    x: 0.62,
    foot_y: 0.45,
    crown_y: 0.395,
    radius_x: 0.10,
    radius_y: 0.065,
    leaf: 0.008,
    stem: 0.0,
    colour: [0.09, 0.13, 0.05],
});
/// Branches that hang into the picture, near the camera.
pub const BRANCHES: Thing = Thing::Tree(Tree {
    x: 0.93,
    foot_y: 1.2,
    crown_y: 0.12,
    radius_x: 0.30,
    radius_y: 0.22,
    leaf: 0.020,
    stem: 0.0,
    colour: [0.11, 0.15, 0.05],
});
/// A tree on the far pavement.
pub const STREET_TREE: Thing = Thing::Tree(Tree {
    x: 0.70,
    foot_y: 0.465,
    crown_y: 0.22,
    radius_x: 0.15,
    radius_y: 0.15,
    leaf: 0.007,
    stem: 0.018,
    colour: GREEN,
});
/// A willow at the pond.
pub const WILLOW: Thing = Thing::Tree(Tree {
    x: 0.86,
    foot_y: 0.48,
    crown_y: 0.26,
    radius_x: 0.20,
    radius_y: 0.22,
    leaf: 0.008,
    stem: 0.025,
    colour: [0.12, 0.16, 0.06],
});
/// A pillar near the camera.
pub const PILLAR: Thing =
    Thing::Post(Post { x: 0.46, foot_y: 0.95, wide_m: 0.24, high_m: 6.0, colour: [0.30, 0.28, 0.25] });
/// A lamp post on the near kerb.
pub const LAMP_POST: Thing =
    Thing::Post(Post { x: 0.34, foot_y: 0.85, wide_m: 0.14, high_m: 7.0, colour: [0.09, 0.10, 0.10] });
/// A hedge across the middle of the garden.
pub const HEDGE: Thing = Thing::Hedge(Hedge { left: 0.28, right: 0.60, foot_y: 0.62, high_m: 1.15 });

/// The garden by day.
pub const YARD: Recipe = Recipe { things: &[OAK, BUSH], ..PLAIN };
/// The street by day, under clouds.
pub const STREET: Recipe =
    Recipe { view: View::Street, light: OVERCAST, things: &[STREET_TREE, LAMP_POST], ..PLAIN };
/// The pond by day.
pub const POND: Recipe = Recipe { view: View::Pond, things: &[WILLOW, Thing::Water], ..PLAIN };
/// The room by day.
pub const ROOM: Recipe = Recipe { view: View::Room, ..PLAIN };
/// The garden at night under the camera's infrared lamps.
pub const YARD_INFRARED: Recipe = Recipe { light: INFRARED, camera: NIGHT_CAMERA, ..YARD };
/// The street at night under its lamp, in colour and very noisy.
pub const STREET_NIGHT: Recipe = Recipe { light: LAMPLIT, camera: NIGHT_CAMERA, ..STREET };

/// An older sensor: fewer electrons, more noise.
pub const NOISY: Settings = Settings { full_well_e: 3_500.0, read_e: 9.0, ..NIGHT_CAMERA };

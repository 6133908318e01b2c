//! Scenes with somebody or something in them that a watcher wants to know about.
//!
//! Several seconds are empty first, except where the target is there from the start.

use super::sets::{
    BUSH, HEDGE, LAMP_POST, NOISY, OAK, PILLAR, POND, ROOM, STREET, STREET_NIGHT, STREET_TREE, YARD,
    YARD_INFRARED,
};
use crate::actors::Actor;
use crate::actors::path::{Step, step};
use crate::camera::Settings;
use crate::camera::settings::DAY;
use crate::light::Change;
use crate::recipe::{Kind, OVERCAST, Recipe, SUNNY, Scene};
use crate::things::Thing;
use crate::truth::TargetKind;

const fn row(name: &'static str, what: &'static str, seconds: u32, recipe: Recipe) -> Scene {
    Scene { name, what, kind: Kind::Target, seconds, recipe }
}

const fn actor(kind: TargetKind, look: usize, path: &'static [Step]) -> Actor {
    Actor { kind, look, path }
}

const BLUE: usize = 0;
const RED: usize = 1;
const GREY: usize = 2;
const OLIVE: usize = 3;
const LIGHT: usize = 4;
const DARK: usize = 5;

/// Across the lawn, near the camera.
const ACROSS: &[Step] = &[step(8.0, -0.10, 0.92), step(15.0, 0.76, 0.80), step(17.0, 0.80, 0.72)];
/// From the fence towards the camera along the path.
const TOWARDS: &[Step] =
    &[step(8.0, 0.77, 0.44), step(17.0, 0.36, 0.70), step(22.0, 0.10, 1.15), step(24.0, 0.05, 1.5)];
/// Along the far fence.
const FAR: &[Step] = &[step(8.0, -0.03, 0.415), step(26.0, 0.79, 0.41)];
/// Along the far pavement.
const PAVEMENT: &[Step] = &[step(8.0, 1.04, 0.455), step(24.0, -0.04, 0.455)];

pub const SCENES: &[Scene] = &[
    row(
        "walker-near",
        "somebody crosses the garden near the camera",
        24,
        Recipe { actors: &[actor(TargetKind::Walker, BLUE, ACROSS)], ..YARD },
    ),
    row(
        "walker-towards",
        "somebody comes up the path and passes under the camera",
        28,
        Recipe { actors: &[actor(TargetKind::Walker, RED, TOWARDS)], ..YARD },
    ),
    row(
        "walker-far",
        "somebody walks along the fence at the far end",
        30,
        Recipe { actors: &[actor(TargetKind::Walker, LIGHT, FAR)], ..YARD },
    ),
    row(
        "walker-street",
        "somebody walks along the far pavement under clouds",
        30,
        Recipe { actors: &[actor(TargetKind::Walker, BLUE, PAVEMENT)], ..STREET },
    ),
    row(
        "walker-low-contrast",
        "somebody in olive crosses the lawn under clouds",
        24,
        Recipe { light: OVERCAST, actors: &[actor(TargetKind::Walker, OLIVE, ACROSS)], ..YARD },
    ),
    row(
        "walker-grey-on-grey",
        "somebody in grey crosses the street",
        26,
        Recipe {
            actors: &[actor(
                TargetKind::Walker,
                GREY,
                &[
                    step(8.0, 0.10, 0.455),
                    step(11.0, 0.25, 0.47),
                    step(17.0, 0.55, 0.84),
                    step(21.0, 0.92, 1.35),
                ],
            )],
            ..STREET
        },
    ),
    row(
        "walker-runs",
        "somebody runs through the garden",
        16,
        Recipe {
            actors: &[actor(TargetKind::Walker, DARK, &[step(8.0, -0.08, 0.74), step(10.6, 0.79, 0.66)])],
            ..YARD
        },
    ),
    row(
        "walker-stops",
        "somebody comes, stands still for ten seconds, and goes on",
        36,
        Recipe {
            actors: &[actor(
                TargetKind::Walker,
                BLUE,
                &[
                    step(8.0, -0.06, 0.70),
                    step(12.0, 0.40, 0.68),
                    step(22.0, 0.40, 0.68),
                    step(27.0, 0.79, 0.60),
                ],
            )],
            ..YARD
        },
    ),
    row(
        "walker-leaves",
        "somebody stands there from the start, and leaves after a while",
        30,
        Recipe {
            actors: &[actor(
                TargetKind::Walker,
                RED,
                &[step(0.0, 0.48, 0.72), step(14.0, 0.48, 0.72), step(20.0, -0.12, 0.80)],
            )],
            ..YARD
        },
    ),
    row(
        "walker-pillar",
        "somebody passes behind a pillar",
        22,
        Recipe {
            things: &[OAK, BUSH, PILLAR],
            actors: &[actor(TargetKind::Walker, BLUE, &[step(8.0, -0.06, 0.74), step(15.0, 0.79, 0.72)])],
            ..YARD
        },
    ),
    row(
        "walker-hedge",
        "of somebody behind a hedge only the upper half is seen",
        24,
        Recipe {
            things: &[OAK, BUSH, HEDGE],
            actors: &[actor(TargetKind::Walker, RED, &[step(8.0, -0.05, 0.56), step(18.0, 0.79, 0.55)])],
            ..YARD
        },
    ),
    row(
        "walkers-crossing",
        "two people walk past each other",
        26,
        Recipe {
            actors: &[
                actor(TargetKind::Walker, BLUE, &[step(8.0, -0.06, 0.70), step(16.0, 0.79, 0.66)]),
                actor(TargetKind::Walker, LIGHT, &[step(9.0, 0.79, 0.60), step(18.0, -0.06, 0.78)]),
            ],
            ..YARD
        },
    ),
    row(
        "walker-room",
        "somebody crosses a room",
        20,
        Recipe {
            actors: &[actor(
                TargetKind::Walker,
                GREY,
                &[
                    step(7.0, -0.12, 0.95),
                    step(9.5, 0.40, 0.74),
                    step(12.0, 0.98, 0.66),
                    step(12.6, 1.10, 0.66),
                ],
            )],
            ..ROOM
        },
    ),
    row(
        "walker-night",
        "somebody dark comes into the camera's infrared light",
        26,
        Recipe { actors: &[actor(TargetKind::Walker, DARK, TOWARDS)], ..YARD_INFRARED },
    ),
    row(
        "walker-night-far",
        "somebody walks along the far pavement under the street lamp, in strong noise",
        30,
        Recipe { camera: NOISY, actors: &[actor(TargetKind::Walker, LIGHT, PAVEMENT)], ..STREET_NIGHT },
    ),
    row(
        "crawler",
        "somebody creeps across the lawn",
        40,
        Recipe {
            actors: &[actor(TargetKind::Crawler, OLIVE, &[step(8.0, -0.10, 0.80), step(38.0, 0.62, 0.74)])],
            ..YARD
        },
    ),
    row(
        "crawler-night",
        "somebody dark creeps through the infrared light",
        40,
        Recipe {
            actors: &[actor(TargetKind::Crawler, DARK, &[step(8.0, -0.10, 0.86), step(38.0, 0.56, 0.78)])],
            ..YARD_INFRARED
        },
    ),
    row(
        "cat",
        "a cat crosses the garden and stops on the way",
        26,
        Recipe {
            actors: &[actor(
                TargetKind::Cat,
                0,
                &[
                    step(8.0, -0.03, 0.76),
                    step(12.0, 0.36, 0.72),
                    step(15.0, 0.36, 0.72),
                    step(19.0, 0.79, 0.66),
                ],
            )],
            ..YARD
        },
    ),
    row(
        "cat-night",
        "a red cat under infrared",
        22,
        Recipe {
            actors: &[actor(TargetKind::Cat, 1, &[step(8.0, -0.03, 0.80), step(15.0, 0.78, 0.70)])],
            ..YARD_INFRARED
        },
    ),
    row(
        "car",
        "a red car drives by",
        20,
        Recipe {
            actors: &[actor(TargetKind::Car, 0, &[step(8.0, -0.20, 0.56), step(11.4, 1.20, 0.56)])],
            ..STREET
        },
    ),
    row(
        "car-low-contrast",
        "a car as grey as the road",
        20,
        Recipe {
            actors: &[actor(TargetKind::Car, 4, &[step(8.0, 1.25, 0.70), step(11.2, -0.25, 0.70)])],
            ..STREET
        },
    ),
    row(
        "car-stops",
        "a car comes, stops for twelve seconds, and drives on",
        36,
        Recipe {
            light: SUNNY,
            actors: &[actor(
                TargetKind::Car,
                2,
                &[
                    step(8.0, -0.20, 0.56),
                    step(10.5, 0.50, 0.56),
                    step(22.5, 0.50, 0.56),
                    step(25.5, 1.20, 0.56),
                ],
            )],
            ..STREET
        },
    ),
    row(
        "car-night",
        "a car with its lamps on drives by under the street lamp",
        20,
        Recipe {
            actors: &[actor(TargetKind::Car, 1, &[step(8.0, -0.20, 0.56), step(11.4, 1.20, 0.56)])],
            ..STREET_NIGHT
        },
    ),
    row(
        "van-exposure",
        "a white van fills the street and pulls the exposure down",
        22,
        Recipe {
            actors: &[actor(TargetKind::Van, 3, &[step(8.0, 1.40, 0.72), step(12.0, -0.40, 0.72)])],
            ..STREET
        },
    ),
    row(
        "walker-rain",
        "somebody walks through rain",
        26,
        Recipe {
            light: OVERCAST,
            wind: 0.25,
            things: &[OAK, BUSH, Thing::Rain { drops: 420, near: 3 }],
            actors: &[actor(TargetKind::Walker, DARK, ACROSS)],
            ..YARD
        },
    ),
    row(
        "walker-snow",
        "somebody walks through snow",
        26,
        Recipe {
            light: OVERCAST,
            wind: 0.2,
            things: &[OAK, BUSH, Thing::Snow { flakes: 380 }],
            actors: &[actor(TargetKind::Walker, BLUE, ACROSS)],
            ..YARD
        },
    ),
    row(
        "walker-trees",
        "somebody walks by while trees move in gusts",
        30,
        Recipe { wind: 0.75, actors: &[actor(TargetKind::Walker, BLUE, FAR)], ..YARD },
    ),
    row(
        "walker-clouds",
        "somebody walks while shadows of clouds sweep the garden",
        26,
        Recipe {
            changes: &[Change::Clouds { cover: 0.5, speed: 0.25 }],
            actors: &[actor(TargetKind::Walker, RED, ACROSS)],
            ..YARD
        },
    ),
    row(
        "walker-exposure",
        "somebody walks while the exposure swings",
        26,
        Recipe {
            camera: Settings { hunting: 0.5, ..DAY },
            actors: &[actor(TargetKind::Walker, BLUE, ACROSS)],
            ..YARD
        },
    ),
    row(
        "walker-shake",
        "somebody walks by while the camera shakes in the wind",
        26,
        Recipe {
            camera: Settings { shake: 0.008, ..DAY },
            wind: 0.5,
            actors: &[actor(TargetKind::Walker, GREY, ACROSS)],
            ..YARD
        },
    ),
    row(
        "walker-water",
        "somebody walks along the bank of a pond",
        32,
        Recipe {
            wind: 0.3,
            actors: &[actor(TargetKind::Walker, RED, &[step(8.0, -0.06, 0.83), step(18.0, 1.06, 0.81)])],
            ..POND
        },
    ),
    row(
        "walker-lamp",
        "somebody walks by night while lamps go on and off",
        30,
        Recipe {
            changes: &[Change::LampSwitch { every_s: 5.0, lamp: [0.09, 0.063, 0.033] }],
            things: &[STREET_TREE, LAMP_POST],
            actors: &[actor(TargetKind::Walker, BLUE, &[step(8.0, -0.05, 0.92), step(18.0, 1.05, 0.90)])],
            ..STREET_NIGHT
        },
    ),
];

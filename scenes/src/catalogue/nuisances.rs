//! Scenes in which nobody is there, however much changes.

use super::sets::{
    BRANCHES, BUSH, LAMP_POST, NOISY, OAK, POND, ROOM, STREET, STREET_NIGHT, STREET_TREE, YARD, YARD_INFRARED,
};
use crate::camera::Settings;
use crate::camera::settings::{DAY, NIGHT};
use crate::light::{Change, Light};
use crate::recipe::{Kind, LAMPLIT, OVERCAST, Recipe, SUNNY, Scene};
use crate::schedule::Rhythm;
use crate::things::{Blinker, Curtain, Dapple, Flag, Screen, Thing};

const fn row(name: &'static str, what: &'static str, recipe: Recipe) -> Scene {
    Scene { name, what, kind: Kind::Nuisance, seconds: 60, recipe }
}

/// Just before a lamp would be lit.
const DUSK: Light =
    Light { sky: [0.045, 0.042, 0.050], sun: [0.012, 0.007, 0.003], lamp: [0.0; 3], infrared: 0.0 };
/// Evening light between day and infrared.
const GLOAMING: Light = Light { sky: [0.006, 0.006, 0.008], sun: [0.0; 3], lamp: [0.0; 3], infrared: 0.0 };
const DIM_LAMP: Light = Light { lamp: [0.012, 0.0085, 0.005], ..LAMPLIT };

pub const SCENES: &[Scene] = &[
    row("still-day", "a garden by day in which nothing happens", YARD),
    row("still-night", "a street at night in strong noise", Recipe { camera: NOISY, ..STREET_NIGHT }),
    row(
        "night-hot-pixels",
        "a garden at night, almost black, with hot pixels that blink",
        Recipe { light: GLOAMING, camera: Settings { hot_per_million: 400.0, ..NOISY }, ..YARD },
    ),
    row("still-infrared", "a garden at night under the camera's infrared lamps", YARD_INFRARED),
    row(
        "light-ramp",
        "the sun sets fast, and rises again",
        Recipe { changes: &[Change::Ramp { from_s: 6.0, over_s: 25.0, to: DUSK }], ..YARD },
    ),
    row(
        "cloud-shadows",
        "shadows of clouds sweep over the garden",
        Recipe { changes: &[Change::Clouds { cover: 0.5, speed: 0.25 }], ..YARD },
    ),
    row(
        "sun-and-clouds",
        "the sun comes and goes as a whole, within a second or two",
        Recipe { changes: &[Change::SunSteps { every_s: 9.0, depth: 0.85 }], ..YARD },
    ),
    row(
        "exposure-swing",
        "the exposure never finds its rest",
        Recipe { camera: Settings { hunting: 0.5, step_max: 8, lag_frames: 2, ..DAY }, ..YARD },
    ),
    row(
        "balance-swing",
        "the white balance never finds its rest",
        Recipe {
            changes: &[Change::Tint { every_s: 6.0, strength: 0.12 }],
            camera: Settings { tinting: 0.25, ..DAY },
            ..STREET
        },
    ),
    row(
        "infrared-switch",
        "at dusk the camera goes over to infrared and back",
        Recipe {
            light: GLOAMING,
            changes: &[Change::InfraredSwitch { every_s: 16.0, level: 0.035 }],
            camera: NIGHT,
            ..YARD
        },
    ),
    row(
        "lamp-switch",
        "a street lamp goes on and off at night",
        Recipe {
            light: DIM_LAMP,
            changes: &[Change::LampSwitch { every_s: 11.0, lamp: [0.06, 0.042, 0.022] }],
            ..STREET_NIGHT
        },
    ),
    row(
        "lamp-room",
        "the lamp of a room goes on and off in the evening",
        Recipe {
            light: DUSK,
            changes: &[Change::LampSwitch { every_s: 12.0, lamp: [0.30, 0.23, 0.14] }],
            ..ROOM
        },
    ),
    row(
        "headlights",
        "headlights of cars that are not seen sweep house and garden",
        Recipe {
            light: LAMPLIT,
            changes: &[Change::Headlights { every_s: 8.0, level: 0.12 }],
            camera: NIGHT,
            ..YARD
        },
    ),
    row(
        "rain",
        "steady rain",
        Recipe {
            light: OVERCAST,
            wind: 0.2,
            things: &[STREET_TREE, LAMP_POST, Thing::Rain { drops: 380, near: 1 }],
            ..STREET
        },
    ),
    row(
        "rain-heavy",
        "heavy rain with streaks close to the lens",
        Recipe {
            light: OVERCAST,
            wind: 0.6,
            things: &[OAK, BUSH, Thing::Rain { drops: 900, near: 14 }],
            ..YARD
        },
    ),
    row(
        "rain-night",
        "rain in the light of the infrared lamps",
        Recipe { wind: 0.3, things: &[OAK, BUSH, Thing::Rain { drops: 420, near: 10 }], ..YARD_INFRARED },
    ),
    row(
        "snow",
        "snow by day",
        Recipe {
            light: OVERCAST,
            wind: 0.15,
            things: &[STREET_TREE, LAMP_POST, Thing::Snow { flakes: 420 }],
            ..STREET
        },
    ),
    row(
        "snow-night",
        "flakes light up before the infrared lamps",
        Recipe { wind: 0.25, things: &[OAK, BUSH, Thing::Snow { flakes: 360 }], ..YARD_INFRARED },
    ),
    row("trees-breeze", "a tree and a bush in a breeze", Recipe { wind: 0.3, ..YARD }),
    row(
        "trees-gusts",
        "trees in strong gusts, and branches close to the camera",
        Recipe { wind: 0.95, things: &[OAK, BUSH, BRANCHES], ..YARD },
    ),
    row(
        "tree-shadows",
        "the shadow of a tree plays on the lawn",
        Recipe {
            wind: 0.6,
            things: &[
                BUSH,
                Thing::Dapple(Dapple { x: 0.38, y: 0.72, radius_x: 0.42, radius_y: 0.17, leaves: 190 }),
            ],
            ..YARD
        },
    ),
    row("water", "waves and glints on a pond", Recipe { wind: 0.45, ..POND }),
    row(
        "camera-shake",
        "the camera shakes in the wind",
        Recipe { wind: 0.7, camera: Settings { shake: 0.008, ..DAY }, light: OVERCAST, ..STREET },
    ),
    row(
        "mains-bands",
        "light of a lamp on the mains rolls through the picture in bands",
        Recipe {
            camera: Settings { bands: 0.13, ..DAY },
            light: Light { lamp: [0.35, 0.28, 0.19], ..DUSK },
            ..ROOM
        },
    ),
    row(
        "mains-bands-fast",
        "at thirty frames a second the bands jump by a third from frame to frame",
        Recipe {
            camera: Settings { bands: 0.13, frame_us: 33_333, ..DAY },
            light: Light { lamp: [0.35, 0.28, 0.19], ..DUSK },
            ..ROOM
        },
    ),
    row(
        "compression",
        "a camera's own encoder turns coarse and fine again",
        Recipe { camera: Settings { blocking: Some(0.8), ..DAY }, wind: 0.2, ..YARD },
    ),
    row(
        "frames-lost",
        "frames are lost and repeated, while a tree moves",
        Recipe { rhythm: Rhythm::Broken, wind: 0.35, ..YARD },
    ),
    row(
        "rate-varies",
        "the frame rate falls to a fifth and rises again, while a tree moves",
        Recipe { rhythm: Rhythm::Variable, wind: 0.35, ..YARD },
    ),
    row(
        "curtain",
        "a curtain moves in the draught of a window",
        Recipe {
            wind: 0.5,
            things: &[Thing::Curtain(Curtain { left: 0.08, right: 0.25, top: 0.08, lower: 0.50 })],
            ..ROOM
        },
    ),
    row(
        "flag",
        "a flag in the wind",
        Recipe {
            wind: 0.7,
            light: SUNNY,
            things: &[
                STREET_TREE,
                LAMP_POST,
                Thing::Flag(Flag { x: 0.52, foot_y: 0.47, top_y: 0.10, long: 0.20, high: 0.11 }),
            ],
            ..STREET
        },
    ),
    row(
        "insects-night",
        "moths before the infrared lamps, near the lens",
        Recipe { things: &[OAK, BUSH, Thing::Insects { count: 4 }], ..YARD_INFRARED },
    ),
    row(
        "web-strand",
        "a strand of a spider's web swings before the lens at night",
        Recipe { wind: 0.5, things: &[OAK, BUSH, Thing::Strand], ..YARD_INFRARED },
    ),
    row(
        "lens-drops",
        "drops on the lens gather and run down",
        Recipe {
            light: OVERCAST,
            wind: 0.2,
            things: &[STREET_TREE, LAMP_POST, Thing::Rain { drops: 200, near: 0 }, Thing::Drops { count: 9 }],
            ..STREET
        },
    ),
    row(
        "screen-flicker",
        "a television flickers behind a window at night",
        Recipe {
            things: &[
                STREET_TREE,
                LAMP_POST,
                Thing::Screen(Screen { left: 0.585, top: 0.333, right: 0.62, lower: 0.40, level: 0.05 }),
            ],
            ..STREET_NIGHT
        },
    ),
    row(
        "blinker",
        "a small light blinks on the fence at night",
        Recipe {
            things: &[
                OAK,
                BUSH,
                Thing::Blinker(Blinker { x: 0.55, y: 0.33, period_s: 1.3, colour: [0.12, 0.01, 0.01] }),
            ],
            light: LAMPLIT,
            ..YARD_INFRARED
        },
    ),
];

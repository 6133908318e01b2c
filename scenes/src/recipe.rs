//! What a scene is made of: the types of the catalogue's rows.
//!
//! Data only. It must not paint.

use crate::actors::Actor;
use crate::backdrop::View;
use crate::camera::{Settings, settings::DAY};
use crate::light::{Change, Light};
use crate::player::Player;
use crate::schedule::Rhythm;
use crate::things::Thing;
use crate::truth::TamperKind;

/// What a scene is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something is there that a watcher wants to know about.
    Target,
    /// Nothing is there; much moves or changes nevertheless.
    Nuisance,
    /// Somebody does something to the camera.
    Tamper,
}

/// A row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Its name, words joined by hyphens.
    pub name: &'static str,
    /// What is seen, in a sentence.
    pub what: &'static str,
    /// What it is for.
    pub kind: Kind,
    /// Nominal length in seconds.
    pub seconds: u32,
    pub(crate) recipe: Recipe,
}

impl Scene {
    /// Plays the scene at any size from 64x48 up; smaller sizes are raised to that.
    pub fn play(&self, width: usize, height: usize, seed: u64) -> Player {
        Player::new(self, width.max(64), height.max(48), seed)
    }
}

/// How a scene is made.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    pub view: View,
    pub light: Light,
    pub changes: &'static [Change],
    /// 0 is calm, 1 a gale.
    pub wind: f32,
    pub things: &'static [Thing],
    pub actors: &'static [Actor],
    pub camera: Settings,
    pub rhythm: Rhythm,
    pub tamper: Option<Tampering>,
}

/// Something done to the camera, from a time on to the end.
#[derive(Debug, Clone, Copy)]
pub struct Tampering {
    pub from_s: f64,
    /// How long it takes until it is complete.
    pub over_s: f64,
    pub how: Means,
}

/// How it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    Cloth,
    Spray,
    Defocus,
    Turn,
    Torch,
    Freeze,
}

impl Means {
    /// What the truth calls it.
    pub fn kind(self) -> TamperKind {
        match self {
            Means::Cloth | Means::Spray => TamperKind::Covered,
            Means::Defocus => TamperKind::Defocused,
            Means::Turn => TamperKind::TurnedAway,
            Means::Torch => TamperKind::Blinded,
            Means::Freeze => TamperKind::Frozen,
        }
    }
}

/// A sunny day with some haze.
pub const SUNNY: Light =
    Light { sky: [0.30, 0.34, 0.42], sun: [0.95, 0.88, 0.76], lamp: [0.0; 3], infrared: 0.0 };
/// Under clouds.
pub const OVERCAST: Light =
    Light { sky: [0.40, 0.42, 0.45], sun: [0.06, 0.06, 0.06], lamp: [0.0; 3], infrared: 0.0 };
/// Night with a lamp in the scene.
pub const LAMPLIT: Light =
    Light { sky: [0.0016, 0.0018, 0.0026], sun: [0.0; 3], lamp: [0.030, 0.021, 0.011], infrared: 0.0 };
/// Night, seen by the camera's infrared lamps.
pub const INFRARED: Light =
    Light { sky: [0.0006, 0.0006, 0.0008], sun: [0.0; 3], lamp: [0.0; 3], infrared: 0.035 };

/// What most scenes start from.
pub const PLAIN: Recipe = Recipe {
    view: View::Yard,
    light: SUNNY,
    changes: &[],
    wind: 0.06,
    things: &[],
    actors: &[],
    camera: DAY,
    rhythm: Rhythm::Steady,
    tamper: None,
};

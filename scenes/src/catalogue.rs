//! The catalogue: every scene, as data.
//!
//! Its tables are by kind; here they are joined.

use crate::actors::Actor;
use crate::actors::path::step;
use crate::backdrop::View;
use crate::recipe::{Kind, OVERCAST, PLAIN, Recipe, Scene};
use crate::things::{Thing, Tree};
use crate::truth::TargetKind;

const OAK: Thing = Thing::Tree(Tree {
    x: 0.20,
    foot_y: 0.50,
    crown_y: 0.20,
    radius_x: 0.26,
    radius_y: 0.20,
    leaf: 0.012,
    stem: 0.03,
    colour: [0.10, 0.15, 0.045],
});
const BUSH: Thing = Thing::Tree(Tree {
    x: 0.62,
    foot_y: 0.45,
    crown_y: 0.39,
    radius_x: 0.10,
    radius_y: 0.07,
    leaf: 0.009,
    stem: 0.0,
    colour: [0.09, 0.13, 0.05],
});

const SCENES: &[Scene] = &[
    Scene {
        name: "still-day",
        what: "a garden by day in which nothing happens",
        kind: Kind::Nuisance,
        seconds: 60,
        recipe: Recipe { things: &[OAK, BUSH], ..PLAIN },
    },
    Scene {
        name: "trees-gusts",
        what: "a tree and a bush in gusts",
        kind: Kind::Nuisance,
        seconds: 60,
        recipe: Recipe { things: &[OAK, BUSH], wind: 0.8, ..PLAIN },
    },
    Scene {
        name: "walker-near",
        what: "somebody walks through the garden, near the camera",
        kind: Kind::Target,
        seconds: 24,
        recipe: Recipe {
            things: &[OAK, BUSH],
            actors: &[Actor {
                kind: TargetKind::Walker,
                look: 0,
                path: &[step(8.0, -0.08, 0.90), step(15.0, 0.74, 0.78)],
            }],
            ..PLAIN
        },
    },
    Scene {
        name: "walker-street",
        what: "somebody in grey walks along the far pavement under clouds",
        kind: Kind::Target,
        seconds: 30,
        recipe: Recipe {
            view: View::Street,
            light: OVERCAST,
            actors: &[Actor {
                kind: TargetKind::Walker,
                look: 2,
                path: &[step(8.0, 1.04, 0.455), step(24.0, -0.04, 0.455)],
            }],
            ..PLAIN
        },
    },
];

/// Every scene.
pub fn catalogue() -> &'static [Scene] {
    SCENES
}

/// The scene of a name.
pub fn find(name: &str) -> Option<&'static Scene> {
    catalogue().iter().find(|scene| scene.name == name)
}

//! The catalogue: every scene, as data.
//!
//! One table for each kind; here they are joined. A scene is added by adding a row.

mod nuisances;
mod sets;
mod tampering;
mod targets;

use crate::recipe::Scene;

const COUNT: usize = targets::SCENES.len() + nuisances::SCENES.len() + tampering::SCENES.len();

static SCENES: [Scene; COUNT] = {
    let mut all = [targets::SCENES[0]; COUNT];
    let tables = [targets::SCENES, nuisances::SCENES, tampering::SCENES];
    let (mut table, mut to) = (0, 0);
    while table < tables.len() {
        let mut from = 0;
        while from < tables[table].len() {
            all[to] = tables[table][from];
            (from, to) = (from + 1, to + 1);
        }
        table += 1;
    }
    all
};

/// Every scene: targets, then nuisances, then tampering.
pub fn catalogue() -> &'static [Scene] {
    &SCENES
}

/// The scene of a name.
pub fn find(name: &str) -> Option<&'static Scene> {
    catalogue().iter().find(|scene| scene.name == name)
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;

//! Scenes in which somebody does something to the camera.
//!
//! It happens after twelve seconds and stays.

use super::sets::{STREET, STREET_NIGHT, YARD, YARD_INFRARED};
use crate::recipe::{Kind, Means, Recipe, Scene, Tampering};

const FROM_S: f64 = 12.0;

const fn row(name: &'static str, what: &'static str, how: Means, over_s: f64, place: Recipe) -> Scene {
    let tamper = Some(Tampering { from_s: FROM_S, over_s, how });
    Scene { name, what, kind: Kind::Tamper, seconds: 40, recipe: Recipe { tamper, ..place } }
}

pub const SCENES: &[Scene] = &[
    row("tamper-cloth", "a cloth is drawn over the lens", Means::Cloth, 1.2, YARD),
    row("tamper-cloth-night", "a cloth is drawn over the lens at night", Means::Cloth, 1.0, YARD_INFRARED),
    row("tamper-spray", "the lens is sprayed with paint", Means::Spray, 4.0, STREET),
    row("tamper-defocus", "the lens is turned out of focus at once", Means::Defocus, 0.4, YARD),
    row(
        "tamper-defocus-slowly",
        "the lens goes out of focus within fifteen seconds",
        Means::Defocus,
        15.0,
        STREET,
    ),
    row("tamper-turn", "the camera is turned to another view", Means::Turn, 1.8, YARD),
    row("tamper-turn-slowly", "the camera is turned away slowly", Means::Turn, 9.0, STREET),
    row("tamper-torch", "a strong torch shines into the lens", Means::Torch, 0.5, STREET_NIGHT),
    row("tamper-torch-day", "a strong lamp shines into the lens by day", Means::Torch, 0.8, YARD),
    row("tamper-frozen", "the same picture comes again and again", Means::Freeze, 0.0, YARD),
];

//! Somebody who creeps along the ground: flat, slow, one limb at a time.

use super::Pose;
use super::figure::Figure;
use super::walker::{CLOTHES, SKIN};
use crate::canvas::Canvas;
use crate::maths::{scale3, sin_turns};

/// Way covered by one round of all limbs.
const ROUND_M: f32 = 0.55;

/// Paints a crawler; it goes across the picture rather than towards it.
pub fn paint(pose: &Pose, owner: usize, canvas: &mut Canvas) {
    let [jacket, trousers, hair] = CLOTHES[pose.look % CLOTHES.len()];
    let to = if pose.heading.0 >= 0.0 { 1.0 } else { -1.0 };
    let phase = pose.walked_m / ROUND_M;
    let reach = |offset: f32| 0.13 * sin_turns(phase + offset);
    let rise = 0.015 * sin_turns(phase * 2.0);
    let mut figure = Figure { pose, owner, canvas };
    let hip = (-0.25 * to, 0.24 + rise);
    let shoulder = (0.30 * to, 0.27 - rise);
    for (offset, shade) in [(0.5, 0.75), (0.0, 1.0)] {
        let knee = ((-0.48 + reach(offset)) * to, 0.13);
        figure.limb(hip, knee, (0.09, 0.07), scale3(trousers, shade), 0.3);
        figure.limb(
            knee,
            ((-0.86 + reach(offset) * 0.6) * to, 0.07),
            (0.06, 0.045),
            scale3(trousers, shade),
            0.3,
        );
        let elbow = ((0.44 + reach(offset + 0.5)) * to, 0.08);
        figure.limb(shoulder, elbow, (0.06, 0.05), scale3(jacket, shade), 0.3);
        figure.limb(
            elbow,
            ((0.66 + reach(offset + 0.5)) * to, 0.05),
            (0.045, 0.035),
            scale3(jacket, shade),
            0.2,
        );
    }
    figure.limb(hip, shoulder, (0.14, 0.15), jacket, 0.4);
    figure.oval((0.50 * to, 0.33 - rise), (0.11, 0.10), hair);
    figure.oval((0.55 * to, 0.30 - rise), (0.06, 0.07), SKIN);
}

//! Somebody on foot: legs and arms that swing, clothes with folds, head and hair.
//!
//! Lengths are in metres of a person 1.75 m tall. It must not know where he goes.

use super::Pose;
use super::figure::Figure;
use crate::canvas::Canvas;
use crate::maths::{cos_turns, lerp3, scale3, sin_turns, smooth, times3};
use crate::shapes::Ellipse;

/// Two steps.
const STRIDE_M: f32 = 1.45;
pub const SKIN: [f32; 3] = [0.36, 0.23, 0.17];

/// Jacket, trousers, hair.
pub const CLOTHES: [[[f32; 3]; 3]; 6] = [
    // blue jacket, jeans
    [[0.05, 0.09, 0.22], [0.05, 0.06, 0.10], [0.03, 0.02, 0.015]],
    // red jacket, dark trousers
    [[0.38, 0.05, 0.04], [0.03, 0.03, 0.035], [0.10, 0.06, 0.03]],
    // grey on grey: hardly told from asphalt and slabs
    [[0.155, 0.155, 0.15], [0.115, 0.115, 0.115], [0.09, 0.085, 0.08]],
    // olive: hardly told from a lawn
    [[0.10, 0.125, 0.045], [0.085, 0.10, 0.05], [0.05, 0.04, 0.03]],
    // white shirt, light trousers
    [[0.68, 0.67, 0.63], [0.36, 0.32, 0.25], [0.22, 0.16, 0.08]],
    // all dark
    [[0.022, 0.022, 0.026], [0.018, 0.018, 0.02], [0.015, 0.012, 0.01]],
];

/// How the body is held at a moment.
struct Gait {
    /// 1 to the right, -1 to the left, 0 towards or away.
    side: f32,
    /// How much of the breadth is seen.
    broad: f32,
    /// Turns of the stride.
    phase: f32,
    /// 0 standing, 1 walking.
    pace: f32,
    /// Up and down of the trunk.
    bob: f32,
}

/// Paints a walker whose foot point the pose gives.
pub fn paint(pose: &Pose, owner: usize, canvas: &mut Canvas) {
    let [jacket, trousers, hair] = CLOTHES[pose.look % CLOTHES.len()];
    let side = pose.heading.0;
    let pace = smooth(0.02, 0.6, pose.speed);
    let phase = pose.walked_m / STRIDE_M;
    let bob = 0.025 * pace * cos_turns(phase * 2.0);
    let broad = (1.0 - side * side).max(0.0).sqrt();
    let gait = Gait { side, broad, phase, pace, bob };
    // Nobody stands quite still.
    let shift = 0.015 * sin_turns(pose.t * 0.23) * (1.0 - pace);
    let mut figure = Figure { pose, owner, canvas };
    let hip = 0.10 * broad + 0.03;
    let far = if side >= 0.0 { -1.0 } else { 1.0 };
    arm(&mut figure, &gait, far, 0.5, scale3(jacket, 0.8));
    leg(&mut figure, &gait, far * hip, 0.0, scale3(trousers, 0.8));
    leg(&mut figure, &gait, -far * hip, 0.5, trousers);
    let half = 0.115 + 0.075 * broad;
    let chest = (shift + 0.05 * side * pace, 1.36 + bob);
    figure.limb((shift, 0.92 + bob), chest, (half * 0.92, half), jacket, 0.45);
    let neck = (shift + 0.03 * side, 1.52 + bob);
    figure.limb((shift, 1.40 + bob), neck, (0.06, 0.055), scale3(SKIN, 0.7), 0.1);
    head(&mut figure, (shift + 0.05 * side * pace, 1.63 + bob), hair);
    arm(&mut figure, &gait, -far, 0.0, jacket);
}

fn leg(figure: &mut Figure, gait: &Gait, aside: f32, offset: f32, colour: [f32; 3]) {
    let swing = sin_turns(gait.phase + offset) * 0.36 * gait.pace;
    let lift = cos_turns(gait.phase + offset).max(0.0) * 0.13 * gait.pace;
    let hip = (aside * 0.5, 0.92);
    let foot = (aside + swing * gait.side, 0.06 + lift);
    let knee = ((hip.0 + foot.0) * 0.5 + gait.side * (0.02 + lift * 0.8), 0.50 + lift * 0.35);
    figure.limb(hip, knee, (0.085, 0.065), colour, 0.3);
    figure.limb(knee, foot, (0.062, 0.045), colour, 0.3);
    let toe = (foot.0 + gait.side * 0.13, foot.1 - 0.02);
    figure.limb((foot.0, foot.1 - 0.01), toe, (0.045, 0.035), [0.03, 0.028, 0.025], 0.2);
}

fn arm(figure: &mut Figure, gait: &Gait, which: f32, offset: f32, colour: [f32; 3]) {
    let swing = sin_turns(gait.phase + offset) * 0.26 * gait.pace;
    let shoulder = (which * (0.20 * gait.broad + 0.02), 1.38 + gait.bob);
    let out = shoulder.0 + which * 0.04 * gait.broad;
    let hand = (out + swing * gait.side, 0.86 + 0.35 * swing * swing + gait.bob);
    let elbow = ((shoulder.0 + hand.0) * 0.5 - 0.04 * gait.side, 1.12 + gait.bob);
    figure.limb(shoulder, elbow, (0.062, 0.052), colour, 0.3);
    figure.limb(elbow, hand, (0.05, 0.038), colour, 0.3);
    let fingers = (hand.0 + 0.01 * gait.side, hand.1 - 0.07);
    figure.limb(hand, fingers, (0.035, 0.03), SKIN, 0.1);
}

fn head(figure: &mut Figure, at: (f32, f32), hair: [f32; 3]) {
    let (x, y) = figure.place(at);
    let (scale, heading, light) = (figure.pose.scale, figure.pose.heading, figure.pose.light);
    let shape = Ellipse { x, y, radius_x: 0.088 * scale, radius_y: 0.118 * scale };
    // The face is where he looks; from behind there is only hair.
    figure.canvas.paint(shape.area(), Some(figure.owner), |px, py| {
        let (u, v) = ((px - x) / (0.088 * scale), (py - y) / (0.118 * scale));
        let face = smooth(-0.25, 0.15, v * 0.8 + u * heading.0 * 0.9 - heading.1 * 1.1 + 0.1);
        (shape.coverage(px, py), times3(lerp3(hair, SKIN, face), light))
    });
}

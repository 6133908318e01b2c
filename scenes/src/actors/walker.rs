//! Somebody on foot: legs and arms that swing, clothes with folds, head and hair.
//!
//! Lengths are in metres of a person 1.75 m tall. It must not know where he goes.

use super::Pose;
use crate::canvas::Canvas;
use crate::lattice::fractal;
use crate::maths::{cos_turns, lerp3, scale3, sin_turns, smooth, times3};
use crate::shapes::{Capsule, Ellipse};

/// Two steps.
const STRIDE_M: f32 = 1.45;

/// Jacket, trousers, hair.
const CLOTHES: [[[f32; 3]; 3]; 6] = [
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
const SKIN: [f32; 3] = [0.36, 0.23, 0.17];

/// Draws body parts of one person.
struct Body<'a> {
    pose: &'a Pose,
    owner: usize,
    canvas: &'a mut Canvas,
}

/// Paints a walker whose foot point the pose gives.
pub fn paint(pose: &Pose, owner: usize, canvas: &mut Canvas) {
    let [jacket, trousers, hair] = CLOTHES[pose.look % CLOTHES.len()];
    let side = pose.heading.0;
    let broad = (1.0 - side * side).max(0.0).sqrt();
    let phase = pose.walked_m / STRIDE_M;
    let pace = smooth(0.02, 0.6, pose.speed);
    let bob = 0.025 * pace * cos_turns(phase * 2.0);
    let shift = 0.012 * sin_turns(pose.t * 0.23) * (1.0 - pace);
    let mut body = Body { pose, owner, canvas };
    let hip = 0.10 * broad + 0.03;
    let far = if side >= 0.0 { -1.0 } else { 1.0 };
    body.arm(-far, (side, broad), phase + 0.5, pace, bob, scale3(jacket, 0.8));
    body.leg(far * hip, side, phase, pace, scale3(trousers, 0.8));
    body.leg(-far * hip, side, phase + 0.5, pace, trousers);
    let half = 0.115 + 0.075 * broad;
    body.limb((shift, 0.92 + bob), (shift + 0.05 * side * pace, 1.36 + bob), half * 0.92, half, jacket, 0.45);
    body.limb((shift, 1.40 + bob), (shift + 0.03 * side, 1.52 + bob), 0.06, 0.055, scale3(SKIN, 0.7), 0.1);
    body.head((shift + 0.05 * side * pace, 1.63 + bob), hair, pose.heading);
    body.arm(far, (side, broad), phase, pace, bob, jacket);
}

impl Body<'_> {
    fn place(&self, point: (f32, f32)) -> (f32, f32) {
        (self.pose.x + point.0 * self.pose.scale, self.pose.y - point.1 * self.pose.scale)
    }

    fn leg(&mut self, aside: f32, side: f32, phase: f32, pace: f32, colour: [f32; 3]) {
        let swing = sin_turns(phase) * 0.36 * pace;
        let lift = cos_turns(phase).max(0.0) * 0.13 * pace;
        let hip = (aside * 0.5, 0.92);
        let foot = (aside + swing * side, 0.06 + lift);
        let knee = ((hip.0 + foot.0) * 0.5 + side * (0.02 + lift * 0.8), 0.50 + lift * 0.35);
        self.limb(hip, knee, 0.085, 0.065, colour, 0.3);
        self.limb(knee, foot, 0.062, 0.045, colour, 0.3);
        let toe = (foot.0 + side * 0.13, foot.1 - 0.02);
        self.limb((foot.0, foot.1 - 0.01), toe, 0.045, 0.035, [0.03, 0.028, 0.025], 0.2);
    }

    fn arm(&mut self, which: f32, facing: (f32, f32), phase: f32, pace: f32, bob: f32, colour: [f32; 3]) {
        let (side, broad) = facing;
        let swing = sin_turns(phase) * 0.26 * pace;
        let shoulder = (which * (0.20 * broad + 0.02), 1.38 + bob);
        let hand = (shoulder.0 + which * 0.04 * broad + swing * side, 0.86 + 0.35 * swing * swing + bob);
        let elbow = ((shoulder.0 + hand.0) * 0.5 - 0.04 * side, 1.12 + bob);
        self.limb(shoulder, elbow, 0.062, 0.052, colour, 0.3);
        self.limb(elbow, hand, 0.05, 0.038, colour, 0.3);
        let fingers = (hand.0 + 0.01 * side, hand.1 - 0.07);
        self.limb(hand, fingers, 0.035, 0.03, SKIN, 0.1);
    }

    fn limb(
        &mut self,
        from: (f32, f32),
        to: (f32, f32),
        first: f32,
        last: f32,
        colour: [f32; 3],
        folds: f32,
    ) {
        let (from, to) = (self.place(from), self.place(to));
        let scale = self.pose.scale;
        let shape = Capsule { from, to, radius_from: first * scale, radius_to: last * scale };
        let (seed, light) = (self.pose.seed as u32, self.pose.light);
        let wide = first.max(last) * scale * 2.0;
        self.canvas.paint(shape.area(), Some(self.owner), |x, y| {
            let cover = shape.coverage(x, y);
            if cover == 0.0 {
                return (0.0, [0.0; 3]);
            }
            let (u, v) = ((x - from.0) / scale, (y - from.1) / scale);
            let fold = 1.0 + folds * fractal(seed, u * 14.0, v * 7.0, 3, 0.6);
            // The sun stands to the right and behind the camera.
            let round = 1.0 + 0.28 * ((x - (from.0 + to.0) * 0.5) / wide).clamp(-1.0, 1.0);
            (cover, times3(scale3(colour, fold * round), light))
        });
    }

    fn head(&mut self, at: (f32, f32), hair: [f32; 3], heading: (f32, f32)) {
        let (x, y) = self.place(at);
        let scale = self.pose.scale;
        let shape = Ellipse { x, y, radius_x: 0.088 * scale, radius_y: 0.118 * scale };
        let light = self.pose.light;
        // The face is where he looks; from behind there is only hair.
        self.canvas.paint(shape.area(), Some(self.owner), |px, py| {
            let (u, v) = ((px - x) / (0.088 * scale), (py - y) / (0.118 * scale));
            let face = smooth(-0.25, 0.15, v * 0.8 + u * heading.0 * 0.9 - heading.1 * 1.1 + 0.1);
            (shape.coverage(px, py), times3(lerp3(hair, SKIN, face), light))
        });
    }
}

//! A cat: low, quick, with a tail.

use super::Pose;
use super::figure::Figure;
use crate::canvas::Canvas;
use crate::maths::{cos_turns, scale3, sin_turns, smooth};

/// One round of all four legs.
const STRIDE_M: f32 = 0.42;

/// Coats.
const COATS: [[f32; 3]; 3] = [[0.025, 0.024, 0.025], [0.28, 0.15, 0.06], [0.14, 0.135, 0.13]];

pub fn paint(pose: &Pose, owner: usize, canvas: &mut Canvas) {
    let coat = COATS[pose.look % COATS.len()];
    let to = if pose.heading.0 >= 0.0 { 1.0 } else { -1.0 };
    let phase = pose.walked_m / STRIDE_M;
    let pace = smooth(0.02, 0.3, pose.speed);
    let arch = 0.012 * sin_turns(phase * 2.0) * pace;
    let mut figure = Figure { pose, owner, canvas };
    let legs = [(-0.16, 0.5, 0.7), (0.14, 0.0, 0.7), (-0.14, 0.0, 1.0), (0.16, 0.5, 1.0)];
    for (hip, offset, shade) in legs {
        let swing = 0.085 * sin_turns(phase + offset) * pace;
        let lift = 0.03 * cos_turns(phase + offset).max(0.0) * pace;
        let paw = ((hip + swing) * to, 0.015 + lift);
        figure.limb((hip * to, 0.17), paw, (0.035, 0.018), scale3(coat, shade), 0.3);
    }
    figure.limb((-0.17 * to, 0.20 + arch), (0.15 * to, 0.205 - arch), (0.068, 0.062), coat, 0.5);
    let wave = 0.05 * sin_turns(pose.t * 0.6);
    figure.limb((-0.21 * to, 0.23), (-0.34 * to, 0.28 + wave), (0.022, 0.018), coat, 0.3);
    figure.limb((-0.34 * to, 0.28 + wave), (-0.42 * to, 0.38 + wave * 1.6), (0.018, 0.014), coat, 0.3);
    figure.limb((0.15 * to, 0.22), (0.22 * to, 0.26), (0.045, 0.04), coat, 0.3);
    figure.oval((0.25 * to, 0.275), (0.052, 0.047), coat);
    for ear in [-0.025, 0.03] {
        figure.limb(((0.25 + ear) * to, 0.31), ((0.25 + ear * 1.2) * to, 0.345), (0.016, 0.004), coat, 0.1);
    }
}

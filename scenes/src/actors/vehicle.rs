//! Cars and vans from the side: body, windows that mirror the sky, dark tyres that turn; at night, lamps.
//!
//! They go across the picture. It must not know the road.

use super::Pose;
use super::figure::Figure;
use crate::canvas::Canvas;
use crate::lattice::fractal;
use crate::maths::{bell, cos_turns, lerp3, scale3, sin_turns, smooth, times3, unit};
use crate::shapes::{Area, Ellipse};

/// Below this much light (see `Moment::brightness`) lamps are on.
const DUSK: f32 = 0.05;

/// Paints.
const PAINTS: [[f32; 3]; 5] = [
    [0.34, 0.035, 0.03],
    [0.42, 0.42, 0.43],
    [0.03, 0.045, 0.11],
    [0.80, 0.80, 0.78],
    // as dark as the road
    [0.105, 0.107, 0.11],
];

/// The lines of a body, in metres.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    pub half_length: f32,
    /// Height of the sill, of the windows' lower edge, and of the roof.
    sill: f32,
    waist: f32,
    roof: f32,
    /// Rear and front ends of the cabin at the waist and at the roof, from the middle.
    cabin_low: (f32, f32),
    cabin_high: (f32, f32),
    wheel: f32,
    axle: f32,
}

pub const CAR: Body = Body {
    half_length: 2.1,
    sill: 0.22,
    waist: 0.86,
    roof: 1.42,
    cabin_low: (-1.75, 1.05),
    cabin_high: (-1.15, 0.35),
    wheel: 0.31,
    axle: 1.28,
};
pub const VAN: Body = Body {
    half_length: 2.7,
    sill: 0.30,
    waist: 1.15,
    roof: 2.35,
    cabin_low: (-2.68, 2.15),
    cabin_high: (-2.66, 1.35),
    wheel: 0.36,
    axle: 1.75,
};

pub fn paint(pose: &Pose, body: Body, owner: usize, canvas: &mut Canvas) {
    let to = if pose.heading.0 >= 0.0 { 1.0 } else { -1.0 };
    let colour = PAINTS[pose.look % PAINTS.len()];
    let scale = pose.scale;
    let reach = (body.half_length + 0.1) * scale;
    let area = Area {
        left: pose.x - reach,
        right: pose.x + reach,
        top: pose.y - body.roof * scale - 2.0,
        lower: pose.y,
    };
    let is_van = body.roof > 2.0;
    canvas.paint(area, Some(owner), |x, y| {
        let (u, v) = ((x - pose.x) / scale * to, (pose.y - y) / scale);
        let cover = outline(&body, u, v, scale);
        if cover == 0.0 {
            return (0.0, [0.0; 3]);
        }
        (cover, times3(skin(&body, colour, is_van, pose, (u, v), scale), pose.light))
    });
    let mut figure = Figure { pose, owner, canvas };
    for axle in [-body.axle, body.axle] {
        wheel(&mut figure, (axle * to, body.wheel), body.wheel, to);
    }
    if pose.light[1] < DUSK {
        lamps(&mut figure, body, to);
    }
}

/// Soft inside of an edge at distance `inside` metres.
fn edge(inside: f32, scale: f32) -> f32 {
    unit(inside * scale + 0.5)
}

fn outline(body: &Body, u: f32, v: f32, scale: f32) -> f32 {
    // Bonnet and boot slope a little.
    let slope = 0.16 * smooth(0.5, 1.0, u.abs() / body.half_length);
    let lower = edge(body.half_length - u.abs(), scale) * edge(v - body.sill, scale);
    let lower = lower * edge(body.waist - slope - v, scale);
    lower.max(cabin(body, u, v, scale, 0.0))
}

/// The part above the waist, smaller by `inset`.
fn cabin(body: &Body, u: f32, v: f32, scale: f32, inset: f32) -> f32 {
    let part = unit((v - body.waist) / (body.roof - body.waist));
    let rear = body.cabin_low.0 + (body.cabin_high.0 - body.cabin_low.0) * part + inset;
    let front = body.cabin_low.1 + (body.cabin_high.1 - body.cabin_low.1) * part - inset;
    edge(u - rear, scale)
        * edge(front - u, scale)
        * edge(body.roof - inset - v, scale)
        * edge(v - body.waist + 0.06 - inset * 1.2, scale)
}

fn skin(body: &Body, colour: [f32; 3], is_van: bool, pose: &Pose, at: (f32, f32), scale: f32) -> [f32; 3] {
    let (u, v) = at;
    let dirt = 1.0 + 0.12 * fractal(pose.seed as u32, u * 2.0, v * 3.0, 4, 0.6);
    let crease = 1.0 - 0.3 * bell((v - 0.55) / 0.04) + 0.35 * smooth(0.5, 0.9, v / body.waist);
    let door = 1.0 - 0.5 * bell((u + 0.35) / 0.015).max(bell((u - 0.75) / 0.015));
    let metal = scale3(colour, dirt * crease * door * (0.7 + 0.3 * unit(v / body.waist)));
    let pillar = if is_van { u < 1.0 } else { (u + 0.32).abs() < 0.05 };
    let glass = if pillar { 0.0 } else { cabin(body, u, v, scale, 0.09) };
    let mirrored = fractal(pose.seed as u32 ^ 5, u * 0.8 + pose.walked_m * 0.15, v * 2.0, 3, 0.5);
    let pane =
        lerp3([0.02, 0.022, 0.025], [0.26, 0.30, 0.36], smooth(0.0, 0.6, mirrored + (v - body.waist) * 0.4));
    lerp3(metal, pane, glass)
}

fn wheel(figure: &mut Figure, at: (f32, f32), radius: f32, to: f32) {
    let (x, y) = figure.place(at);
    let (scale, light) = (figure.pose.scale, figure.pose.light);
    let shape = Ellipse { x, y, radius_x: radius * scale, radius_y: radius * scale };
    let turn = figure.pose.walked_m / (radius * std::f32::consts::TAU) * to;
    let (sin, cos) = (sin_turns(turn), cos_turns(turn));
    figure.canvas.paint(shape.area(), Some(figure.owner), |px, py| {
        let (u, v) = ((px - x) / (radius * scale), (py - y) / (radius * scale));
        let hub = smooth(0.62, 0.52, (u * u + v * v).sqrt());
        let (a, b) = (u * cos + v * sin, v * cos - u * sin);
        let spoke = smooth(0.16, 0.06, a.abs()).max(smooth(0.16, 0.06, b.abs()));
        let tone = 0.014 + hub * (0.06 + 0.22 * spoke);
        (shape.coverage(px, py), scale3(light, tone))
    });
}

/// Head and tail lamps: brighter than anything the light of the scene makes.
fn lamps(figure: &mut Figure, body: Body, to: f32) {
    let ends = [(0.98, [1.6, 1.5, 1.2]), (-0.98, [0.5, 0.02, 0.015])];
    for (part, colour) in ends {
        let (x, y) = figure.place((body.half_length * part * to, 0.66));
        let scale = figure.pose.scale;
        let shape = Ellipse { x, y, radius_x: 0.07 * scale, radius_y: 0.09 * scale };
        figure.canvas.paint(shape.area(), Some(figure.owner), |px, py| (shape.coverage(px, py), colour));
    }
}

/// The light that a vehicle's lamps throw on the ground before it.
pub fn beam(pose: &Pose, body: Body, canvas: &mut Canvas) {
    if pose.light[1] >= DUSK {
        return;
    }
    let to = if pose.heading.0 >= 0.0 { 1.0 } else { -1.0 };
    let reach = 5.5 * pose.scale;
    let start = pose.x + body.half_length * to * pose.scale;
    let flat = 0.55 * pose.scale;
    let area = Area {
        left: start - reach * 1.2,
        right: start + reach * 1.2,
        top: pose.y - flat * 4.0,
        lower: pose.y + flat * 4.0,
    };
    canvas.tint(area, |x, y, now| {
        let ahead = (x - start) * to / reach;
        let lobe = smooth(-0.02, 0.12, ahead)
            * smooth(1.2, 0.1, ahead)
            * bell((y - pose.y) / (flat * (0.6 + ahead.abs())));
        // What lies there reflects; brightness of the ground itself scales it.
        let gain = 1.0 + 5.0 * lobe;
        [now[0] * gain, now[1] * gain, now[2] * gain * 0.97]
    });
}

//! The light of a scene over time, and its slow fields over the picture (clouds, headlights).
//!
//! Units are relative: 1.0 is a white wall in full sun. It must not know about exposure, which is the camera's.

use crate::lattice::{fractal, wander};
use crate::maths::{bell, lerp3, scale3, smooth};
use crate::random::{branch, hash, unit_of};

/// What shines where nothing changes.
#[derive(Debug, Clone, Copy)]
pub struct Light {
    /// From everywhere.
    pub sky: [f32; 3],
    /// From one side, with shadows.
    pub sun: [f32; 3],
    /// From a lamp in the scene (street, porch, ceiling).
    pub lamp: [f32; 3],
    /// From the camera's own infrared lamps; above zero means that the camera sees no colours.
    pub infrared: f32,
}

/// A way in which the light changes.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Towards another light, from a time on, within so many seconds; back again in the same time, and so on.
    Ramp { from_s: f32, over_s: f32, to: Light },
    /// Clouds whose shadows sweep over the scene; `cover` 0 to 1.
    Clouds { cover: f32, speed: f32 },
    /// The sun comes and goes as a whole, `depth` of it, in half a second to three.
    SunSteps { every_s: f32, depth: f32 },
    /// The lamp of the scene goes on and off, about every so many seconds.
    LampSwitch { every_s: f32, lamp: [f32; 3] },
    /// Headlights of cars that are themselves not seen sweep over the scene.
    Headlights { every_s: f32, level: f32 },
    /// The camera goes over to infrared and back.
    InfraredSwitch { every_s: f32, level: f32 },
    /// The colour of the light swings between warm and cold (mixed lamps warming up).
    Tint { every_s: f32, strength: f32 },
}

/// The light in one frame.
#[derive(Debug, Clone, Copy)]
pub struct Lighting {
    pub light: Light,
    /// A beam of headlights: where (parts of the width and height), how wide, and how strong.
    pub beam: Option<Beam>,
    /// Cloud cover, and how far the clouds have drifted.
    pub clouds: Option<(f32, f32)>,
    /// Seconds since the camera last changed between colour and infrared.
    pub since_switch_s: f64,
}

/// A pair of headlights as a lobe of light.
#[derive(Debug, Clone, Copy)]
pub struct Beam {
    pub x: f32,
    pub y: f32,
    pub reach_x: f32,
    pub reach_y: f32,
    pub level: f32,
}

/// How many switchings have come by `t`, one at a random time in each span of `every_s`, and when the last one was.
pub fn switches(seed: u64, every_s: f32, t: f64) -> (u64, f64) {
    let every = f64::from(every_s);
    let span = (t / every).floor() as u64;
    let moment = |span: u64| (span as f64 + 0.3 + 0.5 * f64::from(unit_of(hash(seed, span)))) * every;
    if t >= moment(span) {
        (span + 1, t - moment(span))
    } else if span > 0 {
        (span, t - moment(span - 1))
    } else {
        (0, f64::INFINITY)
    }
}

/// The light at a time.
pub fn lighting(base: Light, changes: &[Change], seed: u64, t: f64) -> Lighting {
    let mut now = Lighting { light: base, beam: None, clouds: None, since_switch_s: f64::INFINITY };
    for (number, change) in changes.iter().enumerate() {
        apply(&mut now, *change, branch(seed, 0x119 + number as u64), t);
    }
    now
}

fn apply(now: &mut Lighting, change: Change, seed: u64, t: f64) {
    match change {
        Change::Ramp { from_s, over_s, to } => {
            let phase = ((t as f32 - from_s).max(0.0) / over_s) % 2.0;
            let part = if phase < 1.0 { phase } else { 2.0 - phase };
            now.light = mixed(now.light, to, part);
        }
        Change::Clouds { cover, speed } => now.clouds = Some((cover, speed * t as f32)),
        Change::SunSteps { every_s, depth } => {
            let (count, age) = switches(seed, every_s, t);
            let over = 0.5 + 2.5 * unit_of(hash(seed ^ 7, count));
            let turned = smooth(0.0, over, age.min(1e6) as f32);
            let part = if count % 2 == 1 { turned } else { 1.0 - turned };
            let part = if count == 0 { 0.0 } else { part };
            now.light.sun = scale3(now.light.sun, 1.0 - depth * part);
        }
        Change::LampSwitch { every_s, lamp } => {
            if switches(seed, every_s, t).0 % 2 == 1 {
                now.light.lamp = lamp;
            }
        }
        Change::Headlights { every_s, level } => now.beam = beam(seed, every_s, level, t),
        Change::InfraredSwitch { every_s, level } => {
            let (count, age) = switches(seed, every_s, t);
            now.since_switch_s = age;
            now.light.infrared = if count % 2 == 1 { level } else { 0.0 };
        }
        Change::Tint { every_s, strength } => {
            let swing = wander(seed, t / f64::from(every_s)) * strength;
            let warm = [1.0 + swing, 1.0, 1.0 - swing];
            for (channel, factor) in warm.into_iter().enumerate() {
                now.light.sky[channel] *= factor;
                now.light.sun[channel] *= factor;
                now.light.lamp[channel] *= factor;
            }
        }
    }
}

fn mixed(a: Light, b: Light, part: f32) -> Light {
    Light {
        sky: lerp3(a.sky, b.sky, part),
        sun: lerp3(a.sun, b.sun, part),
        lamp: lerp3(a.lamp, b.lamp, part),
        infrared: a.infrared + (b.infrared - a.infrared) * part,
    }
}

/// One pass in each span: the lobe crosses the scene one way or the other, growing as the car comes nearer.
fn beam(seed: u64, every_s: f32, level: f32, t: f64) -> Option<Beam> {
    let (count, age) = switches(seed, every_s, t);
    let chance = |part: u64| unit_of(hash(seed ^ 0xbea0, count * 8 + part));
    let lasts = 2.0 + 3.0 * chance(0);
    let part = age as f32 / lasts;
    if count == 0 || part >= 1.0 {
        return None;
    }
    let along = if chance(1) < 0.5 { part } else { 1.0 - part };
    // A turning car sweeps faster and faster.
    let eased = along * along * (1.6 - 0.6 * along);
    let rise = smooth(0.0, 0.25, part) * smooth(1.0, 0.85, part);
    Some(Beam {
        x: -0.35 + 1.7 * eased,
        y: 0.45 + 0.2 * chance(2),
        reach_x: 0.14 + 0.12 * chance(3),
        reach_y: 0.18 + 0.15 * chance(4),
        level: level * rise * (0.6 + 0.4 * chance(5)),
    })
}

/// Sunlight that the clouds let through at a point of the ground (metres), 0 to 1.
pub fn through_clouds(seed: u64, cover: f32, drift: f32, x_m: f32, depth_m: f32) -> f32 {
    let density = fractal(seed as u32, x_m * 0.05 - drift, depth_m * 0.05 - drift * 0.3, 4, 0.5);
    let edge = 0.55 - 1.1 * cover;
    1.0 - 0.85 * smooth(edge, edge + 0.28, density)
}

/// What a beam gives at a point (parts of the width and height).
pub fn beam_at(beam: &Beam, x: f32, y: f32) -> f32 {
    let dy = (y - beam.y) / beam.reach_y;
    let pair = bell((x - beam.x) / beam.reach_x) + 0.7 * bell((x - beam.x - 0.09) / beam.reach_x);
    beam.level * pair * bell(dy)
}

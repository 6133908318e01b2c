//! The targets: who comes, along which path, and what of each is seen.
//!
//! A path is walked on the ground, so size and speed follow from perspective. It must not paint nuisances.

mod cat;
mod crawler;
mod figure;
pub mod path;
mod vehicle;
mod walker;

use crate::canvas::{COVERS_MAX, Canvas};
use crate::ground::Ground;
use crate::maths::{length, scale3, smooth};
use crate::random::branch;
use crate::recipe::Recipe;
use crate::shapes::Ellipse;
use crate::things::Moment;
use crate::truth::{Target, TargetKind};
use path::Path;
pub use path::Step;

/// Below this speed a target stands, in metres a second.
const STANDING_M_S: f32 = 0.02;

/// A target of a recipe.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    pub kind: TargetKind,
    /// Which of the kind's clothes, coats or paints.
    pub look: usize,
    /// From its first step's time to its last one's it is in the scene.
    pub path: &'static [Step],
}

/// Where and how a target is at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Pose {
    /// Its foot in the picture, in pixels.
    pub x: f32,
    pub y: f32,
    /// Pixels for each metre there.
    pub scale: f32,
    /// The direction it goes on the ground: to the right, and away from the camera (length 1).
    pub heading: (f32, f32),
    /// Metres walked.
    pub walked_m: f32,
    /// Metres a second.
    pub speed: f32,
    /// Seconds since the scene began.
    pub t: f32,
    pub light: [f32; 3],
    pub seed: u64,
    pub look: usize,
}

#[derive(Debug)]
struct Player {
    actor: Actor,
    path: Path,
    seed: u64,
    pose: Option<Pose>,
    /// Counts the passes of the scene.
    pass: u32,
}

/// All targets of a scene.
#[derive(Debug)]
pub struct Cast {
    players: Vec<Player>,
    period_s: f64,
}

impl Cast {
    pub fn new(recipe: &Recipe, size: (usize, usize), seconds: u32, seed: u64) -> Cast {
        let ground = recipe.view.ground();
        let aspect = size.0 as f32 / size.1 as f32;
        let players = recipe.actors.iter().take(COVERS_MAX).enumerate().map(|(number, actor)| Player {
            actor: *actor,
            path: Path::new(actor.path, ground, aspect),
            seed: branch(seed, number as u64),
            pose: None,
            pass: 0,
        });
        Cast { players: players.collect(), period_s: f64::from(seconds) }
    }

    /// Puts everybody where they are at a moment.
    pub fn move_to(&mut self, moment: &Moment) {
        let pass = (moment.t / self.period_s).floor();
        let t = (moment.t - pass * self.period_s) as f32;
        for player in &mut self.players {
            player.pass = pass as u32;
            player.pose = player.path.at(t).map(|place| {
                let (x, y) = ground_to_picture(moment.ground, place.aside_m, place.depth_m, moment);
                Pose {
                    x,
                    y,
                    scale: moment.ground.scale(y / moment.height) * moment.height,
                    heading: place.heading,
                    walked_m: place.walked_m,
                    speed: place.speed,
                    t: moment.t as f32,
                    light: moment.light_at(x, y),
                    seed: player.seed,
                    look: player.actor.look,
                }
            });
        }
    }

    /// Shadows on the ground: a dark patch where they touch it, and the long one that the sun throws.
    pub fn paint_shadows(&self, moment: &Moment, canvas: &mut Canvas) {
        for player in &self.players {
            if let Some(pose) = player.pose {
                shadow(player.actor.kind, &pose, moment, canvas);
                match player.actor.kind {
                    TargetKind::Car => vehicle::beam(&pose, vehicle::CAR, canvas),
                    TargetKind::Van => vehicle::beam(&pose, vehicle::VAN, canvas),
                    _ => {}
                }
            }
        }
    }

    /// Paints those who stand between two heights of the picture, from back to front.
    pub fn paint_between(&self, after: f32, until: f32, moment: &Moment, canvas: &mut Canvas) {
        let mut order = [0; COVERS_MAX];
        let count = self.players.len();
        for (number, slot) in order.iter_mut().enumerate() {
            *slot = number;
        }
        let depth = |number: usize| self.players[number].pose.map_or(f32::INFINITY, |pose| pose.y);
        order[..count].sort_unstable_by(|a, b| depth(*a).total_cmp(&depth(*b)));
        for number in order.into_iter().take(count) {
            let player = &self.players[number];
            let Some(pose) = player.pose else { continue };
            let at = pose.y / moment.height;
            if at > after && at <= until {
                paint(player.actor.kind, &pose, number, canvas);
            }
        }
    }

    /// Writes down who is seen.
    pub fn tell(&self, canvas: &Canvas, targets: &mut Vec<Target>) {
        targets.clear();
        for (number, player) in self.players.iter().enumerate() {
            let Some(pose) = player.pose else { continue };
            let Some((bounds, visible_px)) = canvas.seen(number) else { continue };
            targets.push(Target {
                id: player.pass * self.players.len() as u32 + number as u32,
                kind: player.actor.kind,
                bounds,
                visible_px,
                is_moving: pose.speed > STANDING_M_S,
            });
        }
    }
}

fn ground_to_picture(ground: Ground, aside_m: f32, depth_m: f32, moment: &Moment) -> (f32, f32) {
    let (x, y) = ground.seen_at(aside_m, depth_m);
    (x * moment.height + moment.width * 0.5, y * moment.height)
}

fn paint(kind: TargetKind, pose: &Pose, owner: usize, canvas: &mut Canvas) {
    match kind {
        TargetKind::Walker => walker::paint(pose, owner, canvas),
        TargetKind::Crawler => crawler::paint(pose, owner, canvas),
        TargetKind::Car => vehicle::paint(pose, vehicle::CAR, owner, canvas),
        TargetKind::Van => vehicle::paint(pose, vehicle::VAN, owner, canvas),
        TargetKind::Cat => cat::paint(pose, owner, canvas),
    }
}

/// Half the length and half the width of what stands on the ground, and its height, in metres.
fn footprint(kind: TargetKind) -> (f32, f32, f32) {
    match kind {
        TargetKind::Walker => (0.28, 0.22, 1.7),
        TargetKind::Crawler => (0.8, 0.3, 0.4),
        TargetKind::Car => (2.1, 0.85, 1.4),
        TargetKind::Van => (2.6, 1.0, 2.4),
        TargetKind::Cat => (0.22, 0.1, 0.3),
    }
}

fn shadow(kind: TargetKind, pose: &Pose, moment: &Moment, canvas: &mut Canvas) {
    let (long, wide, tall) = footprint(kind);
    let side = pose.heading.0.abs();
    let reach_x = (long * side + wide * (1.0 - side)) * pose.scale;
    // The ground is seen at a slant: what lies away from the camera is short.
    let slant = (pose.scale * moment.ground.camera_m / moment.height).clamp(0.12, 0.5);
    let reach_y = (wide * side + long * (1.0 - side)) * pose.scale * slant;
    darken(canvas, (pose.x, pose.y), (reach_x * 1.15, reach_y * 1.3 + 0.5), 0.55);
    let from_sun = moment.stage.sun_part_at(pose.x, pose.y);
    if from_sun > 0.05 {
        let thrown = tall * 0.62 * pose.scale;
        let middle = (pose.x - thrown * 0.5, pose.y - thrown * 0.05);
        darken(canvas, middle, (thrown * 0.5 + reach_x, reach_y + 0.06 * thrown + 0.4), from_sun * 0.92);
    }
}

fn darken(canvas: &mut Canvas, at: (f32, f32), reach: (f32, f32), strength: f32) {
    let shape = Ellipse { x: at.0, y: at.1, radius_x: reach.0 * 1.25, radius_y: reach.1 * 1.25 };
    canvas.tint(shape.area(), |x, y, now| {
        let distance = length((x - at.0) / reach.0, (y - at.1) / reach.1);
        scale3(now, 1.0 - strength * smooth(1.2, 0.75, distance))
    });
}

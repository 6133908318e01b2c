//! Plays a scene: frame after frame, with its truth.
//!
//! The order of painting is here and nowhere else: backdrop, shadows, things and actors from back to front, what is
//! near the lens, then the camera.

use crate::actors::Cast;
use crate::backdrop::{Backdrop, View};
use crate::camera::{Camera, Exposing};
use crate::canvas::Canvas;
use crate::frame::Stage;
use crate::light::{Lighting, lighting};
use crate::picture::Picture;
use crate::random::branch;
use crate::recipe::{Recipe, Scene};
use crate::schedule::{Schedule, Tick};
use crate::tamper::{Hand, extent};
use crate::things::{Moment, Prop, build};
use crate::truth::Truth;
use crate::wind::Wind;

/// A scene being played.
#[derive(Debug)]
pub struct Player {
    recipe: Recipe,
    seconds: u32,
    seed: u64,
    view: View,
    schedule: Schedule,
    wind: Wind,
    stage: Stage,
    canvas: Canvas,
    props: Vec<Prop>,
    cast: Cast,
    hand: Option<Hand>,
    camera: Camera,
    last: Picture,
    last_truth: Truth,
}

impl Player {
    pub(crate) fn new(scene: &Scene, width: usize, height: usize, seed: u64) -> Player {
        let recipe = scene.recipe;
        let size = (width, height);
        let shake_px = recipe.camera.shake * height as f32;
        let margin = (shake_px * 2.0).ceil() as usize + 2;
        let backdrop = Backdrop::paint(recipe.view, branch(seed, 1), size, extent(&recipe), margin);
        let start = lighting(recipe.light, recipe.changes, branch(seed, 2), 0.0);
        Player {
            recipe,
            seconds: scene.seconds,
            seed,
            view: recipe.view,
            schedule: Schedule::new(recipe.rhythm, recipe.camera.frame_us, branch(seed, 3)),
            wind: Wind::new(branch(seed, 4), recipe.wind),
            stage: Stage::new(backdrop, size, margin, start, branch(seed, 5)),
            canvas: Canvas::new(width, height, recipe.actors.len()),
            props: build(&recipe, size, branch(seed, 6)),
            cast: Cast::new(&recipe, size, scene.seconds, branch(seed, 7)),
            hand: recipe.tamper.map(|plan| Hand::new(plan, branch(seed, 8))),
            camera: Camera::new(recipe.camera, width, height, branch(seed, 9)),
            last: Picture::new(),
            last_truth: Truth::default(),
        }
    }

    /// Plays for so many seconds instead: nuisances go on without repeating, targets come once in each nominal length,
    /// tampering happens once and stays.
    pub fn seconds(mut self, seconds: u32) -> Self {
        self.seconds = seconds;
        self
    }

    /// The next frame into `picture`, which gets the scene's size; `None` at the end. Allocates only when the picture
    /// had another size.
    pub fn next_frame(&mut self, picture: &mut Picture) -> Option<Truth> {
        let tick = self.schedule.next();
        if tick.timestamp_us >= u64::from(self.seconds) * 1_000_000 {
            return None;
        }
        let t = tick.timestamp_us as f64 * 1e-6;
        let is_frozen = self.hand.as_ref().is_some_and(|hand| hand.is_frozen(t));
        if tick.is_repeat || is_frozen {
            picture.copy_from(&self.last);
        } else {
            self.take(tick, t, picture);
            self.last.copy_from(picture);
        }
        self.last_truth.timestamp_us = tick.timestamp_us;
        self.last_truth.tamper = self.hand.as_ref().and_then(|hand| hand.kind_at(t));
        Some(self.last_truth.clone())
    }

    fn take(&mut self, tick: Tick, t: f64, picture: &mut Picture) {
        let now = lighting(self.recipe.light, self.recipe.changes, branch(self.seed, 2), t);
        self.canvas.begin();
        self.canvas.offset = self.direction(t);
        self.stage.light(now, self.view.ground(), &mut self.canvas);
        self.paint(&now, t);
        let exposing = Exposing {
            index: tick.index,
            t,
            is_infrared: now.light.infrared > 0.0,
            defocus_px: self
                .hand
                .as_ref()
                .map_or(0.0, |hand| hand.defocus_px(t, picture_height(&self.canvas))),
        };
        self.camera.expose(&mut self.canvas.radiance, exposing, picture);
        self.cast.tell(&self.canvas, &mut self.last_truth.targets);
    }

    /// Where the camera points: shaking in the wind, or turned away.
    fn direction(&self, t: f64) -> (f32, f32) {
        let size = (self.canvas.radiance.width as f32, self.canvas.radiance.height as f32);
        let reach = self.recipe.camera.shake * size.1;
        let turned = self.hand.as_ref().map_or(0.0, |hand| hand.turned(t)) * size.0;
        if reach == 0.0 {
            return (turned, 0.0);
        }
        let sway = |part: u64| (self.wind.sway(part, 2.3, t, 0.0) * reach).clamp(-2.0 * reach, 2.0 * reach);
        (sway(0x5a) + turned, sway(0x5b) * 0.6)
    }

    fn paint(&mut self, lighting: &Lighting, t: f64) {
        let size = (self.canvas.radiance.width as f32, self.canvas.radiance.height as f32);
        let moment = Moment {
            t,
            lighting,
            stage: &self.stage,
            wind: self.wind,
            ground: self.view.ground(),
            width: size.0,
            height: size.1,
        };
        self.cast.move_to(&moment);
        self.cast.paint_shadows(&moment, &mut self.canvas);
        let mut done = f32::NEG_INFINITY;
        for prop in &mut self.props {
            self.cast.paint_between(done, prop.order, &moment, &mut self.canvas);
            prop.paint(&moment, &mut self.canvas);
            done = prop.order;
        }
        self.cast.paint_between(done, f32::INFINITY, &moment, &mut self.canvas);
        if let Some(hand) = &self.hand {
            hand.paint(&moment, &mut self.canvas);
        }
    }
}

fn picture_height(canvas: &Canvas) -> f32 {
    canvas.radiance.height as f32
}

#[cfg(test)]
#[path = "player_tests.rs"]
mod tests;

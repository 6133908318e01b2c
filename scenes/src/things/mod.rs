//! Things that are no target: what grows, falls, flies, hangs and shines.
//!
//! A row of a recipe names a [`Thing`]; built for a size it is a [`Prop`] that paints itself at any moment.

mod cloth;
mod foliage;
mod insects;
mod lens;
mod rain;
mod shining;
mod snow;
mod standing;
mod water;

use crate::canvas::Canvas;
use crate::frame::Stage;
use crate::ground::Ground;
use crate::light::Lighting;
use crate::random::branch;
use crate::recipe::Recipe;
use crate::shapes::Area;
use crate::wind::Wind;
pub use cloth::{Curtain, Flag};
pub use foliage::Tree;
pub use shining::{Blinker, Screen};
pub use standing::{Dapple, Hedge, Post};

/// Order of what lies on the ground, and of what is near the lens.
const ON_GROUND: f32 = -1.0;
const NEAR_LENS: f32 = 10.0;

/// Things as recipes name them.
#[derive(Debug, Clone, Copy)]
pub enum Thing {
    /// A tree or bush of many leaves.
    Tree(Tree),
    /// A post that hides what passes behind.
    Post(Post),
    /// A hedge that hides what passes behind.
    Hedge(Hedge),
    /// The shadow of a tree that is not in the picture.
    Dapple(Dapple),
    /// The pond's water.
    Water,
    /// A curtain in a draught.
    Curtain(Curtain),
    /// A flag.
    Flag(Flag),
    /// Rain: drops at once, and drops close to the lens.
    Rain { drops: u32, near: u32 },
    /// Snow: flakes at once.
    Snow { flakes: u32 },
    /// Insects near the lens.
    Insects { count: u32 },
    /// Strands of a spider's web near the lens.
    Strand,
    /// Drops on the lens.
    Drops { count: u32 },
    /// A television behind a window.
    Screen(Screen),
    /// A blinking light.
    Blinker(Blinker),
}

impl Thing {
    /// Built for a size: where it stands, and what paints it.
    fn build(self, size: (usize, usize), seed: u64) -> (f32, Box<dyn Paint + Send>) {
        match self {
            Thing::Tree(tree) => (tree.foot_y, Box::new(foliage::Foliage::new(tree, size, seed))),
            Thing::Post(post) => (post.foot_y, Box::new(post)),
            Thing::Hedge(hedge) => (hedge.foot_y, Box::new(hedge)),
            Thing::Dapple(dapple) => (ON_GROUND, Box::new(standing::Dappling::new(dapple, size, seed))),
            Thing::Water => (ON_GROUND, Box::new(water::Water::new(seed))),
            Thing::Curtain(curtain) => (0.0, Box::new(cloth::Hanging { curtain, seed })),
            Thing::Flag(flag) => (flag.foot_y, Box::new(cloth::Flying { flag, seed })),
            Thing::Rain { drops, near } => (NEAR_LENS, Box::new(rain::Rain { drops, near, seed })),
            Thing::Snow { flakes } => (NEAR_LENS, Box::new(snow::Snow { flakes, seed })),
            Thing::Insects { count } => (NEAR_LENS, Box::new(insects::Insects { count, seed })),
            Thing::Strand => (NEAR_LENS, Box::new(lens::Strand { seed })),
            Thing::Drops { count } => (NEAR_LENS + 1.0, Box::new(lens::Drops { count, seed })),
            Thing::Screen(screen) => (ON_GROUND, Box::new(shining::Flickering { screen, seed })),
            Thing::Blinker(blinker) => (blinker.y, Box::new(blinker)),
        }
    }
}

/// What painting needs to know of a moment.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Seconds since the scene began.
    pub t: f64,
    pub lighting: &'a Lighting,
    pub stage: &'a Stage,
    pub wind: Wind,
    pub ground: Ground,
    /// Of the picture, in pixels.
    pub width: f32,
    pub height: f32,
}

impl Moment<'_> {
    /// Light at a point of the world.
    pub fn light_at(&self, x: f32, y: f32) -> [f32; 3] {
        self.stage.light_at(x, y)
    }

    /// A measure of how bright the scene is: what a grey wall gets in the open.
    pub fn brightness(&self) -> f32 {
        let light = self.lighting.light;
        light.sky[1] + 0.5 * light.sun[1] + 0.3 * light.lamp[1] + 0.3 * light.infrared
    }

    /// What small clear or white things in the air reflect: the sky, and lamps near the lens.
    pub fn glow(&self) -> [f32; 3] {
        let light = self.lighting.light;
        let of = |channel: usize| {
            light.sky[channel] + 0.15 * light.sun[channel] + 0.5 * light.lamp[channel] + 0.6 * light.infrared
        };
        [of(0), of(1), of(2)]
    }

    /// The whole picture, wherever the camera points.
    pub fn everything(&self) -> Area {
        Area { left: -1e6, top: -1e6, right: 1e6, lower: 1e6 }
    }
}

/// What a thing does.
pub trait Paint: std::fmt::Debug {
    /// Paints the thing as it is at a moment.
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas);
}

/// A thing built for a size.
#[derive(Debug)]
pub struct Prop {
    /// Height in the picture at which it stands: what stands lower is nearer and painted later.
    pub order: f32,
    thing: Box<dyn Paint + Send>,
}

impl Prop {
    pub fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        self.thing.paint(moment, canvas);
    }
}

/// Builds a recipe's things, from back to front.
pub fn build(recipe: &Recipe, size: (usize, usize), seed: u64) -> Vec<Prop> {
    let prop = |(number, thing): (usize, &Thing)| {
        let (order, thing) = thing.build(size, branch(seed, number as u64));
        Prop { order, thing }
    };
    let mut props: Vec<Prop> = recipe.things.iter().enumerate().map(prop).collect();
    props.sort_by(|a, b| a.order.total_cmp(&b.order));
    props
}

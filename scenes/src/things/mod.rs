//! Things that are no target: what grows, falls, flies, hangs and shines.
//!
//! A row of a recipe names a [`Thing`]; built for a size it is a [`Prop`] that paints itself at any moment.

mod foliage;

use crate::canvas::Canvas;
use crate::frame::Stage;
use crate::ground::Ground;
use crate::light::Lighting;
use crate::random::branch;
use crate::recipe::Recipe;
use crate::shapes::Area;
use crate::wind::Wind;
pub use foliage::Tree;

/// Things as recipes name them.
#[derive(Debug, Clone, Copy)]
pub enum Thing {
    /// A tree or bush of many leaves.
    Tree(Tree),
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
    let mut props: Vec<Prop> = Vec::new();
    for (number, thing) in recipe.things.iter().enumerate() {
        let seed = branch(seed, number as u64);
        props.push(match *thing {
            Thing::Tree(tree) => {
                Prop { order: tree.foot_y, thing: Box::new(foliage::Foliage::new(tree, size, seed)) }
            }
        });
    }
    props.sort_by(|a, b| a.order.total_cmp(&b.order));
    props
}

//! Trees and bushes: thousands of leaves on twigs on boughs, each level swaying in its own rhythm.
//!
//! Boughs lean with the gusts, twigs swing, leaves flutter and flip their pale side. It must not know the time but by
//! the moment.

use super::{Moment, Paint};
use crate::canvas::Canvas;
use crate::lattice::wander;
use crate::maths::{scale3, unit};
use crate::random::{Dice, branch};
use crate::shapes::{Capsule, Ellipse};

/// How far the outermost leaves go at full wind, in crown radii.
const BOUGH_REACH: f32 = 0.22;
/// How far a leaf flutters about its twig, in leaf radii.
const FLUTTER: f32 = 0.8;
/// Most leaves of one tree: more would not be seen.
const LEAVES_MAX: usize = 2_600;

/// A tree or bush of a recipe; lengths in picture heights, places in parts of the width and height.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    pub x: f32,
    /// Where its stem stands.
    pub foot_y: f32,
    /// Middle of the crown.
    pub crown_y: f32,
    pub radius_x: f32,
    pub radius_y: f32,
    /// Radius of a leaf (or tuft of leaves).
    pub leaf: f32,
    /// Stem thickness; 0 for a bush.
    pub stem: f32,
    pub colour: [f32; 3],
}

#[derive(Debug, Clone, Copy)]
struct Bough {
    /// How far out it ends, 0 to 1: outer ones swing more.
    out: f32,
    x: f32,
    rate_hz: f64,
    sway_x: f32,
    sway_y: f32,
}

#[derive(Debug, Clone, Copy)]
struct Leaf {
    x: f32,
    y: f32,
    radius_x: f32,
    radius_y: f32,
    colour: [f32; 3],
    bough: u32,
    seed: u64,
    rate_hz: f64,
}

/// A tree built for a size.
#[derive(Debug)]
pub struct Foliage {
    tree: Tree,
    seed: u64,
    boughs: Vec<Bough>,
    leaves: Vec<Leaf>,
}

impl Foliage {
    pub fn new(tree: Tree, size: (usize, usize), seed: u64) -> Foliage {
        let (width, height) = (size.0 as f32, size.1 as f32);
        let mut dice = Dice::new(seed);
        let mut boughs = Vec::new();
        let mut leaves = Vec::new();
        let crown = tree.radius_x * tree.radius_y / (tree.leaf * tree.leaf);
        let wanted = ((crown * 4.5) as usize).clamp(60, LEAVES_MAX);
        for number in 0..(wanted / 28).max(6) as u32 {
            // Even over the disc; a bough carries a clump.
            let (angle, out) = (dice.unit(), dice.unit().sqrt());
            let (dx, dy) = (crate::maths::cos_turns(angle) * out, crate::maths::sin_turns(angle) * out);
            let x = tree.x * width + dx * tree.radius_x * height * 0.85;
            let y = (tree.crown_y + dy * tree.radius_y * 0.85) * height;
            let rate_hz = f64::from(dice.range(0.25, 0.6));
            boughs.push(Bough { out: 0.35 + 0.65 * out, x: x / height, rate_hz, sway_x: 0.0, sway_y: 0.0 });
            let clump = dice.range(0.16, 0.34) * tree.radius_x.min(tree.radius_y) * height;
            for leaf in 0..28 {
                leaves.push(hang(&tree, &mut dice, (x, y), clump, height, number, leaf as f32 / 28.0));
            }
        }
        // Deep ones first, pale outer ones last, clump by clump in no order.
        leaves.sort_by(|a, b| (a.seed % 5, a.colour[1].to_bits()).cmp(&(b.seed % 5, b.colour[1].to_bits())));
        Foliage { tree, seed, boughs, leaves }
    }
}

fn hang(
    tree: &Tree,
    dice: &mut Dice,
    at: (f32, f32),
    clump: f32,
    height: f32,
    bough: u32,
    depth: f32,
) -> Leaf {
    let (angle, out) = (dice.unit(), dice.unit().sqrt());
    let dy = crate::maths::sin_turns(angle) * out;
    let radius = tree.leaf * height * dice.range(0.6, 1.25);
    let long = dice.range(0.45, 1.0);
    // Lit from above: the upper side of a clump is brighter, its inside dark.
    let lit = (0.35 + 0.9 * depth) * (1.0 - 0.45 * dy) * dice.range(0.7, 1.3);
    Leaf {
        x: at.0 + crate::maths::cos_turns(angle) * out * clump * 1.3,
        y: at.1 + dy * clump,
        radius_x: radius,
        radius_y: radius * long,
        colour: scale3(tree.colour, lit),
        bough,
        seed: dice.next(),
        rate_hz: f64::from(dice.range(0.9, 2.6)),
    }
}

impl Paint for Foliage {
    fn paint(&mut self, moment: &Moment, canvas: &mut Canvas) {
        let height = moment.height;
        let reach = BOUGH_REACH * self.tree.radius_x.min(0.25) * height;
        for (number, bough) in self.boughs.iter_mut().enumerate() {
            let part = branch(self.seed, number as u64);
            let lean = moment.wind.sway(part, bough.rate_hz, moment.t, bough.x);
            bough.sway_x = lean * reach * bough.out;
            bough.sway_y =
                moment.wind.sway(part ^ 1, bough.rate_hz * 1.3, moment.t, bough.x) * reach * 0.35 * bough.out;
        }
        let middle = (self.tree.x * moment.width, self.tree.crown_y * height);
        let light = moment.light_at(middle.0, self.tree.foot_y.min(0.98) * height);
        self.stem(moment, canvas, light);
        for leaf in &self.leaves {
            let bough = self.boughs[leaf.bough as usize];
            let speed = moment.wind.strength.min(1.0).sqrt();
            let flutter = wander(leaf.seed, moment.t * leaf.rate_hz) * speed;
            let shape = Ellipse {
                x: leaf.x + bough.sway_x + flutter * leaf.radius_x * FLUTTER,
                y: leaf.y + bough.sway_y + flutter * leaf.radius_y * 0.5 * FLUTTER,
                radius_x: leaf.radius_x * (1.0 - 0.25 * flutter),
                radius_y: leaf.radius_y * (1.0 + 0.25 * flutter),
            };
            let pale = 1.0 + 0.3 * unit(flutter);
            let colour = crate::maths::times3(scale3(leaf.colour, pale), light);
            canvas.paint(shape.area(), None, |x, y| (shape.coverage(x, y), colour));
        }
    }
}

impl Foliage {
    fn stem(&self, moment: &Moment, canvas: &mut Canvas, light: [f32; 3]) {
        if self.tree.stem == 0.0 {
            return;
        }
        let height = moment.height;
        let x = self.tree.x * moment.width;
        let shape = Capsule {
            from: (x, self.tree.foot_y * height),
            to: (x + self.tree.radius_x * 0.1 * height, self.tree.crown_y * height),
            radius_from: self.tree.stem * height * 0.5,
            radius_to: self.tree.stem * height * 0.3,
        };
        let seed = self.seed as u32;
        canvas.paint(shape.area(), None, |px, py| {
            let bark = crate::lattice::fractal(seed, px / height * 60.0, py / height * 14.0, 3, 0.6);
            (shape.coverage(px, py), scale3(light, 0.07 * (1.0 + 0.5 * bark)))
        });
    }
}

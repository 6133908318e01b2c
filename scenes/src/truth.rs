//! What is really in a frame.
//!
//! It must not hold opinions: whether something is worth an alarm is the caller's question.

/// The truth about one frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// When the camera says that the frame was taken, in microseconds since the scene's first.
    pub timestamp_us: u64,
    /// Targets of which at least one pixel is seen, by id.
    pub targets: Vec<Target>,
    /// What is done to the camera, if anything.
    pub tamper: Option<TamperKind>,
}

/// A target as it is seen: after occlusion and cut off at the picture's edge; its shadow is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Stays the same from frame to frame; no two targets of one playing share it.
    pub id: u32,
    /// What it is.
    pub kind: TargetKind,
    /// The smallest box around all pixels that it covers by at least half.
    pub bounds: Bounds,
    /// Pixels that it covers by at least half.
    pub visible_px: u32,
    /// Whether it moves over the ground in this frame.
    pub is_moving: bool,
}

/// A box in pixels; right and lower are exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// First column to the right of it.
    pub right: usize,
    /// First row below it.
    pub lower: usize,
}

impl Bounds {
    /// Columns.
    pub fn width(&self) -> usize {
        self.right - self.left
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.lower - self.top
    }
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// Somebody on foot.
    Walker,
    /// Somebody who creeps along the ground, slowly.
    Crawler,
    /// A car.
    Car,
    /// A van: taller than a car, and large enough to move the exposure.
    Van,
    /// A cat.
    Cat,
}

/// What is done to the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TamperKind {
    /// A hand, a cloth or spray is before the lens.
    Covered,
    /// The lens is out of focus.
    Defocused,
    /// The camera looks, or is being turned, somewhere else.
    TurnedAway,
    /// A light shines into the lens.
    Blinded,
    /// The same picture comes again and again.
    Frozen,
}

//! Finds tampering: what is done to the camera itself.
//!
//! A few times a second the picture is held against what it has long been: does its coarse structure still correlate, is its fine
//! texture still there, is more of it clipped? Light that changes leaves the structure, an object takes a part of it; only what is
//! done to the camera takes most of it and stays. Must not judge what moves in the scene.

use super::tamper::Tamper;
use super::tamper_signs::{clipped_per_mille, correlation_q8, digest, fineness_q16, shrink};
use super::tiles::{TILE_PX, TILES_MAX};

/// Time between two looks. A camera slower than that is looked at in each frame.
const LOOK_US: u64 = 200_000;
/// Looks before anything is said: five seconds.
const LEARNING_LOOKS: u32 = 25;
/// The reference goes this part of the way (as a shift) in a look while it is learnt, …
const LEARN_SHIFT: u32 = 3;
/// … and afterwards: a time constant of 100 s, longer than anybody takes to turn a lens out of focus.
const FOLLOW_SHIFT: u32 = 9;
/// What looks like tampering must do so for so long. A car's headlights pass in less.
const HOLD_US: u64 = 3_000_000;
/// It is over when the picture has been as ever for so long.
const OVER_US: u64 = 2_000_000;
/// A picture without any change for so long is frozen: no sensor is without noise.
const FROZEN_US: u64 = 10_000_000;
/// Another view is taken for the camera's own after so long, …
const TURNED_ADOPTED_US: u64 = 300_000_000;
/// … and whatever else lasts, after an hour: it is the scene that has changed.
const ADOPTED_US: u64 = 3_600_000_000;
/// Correlation of the coarse structure below which the view is lost, Q8, …
const LOST_Q8: i32 = 72;
/// … and from which it is certainly the old one.
const SAME_Q8: i32 = 160;
/// Fine texture that is left, below which the picture is dull, Q8.
const DULL_Q8: u32 = 120;
/// Clipped pixels more than usual that make a light in the lens, in parts of a thousand.
const CLIPPED_PER_MILLE: u32 = 20;

/// What the picture looks like beside what it has long been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// Correlation of the coarse structure, Q8, -256..=256.
    pub structure_q8: i32,
    /// Fine texture that is left, Q8 of what is usual.
    pub fine_q8: u32,
    /// Clipped pixels, in parts of a thousand.
    pub clipped_per_mille: u32,
}

/// Watches over the camera.
pub struct TamperWatch {
    /// Mean grey level of each square, Q8: now, …
    coarse: [u16; TILES_MAX],
    /// … and usually.
    usual: [u16; TILES_MAX],
    usual_fine_q16: u64,
    usual_clipped: u32,
    looks: u32,
    looked_us: u64,
    signs: Signs,
    digest: u64,
    changed_us: u64,
    suspected: Option<Tamper>,
    /// Since when that is suspected, or nothing is.
    since_us: u64,
    /// Since when by that name.
    named_us: u64,
    reported: Option<Tamper>,
    reported_us: u64,
}

impl TamperWatch {
    /// Knows nothing.
    pub const fn new() -> Self {
        Self {
            coarse: [0; TILES_MAX],
            usual: [0; TILES_MAX],
            usual_fine_q16: 0,
            usual_clipped: 0,
            looks: 0,
            looked_us: 0,
            signs: Signs { structure_q8: 0, fine_q8: 0, clipped_per_mille: 0 },
            digest: 0,
            changed_us: 0,
            suspected: None,
            since_us: 0,
            named_us: 0,
            reported: None,
            reported_us: 0,
        }
    }

    /// Begins with another camera, or another size.
    pub fn begin(&mut self, now_us: u64) {
        self.looks = 0;
        self.looked_us = now_us;
        self.changed_us = now_us;
        self.digest = 0;
        self.suspected = None;
        self.since_us = now_us;
        self.reported = None;
    }

    /// Begins with the same view in another light, unless something is done to the camera.
    pub fn begin_anew(&mut self, now_us: u64) {
        if self.suspected.is_none() && self.reported.is_none() {
            self.begin(now_us);
        }
    }

    /// What was seen at the last look.
    pub fn signs(&self) -> Signs {
        self.signs
    }

    /// Looks at a frame; gives what is done to the camera.
    pub fn look(&mut self, luma: &[u8], width: usize, now_us: u64) -> Option<Tamper> {
        let digest = digest(luma);
        if digest != self.digest {
            (self.digest, self.changed_us) = (digest, now_us);
        }
        if now_us.saturating_sub(self.looked_us) >= LOOK_US {
            self.looked_us = now_us;
            let found = self.judge(luma, width, now_us);
            self.report(found, now_us);
        }
        self.reported
    }

    /// What this frame alone looks like.
    fn judge(&mut self, luma: &[u8], width: usize, now_us: u64) -> Option<Tamper> {
        let tiles = shrink(luma, width, &mut self.coarse);
        let (fine, clipped) = (fineness_q16(luma, width), clipped_per_mille(luma));
        if self.looks < LEARNING_LOOKS {
            self.looks += 1;
            self.follow(tiles, fine, clipped, if self.looks == 1 { 0 } else { LEARN_SHIFT });
            return None;
        }
        let columns = width.div_ceil(TILE_PX);
        self.signs = Signs {
            structure_q8: correlation_q8(&self.coarse[..tiles], &self.usual[..tiles], columns),
            fine_q8: ((fine << 8) / self.usual_fine_q16.max(1)).min(1 << 16) as u32,
            clipped_per_mille: clipped,
        };
        let found = self.name(now_us);
        if found.is_none() && self.suspected.is_none() && self.reported.is_none() {
            self.follow(tiles, fine, clipped, FOLLOW_SHIFT);
        }
        found
    }

    /// The name of what the signs say.
    fn name(&self, now_us: u64) -> Option<Tamper> {
        let Signs { structure_q8, fine_q8, clipped_per_mille } = self.signs;
        if now_us.saturating_sub(self.changed_us) >= FROZEN_US {
            return Some(Tamper::Frozen);
        }
        let is_dull = fine_q8 < DULL_Q8;
        if structure_q8 >= SAME_Q8 {
            return is_dull.then_some(Tamper::Defocused);
        }
        if structure_q8 >= LOST_Q8 {
            return is_dull.then_some(Tamper::Covered);
        }
        let glares = clipped_per_mille > self.usual_clipped + CLIPPED_PER_MILLE;
        Some(match (glares, is_dull) {
            (true, _) => Tamper::Blinded,
            (false, true) => Tamper::Covered,
            (false, false) => Tamper::Turned,
        })
    }

    fn report(&mut self, found: Option<Tamper>, now_us: u64) {
        if found != self.suspected {
            // What is lost by one name and goes on by another (a hand before it covers) goes on.
            if found.is_none() || self.suspected.is_none() {
                self.since_us = now_us;
            }
            (self.suspected, self.named_us) = (found, now_us);
        }
        let lasts_us = now_us.saturating_sub(self.since_us);
        match found {
            Some(kind) if self.reported.is_none() && (lasts_us >= HOLD_US || kind == Tamper::Frozen) => {
                (self.reported, self.reported_us) = (found, now_us);
            }
            Some(_)
                if self.reported.is_some()
                    && self.reported != found
                    && now_us.saturating_sub(self.named_us) >= HOLD_US =>
            {
                self.reported = found;
            }
            None if lasts_us >= OVER_US => self.reported = None,
            _ => {}
        }
        let limit_us = if self.reported == Some(Tamper::Turned) { TURNED_ADOPTED_US } else { ADOPTED_US };
        if self.reported.is_some_and(|kind| kind != Tamper::Frozen)
            && now_us.saturating_sub(self.reported_us) >= limit_us
        {
            self.begin(now_us);
        }
    }

    /// Takes a part of the present picture into the usual one.
    fn follow(&mut self, tiles: usize, fine: u64, clipped: u32, shift: u32) {
        for (usual, &now) in self.usual[..tiles].iter_mut().zip(&self.coarse) {
            *usual = towards(u64::from(*usual), u64::from(now), shift) as u16;
        }
        self.usual_fine_q16 = towards(self.usual_fine_q16, fine, shift);
        self.usual_clipped = towards(u64::from(self.usual_clipped), u64::from(clipped), shift) as u32;
    }
}

/// Goes from `from` a part of the way, at least one.
fn towards(from: u64, to: u64, shift: u32) -> u64 {
    let apart = from.abs_diff(to);
    let step = (apart >> shift).max(u64::from(apart > 0));
    if from < to { from + step } else { from - step }
}

//! Chance by seed: integer hashes, the same everywhere.
//!
//! Nothing here keeps state: what happens at a place and time is a function of seed, place and time.

/// Mixes all bits (the finaliser of SplitMix64, Steele et al. 2014).
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for a seed and a place in a sequence.
pub fn hash(seed: u64, index: u64) -> u64 {
    mix(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// A seed of its own for a part of the scene.
pub fn branch(seed: u64, part: u64) -> u64 {
    hash(seed ^ 0x5ce_4e5, part)
}

/// 0 (inclusive) to 1 (exclusive), from the top 24 bits.
pub fn unit_of(hash: u64) -> f32 {
    (hash >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// A stream of numbers for building things at the start.
#[derive(Debug, Clone)]
pub struct Dice {
    seed: u64,
    index: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice { seed, index: 0 }
    }

    pub fn next(&mut self) -> u64 {
        self.index += 1;
        hash(self.seed, self.index)
    }

    /// 0 to 1.
    pub fn unit(&mut self) -> f32 {
        unit_of(self.next())
    }

    /// `from` to `to`.
    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }
}

//! Evidence: a chain of hashes that tells a missing or altered clip from a complete record.
//!
//! Each line of the chain is one [`Link`]; it holds the SHA-256 of the line before, so the hash of the last line, the *head*,
//! stands for everything before it. The chain proves something only to whoever has seen its head: on the card it can be
//! written anew together with the clips by anybody who holds the card. Must not touch a file.

pub mod chain;
pub mod hash;
pub mod link;
pub mod segment;

#[cfg(test)]
mod tests;

pub use chain::{Chain, ChainFault, Seen};
pub use hash::{Hash, Hasher};
pub use link::{Link, LinkError, VIDEOS, What, Why};

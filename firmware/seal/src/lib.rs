//! Sealing: a stream encrypted to its owners' public keys, in the age v1 format.
//!
//! What comes out is a file that stock `age` and `rage` decrypt (<https://age-encryption.org/v1>, native X25519 recipients,
//! `age1...`). There is no secret key on the device, and nothing here can decrypt. Must not touch a file, nor make
//! randomness: the caller brings it.

mod error;
pub mod header;
mod key;
pub mod length;
#[cfg(any(test, feature = "opener"))]
#[allow(missing_docs, clippy::missing_panics_doc, reason = "for tests alone")]
pub mod opener;
pub mod recipient;
pub mod sealer;
mod stream;

#[cfg(test)]
mod tests;

pub use error::SealError;
pub use header::{HeaderError, header_end};
pub use length::{CHUNK_BYTES, Whole, header_bytes, padding_bytes, sealed_bytes, whole_chunks};
pub use recipient::{Recipient, RecipientError};
pub use sealer::Sealer;

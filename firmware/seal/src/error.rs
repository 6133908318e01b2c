//! Why something could not be sealed.

use std::io;

use super::length::RECIPIENTS_MAX;

/// Why something could not be sealed. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No recipients: nobody could ever open it.
    #[error("There is no key to seal for.")]
    NoRecipient,
    /// More than [`RECIPIENTS_MAX`].
    #[error("There are more than {RECIPIENTS_MAX} keys to seal for.")]
    TooManyRecipients,
    /// The caller's source of randomness failed.
    #[error("There is no randomness for a key: {0}")]
    Random(#[source] io::Error),
    /// The source of randomness gave zeros only.
    #[error("There is no randomness for a key: all of it is zero.")]
    RandomIsZero,
    /// A full last chunk was already given away, and an empty one must not follow it ([`super::Sealer::finish`]).
    #[error("Nothing is left for the end of the sealed stream.")]
    NothingLeft,
    /// The stream was finished, or failed before.
    #[error("The sealed stream has ended; nothing can be added to it.")]
    Ended,
    /// A cipher or hash did not take what it was given. Cannot happen with the lengths used here; stands where a panic would.
    #[error("A cipher refused its input.")]
    Refused,
}

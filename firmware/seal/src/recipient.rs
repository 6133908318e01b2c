//! Who something is sealed for: an age public key, `age1...`, read from text and written again.
//!
//! A secret key that was pasted by mistake is refused first of all, and no error holds any of the text.

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};

/// age, "The X25519 recipient type": what the Bech32 text begins with.
const PREFIX: Hrp = Hrp::parse_unchecked("age");
/// The same with Bech32's separator.
const BEGINNING: &str = "age1";
/// Characters of a key: [`BEGINNING`], 32 bytes at five bits a character, and six of checksum (BIP 173).
const CHARACTERS: usize = BEGINNING.len() + 52 + 6;
/// The characters behind the separator (BIP 173).
const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// What only a secret key contains, in upper or lower case.
const SECRET: &[u8] = b"age-secret-key";

/// A native age public key (X25519).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

/// What is wrong with a key. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// `AGE-SECRET-KEY-...`.
    #[error(
        "That is a secret key. It must never be given to a camera: use the public key that belongs to it, which begins with age1."
    )]
    SecretKey,
    /// Something else.
    #[error("A public key begins with age1.")]
    Beginning,
    /// `age1pq1...`, `age1yubikey1...` and the like.
    #[error(
        "Only the ordinary keys of age-keygen are known, not those of plugins nor post-quantum ones (age1...1...)."
    )]
    OtherKind,
    /// Upper case, or a mixture.
    #[error("A public key is written in lower case.")]
    Case,
    /// Something was left out or added.
    #[error("The key has {0} characters; it must have {CHARACTERS}.")]
    Length(
        /// How many there are.
        usize,
    ),
    /// A character that no key has.
    #[error(
        "Character {0} of the key is wrong: behind age1 it has only digits and small letters, and none of 1, b, i and o."
    )]
    Character(
        /// Its place, counted from 1.
        usize,
    ),
    /// The checksum does not fit.
    #[error("The key is misspelt: its checksum does not fit.")]
    Misspelt,
    /// No secret key has this public key: whatever is sealed for it is lost, or open to everybody.
    #[error("The key is spelled correctly, but no secret key can belong to it.")]
    NoSecretKey,
}

impl Recipient {
    /// The key's bytes (RFC 7748, 5: a u-coordinate).
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key from the bytes of a u-coordinate.
pub(crate) fn of_bytes(bytes: [u8; 32]) -> Result<Recipient, RecipientError> {
    if !is_reduced(&bytes) || is_low_order(&bytes) {
        return Err(RecipientError::NoSecretKey);
    }
    Ok(Recipient(bytes))
}

impl FromStr for Recipient {
    type Err = RecipientError;

    /// Reads a key; white space around it is passed over. The text is not kept: who is told [`RecipientError::SecretKey`]
    /// should wipe its own.
    fn from_str(text: &str) -> Result<Self, RecipientError> {
        if text.as_bytes().windows(SECRET.len()).any(|window| window.eq_ignore_ascii_case(SECRET)) {
            return Err(RecipientError::SecretKey);
        }
        let text = text.trim();
        let beginning = text.get(..BEGINNING.len()).unwrap_or_default();
        if !beginning.eq_ignore_ascii_case(BEGINNING) {
            return Err(RecipientError::Beginning);
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(RecipientError::Case);
        }
        let characters = text.chars().count();
        if characters != CHARACTERS {
            // A key with a 1 in it that has the right length is an ordinary one with a mistake: an l was read as 1.
            let is_other = text.chars().skip(BEGINNING.len()).any(|character| character == '1');
            return Err(if is_other {
                RecipientError::OtherKind
            } else {
                RecipientError::Length(characters)
            });
        }
        let is_wrong = |(at, character)| at >= BEGINNING.len() && !ALPHABET.contains(character);
        if let Some(at) = text.chars().enumerate().position(is_wrong) {
            return Err(RecipientError::Character(at + 1));
        }
        let checked = CheckedHrpstring::new::<Bech32>(text).map_err(|_| RecipientError::Misspelt)?;
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(checked.byte_iter()).for_each(|(byte, read)| *byte = read);
        let recipient = of_bytes(bytes)?;
        // 52 characters hold four bits more than 32 bytes; they must be zero, so that each key has one spelling.
        if recipient.to_string() == text { Ok(recipient) } else { Err(RecipientError::Misspelt) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32, _>(f, PREFIX, &self.0).map_err(|_| fmt::Error)
    }
}

/// Whether a u-coordinate is below p = 2^255 - 19, as `age-keygen` writes it. age puts the recipient's bytes into the salt of
/// the wrap key: another spelling of the same point would be sealed for, and never opened.
fn is_reduced(u: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = u;
    let is_at_least_p = *last == 0x7f && middle.iter().all(|byte| *byte == 0xff) && *first >= 0xed;
    *last < 0x80 && !is_at_least_p
}

/// Whether the point's order divides 8: then a shared secret is all zeros, whoever computes it (RFC 7748, 6.1). Every secret
/// is a multiple of 8 (clamped), so one of them shows it as well as another.
fn is_low_order(u: &[u8; 32]) -> bool {
    let any = StaticSecret::from([8; 32]);
    !any.diffie_hellman(&PublicKey::from(*u)).was_contributory()
}

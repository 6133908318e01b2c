//! Secret bytes: how they are drawn, derived from each other, and used once.
//!
//! All are wiped when dropped. What the compiler may leave on the stack when it moves them is not. Must not keep any.

use std::io;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SealError;
use super::length::TAG_BYTES;

/// age, "File key": 128 bits.
pub(crate) const FILE_KEY_BYTES: usize = 16;

/// Bytes that are wiped when dropped.
pub(crate) type Secret<const BYTES: usize> = Zeroizing<[u8; BYTES]>;

/// Draws bytes from the caller's source. A source that says yes and writes nothing is found out.
pub(crate) fn draw<const BYTES: usize>(
    random: &mut impl FnMut(&mut [u8]) -> io::Result<()>,
) -> Result<Secret<BYTES>, SealError> {
    let mut secret = Zeroizing::new([0; BYTES]);
    random(secret.as_mut_slice()).map_err(SealError::Random)?;
    if secret.iter().all(|byte| *byte == 0) {
        return Err(SealError::RandomIsZero);
    }
    Ok(secret)
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes, as age derives every key.
pub(crate) fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Result<Secret<32>, SealError> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, key.as_mut_slice())
        .map_err(|_| SealError::Refused)?;
    Ok(key)
}

/// The cipher (ChaCha20-Poly1305, RFC 8439) with this key.
pub(crate) fn cipher(key: &Secret<32>) -> Result<ChaCha20Poly1305, SealError> {
    ChaCha20Poly1305::new_from_slice(key.as_slice()).map_err(|_| SealError::Refused)
}

/// Encrypts in place, without additional data; the tag that belongs behind it.
pub(crate) fn encrypt(
    cipher: &ChaCha20Poly1305,
    nonce: [u8; 12],
    bytes: &mut [u8],
) -> Result<[u8; TAG_BYTES], SealError> {
    cipher
        .encrypt_inout_detached(&Nonce::from(nonce), b"", bytes.into())
        .map(Into::into)
        .map_err(|_| SealError::Refused)
}

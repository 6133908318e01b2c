//! age's header: written for some recipients, and its end found again in a file's beginning.
//!
//! Section names are those of <https://age-encryption.org/v1>. The finder takes what the writer writes, and nothing else of what
//! the format allows; it needs no key and proves nothing.

use std::io;

use base64ct::{Base64Unpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::key::{FILE_KEY_BYTES, Secret, cipher, derive, draw, encrypt};
use super::length::{BASE64_BYTES, END, NONCE_BYTES, RECIPIENTS_MAX, STANZA, TAG_BYTES, VERSION_LINE};
use super::{Recipient, SealError};

/// "X25519 recipient stanza": what the wrap key is bound to.
const WRAP_INFO: &[u8] = b"age-encryption.org/v1/X25519";
/// "Header MAC".
const MAC_INFO: &[u8] = b"header";

/// Why no header ends in a file's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is cut off.
    #[error("The header of the sealed file is cut off.")]
    Torn,
    /// Something else stands there.
    #[error("The file does not begin with a header as the camera writes it.")]
    NotOurs,
}

/// Appends the header, without the payload's nonce. Draws a secret for each recipient.
pub(crate) fn write_header(
    out: &mut Vec<u8>,
    file_key: &Secret<FILE_KEY_BYTES>,
    recipients: &[Recipient],
    random: &mut impl FnMut(&mut [u8]) -> io::Result<()>,
) -> Result<(), SealError> {
    let start = out.len();
    out.extend_from_slice(VERSION_LINE);
    for recipient in recipients {
        write_stanza(out, file_key, recipient, StaticSecret::from(*draw(random)?))?;
    }
    // "Header MAC": over everything up to the mark, without the space behind it.
    out.extend_from_slice(b"---");
    let mac_key = derive(file_key.as_slice(), &[], MAC_INFO)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(mac_key.as_slice()).map_err(|_| SealError::Refused)?;
    mac.update(out.get(start..).unwrap_or_default());
    out.push(b' ');
    write_base64(out, &mac.finalize().into_bytes().into())
}

/// "X25519 recipient stanza": the file key, wrapped for one recipient.
fn write_stanza(
    out: &mut Vec<u8>,
    file_key: &Secret<FILE_KEY_BYTES>,
    recipient: &Recipient,
    ephemeral: StaticSecret,
) -> Result<(), SealError> {
    let share = PublicKey::from(&ephemeral);
    let shared = ephemeral.diffie_hellman(&PublicKey::from(*recipient.as_bytes()));
    // No recipient is of low order, see there; this is age's own rule about it, at the place where it stands.
    if !shared.was_contributory() {
        return Err(SealError::Refused);
    }
    let salt = [share.as_bytes().as_slice(), recipient.as_bytes()].concat();
    let wrap_key = derive(shared.as_bytes(), &salt, WRAP_INFO)?;
    let mut body = Zeroizing::new([0; FILE_KEY_BYTES + TAG_BYTES]);
    let (wrapped, tag) = body.split_at_mut(FILE_KEY_BYTES);
    wrapped.copy_from_slice(file_key.as_slice());
    // The nonce may be fixed: the wrap key is used once.
    tag.copy_from_slice(&encrypt(&cipher(&wrap_key)?, [0; 12], wrapped)?);
    out.extend_from_slice(STANZA);
    write_base64(out, share.as_bytes())?;
    write_base64(out, &body)
}

/// Appends 32 bytes in base64, and a newline.
fn write_base64(out: &mut Vec<u8>, bytes: &[u8; 32]) -> Result<(), SealError> {
    let mut text = [0; BASE64_BYTES];
    let text = Base64Unpadded::encode(bytes, &mut text).map_err(|_| SealError::Refused)?;
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
    Ok(())
}

/// Where the header ends in a file that begins with these bytes, the payload's nonce included: what
/// [`super::whole_chunks`] wants. [`super::length::HEADER_BYTES_MAX`] bytes are enough, more are not looked at.
///
/// # Errors
/// See [`HeaderError`]; either way nothing can be opened.
pub fn header_end(beginning: &[u8]) -> Result<usize, HeaderError> {
    let mut rest = Rest(beginning);
    rest.skip(VERSION_LINE)?;
    let mut recipients = 0;
    while rest.is_at(STANZA)? {
        recipients += 1;
        if recipients > RECIPIENTS_MAX {
            return Err(HeaderError::NotOurs);
        }
        rest.skip(STANZA)?;
        rest.skip_base64()?;
        rest.skip_base64()?;
    }
    if recipients == 0 {
        return Err(HeaderError::NotOurs);
    }
    rest.skip(END)?;
    rest.skip_base64()?;
    rest.take(NONCE_BYTES)?;
    Ok(beginning.len() - rest.0.len())
}

/// What was not looked at yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], HeaderError> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(HeaderError::Torn)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Whether these bytes come next, rather than [`END`].
    fn is_at(&self, expected: &[u8]) -> Result<bool, HeaderError> {
        let is_torn = self.0.len() < expected.len() && expected.starts_with(self.0);
        if is_torn { Err(HeaderError::Torn) } else { Ok(self.0.starts_with(expected)) }
    }

    fn skip(&mut self, expected: &[u8]) -> Result<(), HeaderError> {
        if !self.is_at(expected)? {
            return Err(HeaderError::NotOurs);
        }
        self.take(expected.len()).map(drop)
    }

    /// 32 bytes in base64 and a newline.
    fn skip_base64(&mut self) -> Result<(), HeaderError> {
        let present = self.0.get(..BASE64_BYTES).unwrap_or(self.0);
        if !present.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
            return Err(HeaderError::NotOurs);
        }
        let text = self.take(BASE64_BYTES)?;
        // The last character holds two bits that must be zero (RFC 4648, 3.5).
        Base64Unpadded::decode(text, &mut [0; 32]).map_err(|_| HeaderError::NotOurs)?;
        self.skip(b"\n")
    }
}

//! Opens what was sealed, as far as it is whole: for tests alone. Must not be in the product.

use base64ct::{Base64Unpadded, Encoding as _};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::{CHUNK_BYTES, header_end};

/// What came out of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The plaintext of all chunks that are whole and follow each other.
    pub plaintext: Vec<u8>,
    /// Whether the last of them says so.
    pub is_finished: bool,
}

fn derive(secret: &[u8], salt: &[u8], info: &str) -> ChaCha20Poly1305 {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info.as_bytes(), &mut key).expect("a length");
    ChaCha20Poly1305::new(&key.into())
}

fn decrypt(cipher: &ChaCha20Poly1305, nonce: [u8; 12], sealed: &[u8]) -> Option<Vec<u8>> {
    let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
    let mut text = text.to_vec();
    let tag = Tag::try_from(tag).ok()?;
    cipher.decrypt_inout_detached(&Nonce::from(nonce), b"", text.as_mut_slice().into(), &tag).ok()?;
    Some(text)
}

/// The file key, if one of the stanzas is for this secret.
pub fn file_key(file: &[u8], secret: [u8; 32]) -> Option<Vec<u8>> {
    let secret = StaticSecret::from(secret);
    let header = std::str::from_utf8(&file[..header_end(file).ok()? - 16]).ok()?;
    let mut lines = header.lines();
    while let Some(line) = lines.next() {
        let Some(share) = line.strip_prefix("-> X25519 ") else { continue };
        let (mut share_bytes, mut body) = ([0; 32], [0; 32]);
        Base64Unpadded::decode(share, &mut share_bytes).ok()?;
        Base64Unpadded::decode(lines.next()?, &mut body).ok()?;
        let shared = secret.diffie_hellman(&PublicKey::from(share_bytes));
        let salt = [share_bytes, PublicKey::from(&secret).to_bytes()].concat();
        let cipher = derive(shared.as_bytes(), &salt, "age-encryption.org/v1/X25519");
        if let Some(key) = decrypt(&cipher, [0; 12], &body) {
            return Some(key);
        }
    }
    None
}

/// Opens a file as far as it goes. `None` without a header for this secret.
pub fn open(file: &[u8], secret: [u8; 32]) -> Option<Opened> {
    let key = file_key(file, secret)?;
    let (header, payload) = file.split_at(header_end(file).ok()?);
    let cipher = derive(&key, &header[header.len() - 16..], "payload");
    let mut opened = Opened::default();
    for (number, chunk) in payload.chunks(CHUNK_BYTES + 16).enumerate() {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        let mut last = nonce;
        last[11] = 1;
        let ordinary = decrypt(&cipher, nonce, chunk).filter(|text| text.len() == CHUNK_BYTES);
        opened.is_finished = ordinary.is_none();
        let Some(text) = ordinary.or_else(|| decrypt(&cipher, last, chunk)) else {
            opened.is_finished = false;
            break;
        };
        opened.plaintext.extend(text);
    }
    Some(opened)
}

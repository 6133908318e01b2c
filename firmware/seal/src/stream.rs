//! age's payload: chunks, each encrypted under its own number, and no number twice.
//!
//! Must not know what is in a chunk, nor where it goes.

use chacha20poly1305::ChaCha20Poly1305;

use super::SealError;
use super::key::{FILE_KEY_BYTES, Secret, cipher, derive, encrypt};
use super::length::{CHUNK_BYTES, NONCE_BYTES, TAG_BYTES};

/// age, "Payload".
const PAYLOAD_INFO: &[u8] = b"payload";

/// The chunks of one file. Neither cloned nor set back: a number that was used is gone, whatever became of its chunk.
pub(crate) struct Stream {
    cipher: ChaCha20Poly1305,
    /// The number of the next chunk; `None` behind the last one, and after a failure.
    next: Option<u64>,
}

impl Stream {
    pub(crate) fn new(
        file_key: &Secret<FILE_KEY_BYTES>,
        nonce: &[u8; NONCE_BYTES],
    ) -> Result<Self, SealError> {
        let key = derive(file_key.as_slice(), nonce, PAYLOAD_INFO)?;
        Ok(Self { cipher: cipher(&key)?, next: Some(0) })
    }

    /// Whether nothing can be added any more.
    pub(crate) fn is_over(&self) -> bool {
        self.next.is_none()
    }

    /// Whether no chunk was encrypted yet.
    pub(crate) fn is_at_start(&self) -> bool {
        self.next == Some(0)
    }

    /// Appends the next chunk. Only the last one may be shorter than [`CHUNK_BYTES`], and empty only if it is the first.
    /// On an error `out` is as it was, and the stream is over.
    pub(crate) fn seal(
        &mut self,
        plaintext: &[u8],
        is_last: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        // Taken before it is used, so that no way out leaves it to be used again.
        let number = self.next.take().ok_or(SealError::Ended)?;
        debug_assert!(plaintext.len() <= CHUNK_BYTES && (is_last || plaintext.len() == CHUNK_BYTES));
        let start = out.len();
        // At once, so that `out` does not move while there is plaintext in it.
        out.reserve(plaintext.len() + TAG_BYTES);
        out.extend_from_slice(plaintext);
        let place = out.get_mut(start..).ok_or(SealError::Refused)?;
        match encrypt(&self.cipher, chunk_nonce(number, is_last), place) {
            Ok(tag) => out.extend_from_slice(&tag),
            Err(error) => {
                out.truncate(start);
                return Err(error);
            }
        }
        if !is_last {
            self.next = number.checked_add(1);
        }
        Ok(())
    }
}

/// age, "Payload": eleven bytes of big-endian counter, and whether it is the last.
fn chunk_nonce(number: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    let (counter, flag) = nonce.split_at_mut(11);
    counter.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(byte, digit)| *byte = digit);
    flag.fill(u8::from(is_last));
    nonce
}

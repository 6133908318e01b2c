//! Seals one file: plaintext goes in, what is to be appended to the file comes out, once.
//!
//! ```text
//! begin ─▶ push ... ─▶ unwritten ─▶ (append, sync) ─▶ written ─▶ push ... ─▶ finish ─▶ unwritten ...
//!                          ▲               │ the card refused: cut the file back to written_bytes
//!                          └───────────────┘
//! ```
//!
//! Two different texts under one chunk number would give both away. So what was sealed stays in the *outbox* until the caller
//! says that it is on the card, and the same bytes are written again when a write failed: no call seals a chunk twice. Must not
//! decide when to write.

use std::io;

use zeroize::Zeroizing;

use super::header::write_header;
use super::key::{FILE_KEY_BYTES, draw};
use super::length::{CHUNK_BYTES, NONCE_BYTES, RECIPIENTS_MAX, padding_bytes};
use super::stream::Stream;
use super::{Recipient, SealError};

/// Seals one file. Keys and plaintext are wiped when it is dropped.
pub struct Sealer {
    stream: Stream,
    /// Plaintext of the chunk that is not full yet. Its room is that of a chunk from the start, so it never moves.
    open: Zeroizing<Vec<u8>>,
    /// Sealed, and not known to be in the file. Never plaintext.
    outbox: Vec<u8>,
    written_bytes: u64,
}

impl Sealer {
    /// Begins a file that each of the recipients can open alone. Its header is the first that is unwritten.
    ///
    /// `random` fills the bytes it is given from the system's generator (`getrandom(2)`): the file key, a secret for each
    /// recipient, the payload's nonce. `outbox` is emptied and used, for its room: see [`Sealer::into_outbox`].
    ///
    /// # Errors
    /// No recipients or more than [`RECIPIENTS_MAX`]; no randomness.
    pub fn begin(
        recipients: &[Recipient],
        random: &mut impl FnMut(&mut [u8]) -> io::Result<()>,
        mut outbox: Vec<u8>,
    ) -> Result<Self, SealError> {
        if recipients.is_empty() {
            return Err(SealError::NoRecipient);
        }
        if recipients.len() > RECIPIENTS_MAX {
            return Err(SealError::TooManyRecipients);
        }
        outbox.clear();
        let file_key = draw::<FILE_KEY_BYTES>(random)?;
        write_header(&mut outbox, &file_key, recipients, random)?;
        let nonce = draw::<NONCE_BYTES>(random)?;
        outbox.extend_from_slice(nonce.as_slice());
        let stream = Stream::new(&file_key, &nonce)?;
        Ok(Self { stream, open: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)), outbox, written_bytes: 0 })
    }

    /// Seals more plaintext. Every chunk that gets full is unwritten at once; the rest, less than a chunk, waits for more and
    /// is not in the file until then: see [`Sealer::padding_bytes`].
    ///
    /// # Errors
    /// [`SealError::Ended`] after [`Sealer::finish`], and after any [`SealError::Refused`].
    pub fn push(&mut self, plaintext: &[u8]) -> Result<(), SealError> {
        if self.stream.is_over() {
            return Err(SealError::Ended);
        }
        let mut rest = plaintext;
        if !self.open.is_empty() {
            let room = CHUNK_BYTES - self.open.len();
            let (fits, behind) = plaintext.split_at(room.min(plaintext.len()));
            self.open.extend_from_slice(fits);
            if self.open.len() < CHUNK_BYTES {
                return Ok(());
            }
            self.stream.seal(&self.open, false, &mut self.outbox)?;
            self.open.clear();
            rest = behind;
        }
        let (chunks, rest) = rest.as_chunks::<CHUNK_BYTES>();
        for chunk in chunks {
            self.stream.seal(chunk, false, &mut self.outbox)?;
        }
        self.open.extend_from_slice(rest);
        Ok(())
    }

    /// Seals the end of the plaintext: after that the file is complete, once it is written.
    ///
    /// # Errors
    /// [`SealError::NothingLeft`] when `plaintext` is empty and no chunk is open, unless the file is empty altogether (age,
    /// "Payload": the final chunk must not be empty unless the whole payload is). The sealer is as before: keep something for
    /// the end, a box of 8 bytes is enough. Else as [`Sealer::push`].
    pub fn finish(&mut self, plaintext: &[u8]) -> Result<(), SealError> {
        if self.stream.is_over() {
            return Err(SealError::Ended);
        }
        if plaintext.is_empty() && self.open.is_empty() && !self.stream.is_at_start() {
            return Err(SealError::NothingLeft);
        }
        // The last byte is held back, so that at least one is there for the last chunk; it may be what makes it full.
        let (before, last) = plaintext.split_at(plaintext.len().saturating_sub(1));
        self.push(before)?;
        self.open.extend_from_slice(last);
        self.stream.seal(&self.open, true, &mut self.outbox)?;
        self.open.clear();
        Ok(())
    }

    /// Plaintext bytes until the open chunk is full; 0 when none is open.
    pub fn room_in_chunk(&self) -> usize {
        self.padding_bytes(0)
    }

    /// How much to push so that everything so far becomes whole chunks, if fewer than `least` cannot be added (8 for an MP4
    /// `free` box): 0 when nothing waits.
    pub fn padding_bytes(&self, least: usize) -> usize {
        padding_bytes(self.open.len() as u64, least)
    }

    /// What is to be appended to the file: sealed, and not reported as written. Until [`Sealer::written`] they stay the
    /// same; only more come behind them.
    pub fn unwritten(&self) -> &[u8] {
        &self.outbox
    }

    /// So many of the [`Sealer::unwritten`] bytes, from their beginning, are in the file. They are forgotten here and cannot be
    /// had again. Takes a number, so that what was pushed while the card was busy is not taken for written.
    pub fn written(&mut self, bytes: usize) {
        let bytes = bytes.min(self.outbox.len());
        self.outbox.drain(..bytes);
        self.written_bytes += bytes as u64;
    }

    /// The file's length up to what was reported as written: where a file is cut back to before the unwritten bytes are
    /// appended again.
    pub fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Ends it here and gives the outbox's room back, for the next file. What was unwritten is lost, and may never be made
    /// up for: the file ends at [`Sealer::written_bytes`].
    pub fn into_outbox(mut self) -> Vec<u8> {
        self.outbox.clear();
        self.outbox
    }
}

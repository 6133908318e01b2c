//! Lengths: what a sealed file's parts take, and how much of a file that was cut off is whole.
//!
//! All of it follows from the format, none from a file's content or a key.

/// age, "Payload": plaintext bytes of a chunk; the last one may have fewer.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Poly1305's tag behind each chunk (RFC 8439, 2.8).
pub const TAG_BYTES: usize = 16;
/// What a full chunk takes in the file.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// Most recipients: an owner, who he trusts and spare keys; so many that a header stays within half a page of memory.
pub const RECIPIENTS_MAX: usize = 16;
/// Longest header that is written, see [`header_bytes`].
pub const HEADER_BYTES_MAX: usize = header_bytes(RECIPIENTS_MAX);

/// age, "Version line".
pub(crate) const VERSION_LINE: &[u8] = b"age-encryption.org/v1\n";
/// age, "X25519 recipient stanza": before the share.
pub(crate) const STANZA: &[u8] = b"-> X25519 ";
/// age, "Header MAC": before the MAC, which covers the header up to and without the space.
pub(crate) const END: &[u8] = b"--- ";
/// 32 bytes in base64 without padding (RFC 4648, 4): a share, a wrapped file key with its tag, a MAC.
pub(crate) const BASE64_BYTES: usize = 43;
/// age, "Payload": the nonce that comes first.
pub(crate) const NONCE_BYTES: usize = 16;

/// Bytes before the first chunk, the payload's nonce included, for so many recipients.
pub const fn header_bytes(recipients: usize) -> usize {
    let stanza = STANZA.len() + BASE64_BYTES + 1 + BASE64_BYTES + 1;
    VERSION_LINE.len() + recipients * stanza + END.len() + BASE64_BYTES + 1 + NONCE_BYTES
}

/// Bytes of the whole file for so many of plaintext, sealed to so many recipients and finished.
pub const fn sealed_bytes(recipients: usize, plaintext_bytes: u64) -> u64 {
    // An empty plaintext has a chunk too.
    let chunks = plaintext_bytes.div_ceil(CHUNK_BYTES as u64);
    let tags = if chunks == 0 { 1 } else { chunks } * TAG_BYTES as u64;
    (header_bytes(recipients) as u64).saturating_add(plaintext_bytes).saturating_add(tags)
}

/// Plaintext bytes that complete the current chunk when `plaintext_bytes` came so far, if one cannot add fewer than `least`
/// (8, the header of an MP4 box): 0 when none is open, else the fewest that reach a boundary.
pub const fn padding_bytes(plaintext_bytes: u64, least: usize) -> usize {
    // Less than a chunk, so it fits every usize.
    let open = (plaintext_bytes % CHUNK_BYTES as u64) as usize;
    if open == 0 {
        return 0;
    }
    let room = CHUNK_BYTES - open;
    room + least.saturating_sub(room).div_ceil(CHUNK_BYTES) * CHUNK_BYTES
}

/// The whole part of a sealed file that nobody finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Where its last whole chunk ends.
    pub bytes: u64,
    /// What that opens to.
    pub plaintext_bytes: u64,
}

/// How much of an unfinished file is whole chunks, from lengths alone: its own, and its header's as [`super::header_end`] says.
/// `None` when not even the header is there. For a finished file it would leave out the last chunk.
///
/// A chunk that is whole by its length may still hold what a power cut left there instead of it: only what was synced counts,
/// and only its owner can open it to see.
pub const fn whole_chunks(file_bytes: u64, header_bytes: u64) -> Option<Whole> {
    let Some(payload) = file_bytes.checked_sub(header_bytes) else { return None };
    let chunks = payload / SEALED_CHUNK_BYTES as u64;
    Some(Whole {
        bytes: header_bytes + chunks * SEALED_CHUNK_BYTES as u64,
        plaintext_bytes: chunks * CHUNK_BYTES as u64,
    })
}

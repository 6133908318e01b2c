//! Samples over a card's whole size: they show whether it has the room that it claims.
//!
//! A fake card says a large size and has a small memory. Beyond its end it drops what is written, or begins anew at the
//! front. The image is only written to the front, but the clips will fill the rest, years later. There is at least one
//! sample in each length of the image: wherever such a card begins anew, some sample falls into the image's place. There
//! the image, written afterwards, spoils it, or, in the start that is still empty, it stands out. After the idea of f3probe (Digirati, "f3"), which also finds rarer kinds.

use sha2::{Digest as _, Sha256};

use super::transfer::ALIGN_BYTES;

/// Bytes of a sample.
pub const SAMPLE_BYTES: usize = ALIGN_BYTES;

/// The samples of one card.
#[derive(Debug, Clone)]
pub struct Samples {
    first: u64,
    last: u64,
    step: u64,
    nonce: u64,
}

impl Samples {
    /// Samples behind an image on a card, both sizes multiples of [`ALIGN_BYTES`]; none where there is no room.
    #[must_use]
    pub fn new(image_bytes: u64, card_bytes: u64, nonce: u64) -> Self {
        let last = card_bytes.saturating_sub(SAMPLE_BYTES as u64);
        // Less one sample, so that none lies across the image's edge.
        let step = image_bytes.saturating_sub(SAMPLE_BYTES as u64).max(SAMPLE_BYTES as u64);
        Self { first: image_bytes, last, step, nonce }
    }

    /// Where they lie; the last one is at the very end of the card.
    pub fn places(&self) -> impl Iterator<Item = u64> + use<> {
        let (first, last) = (self.first, self.last);
        (first..last)
            .step_by(usize::try_from(self.step).unwrap_or(usize::MAX))
            .chain((first <= last).then_some(last))
    }

    /// What is written at `offset`: bytes that no other place of any card has.
    pub fn fill(&self, offset: u64, sample: &mut [u8]) {
        let seed = [self.nonce.to_le_bytes(), offset.to_le_bytes()].concat();
        let hash = Sha256::digest(seed);
        for (byte, value) in sample.iter_mut().zip(hash.iter().cycle()) {
            *byte = *value;
        }
    }
}

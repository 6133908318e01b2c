//! What the guard's threads know of the card.
//!
//! Its troubles, for LED and `status`, and the gate between keeper and record.
//! The keeper closes and opens the gate; record obeys and says when it holds nothing of the card any more. No lock is held
//! across an operation on the card. It must not decide anything.

use super::shared::lock;
use crate::control::CardStatus;
use crate::record::DropReason;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who sees a trouble, most telling first. Each clears its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The keeper: there is no card, or it is out of use.
    Gate,
    /// The keeper: the card does not answer.
    Silence,
    /// The recorder: the card is full.
    Room,
}

/// Every source.
const SOURCES: usize = 3;

/// See the module.
#[derive(Debug, Default)]
pub struct Card {
    status: Mutex<CardStatus>,
    troubles: Mutex<[String; SOURCES]>,
    gate: Mutex<Option<DropReason>>,
    disk: Mutex<Option<PathBuf>>,
    has_failed: AtomicBool,
    is_released: AtomicBool,
}

impl Card {
    /// Makes a trouble known, in `status` and on the LED; an empty text clears it.
    pub fn set_trouble(&self, source: Source, text: &str) {
        if let Some(trouble) = lock(&self.troubles).get_mut(source as usize) {
            text.clone_into(trouble);
        }
    }

    /// Whether clips can be written.
    pub fn is_ok(&self) -> bool {
        lock(&self.troubles).iter().all(String::is_empty)
    }

    /// Clips cannot be written, or all earlier ones were lost and nobody has said that he knows.
    pub fn wants_attention(&self) -> bool {
        !self.is_ok() || self.made_anew_s().is_some()
    }

    /// When the clips partition was made anew, seconds since 1970, until somebody says that he knows.
    pub fn made_anew_s(&self) -> Option<u64> {
        lock(&self.status).made_anew_s
    }

    /// Notes when the clips partition was made anew, or that somebody knows.
    pub fn set_made_anew_s(&self, made_anew_s: Option<u64>) {
        lock(&self.status).made_anew_s = made_anew_s;
    }

    /// For `status`.
    pub fn status(&self) -> CardStatus {
        let text = lock(&self.troubles).iter().find(|text| !text.is_empty()).cloned().unwrap_or_default();
        CardStatus { ok: text.is_empty(), text, ..lock(&self.status).clone() }
    }

    /// Notes what is free.
    pub fn set_free(&self, free_bytes: u64, total_bytes: u64) {
        let mut status = lock(&self.status);
        (status.free_bytes, status.total_bytes) = (free_bytes, total_bytes);
    }

    /// Notes what was written: clips, their bytes, and what the card was given to write in all.
    pub fn set_written(&self, clips: u64, clip_bytes: u64, written_bytes: u64) {
        let mut status = lock(&self.status);
        (status.clips_written, status.clip_bytes, status.written_bytes) = (clips, clip_bytes, written_bytes);
    }

    /// Notes where the chain of hashes ends.
    pub fn set_chain(&self, links: u64, head: String) {
        let mut status = lock(&self.status);
        (status.links, status.head) = (links, head);
    }

    /// From now on frames are lost to `reason`; record shall let go of the card.
    pub fn close(&self, reason: DropReason) {
        *lock(&self.gate) = Some(reason);
    }

    /// The card can be used again.
    pub fn open(&self) {
        self.has_failed.store(false, Ordering::Release);
        *lock(&self.gate) = None;
    }

    /// Why the card is out of use, if it is.
    pub fn closed(&self) -> Option<DropReason> {
        *lock(&self.gate)
    }

    /// Record says whether it holds nothing of the card.
    pub fn set_released(&self, is_released: bool) {
        self.is_released.store(is_released, Ordering::Release);
    }

    /// Whether record holds nothing of the card.
    pub fn is_released(&self) -> bool {
        self.is_released.load(Ordering::Acquire)
    }

    /// An operation on the card has failed.
    pub fn note_failure(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    /// Whether an operation on the card has failed since the gate was opened.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Where our card is, if there is one.
    pub fn disk(&self) -> Option<PathBuf> {
        lock(&self.disk).clone()
    }

    /// Notes where our card is.
    pub fn set_disk(&self, disk: Option<PathBuf>) {
        *lock(&self.disk) = disk;
    }
}

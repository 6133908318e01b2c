//! Tests of recording: what goes across its files, judged from outside by the bytes on the disk.

mod boxes;
mod chain;
mod events;
mod faults;
mod film;
mod names;
mod playable;
mod power_cuts;
mod room;
mod sealed;
mod sim_card;
mod sim_cut;
mod sim_folder;
mod sim_judge;
mod sim_lies;
mod sim_read;
mod sim_stage;
mod sim_workload;
mod sim_workloads;
mod torn;

use std::collections::BTreeMap;
use std::io;

use super::mend::Mended;
use super::{Cause, ClipName, DropReason, EventStart, Folder, Limits, Outcome, Sink, Verdict};

/// The time of the first frame in most tests: not 0, so that absolute and relative times differ.
pub(super) const START_US: u64 = 500_000_000;

/// A frame that knows its number.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub number: usize,
    pub bytes: Vec<u8>,
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl super::shot::Shot for Frame {}

/// Takes back frames and holds that each comes once.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub verdicts: BTreeMap<usize, Verdict>,
    pub outcomes: Vec<Outcome>,
}

impl Sink<Frame> for Ledger {
    fn settle(&mut self, frame: Frame, verdict: Verdict) {
        let before = self.verdicts.insert(frame.number, verdict);
        assert_eq!(before, None, "frame {} came back twice", frame.number);
    }

    fn report(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }
}

impl Ledger {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.values().filter(|v| **v == verdict).count()
    }

    pub fn dropped(&self) -> usize {
        self.verdicts.values().filter(|v| matches!(v, Verdict::Dropped(_))).count()
    }

    pub fn sentences(&self) -> Vec<&str> {
        let mut sentences = Vec::new();
        for outcome in &self.outcomes {
            if let Outcome::Failed { sentence, .. } = outcome {
                sentences.push(sentence.as_str());
            }
        }
        sentences
    }

    pub fn lost_to(&self, reason: DropReason) -> usize {
        self.count(Verdict::Dropped(reason))
    }
}

/// What mending did to clips that needed it.
pub(super) fn mend(folder: &impl Folder) -> io::Result<Vec<(ClipName, io::Result<Mended>)>> {
    let needed = |(name, what): (ClipName, io::Result<Option<Mended>>)| Some((name, what.transpose()?));
    Ok(super::mend::mend(folder)?.into_iter().filter_map(needed).collect())
}

pub(super) fn limits() -> Limits {
    Limits { clip_ms_max: 60_000, keep_free_percent: 1, used_bytes_max: None, seal_keys: [None; 2] }
}

/// An event at [`START_US`] of the frames' clock.
pub(super) fn event() -> EventStart {
    EventStart {
        wall_us: 1_486_049_622_161_868,
        wall_trusted: true,
        monotonic_us: START_US,
        region: [308, 250, 346, 329],
        changes: 194,
        token_seed: 344,
        instance_name: "frontdoor".try_into().expect("a name"),
        width_px: 64,
        height_px: 48,
        pre_roll_ms: 0,
        cause: Cause::Motion,
        has_lines: false,
    }
}

/// A JPEG picture of 64x48 that differs from number to number.
pub(super) fn jpeg(number: usize) -> Frame {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
    let pixel = |at: usize| (at.wrapping_mul(number + 3) % 251) as u8;
    let pixels: Vec<u8> = (0..64 * 48).map(pixel).collect();
    encoder.encode(&pixels, 64, 48, jpeg_encoder::ColorType::Luma).expect("encodes");
    Frame { number, bytes }
}

/// Not a picture, but marked at both ends like one.
pub(super) fn marked(number: usize, length: usize) -> Frame {
    let mut bytes = vec![number as u8; length.max(4)];
    let end = bytes.len();
    bytes[..2].copy_from_slice(&[0xff, 0xd8]);
    bytes[end - 2..].copy_from_slice(&[0xff, 0xd9]);
    Frame { number, bytes }
}

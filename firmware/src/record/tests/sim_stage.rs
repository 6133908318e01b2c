//! The stage of the simulated power cuts: the real recorder on a simulated card, and everything that it said, with the
//! moment at which it said it.
//!
//! What is started here is what the record thread does: mend, then record. Must not judge.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::chain::Head;
use super::super::{DropReason, EventStart, Extension, Limits, Outcome, Recorder, Sink, Verdict};
use super::sim_card::{Content, NameChange, Operation, SimCard};
use super::{Frame, START_US, event, mend};

/// The shortest frame; most of a fragment's frames share a sector with another one.
const FRAME_BYTES_MIN: usize = 150;
/// Rounds of the record thread before the first event: each adds one clip to the chain that is not in it.
const TICKS_AT_START: usize = 3;
/// Where a frame's number stands in it.
const NUMBER_AT: usize = 2;

/// Marked like a picture, of a length and a content of its own.
pub(super) fn picture(number: usize, more_bytes: usize) -> Frame {
    let length = FRAME_BYTES_MIN + number * 37 % 200 + more_bytes;
    let mut bytes: Vec<u8> = (0..length).map(|at| (number * 31 + at * 7) as u8).collect();
    bytes[..2].copy_from_slice(&[0xff, 0xd8]);
    bytes[NUMBER_AT..NUMBER_AT + 4].copy_from_slice(&(number as u32).to_be_bytes());
    bytes[length - 2..].copy_from_slice(&[0xff, 0xd9]);
    Frame { number, bytes }
}

/// The number of a picture, if it is one, unspoiled.
pub(super) fn number_of(bytes: &[u8]) -> Option<usize> {
    let number = u32::from_be_bytes(bytes.get(NUMBER_AT..NUMBER_AT + 4)?.try_into().ok()?) as usize;
    let more_bytes = bytes.len().checked_sub(FRAME_BYTES_MIN + number.checked_mul(37)? % 200)?;
    (picture(number, more_bytes).bytes == bytes).then_some(number)
}

/// When a process that is dead says something.
const NEVER: usize = usize::MAX;

/// A clip that was reported finished.
#[derive(Clone, Debug)]
pub(super) struct Finished {
    /// How many operations there had been; [`NEVER`]: the process died just before, the clip is whole all the same.
    pub at: usize,
    pub video: String,
    pub content: Rc<Content>,
}

/// What the recorder said.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// What became of each frame, and how many operations there had been.
    pub verdicts: BTreeMap<usize, (usize, Verdict)>,
    pub finished: Vec<Finished>,
    /// The ends of the chain, by number and hash, and how many operations there had been.
    pub heads: Vec<(usize, u64, String)>,
    /// Clips whose description the card refused, as was told.
    pub undescribed: BTreeSet<String>,
    /// When each file was removed for the first time.
    pub removed: BTreeMap<Rc<str>, usize>,
    pub failures: Vec<String>,
    pub given: usize,
    /// What must never be.
    pub faults: Vec<String>,
}

/// Hears what the recorder says, and at which of the card's operations.
struct Ear {
    card: SimCard,
    said: Said,
}

impl Sink<Frame> for Ear {
    fn settle(&mut self, frame: Frame, verdict: Verdict) {
        let before = self.said.verdicts.insert(frame.number, (self.card.position(), verdict));
        if before.is_some() {
            self.said.faults.push(format!("frame {} came back twice", frame.number));
        }
        if verdict == Verdict::Recorded && self.card.is_dead() {
            self.said.faults.push(format!("frame {} was recorded by a card that is dead", frame.number));
        }
    }

    fn report(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::ClipFinished { name, .. } => {
                let video = name.file_name(Extension::Video);
                let at = if self.card.is_dead() { NEVER } else { self.card.position() };
                match self.card.files().get(video.as_str()) {
                    Some(content) => {
                        self.said.finished.push(Finished { at, video, content: content.clone() })
                    }
                    None => self.said.faults.push(format!("{video} is finished and not there")),
                }
            }
            _ if self.card.is_dead() => {}
            Outcome::Mended { name, what: Err(error) } => {
                self.said.faults.push(format!("{name} is not mended: {error}"));
            }
            Outcome::NotChained { sentence } if sentence.contains("cannot be listed") => {
                self.said.faults.push(format!("mending fails: {sentence}"));
            }
            Outcome::NotChained { sentence } => self.said.failures.push(sentence),
            Outcome::Failed { sentence, .. } => {
                if let Some(rest) = sentence.strip_prefix("The description of the clip ") {
                    let name = rest.split(' ').next().unwrap_or_default();
                    self.said.undescribed.insert(format!("{name}.mp4"));
                }
                self.said.failures.push(sentence);
            }
            _ => {}
        }
    }
}

/// A process that records on a card.
pub(super) struct Stage {
    pub card: SimCard,
    ear: Ear,
    recorder: Recorder<Frame, SimCard>,
    /// As it was last shown.
    head: Option<Head>,
    next: usize,
    pub now_us: u64,
    /// Frames are longer by this much than the shortest.
    pub more_bytes: usize,
}

pub(super) fn limits() -> Limits {
    Limits { clip_ms_max: 60_000, keep_free_percent: 1, used_bytes_max: None, seal_keys: [None; 2] }
}

impl Stage {
    /// The recorder at its start; frames are counted from `next`.
    pub fn new(card: SimCard, next: usize, now_us: u64) -> Self {
        let ear = Ear { card: card.clone(), said: Said::default() };
        let recorder = Recorder::new(card.clone(), limits());
        Self { card, ear, recorder, head: None, next, now_us, more_bytes: 0 }
    }

    /// What the record thread does first: takes up the card, links what is not in the chain.
    pub fn start(&mut self) {
        self.recorder.take_up(&mut self.ear);
        self.note_head();
        self.mend_again();
        (0..TICKS_AT_START).for_each(|_| self.tick(500_000));
    }

    /// A second time changes nothing.
    fn mend_again(&mut self) {
        let before = self.card.position();
        let again = mend(&self.card);
        if !matches!(&again, Ok(done) if done.is_empty()) || self.card.position() != before {
            self.ear.said.faults.push(format!("mending again is not nothing: {again:?}"));
        }
    }

    pub fn set_clip_ms_max(&mut self, clip_ms_max: u32) {
        self.recorder.set_limits(Limits { clip_ms_max, ..limits() });
    }

    /// An event begins now, with that much pre-roll still to come.
    pub fn begin(&mut self, pre_roll_ms: u32) {
        let pre_roll_us = u64::from(pre_roll_ms) * 1000;
        let at_us = self.now_us + pre_roll_us;
        let wall_us = event().wall_us + at_us - START_US;
        let start = EventStart { wall_us, monotonic_us: at_us, pre_roll_ms, ..event() };
        self.recorder.begin(start, &mut self.ear);
        self.note_head();
    }

    /// As it is shown in `status`.
    fn note_head(&mut self) {
        let Some(head) = self.recorder.head().filter(|_| !self.card.is_dead()) else { return };
        if self.head != Some(head) {
            self.head = Some(head);
            self.ear.said.heads.push((self.card.position(), head.number, head.hash.to_string()));
        }
    }

    /// So many frames, one each `every_us`.
    pub fn frames(&mut self, count: usize, every_us: u64) {
        for _ in 0..count {
            let frame = picture(self.next, self.more_bytes);
            (self.next, self.ear.said.given) = (self.next + 1, self.ear.said.given + 1);
            // Now and then one that shows more than all before it.
            let subject_px = (self.next * 7 % 10) as u32;
            self.recorder.frame(frame, self.now_us, subject_px, &mut self.ear);
            self.note_head();
            self.now_us += every_us;
        }
    }

    pub fn tick(&mut self, after_us: u64) {
        self.now_us += after_us;
        self.recorder.tick(self.now_us, &mut self.ear);
        self.note_head();
    }

    pub fn end(&mut self) {
        self.recorder.end(&mut self.ear);
        self.note_head();
        self.now_us += 2_000_000;
    }

    /// The card is let go of, and taken up again after two frames.
    pub fn suspend_and_resume(&mut self) {
        self.recorder.suspend(DropReason::CardError, &mut self.ear);
        self.frames(2, 250_000);
        self.recorder.resume(&mut self.ear);
        self.mend_again();
    }

    /// An event of 8 frames during which the process dies after so many operations; then it is started again.
    pub fn die_after(&mut self, operations: usize) {
        self.card.die_after(operations);
        self.die();
    }

    /// The same, before the sync of a file whose name has this in it: what it wrote is in the page cache alone.
    pub fn die_syncing(&mut self, part: &'static str) {
        self.card.die_syncing(part);
        self.die();
    }

    fn die(&mut self) {
        self.event(8);
        self.card.revive();
        self.recorder = Recorder::new(self.card.clone(), limits());
        self.start();
    }

    /// A whole event of `count` frames, four a second.
    pub fn event(&mut self, count: usize) {
        self.begin(0);
        self.frames(count, 250_000);
        self.end();
    }

    /// Everybody goes home.
    pub fn finish(mut self) -> Said {
        if self.ear.said.verdicts.len() != self.ear.said.given || self.recorder.frames_held() != 0 {
            let (given, back) = (self.ear.said.given, self.ear.said.verdicts.len());
            self.ear.said.faults.push(format!("{given} frames were given, {back} came back"));
        }
        self.note_removed();
        self.ear.said
    }

    fn note_removed(&mut self) {
        for (at, operation) in self.card.inner.borrow().log.iter().enumerate() {
            if let Operation::Names(NameChange::Remove { name }) = operation {
                self.ear.said.removed.entry(name.clone()).or_insert(at);
            }
        }
    }

    /// All of it was long ago: it is durable, and the next operation is the first.
    pub fn settle(mut self, sectors: u64) -> Self {
        self.note_removed();
        let card = SimCard::new(&self.card.files(), sectors, self.card.lie);
        self.ear.said.verdicts.values_mut().for_each(|(at, _)| *at = 0);
        self.ear.said.finished.iter_mut().for_each(|finished| finished.at = 0);
        self.ear.said.removed.values_mut().for_each(|at| *at = 0);
        self.ear.said.heads.iter_mut().for_each(|(at, _, _)| *at = 0);
        self.ear.card = card.clone();
        self.recorder = Recorder::new(card.clone(), limits());
        Self { card, ..self }
    }
}

//! The stage of the simulated power cuts: the real recorder on a simulated card, and everything that it said, with the
//! moment at which it said it.
//!
//! What is started here is what the record thread does: mend, then record. Must not judge.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::chain::Head;
use super::super::order::Order;
use super::super::{
    Cause, ClipName, DropReason, EventStart, Extension, Limits, Outcome, Recorder, Sink, Verdict,
};
use super::sim_card::{Content, NameChange, Operation, SimCard};
use super::{Frame, START_US, event, mend};

/// The shortest frame; most of a fragment's frames share a sector with another one.
const FRAME_BYTES_MIN: usize = 150;
/// Rounds of the record thread before the first event: each adds one clip to the chain that is not in it.
const TICKS_AT_START: usize = 3;
/// The example key of the age specification, and its secret.
const OWNER: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
pub(super) const SECRET: [u8; 32] = [0x42; 32];
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
pub(super) const NEVER: usize = usize::MAX;

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
    /// Clips that the owner protects: from which operation on that was confirmed, and from which on it may be over.
    pub protected: Vec<(String, usize, usize)>,
    /// Frames that are in no event.
    pub continuous: BTreeSet<usize>,
    /// Clips from before this time were too old at some operation or other, microseconds since 1970.
    pub expired_before_us: u64,
    /// Clips, without extension, whose description the card refused, as was told.
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
                let at = if self.card.is_dead() { NEVER } else { self.card.position() };
                let files = self.card.files();
                let video = Extension::VIDEOS.map(|video| name.file_name(video));
                match video.into_iter().find_map(|video| Some((files.get(video.as_str())?.clone(), video))) {
                    Some((content, video)) => self.said.finished.push(Finished { at, video, content }),
                    None => self.said.faults.push(format!("{name} is finished and not there")),
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
                    self.said.undescribed.insert(name.into());
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
    limits: Limits,
    /// As it was last shown.
    head: Option<Head>,
    is_continuous: bool,
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
        Self {
            card,
            ear,
            recorder,
            limits: limits(),
            head: None,
            is_continuous: false,
            next,
            now_us,
            more_bytes: 0,
        }
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
        self.limits.clip_ms_max = clip_ms_max;
        self.recorder.set_limits(self.limits);
    }

    /// From the next clip on they are sealed.
    pub fn seal(&mut self) {
        self.limits.seal_keys = [Some(OWNER.parse().expect("a key")), None];
        self.recorder.set_limits(self.limits);
    }

    /// The name of the clip that was finished as the `number`th.
    fn name_of(&self, number: usize) -> ClipName {
        let stem = self.ear.said.finished[number].video.split('.').next().unwrap_or_default();
        ClipName::parse(stem.as_bytes()).expect("a clip's name")
    }

    /// The owner protects the clip that was finished as the `number`th.
    pub fn protect(&mut self, number: usize) {
        self.obey(&Order::Protect(self.name_of(number)));
    }

    /// The owner protects the clip that is being written.
    pub fn protect_current(&mut self) {
        let name = self.recorder.current().expect("a clip is open").clone();
        self.obey(&Order::Protect(name));
    }

    /// The owner protects it no longer.
    pub fn release(&mut self, number: usize) {
        self.obey(&Order::Release(self.name_of(number)));
    }

    fn obey(&mut self, order: &Order) {
        let (before, stem) = (self.card.position(), order.name().to_string());
        if let Err(error) = self.recorder.obey(order) {
            self.ear.said.faults.push(format!("an order is refused: {error}"));
        }
        match order {
            Order::Protect(_) => self.ear.said.protected.push((stem, self.card.position(), NEVER)),
            Order::Release(_) => {
                let promises = self.ear.said.protected.iter_mut();
                promises.filter(|(name, ..)| *name == stem).for_each(|(.., to)| *to = before);
            }
            Order::Delete(_) => {}
        }
    }

    /// All clips from before the one that was finished as the `number`th are too old.
    pub fn expire_before(&mut self, number: usize) {
        let before_us = self.name_of(number).wall_us();
        self.ear.said.expired_before_us = self.ear.said.expired_before_us.max(before_us);
        while self.recorder.expire(before_us, &mut self.ear) {
            self.note_head();
        }
        self.note_head();
    }

    /// Short events until the chain has so many links.
    pub fn events_up_to_link(&mut self, number: u64) {
        while self.recorder.head().is_none_or(|head| head.number < number) {
            self.event(1);
        }
    }

    /// A continuous recording begins; an event that is still open ends.
    pub fn begin_continuous(&mut self) {
        let wall_us = event().wall_us + self.now_us - START_US;
        let (region, changes, cause) = ([0; 4], 0, Cause::Continuous);
        let start = EventStart { wall_us, monotonic_us: self.now_us, region, changes, cause, ..event() };
        self.recorder.begin(start, &mut self.ear);
        self.is_continuous = true;
        self.note_head();
    }

    /// An event begins now, with that much pre-roll still to come.
    pub fn begin(&mut self, pre_roll_ms: u32) {
        let pre_roll_us = u64::from(pre_roll_ms) * 1000;
        let at_us = self.now_us + pre_roll_us;
        let wall_us = event().wall_us + at_us - START_US;
        let start = EventStart { wall_us, monotonic_us: at_us, pre_roll_ms, ..event() };
        self.recorder.begin(start, &mut self.ear);
        self.is_continuous = false;
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
            if self.is_continuous {
                self.ear.said.continuous.insert(self.next);
            }
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
        self.recorder = Recorder::new(self.card.clone(), self.limits);
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
        self.judge_order_of_kinds();
        self.ear.said
    }

    /// Where room is made, a clip of an event does not go while there is a continuous recording that is finished and not protected.
    fn judge_order_of_kinds(&mut self) {
        let inner = self.card.inner.borrow();
        let mut names = inner.names_at_start.clone();
        let is_continuous = |name: &str| name.contains("_0-0-0-0_0_");
        let finished: BTreeMap<&str, usize> =
            self.ear.said.finished.iter().map(|finished| (finished.video.as_str(), finished.at)).collect();
        for (at, operation) in inner.log.iter().enumerate() {
            let Operation::Names(change) = operation else { continue };
            if let NameChange::Remove { name } = change
                && finished.contains_key(&**name)
                && !is_continuous(name)
                && self.ear.said.expired_before_us == 0
            {
                let goes_first = |other: &&Rc<str>| {
                    let keep = other.replace(".mp4", ".keep");
                    let is_finished = finished.get(&***other).is_some_and(|finished_at| *finished_at <= at);
                    is_finished && is_continuous(other) && !names.contains_key(keep.as_str())
                };
                if let Some(other) = names.keys().find(goes_first) {
                    self.ear.said.faults.push(format!("{name} goes before {other}"));
                }
            }
            change.apply(&mut names);
        }
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
        self.ear.said.protected.iter_mut().for_each(|(_, from, _)| *from = 0);
        self.ear.card = card.clone();
        self.recorder = Recorder::new(card.clone(), self.limits);
        Self { card, ..self }
    }
}

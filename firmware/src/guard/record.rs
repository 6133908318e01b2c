//! The record thread: an event's frames to the card, and their slots back to capture.
//!
//! The only thread of the guard that may wait for the card. It must not be waited for. When the keeper closes the gate it
//! lets go of the card: it then holds nothing open there, so that the card can be mounted anew.

use super::card::Source;
use super::flow::{Command, QUEUE};
use super::ledger::Loss;
use super::marking::Marking;
use super::shared::Shared;
use super::wait;
use crate::card::{clock_record, report::CardReport, watch};
use crate::record::chain::Head;
use crate::record::folder::{Directory, Folder, Free};
use crate::record::mend::Mended;
use crate::record::mp4::Codec;
use crate::record::shot::Shot;
use crate::record::verdict::{DropReason, Outcome, Sink, Verdict};
use crate::record::{ClipName, Extension, Limits, Recorder};
use crate::ring::{Coding, Frame, Meta, Receiver, SLOTS, Sender, Slot};
use crate::services::RECORD;
use crate::settings::Settings;
use crate::{clock, info, notice, paths, warning};
use evidence::Why;
use std::path::Path;

/// Our place in the flow.
const STAGE: usize = 3;
/// The recorder wants to be told of time passing about this often.
const TICK_MS: u16 = 500;
/// The last known time is written down this often: a start without a clock is at most this far behind. Seldom enough for a
/// card to bear for ten years (half a million single sectors).
const SAVE_CLOCK_EVERY_US: u64 = 10 * 60 * 1_000_000;
/// Clips that are too old are looked for this often.
const EXPIRE_EVERY_US: u64 = 60 * 60 * 1_000_000;
/// And when there may be more, this much later: there is other work.
const EXPIRE_AGAIN_US: u64 = 1_000_000;
const DAY_US: u64 = 24 * 60 * 60 * 1_000_000;
/// How often the card's free space is looked at when nothing is written.
const LOOK_AT_CARD_US: u64 = 5_000_000;

/// Runs until the guard stops.
pub fn run(shared: &Shared, mut commands: Receiver<Command, QUEUE>, slots: Sender<Slot, SLOTS>) {
    let mut desk =
        Desk { shared, slots, clips_written: 0, clip_bytes: 0, written_before: 0, unseen: false, head: None };
    let folder = clips_folder();
    let is_present = folder.is_present();
    let mut recorder = Recorder::new(folder, limits(&shared.settings()));
    if is_present {
        desk.take_up_card();
        recorder.take_up(&mut desk);
    }
    let mut marking = Marking::new(shared);
    let mut seen = 0;
    let mut clock_due_us = clock::monotonic_us() + SAVE_CLOCK_EVERY_US;
    let mut look_due_us = 0;
    // Not at once: a year that was mistyped when the clock was set may be noticed first.
    let mut expire_due_us = clock::monotonic_us() + EXPIRE_EVERY_US;
    loop {
        // Read before the queue is emptied: what gather sent before it stopped is still dealt with.
        let last_round = shared.stopped(STAGE);
        if !last_round {
            wait(&[&commands], TICK_MS);
        }
        commands.clear_wakeups();
        shared.turn(&RECORD);
        while let Some(command) = commands.take() {
            // A round each: on a slow card the queue may never be empty.
            shared.turn(&RECORD);
            take_up_settings(shared, &mut seen, &mut recorder, &mut marking);
            obey_gate(shared, &mut recorder, &mut desk);
            match command {
                Command::Begin(start) => recorder.begin(*start, &mut desk),
                Command::Frame(mut frame) => {
                    if marking.mark(&mut frame) {
                        recorder.set_caption(marking.caption());
                        let Meta { timestamp_us, subject, .. } = frame.meta;
                        recorder.frame(frame, timestamp_us, subject.plane_px, &mut desk);
                    } else {
                        recorder.note_lost_upstream(1);
                        desk.give_back(frame);
                    }
                }
                Command::Note(note) => recorder.note(note),
                Command::End => recorder.end(&mut desk),
            }
        }
        take_up_settings(shared, &mut seen, &mut recorder, &mut marking);
        obey_gate(shared, &mut recorder, &mut desk);
        if let Some(order) = shared.orders.take() {
            shared.orders.answer(recorder.obey(&order).map_err(|error| error.to_string()));
        }
        let now_us = clock::monotonic_us();
        if now_us >= expire_due_us {
            let has_more = expire(shared, &mut recorder, &mut desk);
            expire_due_us = now_us + if has_more { EXPIRE_AGAIN_US } else { EXPIRE_EVERY_US };
        }
        recorder.tick(now_us, &mut desk);
        if now_us >= look_due_us {
            look_due_us = now_us + LOOK_AT_CARD_US;
            desk.look_at_card();
        }
        desk.note_seen();
        desk.note_chain(recorder.head());
        if now_us >= clock_due_us || last_round {
            clock_due_us = now_us + SAVE_CLOCK_EVERY_US;
            save_clock(shared);
        }
        if last_round {
            return recorder.end(&mut desk);
        }
    }
}

/// What the owner wants counts from the next frame on, however many wait, and before a card that joins is used.
fn take_up_settings(
    shared: &Shared,
    seen: &mut u32,
    recorder: &mut Recorder<Frame, Directory>,
    marking: &mut Marking<'_>,
) {
    if let Some(settings) = shared.settings_since(seen) {
        recorder.set_limits(limits(&settings));
        marking.adopt(settings, *seen);
    }
}

/// Deletes clips that are older than they are to be kept, some at a time; whether there may be more. Without a clock that was
/// set nobody knows how old a clip is.
fn expire(shared: &Shared, recorder: &mut Recorder<Frame, Directory>, desk: &mut Desk<'_>) -> bool {
    let days = u64::from(shared.settings().record_keep_days);
    if days == 0 || !clock::is_trusted() {
        return false;
    }
    recorder.expire(clock::wall_us().saturating_sub(days * DAY_US), desk)
}

/// Where the clips are.
fn clips_folder() -> Directory {
    Directory::new(paths::CLIPS_DIR, true)
}

/// What a power cut or the guard's own death left half written was cut back to what plays.
fn tell_mended(name: &ClipName, what: Result<Mended, String>) {
    match what {
        Ok(Mended::Ends { frames: 0, .. }) => {
            notice!(
                "clip {}: was cut short; all that was sealed is kept",
                name.file_name(Extension::SealedVideo)
            );
        }
        Ok(Mended::Ends { frames, .. }) => {
            notice!("clip {}: was cut short; {frames} frames are kept", name.file_name(Extension::Video));
        }
        Ok(Mended::Deleted) => info!("clip {name}: held no whole frame and was deleted"),
        Err(error) => warning!("clip {name}: was cut short and cannot be mended: {error}"),
    }
}

/// What the recorder is bound to.
pub(super) fn limits(settings: &Settings) -> Limits {
    let used_mib_max = settings.record_card_mib_max;
    Limits {
        clip_ms_max: settings.record_clip_ms_max,
        keep_free_percent: settings.record_keep_free_percent,
        seal_keys: [settings.record_seal_key1, settings.record_seal_key2],
        used_bytes_max: (used_mib_max > 0).then_some(u64::from(used_mib_max) << 20),
    }
}

/// Lets go of the card when the keeper says so, and takes it again.
fn obey_gate(shared: &Shared, recorder: &mut Recorder<Frame, Directory>, desk: &mut Desk<'_>) {
    match shared.card.closed() {
        Some(reason) => recorder.suspend(reason, desk),
        None if recorder.is_suspended() => {
            desk.take_up_card();
            recorder.resume(desk);
        }
        None => {}
    }
    shared.card.set_released(recorder.is_suspended());
}

fn save_clock(shared: &Shared) {
    if shared.card.closed().is_none()
        && let Some(disk) = shared.card.disk()
        && let Err(error) = clock_record::save(&disk, clock::wall_us())
    {
        warning!("clock: the time cannot be written down: {error}");
    }
}

impl Shot for Frame {
    fn codec(&self) -> Codec {
        if matches!(self.meta.coding, Coding::Avc { .. }) { Codec::Avc } else { Codec::Jpeg }
    }

    fn is_key(&self) -> bool {
        self.meta.coding != Coding::Avc { is_key: false }
    }
}

/// Where frames end and outcomes are told.
struct Desk<'a> {
    shared: &'a Shared,
    slots: Sender<Slot, SLOTS>,
    clips_written: u64,
    clip_bytes: u64,
    /// What the card had been given to write before any of these clips.
    written_before: u64,
    /// The card does not say yet that somebody knows that p4 was made anew.
    unseen: bool,
    /// The end of the chain as `status` tells it.
    head: Option<Head>,
}

impl Sink<Frame> for Desk<'_> {
    fn settle(&mut self, frame: Frame, verdict: Verdict) {
        let ledger = &self.shared.ledger;
        match verdict {
            Verdict::Recorded => ledger.recorded(),
            Verdict::Skipped => ledger.skipped(),
            Verdict::Dropped(DropReason::CardFull) => ledger.lost(Loss::CardFull),
            Verdict::Dropped(DropReason::CardError) => ledger.lost(Loss::CardError),
            Verdict::Dropped(DropReason::CardMissing) => ledger.lost(Loss::CardMissing),
            Verdict::Dropped(DropReason::BadFrame) => ledger.lost(Loss::TooLarge),
            Verdict::Dropped(DropReason::NoKeyFrame) => ledger.lost(Loss::NoKeyFrame),
        }
        self.give_back(frame);
    }

    fn report(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::ClipStarted { name, video } => info!("clip {} begun", name.file_name(video)),
            Outcome::ClipFinished { name, video, frames, bytes } => {
                self.clips_written += 1;
                self.clip_bytes += bytes;
                let written_bytes = watch::clips_written_bytes().saturating_sub(self.written_before);
                self.shared.card.set_written(self.clips_written, self.clip_bytes, written_bytes);
                self.shared.card.set_trouble(Source::Room, "");
                notice!("clip {}: {frames} frames, {} KiB", name.file_name(video), bytes / 1024);
            }
            Outcome::OldestDeleted { clips, why } => {
                let why = if why == Why::Age { "because of their age" } else { "to make room" };
                notice!("card: {clips} of the oldest clips deleted {why}");
            }
            Outcome::Mended { name, what } => tell_mended(&name, what),
            Outcome::NotChained { sentence } => warning!("card: {sentence}"),
            Outcome::Failed { reason, sentence } => {
                warning!("card: {sentence}");
                match reason {
                    DropReason::CardFull => self.shared.card.set_trouble(Source::Room, &sentence),
                    // The LED need not wait for the keeper, which takes it from here.
                    _ => {
                        self.shared.card.set_trouble(Source::Gate, &sentence);
                        self.shared.card.note_failure();
                    }
                }
            }
        }
        self.look_at_card();
    }
}

impl Desk<'_> {
    /// The frame is done with.
    fn give_back(&mut self, frame: Frame) {
        self.shared.backlog.remove(frame.as_ref().len());
        // The channel has a place for every slot there is.
        let _ = self.slots.send(frame.into_slot());
    }

    /// The card is there, at the start or again: what it has to say is heard.
    fn take_up_card(&mut self) {
        let now = watch::clips_written_bytes();
        if self.clips_written == 0 {
            self.written_before = now;
        } else if now < self.written_before {
            // Another device, which counts from zero.
            self.written_before = 0;
        }
        // Looked at again: the report may be from before somebody said that he knows.
        let made_anew_s =
            CardReport::read().made_anew_s.filter(|_| !Path::new(paths::MADE_ANEW_SEEN).exists());
        self.shared.card.set_made_anew_s(made_anew_s);
        self.unseen = made_anew_s.is_some();
    }

    /// Writes down on the card that somebody knows that p4 was made anew, once he has said so.
    fn note_seen(&mut self) {
        if !self.unseen || self.shared.card.made_anew_s().is_some() {
            return;
        }
        self.unseen = false;
        let noted = std::fs::File::create(paths::MADE_ANEW_SEEN).and_then(|file| file.sync_all());
        if let Err(error) = noted {
            warning!(
                "card: it cannot be written down that its loss was seen ({error}); it will be told again"
            );
        }
    }

    /// Makes the end of the chain of hashes known, when it has moved.
    fn note_chain(&mut self, head: Option<Head>) {
        if self.head != head {
            self.head = head;
            let (links, hash) = head.map_or((0, String::new()), |head| (head.number, head.hash.to_string()));
            self.shared.card.set_chain(links, hash);
        }
    }

    /// Brings the card's state in `status` up to date.
    fn look_at_card(&self) {
        let free = clips_folder().free();
        let Free { total_bytes, free_bytes, .. } =
            free.unwrap_or(Free { total_bytes: 0, free_bytes: 0, free_inodes: 0 });
        self.shared.card.set_free(free_bytes, total_bytes);
    }
}

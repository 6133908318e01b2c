//! The gather thread: keeps the pre-roll, and makes of what motion says whole recordings.
//!
//! Raw frames become JPEG pictures here. Frames of no event go into the pre-roll, and what falls out of it is recorded continuously or skipped; an event gets the
//! pre-roll put before it. It must not decide what an event is, and must not wait for record: what does not fit is lost with
//! a reason.

use super::flow::{self, Command, QUEUE, side};
use super::ledger::Loss;
use super::marking::moment_of;
use super::preroll::PreRoll;
use super::shared::Shared;
use super::{NAP_MS, wait};
use crate::develop::{Developer, NoPicture, Scalar, Undeveloped};
use crate::record::{Cause, EventStart};
use crate::ring::{Coding, Frame, Receiver, SLOTS, Sender, Slot};
use crate::services::GATHER;
use crate::settings::{RecordMode, Settings};
use crate::sys::process;
use crate::{clock, warning};
use std::sync::atomic::Ordering;

/// Our place in the flow.
const STAGE: usize = 2;
/// Raw frames that may wait to be developed; with more, one is let go instead. They are large, and a slow processor never catches up.
const RAW_WAITING_MAX: usize = 3;
/// After capture and motion, which look at every frame, and before everybody else: to make pictures may take all there is.
const NICENESS: i32 = -5;

/// Runs until the guard stops.
pub fn run(
    shared: &Shared,
    mut commands: Receiver<Command, QUEUE>,
    record: Sender<Command, QUEUE>,
    slots: Sender<Slot, SLOTS>,
) {
    if let Err(error) = process::set_niceness(NICENESS) {
        warning!("gather: its priority cannot be set: {error}");
    }
    let mut gather = Gather {
        shared,
        record,
        slots,
        pre_roll: PreRoll::default(),
        settings: shared.settings(),
        is_event: false,
        continuous: None,
        frame_size: (0, 0),
        developer: Developer::new(Scalar),
        undeveloped: None,
    };
    let mut seen = 0;
    loop {
        // Read before the queue is emptied: what motion sent before it stopped is still dealt with.
        let last_round = shared.stopped(STAGE);
        if !last_round {
            wait(&[&commands], NAP_MS);
        }
        commands.clear_wakeups();
        shared.turn(&GATHER);
        while let Some(command) = commands.take() {
            // A round each: the queue may never be empty.
            shared.turn(&GATHER);
            if let Some(settings) = shared.settings_since(&mut seen) {
                gather.adopt(settings, seen);
            }
            gather.heed(command, commands.waiting());
        }
        if let Some(settings) = shared.settings_since(&mut seen) {
            gather.adopt(settings, seen);
        }
        if last_round {
            return gather.empty_pre_roll();
        }
    }
}

struct Gather<'a> {
    shared: &'a Shared,
    record: Sender<Command, QUEUE>,
    slots: Sender<Slot, SLOTS>,
    pre_roll: PreRoll,
    settings: Settings,
    /// Whether an event goes on.
    is_event: bool,
    /// While what falls out of the pre-roll is being recorded, between events: what its times rest on.
    continuous: Option<TimeBase>,
    frame_size: (u16, u16),
    developer: Developer<Scalar>,
    /// Why there was no picture of a frame, told once: a camera may go on like that for years.
    undeveloped: Option<Undeveloped>,
}

impl Gather<'_> {
    /// One word of motion's; `waiting` more wait behind it.
    fn heed(&mut self, command: Command, waiting: usize) {
        match command {
            Command::Begin(start) => self.begin(start),
            Command::Frame(frame) => {
                if let Some(frame) = self.develop(frame, waiting) {
                    self.meet_size((side(frame.meta.width), side(frame.meta.height)));
                    if self.is_event { self.hand_on(frame) } else { self.keep(frame) }
                }
            }
            Command::Note(_) => {
                self.send(command);
            }
            Command::End => {
                self.is_event = false;
                self.send(command);
            }
        }
    }

    /// Makes a frame fit for clips: a JPEG of a raw one, if there is time for it. When others wait behind it, only of as many as the processor has time
    /// for. One that is lost is counted.
    fn develop(&mut self, mut frame: Frame, waiting: usize) -> Option<Frame> {
        let is_raw = matches!(frame.meta.coding, Coding::Raw { .. });
        if is_raw && waiting > RAW_WAITING_MAX {
            self.lose(frame, Loss::NoTime);
            return None;
        }
        let moment = moment_of(&frame.meta);
        match self.developer.develop(&mut frame, moment) {
            Ok(()) => Some(frame),
            Err(why) => {
                if self.undeveloped.replace(why) != Some(why) {
                    warning!("picture: a frame cannot be recorded. {why}");
                }
                self.lose(frame, loss_of(why));
                None
            }
        }
    }

    fn begin(&mut self, mut start: Box<EventStart>) {
        self.meet_size((start.width_px, start.height_px));
        while let Some(frame) = self.pre_roll.pop_dependent() {
            self.let_go(frame);
        }
        start.pre_roll_ms = u32::try_from(self.pre_roll.length_us() / 1000).unwrap_or(u32::MAX);
        // It ends a continuous recording, whose last frame is the one before the pre-roll.
        self.continuous = None;
        self.is_event = true;
        self.send(Command::Begin(start));
        while let Some(frame) = self.pre_roll.pop() {
            self.hand_on(frame);
        }
    }

    /// To record, if it is not too far behind.
    fn hand_on(&mut self, frame: Frame) {
        let bytes = frame.as_ref().len();
        let (frames_room, bytes_room) = self.shared.backlog.room();
        if frames_room == 0 || bytes_room < bytes {
            return self.lose(frame, Loss::CardSlow);
        }
        self.shared.backlog.add(bytes);
        if let Err(Command::Frame(frame)) = self.record.send(Command::Frame(frame)) {
            self.shared.backlog.remove(bytes);
            self.lose(frame, Loss::CardSlow);
        }
    }

    /// Into the pre-roll; what is older than it may be belongs to no event.
    fn keep(&mut self, frame: Frame) {
        if let Err(frame) = self.pre_roll.push(frame) {
            self.let_go(frame);
        }
        let length_us = u64::from(self.settings.record_pre_ms) * 1000;
        let (frames_max, bytes_max) = self.shared.backlog.room();
        while let Some(old) = self.pre_roll.pop_surplus(length_us, frames_max, bytes_max) {
            self.let_go(old);
        }
        self.shared.pre_roll_us.store(self.pre_roll.length_us(), Ordering::Relaxed);
    }

    /// A frame that belongs to no event: recorded all the same, or skipped.
    fn let_go(&mut self, frame: Frame) {
        if self.settings.record_mode == RecordMode::Motion {
            self.shared.ledger.skipped();
            return self.give_back(frame);
        }
        // The clips of a recording are named by the clock as it was at its beginning: another clock, another recording.
        let time_base = TimeBase::now();
        if self.continuous.is_none_or(|begun| !begun.is_like(time_base)) {
            let start = flow::start_of(&self.settings, &frame.meta, Cause::Continuous);
            let is_begun = self.send(Command::Begin(Box::new(start)));
            self.continuous = is_begun.then_some(time_base);
        }
        self.hand_on(frame);
    }

    /// No more of a continuous recording, if there is one.
    fn end_continuous(&mut self) {
        if self.continuous.take().is_some() {
            self.send(Command::End);
        }
    }

    /// A clip has one frame size: when the camera comes back with another, the pre-roll is let go. (Motion has ended the event.)
    fn meet_size(&mut self, size: (u16, u16)) {
        if self.frame_size != size {
            self.frame_size = size;
            self.empty_pre_roll();
        }
    }

    fn empty_pre_roll(&mut self) {
        while let Some(frame) = self.pre_roll.pop() {
            self.let_go(frame);
        }
        self.end_continuous();
    }

    fn adopt(&mut self, settings: Settings, generation: u32) {
        self.developer.adopt(settings.clone(), generation);
        self.settings = settings;
        if self.settings.record_mode == RecordMode::Motion {
            self.end_continuous();
        }
    }

    fn lose(&mut self, frame: Frame, loss: Loss) {
        self.shared.ledger.lost(loss);
        self.give_back(frame);
    }

    fn give_back(&mut self, frame: Frame) {
        // The channel has a place for every slot there is.
        let _ = self.slots.send(frame.into_slot());
    }

    /// Whether there was room for it.
    fn send(&mut self, command: Command) -> bool {
        let is_sent = self.record.send(command).is_ok();
        if !is_sent {
            warning!("record: the card does not keep up; an event's beginning or end was lost");
        }
        is_sent
    }
}

/// What a frame without a picture is lost to.
fn loss_of(why: Undeveloped) -> Loss {
    match why {
        Undeveloped::TooLarge | Undeveloped::NoPicture(NoPicture::TooLong) => Loss::TooLarge,
        Undeveloped::NoPicture(NoPicture::NoSets) => Loss::NoKeyFrame,
        _ => Loss::Damaged,
    }
}

/// What wall times rest on.
#[derive(Clone, Copy)]
struct TimeBase {
    is_trusted: bool,
    /// Wall time when the kernel started.
    start_us: u64,
}

impl TimeBase {
    /// Less than this is no new setting of the clock.
    const SAME_US: u64 = 2_000_000;

    fn now() -> Self {
        Self { is_trusted: clock::is_trusted(), start_us: clock::wall_us_at(0) }
    }

    fn is_like(self, other: Self) -> bool {
        self.is_trusted == other.is_trusted && self.start_us.abs_diff(other.start_us) < Self::SAME_US
    }
}

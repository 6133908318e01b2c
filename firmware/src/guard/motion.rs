//! The motion thread: looks at every frame, keeps the pre-roll, decides when an event begins and ends.
//!
//! It takes frames from capture and hands them to record, or gives their slots back. It must not wait for record or alarm:
//! what does not fit is lost with a reason.

use super::drawn::Drawn;
use super::event::{EventMachine, Step};
use super::ledger::Loss;
use super::preroll::PreRoll;
use super::record;
use super::shared::Shared;
use super::tampering::{News, Tampering};
use super::trigger::{Trigger, region_px};
use super::{NAP_MS, alarm, wait};
use crate::control::EventLine;
use crate::overlay;
use crate::record::{Cause, Crossed, EventStart, Note};
use crate::ring::{Frame, Meta, Receiver, SLOTS, Sender, Slot, Subject};
use crate::services::MOTION;
use crate::settings::{RecordMode, Settings, TamperMode};
use crate::{clock, notice, warning};
use std::sync::atomic::Ordering;
use vision::luma::{INDEX_BYTES_MAX, LumaDecoder};
use vision::motion::{Crossings, Decision, Detector, Direction, Tamper, Verdict};
use vision::{PLANE_PX_MAX, PlaneSize};

/// Our place in the flow.
const STAGE: usize = 1;
/// With more frames than this waiting, the next one is kept without being looked at, so that the lag stays bounded.
const LAG_FRAMES_MAX: usize = 8;

/// Runs until the guard stops.
pub fn run(
    shared: &Shared,
    mut frames: Receiver<Frame, SLOTS>,
    record: Sender<record::Command, { record::QUEUE }>,
    alarm: Sender<alarm::Command, { super::ALARM_COMMANDS }>,
    slots: Sender<Slot, SLOTS>,
) {
    let mut motion = Motion {
        shared,
        outlets: Outlets { record, alarm, slots },
        eye: Eye::new(),
        machine: EventMachine::default(),
        pre_roll: PreRoll::default(),
        drawn: Drawn::default(),
        tampering: Tampering::default(),
        settings: shared.settings(),
        event_began_us: 0,
        continuous: None,
        frame_size: (0, 0),
        watching: false,
    };
    let mut seen = 0;
    loop {
        // Read before the queue is emptied: what capture sent before it stopped is still dealt with.
        let last_round = shared.stopped(STAGE);
        if !last_round {
            wait(&[&frames], NAP_MS);
        }
        frames.clear_wakeups();
        shared.turn(&MOTION);
        if let Some(settings) = shared.settings_since(&mut seen) {
            motion.adopt(settings);
        }
        while let Some(frame) = frames.take() {
            // A round each: the queue may never be empty.
            shared.turn(&MOTION);
            motion.frame(frame, frames.waiting());
        }
        motion.pass_time(clock::monotonic_us());
        if last_round {
            return motion.finish();
        }
    }
}

/// Where frames and decisions go.
struct Outlets {
    record: Sender<record::Command, { record::QUEUE }>,
    alarm: Sender<alarm::Command, { super::ALARM_COMMANDS }>,
    slots: Sender<Slot, SLOTS>,
}

/// The decoder and the detector, with the plane between them.
struct Eye {
    decoder: Box<LumaDecoder>,
    detector: Box<Detector>,
    plane: Box<[u8]>,
    /// Of the frame that is looked at, while marks are wanted.
    index: Box<[u8]>,
    wants_index: bool,
}

impl Eye {
    fn new() -> Eye {
        Eye {
            decoder: Box::new(LumaDecoder::new()),
            detector: Box::new(Detector::new()),
            plane: vec![0; PLANE_PX_MAX].into_boxed_slice(),
            index: vec![0; INDEX_BYTES_MAX].into_boxed_slice(),
            wants_index: false,
        }
    }

    /// Where marks are wanted, the frame gets its index on the way: all frames, since what is recorded is not known before.
    fn look(&mut self, frame: &mut Frame) -> Result<(PlaneSize, Verdict), vision::luma::Damage> {
        let size = if self.wants_index {
            let (size, bytes) =
                self.decoder.decode_with_index(frame.as_ref(), &mut self.plane, &mut self.index)?;
            // Without room for it marks cost more, that is all.
            frame.attach_index(&self.index[..bytes]);
            size
        } else {
            self.decoder.decode(frame.as_ref(), &mut self.plane)?
        };
        let luma = &self.plane[..size.pixels()];
        Ok((size, self.detector.analyse(luma, size, frame.meta.timestamp_us)))
    }
}

struct Motion<'a> {
    shared: &'a Shared,
    outlets: Outlets,
    eye: Eye,
    machine: EventMachine,
    pre_roll: PreRoll,
    drawn: Drawn,
    tampering: Tampering,
    settings: Settings,
    event_began_us: u64,
    /// While what falls out of the pre-roll is being recorded, between events: what its times rest on.
    continuous: Option<TimeBase>,
    frame_size: (u32, u32),
    /// Whether a frame has been looked at yet.
    watching: bool,
}

impl Motion<'_> {
    /// One frame: looked at, then kept, handed on or given back.
    fn frame(&mut self, mut frame: Frame, waiting: usize) {
        self.meet_size(&frame);
        let now_us = frame.meta.timestamp_us;
        if waiting > LAG_FRAMES_MAX {
            self.shared.ledger.unanalysed();
            return self.place(frame, None);
        }
        match self.eye.look(&mut frame) {
            Err(_) => {
                self.shared.ledger.lost(Loss::Damaged);
                self.give_back(frame);
            }
            Ok((size, verdict)) => {
                frame.meta.subject = subject(&verdict, size, &frame.meta);
                self.tell(&verdict);
                self.greet();
                let before = self.tampering.now();
                let tamper = self.heed(verdict.tamper, now_us);
                let step = self.step(verdict.decision == Decision::Motion || tamper.is_some(), now_us);
                let trigger = (step == Step::Begin).then(|| Trigger::of(&verdict, tamper, size, &frame.meta));
                self.place(frame, trigger);
                self.tell_crossings(verdict.crossings);
                if let Some((kind, _)) = self.tampering.now()
                    && (step == Step::Begin || self.tampering.now() != before)
                {
                    self.note(Note::Tampered(kind.word()));
                }
                self.publish(size);
            }
        }
    }

    /// Puts a frame where it belongs: begins an event with it, adds it to the one that goes on, or to the pre-roll.
    fn place(&mut self, frame: Frame, trigger: Option<Trigger>) {
        if let Some(trigger) = trigger {
            self.begin(&frame, trigger);
        }
        if self.machine.active() {
            self.hand_on(frame);
        } else {
            self.keep(frame);
        }
    }

    /// Ends an event when time passes and no frames come.
    fn pass_time(&mut self, now_us: u64) {
        if self.machine.active() {
            self.step(false, now_us);
        }
    }

    fn step(&mut self, motion: bool, now_us: u64) -> Step {
        let post_us = u64::from(self.settings.record_post_ms) * 1000;
        let step = self.machine.step(motion, self.settings.armed, now_us, post_us);
        if step == Step::End {
            self.end(now_us);
        }
        step
    }

    fn begin(&mut self, frame: &Frame, trigger: Trigger) {
        // The alarm first: everything after it may take its time.
        self.send_alarm(alarm::Command::Begin);
        self.event_began_us = frame.meta.timestamp_us;
        let number = self.shared.events.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.event_now.store(true, Ordering::Relaxed);
        let Trigger { region, changes, tamper, occasion } = trigger;
        let cause = if tamper.is_some() { Cause::Tamper } else { Cause::Motion };
        let start = EventStart {
            region: region.map(side),
            changes,
            pre_roll_ms: u32::try_from(self.pre_roll.length_us() / 1000).unwrap_or(u32::MAX),
            has_lines: self.settings.lines().iter().any(Option::is_some),
            ..self.start_of(frame, cause)
        };
        let [x1, y1, x2, y2] = region;
        match tamper {
            Some(kind) => notice!("event {number}: tampering. {kind}"),
            None => notice!("event {number}: motion at {x1},{y1}-{x2},{y2}, {changes} changes"),
        }
        self.shared.seen().event = Some((number, occasion));
        self.shared.remember_event(EventLine {
            number,
            wall_us: start.wall_us,
            monotonic_us: start.monotonic_us,
            clock_trusted: start.wall_trusted,
            region,
            changes,
            tamper: tamper.map(|kind| kind.to_string()),
            length_ms: None,
        });
        // It ends a continuous recording, whose last frame is the one before the pre-roll.
        self.continuous = None;
        self.send_record(record::Command::Begin(Box::new(start)));
        while let Some(frame) = self.pre_roll.pop() {
            self.hand_on(frame);
        }
    }

    /// What every recording that begins with this frame begins with.
    fn start_of(&self, frame: &Frame, cause: Cause) -> EventStart {
        EventStart {
            // Of the frame, not of our looking at it.
            wall_us: clock::wall_us_at(frame.meta.timestamp_us),
            wall_trusted: clock::is_trusted(),
            monotonic_us: frame.meta.timestamp_us,
            region: [0; 4],
            changes: 0,
            token_seed: u32::try_from(clock::monotonic_us() % 1000).unwrap_or(0),
            instance_name: self.settings.name.clone(),
            width_px: side(frame.meta.width),
            height_px: side(frame.meta.height),
            pre_roll_ms: 0,
            cause,
            has_lines: false,
        }
    }

    fn end(&mut self, now_us: u64) {
        self.send_alarm(alarm::Command::End);
        self.shared.event_now.store(false, Ordering::Relaxed);
        let length_ms = now_us.saturating_sub(self.event_began_us) / 1000;
        self.shared.close_event(length_ms);
        let number = self.shared.events.load(Ordering::Relaxed);
        notice!("event {number}: over after {}.{} s", length_ms / 1000, length_ms % 1000 / 100);
        // Last, so that the log tells the end of the event before that of its clip.
        self.send_record(record::Command::End);
    }

    /// To record, if it is not too far behind.
    fn hand_on(&mut self, frame: Frame) {
        let bytes = frame.as_ref().len();
        let (frames_room, bytes_room) = self.shared.backlog.room();
        if frames_room == 0 || bytes_room < bytes {
            self.shared.ledger.lost(Loss::CardSlow);
            return self.give_back(frame);
        }
        self.shared.backlog.add(bytes);
        if let Err(record::Command::Frame(frame)) = self.outlets.record.send(record::Command::Frame(frame)) {
            self.shared.backlog.remove(bytes);
            self.shared.ledger.lost(Loss::CardSlow);
            self.give_back(frame);
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
            return self.skip(frame);
        }
        // The clips of a recording are named by the clock as it was at its beginning: another clock, another recording.
        let time_base = TimeBase::now();
        if self.continuous.is_none_or(|begun| !begun.is_like(time_base)) {
            let start = self.start_of(&frame, Cause::Continuous);
            let is_begun = self.send_record(record::Command::Begin(Box::new(start)));
            self.continuous = is_begun.then_some(time_base);
        }
        self.hand_on(frame);
    }

    /// No more of a continuous recording, if there is one.
    fn end_continuous(&mut self) {
        if self.continuous.take().is_some() {
            self.send_record(record::Command::End);
        }
    }

    fn skip(&mut self, frame: Frame) {
        self.shared.ledger.skipped();
        self.give_back(frame);
    }

    fn give_back(&mut self, frame: Frame) {
        // The channel has a place for every slot there is.
        let _ = self.outlets.slots.send(frame.into_slot());
    }

    /// A clip has one frame size: when the camera comes back with another, the event ends and the pre-roll is let go.
    fn meet_size(&mut self, frame: &Frame) {
        let size = (frame.meta.width, frame.meta.height);
        if size == self.frame_size {
            return;
        }
        self.frame_size = size;
        if self.machine.active() {
            self.machine = EventMachine::default();
            self.end(frame.meta.timestamp_us);
        }
        self.empty_pre_roll();
    }

    fn empty_pre_roll(&mut self) {
        while let Some(frame) = self.pre_roll.pop() {
            self.let_go(frame);
        }
        self.end_continuous();
    }

    fn adopt(&mut self, settings: Settings) {
        self.drawn = Drawn::of(&settings);
        self.eye.detector.configure(self.drawn.config);
        self.eye.wants_index = overlay::is_wanted(&settings);
        self.shared.seen().drawn = self.drawn;
        self.settings = settings;
        if self.settings.record_mode == RecordMode::Motion {
            self.end_continuous();
        }
    }

    /// Says once, after the first frame, that the product does its job, and how long after the kernel's start.
    fn greet(&mut self) {
        if !std::mem::replace(&mut self.watching, true) {
            let ms = clock::monotonic_us() / 1000;
            notice!("motion: watching, {}.{:03} s after the kernel's start", ms / 1000, ms % 1000);
        }
    }

    fn tell(&self, verdict: &Verdict) {
        use std::fmt::Write;
        let mut words = self.shared.motion();
        words.clear();
        // Writing to a string cannot fail.
        let _ = write!(words, "{}", verdict.decision);
    }

    /// Tells when tampering begins and ends; gives its kind while it shall be an event.
    fn heed(&mut self, said: Option<Tamper>, now_us: u64) -> Option<Tamper> {
        let mode = self.settings.motion_tamper;
        let said = said.filter(|_| mode != TamperMode::Off);
        for news in self.tampering.step(said, now_us).into_iter().flatten() {
            match news {
                News::Begun(kind) => notice!("camera: {kind}"),
                News::Ended(kind, us) => {
                    notice!(
                        "camera: {kind} That ended after {}.{} s.",
                        us / 1_000_000,
                        us % 1_000_000 / 100_000
                    );
                }
            }
            self.shared.tampered.store(said.is_some(), Ordering::Relaxed);
        }
        said.filter(|_| mode == TamperMode::Alarm && self.tampering.is_event(now_us))
    }

    fn tell_crossings(&mut self, crossings: Crossings) {
        let counts = self.eye.detector.counts();
        let mut crossed = Crossed::default();
        for crossing in crossings.iter() {
            let place = usize::from(crossing.line);
            let (number, count) = (place + 1, counts.get(place).copied().unwrap_or_default());
            let (direction, inward, outward) = (crossing.direction, count.inward, count.outward);
            notice!("line {number}: {direction}, {inward} in and {outward} out since it was drawn");
            match direction {
                Direction::In => crossed.incoming += 1,
                Direction::Out => crossed.outgoing += 1,
            }
        }
        if crossed != Crossed::default() {
            self.note(Note::Crossed(crossed));
        }
    }

    /// For the description of the event that goes on, if one does.
    fn note(&mut self, note: Note) {
        if self.machine.active() {
            self.send_record(record::Command::Note(note));
        }
    }

    /// What `status` and `why` are made from.
    fn publish(&self, size: PlaneSize) {
        let mut seen = self.shared.seen();
        seen.tally = *self.eye.detector.tally();
        seen.counts = self.eye.detector.counts();
        seen.plane_px = u32::try_from(size.pixels()).unwrap_or(u32::MAX);
        seen.tampering = self.tampering;
    }

    fn finish(mut self) {
        if self.machine.active() {
            self.machine = EventMachine::default();
            self.end(clock::monotonic_us());
        }
        self.empty_pre_roll();
    }

    fn send_alarm(&mut self, command: alarm::Command) {
        if self.outlets.alarm.send(command).is_err() {
            warning!("alarm: the alarm thread does not keep up");
        }
    }

    /// Whether there was room for it.
    fn send_record(&mut self, command: record::Command) -> bool {
        let is_sent = self.outlets.record.send(command).is_ok();
        if !is_sent {
            warning!("record: the card does not keep up; an event's beginning or end was lost");
        }
        is_sent
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

/// What moves in a frame, if anything does.
fn subject(verdict: &Verdict, plane: PlaneSize, frame: &Meta) -> Subject {
    let subject = verdict.subject.filter(|_| verdict.decision == Decision::Motion);
    subject.map_or_else(Subject::default, |subject| Subject {
        plane_px: subject.blob_px,
        region: region_px(subject.region, plane, frame).map(side),
    })
}

/// A frame's coordinate as clip names hold it; no camera has frames of more than 65535 pixels.
fn side(px: u32) -> u16 {
    u16::try_from(px).unwrap_or(u16::MAX)
}

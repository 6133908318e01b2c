//! The motion thread: looks at every frame, decides when an event begins and ends.
//!
//! It takes frames from capture and hands them to gather with what it found, or gives their slots back. It must not wait for
//! gather or alarm: what does not fit is lost with a reason.

use super::ambient::LightWatch;
use super::drawn::Drawn;
use super::event::{EventMachine, Step};
use super::flow::{self, Command, QUEUE, side};
use super::glimpse::Glimpse;
use super::input_state::bit;
use super::inputs::Pull;
use super::ledger::Loss;
use super::shared::Shared;
use super::tampering::{News, Tampering};
use super::trigger::{Trigger, region_px};
use super::{NAP_MS, alarm, wait};
use crate::control::EventLine;
use crate::overlay;
use crate::record::{Cause, Crossed, EventStart, Note};
use crate::ring::{Coding, Frame, Meta, Receiver, SLOTS, Sender, Slot, Subject};
use crate::services::MOTION;
use crate::settings::wiring::Way;
use crate::settings::{Settings, TamperMode};
use crate::{clock, info, notice, warning};
use std::sync::atomic::Ordering;
use vision::luma::{Damage, INDEX_BYTES_MAX, LumaDecoder, RawFormat, RawFrame};
use vision::motion::{Crossings, Decision, Detector, Direction, Tamper, Verdict};
use vision::{PLANE_PX_MAX, PlaneSize};

/// Our place in the flow.
const STAGE: usize = 1;
/// With more frames than this waiting, the next one is kept without being looked at, so that the lag stays bounded.
const LAG_FRAMES_MAX: usize = 8;

/// An input becomes an event with the next frame, which comes at once; what is older found no frame.
const PULL_US_MAX: u64 = 2_000_000;

/// Runs until the guard stops.
pub fn run(
    shared: &Shared,
    mut frames: Receiver<Frame, SLOTS>,
    gather: Sender<Command, QUEUE>,
    alarm: Sender<alarm::Command, { super::ALARM_COMMANDS }>,
    slots: Sender<Slot, SLOTS>,
) {
    let mut motion = Motion {
        shared,
        outlets: Outlets { gather, alarm, slots },
        eye: Eye::new(),
        machine: EventMachine::default(),
        drawn: Drawn::default(),
        tampering: Tampering::default(),
        light: LightWatch::default(),
        settings: shared.settings(),
        event_began_us: 0,
        event_zones: 0,
        last_frame_us: clock::monotonic_us(),
        blind_until_us: None,
        frame_size: (0, 0),
        watching: false,
    };
    let mut seen = 0;
    loop {
        // Read before the queue is emptied: what capture sent before it stopped is still dealt with.
        let last_round = shared.stopped(STAGE);
        if !last_round {
            let armed_ms = shared.armed_for_ms(clock::monotonic_us());
            wait(&[&frames], u16::try_from(armed_ms).unwrap_or(NAP_MS).min(NAP_MS));
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
        motion.miss_frames(clock::monotonic_us());
        if last_round {
            return motion.finish();
        }
    }
}

/// Where frames and decisions go.
struct Outlets {
    gather: Sender<Command, QUEUE>,
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

    /// Where marks are wanted, a JPEG gets its index on the way: all frames, since what is recorded is not known before.
    fn look(&mut self, frame: &mut Frame) -> Result<(PlaneSize, Verdict), Damage> {
        let size = match frame.meta.coding {
            Coding::Jpeg if self.wants_index => {
                let (size, bytes) =
                    self.decoder.decode_with_index(frame.as_ref(), &mut self.plane, &mut self.index)?;
                // Without room for it marks cost more, that is all.
                frame.attach_index(&self.index[..bytes]);
                size
            }
            Coding::Jpeg => self.decoder.decode(frame.as_ref(), &mut self.plane)?,
            Coding::Raw { fourcc, stride_bytes, .. } => {
                let format = RawFormat::find(fourcc).ok_or(Damage::NoPicture)?;
                let stride_bytes = stride_bytes as usize;
                RawFrame::new(format, frame.meta.size(), stride_bytes, frame.as_ref())?
                    .reduce(&mut self.plane)?
            }
            Coding::AnnexB | Coding::Avc { .. } => return Err(Damage::NotJpeg),
        };
        let luma = &self.plane[..size.pixels()];
        Ok((size, self.detector.analyse(luma, size, frame.meta.timestamp_us)))
    }

    /// Lets who looks see what was looked at.
    fn show(&self, glimpse: &Glimpse, size: PlaneSize, meta: &Meta, verdict: Verdict) {
        glimpse.offer(&self.plane[..size.pixels()], self.detector.marks(), size, meta, verdict);
    }
}

struct Motion<'a> {
    shared: &'a Shared,
    outlets: Outlets,
    eye: Eye,
    machine: EventMachine,
    drawn: Drawn,
    tampering: Tampering,
    light: LightWatch,
    settings: Settings,
    event_began_us: u64,
    /// Zones in which there was motion in this event, as bits.
    event_zones: u8,
    last_frame_us: u64,
    /// Until then an alarm lasts for which there are no frames.
    blind_until_us: Option<u64>,
    frame_size: (u32, u32),
    /// Whether a frame has been looked at yet.
    watching: bool,
}

impl Motion<'_> {
    /// One frame: looked at, then kept, handed on or given back.
    fn frame(&mut self, mut frame: Frame, waiting: usize) {
        self.meet_size(&frame);
        let now_us = frame.meta.timestamp_us;
        self.last_frame_us = now_us;
        let pull =
            self.shared.inputs.take_pull().filter(|pull| now_us < pull.at_us.saturating_add(PULL_US_MAX));
        if !is_visible(frame.meta.coding) {
            self.say("No motion can be seen in the camera's H.264 pictures.");
            return self.place_unseen(frame, pull);
        }
        if waiting > LAG_FRAMES_MAX {
            return self.place_unseen(frame, pull);
        }
        match self.eye.look(&mut frame) {
            Err(_) => {
                self.shared.ledger.lost(Loss::Damaged);
                self.give_back(frame);
            }
            Ok((size, verdict)) => {
                frame.meta.subject = subject(&verdict, size, &frame.meta);
                self.eye.show(&self.shared.glimpse, size, &frame.meta, verdict);
                self.tell(&verdict);
                self.greet();
                self.heed_light(Some(size), now_us);
                let before = self.tampering.now();
                let tamper = self.heed(verdict.tamper, now_us);
                let is_motion = verdict.decision == Decision::Motion;
                let step = self.step(is_motion || tamper.is_some() || pull.is_some(), now_us);
                let trigger = (step == Step::Begin).then(|| match pull {
                    Some(pull) if !is_motion && tamper.is_none() => {
                        Trigger::of_input(pull.number, &frame.meta)
                    }
                    _ => Trigger::of(&verdict, tamper, size, &frame.meta),
                });
                self.place(frame, trigger);
                self.note_pull(pull);
                self.tell_zone(&verdict);
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

    /// Hands a frame on, and begins an event with it if there is a reason.
    fn place(&mut self, frame: Frame, trigger: Option<Trigger>) {
        if let Some(trigger) = trigger {
            self.begin(&frame, trigger);
        }
        if let Err(Command::Frame(frame)) = self.outlets.gather.send(Command::Frame(frame)) {
            // There is a place for every slot; what is lost all the same is counted.
            self.shared.ledger.lost(Loss::NoSlot);
            self.give_back(frame);
        }
    }

    /// A frame that nobody looks at: an input counts all the same.
    fn place_unseen(&mut self, frame: Frame, pull: Option<Pull>) {
        self.shared.ledger.unanalysed();
        let now_us = frame.meta.timestamp_us;
        let step = if pull.is_some() { self.step(true, now_us) } else { Step::Idle };
        let trigger = pull.filter(|_| step == Step::Begin);
        let trigger = trigger.map(|pull| Trigger::of_input(pull.number, &frame.meta));
        self.place(frame, trigger);
        self.note_pull(pull);
    }

    /// For the description of the event.
    fn note_pull(&mut self, pull: Option<Pull>) {
        if let Some(pull) = pull {
            self.note(Note::Input(pull.number));
        }
    }

    /// Tells the alarm thread in which zone the event's motion is, each zone once.
    fn tell_zone(&mut self, verdict: &Verdict) {
        let zone = verdict.subject.filter(|_| verdict.decision == Decision::Motion).and_then(|s| s.zone);
        let number = zone.and_then(|zone| self.drawn.zone_number(zone)).filter(|_| self.machine.active());
        if let Some(number) = number {
            let bit = bit(usize::from(number.saturating_sub(1)));
            if self.event_zones & bit == 0 {
                self.event_zones |= bit;
                self.send_alarm(alarm::Command::Zone(number));
            }
        }
    }

    /// An input while no frames come: there is nothing to record, but the alarm is given. Who cuts the camera's cable first must not
    /// get in without it.
    fn miss_frames(&mut self, now_us: u64) {
        if self.blind_until_us.is_some_and(|until_us| now_us >= until_us) {
            self.blind_until_us = None;
            self.send_alarm(alarm::Command::End);
        }
        if now_us < self.last_frame_us.saturating_add(PULL_US_MAX) {
            return;
        }
        if let Some(pull) = self.shared.inputs.take_pull()
            && self.shared.is_armed(now_us)
        {
            warning!("input {}: an alarm without a clip, because the camera sends no frames", pull.number);
            self.send_alarm(alarm::Command::Begin { frame_us: pull.at_us });
            let post_us = u64::from(self.settings.record_post_ms) * 1000;
            self.blind_until_us = Some(now_us.saturating_add(post_us));
        }
    }

    /// Ends an event when time passes and no frames come; a lamp goes on and off without them too, where a sensor says so.
    fn pass_time(&mut self, now_us: u64) {
        self.heed_light(None, now_us);
        if self.machine.active() {
            self.step(false, now_us);
        }
    }

    fn step(&mut self, motion: bool, now_us: u64) -> Step {
        let post_us = u64::from(self.settings.record_post_ms) * 1000;
        let step = self.machine.step(motion, self.shared.is_armed(now_us), now_us, post_us);
        if step == Step::End {
            self.end(now_us);
        }
        step
    }

    fn begin(&mut self, frame: &Frame, trigger: Trigger) {
        // The alarm first: everything after it may take its time. Who tries how well motion is seen wants no siren; tampering and inputs
        // are no part of that.
        let is_motion = trigger.tamper.is_none() && trigger.input.is_none();
        let is_trial = is_motion && self.shared.glimpse.is_tested(frame.meta.timestamp_us);
        if !is_trial {
            self.send_alarm(alarm::Command::Begin { frame_us: frame.meta.timestamp_us });
        }
        self.event_began_us = frame.meta.timestamp_us;
        self.event_zones = 0;
        // It goes on as this one.
        self.blind_until_us = None;
        let number = self.shared.events.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.event_now.store(true, Ordering::Relaxed);
        let Trigger { region, changes, tamper, input, occasion } = trigger;
        let cause = match (tamper, input) {
            (Some(_), _) => Cause::Tamper,
            (None, Some(_)) => Cause::Input,
            (None, None) => Cause::Motion,
        };
        let start = EventStart {
            region: region.map(side),
            changes,
            has_lines: self.settings.lines().iter().any(Option::is_some),
            ..flow::start_of(&self.settings, &frame.meta, cause)
        };
        let [x1, y1, x2, y2] = region;
        match (tamper, input) {
            (Some(kind), _) => notice!("event {number}: tampering. {kind}"),
            (None, Some(input)) => notice!("event {number}: input {input}"),
            (None, None) => notice!(
                "event {number}: motion at {x1},{y1}-{x2},{y2}, {changes} changes{}",
                if is_trial { "; no alarm during `motion test`" } else { "" }
            ),
        }
        self.shared.seen().event = Some((number, occasion));
        self.shared.remember_event(EventLine {
            number,
            wall_us: start.wall_us,
            monotonic_us: start.monotonic_us,
            clock_trusted: start.wall_trusted,
            region,
            changes,
            input,
            tamper: tamper.map(|kind| kind.to_string()),
            length_ms: None,
        });
        self.send(Command::Begin(Box::new(start)));
    }

    fn end(&mut self, now_us: u64) {
        self.send_alarm(alarm::Command::End);
        self.shared.event_now.store(false, Ordering::Relaxed);
        // A condition that was not met any more did not end it, and counts again.
        self.shared.judge_inputs();
        let length_ms = now_us.saturating_sub(self.event_began_us) / 1000;
        self.shared.close_event(length_ms);
        let number = self.shared.events.load(Ordering::Relaxed);
        notice!("event {number}: over after {}.{} s", length_ms / 1000, length_ms % 1000 / 100);
        // Last, so that the log tells the end of the event before that of its clip.
        self.send(Command::End);
    }

    fn give_back(&mut self, frame: Frame) {
        // The channel has a place for every slot there is.
        let _ = self.outlets.slots.send(frame.into_slot());
    }

    /// A clip has one frame size: when the camera comes back with another, the event ends.
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
    }

    fn adopt(&mut self, settings: Settings) {
        self.drawn = Drawn::of(&settings);
        self.eye.detector.configure(self.drawn.config);
        self.eye.wants_index = overlay::is_wanted(&settings);
        self.shared.seen().drawn = self.drawn;
        self.light.adopt(&settings);
        if self.light.seen().is_none() {
            self.shared.light.set(None);
        }
        self.settings = settings;
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

    fn say(&self, sentence: &str) {
        let mut words = self.shared.motion();
        if *words != sentence {
            sentence.clone_into(&mut words);
        }
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

    /// Lamps and filters follow the light. What they do to the picture is no motion.
    fn heed_light(&mut self, plane: Option<PlaneSize>, now_us: u64) {
        let plane = plane.map(|size| &self.eye.plane[..size.pixels()]);
        let sensed = self.shared.inputs.state().is_dark();
        let Some(ambient) = self.light.look(plane, sensed, now_us) else { return };
        self.eye.detector.expect_switch(now_us);
        self.shared.light.set(Some(ambient));
        self.send_alarm(alarm::Command::Light);
        let seen = self.light.seen();
        self.shared.seen().light = seen;
        if let Some(seen) = seen {
            info!("light: {seen}");
        }
    }

    fn tell_crossings(&mut self, crossings: Crossings) {
        let counts = self.eye.detector.counts();
        let mut crossed = Crossed::default();
        for crossing in crossings.iter() {
            let place = usize::from(crossing.line);
            let (number, count) = (place + 1, counts.get(place).copied().unwrap_or_default());
            let (direction, inward, outward) = (crossing.direction, count.inward, count.outward);
            notice!("line {number}: {direction}, {inward} in and {outward} out since it was drawn");
            let way = match direction {
                Direction::In => {
                    crossed.incoming += 1;
                    Way::In
                }
                Direction::Out => {
                    crossed.outgoing += 1;
                    Way::Out
                }
            };
            self.send_alarm(alarm::Command::Crossed(u8::try_from(number).unwrap_or(u8::MAX), way));
        }
        if crossed != Crossed::default() {
            self.note(Note::Crossed(crossed));
        }
    }

    /// For the description of the event that goes on, if one does.
    fn note(&mut self, note: Note) {
        if self.machine.active() {
            self.send(Command::Note(note));
        }
    }

    /// What `status` and `why` are made from.
    fn publish(&self, size: PlaneSize) {
        let mut seen = self.shared.seen();
        seen.tally = *self.eye.detector.tally();
        seen.counts = self.eye.detector.counts();
        seen.plane_px = u32::try_from(size.pixels()).unwrap_or(u32::MAX);
        seen.tampering = self.tampering;
        seen.light = self.light.seen();
    }

    fn finish(mut self) {
        if self.machine.active() {
            self.machine = EventMachine::default();
            self.end(clock::monotonic_us());
        }
    }

    fn send_alarm(&mut self, command: alarm::Command) {
        if self.outlets.alarm.send(command).is_err() {
            warning!("alarm: the alarm thread does not keep up");
        }
    }

    fn send(&mut self, command: Command) {
        if self.outlets.gather.send(command).is_err() {
            warning!("gather: does not keep up; an event's beginning or end was lost");
        }
    }
}

/// Whether anything can be seen in a frame without decoding it whole.
fn is_visible(coding: Coding) -> bool {
    matches!(coding, Coding::Jpeg | Coding::Raw { .. })
}

/// What moves in a frame, if anything does.
fn subject(verdict: &Verdict, plane: PlaneSize, frame: &Meta) -> Subject {
    let subject = verdict.subject.filter(|_| verdict.decision == Decision::Motion);
    subject.map_or_else(Subject::default, |subject| Subject {
        plane_px: subject.blob_px,
        region: region_px(subject.region, plane, frame).map(side),
    })
}

//! The capture thread: frames from the camera into the ring, whatever the camera does.
//!
//! It waits for the camera and for nobody else. Every frame that comes from the driver is counted, and either handed on or
//! lost with a reason. It must not look at pixels.

use super::ledger::Loss;
use super::shared::Shared;
use super::{NAP_MS, wait};
use crate::camera::order::{InOrder, Ordered};
use crate::camera::{Camera, Mode, Wish, controls, integrity::looks_whole, taken::taken_us, uevent::Uevents};
use crate::control::CameraStatus;
use crate::ring::{Coding, Frame, Meta, Pool, Refusal, SLOTS, Sender, Subject};
use crate::services::CAPTURE;
use crate::settings::{CameraSize, Controls, Settings};
use crate::sys::v4l2::Filled;
use crate::{clock, notice, warning};
use nix::errno::Errno;
use std::sync::atomic::Ordering;

/// Our place in the flow.
const STAGE: usize = 0;
/// How often to look for a camera when none was announced: announcements can be lost.
const LOOK_AGAIN_US: u64 = 1_000_000;
/// Without a frame for this long the camera counts as stalled (or for four frame times, if that is longer).
const STALL_US: u64 = 2_000_000;
/// A stalled camera is started anew after this long.
const RESTART_US: u64 = 6_000_000;
/// How long to sleep while a frame waits for the one before it.
const HOLD_NAP_MS: u16 = 5;
/// The frame rate is measured over this time.
const RATE_WINDOW_US: u64 = 2_000_000;

/// Runs until the guard stops.
pub fn run(shared: &Shared, pool: Pool, frames: Sender<Frame, SLOTS>) {
    let mut capture = Capture { shared, pool, frames, sequence: 0, controls: Controls::default() };
    let uevents =
        Uevents::open().map_err(|e| warning!("camera: device announcements cannot be heard: {e}")).ok();
    let mut seen = 0;
    let mut last_trouble = String::new();
    while !shared.stopped(STAGE) {
        shared.turn(&CAPTURE);
        let wish = wish(&shared.settings());
        match Camera::open(wish) {
            Ok(camera) => {
                last_trouble.clear();
                capture.announce(&camera);
                // A camera that was plugged in has its own ideas.
                capture.controls = Controls::default();
                capture.control(&camera, &shared.settings());
                let trouble = capture.stream(camera, wish, &mut seen);
                if let Some(trouble) = trouble {
                    capture.trouble(&trouble, &mut last_trouble);
                }
            }
            Err(error) => {
                capture.trouble(&error.to_string(), &mut last_trouble);
                look_again(shared, uevents.as_ref());
            }
        }
    }
}

/// Waits until a device is announced or it is time to look again anyway.
fn look_again(shared: &Shared, uevents: Option<&Uevents>) {
    let until_us = clock::monotonic_us() + LOOK_AGAIN_US;
    while !shared.stopped(STAGE) && clock::monotonic_us() < until_us {
        match uevents {
            Some(uevents) => {
                wait(&[uevents], NAP_MS);
                if uevents.video_changed() {
                    return;
                }
            }
            None => wait(&[], NAP_MS),
        }
        shared.turn(&CAPTURE);
    }
}

fn wish(settings: &Settings) -> Wish {
    let size = match settings.camera_size {
        CameraSize::Auto => None,
        CameraSize::Exactly { width_px, height_px } => Some((width_px.into(), height_px.into())),
    };
    Wish { size, fps: settings.camera_fps, format: settings.camera_format }
}

struct Capture<'a> {
    shared: &'a Shared,
    pool: Pool,
    frames: Sender<Frame, SLOTS>,
    sequence: u64,
    /// What the camera was asked to set of its own controls.
    controls: Controls,
}

impl Capture<'_> {
    /// Streams until the camera fails, the wish changes or the guard stops. Returns what was wrong, if anything.
    fn stream(&mut self, camera: Camera, wish: Wish, seen: &mut u32) -> Option<String> {
        let mut flow = Flow::new(camera, clock::monotonic_us());
        let mut stalled = false;
        while !self.shared.stopped(STAGE) {
            let nap_ms = if flow.order.due_us().is_some() { HOLD_NAP_MS } else { NAP_MS };
            wait(&[&flow.camera.stream], nap_ms);
            self.shared.turn(&CAPTURE);
            let now_us = clock::monotonic_us();
            if let Err(error) = self.drain(&mut flow, now_us) {
                return Some(end_of(error));
            }
            self.shared.fps_tenths.store(flow.rate.tenths(now_us), Ordering::Relaxed);
            self.shared.ring_bytes.store(self.pool.touched_bytes(), Ordering::Relaxed);
            if self.wish_changed(&flow.camera, wish, seen) {
                return None;
            }
            let silent_us = now_us.saturating_sub(flow.last_frame_us);
            if silent_us > RESTART_US {
                return Some("the camera sends no frames; it is started again".into());
            }
            let is_stalled = silent_us > stall_limit_us(flow.camera.mode);
            if is_stalled != stalled {
                stalled = is_stalled;
                self.announce_stall(&flow.camera, stalled);
            }
        }
        None
    }

    /// Everything that the driver has ready, in order.
    fn drain(&mut self, flow: &mut Flow, now_us: u64) -> Result<(), Errno> {
        while let Some(filled) = flow.camera.stream.dequeue()? {
            flow.last_frame_us = now_us;
            flow.rate.count(now_us);
            for frame in flow.order.take(filled, filled.sequence, now_us) {
                self.settle(flow, frame, now_us)?;
            }
        }
        match flow.order.overdue(now_us) {
            Some(filled) => self.settle(flow, Ordered::Next(filled), now_us),
            None => Ok(()),
        }
    }

    /// One frame in its place in the order, or too late for it; its buffer goes back to the driver.
    fn settle(&mut self, flow: &mut Flow, frame: Ordered<Filled>, now_us: u64) -> Result<(), Errno> {
        let filled = match frame {
            Ordered::Next(filled) => {
                self.count_missed(&mut flow.last_sequence, filled.sequence);
                self.take(&flow.camera, &filled, now_us);
                filled
            }
            Ordered::Late(filled) => {
                self.shared.ledger.captured();
                self.shared.ledger.lost(Loss::Late);
                filled
            }
        };
        flow.camera.stream.queue(filled.index)
    }

    /// Takes one frame from the driver: counted, checked, handed on or lost with a reason.
    fn take(&mut self, camera: &Camera, filled: &Filled, now_us: u64) {
        let ledger = &self.shared.ledger;
        ledger.captured();
        self.sequence += 1;
        let bytes = camera.stream.bytes(filled);
        if filled.error {
            return ledger.lost(Loss::ErrorFlag);
        }
        let meta = Meta {
            sequence: self.sequence,
            timestamp_us: taken_us(filled.timestamp_us, now_us),
            width: camera.mode.width,
            height: camera.mode.height,
            coding: camera.coding,
            subject: Subject::default(),
            marks_of: 0,
        };
        if !looks_whole(bytes, meta.coding, meta.size()) {
            return ledger.lost(Loss::Incomplete);
        }
        match self.pool.take(bytes, meta) {
            Ok(frame) => {
                if let Err(frame) = self.frames.send(frame) {
                    self.pool.put(frame.into_slot());
                    ledger.lost(Loss::NoSlot);
                }
            }
            Err(Refusal::TooLarge) => ledger.lost(Loss::TooLarge),
            Err(Refusal::NoSlot) => ledger.lost(Loss::NoSlot),
            Err(Refusal::OverBudget) => ledger.lost(Loss::Memory),
        }
    }

    /// Counts the frames that the driver numbered and never gave us.
    fn count_missed(&self, last: &mut Option<u32>, sequence: u32) {
        let step = last.map_or(1, |last| sequence.wrapping_sub(last));
        // A number that went back is a driver that started to count anew, not four thousand million losses.
        if step < u32::MAX / 2 {
            self.shared.ledger.missed(u64::from(step.saturating_sub(1)));
        }
        *last = Some(sequence);
    }

    fn wish_changed(&mut self, camera: &Camera, wish: Wish, seen: &mut u32) -> bool {
        let Some(settings) = self.shared.settings_since(seen) else { return false };
        self.control(camera, &settings);
        self::wish(&settings) != wish
    }

    /// Sets the camera's own controls, if something else is wanted than before.
    fn control(&mut self, camera: &Camera, settings: &Settings) {
        let wanted = settings.camera_controls.clone().unwrap_or_default();
        if wanted == self.controls {
            return;
        }
        for complaint in controls::apply(&camera.stream, &wanted, &self.controls) {
            warning!("camera: {}: {complaint}", camera.model);
        }
        self.controls = wanted;
    }

    fn announce(&self, camera: &Camera) {
        let Mode { format, width, height, fps_tenths } = camera.mode;
        *self.shared.camera() = CameraStatus {
            ok: true,
            text: camera.model.clone(),
            format: format.to_string(),
            width,
            height,
            fps_wanted_tenths: fps_tenths,
            fps_tenths: 0,
        };
        if camera.coding == Coding::AnnexB {
            warning!("camera: no motion can be seen in H.264 pictures; `record.mode always` records them");
        }
        notice!("camera: {} streams {width}x{height} {format} at {} frames/s", camera.model, fps_tenths / 10);
    }

    fn announce_stall(&self, camera: &Camera, stalled: bool) {
        let mut status = self.shared.camera();
        status.ok = !stalled;
        if stalled {
            status.text = format!("{} sends no frames", camera.model);
            warning!("camera: {} sends no frames", camera.model);
        } else {
            status.text = camera.model.clone();
            notice!("camera: {} sends frames again", camera.model);
        }
    }

    /// Makes trouble known: in `status` at once, on the console once for each kind.
    fn trouble(&self, text: &str, last: &mut String) {
        self.shared.fps_tenths.store(0, Ordering::Relaxed);
        *self.shared.camera() = CameraStatus { text: text.into(), ..CameraStatus::default() };
        if last != text {
            warning!("camera: {text}");
            text.clone_into(last);
        }
    }
}

/// A camera that streams, and where its stream stands.
struct Flow {
    camera: Camera,
    order: InOrder<Filled>,
    rate: Rate,
    /// The number of the last frame given on.
    last_sequence: Option<u32>,
    last_frame_us: u64,
}

impl Flow {
    fn new(camera: Camera, now_us: u64) -> Flow {
        let (order, rate) = (InOrder::default(), Rate::new(now_us));
        Flow { camera, order, rate, last_sequence: None, last_frame_us: now_us }
    }
}

/// Why a stream came to its end.
fn end_of(error: Errno) -> String {
    match error {
        Errno::ENODEV => format!("the camera is gone ({})", error.desc()),
        _ => format!("the camera fails ({}); it is started again", error.desc()),
    }
}

fn stall_limit_us(mode: Mode) -> u64 {
    STALL_US.max(4 * 10_000_000 / u64::from(mode.fps_tenths.max(1)))
}

/// Frames a second over the last window.
struct Rate {
    since_us: u64,
    frames: u64,
    tenths: u32,
}

impl Rate {
    fn new(now_us: u64) -> Rate {
        Rate { since_us: now_us, frames: 0, tenths: 0 }
    }

    fn count(&mut self, now_us: u64) {
        self.frames += 1;
        self.close_window(now_us);
    }

    fn tenths(&mut self, now_us: u64) -> u32 {
        self.close_window(now_us);
        self.tenths
    }

    fn close_window(&mut self, now_us: u64) {
        let passed_us = now_us.saturating_sub(self.since_us);
        if passed_us >= RATE_WINDOW_US {
            self.tenths = u32::try_from(self.frames * 10_000_000 / passed_us).unwrap_or(u32::MAX);
            *self = Rate { since_us: now_us, frames: 0, tenths: self.tenths };
        }
    }
}

//! The capture thread: frames from the camera into the ring, whatever the camera does.
//!
//! It waits for the camera and for nobody else. Every frame that comes from the driver is counted, and either handed on or
//! lost with a reason. It must not look at pixels, except for
//! a bare sensor's exposure: at a thin grid of them.

use super::ledger::Loss;
use super::shared::Shared;
use super::{NAP_MS, wait};
use crate::camera::order::{InOrder, Ordered};
use crate::camera::sensor::Sensor;
use crate::camera::{
    Camera, CameraError, Mode, Plug, Refusals, Wish, controls, heal::Healer, integrity, quirks::Quirk,
    taken::taken_us, uevent::Uevents,
};
use crate::control::CameraStatus;
use crate::ring::{Coding, Frame, Meta, Pool, Refusal, SLOTS, Sender, Subject};
use crate::services::CAPTURE;
use crate::settings::{CameraSize, Controls, Settings};
use crate::sys::v4l2::Filled;
use crate::{clock, info, notice, warning};
use nix::errno::Errno;
use std::sync::atomic::Ordering;
use vision::bayer::Look;
use vision::luma::{RawFormat, RawFrame};

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
    let mut capture = Capture {
        shared,
        pool,
        frames,
        sequence: 0,
        controls: Controls::default(),
        untended: false,
        refusals: Refusals::default(),
        instead: None,
    };
    let uevents =
        Uevents::open().map_err(|e| warning!("camera: device announcements cannot be heard: {e}")).ok();
    let mut seen = 0;
    let mut last_trouble = String::new();
    while !shared.stopped(STAGE) {
        shared.turn(&CAPTURE);
        let wish = wish(&shared.settings());
        match Camera::open(wish, &mut capture.refusals) {
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
            Err(error @ CameraError::TooMuch { is_settled, .. }) => {
                // The console is told once it is known what is used instead, or that nothing is.
                info!("camera: {error}");
                capture.state(&error.to_string());
                if !is_settled {
                    look_again(shared, uevents.as_ref());
                }
            }
            Err(error) => {
                if matches!(error, CameraError::AllRefused { .. }) {
                    capture.refusals.hopeless(clock::monotonic_us());
                }
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
    let (fps, format, prefer) = (settings.camera_fps, settings.camera_format, settings.camera_prefer);
    Wish { size, fps, format, prefer, flash_us: Some(10_000) }
}

struct Capture<'a> {
    shared: &'a Shared,
    pool: Pool,
    frames: Sender<Frame, SLOTS>,
    sequence: u64,
    /// What the camera was asked to set of its own controls.
    controls: Controls,
    /// Modes that were refused.
    refusals: Refusals,
    /// What was said last of a mode that is used instead of a refused one.
    instead: Option<(Plug, String)>,
    /// The sensor did not take its exposure, which has been told.
    untended: bool,
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
                return Some(self.give_up(&flow));
            }
            let is_stalled = silent_us > stall_limit_us(flow.camera.mode);
            if is_stalled != stalled {
                stalled = is_stalled;
                self.announce_stall(&flow.camera, stalled);
            }
        }
        None
    }

    /// The stream is silent for so long that it has to be started again, perhaps in another mode.
    fn give_up(&mut self, flow: &Flow) -> String {
        let Camera { plug, asked, .. } = flow.camera;
        if flow.last_sequence.is_none() && self.refusals.silent(plug, asked) {
            info!("camera: no frame came in {asked}");
        }
        "the camera sends no frames; it is started again".into()
    }

    /// Everything that the driver has ready, in order.
    fn drain(&mut self, flow: &mut Flow, now_us: u64) -> Result<(), Errno> {
        while let Some(filled) = flow.camera.stream.dequeue()? {
            if flow.last_sequence.is_none() {
                self.refusals.streams(flow.camera.plug, flow.camera.asked);
            }
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
                self.take(flow, &filled, now_us);
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
    fn take(&mut self, flow: &mut Flow, filled: &Filled, now_us: u64) {
        let camera = &flow.camera;
        let ledger = &self.shared.ledger;
        ledger.captured();
        self.sequence += 1;
        let bytes = flow.camera.stream.bytes(filled);
        if filled.error {
            return ledger.lost(Loss::ErrorFlag);
        }
        if std::mem::take(&mut flow.is_first) && camera.quirks.has(Quirk::FirstIsDamaged) {
            return ledger.lost(Loss::Damaged);
        }
        let mut meta = Meta {
            sequence: self.sequence,
            timestamp_us: taken_us(filled.timestamp_us, now_us),
            width: camera.mode.width,
            height: camera.mode.height,
            coding: camera.coding,
            look: Look::default(),
            subject: Subject::default(),
            marks_of: 0,
        };
        let mended = flow.healer.mended();
        let Some(parts) = integrity::whole(bytes, meta.coding, meta.size(), &mut flow.healer) else {
            return ledger.lost(Loss::Incomplete);
        };
        if flow.healer.mended() != mended {
            self.announce_mended(&flow.camera, &flow.healer);
        }
        if let Some(sensor) = &mut flow.camera.sensor {
            meta.look = sensor.look();
            self.tend(sensor, bytes, &meta);
        }
        match self.pool.take_parts(&parts, meta) {
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

    /// A bare sensor's exposure and white balance, by this frame. What it does not take it is told again with the next one.
    fn tend(&mut self, sensor: &mut Sensor, bytes: &[u8], meta: &Meta) {
        let Coding::Raw { fourcc, stride_bytes, .. } = meta.coding else { return };
        let Some(format) = RawFormat::find(fourcc) else { return };
        let Ok(frame) = RawFrame::new(format, meta.size(), stride_bytes as usize, bytes) else { return };
        match sensor.see(&frame) {
            Ok(()) => self.untended = false,
            Err(errno) => {
                if !std::mem::replace(&mut self.untended, true) {
                    warning!("camera: its exposure cannot be set ({})", errno.desc());
                }
            }
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
        for complaint in controls::apply(&camera.controlled(), &wanted, &self.controls) {
            warning!("camera: {}: {complaint}", camera.model);
        }
        self.controls = wanted;
    }

    fn announce(&mut self, camera: &Camera) {
        let Mode { format, width, height, fps_tenths } = camera.mode;
        let refused = self.refusals.first(camera.plug).map_or_else(String::new, ToString::to_string);
        if !refused.is_empty() {
            let words = format!("{} does not give {refused}; {} is used instead", camera.model, camera.mode);
            let instead = Some((camera.plug, words));
            if self.instead != instead {
                warning!("camera: {}", instead.as_ref().map_or("", |(_, words)| words));
            }
            self.instead = instead;
        }
        *self.shared.camera() = CameraStatus {
            ok: true,
            text: camera.model.clone(),
            format: format.to_string(),
            width,
            height,
            fps_wanted_tenths: fps_tenths,
            fps_tenths: 0,
            refused,
            mended: String::new(),
        };
        let quirks = camera.quirks.words();
        if !quirks.is_empty() {
            info!("camera: {quirks}");
        }
        if camera.coding == Coding::AnnexB {
            warning!("camera: no motion can be seen in H.264 pictures; `record.mode always` records them");
        }
        notice!("camera: {} streams {}", camera.model, camera.mode);
    }

    /// Once for each kind of thing that is mended in a camera's pictures, so what this allocates is not for each frame.
    fn announce_mended(&self, camera: &Camera, healer: &Healer) {
        let words = healer.words();
        info!("camera: {} sends pictures with {words}; they are mended", camera.model);
        self.shared.camera().mended = words;
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

    /// In `status`: why there is no picture.
    fn state(&self, text: &str) {
        self.shared.fps_tenths.store(0, Ordering::Relaxed);
        *self.shared.camera() = CameraStatus { text: text.into(), ..CameraStatus::default() };
    }

    /// Makes trouble known: in `status` at once, on the console once for each kind.
    fn trouble(&self, text: &str, last: &mut String) {
        self.state(text);
        if last != text {
            warning!("camera: {text}");
            text.clone_into(last);
        }
    }
}

/// A camera that streams, and where its stream stands.
struct Flow {
    camera: Camera,
    healer: Healer,
    order: InOrder<Filled>,
    rate: Rate,
    /// No frame was looked at yet.
    is_first: bool,
    /// The number of the last frame given on.
    last_sequence: Option<u32>,
    last_frame_us: u64,
}

impl Flow {
    fn new(camera: Camera, now_us: u64) -> Flow {
        let (order, rate) = (InOrder::default(), Rate::new(now_us));
        Flow {
            camera,
            healer: Healer::default(),
            is_first: true,
            order,
            rate,
            last_sequence: None,
            last_frame_us: now_us,
        }
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

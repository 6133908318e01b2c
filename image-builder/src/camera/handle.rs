//! The camera as a test or the emulator holds it: start, steer, ask, stop. It must not do the camera's work itself.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::descriptors::{USB_ID, UsbId};
use super::device::Device;
use super::error::CameraError;
use super::faults::Damage;
use super::format::PixelFormat;
use super::habits::Habit;
use super::limit::Limit;
use super::link::{self, Shared};
use super::modes::Mode;
use super::scene::{Act, Truth};
use super::source::{Source, SourceKind};
use super::stats::Stats;
use super::turnable::Turned;

/// How long QEMU may take to listen, unless the options say otherwise.
const CONNECT_MS_MAX: u64 = 30_000;

/// How to start a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Path of the Unix socket on which QEMU listens (`-chardev socket,path=...,server=on,wait=off`).
    pub socket: PathBuf,
    /// What the camera looks at.
    pub source: SourceKind,
    /// How it sends its pictures.
    pub format: PixelFormat,
    /// And how else it can.
    pub also: Vec<PixelFormat>,
    /// How much the bus carries at first.
    pub limit: Option<Limit>,
    /// Vendor and product that it says it is of.
    pub usb_id: UsbId,
    /// Seed of the scene and of the choice of damaged frames.
    pub seed: u64,
    /// Whether the camera is plugged in from the start.
    pub plugged: bool,
    /// How long to wait for QEMU to listen.
    pub connect_ms_max: u64,
}

impl Options {
    /// The generated scene as MJPEG, seed 1, plugged in.
    pub fn new(socket: impl Into<PathBuf>) -> Options {
        Options {
            socket: socket.into(),
            source: SourceKind::Scene,
            format: PixelFormat::Mjpeg,
            also: Vec::new(),
            limit: None,
            usb_id: USB_ID,
            seed: 1,
            plugged: true,
            connect_ms_max: CONNECT_MS_MAX,
        }
    }
}

/// A running camera. Every order holds from the next frame on, before the call returns. Dropping it stops it.
#[derive(Debug)]
pub struct Camera {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), CameraError>>>,
    ended: Option<CameraError>,
}

impl Camera {
    /// Starts the camera's thread. It connects when QEMU listens; this call does not wait for that.
    ///
    /// # Errors
    /// Footage that cannot be played, or no thread to be had.
    pub fn start(options: Options) -> Result<Camera, CameraError> {
        let formats = std::iter::once(&options.format).chain(&options.also);
        let open =
            |format: &PixelFormat| Ok((*format, Source::open(&options.source, *format, options.seed)?));
        let offered = formats.map(open).collect::<Result<Vec<_>, CameraError>>()?;
        let thread_failed = |error: std::io::Error| CameraError::Thread(error.to_string());
        let (waker, wakeups) = UnixStream::pair().map_err(thread_failed)?;
        waker.set_nonblocking(true).map_err(thread_failed)?;
        wakeups.set_nonblocking(true).map_err(thread_failed)?;
        let mut device = Device::new(offered, options.usb_id, options.seed, options.plugged);
        device.set_limit(options.limit);
        let shared = Arc::new(Shared::new(device, waker));
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("camera".into())
            .spawn(move || link::run(&theirs, &wakeups, &options.socket, options.connect_ms_max))
            .map_err(thread_failed)?;
        Ok(Camera { shared, thread: Some(thread), ended: None })
    }

    fn order<T>(&self, order: impl FnOnce(&mut Device) -> T) -> T {
        let result = order(&mut self.shared.device());
        self.shared.wake();
        result
    }

    /// No moving object from the next frame on; noise and swaying go on.
    pub fn scene_still(&self) {
        self.order(|device| device.set_act(Act::Still));
    }

    /// The moving object appears again.
    pub fn scene_moving(&self) {
        self.order(|device| device.set_act(Act::Moving));
    }

    /// The still scene in so many percent (0 to 100) of the day's light.
    pub fn scene_dim(&self, percent: u8) {
        self.order(|device| device.set_act(Act::Dim(percent)));
    }

    /// A hand lies on the lens, until one of the other two.
    pub fn scene_covered(&self) {
        self.order(|device| device.set_act(Act::Covered));
    }

    /// Damages `percent` (0 to 100) of the frames, with the kinds given (none given: all kinds).
    ///
    /// # Errors
    /// A percentage out of range.
    pub fn damage(&self, percent: f64, kinds: &[Damage]) -> Result<(), CameraError> {
        self.order(|device| device.set_damage(percent, kinds))
    }

    /// What is wrong with every MJPEG picture from the next frame on.
    pub fn habit(&self, habit: Option<Habit>) {
        self.order(|device| device.set_habit(habit));
    }

    /// How much the bus carries, from the next start of the stream on; with `None` as much as it is asked for.
    pub fn limit(&self, limit: Option<Limit>) {
        self.order(|device| device.set_limit(limit));
    }

    /// Delivers nothing any more, not even the rest of a frame; the camera stays plugged in.
    pub fn stall(&self) {
        self.order(|device| device.set_stalled(true));
    }

    /// Ends a stall; the frame that was under way is finished.
    pub fn resume(&self) {
        self.order(|device| device.set_stalled(false));
    }

    /// Pulls the plug.
    pub fn unplug(&self) {
        self.order(Device::unplug);
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.order(Device::plug);
    }

    /// The account.
    pub fn stats(&self) -> Stats {
        self.shared.device().stats()
    }

    /// The mode that is streamed now, if the guest streams.
    pub fn mode(&self) -> Option<Mode> {
        self.stats().mode
    }

    /// Where the controls stand that a user can turn.
    pub fn turned(&self) -> Turned {
        self.shared.device().turned()
    }

    /// What was in the frame with this index; `None` for footage, for frames not yet taken and for ones long ago.
    pub fn truth(&self, index: u64) -> Option<Truth> {
        self.shared.device().truth(index)
    }

    /// Why the camera ended by itself, if it did.
    pub fn ended(&mut self) -> Option<CameraError> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            self.ended = self.join().err();
        }
        self.ended.clone()
    }

    /// Unplugs, says farewell to QEMU and gives the last account.
    ///
    /// # Errors
    /// The reason if the camera had ended before by itself.
    pub fn stop(mut self) -> Result<Stats, CameraError> {
        self.shared.stop();
        self.join()?;
        self.ended.take().map_or_else(|| Ok(self.stats()), Err)
    }

    fn join(&mut self) -> Result<(), CameraError> {
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap_or(Err(CameraError::Panicked)))
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.shared.stop();
        // Nobody is left to hear the reason.
        let _ = self.join();
    }
}

#[cfg(test)]
#[path = "handle_tests.rs"]
mod tests;

//! The camera's thread: socket, clock and waiting. The only file here that does I/O with QEMU or reads a clock.
//!
//! The device is shared with the handle under a lock that is held for short, bounded work only. Whole messages are
//! always written out before the socket is closed, and only after QEMU was told that the device is gone: QEMU has
//! been seen to abort when the socket went away while a transfer was under way.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::device::Device;
use super::error::CameraError;

/// Pause between attempts to connect.
const RETRY: Duration = Duration::from_millis(50);
/// Longest wait when no frame is due; wake-ups come by the waker, so this only bounds surprises.
const IDLE: Duration = Duration::from_millis(500);
/// While more than this waits to be written, no further frame data is made: QEMU is paused or overloaded.
const BACKLOG_BYTES_MAX: usize = 1 << 20;
/// When stopping: QEMU has taken the disconnect once it has been silent for this long ...
const QUIET: Duration = Duration::from_millis(100);
/// ... and a QEMU that is paused is not waited for any longer than this.
const FAREWELL: Duration = Duration::from_secs(2);
const READ_BYTES: usize = 64 * 1024;

/// What the thread and the handle share.
#[derive(Debug)]
pub struct Shared {
    device: Mutex<Device>,
    stop: AtomicBool,
    waker: UnixStream,
}

impl Shared {
    /// Shares a device; bytes written to `waker` end the thread's waiting.
    pub fn new(device: Device, waker: UnixStream) -> Shared {
        Shared { device: Mutex::new(device), stop: AtomicBool::new(false), waker }
    }

    /// The device. A thread that panicked leaves it as it is: counters remain readable.
    pub fn device(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the thread look at the device again.
    pub fn wake(&self) {
        // A full or closed pipe means that the thread is about to look, or gone.
        let _ = (&self.waker).write(&[0]);
    }

    /// Asks the thread to unplug, say farewell and end.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wake();
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

/// The thread's body: until it is stopped (`Ok`), or QEMU or the source fails.
pub fn run(
    shared: &Shared,
    wakeups: &UnixStream,
    socket: &Path,
    connect_ms_max: u64,
) -> Result<(), CameraError> {
    let Some(stream) = connect(shared, socket, connect_ms_max)? else { return Ok(()) };
    stream.set_nonblocking(true).map_err(failed)?;
    let mut link = Link { stream, wakeups, begun: Instant::now(), unsent: Vec::new(), written: 0 };
    let ended = link.serve(shared);
    // A failed source must not leave QEMU with a dead socket either.
    if !matches!(ended, Err(CameraError::QemuGone | CameraError::Socket(_))) {
        link.farewell(shared);
    }
    ended
}

/// Connects as soon as QEMU listens; `None` when stopped before.
fn connect(shared: &Shared, socket: &Path, ms_max: u64) -> Result<Option<UnixStream>, CameraError> {
    let begun = Instant::now();
    while !shared.stopping() {
        match UnixStream::connect(socket) {
            Ok(stream) => return Ok(Some(stream)),
            Err(error) if begun.elapsed() >= Duration::from_millis(ms_max) => {
                return Err(match error.kind() {
                    ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                        CameraError::NobodyListens { socket: socket.into(), waited_ms: ms_max }
                    }
                    _ => failed(error),
                });
            }
            Err(_) => std::thread::sleep(RETRY),
        }
    }
    Ok(None)
}

fn failed(error: std::io::Error) -> CameraError {
    CameraError::Socket(error.to_string())
}

struct Link<'a> {
    stream: UnixStream,
    wakeups: &'a UnixStream,
    begun: Instant,
    unsent: Vec<u8>,
    /// Bytes of `unsent` that are written.
    written: usize,
}

impl Link<'_> {
    fn serve(&mut self, shared: &Shared) -> Result<(), CameraError> {
        let mut buffer = vec![0; READ_BYTES];
        while !shared.stopping() {
            let wait = self.advance(shared)?;
            self.write()?;
            self.wait(wait)?;
            while let Some(count) = self.read(&mut buffer)? {
                shared.device().receive(buffer.get(..count).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Lets the device work and collects its output; gives the time until it must work again.
    fn advance(&mut self, shared: &Shared) -> Result<Duration, CameraError> {
        let mut device = shared.device();
        let backlog = self.unsent.len() - self.written > BACKLOG_BYTES_MAX;
        if !backlog {
            device.tick(self.begun.elapsed())?;
        }
        self.collect(&mut device);
        let now = self.begun.elapsed();
        let due = device.due(now).filter(|_| !backlog).map(|due| due.saturating_sub(now));
        Ok(due.unwrap_or(IDLE).min(IDLE))
    }

    fn collect(&mut self, device: &mut Device) {
        if self.written == self.unsent.len() {
            self.written = 0;
            self.unsent = device.take_output();
        } else {
            self.unsent.extend(device.take_output());
        }
    }

    fn write(&mut self) -> Result<(), CameraError> {
        while let Some(rest) = self.unsent.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(gone_or(error)),
            }
        }
        Ok(())
    }

    /// Bytes read; `None` when there are none now.
    fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, CameraError> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(CameraError::QemuGone),
                Ok(count) => return Ok(Some(count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(gone_or(error)),
            }
        }
    }

    /// Waits for QEMU, for the handle, for room to write, or for the time to pass.
    fn wait(&mut self, time: Duration) -> Result<(), CameraError> {
        let mut events = PollFlags::POLLIN;
        if self.written < self.unsent.len() {
            events |= PollFlags::POLLOUT;
        }
        let mut descriptors =
            [PollFd::new(self.stream.as_fd(), events), PollFd::new(self.wakeups.as_fd(), PollFlags::POLLIN)];
        // Rounded up: waking a moment too early would only mean to wait again.
        let ms = u16::try_from(time.as_millis() + 1).unwrap_or(u16::MAX);
        match poll(&mut descriptors, PollTimeout::from(if time.is_zero() { 0 } else { ms })) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(CameraError::Socket(error.to_string())),
        }
        let mut drain = [0; 64];
        while matches!(self.wakeups.read(&mut drain), Ok(count) if count > 0) {}
        Ok(())
    }

    /// Unplugs, writes everything out and gives QEMU the time to take it. Errors no longer matter.
    fn farewell(&mut self, shared: &Shared) {
        let begun = Instant::now();
        let mut heard = begun;
        let mut buffer = vec![0; READ_BYTES];
        shared.device().unplug();
        self.collect(&mut shared.device());
        while begun.elapsed() < FAREWELL {
            let unsent = self.written < self.unsent.len();
            if (!unsent && heard.elapsed() > QUIET) || self.write().is_err() || self.wait(QUIET / 4).is_err()
            {
                return;
            }
            match self.read(&mut buffer) {
                Ok(Some(_)) => heard = Instant::now(),
                Ok(None) if unsent => heard = Instant::now(),
                Ok(None) => {}
                Err(_) => return,
            }
        }
    }
}

/// A broken connection is QEMU's end; anything else is told as it is.
fn gone_or(error: std::io::Error) -> CameraError {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => CameraError::QemuGone,
        _ => failed(error),
    }
}

//! The camera's path: frames in at the left, alarms and clips out at the right.
//!
//! One thread for each room that may have to wait (see `services::THREADS`); frames travel between them by ownership. This
//! file wires them, starts them, and stops them from left to right so that the ledger closes. No thread may wait for one
//! to its right.

mod alarm;
mod ambient;
mod arming;
mod backlog;
mod capture;
mod card;
mod card_state;
mod control;
mod darkness;
mod drawn;
mod event;
mod flow;
mod gather;
mod glimpse;
mod input_state;
mod inputs;
mod keeper;
mod ledger;
mod marking;
mod motion;
mod orders;
mod outputs;
mod preroll;
mod print;
mod record;
mod reset_button;
mod seen;
mod shared;
mod tampering;
mod trigger;
mod view;
mod wires;

use crate::control::Server;
use crate::ring::{Frame, Pool, SLOTS, Sender, Slot, channel};
use crate::services::{ALARM, CAPTURE, CONTROL, GATHER, INPUTS, KEEPER, MOTION, RECORD, Thread};
use crate::sys::descriptor;
use crate::{clock, critical, info, log, notice, paths, warning};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use shared::Shared;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Memory for frames: 10 s of 720p MJPEG fit in it.
pub(crate) const RING_BYTES: usize = 32 * 1024 * 1024;
/// How long a thread may take to finish when everything stops. The card may be slow, but the stop must come.
const FINISH_LIMIT: Duration = Duration::from_secs(8);
/// Commands that wait for the alarm thread: it answers within microseconds.
const ALARM_COMMANDS: usize = 16;
/// How long anybody sleeps at the longest without looking whether to stop.
const NAP_MS: u16 = 250;

/// Everything that can keep the guard from starting.
#[derive(Debug, thiserror::Error)]
enum StartError {
    /// Out of descriptors or threads.
    #[error("the system gives no more descriptors or threads: {0}")]
    System(#[from] std::io::Error),
    /// The same, from a system call.
    #[error("the system gives no more descriptors or threads: {0}")]
    Errno(#[from] nix::Error),
}

/// Runs until init asks us to stop.
pub fn run() -> ExitCode {
    log::install_epitaph("guard");
    // Blocked before any thread starts, so that every thread inherits it.
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    match signals.thread_block().map_err(StartError::from).and_then(|()| start(&signals)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            critical!("guard: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(signals: &SigSet) -> Result<(), StartError> {
    let shared = Arc::new(Shared::new());
    let (frames_in, frames_out) = channel::<Frame, SLOTS>()?;
    let (gather_in, gather_out) = channel::<flow::Command, { flow::QUEUE }>()?;
    let (record_in, record_out) = channel::<flow::Command, { flow::QUEUE }>()?;
    let (alarm_in, alarm_out) = channel::<alarm::Command, ALARM_COMMANDS>()?;
    let (test_in, test_out) = channel::<alarm::Command, ALARM_COMMANDS>()?;
    let (input_in, input_out) = channel::<alarm::Command, ALARM_COMMANDS>()?;
    let (refused_in, refused_out) = channel::<Slot, SLOTS>()?;
    let (skipped_in, skipped_out) = channel::<Slot, SLOTS>()?;
    let (written_in, written_out): (Sender<Slot, SLOTS>, _) = channel()?;
    let server = Server::bind(paths::GUARD_SOCKET)?;
    let pool = Pool::new(SLOTS, RING_BYTES, [refused_out, skipped_out, written_out]);

    let capture = spawn(&CAPTURE, &shared, move |s| capture::run(s, pool, frames_in))?;
    let motion =
        spawn(&MOTION, &shared, move |s| motion::run(s, frames_out, gather_in, alarm_in, refused_in))?;
    let gather = spawn(&GATHER, &shared, move |s| gather::run(s, gather_out, record_in, skipped_in))?;
    let record = spawn(&RECORD, &shared, move |s| record::run(s, record_out, written_in))?;
    let alarm =
        spawn(&ALARM, &shared, move |s| alarm::run(s, alarm_line(), [alarm_out, test_out, input_out]))?;
    spawn(&INPUTS, &shared, move |s| inputs::run(s, input_in))?;
    spawn(&KEEPER, &shared, keeper::run)?;
    spawn(&CONTROL, &shared, move |s| control::run(s, &server, test_in))?;
    info!("guard: running, {} MiB for frames", RING_BYTES >> 20);

    let stop = SignalFd::new(signals)?;
    while !matches!(stop.read_signal(), Ok(Some(_))) {}

    // From left to right, so that nothing is handed to a thread that has gone.
    for (stage, thread) in [capture, motion, gather, record, alarm].into_iter().enumerate() {
        shared.stop_stage(stage);
        finish(thread);
    }
    notice!("ledger: {}", shared.ledger.read());
    Ok(())
}

fn spawn(
    row: &'static Thread,
    shared: &Arc<Shared>,
    body: impl FnOnce(&Shared) + Send + 'static,
) -> Result<JoinHandle<()>, std::io::Error> {
    let shared = shared.clone();
    std::thread::Builder::new().name(row.name.into()).spawn(move || body(&shared))
}

/// Waits for a thread, but not for ever: one that hangs in the card's driver must not keep the product from stopping.
fn finish(thread: JoinHandle<()>) {
    let deadline_us = clock::monotonic_us() + u64::try_from(FINISH_LIMIT.as_micros()).unwrap_or(0);
    while !thread.is_finished() && clock::monotonic_us() < deadline_us {
        std::thread::sleep(Duration::from_millis(5));
    }
    if !thread.is_finished() {
        warning!("guard: {} did not finish in time", thread.thread().name().unwrap_or("a thread"));
    }
}

/// The alarm line's descriptor that init handed us, if the board has one.
fn alarm_line() -> Option<std::fs::File> {
    let number = std::env::var(paths::ALARM_DESCRIPTOR).ok()?.parse().ok()?;
    descriptor::adopt(number).map_err(|e| warning!("guard: the alarm line was not handed over: {e}")).ok()
}

/// Sleeps until one of `ready` can be read or `ms_max` is over.
fn wait(ready: &[&dyn AsFd], ms_max: u16) {
    use nix::poll::{PollFd, PollFlags, poll};
    let mut fds: heapless::Vec<PollFd<'_>, 8> =
        ready.iter().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)).collect();
    // An interrupted or failed wait is a short one; every caller looks again by itself.
    let _ = poll(&mut fds, ms_max);
}

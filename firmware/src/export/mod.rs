//! The process that copies clips to a USB stick, when somebody asks on the console; it ends when that is done.
//!
//! Nobody waits for it. A stick may hang in its driver for ever, and this process with it: guard, console and init go on, and init
//! starts no second one. It comes after everybody, for the processor and for the disks. It must not write to the card: it has no mount
//! of it, opens its files for reading, and takes no disk as a stick that does not hang on USB.

pub mod copy;
pub mod disk;
pub mod format;
pub mod order;
pub mod stick;
pub mod tell;
pub mod work;

#[cfg(test)]
mod tests;

use crate::card::report::CardReport;
use crate::record::Directory;
use crate::sys::process;
use crate::{clock, in_force, log, notice, paths, stop, warning};
use disk::{DiskError, Places, Stick};
use nix::sys::signalfd::SignalFd;
use order::Order;
use std::cell::Cell;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use stick::{MountError, OnError};
use tell::Teller;
use work::{Tally, Work, WorkError, clear_pieces};

/// How long a stick that was just pushed in may take to show up: the kernel waits a second before it asks it anything.
const APPEAR_LIMIT_US: u64 = 6_000_000;
/// How long a stick whose requests fail may take to be gone. One that is pulled refuses everything at once, with any error, and is only
/// then cleared away by the kernel, which writes off what was not written first: until that is done it looks like one that is broken.
const GONE_LIMIT_US: u64 = 15_000_000;
/// How often to look meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why there is no export, or not a whole one.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    /// No order.
    #[error("what to export was not handed on: {0}")]
    Order(std::io::Error),
    /// No stick.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Not mounted, or not unmounted.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// Not all was copied.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// While it was written.
    #[error(
        "the stick was pulled out too early; what has its name there is whole. Push it in and export again"
    )]
    Pulled,
}

impl ExportError {
    /// Whether it looks the same when the stick was pulled out.
    fn is_of_the_stick(&self) -> bool {
        match self {
            Self::Mount(MountError::Refused(_) | MountError::Folder(..) | MountError::Unmount(_)) => true,
            Self::Work(WorkError::Damaged | WorkError::Stick(..)) => true,
            Self::Order(_) | Self::Disk(_) | Self::Mount(_) | Self::Work(_) | Self::Pulled => false,
        }
    }
}

/// Runs one export.
pub fn run() -> ExitCode {
    log::install_epitaph("export");
    if let Err(error) = process::set_idle_io() {
        warning!("export: it is not served last by the disks: {error}");
    }
    let exported = Order::read().map_err(ExportError::Order).and_then(|order| export(&order));
    // Whoever reads it meanwhile takes the export for one that still runs.
    let _ = std::fs::remove_file(paths::EXPORT_ORDER);
    match exported {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warning!("export: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The stick in use, from the mount to the last word.
fn export(order: &Order) -> Result<(), ExportError> {
    let must_stop = stop_asked();
    let places = Places { block: Path::new(disk::SYSTEM.0), dev: Path::new(disk::SYSTEM.1) };
    let stick = await_stick(places, &must_stop)?;
    let folder = format!("clips-{}", in_force::read().settings.name);
    let pulled = |error: ExportError| match error.is_of_the_stick() && vanishes(places, &stick, GONE_LIMIT_US)
    {
        true => ExportError::Pulled,
        false => error,
    };
    stick::keep_apart()?;
    if stick.is_dirty {
        notice!("export: the stick was not taken out in order the last time; let a computer check it soon");
        // A driver that stops at errors would stop at the piece that was being written then, and take no clip any more.
        let target = stick::open(&stick, &folder, OnError::GoOn).map_err(|error| pulled(error.into()))?;
        // What fails here fails again below, and is then told.
        let _ = clear_pieces(&target);
        stick::close(&stick).map_err(|error| pulled(error.into()))?;
    }
    let target = stick::open(&stick, &folder, OnError::Stop).map_err(|error| pulled(error.into()))?;
    let (tally, worked) = work(order, &stick, &folder, &target, &must_stop);
    let closed = stick::close(&stick);
    let done = tell::done(&tally);
    match worked {
        Ok(()) => {
            closed.map_err(|error| pulled(error.into()))?;
            notice!("export: done: {done}; the stick may be pulled out");
            Ok(())
        }
        Err(error) => {
            let error = pulled(error.into());
            let is_out = closed.is_ok() && !matches!(error, ExportError::Pulled);
            notice!("export: {done}{}", if is_out { "; the stick may be pulled out" } else { "" });
            Err(error)
        }
    }
}

fn work(
    order: &Order,
    stick: &Stick,
    folder: &str,
    target: &Directory,
    must_stop: &dyn Fn() -> bool,
) -> (Tally, Result<(), WorkError>) {
    let card = Directory::read_only(paths::CLIPS_OF_INIT);
    let mut work = Work::new(&card, target, order, stick.kind.file_bytes_max());
    let worked = work.plan().and_then(|plan| {
        let device = stick.device.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{device} ({})", stick.kind.name());
        notice!("export: {}", tell::beginning(&plan, &name, folder));
        work.run(&mut Teller::new(plan, must_stop, clock::monotonic_us()))
    });
    (work.tally, worked)
}

/// Waits for a stick, within a bound: one whose partitions are not read yet looks like one without any.
fn await_stick(places: Places<'_>, must_stop: &dyn Fn() -> bool) -> Result<Stick, ExportError> {
    let deadline_us = clock::monotonic_us() + APPEAR_LIMIT_US;
    loop {
        let own = CardReport::read().disk;
        match disk::find(places, own.as_deref()) {
            Err(_) if must_stop() => return Err(WorkError::Stopped.into()),
            Err(_) if clock::monotonic_us() < deadline_us => std::thread::sleep(LOOK_EVERY),
            found => return Ok(found?),
        }
    }
}

/// Whether a stick whose requests fail is gone, or will soon be.
fn vanishes(places: Places<'_>, stick: &Stick, limit_us: u64) -> bool {
    let deadline_us = clock::monotonic_us() + limit_us;
    while disk::is_there(places, stick) {
        if clock::monotonic_us() >= deadline_us {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    true
}

/// Whether init has asked us to stop. Once asked, always asked.
fn stop_asked() -> impl Fn() -> bool {
    let descriptor = stop::signal();
    if let Err(error) = &descriptor {
        // The signal then ends us outright: what was written under its name is whole all the same.
        warning!("export: it cannot be stopped in order: {}", error.desc());
    }
    let asked = Cell::new(false);
    move || {
        let is_asked = matches!(descriptor.as_ref().map(SignalFd::read_signal), Ok(Ok(Some(_))));
        asked.set(asked.get() || is_asked);
        asked.get()
    }
}

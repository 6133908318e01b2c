//! Proof of progress: every watched part counts its rounds in a page that init can read.
//!
//! A part calls [`beat`] when its loop really went round, and never from a timer. One atomic addition, no system call. What
//! it means when a counter stands still is for `init::progress` to judge.

use crate::services::{PARTS, PARTS_COUNT, Part};
use crate::sys::counters::{self, COUNTERS};
use crate::sys::descriptor;
use crate::{paths, warning};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const _: () = assert!(PARTS_COUNT <= COUNTERS);

static PAGE: OnceLock<&'static [AtomicU32; COUNTERS]> = OnceLock::new();

/// Makes the page and maps it here (init). The descriptor is for the services.
pub fn create() -> io::Result<OwnedFd> {
    let file = counters::create()?;
    use_page(counters::map(&file)?);
    Ok(file)
}

/// Maps the page that init handed over; a process that got none runs unwatched, and init will hold that against it.
pub fn adopt() {
    let Some(number) = std::env::var(paths::PROGRESS_DESCRIPTOR).ok().and_then(|n| n.parse().ok()) else {
        return;
    };
    match descriptor::adopt(number).and_then(counters::map) {
        Ok(page) => use_page(page),
        Err(error) => warning!("progress cannot be shown to init: {error}"),
    }
}

fn use_page(page: &'static [AtomicU32; COUNTERS]) {
    // A second page in one process would only mean that the first stays in use.
    let _ = PAGE.set(page);
}

/// This part's loop went round.
pub fn beat(part: Part) {
    if let Some(page) = PAGE.get() {
        page[part as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// The counters of all parts, in the order of `services::PARTS`; they wrap around. Nothing without a page: then nobody can
/// be judged.
pub fn read() -> Option<[u32; PARTS_COUNT]> {
    let page = PAGE.get()?;
    Some(PARTS.each_ref().map(|row| page[row.part as usize].load(Ordering::Relaxed)))
}

//! What the owner hears while clips are copied: a line now and then, and a bounded number of what is left out.
//!
//! Lines go to the log, where the console takes them from; nobody waits for them. It must not decide anything.

use super::copy::Owner;
use super::work::{Plan, Tally};
use crate::{clock, info, notice};

/// Between two lines about how far it is: enough for a person, little for a serial line.
const EVERY_US: u64 = 10_000_000;
/// Clips that are named when they are left out; the others are counted, and named in the log's memory alone.
const NAMED_MAX: u32 = 8;

/// Tells; and asks whether to stop.
pub struct Teller<'a> {
    plan: Plan,
    clips: u64,
    moved_bytes: u64,
    named: u32,
    told_us: u64,
    must_stop: &'a dyn Fn() -> bool,
}

impl<'a> Teller<'a> {
    /// Begins with what is planned.
    pub fn new(plan: Plan, must_stop: &'a dyn Fn() -> bool, now_us: u64) -> Self {
        Self { plan, clips: 0, moved_bytes: 0, named: 0, told_us: now_us, must_stop }
    }

    /// The next line, if it is time for one.
    fn line(&mut self, now_us: u64) -> Option<String> {
        if now_us.saturating_sub(self.told_us) < EVERY_US {
            return None;
        }
        self.told_us = now_us;
        // Each byte goes there and comes back.
        let mib = (self.moved_bytes / 2) >> 20;
        Some(format!("{} clips, {} MiB", of(self.clips, self.plan.clips), of(mib, self.plan.bytes >> 20)))
    }
}

/// So much of so much; more than was planned when clips are recorded meanwhile.
fn of(done: u64, planned: u64) -> String {
    if done > planned { done.to_string() } else { format!("{done} of {planned}") }
}

impl Owner for Teller<'_> {
    fn moved(&mut self, bytes: u64) -> bool {
        self.moved_bytes += bytes;
        if let Some(line) = self.line(clock::monotonic_us()) {
            notice!("export: {line}");
        }
        !(self.must_stop)()
    }

    fn has_clip(&mut self) {
        self.clips += 1;
    }

    fn left_out(&mut self, what: &str, why: &str) {
        self.named += 1;
        match self.named <= NAMED_MAX {
            true => notice!("export: left out: {what}: {why}"),
            false => info!("export: left out: {what}: {why}"),
        }
    }
}

/// What is about to be done.
pub fn beginning(plan: &Plan, stick: &str, folder: &str) -> String {
    let Plan { bytes, free_bytes, .. } = *plan;
    let (count, amount, free) = (clips(plan.clips), size(bytes), size(free_bytes));
    let mut line = format!("{count}, {amount} to {stick}, folder {folder}, {free} free");
    if let Some(missing_bytes) = bytes.checked_sub(free_bytes).filter(|missing| *missing > 0) {
        line += &format!("; {} are missing there, the newest clips come first", size(missing_bytes));
    }
    line
}

/// What was done.
pub fn done(tally: &Tally) -> String {
    let mut line = format!("{} copied, {}", clips(tally.copied), size(tally.bytes));
    for (count, what) in [
        (tally.there, "were there already"),
        (tally.unfinished, "not finished yet and left out"),
        (tally.left_out, "left out for other reasons"),
    ] {
        if count > 0 {
            line += &format!("; {count} {what}");
        }
    }
    line
}

fn clips(count: u64) -> String {
    if count == 1 { "1 clip".into() } else { format!("{count} clips") }
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes >> 20),
        _ => format!("{}.{} GiB", bytes >> 30, ((bytes % (1 << 30)) * 10) >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERY_US, Plan, Tally, Teller, beginning, done};

    #[test]
    fn a_line_comes_now_and_then_and_says_how_far_it_is() {
        let plan = Plan { clips: 3, bytes: 20 << 20, free_bytes: 1 << 30 };
        let go_on = || false;
        let mut teller = Teller::new(plan, &go_on, 0);
        (teller.clips, teller.moved_bytes) = (1, 10 << 20);
        assert_eq!(teller.line(EVERY_US - 1), None);
        assert_eq!(teller.line(EVERY_US).as_deref(), Some("1 of 3 clips, 5 of 20 MiB"));
        assert_eq!(teller.line(EVERY_US + 1), None);
        (teller.clips, teller.moved_bytes) = (4, 50 << 20);
        assert_eq!(teller.line(2 * EVERY_US).as_deref(), Some("4 clips, 25 MiB"), "more has come meanwhile");
    }

    #[test]
    fn what_is_missing_is_said_before_and_what_was_left_out_after() {
        let plan = Plan { clips: 3, bytes: 20 << 20, free_bytes: 5 << 20 };
        let line = beginning(&plan, "sda1 (FAT)", "clips-door");
        assert_eq!(
            line,
            "3 clips, 20 MiB to sda1 (FAT), folder clips-door, 5 MiB free; 15 MiB are missing there, the newest clips come first"
        );
        let tally = Tally { copied: 2, bytes: 3 << 30, there: 0, unfinished: 1, left_out: 0 };
        assert_eq!(done(&tally), "2 clips copied, 3.0 GiB; 1 not finished yet and left out");
    }
}

//! PID 1: prepares the system, starts the services, restarts what dies, stops everything in order.
//!
//! The control flow is in `life`, written against the [`kernel::Kernel`] trait so that tests can read it as a list of
//! system calls; `linux` is the real thing. It must not touch the card or wait for anybody without a bound: when PID 1
//! hangs or dies, so does the product.

mod errand;
mod kernel;
mod life;
mod linux;
mod progress;
mod supervise;
mod tables;
mod watchdog;

use crate::restart::Ending;
use crate::{critical, log, warning, witness};
use std::process::ExitCode;

/// Runs for the life of the system. When it returns, the kernel panics and reboots the board: the last resort.
pub fn run() -> ExitCode {
    let mut kernel = linux::Linux::new();
    life::prepare(&mut kernel);
    log::install_epitaph_with("init", last_words);
    let order = life::run(&mut kernel);
    kernel::Kernel::end(&mut kernel, order);
    critical!("init: the system did not go down");
    ExitCode::FAILURE
}

/// PID 1 has panicked and the kernel will panic with it: the reason goes to the card while there is somebody to write it.
fn last_words(epitaph: &str) {
    let ending = Ending::Panic { part: "init".into(), epitaph: epitaph.into() };
    if let Err(error) = witness::tell(&ending) {
        warning!("the reason of the restart is not on the card: {error}");
    }
}

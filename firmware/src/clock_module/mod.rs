//! A clock module with a battery on the board's I2C header: the time survives a power cut.
//!
//! Read once, at the start, by `card`; set with the clock, by the console. Must not be needed: without one, time counts on from what is
//! known to have passed.

mod module;

pub use module::ModuleError;

use crate::control::{Question, tell};
use crate::settings::{ClockModule, Settings};
use crate::{board, clock, in_force, notice, paths, wall, warning};
use module::{Module, chip};

/// At the start: takes the module's time, if there is a module and it can be believed; and says what the time is worth either way.
pub fn consult() {
    let Settings { time_rtc, time_zone, .. } = in_force::read().settings;
    let shown = || wall::shown(&time_zone, clock::wall_us());
    match take_time(time_rtc) {
        Ok(true) => return notice!("clock: {} by the clock module", shown()),
        Ok(false) => {}
        Err(error) => warning!("clock: {error}"),
    }
    notice!("clock: not known; counting on from {}", shown());
}

/// Sets our clock by the module; whether there is one.
fn take_time(setting: ClockModule) -> Result<bool, ModuleError> {
    let Some(chip) = chip(setting) else { return Ok(false) };
    let us = Module::open(&chip, bus().as_deref())?.read(clock::wall_us())?;
    clock::set_wall_us(us).map_err(|error| ModuleError::NotTakenOver(error.into()))?;
    clock::mark_trusted().map_err(ModuleError::NotTakenOver)?;
    // A guard that does not run yet looks at the clock when it starts.
    tell(paths::GUARD_SOCKET, &Question::ClockSet);
    Ok(true)
}

/// Sets the module, if there is one, to microseconds since 1970.
///
/// # Errors
/// It is not there, or does not keep the time.
pub fn set(setting: ClockModule, us: u64) -> Result<(), ModuleError> {
    match chip(setting) {
        Some(chip) => Module::open(&chip, bus().as_deref())?.set(us),
        None => Ok(()),
    }
}

/// Where the board has its header's I2C bus.
fn bus() -> Option<String> {
    // init has complained already if there is no profile.
    board::profile().ok()?.clock_module.map(|module| module.bus)
}

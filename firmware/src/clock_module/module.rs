//! One chip on an I2C bus: announced to the kernel at run time, read, set.
//!
//! Which one it is says a setting, on which bus it hangs the board's profile. Must not touch our own clock.

use crate::clock::Utc;
use crate::device;
use crate::settings::ClockModule;
use crate::sys::rtc;
use std::io;
use std::path::{Path, PathBuf};

/// Where the kernel shows buses and what hangs on them (Documentation/i2c/instantiating-devices.rst, method 4).
const DEVICES: &str = "/sys/bus/i2c/devices";
/// What is read back after setting may be that much later: a write and a read take milliseconds.
const SET_AND_READ_S: u64 = 2;
/// How far a module may lie behind what is known to have passed: a quartz in the cold loses half an hour a year.
const BEHIND_S_MAX: u64 = 3600;
/// The chips count years in two digits, from 2000.
const BEYOND_S: u64 = 4_102_444_800;

/// Why a module does not give or keep the time.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The profile names no bus.
    #[error("this board has no I2C bus for a clock module")]
    NoBus,
    /// The profile does, and it is not there.
    #[error("the I2C bus {0} is not there")]
    BusMissing(String),
    /// The kernel does not take the announcement.
    #[error("the kernel does not take a {0} on its I2C bus: {1}")]
    NotTaken(&'static str, io::Error),
    /// Nothing is at its address, or something that speaks otherwise.
    #[error("no {0} answers at address 0x{1:02x}; check its power, SDA and SCL")]
    Silent(&'static str, u16),
    /// It says itself that its time is worth nothing.
    #[error("the clock module has lost its time; its battery is empty or was taken out. `clock` sets it")]
    LostTime,
    /// It cannot be read.
    #[error("the clock module cannot be read: {0}")]
    Unreadable(io::Error),
    /// A time that cannot be.
    #[error("the clock module says {0} UTC, which cannot be: {1}. `clock` sets it")]
    Impossible(Utc, &'static str),
    /// Our own clock does not take its time.
    #[error("the clock module's time cannot be taken over: {0}")]
    NotTakenOver(io::Error),
    /// It cannot be set.
    #[error("the clock module cannot be set: {0}")]
    NotSet(io::Error),
    /// It was set, and says something else.
    #[error("the clock module does not keep the time that it was given; it says {0} UTC")]
    NotKept(Utc),
}

/// A module that answers.
#[derive(Debug)]
pub struct Module {
    /// Its folder below `/sys/class/rtc`.
    shown: PathBuf,
    device: PathBuf,
}

impl Module {
    /// Announces the chip on that bus, unless it was before.
    ///
    /// # Errors
    /// No bus, or nothing that answers.
    pub fn open(chip: &Chip, bus: Option<&str>) -> Result<Module, ModuleError> {
        Module::open_in(Path::new(DEVICES), chip, bus.ok_or(ModuleError::NoBus)?)
    }

    fn open_in(devices: &Path, chip: &Chip, bus: &str) -> Result<Module, ModuleError> {
        let number = bus_number(devices, bus).ok_or_else(|| ModuleError::BusMissing(bus.into()))?;
        let device = devices.join(format!("{number}-{:04x}", chip.address));
        if let Some(module) = Module::of(&device) {
            return Ok(module);
        }
        let adapter = devices.join(format!("i2c-{number}"));
        if device.exists() {
            // It did not answer when it was announced, or another chip was. A fault shows in the next step.
            let _ = std::fs::write(adapter.join("delete_device"), format!("0x{:02x}", chip.address));
        }
        std::fs::write(adapter.join("new_device"), format!("{} 0x{:02x}", chip.name, chip.address))
            .map_err(|error| ModuleError::NotTaken(chip.name, error))?;
        // The driver has looked at it by now: it is not one that works in the background.
        Module::of(&device).ok_or(ModuleError::Silent(chip.name, chip.address))
    }

    /// The clock that a driver has made of the device, if one has.
    fn of(device: &Path) -> Option<Module> {
        let clock = std::fs::read_dir(device.join("rtc")).ok()?.flatten().next()?;
        Some(Module { shown: clock.path(), device: Path::new("/dev").join(clock.file_name()) })
    }

    /// Its time, microseconds since 1970, if it can be: not long before `floor_us`, which is known to have passed.
    ///
    /// # Errors
    /// It has lost its time, or it cannot be.
    pub fn read(&self, floor_us: u64) -> Result<u64, ModuleError> {
        let us = self.read_raw()?;
        let impossible = |why| Err(ModuleError::Impossible(Utc::from_us(us), why));
        if us.saturating_add(BEHIND_S_MAX * 1_000_000) < floor_us {
            impossible("it is known to be later")
        } else if us >= BEYOND_S * 1_000_000 {
            impossible("no such chip can count so far")
        } else {
            Ok(us)
        }
    }

    fn read_raw(&self) -> Result<u64, ModuleError> {
        let text = std::fs::read_to_string(self.shown.join("since_epoch")).map_err(|error| {
            // What drivers answer when the chip says so itself (6.12, drivers/rtc/rtc-ds1307.c, ds1307_get_time).
            if error.kind() == io::ErrorKind::InvalidInput {
                ModuleError::LostTime
            } else {
                ModuleError::Unreadable(error)
            }
        })?;
        let seconds = text.trim().parse::<u64>().map_err(|_| ModuleError::LostTime)?;
        Ok(seconds.saturating_mul(1_000_000))
    }

    /// Sets it and reads it back.
    ///
    /// # Errors
    /// It cannot be set, or does not keep what it is given.
    pub fn set(&self, us: u64) -> Result<(), ModuleError> {
        rtc::set(&self.device, date(us)).map_err(ModuleError::NotSet)?;
        self.keeps(us)
    }

    fn keeps(&self, us: u64) -> Result<(), ModuleError> {
        let said_us = self.read_raw()?;
        let seconds = (said_us / 1_000_000).checked_sub(us / 1_000_000);
        match seconds {
            Some(0..=SET_AND_READ_S) => Ok(()),
            _ => Err(ModuleError::NotKept(Utc::from_us(said_us))),
        }
    }
}

/// A chip: the name under which its driver knows it, and its address, which all of them have fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// As in the driver's table.
    pub name: &'static str,
    /// On the bus.
    pub address: u16,
}

/// The chip that a setting means.
pub fn chip(setting: ClockModule) -> Option<Chip> {
    let (name, address) = match setting {
        ClockModule::Off => return None,
        ClockModule::Ds1307 => ("ds1307", 0x68),
        ClockModule::Ds3231 => ("ds3231", 0x68),
        ClockModule::Pcf8523 => ("pcf8523", 0x68),
        ClockModule::Pcf8563 => ("pcf8563", 0x51),
    };
    Some(Chip { name, address })
}

/// The number of the bus that a device of that name drives, such as `3f804000.i2c`; numbers change with the order of probing.
fn bus_number(devices: &Path, bus: &str) -> Option<u32> {
    device::entries_of(devices, bus)
        .find_map(|entry| entry.file_name()?.to_str()?.strip_prefix("i2c-")?.parse().ok())
}

fn date(us: u64) -> rtc::Date {
    let utc = Utc::from_us(us);
    let part = |value: u32| i32::try_from(value).unwrap_or_default();
    rtc::Date {
        second: part(utc.second),
        minute: part(utc.minute),
        hour: part(utc.hour),
        day: part(utc.day),
        month: part(utc.month) - 1,
        year: part(utc.year) - 1900,
        ..rtc::Date::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{BEYOND_S, Chip, Module, ModuleError, bus_number, chip, date};
    use crate::clock::Utc;
    use crate::settings::ClockModule;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use tempfile::TempDir;

    const NOW_S: u64 = 1_795_742_433;
    const BUS: &str = "3f804000.i2c";

    /// Two buses as the kernel shows them, of which the second is ours; with a chip that has answered, or not.
    fn shown(time: Option<&str>) -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let devices = folder.path().join("devices");
        std::fs::create_dir_all(&devices).expect("made");
        for (number, bus) in [(0, "3f205000.i2c"), (1, BUS)] {
            let place = folder.path().join("platform").join(bus).join(format!("i2c-{number}"));
            std::fs::create_dir_all(&place).expect("made");
            for file in ["new_device", "delete_device"] {
                std::fs::write(place.join(file), "").expect("written");
            }
            symlink(&place, devices.join(format!("i2c-{number}"))).expect("linked");
        }
        if let Some(time) = time {
            let clock = devices.join("1-0068/rtc/rtc0");
            std::fs::create_dir_all(&clock).expect("made");
            std::fs::write(clock.join("since_epoch"), time).expect("written");
        }
        folder
    }

    fn open(folder: &TempDir, bus: &str) -> Result<Module, ModuleError> {
        let chip = chip(ClockModule::Ds3231).expect("a chip");
        Module::open_in(&folder.path().join("devices"), &chip, bus)
    }

    fn announced(folder: &TempDir) -> String {
        std::fs::read_to_string(folder.path().join("devices/i2c-1/new_device")).expect("read")
    }

    #[test]
    fn the_bus_is_found_by_its_device_and_a_chip_is_announced_once() {
        let folder = shown(Some(&format!("{NOW_S}\n")));
        assert_eq!(bus_number(&folder.path().join("devices"), BUS), Some(1));
        let module = open(&folder, BUS).expect("it answers");
        assert_eq!(announced(&folder), "", "it was announced before");
        assert_eq!(module.device, Path::new("/dev/rtc0"));
        assert_eq!(module.read(NOW_S * 1_000_000).expect("a time"), NOW_S * 1_000_000);
        assert!(module.keeps(NOW_S * 1_000_000).is_ok() && module.keeps((NOW_S - 2) * 1_000_000).is_ok());
        let lost = module.keeps((NOW_S + 1) * 1_000_000).expect_err("it says less");
        assert!(lost.to_string().ends_with("it says 2026-11-27 01:20:33 UTC"), "{lost}");
    }

    #[test]
    fn what_is_wrong_with_a_module_is_a_sentence() {
        let said = |result: Result<Module, ModuleError>| result.expect_err("refused").to_string();
        let ds3231 = Chip { name: "ds3231", address: 0x68 };
        assert_eq!(said(Module::open(&ds3231, None)), "this board has no I2C bus for a clock module");
        let silent = shown(None);
        assert_eq!(said(open(&silent, "1c2ac00.i2c")), "the I2C bus 1c2ac00.i2c is not there");
        let sentence = "no ds3231 answers at address 0x68; check its power, SDA and SCL";
        assert_eq!(said(open(&silent, BUS)), sentence);
        assert_eq!(announced(&silent), "ds3231 0x68");
        // Announced, and no driver took it: taken back and announced anew.
        std::fs::create_dir_all(silent.path().join("devices/1-0068")).expect("made");
        assert_eq!(said(open(&silent, BUS)), sentence);
        let taken_back = std::fs::read_to_string(silent.path().join("devices/i2c-1/delete_device"));
        assert_eq!(taken_back.expect("read"), "0x68");
    }

    #[test]
    fn a_time_that_cannot_be_is_not_believed() {
        let floor_us = NOW_S * 1_000_000;
        let read = |seconds: u64| {
            let folder = shown(Some(&seconds.to_string()));
            open(&folder, BUS).expect("it answers").read(floor_us)
        };
        assert!(read(NOW_S - 3600).is_ok(), "it loses a little in a drawer");
        for seconds in [0, 946_684_800, NOW_S - 3601, BEYOND_S] {
            assert!(matches!(read(seconds), Err(ModuleError::Impossible(..))), "{seconds}");
        }
        let garbled = shown(Some("-1"));
        let garbled = open(&garbled, BUS).expect("it answers").read(floor_us);
        assert!(matches!(garbled, Err(ModuleError::LostTime)));
    }

    #[test]
    fn every_chip_of_the_setting_is_one_of_a_driver() {
        for word in ClockModule::WORDS {
            let mut settings = crate::settings::Settings::default();
            settings.set("time.rtc", word).expect("allowed");
            assert_eq!(chip(settings.time_rtc).map_or("off", |chip| chip.name), *word);
        }
    }

    #[test]
    fn a_date_is_written_as_the_kernel_has_it() {
        let us = Utc::parse("2026-11-27 13:04:05").and_then(Utc::to_us).expect("a time");
        let date = date(us);
        let fields = [date.year, date.month, date.day, date.hour, date.minute, date.second];
        assert_eq!(fields, [126, 10, 27, 13, 4, 5]);
    }
}

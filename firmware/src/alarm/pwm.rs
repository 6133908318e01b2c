//! Channels of a hardware PWM through sysfs: tones for sirens, levels for lamps.
//!
//! A channel runs from the moment it is requested, at no duty, which is its inactive level whatever its polarity; to switch it is to write
//! its duty. (Documentation/ABI/testing/sysfs-class-pwm.) It must not know what an output is for.

use crate::device;
use crate::settings::wiring::Output;
use boards::Pwm;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where the kernel shows its PWM chips.
const CLASS: &str = "/sys/class/pwm";
/// A lamp that is dimmed: fast enough for eye and camera, slow enough for any transistor.
const DIMMED_HZ: u32 = 1000;
/// A tone without a level: the loudest.
const LOUDEST_PERCENT: u32 = 50;
/// The other tone of a siren that has two: three quarters of the first, a fourth in music.
const OTHER_TONE: (u32, u32) = (3, 4);

/// A channel as an output wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// The device, as the kernel names it.
    pub device: String,
    /// Its channel.
    pub channel: u32,
    /// The tone.
    pub hz: u32,
    /// How much of the time it is active.
    pub percent: u32,
}

impl Wave {
    /// What an output wants of the channel behind its pin.
    pub fn of(output: &Output, pwm: &Pwm) -> Wave {
        let percent = match (output.level_percent, output.tone_hz) {
            (Some(percent), _) => percent,
            (None, Some(_)) => LOUDEST_PERCENT,
            (None, None) => 100,
        };
        let hz = output.tone_hz.unwrap_or(DIMMED_HZ);
        Wave { device: pwm.device.clone(), channel: pwm.channel, hz, percent }
    }

    /// Period and duty of the tone, or of the other one, nanoseconds.
    fn times_ns(&self, is_other: bool) -> (u64, u64) {
        let (part, of) = if is_other { OTHER_TONE } else { (1, 1) };
        let period_ns = 1_000_000_000 * u64::from(of) / (u64::from(self.hz.max(1)) * u64::from(part));
        (period_ns, period_ns * u64::from(self.percent.min(100)) / 100)
    }

    fn folder(&self, class: &Path) -> io::Result<PathBuf> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, format!("there is no PWM {}", self.device));
        let chip = device::entries_of(class, &self.device).next().ok_or_else(missing)?;
        Ok(chip.join(format!("pwm{}", self.channel)))
    }
}

/// Takes a channel, or sets one that is held already going anew, at its initial level; gives the file that its duty is written to.
pub fn request(wave: &Wave, active_low: bool, initial_on: bool) -> io::Result<File> {
    request_in(Path::new(CLASS), wave, active_low, initial_on)
}

/// Puts a channel back to its initial level.
pub fn rest(duty: &File, wave: &Wave, initial_on: bool) -> io::Result<()> {
    write(duty, if initial_on { wave.times_ns(false).1 } else { 0 })
}

fn request_in(class: &Path, wave: &Wave, active_low: bool, initial_on: bool) -> io::Result<File> {
    let folder = wave.folder(class)?;
    if !folder.exists() {
        let chip = folder.parent().unwrap_or(class);
        fs::write(chip.join("export"), wave.channel.to_string())?;
    }
    // Another polarity is taken only while the channel stands still.
    fs::write(folder.join("enable"), "0")?;
    fs::write(folder.join("polarity"), if active_low { "inversed" } else { "normal" })?;
    // No duty first: the period may never be shorter than that.
    fs::write(folder.join("duty_cycle"), "0")?;
    fs::write(folder.join("period"), wave.times_ns(false).0.to_string())?;
    fs::write(folder.join("enable"), "1")?;
    let duty = OpenOptions::new().write(true).open(folder.join("duty_cycle"))?;
    rest(&duty, wave, initial_on)?;
    Ok(duty)
}

/// A channel as the alarm thread drives it.
#[derive(Debug)]
pub struct Voice {
    wave: Wave,
    duty: File,
    period: File,
    is_other: bool,
}

impl Voice {
    /// From the file that init handed over.
    pub fn open(wave: Wave, duty: File) -> io::Result<Voice> {
        let period = OpenOptions::new().write(true).open(wave.folder(Path::new(CLASS))?.join("period"))?;
        Ok(Voice { wave, duty, period, is_other: false })
    }

    /// Sounds the tone, or the other one.
    pub fn sound(&mut self, is_other: bool) -> io::Result<()> {
        let (period_ns, duty_ns) = self.wave.times_ns(is_other);
        if self.is_other != is_other {
            write(&self.duty, 0)?;
            write(&self.period, period_ns)?;
            self.is_other = is_other;
        }
        write(&self.duty, duty_ns)
    }

    /// Inactive.
    pub fn hush(&self) -> io::Result<()> {
        write(&self.duty, 0)
    }
}

/// The kernel takes a number with a write at the beginning. No allocation: this is the alarm's path.
fn write(file: &File, number: u64) -> io::Result<()> {
    use std::fmt::Write as _;
    let mut text = heapless::String::<20>::new();
    // Twenty digits hold any.
    let _ = write!(text, "{number}");
    file.write_at(text.as_bytes(), 0).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Voice, Wave, request_in, rest};
    use std::fs;
    use std::path::Path;

    fn wave(hz: u32, percent: u32) -> Wave {
        Wave { device: "3f20c000.pwm".into(), channel: 1, hz, percent }
    }

    /// A class with a chip of that device, as sysfs lays it out, the channel exported.
    fn class(folder: &Path) {
        let device = folder.join("devices/3f20c000.pwm/pwm/pwmchip3");
        fs::create_dir_all(device.join("pwm1")).expect("made");
        fs::create_dir_all(folder.join("class")).expect("made");
        std::os::unix::fs::symlink(&device, folder.join("class/pwmchip3")).expect("linked");
        std::os::unix::fs::symlink("../../../3f20c000.pwm", device.join("device")).expect("linked");
        for name in ["enable", "polarity", "duty_cycle", "period"] {
            fs::write(device.join("pwm1").join(name), "").expect("written");
        }
    }

    #[test]
    fn a_tone_has_its_period_and_its_duty() {
        assert_eq!(wave(2500, 50).times_ns(false), (400_000, 200_000));
        assert_eq!(wave(2500, 50).times_ns(true), (533_333, 266_666));
        assert_eq!(wave(1000, 30).times_ns(false), (1_000_000, 300_000));
        assert_eq!(wave(1000, 100).times_ns(false), (1_000_000, 1_000_000));
    }

    #[test]
    fn a_channel_is_found_by_its_device_and_runs_at_no_duty() {
        let folder = tempfile::tempdir().expect("tempdir");
        class(folder.path());
        let class = folder.path().join("class");
        let said = |name: &str| fs::read_to_string(class.join("pwmchip3/pwm1").join(name)).expect("read");
        let duty = request_in(&class, &wave(2500, 50), true, false).expect("requested");
        assert_eq!(
            ["enable", "polarity", "period", "duty_cycle"].map(said),
            ["1", "inversed", "400000", "0"]
        );
        let period =
            fs::OpenOptions::new().write(true).open(class.join("pwmchip3/pwm1/period")).expect("opened");
        let mut voice = Voice { wave: wave(2500, 50), duty, period, is_other: false };
        voice.sound(false).expect("sounds");
        assert_eq!(said("duty_cycle"), "200000");
        voice.sound(true).expect("sounds");
        assert_eq!((said("period"), said("duty_cycle")), ("533333".into(), "266666".into()));
        fs::write(class.join("pwmchip3/pwm1/duty_cycle"), "").expect("emptied, as the kernel does");
        rest(&voice.duty, &voice.wave, false).expect("silent");
        assert_eq!(said("duty_cycle"), "0");
        rest(&voice.duty, &voice.wave, true).expect("sounds");
        assert_eq!(said("duty_cycle"), "200000", "its initial level is on");
        let error = request_in(&class, &Wave { device: "x".into(), ..wave(1, 1) }, false, false)
            .expect_err("no such");
        assert_eq!(error.to_string(), "there is no PWM x");
    }
}

//! A bare sensor while it streams: its frame rate set, and exposure and white balance kept right, frame by frame.
//!
//! The loops themselves are [`vision::bayer`]'s; here they meet the sensor's controls. Looks at a thin grid of each frame and no further.

use super::sensors::{self, GainCode, SensorRow};
use super::{Mode, reach::Reach};
use crate::sys::{subdevice, v4l2_controls};
use nix::errno::Errno;
use std::fs::File;
use vision::bayer::{Balance, Exposure, Grid, Limits, Look, Setting};
use vision::luma::RawFrame;

/// The sensor's controls (linux/v4l2-controls.h).
mod control {
    pub const EXPOSURE: u32 = 0x0098_0911;
    pub const VERTICAL_BLANKING: u32 = 0x009e_0901;
    pub const HORIZONTAL_BLANKING: u32 = 0x009e_0902;
    pub const ANALOGUE_GAIN: u32 = 0x009e_0903;
    pub const PIXEL_RATE: u32 = 0x009f_0902;
}

/// White balance is looked at once in so many frames: light changes its colour slowly.
const BALANCE_EVERY: u32 = 8;

/// What a sensor's numbers of gain mean and may be.
struct Gain {
    code: GainCode,
    min: u32,
    max: u32,
}

/// See the head of this file.
pub struct Sensor {
    /// Its device.
    pub part: File,
    /// Nothing if it has no exposure that can be set.
    exposure: Option<Exposure>,
    gain: Option<Gain>,
    balance: Balance,
    look: Look,
    frames: u32,
}

impl Sensor {
    /// Takes a sensor over that was configured for `mode`, sets its rate and tells it a first exposure. The mode as it is now.
    ///
    /// # Errors
    /// It refuses what it said that it can.
    pub fn start(reach: Reach, mode: Mode, flash_us: Option<u32>) -> Result<(Sensor, Mode), Errno> {
        let row = sensors::find(&reach.name);
        let part = reach.sensor;
        let (mode, line_ns) = match set_rate(&part, mode)? {
            Some((fps_tenths, line_ns)) => (Mode { fps_tenths, ..mode }, line_ns),
            None => (mode, 0),
        };
        let gain = gain_of(&part, row)?;
        let exposure = exposure_of(&part, row, gain.as_ref(), line_ns, flash_us)?;
        let look = row.map_or_else(Look::default, |row| row.look);
        let balance = Balance::new(look.red_q8, look.blue_q8);
        let sensor = Sensor { part, exposure, gain, balance, look, frames: 0 };
        if let Some(setting) = sensor.exposure.as_ref().map(Exposure::setting) {
            sensor.tell(setting)?;
        }
        Ok((sensor, mode))
    }

    /// How pictures are to be made of its frames now.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Looks at a frame, and tells the sensor what to do better. Constant time; no allocation.
    ///
    /// # Errors
    /// The sensor did not take it.
    pub fn see(&mut self, frame: &RawFrame<'_>) -> Result<(), Errno> {
        let Some(seen) = Grid.measure(frame, &self.look) else { return Ok(()) };
        self.frames = self.frames.wrapping_add(1);
        if self.frames.is_multiple_of(BALANCE_EVERY) {
            self.balance.look(&seen);
            [self.look.red_q8, self.look.blue_q8] = self.balance.gains_q8();
        }
        let setting = self.exposure.as_mut().and_then(|exposure| exposure.look(&seen));
        setting.map_or(Ok(()), |setting| self.tell(setting))
    }

    fn tell(&self, setting: Setting) -> Result<(), Errno> {
        v4l2_controls::set(&self.part, control::EXPOSURE, number(setting.lines))?;
        let Some(gain) = &self.gain else { return Ok(()) };
        match gain.code.nearest(setting.gain_q8, gain.min, gain.max) {
            Some((code, _)) => v4l2_controls::set(&self.part, control::ANALOGUE_GAIN, number(code)),
            None => Ok(()),
        }
    }
}

/// Makes frames as long as the rate wants, by blank lines. The rate as it is then, tenths, and the time of a line; nothing if the sensor does
/// not say how fast it is.
fn set_rate(part: &File, mode: Mode) -> Result<Option<(u32, u32)>, Errno> {
    let Ok(pixel_rate) = subdevice::long_value(part, control::PIXEL_RATE) else { return Ok(None) };
    let find = |id| v4l2_controls::find(part, id);
    let (Some(vertical), Some(_)) = (find(control::VERTICAL_BLANKING)?, find(control::HORIZONTAL_BLANKING)?)
    else {
        return Ok(None);
    };
    let horizontal = v4l2_controls::value(part, control::HORIZONTAL_BLANKING)?;
    let timing = Timing::of(pixel_rate, mode, horizontal, (vertical.minimum, vertical.maximum));
    let Some(timing) = timing else { return Ok(None) };
    v4l2_controls::set(part, control::VERTICAL_BLANKING, timing.vertical_blanking)?;
    Ok(Some((timing.fps_tenths, timing.line_ns)))
}

/// How a sensor's frames are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Timing {
    vertical_blanking: i32,
    fps_tenths: u32,
    line_ns: u32,
}

impl Timing {
    /// A line takes its pixels and its blanking at the pixel rate; a frame takes its lines and the blank ones.
    fn of(pixel_rate: i64, mode: Mode, horizontal_blanking: i32, range: (i32, i32)) -> Option<Timing> {
        let rate = u64::try_from(pixel_rate).ok().filter(|rate| *rate > 0)?;
        let line_px = u64::from(mode.width) + u64::try_from(horizontal_blanking).ok()?;
        let lines = rate * 10 / (line_px.max(1) * u64::from(mode.fps_tenths.max(1)));
        let blank = i64::try_from(lines).ok()? - i64::from(mode.height);
        let blank = blank.clamp(range.0.into(), range.1.max(range.0).into());
        let lines = (i64::from(mode.height) + blank).max(1);
        Some(Timing {
            vertical_blanking: i32::try_from(blank).ok()?,
            fps_tenths: u32::try_from(rate * 10 / (line_px.max(1) * lines as u64)).ok()?,
            line_ns: u32::try_from(line_px * 1_000_000_000 / rate).ok()?,
        })
    }
}

fn gain_of(part: &File, row: Option<&SensorRow>) -> Result<Option<Gain>, Errno> {
    let Some(row) = row.filter(|row| row.gain != GainCode::Unknown) else { return Ok(None) };
    let found = v4l2_controls::find(part, control::ANALOGUE_GAIN)?;
    Ok(found.map(|found| Gain { code: row.gain, min: lines(found.minimum), max: lines(found.maximum) }))
}

fn exposure_of(
    part: &File,
    row: Option<&SensorRow>,
    gain: Option<&Gain>,
    line_ns: u32,
    flash_us: Option<u32>,
) -> Result<Option<Exposure>, Errno> {
    // Asked for after the rate was set, on which the longest exposure depends.
    let Some(found) = v4l2_controls::find(part, control::EXPOSURE)? else { return Ok(None) };
    let factor_max = gain.map_or(256, |gain| gain.code.factor_q8(gain.max));
    Ok(Some(Exposure::new(Limits {
        line_ns: line_ns.max(1),
        lines_min: lines(found.minimum),
        lines_max: lines(found.maximum),
        gain_max_q8: factor_max.min(row.map_or(256, |row| row.gain_max_q8)),
        // Without the time of a line nobody can count flashes.
        flash_us: flash_us.filter(|_| line_ns > 0),
    })))
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn lines(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Mode, Timing};
    use crate::camera::Format;

    #[test]
    fn an_imx219_is_timed_as_its_data_sheet_says() {
        let mode = |fps_tenths| Mode { format: Format::Raw(*b"pRAA"), width: 1640, height: 1232, fps_tenths };
        // 182.4 million pixels a second, lines of 3448.
        let at =
            |fps_tenths| Timing::of(182_400_000, mode(fps_tenths), 1808, (32, 64_303)).expect("a timing");
        assert_eq!(at(300), Timing { vertical_blanking: 531, fps_tenths: 300, line_ns: 18_903 });
        assert_eq!(at(150), Timing { vertical_blanking: 2_294, fps_tenths: 150, line_ns: 18_903 });
        assert_eq!(
            at(9_000),
            Timing { vertical_blanking: 32, fps_tenths: 418, line_ns: 18_903 },
            "no faster"
        );
        assert_eq!(Timing::of(0, mode(300), 1808, (32, 64_303)), None);
        assert_eq!(Timing::of(-5, mode(300), -1, (0, 0)), None);
    }
}

//! What the board says of itself: temperature, supply voltage, throttling. Only what its kernel shows.
//!
//! Read from sysfs: `class/thermal`, `class/hwmon` and the CPU's frequency limits (Documentation/ABI/testing/sysfs-class-thermal,
//! sysfs-class-hwmon, sysfs-devices-system-cpu). Must not know a board.

use std::fs;
use std::path::Path;

/// The driver that tells whether a Raspberry Pi's supply was too low (Documentation/hwmon/raspberrypi-hwmon.rst).
const VOLTAGE_DRIVER: &str = "rpi_volt";
/// What it says so in: 1 until the supply is good again.
const VOLTAGE_ALARM: &str = "in0_lcrit_alarm";
/// A temperature below or above that is a sensor that is not there.
const CELSIUS: std::ops::RangeInclusive<i64> = -40..=150;

/// All that is known, in words.
pub fn words(sys: &Path) -> String {
    let known: Vec<String> = [temperature(sys), voltage(sys), throttled(sys)].into_iter().flatten().collect();
    if known.is_empty() { "tells no temperature and no supply voltage".into() } else { known.join(", ") }
}

/// The warmest of the SoC's zones.
fn temperature(sys: &Path) -> Option<String> {
    let zones = entries(&sys.join("class/thermal"), "thermal_zone");
    let millis = zones.filter_map(|zone| number(&zone.join("temp")));
    let milli = millis.filter(|milli| CELSIUS.contains(&(milli / 1000))).max()?;
    Some(format!("{}.{} C", milli / 1000, (milli % 1000).abs() / 100))
}

fn voltage(sys: &Path) -> Option<String> {
    let chip = entries(&sys.join("class/hwmon"), "hwmon")
        .find(|chip| text(&chip.join("name")).is_some_and(|name| name == VOLTAGE_DRIVER))?;
    let alarm = number(&chip.join(VOLTAGE_ALARM))?;
    let words = if alarm == 0 { "supply ok" } else { "UNDERVOLTAGE: use a better power supply or cable" };
    Some(words.into())
}

/// Whether the CPU may not run as fast as it could: the kernel lowers the limit when the SoC gets too hot.
fn throttled(sys: &Path) -> Option<String> {
    let policy = sys.join("devices/system/cpu/cpufreq/policy0");
    let (now, most) = (number(&policy.join("scaling_max_freq"))?, number(&policy.join("cpuinfo_max_freq"))?);
    // That it may does not say that it does: a SoC's own firmware throttles without a word.
    (now < most).then(|| format!("THROTTLED to {} of {} MHz", now / 1000, most / 1000))
}

fn entries(folder: &Path, prefix: &'static str) -> impl Iterator<Item = std::path::PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(move |e| e.file_name().to_string_lossy().starts_with(prefix)).map(|e| e.path())
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn number(path: &Path) -> Option<i64> {
    text(path)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::words;
    use std::fs;
    use std::path::Path;

    fn write(sys: &Path, path: &str, text: &str) {
        let path = sys.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, format!("{text}\n")).expect("written");
    }

    #[test]
    fn only_what_the_kernel_shows_is_told() {
        let dir = tempfile::tempdir().expect("tempdir");
        let sys = dir.path();
        assert_eq!(words(sys), "tells no temperature and no supply voltage");
        write(sys, "class/thermal/thermal_zone0/temp", "48312");
        write(sys, "class/thermal/thermal_zone1/temp", "51900");
        write(sys, "class/thermal/thermal_zone2/temp", "-274000");
        write(sys, "class/thermal/cooling_device0/temp", "99000");
        assert_eq!(words(sys), "51.9 C");
        write(sys, "class/hwmon/hwmon0/name", "cpu_thermal");
        write(sys, "class/hwmon/hwmon1/name", "rpi_volt");
        write(sys, "class/hwmon/hwmon1/in0_lcrit_alarm", "0");
        write(sys, "devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "1200000");
        write(sys, "devices/system/cpu/cpufreq/policy0/scaling_max_freq", "1200000");
        assert_eq!(words(sys), "51.9 C, supply ok");
        write(sys, "class/hwmon/hwmon1/in0_lcrit_alarm", "1");
        write(sys, "devices/system/cpu/cpufreq/policy0/scaling_max_freq", "600000");
        assert!(
            words(sys)
                .ends_with("UNDERVOLTAGE: use a better power supply or cable, THROTTLED to 600 of 1200 MHz")
        );
        write(sys, "class/thermal/thermal_zone1/temp", "garbage");
        assert!(words(sys).starts_with("48.3 C, "));
    }
}

//! A USB stick with a raw file behind it: plugged in from the start, or pushed in and pulled out meanwhile.
//!
//! Whatever board it is, the stick takes a free port of the USB host that the camera hangs on, which the board's profile names where the
//! machine has several. Must not know what is on it.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Error;
use super::machine::{Machine, escape};

/// The drive, the device that has it, and what slows it down.
const DRIVE: &str = "stick";
const DEVICE: &str = "stick-device";
const PACE: &str = "stick-pace";
/// A stick is out at once; the machine may be busy.
const PULL_LIMIT: Duration = Duration::from_secs(30);
/// How often to try meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// QEMU's arguments for a stick that is plugged in from the start.
pub(super) fn arguments(image: &Path, bus: Option<&str>) -> Vec<String> {
    let drive = format!("id={DRIVE},if=none,format=raw,file={}", escape(image));
    let bus = bus.map_or_else(String::new, |bus| format!(",bus={bus}"));
    let device = format!("usb-storage,id={DEVICE},drive={DRIVE},removable=on{bus}");
    ["-drive", &drive, "-device", &device].map(String::from).to_vec()
}

/// What a stick is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct StickOptions {
    /// The most that it moves in a second; nothing: as fast as it can.
    pub bytes_per_s: Option<u64>,
    /// Whether its switch is set.
    pub is_write_protected: bool,
}

impl Machine {
    /// Pushes a stick in.
    ///
    /// # Errors
    /// When there is no monitor, or QEMU refuses.
    pub fn push_stick(&mut self, image: &Path, options: StickOptions) -> Result<(), Error> {
        let limits = json!({ "bps-total": options.bytes_per_s.unwrap_or(0) });
        self.qmp("object-add", &json!({ "qom-type": "throttle-group", "id": PACE, "limits": limits }))?;
        let locked = options.is_write_protected;
        // When it is pulled QEMU would bring everything to the host's own disk, and the machine would stand still for that long.
        let cache = json!({ "no-flush": true });
        let file = json!({ "driver": "file", "filename": image, "read-only": locked, "cache": cache });
        let raw = json!({ "driver": "raw", "file": file, "read-only": locked, "cache": cache });
        let drive = json!({
            "driver": "throttle", "node-name": DRIVE, "throttle-group": PACE, "file": raw, "read-only": locked,
            "cache": cache
        });
        self.qmp("blockdev-add", &drive)?;
        let mut device = json!({ "driver": "usb-storage", "id": DEVICE, "drive": DRIVE, "removable": true });
        if let Some(bus) = &self.usb_bus {
            device["bus"] = json!(bus);
        }
        self.qmp("device_add", &device).map(drop)
    }

    /// From now on the stick that was pushed in moves at most so many bytes a second.
    ///
    /// # Errors
    /// As [`Machine::push_stick`].
    pub fn pace_stick(&mut self, bytes_per_s: u64) -> Result<(), Error> {
        let limits = json!({ "bps-total": bytes_per_s });
        let set = json!({ "path": format!("/objects/{PACE}"), "property": "limits", "value": limits });
        self.qmp("qom-set", &set).map(drop)
    }

    /// The bytes that were read from and written to the stick that was pushed in, since then.
    ///
    /// # Errors
    /// As [`Machine::push_stick`], or when QEMU does not count.
    pub fn stick_moved(&mut self) -> Result<(u64, u64), Error> {
        let all = self.qmp("query-blockstats", &json!({}))?;
        let mut drives = all.as_array().into_iter().flatten();
        let stats = drives.find(|drive| drive["node-name"] == DRIVE).map(|drive| &drive["stats"]);
        let count = |name| stats.and_then(|stats| stats[name].as_u64());
        count("rd_bytes")
            .zip(count("wr_bytes"))
            .ok_or_else(|| Error::Monitor("it does not count what the stick moves".to_owned()))
    }

    /// Pulls out the stick that was pushed in, whatever the board does with it.
    ///
    /// # Errors
    /// As [`Machine::push_stick`], or when QEMU does not let it go.
    pub fn pull_stick(&mut self) -> Result<(), Error> {
        self.qmp("device_del", &json!({ "id": DEVICE }))?;
        if self.event("DEVICE_DELETED", PULL_LIMIT)?.is_none() {
            return Err(Error::Monitor("the stick stays in its port".to_owned()));
        }
        // The disk within the stick goes a moment after it.
        let deadline = Instant::now() + PULL_LIMIT;
        while let Err(error) = self.qmp("blockdev-del", &json!({ "node-name": DRIVE })) {
            if Instant::now() > deadline {
                return Err(error);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        self.qmp("object-del", &json!({ "id": PACE })).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn a_stick_is_a_drive_and_a_device_that_has_it() {
        let arguments = |bus| super::arguments(Path::new("/a,b.img"), bus).join(" ");
        let anywhere = "-drive id=stick,if=none,format=raw,file=/a,,b.img \
                        -device usb-storage,id=stick-device,drive=stick,removable=on";
        assert_eq!(arguments(None), anywhere);
        assert_eq!(arguments(Some("usb-bus.1")), format!("{anywhere},bus=usb-bus.1"));
    }
}

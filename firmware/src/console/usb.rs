//! What is plugged into USB, as the kernel's sysfs shows it (Documentation/ABI/testing/sysfs-bus-usb).
//!
//! Only reads. Must not judge.

use crate::plain::plain;
use std::fs;
use std::path::{Path, PathBuf};

/// Interface class of cameras (USB Device Class Definition for Video Devices).
const CLASS_VIDEO: &str = "0e";
/// Device class of hubs.
const CLASS_HUB: &str = "09";

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usb {
    /// Host controllers: root hubs.
    pub controllers: usize,
    /// What hangs on them, hubs left out.
    pub devices: Vec<Device>,
    /// How often a port has cut the power off because too much was drawn.
    pub over_currents: u64,
}

/// One device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Its place: bus, then port by port.
    pub place: String,
    /// Maker and product as it names itself.
    pub name: String,
    /// `vendor:product`.
    pub id: String,
    /// Megabits a second.
    pub speed_mbit: u32,
    /// Whether it has a camera's interfaces.
    pub is_camera: bool,
    /// The driver of those.
    pub driver: Option<String>,
}

impl Usb {
    /// What there is now.
    pub fn read(sys: &Path) -> Usb {
        let folder = sys.join("bus/usb/devices");
        let mut places: Vec<PathBuf> = entries(&folder);
        places.sort();
        let mut usb = Usb::default();
        for path in &places {
            let place = name_of(path);
            if place.contains(':') {
                usb.over_currents += over_currents(path);
            } else if place.starts_with("usb") {
                usb.controllers += 1;
            } else if text(path, "bDeviceClass") != CLASS_HUB {
                usb.devices.push(Device::read(path, place));
            }
        }
        usb
    }
}

impl Device {
    fn read(path: &Path, place: String) -> Device {
        let name = format!("{} {}", text(path, "manufacturer"), text(path, "product"));
        let interfaces = || entries(path).into_iter().filter(|i| text(i, "bInterfaceClass") == CLASS_VIDEO);
        let driver = |interface: PathBuf| fs::read_link(interface.join("driver")).ok();
        Device {
            id: format!("{}:{}", text(path, "idVendor"), text(path, "idProduct")),
            // 1.5 is the slowest.
            speed_mbit: text(path, "speed").split('.').next().and_then(|mbit| mbit.parse().ok()).unwrap_or(0),
            is_camera: interfaces().next().is_some(),
            driver: interfaces().find_map(driver).map(|driver| name_of(&driver)),
            name: name.trim().to_owned(),
            place,
        }
    }
}

/// Of the ports of a hub's interface.
fn over_currents(interface: &Path) -> u64 {
    let ports = entries(interface).into_iter().filter(|port| name_of(port).contains("-port"));
    ports.filter_map(|port| text(&port, "over_current_count").parse::<u64>().ok()).sum()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The device chose what is in some of these files: nothing of it moves the cursor.
fn text(folder: &Path, file: &str) -> String {
    let bytes = fs::read(folder.join(file)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    plain(text.trim())
}

#[cfg(test)]
pub mod tests {
    use super::{Device, Usb};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn write(folder: &Path, file: &str, text: &str) {
        fs::create_dir_all(folder).expect("made");
        fs::write(folder.join(file), format!("{text}\n")).expect("written");
    }

    fn plug(sys: &Path, place: &str, class: &str, interface: &str, driver: Option<&str>) {
        let folder = sys.join("bus/usb/devices").join(place);
        for (file, text) in [
            ("bDeviceClass", "ef"),
            ("idVendor", "046d"),
            ("idProduct", "082d"),
            ("speed", "480"),
            ("manufacturer", "Maker"),
            ("product", "Thing\x1b[2J"),
        ] {
            write(&folder, file, text);
        }
        write(&folder, "bDeviceClass", class);
        let interface_folder = folder.join(format!("{place}:1.0"));
        write(&interface_folder, "bInterfaceClass", interface);
        if let Some(driver) = driver {
            symlink(Path::new("../../drivers").join(driver), interface_folder.join("driver"))
                .expect("linked");
        }
    }

    #[test]
    fn cameras_are_told_from_other_devices_and_hubs_are_left_out() {
        let dir = tempfile::tempdir().expect("tempdir");
        let sys = dir.path();
        assert_eq!(Usb::read(sys), Usb::default());
        write(&sys.join("bus/usb/devices/usb1"), "bDeviceClass", "09");
        write(&sys.join("bus/usb/devices/1-0:1.0/usb1-port1"), "over_current_count", "2");
        write(&sys.join("bus/usb/devices/1-0:1.0/usb1-port2"), "over_current_count", "1");
        plug(sys, "1-1", "09", "09", Some("hub"));
        plug(sys, "1-1.2", "ef", "0e", Some("uvcvideo"));
        plug(sys, "1-1.3", "00", "08", Some("usb-storage"));
        let usb = Usb::read(sys);
        assert_eq!((usb.controllers, usb.over_currents, usb.devices.len()), (1, 3, 2));
        let camera = Device {
            place: "1-1.2".into(),
            name: "Maker Thing[2J".into(),
            id: "046d:082d".into(),
            speed_mbit: 480,
            is_camera: true,
            driver: Some("uvcvideo".into()),
        };
        assert_eq!(usb.devices[0], camera);
        assert!(!usb.devices[1].is_camera && usb.devices[1].driver.is_none());
    }
}

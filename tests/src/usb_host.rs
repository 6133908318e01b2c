//! The machine whose USB device port hangs on a host of its own: what the emulator and the test kernel need for that.
//!
//! The guest is the board and the computer beside it. Of the computer there is nothing but Linux's own driver for serial lines on USB, and a
//! wire (a test hook of the firmware, `test-host`) from there to a port of the machine, whose other end is a socket of the harness: who
//! types, reads and judges is outside.

use boards::DevicePort;
use std::path::{Path, PathBuf};

/// The test kernel: `tests/kernel/NAME.config`.
pub const KERNEL: &str = "usb-gadget";

/// The board's device port, with that kernel.
pub fn device_port() -> DevicePort {
    DevicePort { controller: "dummy_udc.0".into() }
}

/// The harness's end of the wire.
pub fn socket(folder: &Path) -> PathBuf {
    folder.join("usb-host")
}

/// Arguments for the emulator. The port's name is how the test hook finds it.
pub fn arguments(folder: &Path) -> Vec<String> {
    let chardev = format!("socket,id=usb-host,path={},server=on,wait=off", socket(folder).display());
    let port = "virtserialport,chardev=usb-host,name=usb-host";
    ["-chardev", &chardev, "-device", "virtio-serial-pci", "-device", port].map(str::to_owned).to_vec()
}

//! The port: its controller found, the device made, bound and let go.

use super::recipe::{self, BINDING, Texts};
use crate::device;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use std::io;
use std::path::{Path, PathBuf};

/// The kernel's side of the serial line.
pub const TTY: &str = "/dev/ttyGS0";
/// Where the kernel's configuration file system is mounted.
const CONFIGURATION: &str = "/sys/kernel/config";
/// The kernel's folder of gadgets, in there.
const GADGETS: &str = "/sys/kernel/config/usb_gadget";
/// The controllers that can be a device.
const CONTROLLERS: &str = "/sys/class/udc";
/// The board's number, where its boot chain tells it.
const SERIAL_NUMBER: &str = "/proc/device-tree/serial-number";
/// What a controller says when a computer has taken the device up and neither of them sleeps.
const IN_USE: &str = "configured";

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Its driver has not come up, or not yet.
    #[error("its controller {0} is not there")]
    NoController(String),
    /// The kernel.
    #[error("{doing}: {source}")]
    Kernel {
        /// What was being done.
        doing: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
}

/// A device that hangs on its controller.
#[derive(Debug)]
pub struct Port {
    controller: PathBuf,
}

impl Port {
    /// Makes the device and hangs it on the controller, unless a process before this one did; a computer that uses it meanwhile goes on.
    ///
    /// # Errors
    /// Something of it is not there, or not as expected. It may be tried again.
    pub fn open(controlled: &str, board: &str) -> Result<Port, PortError> {
        let controller = device::entries_of(Path::new(CONTROLLERS), controlled)
            .next()
            .ok_or_else(|| PortError::NoController(controlled.to_owned()))?;
        let kernel = |doing| move |source| PortError::Kernel { doing, source };
        match mount(Some("configfs"), CONFIGURATION, Some("configfs"), MsFlags::MS_NOSUID, None::<&str>) {
            Ok(()) | Err(Errno::EBUSY) => {}
            Err(error) => return Err(kernel("mounting the kernel's configuration")(error.into())),
        }
        let binding = Path::new(GADGETS).join(BINDING);
        if std::fs::read_to_string(&binding).is_ok_and(|bound| !bound.trim().is_empty()) {
            return Ok(Port { controller });
        }
        let texts = Texts { board: board.to_owned(), serial_number: serial_number(Path::new(SERIAL_NUMBER)) };
        recipe::perform(&recipe::steps(&texts), Path::new(GADGETS)).map_err(kernel("making the device"))?;
        let name = controller.file_name().unwrap_or_default().as_encoded_bytes();
        std::fs::write(binding, name).map_err(kernel("hanging the device on its controller"))?;
        Ok(Port { controller })
    }

    /// Whether a computer uses the device now: one that sleeps does not, nor does a cable that leads nowhere.
    pub fn is_in_use(&self) -> bool {
        std::fs::read_to_string(self.controller.join("state")).is_ok_and(|state| state.trim() == IN_USE)
    }

    /// Takes the device off the controller, as if its cable was pulled. Before the system goes down: what a computer has not read would keep
    /// the line from being closed for 15 s (`GS_CLOSE_TIMEOUT` of the kernel's u_serial), and some controllers hang when they are reset in use.
    pub fn leave(&self) {
        // It goes with the system in any case.
        let _ = std::fs::write(Path::new(GADGETS).join(BINDING), "\n");
    }
}

fn serial_number(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::serial_number;

    #[test]
    fn the_boards_number_is_what_the_device_tree_says_without_its_end() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (text, expected) in [("00000000abcd1234\0", Some("00000000abcd1234")), ("\0", None), ("", None)] {
            std::fs::write(file.path(), text).expect("written");
            assert_eq!(serial_number(file.path()).as_deref(), expected);
        }
    }
}

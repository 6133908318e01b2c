//! THE table of cameras that want to be treated in their own way: one row each, with the source of what is known.
//!
//! Only what cannot be seen in the pictures themselves ([`super::heal`] needs no table), and what the kernel's `uvcvideo`, which has a table of its own, does not
//! do for us. A new camera is one row here.

use std::path::Path;

/// A camera's vendor and product, as USB numbers them.
pub type UsbId = (u16, u16);

/// How a camera is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Once it is asked for a rate it sends nothing: it keeps its own.
    KeepsItsRate,
    /// The first picture of a stream is damaged in a way that is not always seen: it is not used.
    FirstIsDamaged,
}

/// A row.
struct Row {
    usb: UsbId,
    /// For people.
    name: &'static str,
    quirk: Quirk,
    /// Who says so.
    source: &'static str,
}

/// OctoPi has a list of cameras for which it leaves out mjpg-streamer's option for the rate.
const OCTOPI: &str = "OctoPi, octopi.txt, brokenfps_usb_devices";
const FREERDP: &str = "FreeRDP, pull requests 10292 and 10726";

#[rustfmt::skip]
static ROWS: &[Row] = &[
    Row { usb: (0x0458, 0x708c), name: "Genius F100", quirk: Quirk::KeepsItsRate, source: OCTOPI },
    Row { usb: (0x046d, 0x082b), name: "Logitech C170", quirk: Quirk::KeepsItsRate, source: OCTOPI },
    Row { usb: (0x1908, 0x2310), name: "GEMBIRD", quirk: Quirk::KeepsItsRate, source: OCTOPI },
    Row { usb: (0x1e4e, 0x0102), name: "Cubeternet GL-UPC822", quirk: Quirk::KeepsItsRate, source: OCTOPI },
    Row { usb: (0x046d, 0x0843), name: "Logitech C930e", quirk: Quirk::FirstIsDamaged, source: FREERDP },
    Row { usb: (0x046d, 0x08e5), name: "Logitech C920, newer ones", quirk: Quirk::FirstIsDamaged, source: FREERDP },
];

/// What is known of one camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    usb: Option<UsbId>,
}

impl Quirks {
    /// Of the camera with this device; none for one that does not hang on USB.
    pub fn of(device: &Path) -> Quirks {
        let Some(node) = device.file_name() else { return Quirks::default() };
        // The interface of a USB device; the device is the folder around it.
        let interface = Path::new("/sys/class/video4linux").join(node).join("device");
        let number = |file: &str| {
            let text = std::fs::read_to_string(interface.join("..").join(file)).ok()?;
            u16::from_str_radix(text.trim(), 16).ok()
        };
        Quirks { usb: number("idVendor").zip(number("idProduct")) }
    }

    /// Whether it is to be treated so.
    pub fn has(self, quirk: Quirk) -> bool {
        ROWS.iter().any(|row| Some(row.usb) == self.usb && row.quirk == quirk)
    }

    /// What is known, for the log; empty if nothing is.
    pub fn words(self) -> String {
        let known = ROWS.iter().filter(|row| Some(row.usb) == self.usb);
        let words = known.map(|row| {
            let what = match row.quirk {
                Quirk::KeepsItsRate => "it keeps its own frame rate",
                Quirk::FirstIsDamaged => "its first picture is not used",
            };
            format!("{}: {what} (source: {})", row.name, row.source)
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Quirk, Quirks, ROWS};

    #[test]
    fn each_camera_has_a_row_for_each_quirk_once_with_its_source() {
        for (at, row) in ROWS.iter().enumerate() {
            assert!(!row.name.is_empty() && !row.source.is_empty());
            assert!(ROWS[at + 1..].iter().all(|other| (other.usb, other.quirk) != (row.usb, row.quirk)));
        }
    }

    #[test]
    fn a_camera_is_known_by_its_numbers_and_others_have_no_quirks() {
        let c170 = Quirks { usb: Some((0x046d, 0x082b)) };
        assert!(c170.has(Quirk::KeepsItsRate) && !c170.has(Quirk::FirstIsDamaged));
        assert!(c170.words().starts_with("Logitech C170: it keeps its own frame rate (source: OctoPi"));
        for other in [Quirks::default(), Quirks { usb: Some((0x1d6b, 0x0102)) }] {
            assert!(!other.has(Quirk::KeepsItsRate) && other.words().is_empty());
        }
    }
}

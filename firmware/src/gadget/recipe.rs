//! What the device is, as the list of folders, files and links that make it in the kernel's configuration file system.
//!
//! Pure but for [`perform`]. The kernel's words for it are in `Documentation/ABI/testing/configfs-usb-gadget*`.

use std::io;
use std::path::Path;

/// Longest text in a USB string descriptor: 255 bytes, two of them not text, two for each character.
const TEXT_CHARS_MAX: usize = 126;
/// The device's folder below the kernel's folder of gadgets.
pub const DEVICE: &str = "kerberos";
/// The file that binds the device to a controller.
pub const BINDING: &str = "kerberos/UDC";

/// One step. Paths are relative to the kernel's folder of gadgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make a folder.
    Folder(&'static str),
    /// Write a file.
    Write(&'static str, String),
    /// Make a link at the second path to the first.
    Link(&'static str, &'static str),
}

/// What is in the device's texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The board's name for people.
    pub board: String,
    /// What tells this board from others of its kind, if anything does.
    pub serial_number: Option<String>,
}

/// The steps, in their order.
///
/// The numbers are the Linux Foundation's for devices that a Linux system makes (vendor 1d6b, product 0104): we have none of our own, and
/// nothing is bound by number. What binds the driver that Windows, macOS and Linux have is the class of the interfaces; class ef/02/01 of
/// the device says that interfaces belong together, without which Windows does not look at theirs.
pub fn steps(texts: &Texts) -> Vec<Step> {
    use Step::{Folder, Link, Write};
    let write = |path, text: &str| Write(path, text.to_owned());
    let mut steps = vec![
        Folder(DEVICE),
        write("kerberos/idVendor", "0x1d6b"),
        write("kerberos/idProduct", "0x0104"),
        write("kerberos/bcdDevice", "0x0100"),
        write("kerberos/bcdUSB", "0x0200"),
        write("kerberos/bDeviceClass", "0xef"),
        write("kerberos/bDeviceSubClass", "0x02"),
        write("kerberos/bDeviceProtocol", "0x01"),
        Folder("kerberos/strings/0x409"),
        write("kerberos/strings/0x409/manufacturer", "Kerberos"),
        Write("kerberos/strings/0x409/product", text(&format!("Kerberos console on {}", texts.board))),
    ];
    if let Some(number) = &texts.serial_number {
        steps.push(Write("kerberos/strings/0x409/serialnumber", text(number)));
    }
    steps.extend([
        Folder("kerberos/configs/c.1"),
        Folder("kerberos/configs/c.1/strings/0x409"),
        write("kerberos/configs/c.1/strings/0x409/configuration", "console"),
        // The board has power of its own, and does not wake a computer that sleeps: then it may sleep, open terminal or not.
        write("kerberos/configs/c.1/bmAttributes", "0xc0"),
        // Milliampere. None at all is unusual, and some computers stumble over it.
        write("kerberos/configs/c.1/MaxPower", "2"),
        Folder("kerberos/functions/acm.console"),
        Link("kerberos/functions/acm.console", "kerberos/configs/c.1/acm.console"),
    ]);
    steps
}

/// Fit for a string descriptor and a file of one line.
fn text(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// Does the steps below `folder`. What is there already, from a process before this one, is no error.
///
/// # Errors
/// The first step that failed.
pub fn perform(steps: &[Step], folder: &Path) -> io::Result<()> {
    for step in steps {
        let done = match step {
            Step::Folder(path) => std::fs::create_dir(folder.join(path)),
            Step::Write(path, text) => std::fs::write(folder.join(path), text),
            Step::Link(from, to) => std::os::unix::fs::symlink(folder.join(from), folder.join(to)),
        };
        match done {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Step, TEXT_CHARS_MAX, Texts, perform, steps};

    fn texts() -> Texts {
        Texts { board: "Orange Pi PC".into(), serial_number: Some("02c000815fd5e717".into()) }
    }

    /// The calls, as they would be typed.
    fn typed(steps: &[Step]) -> Vec<String> {
        let line = |step: &Step| match step {
            Step::Folder(path) => format!("mkdir {path}"),
            Step::Write(path, text) => format!("write {path} {text}"),
            Step::Link(from, to) => format!("link {from} {to}"),
        };
        steps.iter().map(line).collect()
    }

    /// UG1.
    #[test]
    fn the_device_is_made_by_these_calls_in_this_order() {
        let expected = [
            "mkdir kerberos",
            "write kerberos/idVendor 0x1d6b",
            "write kerberos/idProduct 0x0104",
            "write kerberos/bcdDevice 0x0100",
            "write kerberos/bcdUSB 0x0200",
            "write kerberos/bDeviceClass 0xef",
            "write kerberos/bDeviceSubClass 0x02",
            "write kerberos/bDeviceProtocol 0x01",
            "mkdir kerberos/strings/0x409",
            "write kerberos/strings/0x409/manufacturer Kerberos",
            "write kerberos/strings/0x409/product Kerberos console on Orange Pi PC",
            "write kerberos/strings/0x409/serialnumber 02c000815fd5e717",
            "mkdir kerberos/configs/c.1",
            "mkdir kerberos/configs/c.1/strings/0x409",
            "write kerberos/configs/c.1/strings/0x409/configuration console",
            "write kerberos/configs/c.1/bmAttributes 0xc0",
            "write kerberos/configs/c.1/MaxPower 2",
            "mkdir kerberos/functions/acm.console",
            "link kerberos/functions/acm.console kerberos/configs/c.1/acm.console",
        ];
        assert_eq!(typed(&steps(&texts())), expected);
    }

    #[test]
    fn a_board_without_a_number_says_none_and_a_long_name_is_cut() {
        let long = Texts { board: "x\n".repeat(200), serial_number: None };
        let lines = typed(&steps(&long));
        assert!(!lines.iter().any(|line| line.contains("serialnumber")), "{lines:?}");
        let product =
            lines.iter().find_map(|line| line.strip_prefix("write kerberos/strings/0x409/product "));
        assert_eq!(product.map(|text| text.chars().count()), Some(TEXT_CHARS_MAX));
    }

    #[test]
    fn a_second_process_finds_everything_there() {
        let folder = tempfile::tempdir().expect("a folder");
        // The kernel makes these with the folder above them.
        for path in
            ["kerberos/strings", "kerberos/configs", "kerberos/configs/c.1/strings", "kerberos/functions"]
        {
            std::fs::create_dir_all(folder.path().join(path)).expect("made");
        }
        for _ in 0..2 {
            perform(&steps(&texts()), folder.path()).expect("performed");
        }
        let number = folder.path().join("kerberos/strings/0x409/serialnumber");
        assert_eq!(std::fs::read_to_string(number).expect("read"), "02c000815fd5e717");
        assert!(folder.path().join("kerberos/configs/c.1/acm.console").is_dir(), "the link leads somewhere");
        let nowhere = folder.path().join("nowhere");
        assert!(perform(&steps(&texts()), &nowhere).is_err());
    }
}

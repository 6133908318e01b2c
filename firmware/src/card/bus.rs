//! What hangs on which bus: disks on USB are no cards of ours, and all others are no sticks.
//!
//! Reads the kernel's views (Documentation/ABI: `/sys/block`, whose entries are links to where each disk hangs), never a disk.
//! It must not judge what is on one.

use std::path::{Component, Path};

/// Where the kernel lists its block devices.
pub const BLOCK: &str = "/sys/block";

/// The names of all disks, in order; none when the kernel does not say.
pub fn disks(block: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(block) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Whether a disk hangs on USB.
pub fn hangs_on_usb(block: &Path, name: &str) -> bool {
    std::fs::read_link(block.join(name)).is_ok_and(|link| has_usb_bus(&link))
}

/// A bus is a folder `usb` and its number, with the devices on it below.
fn has_usb_bus(link: &Path) -> bool {
    link.components().any(|part| match part {
        Component::Normal(part) => part
            .to_str()
            .and_then(|part| part.strip_prefix("usb"))
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::has_usb_bus;
    use std::path::Path;

    #[test]
    fn a_stick_hangs_on_usb_and_a_card_does_not() {
        for (link, expected) in [
            (
                "../devices/platform/soc/1c1b000.usb/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block/sda",
                true,
            ),
            ("../devices/pci0000:00/0000:00:02.0/usb12/12-1/12-1:1.0/host0/block/sda", true),
            ("../devices/platform/soc/1c0f000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", false),
            // A controller's own name is no bus.
            ("../devices/platform/soc/3f980000.usb/block/x", false),
            ("../devices/virtual/block/loop0", false),
        ] {
            assert_eq!(has_usb_bus(Path::new(link)), expected, "{link}");
        }
    }
}

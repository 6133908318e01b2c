//! What a device has made in sysfs, found by the device's own name.
//!
//! The kernel numbers buses, controllers and chips in the order of probing. Must not know what they are for.

use std::path::{Path, PathBuf};

/// The entries of a folder of sysfs that lie below the device of that name, such as `3f804000.i2c`.
pub fn entries_of(folder: &Path, device: &str) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    // Where the link leads names all devices above it.
    entries
        .map(|entry| entry.path())
        .filter(move |path| path.canonicalize().is_ok_and(|place| place.iter().any(|part| part == device)))
}

#[cfg(test)]
mod tests {
    use super::entries_of;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    #[test]
    fn a_controller_is_found_by_the_device_above_it_whatever_its_own_name_is() {
        let controller = |class: &Path, device: &str| entries_of(class, device).next();
        let folder = tempfile::tempdir().expect("a folder");
        let class = folder.path().join("class");
        std::fs::create_dir(&class).expect("made");
        for (device, name) in [("1c19000.usb", "musb-hdrc.2.auto"), ("20980000.usb", "20980000.usb")] {
            let real = folder.path().join("devices").join(device).join("udc").join(name);
            std::fs::create_dir_all(&real).expect("made");
            symlink(&real, class.join(name)).expect("linked");
        }
        assert_eq!(controller(&class, "1c19000.usb"), Some(class.join("musb-hdrc.2.auto")));
        assert_eq!(controller(&class, "20980000.usb"), Some(class.join("20980000.usb")));
        assert_eq!(controller(&class, "1c19000"), None, "a part of a name is not a name");
        assert_eq!(controller(&folder.path().join("none"), "1c19000.usb"), None);
    }
}

//! A loop device: a real block device of the kernel with a file behind it, to write a card image to.

use crate::Failure;
use crate::card::{run, text};
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A loop device; gone when dropped.
pub struct LoopDevice {
    device: PathBuf,
    folder: TempDir,
}

impl LoopDevice {
    /// A device of `bytes`, with further options for losetup. `None`, and a word about it, where this host has none to
    /// give: no root, or a container without loop devices.
    pub fn new(bytes: u64, options: &[&str]) -> Result<Option<LoopDevice>, Failure> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("card.img");
        File::create(&file)?.set_len(bytes)?;
        let file = text(&file);
        match run("/sbin/losetup", &[options, &["--find", "--show", &file]].concat()) {
            Ok(device) => {
                println!("on a real loop device, {}", device.trim());
                Ok(Some(LoopDevice { device: device.trim().into(), folder }))
            }
            Err(reason) => {
                println!(
                    "NOT RUN: no loop devices here ({reason}); the image builder's own tests show the same on"
                );
                println!("a computer made of files and cards made of memory");
                Ok(None)
            }
        }
    }

    /// The device file.
    pub fn device(&self) -> &Path {
        &self.device
    }

    /// The file behind it.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("card.img")
    }

    /// A folder of this device's own, which goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for LoopDevice {
    fn drop(&mut self) {
        let _ = run("/sbin/losetup", &["--detach", &text(&self.device)]);
    }
}

//! Plays the boot loader: finds the slot on the card and reads from it what the machine is started with.

use std::path::Path;

use boards::layout::{
    BOOT, CMDLINE_FILE, DEVICE_TREE_FILE, INITRAMFS_FILE, KERNEL_FILE, Partition, SLOT_A, SLOT_B, SLOT_FILE,
};
use boards::{Emulator, Loader};

use super::{Error, raspberry_pi};
use crate::fat::{self, read_file};

/// What a boot loader hands to the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// `a` or `b`.
    pub name: char,
    /// The kernel.
    pub kernel: Vec<u8>,
    /// The initramfs.
    pub initramfs: Vec<u8>,
    /// The device tree, where there is one.
    pub device_tree: Option<Vec<u8>>,
    /// The command line.
    pub cmdline: String,
}

/// What the loader hands over; nothing where the machine's own boot chain does it.
///
/// # Errors
/// As [`read_slot`] and [`raspberry_pi::read_slot`].
pub fn load(card: &Path, emulator: &Emulator) -> Result<Option<Slot>, Error> {
    match emulator.loader {
        Loader::SlotFile => read_slot(card).map(Some),
        Loader::RaspberryPi => raspberry_pi::read_slot(card, &emulator.config_filters).map(Some),
        Loader::Card => Ok(None),
    }
}

/// Reads the slot that `slot.txt` selects.
///
/// # Errors
/// When the card has no valid selection, or the slot lacks a file.
pub fn read_slot(card: &Path) -> Result<Slot, Error> {
    let selection = read_file(card, BOOT.offset_bytes, SLOT_FILE)?;
    let (name, partition): (char, Partition) = match selection.first() {
        Some(b'a') => ('a', SLOT_A),
        Some(b'b') => ('b', SLOT_B),
        _ => return Err(Error::SlotFile(String::from_utf8_lossy(&selection).into_owned())),
    };
    let read = |name| read_file(card, partition.offset_bytes, name);
    let device_tree = match read(DEVICE_TREE_FILE) {
        Ok(bytes) => Some(bytes),
        Err(fat::ReadError::NoFile(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let cmdline = String::from_utf8_lossy(&read(CMDLINE_FILE)?).trim().to_owned();
    Ok(Slot { name, kernel: read(KERNEL_FILE)?, initramfs: read(INITRAMFS_FILE)?, device_tree, cmdline })
}

//! Our own card among the block devices: the one with our disk signature, whatever its number is.
//!
//! Card numbers differ from board to board and with the order of probing, so no name is taken for granted.

use super::{bus, watch};
use crate::clock;
use boards::layout;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The signature's place in the first sector.
const SIGNATURE_OFFSET: u64 = 440;
/// How long a card may take to show up before the others start without it. A good card is there within a second; a later
/// one joins when it comes, by the same way as one that was pulled and pushed in again.
const APPEAR_LIMIT_US: u64 = 2_000_000;
/// How often to look meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Why there is no disk.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// There are block devices, none of which is ours.
    #[error("the card ({0}) is not one of this product's, or cannot be read; it is not touched")]
    NotOurs(String),
    /// There is no block device.
    #[error("no card was found; check that it is pushed in, or that its power supply has a driver")]
    None,
}

/// Our card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    name: String,
}

impl Disk {
    /// Waits until the card shows up, within a bound.
    pub fn await_it() -> Result<Disk, DiskError> {
        let deadline_us = clock::monotonic_us() + APPEAR_LIMIT_US;
        loop {
            match Disk::find() {
                Err(_) if clock::monotonic_us() < deadline_us => std::thread::sleep(LOOK_EVERY),
                found => return found,
            }
        }
    }

    /// Looks for the card.
    pub fn find() -> Result<Disk, DiskError> {
        let names = block_devices();
        match names.iter().find(|name| is_ours(name)) {
            Some(name) => Ok(Disk { name: name.clone() }),
            None if names.is_empty() => Err(DiskError::None),
            None => Err(DiskError::NotOurs(names.join(", "))),
        }
    }

    /// The number that the kernel gives to no other device.
    pub fn sequence(&self) -> Option<u64> {
        watch::sequence(&self.name)
    }

    /// The whole disk.
    pub fn path(&self) -> PathBuf {
        Path::new("/dev").join(&self.name)
    }

    /// One of its partitions, counted from 1.
    pub fn partition(&self, number: u8) -> PathBuf {
        Path::new("/dev").join(partition_name(&self.name, number))
    }

    /// Sets the largest request that the kernel makes of the card.
    pub fn limit_requests(&self, kib: u32) -> io::Result<()> {
        std::fs::write(format!("/sys/block/{}/queue/max_sectors_kb", self.name), kib.to_string())
    }

    /// The whole disk, for reading and writing.
    pub fn open(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(self.path())
    }
}

/// The names of all block devices that may be our card. A stick or a card in a reader never is, also not one of this
/// product's: nobody boots from there, and who plugs one in wants something else of it.
pub(super) fn block_devices() -> Vec<String> {
    let block = Path::new(bus::BLOCK);
    bus::disks(block).into_iter().filter(|name| !bus::hangs_on_usb(block, name)).collect()
}

fn is_ours(name: &str) -> bool {
    let mut signature = [0; 4];
    let read = File::open(Path::new("/dev").join(name))
        .and_then(|f| f.read_exact_at(&mut signature, SIGNATURE_OFFSET));
    read.is_ok() && u32::from_le_bytes(signature) == layout::DISK_SIGNATURE
}

/// The kernel's rule: a `p` stands between a disk's name that ends with a digit and the partition's number.
fn partition_name(disk: &str, number: u8) -> String {
    let separator = if disk.ends_with(|c: char| c.is_ascii_digit()) { "p" } else { "" };
    format!("{disk}{separator}{number}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn partitions_are_named_as_the_kernel_does() {
        assert_eq!(super::partition_name("mmcblk0", 4), "mmcblk0p4");
        assert_eq!(super::partition_name("sda", 1), "sda1");
    }
}
